"""Time as it is written down: entries checked, worked out from the clock, and kept by COPY."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from backline.kernel import copying, rows
from backline.kernel.errors import Fault
from backline.timesheets.actions.fitting import Engaged
from backline.timesheets.models import TimeEntry
from rulebook.clock import hours_between
from rulebook.hours import UnfitHours

NOTHING = Decimal("0.00")
UNITS = ("hour", "day", "unit")
TIMES = frozenset({"hour", "day"})  # units of time; others are pieces
QUARTERS = 4  # a day is given in quarters
LONGEST_NOTE = 200
COLUMNS = (
    "timesheet", "worked_on", "code", "unit", "quantity", "started_at", "ended_at",
    "break_minutes", "note",
)  # fmt: skip


class NewEntry(NamedTuple):
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


def worked_out(entries: Iterable[NewEntry]) -> tuple[list[NewEntry], Decimal]:
    """The entries as they are kept, each with its quantity, and what they come to."""
    kept = [_kept(entry) for entry in entries]
    return kept, sum([entry.quantity or NOTHING for entry in kept], NOTHING)


def write(written: Iterable[tuple[UUID, Sequence[NewEntry]]]) -> None:
    """Keep the time of many sheets that hold none, by one statement; entries as `worked_out`."""
    copying.write(
        TimeEntry,
        COLUMNS,
        (
            (words, *entry)
            for sheet, entries in written
            for words in (sheet.hex,)  # a sheet is put into words once
            for entry in entries
        ),
    )


def empty(sheets: Iterable[UUID]) -> None:
    """Take out what these sheets hold."""
    rows.remove(TimeEntry, "timesheet", sheets)


def faults(
    entries: Sequence[NewEntry], row: Engaged, starts_on: date, ends_on: date
) -> list[Fault]:
    """Everything that is wrong with the time of the days of a sheet."""
    found: list[Fault] = []
    is_clocked = False
    for n, entry in enumerate(entries):
        if not starts_on <= entry.worked_on <= ends_on:
            told = f"This sheet holds {starts_on} to {ends_on}."
            found.append(Fault("outside_period", told, f"/entries/{n}/worked_on"))
        if entry.unit != row.time_unit and entry.unit in TIMES:
            told = f"This assignment is in {row.time_unit}s."
            found.append(Fault("unit_differs", told, f"/entries/{n}/unit"))
        if entry.started_at is None and entry.ended_at is None:
            found += _of_quantity(entry, n)
        else:
            found += _of_clock(entry, row, f"/entries/{n}")
            is_clocked = True
    return [*found, *_overlaps(entries)] if is_clocked else found


def _kept(entry: NewEntry) -> NewEntry:
    if entry.quantity is not None and len(entry.note) <= LONGEST_NOTE:
        return entry
    return entry._replace(quantity=entry.amount(), note=entry.note[:LONGEST_NOTE])


def _of_quantity(entry: NewEntry, n: int) -> Sequence[Fault]:
    where = "/entries/%d"
    if entry.quantity is None:
        return [Fault("required", "Give a quantity or clock times.", where % n)]
    if entry.break_minutes:
        told = "A quantity is without breaks already."
        return [Fault("break_without_clock", told, f"{where % n}/break_minutes")]
    if entry.quantity < 0:
        return [Fault("time_negative", "Time is not negative.", f"{where % n}/quantity")]
    if entry.unit == "day" and entry.quantity * QUARTERS % 1:
        return [Fault("day_parts", "Days are given in quarters.", f"{where % n}/quantity")]
    return ()


def _of_clock(entry: NewEntry, row: Engaged, where: str) -> Sequence[Fault]:
    if entry.started_at is None or entry.ended_at is None:
        return [Fault("clock_half", "Give both from and to.", f"{where}/ended_at")]
    if entry.unit != "hour":
        return [Fault("clock_of_hours", "Clock times are for hours.", f"{where}/unit")]
    if entry.quantity is not None:
        told = "Give clock times or a quantity, not both."
        return [Fault("quantity_and_clock", told, f"{where}/quantity")]
    try:
        entry.amount()
    except UnfitHours as no:
        return [Fault("clock_unfit", str(no), where)]
    zone = row.time_zone
    if zone and entry.started_at.astimezone(ZoneInfo(zone)).date() != entry.worked_on:
        return [
            Fault("clock_on_another_day", f"That is another day in {zone}.", f"{where}/started_at")
        ]
    return ()


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
