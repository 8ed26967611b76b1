"""Sheets: approved time as it goes with an invoice."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backline.directory import queries as directory
from backline.directory.models import FirmRecord
from backline.kernel import ids
from backline.kernel.papers import render
from backline.kernel.papers.facts import Amount, Approval, Detail, WorkedDay
from backline.kernel.papers.parties import party
from backline.timesheets.models import TimeEntry, Timesheet
from rulebook.money import NOTHING

HOW = {
    "link": "By a signed link sent to the client",
    "person": "Signed in with a second factor",
    "key": "By the client's own system",
    "system": "By rule",
}
Order = tuple[str, date, str]


def printed(keys: Iterable[UUID]) -> dict[UUID, tuple[Order, bytes]]:
    """The papers of approved timesheets with their place in a bundle: by worker, day and id."""
    rows = list(
        Timesheet.objects.filter(pk__in=list(keys)).select_related(
            "assignment__worker", "assignment__client", "assignment__site"
        )
    )
    if not rows:
        return {}
    entries: dict[UUID, list[TimeEntry]] = {}
    for entry in TimeEntry.objects.filter(timesheet__in=rows).order_by("worked_on", "id"):
        entries.setdefault(entry.timesheet_id, []).append(entry)
    firm = directory.firm()
    return {
        row.pk: (_order(row), render("timesheet", facts(row, entries.get(row.pk, []), firm)))
        for row in rows
    }


def facts(row: Timesheet, entries: list[TimeEntry], firm: FirmRecord) -> dict[str, Any]:
    """The facts of an approved timesheet: each day as it was worked, and who approved it."""
    assignment = row.assignment
    site = assignment.site
    zone = ZoneInfo(site.time_zone if site else firm.time_zone)
    details: list[Detail] = [
        {"label": "From", "value": row.starts_on},
        {"label": "To", "value": row.ends_on},
    ]
    if assignment.job_title:
        details.append({"label": "Work", "value": assignment.job_title})
    if site is not None:
        details.append({"label": "Site", "value": site.name})
    return {
        "country": firm.country,
        "currency": firm.currency,
        "dated": row.ends_on,
        "number": ids.public("tsh", row.pk).rpartition("_")[2][-10:].upper(),
        "firm": party(firm.trading_name or firm.legal_name, firm.address),
        "worker": _name(row),
        "client": party(assignment.client.legal_name, assignment.client.billing_address),
        "details": details,
        "days": [_day(entry, zone) for entry in entries],
        "totals": _totals(entries),
        "hours": sum((entry.quantity for entry in entries), NOTHING),
        "unit": "Days" if row.unit == "day" else "Hours",
        "approval": _approval(row, zone),
    }


def _day(entry: TimeEntry, zone: ZoneInfo) -> WorkedDay:
    day: WorkedDay = {
        "on": f"{entry.worked_on:%A} {entry.worked_on.day} {entry.worked_on:%b}",
        "hours": entry.quantity,
        "band": entry.code.replace("_", " ").capitalize(),
    }
    if entry.started_at is not None and entry.ended_at is not None:
        day["starts"] = f"{entry.started_at.astimezone(zone):%H:%M}"
        day["ends"] = f"{entry.ended_at.astimezone(zone):%H:%M}"
        day["unpaid"] = f"{entry.break_minutes} min" if entry.break_minutes else ""
    if entry.note:
        day["note"] = entry.note
    return day


def _totals(entries: list[TimeEntry]) -> list[Amount]:
    sums = dict.fromkeys((entry.code for entry in entries), NOTHING)
    for entry in entries:
        sums[entry.code] += entry.quantity
    return [
        {"label": code.replace("_", " ").capitalize(), "amount": amount}
        for code, amount in sums.items()
    ]


def _approval(row: Timesheet, zone: ZoneInfo) -> Approval:
    by: dict[str, str] = row.decided_by or {}
    at: datetime = row.decided_at or row.created_at
    return {
        "name": by.get("name") or "Unknown",
        "role": by.get("role", "").replace("_", " "),
        "at": at.astimezone(zone),
        "how": HOW.get(by.get("kind", ""), ""),
    }


def _order(row: Timesheet) -> Order:
    return (_name(row), row.starts_on, str(row.pk))


def _name(row: Timesheet) -> str:
    worker = row.assignment.worker
    return f"{worker.given_name} {worker.family_name}"
