"""What can have happened in invoicing, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDrafted(Fact):
    """Work is put together for a client; a draft changes until it is final."""

    name: ClassVar[str] = "invoice.drafted"
    client: str
    gross: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDiscarded(Fact):
    """A draft has nothing left on it."""

    name: ClassVar[str] = "invoice.discarded"
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFinalized(Fact):
    """An invoice or credit note has its number and is never edited again."""

    name: ClassVar[str] = "invoice.finalized"
    number: str
    kind: str
    client: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    currency: str
    due_on: str
    adjusts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSent(Fact):
    """An invoice is on its way to its readers."""

    name: ClassVar[str] = "invoice.sent"
    to: list[str]
