"""Law: the figures of this country, and the one way to look them up."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

from rulebook.timeline import Figure, NoRule, Rules

PREFIX = "us"


class Cite(NamedTuple):
    """Where an amount comes from: the version of the rule and its publication."""

    rule: str
    source: str


NOWHERE = Cite("", "")


@cache
def rules() -> Rules:
    """Every rule of this country, read once."""
    return Rules.read(Path(__file__).parent / "parameters", PREFIX)


def figure(rule: str, day: date) -> Figure:
    """The figure of a rule (named without the country) in force on a day, or NoRule."""
    timeline = rules().get(f"{PREFIX}.{rule}")
    if timeline is None:
        raise NoRule(f"{PREFIX}.{rule}", day)
    return timeline.on(day)


def history(rule: str) -> tuple[Figure, ...]:
    """Every figure of a rule that is held, in the order of their days."""
    return rules()[f"{PREFIX}.{rule}"].figures


def has(rule: str) -> bool:
    """Whether any day of a rule is held."""
    return f"{PREFIX}.{rule}" in rules()


def cite(found: Figure) -> Cite:
    """The rule's version and source, as a line carries them."""
    return Cite(found.version, found.source)


def amount(rule: str, day: date) -> Decimal:
    """The single number of a rule on a day."""
    return cast(Decimal, figure(rule, day).value)


def table(rule: str, day: date) -> Mapping[str, Decimal]:
    """The named numbers of a rule on a day."""
    return cast(Mapping[str, Decimal], figure(rule, day).value)


def names(rule: str, day: date) -> Mapping[str, object]:
    """A rule's named parts of any shape on a day."""
    return cast(Mapping[str, object], figure(rule, day).value)


@cache
def states() -> frozenset[str]:
    """The states this country has, DC among them."""
    ends = ".withholding"
    names = (name.removeprefix(f"{PREFIX}.") for name in rules())
    return frozenset(
        name.removesuffix(ends) for name in names if name.endswith(ends) and name[2] == "."
    )
