"""Terms: one version of a funding agreement, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from rulebook.money import NOTHING
from rulebook.rates import Ref

# Why a pound of an invoice is not funded, in the order the reasons are asked by default. Each pound
# is left out once, by the first reason that finds it, so that the certificate adds up.
REASONS = (
    "unverified",
    "duplicate_evidence",
    "no_po",
    "not_yet_worked",
    "aged",
    "disputed",
    "excluded_debtor",
    "insolvent",
    "affiliate",
    "individual",
    "foreign",
    "cross_aged",
    "contra",
    "over_limit",
    "concentration",
)

FLAT, TIER, DAILY, SERVICE, PER_ITEM = "flat", "tier", "daily", "service", "per_item"
FACE, NET, OUTSTANDING = "face", "net", "outstanding_face"
ADVANCED, FUNDS = "advanced", "funds_in_use"


@dataclass(frozen=True, slots=True)
class Fee:
    """One fee of an agreement.

    `share` of `base` (a share a year for a daily fee, an amount for a fee per item). A tier fee
    takes `first_share` for the first `first_days` and `share` for each `step_days` begun after
    them. A daily fee is simple interest over `basis` days a year (1: the share is for a day) on
    the balance after each receipt, cash counting `clearance_days` later; face, net and advanced
    stay whole until the end. `vat_share` comes on top of service fees (discount is exempt).
    `is_up_front` fees are kept back from the advance as far as they are due on its day.
    """

    code: str
    kind: str
    share: Decimal
    base: str = FACE
    first_share: Decimal = NOTHING
    first_days: int = 0
    step_days: int = 1
    basis: int = 365
    clearance_days: int = 0
    vat_share: Decimal = NOTHING
    is_up_front: bool = False


@dataclass(frozen=True, slots=True)
class FundingTerms:
    """One version of a funding agreement; immutable once an advance was priced with it.

    `advance_share` of what is eligible, `class_shares` where a class of invoice (temp, perm,
    expense) has its own; `advance_base` is face or net of VAT. Ageing limits are whole days, None
    is no limit. `cross_age_share` and `concentration_share` None switch those steps off.
    `reserves` are taken off the base. `order` is the order of REASONS.
    """

    version: Ref
    advance_share: Decimal
    class_shares: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    advance_base: str = FACE
    fees: tuple[Fee, ...] = ()
    facility_limit: Decimal | None = None
    reserves: Decimal = NOTHING
    aged_after_invoice: int | None = 90
    aged_after_due: int | None = None
    cross_age_share: Decimal | None = Decimal("0.50")
    concentration_share: Decimal | None = None
    recourse_days: int | None = 90
    cover_share: Decimal = NOTHING
    order: tuple[str, ...] = REASONS

    def share_of(self, kind: str) -> Decimal:
        """The advance share of a class of invoice."""
        return self.class_shares.get(kind, self.advance_share)
