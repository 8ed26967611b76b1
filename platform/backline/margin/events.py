"""What can have happened to margin, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekClosed(Fact):
    """A week's margin was reported and stays as it is; what comes later falls in the open week."""

    name: ClassVar[str] = "week.closed"
    week_starts_on: str
    currency: str
    bill: Decimal
    pay: Decimal
    burden: Decimal
    margin: Decimal
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginAdjusted(Fact):
    """A cost or a gain was put to margin alone."""

    name: ClassVar[str] = "margin.adjusted"
    assignment: str
    week_starts_on: str
    amount: Decimal
    currency: str
