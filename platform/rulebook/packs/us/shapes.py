"""Shapes: the few curves that most taxes are made of."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import cast

from rulebook.money import NOTHING, dollar_half_up, to_penny

ZERO = Decimal(0)
DIME = Decimal("0.1")
ROUNDINGS: dict[str, Callable[[Decimal], Decimal]] = {
    "none": lambda amount: amount,
    "cent": to_penny,
    "dollar": dollar_half_up,
}


class Table:
    """A graduated table: each row says from where, how much is owed there, and the rate above it.

    Rows are (from, rate), where what is owed at each edge follows from the rows below, or
    (from, owed there, rate) as some publications print them.
    """

    __slots__ = ("bases", "edges", "rates")

    def __init__(self, rows: Iterable[Sequence[Decimal]]) -> None:
        self.edges: list[Decimal] = []
        self.bases: list[Decimal] = []
        self.rates: list[Decimal] = []
        for row in rows:
            owed = self.tax(row[0]) if self.edges else ZERO
            self.edges.append(Decimal(row[0]))
            self.bases.append(Decimal(row[1]) if len(row) > 2 else owed)
            self.rates.append(Decimal(row[-1]))

    def row(self, amount: Decimal) -> int:
        """Which row covers an amount; the first one covers everything below it too."""
        return max(bisect_right(self.edges, amount) - 1, 0)

    def tax(self, amount: Decimal) -> Decimal:
        """What is owed on an amount, not rounded."""
        n = bisect_right(self.edges, amount) - 1
        if n < 0:
            return ZERO
        return self.bases[n] + self.rates[n] * (amount - self.edges[n])


def under_cap(before: Decimal, now: Decimal, cap: Decimal) -> Decimal:
    """The part of what comes now that still fits under a yearly cap."""
    room = cap - before
    if room >= now:
        return now
    return room if room > 0 else NOTHING


def over(before: Decimal, now: Decimal, floor: Decimal) -> Decimal:
    """The part of what comes now that lies above a yearly floor."""
    above = before + now - floor
    if above <= 0:
        return NOTHING
    return above if above < now else now


def step(rows: Sequence[Sequence[Decimal]], amount: Decimal) -> Decimal:
    """The second number of the last row whose first number is not above an amount, or zero."""
    found = ZERO
    for edge, value in rows:
        if amount < edge:
            break
        found = value
    return found


def above(rows: Sequence[Sequence[Decimal]], amount: Decimal) -> Decimal:
    """The second number of the last row that an amount is more than, or zero."""
    found = ZERO
    for edge, value in rows:
        if amount <= edge:
            break
        found = value
    return found


def to_dime(amount: Decimal) -> Decimal:
    """Round to ten cents, as Pub 15-T prints the additions for nonresident aliens."""
    return amount.quantize(DIME, ROUND_HALF_UP)


def by_status(value: object) -> dict[str, Decimal]:
    """An amount for every filing status, from one number or from a table that names some of them.

    A status that is not named reads as its nearest kin: separate and head of household as single.
    """
    if not isinstance(value, Mapping):
        same = Decimal(cast(Decimal, value))
        return dict.fromkeys(STATUSES, same)
    return {status: Decimal(cast(Decimal, value[kin(status, value)])) for status in STATUSES}


def tables_by_status(value: object) -> dict[str, Table]:
    """A table for every filing status, from one list of rows or from a table that names some."""
    if not isinstance(value, Mapping):
        same = Table(cast(Sequence[Sequence[Decimal]], value))
        return dict.fromkeys(STATUSES, same)
    made = {name: Table(rows) for name, rows in value.items()}
    return {status: made[kin(status, value)] for status in STATUSES}


def exact(value: object) -> Decimal:
    """A number told by firm or worker, as text or as a Decimal; ValueError for anything else."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float | bool):
        raise ValueError(f"{value} is not an exact number")  # noqa: TRY004 - told, not typed, wrong
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value} is not a number") from None


STATUSES = ("single", "married", "separate", "head")
KIN = {
    "single": ("single", "other"),
    "married": ("married", "other"),
    "separate": ("separate", "single", "other"),
    "head": ("head", "single", "other"),
}


def kin(status: str, named: Mapping[str, object]) -> str:
    """The name under which a table holds a status."""
    return next(name for name in KIN[status] if name in named)
