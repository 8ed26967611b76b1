"""What can have happened in funding, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingTermsAgreed(Fact):
    """What the funder offers from a day."""

    name: ClassVar[str] = "funding_terms.agreed"
    version: int
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceMade(Fact):
    """Money was advanced on an invoice."""

    name: ClassVar[str] = "advance.made"
    invoice: str
    face: Decimal
    advanced: Decimal
    unfunded: Decimal
    currency: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceDeclined(Fact):
    """Nothing is advanced on an invoice, and why."""

    name: ClassVar[str] = "advance.declined"
    invoice: str
    face: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceRepaid(Fact):
    """The client's money repaid an advance, in part or whole."""

    name: ClassVar[str] = "advance.repaid"
    invoice: str
    repaid: Decimal
    released: Decimal
    fee: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceChargedBack(Fact):
    """What is still out of an advance is the agency's to repay; the subject is the advance.

    `reassigned` when the invoice was given back with it, because it was not paid in time.
    """

    name: ClassVar[str] = "advance.charged_back"
    invoice: str
    principal: Decimal
    fee: Decimal
    currency: str
    reassigned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementMade(Fact):
    """A week between agency and partner was settled."""

    name: ClassVar[str] = "settlement.made"
    week_starts_on: str
    net_wire: Decimal
    currency: str
