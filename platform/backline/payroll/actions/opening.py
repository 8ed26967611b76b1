"""Calendars added, and runs opened for their periods by the clock or by hand."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from backline.assignments.engagements import ENGAGEMENTS
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from backline.payroll import deadlines
from backline.payroll.events import CalendarAdded, PayRunOpened
from backline.payroll.models import PayCalendar, PayRun
from rulebook import calendars
from rulebook.periods import Period, month_of
from rulebook.timeline import NoRule

DAY = timedelta(days=1)
DAYS = {"weekly": 7, "fortnightly": 14, "biweekly": 14, "four_weekly": 28}
LOOK_BACK = timedelta(days=35)


def add_calendar(
    *,
    name: str,
    frequency: str,
    engagements: Sequence[str],
    currency: str,
    anchor_on: date,
    pay_lag_days: int,
    holidays: str,
    actor: Actor,
    at: datetime,
) -> PayCalendar:
    """Pay a group of engagements in a rhythm: `anchor_on` is the first day of some period.

    The pay day is so many days after the period's last day, moved to the banking day before when
    banks rest.
    """
    faults = []
    if frequency not in {*DAYS, "monthly"}:
        told = ", ".join([*DAYS, "monthly"])
        faults.append(Fault("frequency_unknown", f"Say one of {told}.", "/frequency"))
    for n, engagement in enumerate(engagements):
        if engagement not in ENGAGEMENTS:
            told = ", ".join(ENGAGEMENTS)
            faults.append(Fault("engagement_unknown", f"Say one of {told}.", f"/engagements/{n}"))
    if not engagements:
        faults.append(Fault("required", "Say who is paid by it.", "/engagements"))
    if holidays not in calendars.calendars():
        told = ", ".join(calendars.calendars())
        faults.append(Fault("calendar_unknown", f"Say one of {told}.", "/holidays"))
    if not 0 <= pay_lag_days <= 45:
        faults.append(Fault("lag_out_of_range", "Give 0 to 45 days.", "/pay_lag_days"))
    refuse_if(faults)
    if PayCalendar.objects.filter(name=name).exists():
        raise Conflict("calendar_exists", "There is a calendar of that name.", pointer="/name")
    calendar = PayCalendar.objects.create(
        name=name,
        frequency=frequency,
        engagements=list(engagements),
        currency=currency,
        anchor_on=anchor_on,
        pay_lag_days=pay_lag_days,
        holidays=holidays,
    )
    record([CalendarAdded(subject=calendar.pk)], actor=actor, at=at)
    return calendar


def open_due(on: date, *, actor: Actor, at: datetime) -> int:
    """Open a run for every period that has ended lately and has none; returns how many. Again
    opens nothing.
    """
    opened: list[PayRun] = []
    for calendar in PayCalendar.objects.filter(is_active=True):
        known = set(
            PayRun.objects.filter(calendar=calendar, kind="regular", ends_on__gte=on - LOOK_BACK)
            .exclude(state=PayRun.State.CANCELLED)
            .values_list("starts_on", flat=True)
        )
        period = period_around(calendar, max(on - LOOK_BACK, calendar.anchor_on))
        while period.last_day < on:
            if period.starts >= calendar.anchor_on and period.starts not in known:
                opened.append(_run(calendar, period, at))
            period = period_around(calendar, period.ends)
    PayRun.objects.bulk_create(opened, ignore_conflicts=True)
    record((_opened(run) for run in opened), actor=actor, at=at)
    return len(opened)


def open_off_cycle(
    calendar: UUID,
    *,
    pay_on: date,
    ends_on: date,
    reason: str,
    purpose: str = "other",
    actor: Actor,
    at: datetime,
) -> PayRun:
    """Open a run beside the calendar, for what should not wait, with its reason.

    Its purpose changes what is paid and taken: a correction takes what stands, a bonus run pays
    bonuses and takes tax and orders alone, an advance is paid before it is earned.
    """
    row = PayCalendar.objects.filter(pk=calendar).first()
    if row is None:
        raise Missing("not_found", "There is no such pay calendar.", pointer="/calendar")
    faults = pay_day_faults(pay_on, row.currency, row.holidays, at)
    if not reason.strip():
        faults.append(Fault("required", "Say why it cannot wait.", "/reason"))
    if ends_on > deadlines.today(at):
        faults.append(Fault("not_worked_yet", "That day has not come yet.", "/ends_on"))
    if ends_on < row.anchor_on:
        told = f"The calendar begins on {row.anchor_on.isoformat()}."
        faults.append(Fault("before_calendar", told, "/ends_on"))
    refuse_if(faults, Invalid)
    period = period_around(row, ends_on)
    run = PayRun.objects.create(
        calendar=row,
        kind="off_cycle",
        purpose=purpose,
        reason=reason,
        starts_on=period.starts,
        ends_on=ends_on,
        pay_on=pay_on,
        currency=row.currency,
        opened_at=at,
    )
    record([_opened(run)], actor=actor, at=at)
    return run


def pay_day_faults(pay_on: date, currency: str, holidays: str, at: datetime) -> list[Fault]:
    """What is wrong with a pay day: banks rest, no calendar is held, or money cannot be there."""
    try:
        if not calendars.is_business_day(pay_on, holidays):
            return [Fault("banks_closed", "Banks do not work on that day.", "/pay_on")]
        earliest = deadlines.arrives_on(deadlines.today(at), currency, holidays)
    except NoRule:
        told = f"No bank holidays of {holidays} are held for {pay_on.year}."
        return [Fault("law_not_held", told, "/pay_on")]
    if pay_on < earliest:
        told = f"Money can be there from {earliest.isoformat()} on."
        return [Fault("too_soon", told, "/pay_on")]
    return []


def period_around(calendar: PayCalendar, day: date) -> Period:
    """The period of a calendar around a day."""
    if calendar.frequency == "monthly":
        return month_of(day)
    length = DAYS[calendar.frequency]
    starts = day - DAY * ((day - calendar.anchor_on).days % length)
    return Period(starts, starts + DAY * length)


def pay_day(calendar: PayCalendar, period: Period) -> date:
    """The pay day of a period: so many days after its last, on a banking day not later than
    that.
    """
    day = period.last_day + DAY * calendar.pay_lag_days
    return calendars.previous_business_day(day, calendar.holidays)


def _run(calendar: PayCalendar, period: Period, at: datetime) -> PayRun:
    return PayRun(
        calendar=calendar,
        starts_on=period.starts,
        ends_on=period.last_day,
        pay_on=pay_day(calendar, period),
        currency=calendar.currency,
        opened_at=at,
    )


def _opened(run: PayRun) -> PayRunOpened:
    return PayRunOpened(
        subject=run.pk, calendar=str(run.calendar_id), pay_on=run.pay_on.isoformat()
    )
