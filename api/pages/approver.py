"""/a/{token}: a client's approver looks at a week and approves it, asks about it, or sends it back.

Opening the page never decides: programs that read mail open every link in it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from api.pages import linked, wording
from api.pages.frame import Problem, page, problem_of, see_other, shown, status_for
from api.v1.timesheets.links import books
from backline.directory import queries as directory
from backline.directory.models import FirmRecord
from backline.kernel.errors import Conflict, Invalid, Missing, Refusal
from backline.kernel.links import Claim
from backline.timesheets import actions, queries
from backline.timesheets.actions.by_link import Asked
from backline.timesheets.actions.moving import APPROVAL
from backline.timesheets.models import Timesheet

LONGEST: Final = {"reason": 300, "po_number": 40, "name": 120, "email": 200, "job_title": 80}
FIELDS: Final = {f"/{name}": f"#{name}" for name in LONGEST}
GONE: Final = {"expired": 410, "withdrawn": 410}
TITLES: Final[Mapping[str, str]] = {
    "approve": "The week is not approved yet",
    "query": "Say what you want to know",
    "reject": "Say what is wrong",
}
Deed = Callable[[Claim, Mapping[str, str], datetime], Timesheet]


@page("GET", "POST")
def approval(request: HttpRequest, token: str) -> HttpResponse:
    """A week that waits for an approver."""
    try:
        if request.method != "POST":
            return _shown(request, token)
        return _decided(request, token)
    except Missing:
        return linked.dead(request)


def _approve(claimed: Claim, typed: Mapping[str, str], at: datetime) -> Timesheet:
    who = _holder(typed)
    return actions.approve_by_link(claimed, who, po_number=typed["po_number"], at=at)


def _query(claimed: Claim, typed: Mapping[str, str], at: datetime) -> Timesheet:
    return actions.question_by_link(claimed, _holder(typed), words=typed["reason"], at=at)


def _reject(claimed: Claim, typed: Mapping[str, str], at: datetime) -> Timesheet:
    return actions.reject_by_link(claimed, _holder(typed), reason=typed["reason"], at=at)


def _holder(typed: Mapping[str, str]) -> actions.Identity:
    """Who the holder of the link says they are."""
    return actions.Identity(typed["name"], typed["email"], typed["job_title"])


DEEDS: Final[Mapping[str, Deed]] = {"approve": _approve, "query": _query, "reject": _reject}


def _decided(request: HttpRequest, token: str) -> HttpResponse:
    """Do what the button says, for the one the link was sent to; another's try is remembered."""
    deed = request.POST.get("deed", "")
    typed = {name: request.POST.get(name, "").strip()[:most] for name, most in LONGEST.items()}
    if deed not in DEEDS:
        return _shown(request, token)
    try:
        with books(token) as (claimed, at):
            asked = actions.show(claimed, at=at)
            linked.must_be_for(asked.link, APPROVAL)
            DEEDS[deed](claimed, typed, at)
    except (Invalid, Conflict) as refusal:
        _remember(token, typed["email"], refusal)
        problem = problem_of(refusal, TITLES[deed], FIELDS)
        return _shown(request, token, problem=problem, refusal=refusal, typed=typed)
    return see_other(request.path)


def _remember(token: str, email: str, refusal: Refusal) -> None:
    """Keep the try of somebody the link was not sent to, in a transaction that holds."""
    if refusal.code == "identity_differs":
        with books(token) as (claimed, at):
            actions.note_refused(claimed, email, refusal.code, at=at)


def _shown(
    request: HttpRequest,
    token: str,
    *,
    problem: Problem | None = None,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    with books(token) as (claimed, at):
        asked = actions.show(claimed, at=at)
        linked.must_be_for(asked.link, APPROVAL)
        firm = directory.firm()
        context = {
            "title": "Approve a week",
            "width": "narrow",
            "state": _state(asked),
            "firm_name": firm.trading_name or firm.legal_name,
            "approver": {
                "name": asked.link.recipient.get("name", ""),
                "job_title": asked.link.recipient.get("job_title", ""),
            },
            "contact": linked.contact(firm),
            "problem": problem if asked.state == "open" else None,
            "typed": typed or {},
            "post_href": request.path,
            **(_sheet(asked.sheet, firm, at) if asked.sheet is not None else {}),
        }
        status = status_for(refusal) if refusal else GONE.get(asked.state, 200)
        return shown(request, "approve.html", context, status=status)


def _state(asked: Asked) -> str:
    """What became of a link: open, approved, returned, decided elsewhere, expired."""
    if asked.state == "used" and asked.sheet is not None:
        return "approved" if asked.sheet.status == Timesheet.Status.APPROVED else "returned"
    return asked.state


def _sheet(sheet: Timesheet, firm: FirmRecord, at: datetime) -> dict[str, Any]:
    assignment = sheet.assignment
    decided = sheet.decided_by or {}
    zone = linked.zone(sheet, firm)
    return {
        **linked.week_beside(sheet, firm),
        "sheet": {
            "worker": f"{assignment.worker.given_name} {assignment.worker.family_name}",
            "role": assignment.job_title,
            "client": assignment.client.trading_name or assignment.client.legal_name,
            "period": wording.period(sheet.starts_on, sheet.ends_on, firm.country),
            "is_correction": sheet.corrects_id is not None,
            "correction_reason": sheet.correction_reason,
        },
        "po": {"is_needed": bool(queries.po_required([sheet])), "number": sheet.po_number},
        "question": actions.asked(sheet.pk),
        "outcome": {
            "by": decided.get("name", ""),
            "at": wording.moment(sheet.decided_at, at, zone, firm.country)
            if sheet.decided_at
            else "",
            "reason": sheet.reject_reason if sheet.status != Timesheet.Status.APPROVED else "",
        },
    }
