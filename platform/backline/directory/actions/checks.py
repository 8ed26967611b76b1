"""Checks: what is wrong with an address, a number or a day, whoever sends it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import CharField, Model

from backline.kernel.errors import Fault

COUNTRIES = ("GB", "US")
CURRENCIES = ("GBP", "USD")
MAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
TAX_IDS = {
    "GB": (re.compile(r"[A-Z]{2}[0-9]{6}[A-D]?"), "two letters, six digits and a letter"),
    "US": (re.compile(r"[0-9]{9}"), "nine digits"),
}
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)
OLDEST = 120


def named(text: str, pointer: str, what: str) -> list[Fault]:
    """A name must be there."""
    return [] if text.strip() else [Fault("required", f"{what} has a name.", pointer)]


def one_of(value: str, known: tuple[str, ...], code: str, pointer: str) -> list[Fault]:
    """A word must be one of a known few."""
    return [] if value in known else [Fault(code, f"Say {' or '.join(known)}.", pointer)]


def email(text: str, pointer: str = "/email") -> list[Fault]:
    """A mail address must be one, where there is any; a line break would start a header."""
    if not text or (len(text) <= 200 and MAIL.fullmatch(text)):
        return []
    return [Fault("invalid_email", "Write a mail address such as ada@example.com.", pointer)]


def plain_number(text: str) -> str:
    """A tax or bank number as it is kept: capitals, no spaces or dashes."""
    return re.sub(r"[\s-]", "", text).upper()


def is_amount(value: object) -> bool:
    """Whether a fact is an amount spelled as text, to the penny."""
    return isinstance(value, str) and AMOUNT.fullmatch(value) is not None


def tax_id(country: str, text: str) -> list[Fault]:
    """A National Insurance or social security number must have its country's form."""
    shape = TAX_IDS.get(country)
    if not text or shape is None or shape[0].fullmatch(plain_number(text)):
        return []
    return [Fault("tax_id_shape", f"This number has {shape[1]}.", "/tax_id")]


def born_on(text: str, on: date) -> list[Fault]:
    """A day of birth must be a day in the past, within a life."""
    if not text:
        return []
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return [Fault("invalid_day", "Write a day as YYYY-MM-DD.", "/born_on")]
    if not on.year - OLDEST <= born.year or born > on:
        return [Fault("day_out_of_range", "Nobody at work was born then.", "/born_on")]
    return []


def settled(row: Model, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What is wanted of a row as the row keeps it.

    Parts of an object are laid over those that are there, and null takes a part or words away.
    """
    told: dict[str, Any] = {}
    for name, value in wanted.items():
        field = row._meta.get_field(name)
        old = getattr(row, name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            told[name] = {
                part: each for part, each in {**old, **value}.items() if each not in (None, "")
            }
        elif value is None and isinstance(field, CharField) and not field.null:
            told[name] = ""
        else:
            told[name] = value.strip() if isinstance(value, str) else value
    return told
