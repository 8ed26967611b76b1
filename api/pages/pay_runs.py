"""/pay-runs: the runs of a firm; each checked, approved and released by three different people.

Approving and releasing take a fresh code of the authenticator, and exactly the figures shown.
"""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse

from api import people
from api.errors import Refused
from api.pages import happened, look, pay_deeds, pay_differences, pay_parts, weeks, wording
from api.pages.frame import (
    Problem,
    Visitor,
    drawn,
    page,
    problem_of,
    see_other,
    signed_in,
    status_for,
)
from api.pages.wording import NONE
from backline.kernel import documents, ids
from backline.kernel.errors import Forbidden, Missing, Refusal
from backline.payroll import actions, papers
from backline.payroll.models import PaymentFile, PayRun, Payslip
from tenants import tenancy
from tenants.reports import queries as reports

MOST: Final = 60
LONGEST: Final = {"seen": 64, "code": 12, "reason": 300, "deed": 12}
FIELDS: Final = {"/code": "#code", "/reason": "#reason"}
COLUMNS: Final = (
    ("Pay run", False),
    ("Paid", False),
    ("Workers", True),
    ("Net", True),
    ("State", True),
)


@page("GET")
@signed_in
def listed(visitor: Visitor) -> HttpResponse:
    """The pay runs, the newest first."""
    visitor.needs("pay_runs:read")
    return _outside(visitor) if visitor.is_at_partner else _inside(visitor)


def _inside(visitor: Visitor) -> HttpResponse:
    with visitor.books():
        rows = PayRun.objects.select_related("calendar").order_by("-pay_on", "-id")[:MOST]
        shown = [
            (
                {
                    "text": pay_parts.title(run, visitor.country),
                    "href": f"/pay-runs/{run.public_id}",
                    "sub": run.reason,
                },
                wording.weekday(run.pay_on, visitor.country),
                str(run.payslips) if run.payslips else NONE,
                look.money(run.net, run.currency) if run.payslips else NONE,
                {"chip": pay_parts.chip(run.state)},
            )
            for run in rows
        ]
        return _list(visitor, look.table("", COLUMNS, shown), is_empty=not shown)


def _outside(visitor: Visitor) -> HttpResponse:
    """The runs of every agency, as they published them, and the way in."""
    visitor.needs("board:read")
    partner = visitor.credential.firm_id
    with tenancy.shared():
        until = (reports.newest(partner) or visitor.on) + timedelta(days=7)
        sums = weeks.published(reports.recent(partner, until))
    runs = [(row, run) for row in sums for run in row.runs]
    runs.sort(key=lambda one: (one[1].pay_on, one[0].name), reverse=True)
    shown = [
        (
            {
                "text": row.name,
                "href": f"/agencies/{row.agency}?next=/pay-runs/{run.run}",
                "sub": f"week of {wording.short_day(row.week_starts_on, visitor.country)}",
            },
            wording.weekday(run.pay_on, visitor.country),
            str(row.workers),
            look.money(run.net, row.currency) if run.net else NONE,
            {"chip": pay_parts.chip(run.state)},
        )
        for row, run in runs[:MOST]
    ]
    columns = (("Agency", False), *COLUMNS[1:])
    return _list(visitor, look.table("", columns, shown), is_empty=not shown)


def _list(visitor: Visitor, table: dict[str, Any], *, is_empty: bool) -> HttpResponse:
    context = {
        "title": "Pay runs",
        "runs": table,
        "is_empty": is_empty,
        "is_partner": visitor.is_at_partner,
    }
    return drawn(visitor, "pay_runs.html", context, here="Pay runs")


@page("GET", "POST")
@signed_in
def run(visitor: Visitor, run: str) -> HttpResponse:
    """One pay run."""
    visitor.needs("pay_runs:read")
    key = _key(visitor, run)
    if visitor.request.method != "POST":
        return _shown(visitor, key)
    typed = {name: visitor.request.POST.get(name, "")[:most] for name, most in LONGEST.items()}
    if typed["deed"] not in pay_deeds.DEEDS:
        raise _unknown()
    try:
        _do(visitor, key, typed)
    except Missing:
        raise
    except Refusal as refusal:
        if isinstance(refusal, Forbidden) and refusal.code == "scope_missing":
            raise
        problem = problem_of(refusal, _title(refusal), FIELDS)
        return _shown(visitor, key, problem=problem, refusal=refusal, typed=typed)
    return see_other(visitor.request.path)


def _do(visitor: Visitor, key: UUID, typed: dict[str, str]) -> None:
    """Take the fresh code where one is needed, then do the deed in one transaction."""
    deed = pay_deeds.DEEDS[typed["deed"]]
    credential = visitor.credential
    visitor.needs(deed.scope)
    if deed.needs_code:
        code = "".join(typed["code"].split())
        people.refresh_factor(visitor.request, credential, code=code)
        credential = people.person_of(visitor.request) or credential
    people.may(credential, deed.scope)
    asked = pay_deeds.Asked(
        run=key, seen=typed["seen"], reason=typed["reason"], actor=credential.actor, at=visitor.at
    )
    with visitor.books():
        deed.act(asked)


def _title(refusal: Refusal) -> str:
    if refusal.code == "code_refused":
        return "The code was not right"
    if refusal.code == "figures_changed":
        return "The figures have changed"
    if isinstance(refusal, Refused) and refusal.status == 429:
        return "Too many tries"
    return "Nothing was done"


def _shown(
    visitor: Visitor,
    key: UUID,
    *,
    problem: Problem | None = None,
    refusal: Refusal | None = None,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    with visitor.books():
        row = PayRun.objects.select_related("calendar").filter(pk=key).first()
        if row is None:
            raise _unknown()
        last = pay_differences.previous(row)
        every = pay_differences.lines(row, last)
        all_ = visitor.request.GET.get("all") == "1"
        may_read = visitor.holds("payslips:read")
        offered = pay_deeds.offered(visitor, row)
        context = {
            "title": "Pay run",
            "run": pay_parts.head(row, visitor.country),
            "stages": pay_parts.stages(visitor, row, pay_parts.names(row)),
            "figures": pay_parts.figures(row, last),
            "blockers": pay_parts.blockers(row),
            "changes": pay_differences.changes(row, every, last),
            "statements": pay_parts.statements(row, every, all_=all_, may_read=may_read)
            if may_read
            else None,
            "statements_href": ""
            if all_ or len(every) <= pay_parts.FIRST_STATEMENTS
            else f"{visitor.request.path}?all=1",
            "files": pay_parts.files(visitor, row),
            **offered,
            "seen": row.digest,
            "typed": typed or {},
            "problem": problem,
            "post_href": visitor.request.path,
            "happened": happened.about(visitor, row.pk),
        }
        status = status_for(refusal) if refusal else 200
        return drawn(visitor, "pay_run.html", context, here="Pay runs", status=status)


@page("GET")
@signed_in
def statement(visitor: Visitor, run: str, statement: str) -> HttpResponse:
    """A final pay statement as PDF; who fetched it is kept."""
    visitor.needs("payslips:read")
    key, actor = _key(visitor, run), visitor.credential.actor
    with visitor.books():
        named = ids.parse(Payslip.PREFIX, statement)
        slip = Payslip.objects.filter(run=key, pk=named).first() if named else None
        if slip is None:
            raise Missing("not_found", "There is no such pay statement.")
        paper = papers.of_statement(slip.pk, actor=actor, at=visitor.at)
        actions.note_reading(slip.pk, actor=actor, at=visitor.at)
        return _attached(documents.content(paper), "application/pdf", f"payslip-{slip.pay_on}.pdf")


@page("GET")
@signed_in
def bank_file(visitor: Visitor, run: str, file: str) -> HttpResponse:
    """A bank file as it was made; who fetched it is kept."""
    people.may(visitor.credential, "payment_files:read")
    key, actor = _key(visitor, run), visitor.credential.actor
    with visitor.books():
        rows = PaymentFile.objects.select_related("document").filter(run=key)
        named = ids.parse(PaymentFile.PREFIX, file)
        found = rows.filter(pk=named).first() if named else None
        if found is None:
            raise Missing("not_found", "There is no such file.")
        actions.note_file_reading(found.pk, actor=actor, at=visitor.at)
        return _attached(documents.content(found.document), "text/plain", found.document.name)


def _attached(content: bytes, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _key(visitor: Visitor, named: str) -> UUID:
    key = ids.parse(PayRun.PREFIX, named)
    if key is None or visitor.is_at_partner:
        raise _unknown()
    return key


def _unknown() -> Missing:
    return Missing("not_found", "There is no such pay run.")
