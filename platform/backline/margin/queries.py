"""Questions to margin: what is left, along any dimension, with how fresh it is and what is
missing; and whether what was charged has been paid and billed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from backline.assignments.models import Assignment
from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.directory.models import Client, Worker
from backline.invoicing.models import Invoice
from backline.kernel import ids
from backline.margin.models import ClosedWeek
from backline.margin.sums import DIMENSIONS, Key, Sums, added, frozen, late, live
from backline.timesheets.models import Timesheet
from backline.timesheets.queries import WAITING
from rulebook.periods import week_of

__all__ = ["DIMENSIONS", "Gap", "Report", "Row", "consumed", "facts_since", "report", "week_facts"]

WEEK = timedelta(days=7)
NO_NAME = "none"


@dataclass(frozen=True, slots=True)
class Gap:
    """What a report lacks, and how much of it."""

    code: str
    count: int
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """One value of the dimension: its public key and name, its figures, the part that is late."""

    key: str
    name: str
    currency: str
    figures: Sums
    late: Sums
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Margin along a dimension over some weeks, as of a moment."""

    by: str
    starts_on: date
    ends_on: date
    as_of: datetime
    rows: Sequence[Row]
    totals: Sequence[Row]
    missing: Sequence[Gap] = field(default=())


def report(by: str, starts_on: date, ends_on: date, *, at: datetime) -> Report:
    """The margin of the weeks around two days, both included, along a dimension.

    Closed weeks stand as they were reported; what came later for them stands in the first open
    week. So every charge is told once, and the same total comes out along every dimension.
    """
    starts = directory.firm().week_starts
    first, last = week_of(starts_on, starts).starts, week_of(ends_on, starts).starts
    through = closed_through()
    in_range = Q(week_starts_on__gte=first, week_starts_on__lte=last)
    still_open = in_range & Q(week_starts_on__gt=through) if through else in_range
    closed = Q(week__week_starts_on__gte=first, week__week_starts_on__lte=last)
    behind = _late_in_range(by, first, last, through)
    parts = (frozen(by, closed), live(by, still_open), behind)
    rows = _named(by, added(parts), behind, through)
    return Report(
        by,
        first,
        last + WEEK - timedelta(days=1),
        at,
        rows,
        _totals(rows),
        _missing(first, last + WEEK, still_open, at),
    )


def week_facts(starts_on: date) -> dict[str, Sums]:
    """The sums of one week by currency, with no name in them: what an agency tells its partner."""
    found = facts_since(starts_on, until=starts_on)
    return {currency: sums for (_, currency), sums in found.items()}


def facts_since(starts_on: date, *, until: date | None = None) -> dict[tuple[date, str], Sums]:
    """The sums of the weeks from one on by week and currency: those that are closed as they were
    reported, those that are open as they stand, what is late with the first open one.
    """
    through = closed_through()
    since = Q(week_starts_on__gte=starts_on)
    closed = Q(week__week_starts_on__gte=starts_on)
    if until is not None:
        since &= Q(week_starts_on__lte=until)
        closed &= Q(week__week_starts_on__lte=until)
    still_open = since & Q(week_starts_on__gt=through) if through else since
    behind = _late_in_range("week", starts_on, until or date.max, through)
    found = added((frozen("week", closed), live("week", still_open), behind))
    return {key: sums for key, sums in found.items() if not sums.is_nothing}


def closed_through() -> date | None:
    """The last week that was closed; None while none was."""
    found: date | None = ClosedWeek.objects.aggregate(last=Max("week_starts_on"))["last"]
    return found


def open_week(through: date | None) -> date | None:
    """The week in which late items stand: the first one after the last that was closed."""
    return None if through is None else through + WEEK


def consumed(charges: Iterable[UUID]) -> set[UUID]:
    """Those of these charges that are done with: paid on a final payslip where there is pay, billed
    on a final invoice where there is a bill.
    """
    paid = Q(pay_amount__isnull=True) | Q(pay_line__payslip__run__is_final=True)
    billed = Q(bill_amount__isnull=True) | Q(billed__invoice__state=Invoice.State.FINALIZED)
    rows = Charge.objects.filter(paid & billed, pk__in=list(charges))
    return set(rows.values_list("pk", flat=True))


def _late_in_range(by: str, first: date, last: date, through: date | None) -> dict[Key, Sums]:
    week = open_week(through)
    if week is None or not first <= week <= last:
        return {}
    if by != "week":
        return late(by, through)
    # all of it together, in the week where it is told
    found: dict[Key, Sums] = {}
    for (_, currency), sums in late(by, through).items():
        found.setdefault((week, currency), Sums()).add(sums)
    return {key: sums for key, sums in found.items() if not sums.is_nothing}


def _named(
    by: str, found: dict[Key, Sums], behind: dict[Key, Sums], through: date | None
) -> list[Row]:
    names = _names(by, {value for value, _ in found})
    rows = [
        Row(
            *_spelled(by, value, names),
            currency,
            sums,
            behind.get((value, currency), Sums()),
            by == "week" and through is not None and value <= through,
        )
        for (value, currency), sums in found.items()
        if not sums.is_nothing
    ]
    return sorted(rows, key=lambda row: (row.name, row.key, row.currency))


def _spelled(by: str, value: Any, names: dict[Any, str]) -> tuple[str, str]:
    prefixes = {"assignment": "asg", "client": "cli", "worker": "wrk"}
    if by == "week":
        return value.isoformat(), value.isoformat()
    if by not in prefixes:
        return value or NO_NAME, value or ""
    return (ids.public(prefixes[by], value) if value else NO_NAME), names.get(value, "")


def _names(by: str, values: set[Any]) -> dict[Any, str]:
    if by == "client":
        return dict(Client.objects.filter(pk__in=values).values_list("pk", "legal_name"))
    people = Worker.objects.all()
    if by == "worker":
        rows = people.filter(pk__in=values).values_list("pk", "given_name", "family_name")
        return {key: f"{given} {family}" for key, given, family in rows}
    if by == "assignment":
        found = Assignment.objects.filter(pk__in=values).values_list(
            "pk", "worker__given_name", "worker__family_name", "client__legal_name"
        )
        return {key: f"{given} {family}, {client}" for key, given, family, client in found}
    return {}


def _totals(rows: Iterable[Row]) -> list[Row]:
    sums: dict[str, tuple[Sums, Sums]] = {}
    for row in rows:
        whole, behind = sums.setdefault(row.currency, (Sums(), Sums()))
        whole.add(row.figures)
        behind.add(row.late)
    return [
        Row("total", "", currency, whole, behind)
        for currency, (whole, behind) in sorted(sums.items())
    ]


def _missing(first: date, ends: date, still_open: Q, at: datetime) -> list[Gap]:
    """What these weeks will still bring: time that is not approved, burden that is not final."""
    on = min(directory.day_of(at), ends)
    waiting = Timesheet.objects.filter(
        status__in=WAITING, starts_on__gte=first, starts_on__lt=on
    ).count()
    open_burden = Charge.objects.filter(
        still_open & ~Q(pay_line__payslip__run__is_final=True), pay_amount__isnull=False
    ).count()
    gaps = []
    if waiting:
        told = "Time that is not approved is not counted."
        gaps.append(Gap("timesheets_not_approved", waiting, told))
    if open_burden:
        told = "Burden is what is to be expected until pay is final."
        gaps.append(Gap("burden_expected", open_burden, told))
    return gaps
