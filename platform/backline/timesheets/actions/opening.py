"""Sheets opened for every period of every running assignment, by the clock and without a
human hand.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from backline.assignments import queries as assignments
from backline.assignments.models import Assignment
from backline.kernel.actors import Actor
from backline.kernel.events import record
from backline.timesheets.events import TimesheetOpened
from backline.timesheets.models import Cutoff, Timesheet
from rulebook.periods import Period, month_of, week_of

DAY = timedelta(days=1)
LOOK_BACK = 5  # weeks: an assignment that was confirmed late gets the sheets of the weeks it missed


def open_due(on: date, *, actor: Actor, at: datetime, only: Iterable[UUID] | None = None) -> int:
    """Open the sheets that are missing for periods begun by a day; returns how many. Again
    opens nothing.
    """
    since = on - DAY * 7 * LOOK_BACK
    rows = assignments.running(since, on)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    running = list(rows.select_related(None))
    known = set(
        Timesheet.objects.filter(assignment__in=running, corrects__isnull=True, ends_on__gte=since)
        .exclude(status=Timesheet.Status.VOIDED)
        .values_list("assignment_id", "starts_on")
    )
    fresh = [
        _sheet(row, period, at)
        for row in running
        for period in _periods(row, since, on)
        if (row.pk, period.starts) not in known
    ]
    Timesheet.objects.bulk_create(fresh, ignore_conflicts=True)
    record((_opened(sheet) for sheet in fresh), actor=actor, at=at)
    return len(fresh)


def sheet_for(row: Assignment, day: date, at: datetime) -> Timesheet:
    """The sheet of the period around a day, opened when there is none; not yet saved then."""
    period = period_of(row, day)
    known = (
        Timesheet.objects.select_for_update()
        .filter(assignment=row, starts_on=period.starts, corrects__isnull=True)
        .exclude(status=Timesheet.Status.VOIDED)
        .first()
    )
    return known or _sheet(row, period, at)


def close_through(frequency: str, day: date) -> None:
    """Note that pay of a frequency is closed through a day; never moves back."""
    Cutoff.objects.bulk_create(
        [Cutoff(frequency=frequency, closed_through=day)], ignore_conflicts=True
    )
    Cutoff.objects.filter(frequency=frequency).filter(Q(closed_through__lt=day)).update(
        closed_through=day
    )


def period_of(row: Assignment, day: date) -> Period:
    """The period of time reported together: a month for workers paid monthly by the day, else
    a week.
    """
    if row.pay_frequency == "monthly" and row.time_unit == "day":
        whole = month_of(day)
    else:
        whole = week_of(day, row.week_starts)
    ends = whole.ends if row.ends_on is None else min(whole.ends, row.ends_on + DAY)
    return Period(max(whole.starts, row.starts_on), ends)


def _periods(row: Assignment, since: date, on: date) -> Iterator[Period]:
    day = max(row.starts_on, since)
    last = on if row.ends_on is None else min(on, row.ends_on)
    while day <= last:
        period = period_of(row, day)
        yield period
        day = period.ends


def _sheet(row: Assignment, period: Period, at: datetime) -> Timesheet:
    return Timesheet(
        assignment=row,
        starts_on=period.starts,
        ends_on=period.last_day,
        unit=row.time_unit,
        approver_id=row.approver_id,
        created_at=at,
    )


def _opened(sheet: Timesheet) -> TimesheetOpened:
    return TimesheetOpened(
        subject=sheet.pk,
        assignment=str(sheet.assignment_id),
        starts_on=sheet.starts_on.isoformat(),
        ends_on=sheet.ends_on.isoformat(),
    )
