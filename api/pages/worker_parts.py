"""Parts of a worker's page: the sheet, the next pay day, payslips, holiday, papers to bring."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from api.pages import linked, look, typed_week, wording
from api.pages.typed_week import Typed
from backline.directory.models import FirmRecord, Worker
from backline.kernel import ids
from backline.onboarding import queries as onboarding
from backline.payroll.actions.opening import pay_day, period_around
from backline.payroll.models import PayCalendar, Payslip
from backline.timesheets.models import TimeEntry, Timesheet
from rulebook.timeline import NoRule

MOST_PAYSLIPS: Final = 12
Status = Timesheet.Status
OPEN: Final = (Status.DRAFT, Status.REJECTED, Status.NOT_WORKED)
CHIPS: Final[Mapping[str, tuple[str, str]]] = {
    Status.DRAFT: ("draft", "Not sent yet"),
    Status.REJECTED: ("rejected", "Sent back"),
    Status.NOT_WORKED: ("draft", "Nothing worked"),
    Status.APPROVED: ("approved", "Approved"),
    Status.VOIDED: ("draft", "Taken back"),
}


def own_payslips(worker: UUID) -> QuerySet[Payslip]:
    """The final payslips of an employed worker, newest first; what a company is paid is its own."""
    return Payslip.objects.filter(
        worker=worker,
        run__is_final=True,
        intermediary__isnull=True,
        voids__isnull=True,
        voided_by__isnull=True,
    ).order_by("-pay_on", "-id")


def sheet(
    row: Timesheet, firm: FirmRecord, at: datetime, *, can_edit: bool, typed: Typed | None
) -> dict[str, Any]:
    """The sheet with its rows, as it is kept or as it was just typed."""
    zone, held = linked.zone(row, firm), linked.entries(row)
    before = linked.last_week(row)
    earlier = linked.entries(before) if before is not None else {}
    by = typed_week.mode(row, held, earlier)
    today = at.astimezone(zone).date()
    client = row.assignment.client
    return {
        "sheet": {
            "assignment": row.assignment.job_title or "Your work",
            "client": client.trading_name or client.legal_name,
            "period": wording.period(row.starts_on, row.ends_on, firm.country),
            "status": look.chip(*_chip(row)),
            "mode": by,
            "can_edit": can_edit and row.status in OPEN,
            "can_copy": bool(typed_week.same_again(row, earlier, zone)),
            "total": wording.units(row.total, row.unit),
            "note": _note(row),
        },
        "days": [
            _day(day, held.get(day, ()), zone, firm.country, today, typed=typed, by=by)
            for day in linked.days(row)
        ],
    }


def _chip(row: Timesheet) -> tuple[str, str]:
    if row.status == Status.SUBMITTED:
        client = row.assignment.client
        return "submitted", f"With {client.trading_name or client.legal_name}"
    return CHIPS[row.status]


def _note(row: Timesheet) -> str:
    if row.status == Status.REJECTED:
        return f"Sent back: {row.reject_reason}"
    return str(row.correction_reason)


def _day(
    day: date,
    own: Sequence[TimeEntry],
    zone: ZoneInfo,
    country: str,
    today: date,
    *,
    typed: Typed | None,
    by: str,
) -> dict[str, Any]:
    is_fixed = typed_week.is_fixed(own, by)
    first = own[0] if own else None
    total = sum((entry.quantity for entry in own), linked.NOTHING)
    kept = {
        "hours": wording.hours(total) if own else "",
        "starts": wording.clock(first.started_at, zone) if first and first.started_at else "",
        "ends": wording.clock(first.ended_at, zone) if first and first.ended_at else "",
        "unpaid": str(first.break_minutes) if first and first.break_minutes else "",
    }
    return {
        "key": day.isoformat(),
        "label": f"{day:%A}",
        "sub": wording.short_day(day, country),
        "is_today": day == today,
        "is_fixed": is_fixed,
        "fault": typed.faults.get(day, "") if typed else "",
        **(typed.said[day] if typed and not is_fixed else kept),
    }


def next_pay(row: Timesheet, worker: Worker, on: date, country: str) -> dict[str, str]:
    """The next pay day of a worker, with the amount once it is final."""
    slip = own_payslips(worker.pk).filter(pay_on__gte=on).order_by("pay_on").first()
    if slip is not None:
        period = wording.period(slip.run.starts_on, slip.run.ends_on, country)
        return {
            "on": wording.weekday(slip.pay_on, country),
            "amount": look.money(slip.net, slip.currency),
            "says": f"For {period}",
        }
    calendar = PayCalendar.objects.filter(
        is_active=True,
        frequency=row.assignment.pay_frequency,
        engagements__contains=[row.assignment.engagement],
    ).first()
    if calendar is None:
        return {"on": "Not set yet", "amount": "", "says": ""}
    try:
        paid_on = _after(calendar, row.starts_on, on)
    except NoRule:  # no bank holidays are held for that year
        return {"on": "Not set yet", "amount": "", "says": ""}
    return {
        "on": wording.weekday(paid_on, country),
        "amount": "",
        "says": "If your week is approved in time",
    }


def _after(calendar: PayCalendar, since: date, on: date) -> date:
    """The first pay day from a day on, for work since another."""
    period = period_around(calendar, max(since, calendar.anchor_on))
    while (paid_on := pay_day(calendar, period)) < on:
        period = period_around(calendar, period.ends)
    return paid_on


def payslips(worker: UUID, token: str, country: str) -> list[dict[str, str]]:
    """A worker's own payslips, newest first."""
    return [
        {
            "paid_on": wording.day(slip.pay_on, country),
            "net": look.money(slip.net, slip.currency),
            "href": f"/w/{token}/payslips/{slip.public_id}",
            "number": number(slip),
        }
        for slip in own_payslips(worker)[:MOST_PAYSLIPS]
    ]


def number(slip: Payslip) -> str:
    """The number that stands on the paper."""
    return ids.public("pay", slip.pk).rpartition("_")[2][-10:].upper()


def leave(worker: Worker, firm: FirmRecord) -> dict[str, str] | None:
    """Holiday that is left, where it is not paid with every hour."""
    if firm.holiday_method == "rolled_up" or not worker.holiday_hours:
        return None
    return {"says": "Holiday left", "balance": wording.units(worker.holiday_hours, "hour")}


def papers_due(assignment: UUID, on: date, country: str) -> list[dict[str, Any]]:
    """What is missing or runs out, for this work."""
    found = []
    for item in onboarding.missing([assignment], on).get(assignment, []):
        words = {"missing": "Missing", "expired": "Run out", "rejected": "Not accepted"}
        label = words.get(item.reason, "")
        if item.due_on is not None:
            label = f"By {wording.short_day(item.due_on, country)}"
        state = "due" if item.due_on is not None else "missing"
        found.append({"label": item.title, "chip": look.chip(state, label or "Missing")})
    return found
