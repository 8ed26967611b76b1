"""Settlement: advancing, releasing, charging back and sharing, to the penny."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rulebook.advance.eligibility import Certificate, borne
from rulebook.advance.fees import FeeCharge, accrued
from rulebook.advance.terms import FundingTerms
from rulebook.money import NOTHING, penny_down, to_penny
from rulebook.periods import DAY
from rulebook.rates import Ref

FACILITY_FULL = "facility_full"


@dataclass(frozen=True, slots=True)
class Advance:
    """What is paid against one invoice now.

    face = advance + unfunded, advance = wired + fees kept back; the unfunded part is not cash until
    the debtor pays. `reason` is the first why not all of it is eligible, or not all drawable.
    """

    invoice: Ref
    debtor: Ref
    face: Decimal
    eligible: Decimal
    advance: Decimal
    kept_back: Decimal = NOTHING
    reason: str = ""

    @property
    def wired(self) -> Decimal:
        """What reaches the agency now."""
        return self.advance - self.kept_back

    @property
    def unfunded(self) -> Decimal:
        """The part of the price the funder has not paid."""
        return self.face - self.advance


def advances(
    drawn: Certificate,
    *,
    funded: Container[Ref] = (),
    funds_in_use: Decimal,
    commitments: Decimal = NOTHING,
) -> tuple[Advance, ...]:
    """Advance every invoice not yet funded, oldest first, while there is availability.

    eligible x share (of face or of net), to the penny, then cut to what may still be drawn with the
    reason facility_full. Invoices in `funded` are left alone; credits get nothing.
    """
    left = max(drawn.availability(funds_in_use, commitments), NOTHING)
    made: list[Advance] = []
    for row in drawn.invoices:
        item = row.item
        if item.invoice in funded or item.open <= 0:
            continue
        wanted = max(to_penny(borne(row, drawn.terms)), NOTHING)
        paid = min(wanted, left)
        left -= paid
        reason = row.reason or (FACILITY_FULL if paid < wanted else "")
        fees = min(kept_back(drawn.terms, item.face, item.net, paid) if paid else NOTHING, paid)
        made.append(Advance(item.invoice, item.debtor, item.open, row.eligible, paid, fees, reason))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Funded:
    """A funded invoice: what was advanced on it and when, and what has come in (day, amount)."""

    invoice: Ref
    face: Decimal
    net: Decimal
    advanced: Decimal
    funded_on: date
    received: tuple[tuple[date, Decimal], ...] = ()

    @property
    def collected(self) -> Decimal:
        """Everything received and applied so far."""
        return sum((amount for _, amount in self.received), NOTHING)

    @property
    def outstanding(self) -> Decimal:
        """Funds still in use: the advance less what cash has repaid of it."""
        return max(self.advanced - self.collected, NOTHING)


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where a funded invoice stands: advance = repaid + outstanding; collected = repaid + the rest.

    `release` is owed to the agency so far; `shortfall` is charged to other releases.
    """

    invoice: Ref
    collected: Decimal
    repaid: Decimal
    outstanding: Decimal
    fees: tuple[FeeCharge, ...]
    release: Decimal
    shortfall: Decimal
    unpaid: Decimal

    @property
    def fee_total(self) -> Decimal:
        """All fees with their VAT."""
        return sum((fee.total for fee in self.fees), NOTHING)

    @property
    def is_collected(self) -> bool:
        """True when the debtor owes nothing more on it."""
        return not self.unpaid


def settle(
    funded: Funded, terms: FundingTerms, on: date, *, is_closed: bool | None = None
) -> Settlement:
    """Work out repayment, fees and release of one funded invoice on a day.

    Cash repays the advance first, then pays the fees not kept back already; the rest is released.
    Once closed (paid in full, or told so for a short payment) fees run to the last receipt and the
    days it takes to clear, and what the cash does not cover is a shortfall, never forgotten. While
    it is open nothing is short.
    """
    received = tuple((day, amount) for day, amount in funded.received if day <= on)
    collected = sum((amount for _, amount in received), NOTHING)
    unpaid = max(funded.face - collected, NOTHING)
    closed = (not unpaid) if is_closed is None else is_closed
    last_day = max((day for day, _ in received), default=on)
    fees = tuple(
        accrued(
            fee,
            face=funded.face,
            net=funded.net,
            advanced=funded.advanced,
            funded_on=funded.funded_on,
            received=received,
            until=last_day + DAY * fee.clearance_days if closed else on,
        )
        for fee in terms.fees
    )
    repaid = min(collected, funded.advanced)
    left = collected - funded.advanced - sum((fee.total for fee in fees), NOTHING)
    left += kept_back(terms, funded.face, funded.net, funded.advanced)
    return Settlement(
        funded.invoice,
        collected,
        repaid,
        funded.advanced - repaid,
        fees,
        max(left, NOTHING),
        max(-left, NOTHING) if closed else NOTHING,
        unpaid,
    )


def kept_back(terms: FundingTerms, face: Decimal, net: Decimal, advanced: Decimal) -> Decimal:
    """The fees taken from the advance when it is paid, with VAT: their first instalment."""
    day = date.min
    return sum(
        (
            accrued(
                fee,
                face=face,
                net=net,
                advanced=advanced,
                funded_on=day,
                received=(),
                until=day,
            ).total
            for fee in terms.fees
            if fee.is_up_front
        ),
        NOTHING,
    )


@dataclass(frozen=True, slots=True)
class ChargeBack:
    """An unpaid recourse invoice given back: what the agency owes, what a cover has absorbed."""

    invoice: Ref
    principal: Decimal
    fees: Decimal
    absorbed: Decimal = NOTHING

    @property
    def amount(self) -> Decimal:
        """The advance still out, less cover, plus accrued fees; never the face."""
        return self.principal - self.absorbed + self.fees


def charge_back(
    funded: Funded,
    terms: FundingTerms,
    on: date,
    *,
    is_insolvent: bool = False,
    cover_limit: Decimal | None = None,
) -> ChargeBack:
    """Charge an unpaid invoice back; of an insolvency, bad-debt cover absorbs up to share x net."""
    settled = settle(funded, terms, on, is_closed=False)
    kept = kept_back(terms, funded.face, funded.net, funded.advanced)
    beyond = max(settled.collected - funded.advanced, NOTHING)
    fees = max(settled.fee_total - kept - beyond, NOTHING)
    absorbed = NOTHING
    if is_insolvent:
        cover = to_penny(terms.cover_share * funded.net)
        absorbed = min(cover, settled.outstanding, *(() if cover_limit is None else (cover_limit,)))
    return ChargeBack(funded.invoice, settled.outstanding, fees, absorbed)


@dataclass(frozen=True, slots=True)
class Recourse:
    """When an unpaid invoice goes back, how many days are left, which notice (in days) is due."""

    due_on: date
    days_left: int
    notice: int | None

    @property
    def is_due(self) -> bool:
        """True from the day after the last one."""
        return self.days_left < 0


def recourse(
    terms: FundingTerms, since: date, on: date, notices: Sequence[int] = (14, 7)
) -> Recourse | None:
    """Count the recourse days of the agreement from a day; None when there is no recourse.

    The notice is the shortest one whose days have been reached.
    """
    if terms.recourse_days is None:
        return None
    due_on = since + DAY * terms.recourse_days
    left = (due_on - on).days
    reached = [days for days in notices if left <= days]
    return Recourse(due_on, left, min(reached) if reached else None)


@dataclass(frozen=True, slots=True)
class Cure:
    """How a debt to the funder is met: from releases, then new advances; the rest stays open."""

    from_releases: Decimal
    from_advances: Decimal
    over_advance: Decimal


def cured(owed: Decimal, releases: Decimal, new_advances: Decimal) -> Cure:
    """Net what is owed against releases and then new advances; a wire is never below zero."""
    first = min(owed, releases)
    second = min(owed - first, new_advances)
    return Cure(first, second, owed - first - second)


def vat_relief(reassigned: Decimal, vat_share: Decimal) -> Decimal:
    """VAT bad-debt relief on the gross debt that is the supplier's again, to the penny below.

    HMRC VBDR1900 and Notice 700/18: only the part reassigned earns relief.
    """
    return penny_down(reassigned * vat_share / (1 + vat_share))


@dataclass(frozen=True, slots=True)
class TaxHold:
    """An advance with payroll taxes kept back for the authority."""

    wire: Decimal
    held: Decimal


def tax_held(advance: Decimal, taxes: Decimal) -> TaxHold:
    """Keep the week's payroll taxes out of the wire, at most the whole advance."""
    held = min(advance, taxes)
    return TaxHold(advance - held, held)


def pooled_surplus(outstanding_face: Decimal, target_share: Decimal, held: Decimal) -> Decimal:
    """What a pooled reserve holds above its target; below zero it must be filled up."""
    return held - to_penny(outstanding_face * target_share)


def headroom(limit: Decimal, open_: Decimal, unapplied: Decimal = NOTHING) -> Decimal:
    """What a debtor limit still allows: cash that is banked but not applied frees nothing.

    Pass `unapplied` to see what matching it would allow.
    """
    return max(limit - open_ + unapplied, NOTHING)


@dataclass(frozen=True, slots=True)
class MarginShare:
    """A gross margin shared between partner and agency, part of the agency's held until payment."""

    partner: Decimal
    agency: Decimal
    held: Decimal
    paid_now: Decimal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "paid_now", self.agency - self.held)

    @property
    def claw_back(self) -> Decimal:
        """What the agency loses when the client never pays: the held part and what it was paid."""
        return self.held + self.paid_now


def shared_margin(
    gross_margin: Decimal, partner_share: Decimal, held_share: Decimal = NOTHING
) -> MarginShare:
    """Share a margin: the partner's to the penny, the agency takes the rest, a share of it held."""
    partner = to_penny(gross_margin * partner_share)
    agency = gross_margin - partner
    return MarginShare(partner, agency, to_penny(agency * held_share))


def back_office_margin(net_bill: Decimal, costs: Sequence[Decimal], fee: FeeCharge) -> Decimal:
    """What a full back office pays the agency: net bill less every cost less its fee with VAT."""
    return net_bill - sum(costs, NOTHING) - fee.total
