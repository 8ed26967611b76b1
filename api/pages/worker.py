"""/w/{token}: a worker writes a week down and hands it in; sees the next pay day and payslips."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from api.pages import linked, typed_week, worker_parts
from api.pages.frame import Problem, page, see_other, shown, status_for
from api.pages.typed_week import Typed
from api.v1.timesheets.links import books
from backline.directory import queries as directory
from backline.directory.models import FirmRecord
from backline.kernel import documents, ids
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing, Refusal
from backline.kernel.links import Claim
from backline.payroll import actions as payroll
from backline.payroll import papers
from backline.payroll.models import Payslip
from backline.timesheets import actions
from backline.timesheets.actions import NewEntry
from backline.timesheets.actions.by_link import Asked
from backline.timesheets.actions.moving import ENTRY
from backline.timesheets.models import Timesheet

DEEDS: Final = frozenset({"save", "same", "submit"})
GONE: Final = {"expired": 410, "withdrawn": 410}


@page("GET", "POST")
def week(request: HttpRequest, token: str) -> HttpResponse:
    """A worker's week."""
    try:
        if request.method != "POST" or request.POST.get("deed") not in DEEDS:
            return _shown(request, token)
        return _written(request, token)
    except Missing:
        return linked.dead(request)


@page("GET")
def payslip(request: HttpRequest, token: str, payslip: str) -> HttpResponse:
    """One of the worker's own payslips as PDF, while the link lives."""
    try:
        with books(token) as (claimed, at):
            asked = _asked(claimed, at)
            slip = _own_payslip(_readable(asked, at), payslip)
            sent_to = asked.link.recipient
            actor = Actor("link", sent_to.get("id", ""), sent_to.get("name", ""), "worker")
            paper = papers.of_statement(slip.pk, actor=actor, at=at)
            payroll.note_reading(slip.pk, actor=actor, at=at)
            answer = HttpResponse(documents.content(paper), content_type="application/pdf")
            answer["Content-Disposition"] = f'attachment; filename="payslip-{slip.pay_on}.pdf"'
            return answer
    except Missing:
        return linked.dead(request)


def _own_payslip(sheet: Timesheet, named: str) -> Payslip:
    key = ids.parse(Payslip.PREFIX, named)
    rows = worker_parts.own_payslips(sheet.assignment.worker_id)
    found = rows.filter(pk=key).first() if key else None
    if found is None:
        raise Missing("not_found", "There is no such payslip.")
    return found


def _asked(claimed: Claim, at: datetime) -> Asked:
    asked = actions.show(claimed, at=at)
    linked.must_be_for(asked.link, ENTRY)
    return asked


def _readable(asked: Asked, at: datetime) -> Timesheet:
    """The sheet of a link that still shows more than the week: until it runs out, used or not."""
    if asked.sheet is None or at >= asked.link.expires_at:
        raise Missing("link_unknown", linked.UNKNOWN)
    return asked.sheet


def _written(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the week as it was typed, or as last week was; hand it in if that was asked."""
    deed, typed = request.POST["deed"], None
    try:
        with books(token) as (claimed, at):
            asked = _asked(claimed, at)
            entries, typed = _entries(request.POST, asked, deed)
            _must_be_readable(typed)
            keep = actions.enter_by_link if deed == "submit" else actions.set_entries_by_link
            keep(claimed, linked.recipient(asked.link), entries, at=at)
    except (Invalid, Conflict) as refusal:
        problem = _problem(refusal, typed, deed)
        return _shown(request, token, problem=problem, refusal=refusal, typed=typed)
    return see_other(request.path)


def _must_be_readable(typed: Typed | None) -> None:
    """Refuse a week with a row that says nothing we can read; each row tells why."""
    if typed is not None and typed.faults:
        raise Invalid("rows_unreadable", "Some rows cannot be read.")


def _entries(
    form: Mapping[str, str], asked: Asked, deed: str
) -> tuple[list[NewEntry], Typed | None]:
    """The time that is to be kept; what was typed goes along for showing it again."""
    sheet = asked.sheet
    if sheet is None:
        return [], None  # the deed itself says what became of the link
    zone, held = linked.zone(sheet, directory.firm()), linked.entries(sheet)
    before = linked.last_week(sheet)
    earlier = linked.entries(before) if before is not None else {}
    if deed == "same":
        return typed_week.same_again(sheet, earlier, zone), None
    by = typed_week.mode(sheet, held, earlier)
    typed = typed_week.read(form, sheet, held, by=by, zone=zone)
    return typed.entries, typed


def _problem(refusal: Refusal, typed: Typed | None, deed: str) -> Problem:
    """Every fault, each at its day where it has one."""
    title = "The week is not sent yet" if deed == "submit" else "The week is not saved"
    faults = []
    if typed is not None:
        for day, said in typed.faults.items():
            faults.append({"detail": f"{day:%A}: {said}", "href": typed.place(day)})
    for fault in refusal.faults if not faults else ():
        steps = fault.pointer.split("/")
        if typed and len(steps) > 2 and steps[2].isdigit() and int(steps[2]) < len(typed.days):
            day = typed.days[int(steps[2])]
            typed.faults[day] = fault.detail
            faults.append({"detail": f"{day:%A}: {fault.detail}", "href": typed.place(day)})
        else:
            faults.append({"detail": fault.detail or fault.code, "href": ""})
    return {"title": title, "faults": faults}


def _shown(
    request: HttpRequest,
    token: str,
    *,
    problem: Problem | None = None,
    refusal: Refusal | None = None,
    typed: Typed | None = None,
) -> HttpResponse:
    with books(token) as (claimed, at):
        asked, firm = _asked(claimed, at), directory.firm()
        context = {
            "title": "My week",
            "width": "narrow",
            "state": asked.state,
            "firm_name": firm.trading_name or firm.legal_name,
            "worker": {"name": asked.link.recipient.get("name", "")},
            "contact": linked.contact(firm),
            "problem": problem if asked.state == "open" else None,
            "post_href": request.path,
            **_parts(asked, firm, at, token, typed),
        }
        status = status_for(refusal) if refusal else GONE.get(asked.state, 200)
        return shown(request, "worker.html", context, status=status)


def _parts(
    asked: Asked, firm: FirmRecord, at: datetime, token: str, typed: Typed | None
) -> dict[str, Any]:
    sheet = asked.sheet
    if sheet is None:
        return {"sheet": None}
    worker, on = sheet.assignment.worker, linked.day_of(at)
    can_edit = asked.state == "open"
    told = worker_parts.sheet(sheet, firm, at, can_edit=can_edit, typed=typed)
    if at >= asked.link.expires_at:
        return told
    return told | {
        "next_pay": worker_parts.next_pay(sheet, worker, on, firm.country),
        "payslips": worker_parts.payslips(worker.pk, token, firm.country),
        "leave": worker_parts.leave(worker, firm),
        "papers_due": worker_parts.papers_due(sheet.assignment_id, on, firm.country),
        "is_employed": sheet.assignment.intermediary_id is None,
    }
