"""Time as single lines, as a file has it: put together into whole periods and entered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from backline.assignments.models import Assignment
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid, Missing, Refusal
from backline.timesheets.actions import fitting
from backline.timesheets.actions.entering import NewSheet, enter
from backline.timesheets.actions.writing import NewEntry

AT_ENTRY = "/entries/"
Period: TypeAlias = tuple[UUID, date]  # an assignment, and the first day


@dataclass(frozen=True, slots=True)
class NewLine:
    """One line of time of one assignment."""

    assignment: UUID
    entry: NewEntry


def enter_lines(
    lines: Sequence[NewLine],
    *,
    unread: Sequence[tuple[UUID, date | None]] = (),
    submit: bool,
    actor: Actor,
    at: datetime,
) -> list[UUID | Refusal]:
    """Write down lines of time, whole periods at a time; tells for each line its sheet or why not.

    A period with a line that is refused is left alone: half a week is worse than none. So is one
    with a line that could not be read, told by `unread` as its assignment and day; without the day
    every period of the assignment is.
    """
    rows = Assignment.objects.in_bulk({line.assignment for line in lines})
    periods, missing = periods_of(lines, rows)
    became: dict[int, UUID | Refusal] = dict.fromkeys(missing, _no_assignment())
    for period in _waiting(periods, unread, rows):
        became |= dict.fromkeys(periods.pop(period), _waits())
    asked = [
        NewSheet(
            assignment=assignment,
            starts_on=starts_on,
            entries=[lines[n].entry for n in places],
            submit=submit,
        )
        for (assignment, starts_on), places in periods.items()
    ]
    outcomes = enter(asked, actor=actor, at=at)
    for places, outcome in zip(periods.values(), outcomes, strict=True):
        for place, n in enumerate(places):
            became[n] = _of_line(outcome.refusal, place) if outcome.refusal else outcome.id
    return [became[n] for n in range(len(lines))]


def periods_of(
    lines: Sequence[NewLine], rows: Mapping[UUID, Assignment]
) -> tuple[dict[Period, list[int]], list[int]]:
    """The places of the lines by assignment and period, and those whose assignment is unknown."""
    periods: dict[Period, list[int]] = {}
    missing = []
    for n, line in enumerate(lines):
        row = rows.get(line.assignment)
        if row is None:
            missing.append(n)
            continue
        periods.setdefault((row.pk, _starts_on(row, line.entry.worked_on)), []).append(n)
    return periods, missing


def _starts_on(row: Assignment, day: date) -> date:
    known = fitting.day_meant(row, day)
    return fitting.period_of(row, known).starts if known else day


def _waiting(
    periods: Iterable[Period],
    unread: Iterable[tuple[UUID, date | None]],
    rows: Mapping[UUID, Assignment],
) -> list[Period]:
    """The periods in which a line stands that could not be read."""
    known = [(rows[assignment], day) for assignment, day in unread if assignment in rows]
    whole = {row.pk for row, day in known if day is None}
    some = {(row.pk, _starts_on(row, day)) for row, day in known if day is not None}
    return [period for period in periods if period[0] in whole or period in some]


def _of_line(refusal: Refusal, place: int) -> Refusal:
    """What a refused period says of one of its lines."""
    own = [
        Fault(fault.code, fault.detail, _without_place(fault.pointer), fault.facts)
        for fault in refusal.faults
        if not fault.pointer.startswith(AT_ENTRY) or _place(fault.pointer) == place
    ]
    if own:
        return type(refusal).of(own)
    return _waits()


def _waits() -> Refusal:
    told = "Another line of the same period is refused; the whole period waits for it."
    return Invalid("period_refused", told)


def _place(pointer: str) -> int:
    return int(pointer.removeprefix(AT_ENTRY).partition("/")[0])


def _without_place(pointer: str) -> str:
    if not pointer.startswith(AT_ENTRY):
        return pointer
    return "/" + pointer.removeprefix(AT_ENTRY).partition("/")[2]


def _no_assignment() -> Refusal:
    return Missing("not_found", "There is no such assignment.", pointer="/assignment")
