"""Earning: what charges come to on a payslip, and in which tax year they are paid."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from rulebook.money import NOTHING
from rulebook.pack import Earning
from rulebook.packs.us.wages import least_wage

TAX_YEAR_STARTS = {"GB": (4, 6), "US": (1, 1)}


class PaySide(NamedTuple):
    """The pay side of a charge, and what its assignment says about it."""

    id: UUID
    worker_id: UUID
    assignment_id: UUID
    engagement: str
    worked_on: date
    code: str
    unit: str
    region: str
    pay_quantity: Decimal | None
    pay_amount: Decimal
    pay_treatment: str
    intermediary_id: UUID | None
    workers_comp_class: str
    locality: str | None


OF_ASSIGNMENT = {
    "intermediary_id": "assignment__intermediary_id",
    "workers_comp_class": "assignment__workers_comp_class",
    "locality": "assignment__site__locality",
}


def tax_year(country: str, pay_on: date) -> str:
    """The tax year of a pay day, as paper names it: 2026-27, or 2026."""
    month, day = TAX_YEAR_STARTS[country]
    first = pay_on.year if (pay_on.month, pay_on.day) >= (month, day) else pay_on.year - 1
    return str(first) if (month, day) == (1, 1) else f"{first}-{(first + 1) % 100:02d}"


def earnings(charges: Iterable[PaySide]) -> list[Earning]:
    """One earning a code and place, in the order of work; quantities in hours where they are
    hours, and beside them what the minimum wages of the days worked come to.
    """
    sums: dict[tuple[str, str, str], tuple[Decimal, Decimal, Decimal | None]] = {}
    for charge in charges:
        key = (charge.code, _kind(charge), charge.region)
        amount, hours, least = sums.get(key, (NOTHING, NOTHING, NOTHING))
        worked = (charge.pay_quantity or NOTHING) if charge.unit == "hour" else NOTHING
        # a premium is paid for hours that stand as straight time already
        counted = NOTHING if charge.code == "premium" else worked
        floor = _floor(charge, counted)
        sums[key] = (
            amount + charge.pay_amount,
            hours + counted,
            None if least is None or floor is None else least + floor,
        )
    return [
        Earning(code, kind, amount, hours, place, taxable=kind != "expense", least=least)
        for (code, kind, place), (amount, hours, least) in sums.items()
    ]


def _floor(charge: PaySide, hours: Decimal) -> Decimal | None:
    """What the law of the day and place asks for these hours at least; None where it is not held
    here by the day.
    """
    if charge.engagement != "w2" or not charge.region:
        return None
    wage = least_wage(charge.region, charge.worked_on)
    return wage * hours if wage.is_finite() else None


def _kind(charge: PaySide) -> str:
    if charge.code in {"overtime", "double", "premium"}:
        return "overtime"
    return charge.pay_treatment or "work"
