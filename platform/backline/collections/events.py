"""What can have happened in collections, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRecorded(Fact):
    """Money came in."""

    name: ClassVar[str] = "receipt.recorded"
    amount: Decimal
    currency: str
    held_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptMatched(Fact):
    """What a receipt pays was found, proposed, or left open."""

    name: ClassVar[str] = "receipt.matched"
    verdict: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationMade(Fact):
    """Part of a receipt or credit note was set against an invoice; negative when it was taken
    back.
    """

    name: ClassVar[str] = "allocation.made"
    receipt: str
    invoice: str
    amount: Decimal
    currency: str
    kind: str
    held_by: str
    is_funded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(Fact):
    """Nothing is open on an invoice any more."""

    name: ClassVar[str] = "invoice.paid"
    number: str
