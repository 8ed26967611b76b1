"""Tax codes: what the letters and numbers on a coding notice mean."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import cast

from rulebook.packs.gb import law

NATIONS = {"": "uk", "S": "scotland", "C": "wales"}
SHAPE = re.compile(
    r"(?P<nation>[SC]?)"
    r"(?:(?P<number>\d{1,6})(?P<suffix>[LMNT])|K(?P<k>[1-9]\d{0,3})|(?P<flat>BR|D[0-3])|(?P<nt>NT))"
    r"\s*(?P<marker>W1/M1|W1M1|W1|M1|X)?",
    re.ASCII,
)


class UnreadableCode(ValueError):
    """Not a tax code; the message says why."""


@dataclass(frozen=True, slots=True)
class TaxCode:
    """One code, taken apart.

    `form` is suffix, k, flat or nt; `number` the digits; `flat` BR or D0 to D3;
    `alone` is true for a week 1 or month 1 basis: each payment is taxed by itself.
    """

    text: str
    nation: str
    form: str
    number: int
    flat: str
    alone: bool


@lru_cache(maxsize=8192)
def read(text: str, basis: str = "") -> TaxCode:
    """Take a code apart; a basis of week1_month1 counts as a marker. Raises UnreadableCode."""
    written = " ".join(text.upper().split())
    shape = SHAPE.fullmatch(written)
    if shape is None:
        raise UnreadableCode(f"{text!r} is not a tax code.")
    prefix, flat = shape["nation"], shape["flat"] or ""
    if flat in {"D2", "D3"} and prefix != "S":
        raise UnreadableCode(f"{text!r} is not a tax code: {flat} exists for Scotland alone.")
    if shape["nt"] and prefix:
        raise UnreadableCode(f"{text!r} is not a tax code: NT has no nation.")
    form = "nt" if shape["nt"] else "flat" if flat else "k" if shape["k"] else "suffix"
    return TaxCode(
        text=written,
        nation=NATIONS[prefix],
        form=form,
        number=int(shape["k"] or shape["number"] or 0),
        flat=flat,
        alone=bool(shape["marker"]) or basis == "week1_month1",
    )


def emergency(day: date, nation: str = "uk") -> str:
    """The emergency code of a day and nation, taxing each payment by itself."""
    prefix = {name: letter for letter, name in NATIONS.items()}[nation]
    return f"{prefix}{law.figure('paye.emergency_code', day).value} W1/M1"


def new_starter(declaration: str, day: date, nation: str = "uk") -> str:
    """The code for a new starter without a P45: statement A, B or C, or "" when none came back."""
    by_statement = cast(dict[str, str], law.figure("paye.new_starter", day).value)
    prefix = {name: letter for letter, name in NATIONS.items()}[nation]
    return f"{prefix}{by_statement[declaration or 'none']}"
