"""Periods of time, and sheets that wait fitted to assignments whose days changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from uuid import UUID

from django.db.models import F, QuerySet

from backline.assignments.models import Assignment
from backline.kernel.actors import Actor
from backline.kernel.events import record
from backline.timesheets.events import TimesheetVoided
from backline.timesheets.models import TimeEntry, Timesheet
from rulebook.periods import Period, month_of, week_of

DAY = timedelta(days=1)
Status = Timesheet.Status
UNTOUCHED = (Status.DRAFT, Status.REJECTED)


class Engaged(NamedTuple):
    """An assignment as far as entering time needs it."""

    id: UUID
    status: str
    starts_on: date
    ends_on: date | None
    week_starts: int
    time_unit: str
    pay_frequency: str
    approver_id: UUID | None
    time_zone: str | None  # of the site, where there is one

    @classmethod
    def of(cls, row: Assignment) -> "Engaged":
        """What an assignment's row says, its site read with it."""
        zone = row.site.time_zone if row.site else None
        return cls._make([*(getattr(row, name) for name in cls._fields[:-1]), zone])


Work: TypeAlias = Assignment | Engaged


def fit(rows: Iterable[Assignment], *, actor: Actor, at: datetime) -> None:
    """Fit sheets that nobody has handed in to the days of assignments that were extended or cut
    short.

    A sheet wholly behind the new end is voided when it is empty; one that holds time stays, so
    that somebody looks at it. What was handed in or declared is never touched.
    """
    known = {row.pk: row for row in rows}
    waiting = Timesheet.objects.filter(
        assignment__in=known, status__in=UNTOUCHED, corrects__isnull=True
    )
    moved, gone = _misfits(waiting, known)
    if not moved and not gone:
        return
    # looked at again under lock, for what changed meanwhile
    found = [sheet.pk for sheet in (*moved, *gone)]
    moved, gone = _misfits(waiting.filter(pk__in=found).select_for_update(), known)
    Timesheet.objects.bulk_update(moved, ["ends_on"])
    Timesheet.objects.filter(pk__in=[sheet.pk for sheet in gone]).update(
        status=Status.VOIDED, version=F("version") + 1
    )
    told = "The assignment ends before it."
    record((TimesheetVoided(subject=sheet.pk, reason=told) for sheet in gone), actor=actor, at=at)


def whole_period(row: Work, day: date) -> Period:
    """The days that are reported together: a month for workers paid monthly by the day, else a
    week.
    """
    return _whole(_is_monthly(row), row.week_starts, day)


def period_of(row: Work, day: date) -> Period:
    """The part of the period around a day that lies in the assignment, the day being in it."""
    whole = whole_period(row, day)
    ends = whole.ends if row.ends_on is None else min(whole.ends, row.ends_on + DAY)
    if row.starts_on <= whole.starts and ends == whole.ends:
        return whole
    return Period(max(whole.starts, row.starts_on), ends)


def day_meant(row: Work, day: date) -> date | None:
    """A day of the assignment in the period that a day names; None when there is none.

    A week is often named by its first day, though the assignment begins within it.
    """
    inside = max(day, row.starts_on) if row.starts_on in whole_period(row, day) else day
    ends_on = row.ends_on or inside
    return inside if row.starts_on <= inside <= ends_on else None


def days_alike(row: Work, day: date) -> Sequence[date]:
    """The days that mean the same period of the assignment as a day in it does."""
    days = _days(_is_monthly(row), row.week_starts, day)
    return days if row.ends_on is None else [each for each in days if each <= row.ends_on]


def _is_monthly(row: Work) -> bool:
    return row.pay_frequency == "monthly" and row.time_unit == "day"


@lru_cache(maxsize=2_000)
def _days(is_monthly: bool, week_starts: int, day: date) -> tuple[date, ...]:
    return tuple(_whole(is_monthly, week_starts, day))


@lru_cache(maxsize=2_000)  # everybody's sheets are of the same few weeks
def _whole(is_monthly: bool, week_starts: int, day: date) -> Period:
    return month_of(day) if is_monthly else week_of(day, week_starts)


def _misfits(
    waiting: QuerySet[Timesheet], rows: Mapping[UUID, Assignment]
) -> tuple[list[Timesheet], list[Timesheet]]:
    """The sheets whose last day is another one now, set to it, and those behind the end."""
    sheets = list(waiting.order_by("id"))
    last_entry, first_days = _last_days(sheets), _first_days(rows)
    moved, gone = [], []
    for sheet in sheets:
        row = rows[sheet.assignment_id]
        used = last_entry.get(sheet.pk)
        if row.ends_on is not None and sheet.starts_on > row.ends_on:
            gone += [sheet] if used is None and sheet.status == Status.DRAFT else []
            continue
        last = period_of(row, sheet.starts_on).last_day
        later = [day for day in first_days.get(row.pk, ()) if day > sheet.starts_on]
        wanted = max(min([last, *(day - DAY for day in later)]), used or sheet.starts_on)
        if wanted != sheet.ends_on:
            sheet.ends_on = wanted
            moved.append(sheet)
    return moved, gone


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
