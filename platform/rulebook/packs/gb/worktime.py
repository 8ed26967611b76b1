"""Working time in the United Kingdom: overtime is what was agreed; holiday pay may be rolled up."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation

from rulebook.hours import Agreed, UnfitHours, WeekRules, agreed_week
from rulebook.packs.gb import law

STRAIGHT = Decimal(1)
NAMES = tuple(field.name for field in fields(Agreed))


def week_rules(
    on: date,  # noqa: ARG001 - no law of a day or place lifts hours here
    places: frozenset[str],  # noqa: ARG001
    agreed: Mapping[str, object],
) -> WeekRules:
    """The overtime rules of a week: no law lifts hours here, the agreement alone does.

    `agreed` may hold what rulebook.hours.Agreed names, as decimal strings.
    """
    told = {name: number for name in NAMES if (number := _number(agreed.get(name))) is not None}
    return agreed_week(Agreed(**told | {"factor": told.get("factor") or STRAIGHT}))


def holiday_share(on: date) -> Decimal:
    """The share that rolled-up holiday pay adds for irregular hours; NoRule before the reform."""
    return law.amount("holiday.share", on)


def _number(value: object) -> Decimal | None:
    """A figure of the agreement; raises UnfitHours for one that is none."""
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise UnfitHours(f"The agreement's overtime says {value!r}, which is no number.")
    return number
