"""Windows: the parts of a week that an agreement pays at rates of their own, read as it keeps them.

nights      {"code": "night", "begins": "22:00", "ends": "06:00"}
weekends    {"code": "weekend", "weekdays": [5, 6]}
holidays    {"code": "bank_holiday", "bank_holidays": "gb.scotland"}
"""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import cast

from rulebook.calendars import calendars, is_bank_holiday
from rulebook.clock import Window
from rulebook.hours import DAYS_IN_A_WEEK, UnfitHours
from rulebook.periods import DAY

# What pricing says itself of time: no window is called so.
TAKEN = frozenset({"", "regular", "overtime", "double", "premium", "holiday", "missed_meal"})
NAMES = frozenset({"code", "begins", "ends", "weekdays", "bank_holidays"})
MIDNIGHT = "00:00"


def agreed_windows(told: Sequence[Mapping[str, object]], week: date) -> tuple[Window, ...]:
    """The windows of an agreement in the week that starts on a day; of two the first one wins.

    Raises UnfitHours for one that cannot be read, NoRule for a calendar that is not held.
    """
    return tuple(_window(one, week) for one in told)


def check_windows(told: object) -> None:
    """Raise UnfitHours where windows cannot be read."""
    for one in told if isinstance(told, list) else [told]:
        if not isinstance(one, Mapping):
            raise UnfitHours("A part of the week is told by names and values.")
        _check(one)


def _check(one: Mapping[str, object]) -> None:
    code, days = one.get("code", ""), one.get("weekdays", [])
    if not isinstance(code, str) or code in TAKEN:
        raise UnfitHours(f"A part of the week cannot be called {code!r}.")
    if not isinstance(days, list) or any(day not in range(DAYS_IN_A_WEEK) for day in days):
        raise UnfitHours("Days of the week go from 0, Monday, to 6.")
    if one.get("bank_holidays", calendars()[0]) not in calendars():
        raise UnfitHours(f"No calendar is called {one['bank_holidays']!r}.")
    if unknown := sorted(one.keys() - NAMES):
        raise UnfitHours(f"A part of the week has no {unknown[0]!r}.")
    _clock(one.get("begins", MIDNIGHT))
    _clock(one.get("ends", MIDNIGHT))


def _window(one: Mapping[str, object], week: date) -> Window:
    _check(one)
    calendar = str(one.get("bank_holidays", ""))
    return Window(
        str(one["code"]),
        _clock(one.get("begins", MIDNIGHT)),
        _clock(one.get("ends", MIDNIGHT)),
        frozenset(cast(Sequence[int], one.get("weekdays", ()))),
        _holidays(calendar, week) if calendar else frozenset(),
        is_dated=bool(calendar),
    )


def _holidays(calendar: str, week: date) -> frozenset[date]:
    """The bank holidays on which time of a week may lie: the evening before it included."""
    days = (week + DAY * n for n in range(-1, DAYS_IN_A_WEEK + 1))
    return frozenset(day for day in days if is_bank_holiday(day, calendar))


def _clock(told: object) -> time:
    try:
        return time.fromisoformat(str(told))
    except ValueError:
        raise UnfitHours(f"{told!r} is not a time of day.") from None
