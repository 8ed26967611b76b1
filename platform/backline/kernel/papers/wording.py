"""Wording: facts as they stand on paper: grouped figures, days in the country's order."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

MINUS = "\N{MINUS SIGN}"
# Categories of characters that are not for reading: controls, lone surrogates, private ones.
SILENT = {"Cc", "Cs", "Co", "Cn"}


def worded(fact: Any, country: str) -> Any:
    """Turn a fact into what JSON can carry and paper can show; a float is refused."""
    match fact:
        case None | bool() | int():
            return fact
        case str():
            return readable(fact)
        case Decimal():
            return figure(fact)
        case datetime():
            return moment(fact, country)
        case date():
            return day(fact, country)
        case Mapping():
            return {str(name): worded(inner, country) for name, inner in fact.items()}
        case Sequence():
            return [worded(inner, country) for inner in fact]
    raise TypeError(f"{type(fact).__name__} does not go on paper")


def figure(amount: Decimal) -> str:
    """Write a figure with thousands apart and two places, or as many more as it needs."""
    if not amount.is_finite():
        raise TypeError(f"{amount} is not a figure")
    digits = f"{abs(amount):,f}"
    whole, _, places = digits.partition(".")
    sign = MINUS if amount < 0 else ""
    return f"{sign}{whole}.{places.rstrip('0').ljust(2, '0')}"


def day(on: date, country: str) -> str:
    """Write a day in words, as the country says it: 15 May 2026, or May 15, 2026."""
    return f"{on:%B} {on.day}, {on.year}" if country == "US" else f"{on.day} {on:%B} {on.year}"


def moment(at: datetime, country: str) -> str:
    """Write a moment with its clock; one without a time zone is refused."""
    if at.tzinfo is None:
        raise TypeError("a moment on paper names its time zone")
    return f"{day(at, country)}, {at:%H:%M} {at:%Z}"


def readable(text: str) -> str:
    """Take out what cannot be read, so that no stray control character stops a payslip."""
    kept = (
        letter if letter == "\n" or unicodedata.category(letter) not in SILENT else " "
        for letter in text
    )
    return "".join(kept).strip()
