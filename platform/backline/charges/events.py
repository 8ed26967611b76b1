"""What can have happened to charges, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargesPosted(Fact):
    """A worker's week was priced, or priced again; the subject is the worker.

    `pay` and `bill` are the sums of the charges that were posted, per currency; `clients` are
    those that have something of it to be billed.
    """

    name: ClassVar[str] = "charges.posted"
    noun: ClassVar[str] = "worker"
    week_starts_on: str
    charges: list[str]
    clients: list[str]
    pay: dict[str, Decimal]
    bill: dict[str, Decimal]
    correction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCorrected(Fact):
    """A week that had been priced was worked out again; the subject is the correction."""

    name: ClassVar[str] = "week.corrected"
    noun: ClassVar[str] = "correction"
    kind: str
    worker: str
    week_starts_on: str
    pay_difference: Decimal
    bill_difference: Decimal
    pay_currency: str
    bill_currency: str
