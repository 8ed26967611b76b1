"""Wages: what was earned, where, and how much of it each tax counts.

Pre-tax treatment is a matrix of deduction and tax, not an order of subtraction: a 401(k) deferral
leaves income tax wages but not Social Security wages; Pennsylvania and New Jersey differ again.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

from rulebook.money import NOTHING, shared_out
from rulebook.pack import Deduction, Situation
from rulebook.packs.us import law

Treatments = Mapping[str, Mapping[str, bool]]


class Earned:
    """What was earned in one state."""

    __slots__ = ("bonus", "commission", "regular")

    def __init__(
        self, regular: Decimal = NOTHING, bonus: Decimal = NOTHING, commission: Decimal = NOTHING
    ) -> None:
        self.regular, self.bonus, self.commission = regular, bonus, commission

    @property
    def supplemental(self) -> Decimal:
        """Bonuses and commissions."""
        return self.bonus + self.commission

    @property
    def whole(self) -> Decimal:
        """All of it."""
        return self.regular + self.bonus + self.commission


class Wages:
    """The taxable pay of one payslip, by the state it was earned in."""

    __slots__ = ("all", "by_place", "taxable", "untaxed")

    def __init__(self, situation: Situation) -> None:
        self.by_place: dict[str, Earned] = {}
        self.all = Earned()
        self.untaxed = NOTHING
        for earning in situation.earnings:
            amount, kind = earning.amount, earning.kind
            if not earning.taxable or kind == "expense":
                self.untaxed += amount
                continue
            here = self.by_place.get(earning.place)
            if here is None:
                here = self.by_place[earning.place] = Earned()
            if kind == "bonus":
                here.bonus += amount
                self.all.bonus += amount
            elif kind == "commission":
                here.commission += amount
                self.all.commission += amount
            else:
                here.regular += amount
                self.all.regular += amount
        self.taxable = self.all.whole
        self._place_the_rest()

    def _place_the_rest(self) -> None:
        """Pay without a place (a holiday, a bonus) belongs where the only work was done."""
        named = [place for place in self.by_place if place]
        if "" in self.by_place and len(named) == 1:
            rest, here = self.by_place.pop(""), self.by_place[named[0]]
            here.regular += rest.regular
            here.bonus += rest.bonus
            here.commission += rest.commission


class PreTax:
    """The deductions of a payslip that some tax is not charged on."""

    __slots__ = ("_taken", "_treatments", "whole")

    def __init__(
        self, taken: tuple[tuple[Deduction, Decimal], ...], treatments: Treatments
    ) -> None:
        self._taken = taken
        self._treatments = treatments
        self.whole = sum((amount for _, amount in taken), NOTHING)

    def off(self, tax: str, exceptions: Mapping[str, bool] | None = None) -> Decimal:
        """How much leaves the wages of a tax; `exceptions` are a state's own, by treatment."""
        if not self._taken:
            return NOTHING
        leaves = NOTHING
        for deduction, amount in self._taken:
            treatment = deduction.treatment
            if exceptions and treatment in exceptions:
                untaxed = exceptions[treatment]
            else:
                untaxed = self._treatments[treatment][tax]
            if untaxed:
                leaves += amount
        return leaves


@lru_cache(maxsize=64)
def treatments(day: date) -> Treatments:
    """The matrix of treatment and tax on a day."""
    return cast(Treatments, law.figure("pretax", day).value)


def less(earned: Earned, off: Decimal) -> Earned:
    """What was earned less a pre-tax amount, which leaves regular pay first."""
    if not off:
        return earned
    left = earned.regular - off
    if left >= 0:
        return Earned(left, earned.bonus, earned.commission)
    bonus = earned.bonus + left
    if bonus >= 0:
        return Earned(NOTHING, bonus, earned.commission)
    return Earned(NOTHING, NOTHING, max(earned.commission + bonus, NOTHING))


def over_places(wages: Wages, off: Decimal) -> dict[str, Decimal]:
    """A pre-tax amount over the states of the payslip, in proportion to wages, to the cent."""
    places = list(wages.by_place)
    if not off or len(places) == 1:
        return dict.fromkeys(places, off)
    weights = [max(wages.by_place[place].whole, NOTHING) for place in places]
    return dict(zip(places, shared_out(off, weights), strict=True))
