"""Money: exact amounts of one currency, rounding by name, sharing a sum out without losing a
penny.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal

PENNY = Decimal("0.01")
NOTHING = Decimal("0.00")


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum."""


def to_penny(amount: Decimal) -> Decimal:
    """Round to two places, half a penny away from zero: the house's ordinary rounding."""
    return amount.quantize(PENNY, ROUND_HALF_UP)


def penny_down(amount: Decimal) -> Decimal:
    """Drop everything below the penny, towards zero."""
    return amount.quantize(PENNY, ROUND_DOWN)


def penny_up(amount: Decimal) -> Decimal:
    """Raise to the next whole penny, towards plus infinity."""
    return amount.quantize(PENNY, ROUND_CEILING)


def pound_down(amount: Decimal) -> Decimal:
    """Drop the pence (or cents), towards minus infinity."""
    return amount.quantize(Decimal(1), ROUND_FLOOR)


def dollar_half_up(amount: Decimal) -> Decimal:
    """Round to the whole dollar, half a dollar away from zero."""
    return amount.quantize(Decimal(1), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency; adding two currencies raises CurrencyMismatch."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be added")
        return other.amount


def shared_out(amount: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Split an amount of whole pennies by weight, to the penny, so that the parts add up to it.

    Largest remainder first; of equal remainders the earlier part gets the odd penny.
    All weights zero: the first part takes everything. No weights: ValueError.
    """
    if not weights:
        raise ValueError("an amount cannot be shared out over nothing")
    whole = sum(weights, Decimal(0))
    if not whole:
        return (amount, *(NOTHING for _ in weights[1:]))
    exact = [amount * weight / whole for weight in weights]
    parts = [part.quantize(PENNY, ROUND_FLOOR) for part in exact]
    odd = int((amount - sum(parts, Decimal(0))) / PENNY)
    by_remainder = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for n in by_remainder[:odd]:
        parts[n] += PENNY
    return tuple(parts)
