"""Rates: what a unit of work costs and is sold for, and the charge one band of it comes to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias
from uuid import UUID

from rulebook.money import NOTHING, to_penny

Ref: TypeAlias = UUID | str

ONE = Decimal(1)
FOUR_PLACES = Decimal("0.0001")
SOLVABLE = ("pay_rate", "bill_rate", "markup_share", "margin_share", "spread")


class Unsolvable(ValueError):
    """Rates that cannot be worked out from what was given; `code` and `fact` say what is wrong."""

    def __init__(self, code: str, sentence: str, fact: str = "") -> None:
        self.code, self.fact = code, fact
        super().__init__(sentence)


def to_rate(price: Decimal) -> Decimal:
    """Round a rate, or a share, to four places, half a unit away from zero."""
    return price.quantize(FOUR_PLACES, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class RatePair:
    """A pay rate and a bill rate for the same unit, four places each.

    `burden_share` is the expected employer cost as a share of pay (0: left out of account).
    """

    pay_rate: Decimal
    bill_rate: Decimal
    burden_share: Decimal = NOTHING

    @property
    def cost_rate(self) -> Decimal:
        """The pay rate with its burden, unrounded."""
        return self.pay_rate * (ONE + self.burden_share)

    @property
    def spread(self) -> Decimal:
        """The bill rate less the cost rate, four places."""
        return to_rate(self.bill_rate - self.cost_rate)

    @property
    def markup_share(self) -> Decimal:
        """The spread as a share of the pay rate, four places; 0 for unpaid work."""
        return (
            to_rate((self.bill_rate - self.cost_rate) / self.pay_rate) if self.pay_rate else NOTHING
        )

    @property
    def margin_share(self) -> Decimal:
        """The spread as a share of the bill rate, four places; 0 for unbilled work."""
        return (
            to_rate((self.bill_rate - self.cost_rate) / self.bill_rate)
            if self.bill_rate
            else NOTHING
        )


def solve(
    *,
    pay_rate: Decimal | None = None,
    bill_rate: Decimal | None = None,
    markup_share: Decimal | None = None,
    margin_share: Decimal | None = None,
    spread: Decimal | None = None,
    burden_share: Decimal = NOTHING,
) -> RatePair:
    """Find both rates from exactly two facts, rounding the one solved for to four places.

    Markup is a share of pay, margin a share of bill, spread an amount; all three after burden.
    Unsolvable when the facts are not two, are both shares, or lead to a negative rate.
    """
    facts = {
        "pay_rate": pay_rate,
        "bill_rate": bill_rate,
        "markup_share": markup_share,
        "margin_share": margin_share,
        "spread": spread,
    }
    given = {name: fact for name, fact in facts.items() if fact is not None}
    if len(given) != 2:
        raise Unsolvable("two_facts_needed", "Rates are solved from exactly two facts.")
    if pay_rate is not None and bill_rate is not None:
        pair = RatePair(to_rate(pay_rate), to_rate(bill_rate), burden_share)
    elif pay_rate is not None:
        pair = RatePair(to_rate(pay_rate), _bill_from(pay_rate, given, burden_share), burden_share)
    elif bill_rate is not None:
        pair = RatePair(_pay_from(bill_rate, given, burden_share), to_rate(bill_rate), burden_share)
    else:
        raise Unsolvable(
            "a_rate_is_needed", "One of the two facts must be the pay or the bill rate."
        )
    for name in ("pay_rate", "bill_rate"):
        if getattr(pair, name) < 0:
            raise Unsolvable("rate_is_negative", "These facts lead to a rate below zero.", name)
    return pair


def _bill_from(pay_rate: Decimal, given: dict[str, Decimal], burden_share: Decimal) -> Decimal:
    cost = pay_rate * (ONE + burden_share)
    if "markup_share" in given:
        return to_rate(cost + pay_rate * given["markup_share"])
    if "spread" in given:
        return to_rate(cost + given["spread"])
    if given["margin_share"] >= 1:
        raise Unsolvable(
            "margin_is_whole",
            "A margin is less than the whole bill rate.",
            "margin_share",
        )
    return to_rate(cost / (ONE - given["margin_share"]))


def _pay_from(bill_rate: Decimal, given: dict[str, Decimal], burden_share: Decimal) -> Decimal:
    if "margin_share" in given:
        return to_rate(bill_rate * (ONE - given["margin_share"]) / (ONE + burden_share))
    if "spread" in given:
        return to_rate((bill_rate - given["spread"]) / (ONE + burden_share))
    if ONE + burden_share + given["markup_share"] <= 0:
        raise Unsolvable(
            "markup_is_whole",
            "A markup cannot take away the whole pay.",
            "markup_share",
        )
    return to_rate(bill_rate / (ONE + burden_share + given["markup_share"]))


def revised(pair: RatePair, *, held: str, **change: Decimal) -> RatePair:
    """Change one fact of a pair and hold another; the side named by neither is recalculated.

    `held` and the changed fact are two different names of SOLVABLE; Unsolvable otherwise.
    """
    if len(change) != 1 or held in change or {held, *change} - set(SOLVABLE):
        raise Unsolvable("one_change_one_held", "One fact is changed and another one held.", held)
    facts: dict[str, Decimal] = {held: getattr(pair, held), **change}
    return solve(burden_share=pair.burden_share, **facts)


def spoken(
    day: date,
    label: str,
    *,
    unit: str,
    quantity: Decimal | None,
    rate: Decimal | None,
    factor: Decimal = ONE,
) -> str:
    """A piece of work in words: 2026-06-05, 5.00 hours at 20.00 x 1.5."""
    if unit not in {"hour", "day"} or quantity is None or rate is None:
        return f"{day.isoformat()}, {label}"
    plain = f"{to_penny(rate)}" if rate == to_penny(rate) else f"{rate.normalize():f}"
    times = f" x {factor.normalize():f}" if factor != ONE else ""
    return f"{day.isoformat()}, {quantity:f} {unit}s at {plain}{times}"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a charge: quantity x rate x factor, and the amount it came to, in pennies.

    `tax` is a code: on the pay side of a pay element, on the bill side of a tax treatment.
    """

    quantity: Decimal
    unit: str
    rate: Decimal
    amount: Decimal
    currency: str
    factor: Decimal = ONE
    tax: str = ""

    def __neg__(self) -> "Side":
        return replace(self, quantity=-self.quantity, amount=-self.amount)


@dataclass(frozen=True, slots=True)
class Priced:
    """A charge with two optional sides, at least one present, both from one version of the rates.

    `assignment`, `day` and `code` say what it is about; the label is for people.
    """

    assignment: Ref
    day: date
    code: str
    version: Ref
    pay: Side | None
    bill: Side | None
    label: str = ""

    def __post_init__(self) -> None:
        if self.pay is None and self.bill is None:
            raise ValueError("a charge has a pay side, a bill side or both")

    def __neg__(self) -> "Priced":
        return replace(
            self,
            pay=-self.pay if self.pay else None,
            bill=-self.bill if self.bill else None,
        )

    @property
    def is_nothing(self) -> bool:
        """True when neither side moves a quantity or a penny."""
        return not any(
            side.quantity or side.amount for side in (self.pay, self.bill) if side is not None
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """One line of one version of a rate agreement: what a unit of this code is paid and billed at.

    A side without a rate is not charged. `unit` is hour, day, week, each or amount.
    """

    code: str
    version: Ref
    unit: str = "hour"
    pay_rate: Decimal | None = None
    bill_rate: Decimal | None = None
    pay_currency: str = "GBP"
    bill_currency: str = "GBP"
    pay_tax: str = ""
    bill_tax: str = "standard"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Portion:
    """How much of one code was worked on one day, and the factors it is paid and billed with.

    A factor of None leaves that side out: overtime the client does not pay has a pay side only.
    """

    assignment: Ref
    day: date
    code: str
    quantity: Decimal
    pay_factor: Decimal | None = ONE
    bill_factor: Decimal | None = ONE
    label: str = ""


def side(
    quantity: Decimal,
    rate: Decimal,
    currency: str,
    *,
    unit: str = "hour",
    factor: Decimal = ONE,
    tax: str = "",
) -> Side:
    """Price one side: quantity x rate x factor, rounded once, to the penny, half away from zero."""
    return Side(quantity, unit, rate, to_penny(quantity * rate * factor), currency, factor, tax)


def price(portion: Portion, rate: Rate) -> Priced:
    """Price a portion on both sides from one rate line; ValueError when neither side has a rate."""
    pay = bill = None
    if rate.pay_rate is not None and portion.pay_factor is not None:
        pay = side(
            portion.quantity,
            rate.pay_rate,
            rate.pay_currency,
            unit=rate.unit,
            factor=portion.pay_factor,
            tax=rate.pay_tax,
        )
    if rate.bill_rate is not None and portion.bill_factor is not None:
        bill = side(
            portion.quantity,
            rate.bill_rate,
            rate.bill_currency,
            unit=rate.unit,
            factor=portion.bill_factor,
            tax=rate.bill_tax,
        )
    return Priced(
        portion.assignment,
        portion.day,
        portion.code,
        rate.version,
        pay,
        bill,
        portion.label or rate.label,
    )


def fixed(amount: Decimal, currency: str, *, tax: str = "") -> Side:
    """One side that is an agreed amount (an expense, a fee, a milestone), rounded to the penny."""
    return side(ONE, amount, currency, unit="amount", tax=tax)


def as_days(hours: Decimal, day_hours: Decimal) -> Decimal:
    """Turn hours into days of `day_hours` each, two places, half away from zero."""
    return to_penny(hours / day_hours)


@dataclass(frozen=True, slots=True)
class CostPlus:
    """Terms that bill what pay cost: the cost times one plus a share, plus a fee for each hour."""

    markup_share: Decimal
    fee_an_hour: Decimal = NOTHING

    def bill(self, cost: Decimal, hours: Decimal = NOTHING) -> Decimal:
        """The amount to bill for a cost (pay and burden), to the penny."""
        return to_penny(cost * (ONE + self.markup_share) + hours * self.fee_an_hour)

    def difference(
        self,
        cost: Decimal,
        billed: Decimal,
        currency: str,
        *,
        hours: Decimal = NOTHING,
        tax: str = "",
    ) -> Side | None:
        """The bill side still owed once the run's cost is final; None when it is already right."""
        owed = self.bill(cost, hours) - billed
        return fixed(owed, currency, tax=tax) if owed else None


@dataclass(frozen=True, slots=True)
class Tier:
    """Units up to and including the `until`-th cost `rate` each; None is every unit after that."""

    until: Decimal | None
    rate: Decimal


def graduated(quantity: Decimal, tiers: Sequence[Tier]) -> Decimal:
    """Price a quantity tier by tier (graduated, not by volume), to the penny.

    Tiers are in order and the last one is open; a quantity beyond a closed one is a ValueError.
    """
    amount, reached = NOTHING, NOTHING
    for tier in tiers:
        top = quantity if tier.until is None else min(quantity, tier.until)
        if top > reached:
            amount += (top - reached) * tier.rate
            reached = top
    if reached < quantity:
        raise ValueError("the tariff ends below this quantity")
    return to_penny(amount)


def one_sided(before: Rate, after: Rate) -> str:
    """The one side (pay or bill) whose rate differs between versions; '' for both or neither."""
    changed = [
        name
        for name in ("pay", "bill")
        if getattr(before, f"{name}_rate") != getattr(after, f"{name}_rate")
    ]
    return changed[0] if len(changed) == 1 else ""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a set of charges comes to, by currency, each side apart."""

    pay: dict[str, Decimal] = field(default_factory=dict)
    bill: dict[str, Decimal] = field(default_factory=dict)


def totals(charges: Iterable[Priced]) -> Totals:
    """Add up both sides of charges by currency, in pennies."""
    added = Totals()
    for charge in charges:
        for name in ("pay", "bill"):
            part: Side | None = getattr(charge, name)
            if part is not None:
                by_currency: dict[str, Decimal] = getattr(added, name)
                by_currency[part.currency] = by_currency.get(part.currency, NOTHING) + part.amount
    return added
