"""Spelling: how days, moments and exact numbers are written on the wire, and how they are read."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def plain(number: Decimal) -> str:
    """Spell a decimal without an exponent, every stored place kept."""
    return format(number, "f")


def trimmed(number: Decimal, places: int = 2) -> str:
    """Spell a decimal without an exponent, idle zeros beyond `places` dropped."""
    text = format(number, "f")
    if "." not in text:
        return text
    whole, cents = text.split(".")
    cents = cents.rstrip("0").ljust(places, "0")
    return f"{whole}.{cents}" if cents else whole


def a_day(text: str) -> date:
    """Read YYYY-MM-DD; raises ValueError with a sentence otherwise."""
    sentence = "Write a day as YYYY-MM-DD."
    if not DAY.fullmatch(text):
        raise ValueError(sentence)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(sentence) from None


def an_instant(text: str) -> datetime:
    """Read RFC 3339 with an offset as UTC; raises ValueError with a sentence otherwise."""
    sentence = "Write a moment as 2026-01-05T09:00:00Z."
    if not INSTANT.fullmatch(text):
        raise ValueError(sentence)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(sentence) from None


def a_decimal(text: str) -> Decimal:
    """Read a plain decimal, at most 18 digits; raises ValueError with a sentence otherwise."""
    if not PLAIN.fullmatch(text) or (len(text) > 18 and sum(map(str.isdigit, text)) > 18):
        raise ValueError('Write a decimal such as "12.50".')
    return Decimal(text)
