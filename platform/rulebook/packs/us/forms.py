"""Forms: the boxes of a W-2 and a 1099-NEC, from the year to date of the last payslip.

wages 52,000.00, federal tax 4,200.00, Social Security 3,224.00: boxes 1, 2 and 4; what was put into
a 401(k) leaves box 1 and stays in boxes 3 and 5
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulebook.money import NOTHING
from rulebook.packs.us import law

Figures = Mapping[str, Decimal]
# What corrects a year that is over.
AMENDED = ("Form W-2c", "Form 941-X")
BOXES = (
    ("1", "Wages, tips, other compensation", ("us.fit.wages",)),
    ("2", "Federal income tax withheld", ("us.fit",)),
    ("3", "Social security wages", ("us.ss.wages",)),
    ("4", "Social security tax withheld", ("us.ss",)),
    ("5", "Medicare wages and tips", ("us.medicare.wages",)),
    ("6", "Medicare tax withheld", ("us.medicare", "us.medicare.additional")),
)
STATE = "us.sit."
WAGES = ".wages"


@dataclass(frozen=True, slots=True)
class Box:
    """One figure of a form: its box, what it is, and the state where it is one's own."""

    box: str
    label: str
    amount: Decimal
    place: str = ""


def due_on(day: date) -> date:
    """The day by which the forms of the year around a day are with the worker."""
    terms = law.table("forms", day)
    return date(day.year + 1, int(terms["due_month"]), int(terms["due_day"]))


def w2(carried: Figures) -> tuple[Box, ...]:
    """The boxes of a W-2: federal ones first, then wages and tax of each state."""
    found = [
        Box(box, label, sum((carried.get(key, NOTHING) for key in keys), NOTHING))
        for box, label, keys in BOXES
    ]
    for state in sorted(_states(carried)):
        wages = carried.get(f"{STATE}{state}{WAGES}", NOTHING)
        tax = carried.get(f"{STATE}{state}", NOTHING)
        found.append(Box("16", "State wages", wages, state))
        found.append(Box("17", "State income tax", tax, state))
    return tuple(found)


def nec(paid: Decimal) -> tuple[Box, ...]:
    """The box of a 1099-NEC: what a contractor was paid in the year."""
    return (Box("1", "Nonemployee compensation", paid),)


def _states(carried: Figures) -> set[str]:
    keys = (key.removeprefix(STATE) for key in carried if key.startswith(STATE))
    return {key[:2] for key in keys if len(key) == 2 or key[2:] == WAGES}
