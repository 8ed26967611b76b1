"""Checks: named doubts about reported time, which a person may override with a reason."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from backline.kernel.errors import Fault
from backline.timesheets.models import TimeEntry, Timesheet

MOST_HOURS_A_WEEK = Decimal(84)
MOST_HOURS_A_DAY = Decimal(16)
OVERRIDABLE = frozenset({"week_too_long", "day_too_long", "nothing_reported"})


def doubts_about(sheets: Iterable[Timesheet]) -> dict[UUID, list[Fault]]:
    """The doubts about each sheet: 400 hours typed for 40, a day of 17 hours, nothing reported."""
    rows = {sheet.pk: sheet for sheet in sheets}
    days: dict[UUID, dict[object, Decimal]] = {}
    hours = TimeEntry.objects.filter(timesheet__in=rows, unit="hour")
    for key, day, quantity in hours.values_list("timesheet_id", "worked_on", "quantity"):
        own = days.setdefault(key, {})
        own[day] = own.get(day, Decimal(0)) + quantity
    return {key: found for key, row in rows.items() if (found := _doubts(row, days.get(key, {})))}


def _doubts(sheet: Timesheet, days: dict[object, Decimal]) -> list[Fault]:
    faults = []
    weeks = max(1, ((sheet.ends_on - sheet.starts_on).days + 7) // 7)
    if sheet.unit == "hour" and sheet.total > MOST_HOURS_A_WEEK * weeks:
        told = f"{sheet.total} hours are more than {MOST_HOURS_A_WEEK} a week; is a point missing?"
        faults.append(Fault("week_too_long", told, "/entries"))
    for day, quantity in sorted(days.items(), key=lambda item: str(item[0])):
        if quantity > MOST_HOURS_A_DAY:
            told = f"{quantity} hours on {day} are more than {MOST_HOURS_A_DAY}."
            faults.append(Fault("day_too_long", told, "/entries"))
    if not sheet.total:
        told = "No time is reported; say that nothing was worked instead."
        faults.append(Fault("nothing_reported", told, "/entries"))
    return faults
