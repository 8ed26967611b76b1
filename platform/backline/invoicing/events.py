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


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDelivered(Fact):
    """An invoice left by its mail, post or portal, or could not be delivered."""

    name: ClassVar[str] = "invoice.delivered"
    delivery: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceNoted(Fact):
    """What stands on a draft beside its lines was changed."""

    name: ClassVar[str] = "invoice.noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderAdded(Fact):
    """A client ordered under a number."""

    name: ClassVar[str] = "purchase_order.added"
    client: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderChanged(Fact):
    """A purchase order allows something else."""

    name: ClassVar[str] = "purchase_order.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceBroughtIn(Fact):
    """An invoice that was issued elsewhere is still open, and is collected here."""

    name: ClassVar[str] = "invoice.brought_in"
    number: str
    client: str
    open_amount: Decimal
    currency: str
    due_on: str
