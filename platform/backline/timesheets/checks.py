"""Checks: named doubts about reported time, which a person may override with a reason, and what
nobody can: more hours than there are.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from backline.kernel.errors import Fault
from backline.timesheets.models import TimeEntry, Timesheet

MOST_HOURS_A_WEEK = Decimal(84)
MOST_HOURS_A_DAY = Decimal(16)
HOURS_IN_A_DAY = Decimal(25)  # on the night the clocks go back there is one more
OVERRIDABLE = frozenset({"week_too_long", "day_too_long", "two_days_a_day"})
FATAL = frozenset({"more_than_a_day", "nothing_reported"})
CODES = OVERRIDABLE | FATAL


def doubts_about(sheets: Iterable[Timesheet]) -> dict[UUID, list[Fault]]:
    """The doubts about each sheet: 400 hours typed for 40, a day of 17 hours, nothing reported."""
    rows = {sheet.pk: sheet for sheet in sheets}
    days: dict[UUID, dict[tuple[date, str], Decimal]] = {}
    entries = TimeEntry.objects.filter(timesheet__in=rows, unit__in=["hour", "day"])
    for key, day, unit, quantity in (
        entries.values_list("timesheet_id", "worked_on", "unit", "quantity") if rows else ()
    ):
        own = days.setdefault(key, {})
        own[day, unit] = own.get((day, unit), Decimal(0)) + quantity
    return {key: found for key, row in rows.items() if (found := _doubts(row, days.get(key, {})))}


def left(doubts: Iterable[Fault], overrides: Collection[str]) -> list[Fault]:
    """The doubts that stand: those not overridden, and those that cannot be."""
    return [doubt for doubt in doubts if doubt.code in FATAL or doubt.code not in overrides]


def _doubts(sheet: Timesheet, days: dict[tuple[date, str], Decimal]) -> list[Fault]:
    if not sheet.total and sheet.corrects_id is None:
        told = "No time is reported; say that nothing was worked instead."
        return [_doubt("nothing_reported", told)]
    found = []
    weeks = max(1, ((sheet.ends_on - sheet.starts_on).days + 7) // 7)
    if sheet.unit == "hour" and sheet.total > MOST_HOURS_A_WEEK * weeks:
        told = f"{sheet.total} hours are more than {MOST_HOURS_A_WEEK} a week; is a point missing?"
        found.append(_doubt("week_too_long", told))
    for (day, unit), quantity in sorted(days.items()):
        found += _of_day(day, unit, quantity)
    return found


def _of_day(day: date, unit: str, quantity: Decimal) -> Sequence[Fault]:
    if unit == "day":
        told = f"{quantity} days are reported for {day}."
        return [_doubt("two_days_a_day", told)] if quantity > 1 else []
    if quantity > HOURS_IN_A_DAY:
        return [_doubt("more_than_a_day", f"{quantity} hours on {day} are more than a day has.")]
    if quantity > MOST_HOURS_A_DAY:
        told = f"{quantity} hours on {day} are more than {MOST_HOURS_A_DAY}."
        return [_doubt("day_too_long", told)]
    return []


def _doubt(code: str, told: str) -> Fault:
    return Fault(code, told, "/entries", MappingProxyType({"overridable": code in OVERRIDABLE}))
