"""Parity: when a temporary worker is owed what the client's own workers get.

Illinois, 700 h at one client in the last twelve months: not yet; 721 h: from the 721st on
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import cast

from rulebook.packs.us import law

NO_HOURS = Decimal(0)


def states() -> frozenset[str]:
    """The states with such a law."""
    return frozenset(state for state in law.states() if law.has(f"{state}.parity"))


def reaches_back(on: date) -> date:
    """The day after which hours may count on a day, by the longest window that any state had."""
    figures = [figure for state in states() for figure in law.history(f"{state}.parity")]
    months = max(int(cast(Mapping[str, Decimal], one.value)["months"]) for one in figures)
    return _months_before(on, months)


def hours_in_window(worked: Mapping[date, Decimal], on: date, months: int) -> Decimal:
    """The hours at one client in the months that end with a day; what is older has dropped out."""
    since = _months_before(on, months)
    return sum((hours for day, hours in worked.items() if since < day <= on), NO_HOURS)


def parity_hours(state: str, worked: Mapping[date, Decimal], on: date) -> Decimal | None:
    """How many hours at one client lie beyond the state's limit on a day; None: no such law."""
    if not law.has(f"{state}.parity"):
        return None
    figures = law.table(f"{state}.parity", on)
    return max(hours_in_window(worked, on, int(figures["months"])) - figures["hours"], NO_HOURS)


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)
