"""Cases: exceptions as a list shows them, one by one from a desk or counted as they were published.

A case without an address is not a link.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from api.pages import look, wording
from api.pages.frame import Visitor
from backline.assignments.models import Assignment
from backline.desk.models import Trouble
from backline.directory.models import Worker
from backline.timesheets.models import Timesheet

STOPS: Final[Mapping[str, str]] = {
    "pay": "Stops pay",
    "start": "Stops a start",
    "bill": "Stops billing",
    "money": "Stops money",
    "nothing": "Stops nothing yet",
}
Case = dict[str, Any]
WORDS: Final[Mapping[str, str]] = {
    "over_advance": "Advanced too much",
    "consumer_gave_up": "An event was not followed",
    "time_corrected": "Corrected time",
    "one_sided_rate_change": "Rate changed on one side",
    "rate_changed_before_pay": "Rate changed before pay",
}


def kind(name: str) -> str:
    """A kind of exception in words."""
    return WORDS.get(name, name.replace("_", " ").capitalize())


def counted(published: Iterable[Mapping[str, Any]], *, sub: str = "", href: str = "") -> list[Case]:
    """What is open by kind, as an agency published it: the most money first."""
    by_kind: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in published:
        by_kind[str(row["kind"])].append(row)
    found = []
    for name, rows in by_kind.items():
        stakes = _stakes((row["at_stake"], row["currency"]) for row in rows)
        count = sum(int(row["count"]) for row in rows)
        owners = ", ".join(sorted({wording.role(str(row["owner_role"])) for row in rows}))
        found.append(
            {
                "title": kind(name),
                "sub": sub or owners,
                "amount": ", ".join(wording.amounts(stakes)),
                "due": f"{count} open",
                "tone": "",
                "href": href,
                "weight": (sum(map(abs, stakes.values()), Decimal(0)), count),
            }
        )
    return sorted(found, key=lambda case: case["weight"], reverse=True)


def listed(visitor: Visitor, rows: Sequence[Trouble], *, opened: UUID | None = None) -> list[Case]:
    """Exceptions of the desk whose books are open, in their order, each with whom it is about."""
    names = named(rows)
    found = []
    for row in rows:
        says, tone = wording.due(
            row.due_at, visitor.at, wording.zone_of(visitor.country), visitor.country
        )
        title = wording.spoken(row.title, visitor.country)
        whom = names.get(row.about, "") if row.about else ""
        found.append(
            {
                "title": title,
                "sub": kind(row.kind) if not whom or whom in title else f"{whom}, {kind(row.kind)}",
                "amount": stake(row.at_stake, row.currency),
                "due": says,
                "tone": tone,
                "href": f"/exceptions/{row.public_id}",
                "is_here": row.pk == opened,
                "stops": row.stops,
            }
        )
    return found


def grouped(rows: Sequence[Trouble], cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Cases by what they stop, each group with the money at stake."""
    found = []
    for stops, title in STOPS.items():
        own = [row for row in rows if row.stops == stops]
        if own:
            stakes = _stakes((row.at_stake, row.currency) for row in own)
            told = " and ".join(wording.amounts(stakes))
            found.append(
                {
                    "title": title,
                    "at_stake": f"{told} at stake" if told else "",
                    "cases": [case for case in cases if case["stops"] == stops],
                }
            )
    return found


def named(rows: Iterable[Trouble]) -> dict[UUID, str]:
    """The worker behind what each exception is about; three queries at most."""
    about: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        if row.about is not None:
            about[row.about_kind].add(row.about)
    found: dict[UUID, str] = {}
    for name, model, path in (
        ("worker", Worker, ""),
        ("assignment", Assignment, "worker__"),
        ("timesheet", Timesheet, "assignment__worker__"),
    ):
        if about[name]:
            columns = ("pk", f"{path}given_name", f"{path}family_name")
            people = model._default_manager.filter(pk__in=about[name]).values_list(*columns)
            found |= {key: f"{given} {family}" for key, given, family in people}
    return found


def stake(amount: Decimal | None, currency: str) -> str:
    """The money at stake, or nothing where it is not known."""
    return look.money(amount, currency) if amount is not None and currency else ""


def _stakes(rows: Iterable[tuple[Any, str]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(lambda: Decimal(0))
    for amount, currency in rows:
        if amount is not None and currency:
            found[currency] += Decimal(amount)
    return dict(found)
