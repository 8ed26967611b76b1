"""Time as it is written down: entries checked, worked out from the clock, and kept by COPY."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from backline.assignments.models import Assignment
from backline.kernel import copying
from backline.kernel.errors import Fault
from backline.timesheets.models import TimeEntry, Timesheet
from rulebook.clock import hours_between
from rulebook.hours import UnfitHours

NOTHING = Decimal("0.00")
UNITS = ("hour", "day", "unit")
QUARTERS = 4  # a day is given in quarters
COLUMNS = (
    "timesheet", "worked_on", "code", "unit", "quantity", "started_at", "ended_at",
    "break_minutes", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """Time on one day: a quantity, or from and to (moments with their zone) with minutes of
    unpaid break.
    """

    worked_on: date
    code: str = "regular"
    unit: str = "hour"
    quantity: Decimal | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    break_minutes: int = 0
    note: str = ""

    def amount(self) -> Decimal:
        """The quantity, worked out from the clock where it was clocked; UnfitHours when that
        cannot be.
        """
        if self.started_at is not None and self.ended_at is not None:
            return hours_between(self.started_at, self.ended_at, self.break_minutes)
        return NOTHING if self.quantity is None else self.quantity


def total(entries: Iterable[NewEntry]) -> Decimal:
    """What the entries come to."""
    return sum((entry.amount() for entry in entries), NOTHING)


def replace_all(written: Sequence[tuple[Timesheet, Sequence[NewEntry]]]) -> None:
    """Write the time of many sheets, replacing what they held; two statements for all of them."""
    TimeEntry.objects.filter(timesheet__in=[sheet.pk for sheet, _ in written]).delete()
    copying.write(
        TimeEntry,
        COLUMNS,
        (_row(sheet, entry) for sheet, entries in written for entry in entries),
    )


def faults(entries: Sequence[NewEntry], row: Assignment, sheet: Timesheet) -> list[Fault]:
    """Everything that is wrong with a period's time."""
    found: list[Fault] = []
    for n, entry in enumerate(entries):
        found += _faults(entry, row, sheet, f"/entries/{n}")
    return [*found, *_overlaps(entries)]


def _row(sheet: Timesheet, entry: NewEntry) -> tuple[Any, ...]:
    return (
        sheet.pk, entry.worked_on, entry.code, entry.unit, entry.amount(), entry.started_at,
        entry.ended_at, entry.break_minutes, entry.note[:200],
    )  # fmt: skip


def _faults(entry: NewEntry, row: Assignment, sheet: Timesheet, where: str) -> list[Fault]:
    found = []
    if not sheet.starts_on <= entry.worked_on <= sheet.ends_on:
        told = f"This sheet holds {sheet.starts_on} to {sheet.ends_on}."
        found.append(Fault("outside_period", told, f"{where}/worked_on"))
    if entry.unit != row.time_unit and entry.unit in {"hour", "day"}:
        told = f"This assignment is in {row.time_unit}s."
        found.append(Fault("unit_differs", told, f"{where}/unit"))
    if (entry.started_at is None) != (entry.ended_at is None):
        return [*found, Fault("clock_half", "Give both from and to.", f"{where}/ended_at")]
    if entry.started_at is None:
        return found + _of_quantity(entry, where)
    return found + _of_clock(entry, entry.started_at, row, where)


def _of_quantity(entry: NewEntry, where: str) -> list[Fault]:
    if entry.quantity is None:
        return [Fault("required", "Give a quantity or clock times.", where)]
    if entry.break_minutes:
        told = "A quantity is without breaks already."
        return [Fault("break_without_clock", told, f"{where}/break_minutes")]
    if entry.quantity < 0:
        return [Fault("time_negative", "Time is not negative.", f"{where}/quantity")]
    if entry.unit == "day" and entry.quantity * QUARTERS % 1:
        return [Fault("day_parts", "Days are given in quarters.", f"{where}/quantity")]
    return []


def _of_clock(entry: NewEntry, started: datetime, row: Assignment, where: str) -> list[Fault]:
    if entry.unit != "hour":
        return [Fault("clock_of_hours", "Clock times are for hours.", f"{where}/unit")]
    if entry.quantity is not None:
        told = "Give clock times or a quantity, not both."
        return [Fault("quantity_and_clock", told, f"{where}/quantity")]
    try:
        entry.amount()
    except UnfitHours as no:
        return [Fault("clock_unfit", str(no), where)]
    zone = ZoneInfo(row.site.time_zone) if row.site else None
    if zone is not None and started.astimezone(zone).date() != entry.worked_on:
        told = f"That is another day in {row.site.time_zone if row.site else ''}."
        return [Fault("clock_on_another_day", told, f"{where}/started_at")]
    return []


def _overlaps(entries: Sequence[NewEntry]) -> list[Fault]:
    """Clock times that are reported twice."""
    clocked = sorted(
        (entry.started_at, entry.ended_at, n)
        for n, entry in enumerate(entries)
        if entry.started_at is not None and entry.ended_at is not None
    )
    return [
        Fault("clock_overlaps", "This time is reported twice.", f"/entries/{later[2]}/started_at")
        for earlier, later in pairwise(clocked)
        if later[0] < earlier[1]
    ]
