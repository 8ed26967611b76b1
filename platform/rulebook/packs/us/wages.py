"""Wages: what was earned, where, and how much of it each tax counts.

Pre-tax treatment is a matrix of deduction and tax, not an order of subtraction: a 401(k) deferral
leaves income tax wages but not Social Security wages; Pennsylvania and New Jersey differ again.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

from rulebook.lines import Row
from rulebook.money import NOTHING, PENNY, shared_out
from rulebook.pack import Deduction, Situation
from rulebook.packs.us import law, worktime
from rulebook.timeline import NoRule

Treatments = Mapping[str, Mapping[str, bool]]
NOWHERE = "-"  # no state at all, unlike "", which is a state not told
SUPPLEMENTAL = frozenset({"bonus", "commission"})
LABELS = {
    "work": "Regular pay",
    "overtime": "Overtime",
    "holiday": "Holiday pay",
    "bonus": "Bonus",
    "commission": "Commission",
    "allowance": "Allowance",
    "expense": "Expenses",
    "advance": "Advance of pay",
    "correction": "Correction of earlier pay",
    "carried": "Carried as a balance",
    "recovery": "Recovered pay",
}


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
    """The taxable pay of one payslip, by the state it was earned in, and its lines.

    `is_plain` says that nothing can be wrong with the earnings: one state, whole cents, no hour
    below the minimum wage.
    """

    __slots__ = ("all", "by_place", "is_plain", "place", "rows", "taxable", "untaxed")

    def __init__(self, situation: Situation) -> None:
        regular = bonus = commission = untaxed = NOTHING
        period, place = situation.period, NOWHERE
        one_place, plain, least = True, True, NOTHING
        self.rows = rows = list[Row]()
        for earning in situation.earnings:
            kind, amount = earning.kind, earning.amount
            hours, label = earning.hours, LABELS[kind]
            rows.append(("earning", earning.code, label, amount, NOTHING, "", "", "", ()))
            if kind == "expense" or not earning.taxable:
                untaxed += amount
                plain = plain and not hours and not earning.place
                continue
            if place != earning.place:
                one_place, place = place == NOWHERE, earning.place
                if period is not None:
                    least = least_wage(place, period.starts)
            if hours:
                floor = hours * least if earning.least is None else earning.least
                if hours.is_signed() or (kind == "work" and amount < floor):
                    plain = False
            if kind not in SUPPLEMENTAL:
                regular += amount
            elif kind == "bonus":
                bonus += amount
            else:
                commission += amount
        taxable = regular + bonus + commission if bonus or commission else regular
        self.all = everything = Earned(regular, bonus, commission)
        self.taxable, self.untaxed, self.place = taxable, untaxed, place
        if not one_place:
            self.is_plain, self.by_place = False, _over_places(situation)
            return
        whole = taxable + untaxed if untaxed else taxable
        self.is_plain = plain and whole >= 0 and whole == whole.quantize(PENNY)
        self.by_place = {} if place == NOWHERE else {place: everything}


def _over_places(situation: Situation) -> dict[str, Earned]:
    """What was earned, by state; pay without a place belongs where the only work was done."""
    places: dict[str, Earned] = {}
    for earning in situation.earnings:
        amount, kind = earning.amount, earning.kind
        if not earning.taxable or kind == "expense":
            continue
        here = places.setdefault(earning.place, Earned())
        if kind == "bonus":
            here.bonus += amount
        elif kind == "commission":
            here.commission += amount
        else:
            here.regular += amount
    named = [place for place in places if place]
    if "" in places and len(named) == 1:
        rest, here = places.pop(""), places[named[0]]
        here.regular += rest.regular
        here.bonus += rest.bonus
        here.commission += rest.commission
    return places


@lru_cache(maxsize=4096)
def least_wage(place: str, on: date) -> Decimal:
    """The minimum wage of a state on a day; where none is held, no pay is clearly enough."""
    try:
        return worktime.minimum_wage(place, on)[0]
    except NoRule:
        return Decimal("Infinity")


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


@lru_cache(maxsize=64)
def no_pretax(day: date) -> PreTax:
    """No deduction before tax; NoRule on a day whose matrix is not held, all the same."""
    return PreTax((), treatments(day))


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
