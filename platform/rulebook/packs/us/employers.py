"""Employers: what a firm has told of itself, read once for all its payslips of a day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from rulebook.pack import Facts, ReadOnce
from rulebook.packs.us.law import states
from rulebook.packs.us.shapes import exact

Rates = Mapping[str, Facts]
NO_RATES: Rates = {}
ASKED_ABOUT = frozenset({"worker_shares", "futa_credit_reduction"})
# Where the elections must say more: Arizona's share, Indiana's county.
ASKED_IN = frozenset({"AZ", "IN"})


class Employer:
    """A firm's facts: its own unemployment rates and bases, and what to charge by state and day.

    `is_ordinary` says that nothing in them asks to be checked for each payslip; `ordinary` are the
    states in which nothing but the firm's own rate is.
    """

    __slots__ = ("charged", "insured", "is_ordinary", "ordinary", "told")

    def __init__(self, told: Facts) -> None:
        self.told = told
        self.is_ordinary = not told.keys() & ASKED_ABOUT
        self.insured: dict[str, tuple[Decimal, Decimal | None]] = {}
        self.charged: dict[tuple[str, str, date], tuple[Any, ...]] = {}
        rates = told.get("suta") or NO_RATES
        if isinstance(rates, Mapping):
            for state, own in rates.items():
                found = _rate(own)
                if found is not None:
                    self.insured[state] = found
        self.ordinary = (self.insured.keys() & states()) - ASKED_IN if self.is_ordinary else set()


def _rate(own: object) -> tuple[Decimal, Decimal | None] | None:
    """A rate from 0 to 1 and the firm's own wage base; None for what cannot be read as that."""
    if not isinstance(own, Mapping) or own.get("rate") is None:
        return None
    try:
        rate, base = exact(own["rate"]), own.get("wage_base")
        told = None if base is None else exact(base)
    except ValueError:
        return None
    return (rate, told) if 0 <= rate < 1 else None


read = ReadOnce(Employer)
