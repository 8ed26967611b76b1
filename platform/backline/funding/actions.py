"""What can be done in funding: agree terms, advance, repay, settle; the agency's half, and
its mirror.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.desk import actions as desk
from backline.funding import base, mirror
from backline.funding.events import (
    AdvanceDeclined,
    AdvanceMade,
    AdvanceRepaid,
    FundingTermsAgreed,
    SettlementMade,
)
from backline.funding.mirror import Move
from backline.funding.models import Advance, FundingTerms, Settlement
from backline.invoicing.models import Invoice
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, refuse_if
from backline.kernel.events import Fact, plain, record
from backline.ledger import queries as ledger
from rulebook import advance as rules
from rulebook.advance import UnfitTerms, read_terms

NOTHING = Decimal("0.00")
State = Advance.State
WEEK = timedelta(days=7)


def agree_terms(
    counterparty: str,
    facts: Mapping[str, Any],
    *,
    since: date,
    currency: str,
    actor: Actor,
    at: datetime,
) -> FundingTerms:
    """Agree funding terms from a day as the next version; what was priced before keeps its
    version.
    """
    try:
        read_terms("new", facts)
    except UnfitTerms as no:
        refuse_if([Fault(code, detail, f"/facts{pointer}") for pointer, code, detail in no.faults])
    same = FundingTerms.objects.filter(counterparty=counterparty)
    if same.filter(valid__startswith=since).exists():
        raise Invalid("terms_exist", "Terms from that day are agreed already.", pointer="/since")
    newest = same.order_by("-version").first()
    row = FundingTerms.objects.create(
        counterparty=counterparty,
        version=newest.version + 1 if newest else 1,
        valid=dated.since(since, dated.succeed(same, since)),
        facts=dict(facts),
        currency=currency,
        agreed_at=at,
        agreed_by=actor.as_json(),
    )
    fact = FundingTermsAgreed(subject=row.pk, version=row.version, since=since.isoformat())
    record([fact], actor=actor, at=at)
    return row


@dataclass(frozen=True, slots=True)
class Half:
    """What one side did, for the other side to mirror: advances as told, and the movements."""

    advances: tuple[dict[str, Any], ...] = ()
    moves: tuple[Move, ...] = ()


def advance(counterparty: str, *, actor: Actor, at: datetime) -> Half:
    """Advance every final invoice that was not decided on yet, as the terms in force allow; the
    agency's half.

    Each gets its advance or a reason; what is declined goes on a desk. Without terms nothing
    happens.
    """
    terms = base.terms_on(counterparty, at.date())
    if terms is None:
        return Half()
    candidates = base.candidates(terms.currency)
    if not candidates:
        return Half()
    drawn = base.certificate(terms, at.date())
    in_use = -ledger.balance("2500", terms.currency)
    decided = set(Advance.objects.exclude(state=State.DECLINED).values_list("invoice", flat=True))
    found = {
        UUID(str(one.invoice)): one
        for one in rules.advances(drawn, funded=decided, funds_in_use=in_use)
    }
    rows = [
        _advance(counterparty, terms, invoice, found[invoice.pk], at)
        for invoice in candidates
        if invoice.pk in found
    ]
    Advance.objects.bulk_create(rows)
    made = [row for row in rows if row.state == State.ADVANCED]
    Invoice.objects.filter(pk__in=[row.invoice for row in made]).update(is_funded=True)
    moves = tuple(move for row in made for move in _advance_moves(row, at.date()))
    mirror.move(mirror.AGENCY, counterparty, moves, actor=actor, at=at)
    record((_told(row) for row in rows), actor=actor, at=at)
    desk.open_exceptions(
        (_declined(row) for row in rows if row.state == State.DECLINED), actor=actor, at=at
    )
    return Half(tuple(_as_told(row) for row in rows), moves)


Cash = Mapping[UUID, Sequence[tuple[date, Decimal]]]


def repay(counterparty: str, cash: Cash, *, actor: Actor, at: datetime) -> Half:
    """Settle funded invoices with all the client's money set against each so far; the agency's
    half.

    `cash` holds every (day, amount) of an invoice that the partner holds. Cash repays the advance
    first, then
    fees once the invoice is closed; the rest is the agency's. The same cash again moves nothing.
    """
    rows = list(
        Advance.objects.select_for_update()
        .filter(invoice__in=list(cash), counterparty=counterparty)
        .exclude(state__in=[State.DECLINED, State.RELEASED])
        .select_related("terms")
        .order_by("id")
    )
    sofar = base.moved_so_far([row.invoice for row in rows])
    open_amounts = dict(
        Invoice.objects.filter(pk__in=[row.invoice for row in rows]).values_list(
            "pk", "open_amount"
        )
    )
    moves: list[Move] = []
    facts: list[Fact] = []
    for row in rows:
        is_closed = open_amounts[row.invoice] == NOTHING
        found = rules.settle(
            base.funded(row, cash[row.invoice]),
            read_terms(str(row.terms_id), row.terms.facts),
            at.date(),
            is_closed=is_closed,
        )
        still_open = open_amounts[row.invoice]
        moves += _settled(row, found, still_open, sofar, at.date())
        facts.append(
            AdvanceRepaid(
                subject=row.pk,
                invoice=str(row.invoice),
                repaid=row.repaid,
                released=row.released,
                fee=row.fee + row.fee_tax,
                currency=row.currency,
            )
        )
    Advance.objects.bulk_update(
        rows, ["state", "repaid", "collected", "fee", "fee_tax", "released", "charged_back"]
    )
    mirror.move(mirror.AGENCY, counterparty, moves, actor=actor, at=at)
    record(facts, actor=actor, at=at)
    return Half(tuple(_as_told(row) for row in rows), tuple(moves))


def settle_week(counterparty: str, starts_on: date, *, actor: Actor, at: datetime) -> Half:
    """Settle a week that is over: a statement of every movement that ties, and the wire it comes
    to.

    The same week again changes nothing. Raises Conflict when the week before is not settled or does
    not tie.
    """
    if Settlement.objects.filter(counterparty=counterparty, week_starts_on=starts_on).exists():
        return Half()
    terms = base.terms_on(counterparty, starts_on)
    if terms is None:
        return Half()
    sums = base.sums_of_week(counterparty, starts_on, starts_on + WEEK)
    before = (
        Settlement.objects.filter(counterparty=counterparty, week_starts_on__lt=starts_on)
        .order_by("-week_starts_on")
        .first()
    )
    row = _settlement(terms, starts_on, before, sums, at)
    row.save(force_insert=True)
    wire = Move(
        f"wire:{counterparty}:{starts_on.isoformat()}",
        "wired",
        row.net_wire,
        terms.currency,
        at.date(),
        because=f"Settlement of the week of {starts_on.isoformat()}",
    )
    moves = (wire,) if row.net_wire > 0 else ()
    mirror.move(mirror.AGENCY, counterparty, moves, actor=actor, at=at)
    fact = SettlementMade(
        subject=row.pk,
        week_starts_on=starts_on.isoformat(),
        net_wire=row.net_wire,
        currency=row.currency,
    )
    record([fact], actor=actor, at=at)
    return Half((_settlement_told(row),), moves)


def mirror_half(counterparty: str, half: Half, *, actor: Actor, at: datetime) -> int:
    """Write the partner's half of what an agency did: the same advances and movements, posted
    from its side.
    """
    return mirror.move(mirror.PARTNER, counterparty, half.moves, actor=actor, at=at)


def _advance(
    counterparty: str, terms: FundingTerms, invoice: Invoice, found: rules.Advance, at: datetime
) -> Advance:
    is_made = found.advance > 0
    return Advance(
        counterparty=counterparty,
        invoice=invoice.pk,
        invoice_number=invoice.number or "",
        debtor=invoice.client.legal_name,
        debtor_ref=invoice.client_id,
        terms=terms,
        state=State.ADVANCED if is_made else State.DECLINED,
        face=invoice.gross,
        eligible=found.eligible,
        ineligible=invoice.gross - found.eligible,
        reason=found.reason,
        reason_detail=base.WORDS.get(found.reason, ""),
        advanced=found.advance,
        unfunded=invoice.gross - found.advance,
        currency=invoice.currency,
        advanced_on=at.date() if is_made else None,
        due_on=invoice.due_on,
        key=f"advance:{invoice.pk}:{terms.version}",
    )


def _advance_moves(row: Advance, on: date) -> list[Move]:
    because = f"{row.invoice_number} of {row.debtor}"
    return [
        Move(f"{kind}:{row.invoice}:1", kind, amount, row.currency, on, row.invoice, because)
        for kind, amount in (("assigned", row.face), ("advanced", row.advanced))
    ]


def _settled(
    row: Advance,
    found: rules.Settlement,
    still_open: Decimal,
    sofar: base.SoFar,
    on: date,
) -> list[Move]:
    """The movements from where an advance stood to where it stands now."""
    is_closed = still_open == NOTHING
    fee = sum((charge.amount for charge in found.fees), NOTHING) if is_closed else NOTHING
    tax = sum((charge.vat for charge in found.fees), NOTHING) if is_closed else NOTHING
    targets = {
        "collected": row.face - still_open,
        "repaid": found.repaid,
        "released": found.collected - found.repaid,
        "fee": fee,
        "fee_tax": tax,
    }
    row.collected, row.repaid, row.released = found.collected, found.repaid, targets["released"]
    row.fee, row.fee_tax = fee, tax
    if is_closed and row.repaid == row.advanced:
        row.state = State.RELEASED
    elif row.repaid == row.advanced:
        row.state = State.REPAID
    elif row.repaid:
        row.state = State.PART_REPAID
    moves = []
    for kind, target in targets.items():
        count, amount = sofar.get((row.invoice, kind), (0, NOTHING))
        key = f"{kind}:{row.invoice}:{count + 1}"
        moves.append(
            Move(key, kind, target - amount, row.currency, on, row.invoice, row.invoice_number)
        )
    return [move for move in moves if move.amount]


def _settlement(
    terms: FundingTerms,
    starts_on: date,
    before: Settlement | None,
    sums: Mapping[str, Decimal],
    at: datetime,
) -> Settlement:
    counterparty = terms.counterparty
    opening = before.closing if before else base.funds_before(counterparty, starts_on)
    carried = before.unapplied if before else NOTHING
    owed = min(before.net_wire, NOTHING) if before else NOTHING
    advanced, repaid = sums.get("advanced", NOTHING), sums.get("repaid", NOTHING)
    back = sums.get("charged_back", NOTHING)
    fees, tax = sums.get("fee", NOTHING), sums.get("fee_tax", NOTHING)
    released = sums.get("released", NOTHING)
    collected = sums.get("received", NOTHING)
    row = Settlement(
        counterparty=counterparty,
        week_starts_on=starts_on,
        currency=terms.currency,
        opening=opening,
        advanced=advanced,
        repaid=repaid,
        charged_back=back,
        closing=opening + advanced - repaid - back,
        collected=collected,
        unapplied=carried + collected - repaid - released,
        fees=fees,
        fee_tax=tax,
        released=released,
        net_wire=owed + advanced + released - fees - tax - back,
        rows=base.rows_of_week(counterparty, starts_on, starts_on + WEEK),
        made_at=at,
    )
    told = {**_settlement_told(row), "rows": row.rows}
    row.digest = hashlib.sha256(json.dumps(plain(told), sort_keys=True).encode()).hexdigest()
    in_books = -ledger.balance("2500", terms.currency)
    if before is None and starts_on + WEEK > at.date() and row.closing != in_books:
        raise Conflict(
            "settlement_untied", f"Funds in use are {in_books}, the statement says {row.closing}."
        )
    return row


def _settlement_told(row: Settlement) -> dict[str, Any]:
    names = (
        "week_starts_on", "currency", "opening", "advanced", "repaid", "charged_back", "closing",
        "collected", "unapplied", "fees", "fee_tax", "released", "net_wire",
    )  # fmt: skip
    return {name: plain(getattr(row, name)) for name in names}


def _as_told(row: Advance) -> dict[str, Any]:
    """An advance as the other side hears of it: no worker, no line, only the debt."""
    names = (
        "invoice", "invoice_number", "debtor", "state", "face", "eligible", "advanced", "unfunded",
        "repaid", "collected", "fee", "fee_tax", "released", "currency", "reason", "advanced_on",
    )  # fmt: skip
    return {name: plain(getattr(row, name)) for name in names}


def _told(row: Advance) -> Fact:
    if row.state == State.DECLINED:
        return AdvanceDeclined(
            subject=row.pk,
            invoice=str(row.invoice),
            face=row.face,
            currency=row.currency,
            reason=row.reason,
        )
    return AdvanceMade(
        subject=row.pk,
        invoice=str(row.invoice),
        face=row.face,
        advanced=row.advanced,
        unfunded=row.unfunded,
        currency=row.currency,
        reason=row.reason,
    )


def _declined(row: Advance) -> desk.Found:
    return desk.Found(
        kind="funding_declined",
        key=f"funding_declined:{row.invoice}",
        title=f"{row.invoice_number} is not funded",
        detail=row.reason_detail or row.reason,
        about_kind="invoice",
        about=row.invoice,
        stops="money",
        at_stake=row.face,
        currency=row.currency,
        suggested="Mend the reason, or find the cash for this week's wages elsewhere.",
    )
