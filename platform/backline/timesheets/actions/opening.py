"""Sheets opened for every period of every running assignment, by the clock and without a human
hand.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from backline.assignments import queries as assignments
from backline.assignments.engagements import BY_TIME
from backline.assignments.models import Assignment
from backline.kernel.actors import Actor
from backline.kernel.events import record
from backline.timesheets.actions.fitting import DAY, fit
from backline.timesheets.actions.standing import Sheets, standing
from backline.timesheets.events import TimesheetOpened
from backline.timesheets.models import Cutoff, Timesheet
from rulebook.periods import Period

LOOK_BACK = 5  # weeks: an assignment that was confirmed late gets the sheets of the weeks it missed
Status = Timesheet.Status


def open_due(on: date, *, actor: Actor, at: datetime, only: Iterable[UUID] | None = None) -> int:
    """Open the sheets that are missing for periods begun by a day; returns how many. Again
    opens nothing.

    Sheets that wait are first fitted to the days of their assignments.
    """
    since = on - DAY * 7 * LOOK_BACK
    rows = assignments.running(since, on).filter(engagement__in=BY_TIME)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    running = list(rows.select_related(None))
    fit(running, actor=actor, at=at)
    known = standing([row.pk for row in running], since, on)
    fresh = [
        _new_sheet(row, period, at)
        for row in running
        for period in _missing(row, known.get(row.pk, Sheets()), since, on)
    ]
    # a twin that opened the same sheet a moment ago wins; ours is then not told
    Timesheet.objects.bulk_create(fresh, ignore_conflicts=True)
    made = set(
        Timesheet.objects.filter(pk__in=[sheet.pk for sheet in fresh]).values_list("pk", flat=True)
        if fresh
        else ()
    )
    record((_opened(sheet) for sheet in fresh if sheet.pk in made), actor=actor, at=at)
    return len(made)


def close_through(frequency: str, day: date) -> None:
    """Note that pay of a frequency is closed through a day; never moves back."""
    Cutoff.objects.bulk_create(
        [Cutoff(frequency=frequency, closed_through=day)], ignore_conflicts=True
    )
    Cutoff.objects.filter(frequency=frequency).filter(Q(closed_through__lt=day)).update(
        closed_through=day
    )


def _new_sheet(row: Assignment, period: Period, at: datetime) -> Timesheet:
    return Timesheet(
        assignment=row,
        starts_on=period.starts,
        ends_on=period.last_day,
        unit=row.time_unit,
        approver_id=row.approver_id,
        created_at=at,
    )


def _missing(row: Assignment, sheets: Sheets, since: date, on: date) -> Iterator[Period]:
    day = max(row.starts_on, since)
    last = on if row.ends_on is None else min(on, row.ends_on)
    while day <= last:
        holds = sheets.around(day)
        if holds is not None:
            day = holds.ends_on + DAY
            continue
        period = sheets.free(row, day)
        yield period
        day = period.ends


def _opened(sheet: Timesheet) -> TimesheetOpened:
    return TimesheetOpened(
        subject=sheet.pk,
        assignment=str(sheet.assignment_id),
        starts_on=sheet.starts_on.isoformat(),
        ends_on=sheet.ends_on.isoformat(),
    )
