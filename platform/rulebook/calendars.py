"""Calendars: the days on which banks work.

Good Friday 2026-04-03 in England: the banking day before is Thursday 2 April, the next is
Tuesday 7 April (Monday the 6th is Easter Monday); Edinburgh's banks work on that Monday
"""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import cast

from rulebook.periods import DAY
from rulebook.timeline import NoRule, Rules

FOLDERS = ("gb", "us")
SATURDAY = 5


@lru_cache(maxsize=1)
def _rules() -> dict[str, Rules]:
    packs = Path(__file__).parent / "packs"
    return {name: Rules.read(packs / name / "parameters" / "calendars", name) for name in FOLDERS}


def calendars() -> tuple[str, ...]:
    """The names of every calendar held, such as gb.england_wales and us.federal_reserve."""
    return tuple(
        rule.replace(".bank_holidays", "") for rules in _rules().values() for rule in rules
    )


@lru_cache(maxsize=64)
def _holidays(year: int, calendar: str) -> frozenset[date]:
    country, _, area = calendar.partition(".")
    rule = f"{country}.bank_holidays.{area}"
    timeline = _rules()[country].get(rule) if country in FOLDERS else None
    if timeline is None:
        raise NoRule(rule, date(year, 1, 1))
    return frozenset(cast(tuple[date, ...], timeline.on(date(year, 1, 1)).value))


def is_bank_holiday(day: date, calendar: str) -> bool:
    """Whether a day is a bank holiday; NoRule for a year or calendar that is not held."""
    return day in _holidays(day.year, calendar)


def is_business_day(day: date, calendar: str) -> bool:
    """Whether banks work on a day; NoRule for a year or calendar that is not held."""
    return day not in _holidays(day.year, calendar) and day.weekday() < SATURDAY


def previous_business_day(day: date, calendar: str) -> date:
    """The day itself when banks work on it, otherwise the last banking day before it."""
    while not is_business_day(day, calendar):
        day -= DAY
    return day


def next_business_day(day: date, calendar: str) -> date:
    """The day itself when banks work on it, otherwise the first banking day after it."""
    while not is_business_day(day, calendar):
        day += DAY
    return day


def business_day(day: date, n: int, calendar: str) -> date:
    """The day `n` banking days after a day (before it, when negative); 0 is next_business_day."""
    step = DAY if n >= 0 else -DAY
    day = next_business_day(day, calendar) if n >= 0 else previous_business_day(day, calendar)
    for _ in range(abs(n)):
        day += step
        day = next_business_day(day, calendar) if n > 0 else previous_business_day(day, calendar)
    return day
