"""Final invoices advanced as the terms in force allow, or declined with the reason until it goes
away.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backline.desk import actions as desk
from backline.funding import mirror, pool
from backline.funding.actions.halves import Half, told
from backline.funding.events import AdvanceDeclined, AdvanceMade
from backline.funding.mirror import Move
from backline.funding.models import Advance, FundingTerms
from backline.funding.standing import standings, up_front
from backline.invoicing.models import Invoice
from backline.kernel.actors import Actor
from backline.kernel.events import Fact, plain, record
from backline.kernel.ids import new_id
from backline.ledger import queries as ledger
from rulebook import advance as rules
from rulebook.advance import read_terms
from rulebook.money import NOTHING, to_penny

State = Advance.State
DECIDED = (
    "terms", "state", "face", "eligible", "ineligible", "reason", "reason_detail",
    "unfunded_because", "advanced", "unfunded", "advanced_on", "due_on", "fee", "fee_tax",
)  # fmt: skip


def advance(counterparty: str, *, actor: Actor, at: datetime) -> Half:
    """Advance every final invoice that nothing is advanced on, as the terms in force allow; the
    agency's half.

    Each gets its advance or a reason; what is declined goes on a desk and is looked at again each
    time, until the reason has gone. Without terms nothing happens.
    """
    pool.hold()
    terms = pool.terms_on(counterparty, at.date())
    candidates = pool.candidates(terms.currency) if terms else []
    if terms is None or not candidates:
        return Half()
    drawn = pool.certificate(terms, at.date())
    open_to_it = {one.pk for one in candidates}
    found = {
        UUID(str(one.invoice)): one
        for one in rules.advances(
            drawn,
            funded={row.item.invoice for row in drawn.invoices} - open_to_it,
            funds_in_use=-ledger.balance("2500", terms.currency),
        )
    }
    held = {row.invoice: row for row in Advance.objects.filter(invoice__in=open_to_it)}
    fundable = {UUID(str(row.item.invoice)): row for row in drawn.invoices}
    rows = [
        row
        for invoice in candidates
        if invoice.pk in found
        and (row := _decided(terms, invoice, found[invoice.pk], held.get(invoice.pk), at))
    ]
    for row in rows:
        row.unfunded_because = _because(found[row.invoice], fundable[row.invoice], terms)
    return _keep(terms, rows, set(held), actor, at)


def _decided(
    terms: FundingTerms,
    invoice: Invoice,
    found: rules.Advance,
    held: Advance | None,
    at: datetime,
) -> Advance | None:
    """The advance of an invoice, or its refusal; None where it was refused for the same reason."""
    is_made = found.advance > 0
    if held and not is_made and (held.reason, held.face) == (found.reason, found.face):
        return None
    row = held or Advance(
        id=new_id(),
        counterparty=terms.counterparty,
        invoice=invoice.pk,
        invoice_number=invoice.number or "",
        debtor=invoice.client.legal_name,
        debtor_ref=invoice.client_id,
        currency=invoice.currency,
        key=f"advance:{invoice.pk}",
    )
    row.terms = terms
    row.state = State.ADVANCED if is_made else State.DECLINED
    row.face, row.eligible, row.ineligible = found.face, found.eligible, found.face - found.eligible
    row.reason, row.reason_detail = found.reason, pool.WORDS.get(found.reason, "")
    row.advanced, row.unfunded = found.advance, found.unfunded
    row.advanced_on, row.due_on = at.date() if is_made else None, invoice.due_on
    return row


def _because(
    found: rules.Advance, fundable: rules.Fundable, terms: FundingTerms
) -> list[dict[str, Any]]:
    """Why every pound that is not advanced is not; together they are the unfunded part."""
    parts = [(one.reason, one.amount) for one in fundable.excluded]
    borne = to_penny(rules.borne(fundable, read_terms(str(terms.pk), terms.facts)))
    parts.append((rules.FACILITY_FULL, borne - found.advance))
    parts.append(("retained", found.eligible - borne))
    told: list[dict[str, Any]] = plain(
        [{"reason": reason, "amount": amount} for reason, amount in parts if amount]
    )
    return told


def _keep(
    terms: FundingTerms, rows: Sequence[Advance], held: set[UUID], actor: Actor, at: datetime
) -> Half:
    made = [row for row in rows if row.state == State.ADVANCED]
    now = standings([row.invoice for row in made])
    for row in made:
        fees = up_front(row, now[row.invoice], read_terms(str(terms.pk), terms.facts))
        row.fee = sum((one.amount for one in fees), NOTHING)
        row.fee_tax = sum((one.vat for one in fees), NOTHING)
    Advance.objects.bulk_create([row for row in rows if row.invoice not in held])
    Advance.objects.bulk_update([row for row in rows if row.invoice in held], DECIDED)
    Invoice.objects.filter(pk__in=[row.invoice for row in made]).update(is_funded=True)
    moves = tuple(move for row in made for move in _moves(row, at))
    mirror.move(mirror.AGENCY, terms.counterparty, moves, actor=actor, at=at)
    record((_fact(row) for row in rows), actor=actor, at=at)
    desk.open_exceptions(
        (_declined(row) for row in rows if row.state == State.DECLINED), actor=actor, at=at
    )
    desk.close_for(
        [_key(row) for row in made if row.invoice in held],
        resolution="It is funded now.",
        actor=actor,
        at=at,
    )
    return Half(told(rows), moves)


def _moves(row: Advance, at: datetime) -> list[Move]:
    because = f"{row.invoice_number} of {row.debtor}"
    amounts = {
        "assigned": row.face, "advanced": row.advanced, "fee": row.fee, "fee_tax": row.fee_tax,
    }  # fmt: skip
    return [
        Move(f"{kind}:{row.invoice}:1", kind, amount, row.currency, at.date(), row.invoice, because)
        for kind, amount in amounts.items()
        if amount
    ]


def _fact(row: Advance) -> Fact:
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


def _key(row: Advance) -> str:
    return f"funding_declined:{row.invoice}"


def _declined(row: Advance) -> desk.Found:
    return desk.Found(
        kind="funding_declined",
        key=_key(row),
        title=f"{row.invoice_number} is not funded",
        detail=row.reason_detail or row.reason,
        about_kind="invoice",
        about=row.invoice,
        stops="money",
        at_stake=row.face,
        currency=row.currency,
        evidence=[{"reason": row.reason, "unfunded": row.unfunded_because}],
        suggested="Mend the reason, or find the cash for this week's wages elsewhere.",
    )
