"""Instalments: a debt paid back in equal parts a month apart, the last one what is left.

100.00 in parts of 40.00 from 31 January: 40.00 then, 40.00 on 28 February, 20.00 on 31 March
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MOST = 600


@dataclass(frozen=True, slots=True)
class Instalment:
    """So much, due on a day."""

    due_on: date
    amount: Decimal


def instalments(owed: Decimal, each: Decimal, first: date) -> tuple[Instalment, ...]:
    """The parts of a debt, a month apart; ValueError for more than fifty years of them."""
    if each <= 0 or owed > each * MOST:
        raise ValueError("a debt is paid back in at most 600 parts above zero")
    found: list[Instalment] = []
    while owed > 0:
        found.append(Instalment(_months_after(first, len(found)), min(each, owed)))
        owed -= each
    return tuple(found)


def _months_after(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
