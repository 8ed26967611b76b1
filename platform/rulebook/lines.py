"""Lines: an amount that can say why it is there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from rulebook.money import NOTHING



@dataclass(frozen=True, slots=True)
class Step:
    """One step of a calculation, in words a clerk can follow."""

    label: str
    result: str


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a payslip.

    `kind` is earning, tax, deduction (both taken from the worker), employer (a cost beside the pay)
    or information (said, not summed). `rule` is the version of the figure used, `source` its publication.
    `steps` lead from `base` to `amount`; they are built only when an explanation is asked for.
    """

    kind: str
    code: str
    label: str
    amount: Decimal
    base: Decimal = NOTHING
    rule: str = ""
    source: str = ""
    payee: str = ""
    steps: tuple[Step, ...] = field(default=())


def total(lines: Iterable[Line], *kinds: str) -> Decimal:
    """Add up the lines of these kinds, in pennies."""
    return sum((line.amount for line in lines if line.kind in kinds), NOTHING)
