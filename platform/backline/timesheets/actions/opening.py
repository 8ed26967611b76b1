"""Sheets opened for every period of every running assignment, by the clock and without a human
hand; and fitted to assignments whose days changed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from backline.assignments import queries as assignments
from backline.assignments.models import Assignment
from backline.kernel.actors import Actor
from backline.kernel.events import record
from backline.timesheets.events import TimesheetOpened, TimesheetVoided
from backline.timesheets.models import Cutoff, TimeEntry, Timesheet
from rulebook.periods import Period, month_of, week_of

DAY = timedelta(days=1)
LOOK_BACK = 5  # weeks: an assignment that was confirmed late gets the sheets of the weeks it missed
Status = Timesheet.Status
UNTOUCHED = (Status.DRAFT, Status.REJECTED, Status.NOT_WORKED)
Standing = Mapping[UUID, Sequence[Timesheet]]


def open_due(on: date, *, actor: Actor, at: datetime, only: Iterable[UUID] | None = None) -> int:
    """Open the sheets that are missing for periods begun by a day; returns how many. Again
    opens nothing.
    """
    since = on - DAY * 7 * LOOK_BACK
    rows = assignments.running(since, on)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    running = list(rows.select_related(None))
    known = standing(running, since, on)
    fresh = [
        new_sheet(row, period, at)
        for row in running
        for period in _missing(row, known.get(row.pk, ()), since, on)
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


def fit(asked: Iterable[UUID], *, actor: Actor, at: datetime) -> None:
    """Fit sheets that nobody has handed in to the days of assignments that were extended or cut
    short.

    A sheet wholly behind the new end is voided when it is empty; one that holds time stays, so
    that somebody looks at it. What was handed in is never touched.
    """
    rows = Assignment.objects.in_bulk(set(asked))
    sheets = list(
        Timesheet.objects.select_for_update()
        .filter(assignment__in=rows, status__in=UNTOUCHED, corrects__isnull=True)
        .order_by("id")
    )
    last_entry, first_days = _last_days(sheets), _first_days(rows)
    moved, gone = [], []
    for sheet in sheets:
        row = rows[sheet.assignment_id]
        used = last_entry.get(sheet.pk)
        if row.ends_on is not None and sheet.starts_on > row.ends_on:
            gone += [sheet] if used is None else []
            continue
        last = period_of(row, sheet.starts_on).last_day
        later = [day for day in first_days.get(row.pk, ()) if day > sheet.starts_on]
        wanted = max(min([last, *(day - DAY for day in later)]), used or sheet.starts_on)
        if wanted != sheet.ends_on:
            sheet.ends_on = wanted
            moved.append(sheet)
    Timesheet.objects.bulk_update(moved, ["ends_on"])
    Timesheet.objects.filter(pk__in=[sheet.pk for sheet in gone]).update(
        status=Status.VOIDED, version=F("version") + 1
    )
    told = "The assignment ends before it."
    record((TimesheetVoided(subject=sheet.pk, reason=told) for sheet in gone), actor=actor, at=at)


def standing(rows: Iterable[Assignment], first: date, last: date) -> dict[UUID, list[Timesheet]]:
    """The sheets of these assignments that reach into some days, by assignment, in order."""
    found: dict[UUID, list[Timesheet]] = {}
    sheets = (
        Timesheet.objects.filter(
            assignment__in=[row.pk for row in rows],
            corrects__isnull=True,
            starts_on__lte=last + DAY * 31,
            ends_on__gte=first - DAY * 31,
        )
        .exclude(status=Status.VOIDED)
        .order_by("starts_on")
    )
    for sheet in sheets:
        found.setdefault(sheet.assignment_id, []).append(sheet)
    return found


def close_through(frequency: str, day: date) -> None:
    """Note that pay of a frequency is closed through a day; never moves back."""
    Cutoff.objects.bulk_create(
        [Cutoff(frequency=frequency, closed_through=day)], ignore_conflicts=True
    )
    Cutoff.objects.filter(frequency=frequency).filter(Q(closed_through__lt=day)).update(
        closed_through=day
    )


def whole_period(row: Assignment, day: date) -> Period:
    """The days that are reported together: a month for workers paid monthly by the day, else a
    week.
    """
    if row.pay_frequency == "monthly" and row.time_unit == "day":
        return month_of(day)
    return week_of(day, row.week_starts)


def period_of(row: Assignment, day: date) -> Period:
    """The part of the period around a day that lies in the assignment, the day being in it."""
    whole = whole_period(row, day)
    ends = whole.ends if row.ends_on is None else min(whole.ends, row.ends_on + DAY)
    return Period(max(whole.starts, row.starts_on), ends)


def day_meant(row: Assignment, day: date) -> date | None:
    """A day of the assignment in the period that a day names; None when there is none.

    A week is often named by its first day, though the assignment begins within it.
    """
    inside = max(day, row.starts_on) if row.starts_on in whole_period(row, day) else day
    ends_on = row.ends_on or inside
    return inside if row.starts_on <= inside <= ends_on else None


def free_period(row: Assignment, day: date, sheets: Sequence[Timesheet]) -> Period:
    """The period around a day, less the days that other sheets hold: an assignment that was
    extended within a week has two.
    """
    whole = period_of(row, day)
    starts = max((s.ends_on + DAY for s in sheets if s.ends_on < day), default=whole.starts)
    ends = min((s.starts_on for s in sheets if s.starts_on > day), default=whole.ends)
    return Period(max(whole.starts, starts), min(whole.ends, ends))


def new_sheet(row: Assignment, period: Period, at: datetime) -> Timesheet:
    """A sheet that waits for a period's time; not saved yet."""
    return Timesheet(
        assignment=row,
        starts_on=period.starts,
        ends_on=period.last_day,
        unit=row.time_unit,
        approver_id=row.approver_id,
        created_at=at,
    )


def _missing(
    row: Assignment, sheets: Sequence[Timesheet], since: date, on: date
) -> Iterator[Period]:
    day = max(row.starts_on, since)
    last = on if row.ends_on is None else min(on, row.ends_on)
    while day <= last:
        holds = next((s for s in sheets if s.starts_on <= day <= s.ends_on), None)
        if holds is not None:
            day = holds.ends_on + DAY
            continue
        period = free_period(row, day, sheets)
        yield period
        day = period.ends


def _first_days(rows: Iterable[UUID]) -> dict[UUID, list[date]]:
    """The first days of every sheet of these assignments."""
    found: dict[UUID, list[date]] = {}
    sheets = Timesheet.objects.filter(assignment__in=list(rows), corrects__isnull=True)
    days = sheets.exclude(status=Status.VOIDED).values_list("assignment_id", "starts_on")
    for key, day in days:
        found.setdefault(key, []).append(day)
    return found


def _last_days(sheets: Sequence[Timesheet]) -> dict[UUID, date]:
    """The last day with time on each sheet that holds any."""
    found: dict[UUID, date] = {}
    rows = TimeEntry.objects.filter(timesheet__in=sheets).values_list("timesheet_id", "worked_on")
    for key, day in rows:
        found[key] = max(day, found.get(key, day))
    return found


def _opened(sheet: Timesheet) -> TimesheetOpened:
    return TimesheetOpened(
        subject=sheet.pk,
        assignment=str(sheet.assignment_id),
        starts_on=sheet.starts_on.isoformat(),
        ends_on=sheet.ends_on.isoformat(),
    )
