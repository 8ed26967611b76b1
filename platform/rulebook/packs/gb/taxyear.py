"""Tax years, weeks and months, all decided by the day of payment.

paid on      week  month
2026-04-06      1      1
2026-05-05      5      1
2026-05-06      5      2
2027-04-05     53     12
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

FREQUENCIES = {
    "weekly": ("week", 52, 1),
    "fortnightly": ("two_weeks", 52, 2),
    "biweekly": ("two_weeks", 52, 2),
    "four_weekly": ("four_weeks", 52, 4),
    "monthly": ("month", 12, 1),
}


@dataclass(frozen=True, slots=True)
class Payday:
    """A day of payment seen from the tax tables.

    `interval` names the column of a table, `base` is 52 or 12 parts of a year, `number` the part
    this payment ends, `covers` how many it pays for; `extra` is true in week 53, 54 or 56.
    """

    pay_on: date
    interval: str
    base: int
    number: int
    covers: int
    extra: bool


def starts_on(day: date) -> date:
    """The 6 April on or before a day."""
    begins = date(day.year, 4, 6)
    return begins if day >= begins else date(day.year - 1, 4, 6)


def tax_week(day: date) -> int:
    """Whole weeks since 6 April, plus one: 1 to 53."""
    return (day - starts_on(day)).days // 7 + 1


def tax_month(day: date) -> int:
    """Months that run from the 6th to the 5th: 1 to 12."""
    return (day.month - 4 - (day.day < 6)) % 12 + 1


def month_ends_on(day: date) -> date:
    """The 5th on which the tax month around a day ends."""
    if day.day < 6:
        return day.replace(day=5)
    return (day.replace(day=1) + timedelta(days=31)).replace(day=5)


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    last = ((first + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


@lru_cache(maxsize=4096)
def payday(pay_on: date, frequency: str) -> Payday:
    """Place a payment in its tax year; KeyError for a frequency without a table."""
    interval, base, covers = FREQUENCIES[frequency]
    if base == 12:
        return Payday(pay_on, interval, base, tax_month(pay_on), covers, extra=False)
    number = -(-tax_week(pay_on) // covers) * covers
    return Payday(pay_on, interval, base, number, covers, extra=number > 52)
