"""Time as single lines, as a file has it: put together into whole periods and entered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid, Missing, Refusal
from backline.timesheets.actions import fitting
from backline.timesheets.actions.entering import NewSheet, engaged, enter_for
from backline.timesheets.actions.fitting import Engaged
from backline.timesheets.actions.writing import NewEntry

AT_ENTRY = "/entries/"
Period: TypeAlias = tuple[UUID, date]  # an assignment, and the first day


def enter_lines(
    assignments: Sequence[UUID],
    entries: Sequence[NewEntry],
    *,
    unread: Sequence[tuple[UUID, date | None]] = (),
    submit: bool,
    actor: Actor,
    at: datetime,
) -> list[UUID | Refusal]:
    """Write down lines of time, whole periods at a time: whose each is, and what it says; tells for
    each line its sheet or why not.

    A period with a line that is refused is left alone: half a week is worse than none. So is one
    with a line that could not be read, told by `unread` as its assignment and day; without the day
    every period of the assignment is.
    """
    known = engaged(assignments)
    periods, missing = periods_of(assignments, entries, known)
    became: dict[int, UUID | Refusal] = dict.fromkeys(missing, _no_assignment())
    for period in _waiting(periods, unread, known):
        became |= dict.fromkeys(periods.pop(period), _waits())
    asked = [
        NewSheet(assignment, starts_on, [entries[n] for n in places], submit=submit)
        for (assignment, starts_on), places in periods.items()
    ]
    outcomes = enter_for(known, asked, actor=actor, at=at)
    for places, outcome in zip(periods.values(), outcomes, strict=True):
        if outcome.refusal is None:
            became |= dict.fromkeys(places, outcome.id)
        else:
            became |= {n: _of_line(outcome.refusal, place) for place, n in enumerate(places)}
    return [became[n] for n in range(len(entries))]


def periods_of(
    assignments: Sequence[UUID], entries: Sequence[NewEntry], known: Mapping[UUID, Engaged]
) -> tuple[dict[Period, list[int]], list[int]]:
    """The places of the lines by assignment and first day of the period, and those whose assignment
    is unknown.
    """
    periods: dict[Period, list[int]] = {}
    missing: list[int] = []
    calendars: dict[UUID, dict[date, list[int]]] = {}  # of every day met, its period's lines
    before: UUID | None = None
    days: dict[date, list[int]] = {}
    for n, (assignment, entry) in enumerate(zip(assignments, entries, strict=True)):
        if assignment is not before:  # lines of one assignment mostly follow each other
            before, days = assignment, calendars.setdefault(assignment, {})
        places = days.get(entry.worked_on)
        if places is None:
            row = known.get(assignment)
            places = missing if row is None else _places(periods, days, row, entry.worked_on)
        places.append(n)
    return periods, missing


def _places(
    periods: dict[Period, list[int]], days: dict[date, list[int]], row: Engaged, day: date
) -> list[int]:
    """Where the lines of the period around a day are kept; all its days now lead there."""
    known = fitting.day_meant(row, day)
    if known is None:
        return periods.setdefault((row.id, day), [])
    places = periods.setdefault((row.id, fitting.period_of(row, known).starts), [])
    days |= dict.fromkeys(fitting.days_alike(row, known), places)
    return places


def _starts_on(row: Engaged, day: date) -> date:
    known = fitting.day_meant(row, day)
    return fitting.period_of(row, known).starts if known else day


def _waiting(
    periods: Iterable[Period],
    unread: Iterable[tuple[UUID, date | None]],
    rows: Mapping[UUID, Engaged],
) -> list[Period]:
    """The periods in which a line stands that could not be read."""
    known = [(rows[assignment], day) for assignment, day in unread if assignment in rows]
    whole = {row.id for row, day in known if day is None}
    some = {(row.id, _starts_on(row, day)) for row, day in known if day is not None}
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
