"""Lines: an amount that can say why it is there."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from rulebook.money import NOTHING


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


# A line while a payslip is being worked out: the same in the same order, without names. A pay run
# makes millions, and most go straight into the database.
Row: TypeAlias = tuple[str, str, str, Decimal, Decimal, str, str, str, tuple[Step, ...]]


def total(lines: Iterable[Row], *kinds: str) -> Decimal:
    """Add up the lines of these kinds, in pennies."""
    return sum((amount for kind, _, _, amount, *_ in lines if kind in kinds), NOTHING)


def percent(rate: Decimal) -> str:
    """A share as paper writes it: 0.0185 is 1.85%."""
    return f"{(rate * 100).normalize():f}%"
