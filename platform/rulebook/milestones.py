"""Milestones: a contract's price shared out over its steps, and what a part of one comes to.

A price of 10,000.00 in three steps of 0.333333, 0.333333 and 0.333334 is 3,333.33, 3,333.33 and
3,333.34; 0.6 of the first that is accepted comes to 2,000.00, and 8,000.00 are left to plan.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from rulebook.money import NOTHING, shared_out, to_penny

ONE = Decimal(1)
LAST_PLACE = Decimal("0.000001")


def are_whole(shares: Sequence[Decimal]) -> bool:
    """Whether shares make up one, but for what writing each with six places may lose."""
    return abs(sum(shares, NOTHING) - ONE) <= LAST_PLACE * len(shares) / 2


def amounts(price: Decimal, shares: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """What each step comes to, to the penny; together they are the price."""
    return shared_out(price, shares) if shares else ()


def part(amount: Decimal, share: Decimal) -> Decimal:
    """What the accepted share of a step comes to, to the penny."""
    return to_penny(amount * share)


def left(price: Decimal, accepted: Iterable[Decimal]) -> Decimal:
    """What of a price is not accepted yet, and can be planned anew; negative where the price is too
    small for what was accepted.
    """
    return price - sum(accepted, NOTHING)
