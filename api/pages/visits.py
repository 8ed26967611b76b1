"""/agencies/{agency} and /leave: the partner's staff enter an agency by a reason, and leave it."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from api import people
from api.pages import cases
from api.pages.frame import (
    Problem,
    Visitor,
    drawn,
    onward,
    page,
    problem_of,
    see_other,
    signed_in,
    status_for,
)
from backline.kernel import ids
from backline.kernel.errors import Invalid, Missing
from tenants import tenancy
from tenants.agencies import queries as agencies
from tenants.agencies.models import Firm
from tenants.reports import queries as reports

LONGEST_REASON: Final = 500
FIELDS: Final = {"/reason": "#reason"}


@page("GET", "POST")
@signed_in
def agency(visitor: Visitor, agency: str) -> HttpResponse:
    """See what is open at one agency, as it was published, and enter it for a reason."""
    visitor.needs("board:read")
    firm = _own(visitor, agency)
    if visitor.request.method != "POST":
        return _shown(visitor, firm, to=onward(visitor.request.GET.get("next", "")))
    typed = visitor.request.POST
    to, reason = onward(typed.get("next", "")), typed.get("reason", "")[:LONGEST_REASON]
    answer = see_other(to)
    try:
        people.enter(answer, visitor.credential, agency=firm.pk, reason=reason)
    except Invalid as refusal:
        problem = problem_of(refusal, "Say why you enter", FIELDS)
        return _shown(visitor, firm, to=to, problem=problem, status=status_for(refusal))
    return answer


@page("POST")
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the agency that one is in; the session at the partner goes on."""
    answer = see_other("/")
    credential = people.person_of(request)
    if credential is not None and credential.kind == "acting":
        people.leave(answer, credential)
    return answer


def _own(visitor: Visitor, named: str) -> Firm:
    """An agency of the visitor's own partner that can be entered; anything else is not there."""
    key: UUID | None = ids.parse(Firm.PREFIX, named)
    with tenancy.shared():
        rows = agencies.agencies_of(visitor.credential.firm_id).filter(state=Firm.State.ACTIVE)
        found = rows.filter(pk=key).first() if visitor.is_at_partner and key else None
    if found is None:
        raise Missing("not_found", "There is no such agency.")
    return found


def _shown(
    visitor: Visitor, firm: Firm, *, to: str, problem: Problem | None = None, status: int = 200
) -> HttpResponse:
    with tenancy.shared():
        standing = reports.positions(visitor.credential.firm_id).filter(agency=firm.pk).first()
    context = {
        "title": firm.name,
        "width": "reading",
        "name": firm.name,
        "may_enter": visitor.holds("agencies:act"),
        "open": cases.counted(standing.exceptions) if standing else [],
        "as_of": f"As of {visitor.moment(standing.as_of)}" if standing else "Nothing known yet",
        "next": to,
        "problem": problem,
    }
    return drawn(visitor, "enter.html", context, here="", status=status)
