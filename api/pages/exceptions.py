"""/exceptions: what needs a person: a desk's own cases inside a firm, counts per agency outside."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponse

from api import people
from api.pages import case_parts, cases
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
from backline.desk import actions
from backline.desk import queries as desk
from backline.desk.models import Trouble
from backline.kernel import ids
from backline.kernel.errors import Missing, Refusal
from backline.kernel.outcomes import Outcome, one
from tenants import tenancy
from tenants.agencies import queries as agencies
from tenants.agencies.models import Firm
from tenants.reports import queries as reports

MOST: Final = 100
LONGEST_REASON: Final = 300
FIELDS: Final = {"/reason": "#reason", "/resolution": "#reason"}
FILTERS: Final = (("", "All"), ("mine", "Mine"), ("due", "Due"), ("untaken", "Nobody's"))
Deed = Callable[..., list[Outcome]]
# What a button does, and under which name the typed words go along.
DEEDS: Final[Mapping[str, tuple[Deed, str]]] = {
    "take": (actions.take, ""),
    "release": (actions.release, ""),
    "resolve": (actions.resolve, "resolution"),
    "dismiss": (actions.dismiss, "reason"),
}


@page("GET")
@signed_in
def listed(visitor: Visitor) -> HttpResponse:
    """Everything that is open."""
    visitor.needs("exceptions:read")
    return _outside(visitor) if visitor.is_at_partner else _desk(visitor, None)


@page("GET", "POST")
@signed_in
def opened(visitor: Visitor, exception: str) -> HttpResponse:
    """One exception beside the others; take it, give it back, or close it."""
    visitor.needs("exceptions:read")
    key = ids.parse(Trouble.PREFIX, exception)
    if key is None or visitor.is_at_partner:
        raise _unknown()
    if visitor.request.method != "POST":
        return _desk(visitor, key)
    people.may(visitor.credential, "exceptions:write")
    try:
        _do(visitor, key)
    except Missing:
        raise
    except Refusal as refusal:
        problem = problem_of(refusal, "It stays as it was", FIELDS)
        return _desk(visitor, key, problem=problem, status=status_for(refusal))
    return see_other(visitor.request.get_full_path())


def _do(visitor: Visitor, key: UUID) -> None:
    typed = visitor.request.POST
    if typed.get("deed", "") not in DEEDS:
        raise _unknown()
    deed, words = DEEDS[typed["deed"]]
    said = {words: typed.get("reason", "")[:LONGEST_REASON]} if words else {}
    with visitor.books():
        one(deed([key], actor=visitor.credential.actor, at=visitor.at, **said))


def _desk(
    visitor: Visitor, key: UUID | None, *, problem: Problem | None = None, status: int = 200
) -> HttpResponse:
    """The desk of the firm that one is in."""
    chosen = visitor.request.GET.get("show", "")
    with visitor.books():
        open_ = desk.soonest()
        rows = list(_among(open_, chosen, visitor)[: MOST + 1])
        case = Trouble.objects.filter(pk=key).first() if key else None
        if key and case is None:
            raise _unknown()
        shown = cases.listed(visitor, rows[:MOST], opened=key)
        for each in shown:
            each["href"] += f"?show={chosen}" if chosen else ""
        context = {
            "title": case.title if case else "Exceptions",
            "filters": _filters(open_, chosen, visitor),
            "groups": cases.grouped(rows[:MOST], shown),
            "more": len(rows) > MOST,
            "case": case_parts.told(visitor, case) if case else None,
            "problem": problem,
            "back_href": f"/exceptions?show={chosen}" if chosen else "/exceptions",
        }
        return drawn(visitor, "exceptions.html", context, here="Exceptions", status=status)


def _among(rows: QuerySet[Trouble], chosen: str, visitor: Visitor) -> QuerySet[Trouble]:
    own = visitor.credential.actor
    if chosen == "mine":
        untaken = Q(owner_role=own.role, state=Trouble.State.OPEN)
        return rows.filter(Q(taken_by__id=own.id) | untaken)
    if chosen == "due":
        return rows.filter(due_at__lte=visitor.at)
    if chosen == "untaken":
        return rows.filter(state=Trouble.State.OPEN)
    return rows


def _filters(rows: QuerySet[Trouble], chosen: str, visitor: Visitor) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "count": _among(rows, name, visitor).count(),
            "href": f"/exceptions?show={name}" if name else "/exceptions",
            "is_here": name == chosen,
        }
        for name, label in FILTERS
    ]


def _outside(visitor: Visitor) -> HttpResponse:
    """How many wait at each agency, as they published it, and the way in."""
    visitor.needs("board:read")
    partner = visitor.credential.firm_id
    with tenancy.shared():
        standing = {row.agency_id: row for row in reports.positions(partner)}
        rows = agencies.agencies_of(partner).filter(state=Firm.State.ACTIVE).order_by("name", "id")
        firms = list(rows)
    told = []
    for firm in firms:
        row = standing.get(firm.pk)
        told.append(
            {
                "name": firm.name,
                "href": f"/agencies/{firm.public_id}?next=/exceptions",
                "cases": cases.counted(row.exceptions) if row else [],
                "as_of": f"As of {visitor.moment(row.as_of)}" if row else "",
                "is_known": row is not None,
            }
        )
    context = {
        "title": "Exceptions",
        "agencies": told,
        "may_enter": visitor.holds("agencies:act"),
    }
    return drawn(visitor, "exceptions_outside.html", context, here="Exceptions")


def _unknown() -> Missing:
    return Missing("not_found", "There is no such exception.")
