"""Lines: an amount that can say why it is there."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import NamedTuple, TypeAlias

from rulebook.money import NOTHING

# Tuples, because a pay run makes millions: a frozen dataclass takes five times as long to make.


class Step(NamedTuple):
    """One step of a calculation, in words a clerk can follow."""

    label: str
    result: str


class Line(NamedTuple):
    """One figure of a payslip.

    `kind` is earning, tax, deduction (both taken from the worker), employer (a cost beside the pay)
    or information (said, not summed). `rule` is the version of the figure used, `source` its
    publication. `steps` lead from `base` to `amount`; they are built only when an explanation is
    asked for.
    """

    kind: str
    code: str
    label: str
    amount: Decimal
    base: Decimal = NOTHING
    rule: str = ""
    source: str = ""
    payee: str = ""
    steps: tuple[Step, ...] = ()


Parts: TypeAlias = tuple[str, str, str, Decimal, Decimal, str, str, str, tuple[Step, ...]]
# A line out of all its parts in their order, in half the time of giving them one by one.
line_of: Callable[[Parts], Line] = partial(tuple.__new__, Line)


def total(lines: Iterable[Line], *kinds: str) -> Decimal:
    """Add up the lines of these kinds, in pennies."""
    return sum((line.amount for line in lines if line.kind in kinds), NOTHING)


def percent(rate: Decimal) -> str:
    """A share as paper writes it: 0.0185 is 1.85%."""
    return f"{(rate * 100).normalize():f}%"
