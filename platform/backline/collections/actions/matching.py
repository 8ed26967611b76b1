"""Receipts matched by the rulebook: posted only when there is one answer, else proposed to a
person.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backline.collections.actions.allocating import Part, allocate
from backline.collections.events import ReceiptMatched
from backline.collections.models import Receipt
from backline.desk import actions as desk
from backline.invoicing import queries as invoicing
from backline.invoicing.models import Invoice
from backline.kernel.actors import Actor
from backline.kernel.events import record
from rulebook import matching
from rulebook.matching import Item, Match

PAID_LATELY = 2000  # numbers of paid invoices looked at for a second payment of the same


def match(receipts: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """Match receipts that are not wholly applied; each against what is open after the one
    before.
    """
    rows = list(
        Receipt.objects.filter(pk__in=receipts, state__in=["unmatched", "proposed"]).order_by("id")
    )
    if not rows:
        return
    closed = [
        number
        for number in Invoice.objects.filter(state="finalized", kind="invoice", open_amount=0)
        .order_by("-finalized_at")
        .values_list("number", flat=True)[:PAID_LATELY]
        if number
    ]
    facts, found = [], []
    for row in rows:
        items = [_item(invoice) for invoice in invoicing.open_invoices()]
        verdict = matching.match(_receipt(row), items, closed=closed)
        facts.append(
            ReceiptMatched(subject=row.pk, verdict=verdict.verdict, because=verdict.reason)
        )
        if verdict.verdict == "auto":
            allocate(row.pk, _parts(verdict), because=verdict.reason, actor=actor, at=at)
            found += _short(row, verdict)
        else:
            row.state = "proposed" if verdict.applications else "unmatched"
            row.proposals, row.because = _proposals(verdict), verdict.reason[:200]
            row.save(update_fields=["state", "proposals", "because"])
            found.append(_unmatched(row, verdict))
    record(facts, actor=actor, at=at)
    desk.open_exceptions(found, actor=actor, at=at)


def _item(invoice: Invoice) -> Item:
    return Item(
        invoice.pk,
        invoice.number or "",
        invoice.client_id,
        invoice.issued_on or invoice.drafted_at.date(),
        invoice.due_on or invoice.drafted_at.date(),
        invoice.open_amount,
        invoice.currency,
        po_number=invoice.po_number,
    )


def _receipt(row: Receipt) -> matching.Receipt:
    return matching.Receipt(
        row.pk,
        row.amount - row.applied,
        row.currency,
        row.received_on,
        row.remittance,
        debtor=row.client_id,
    )


def _parts(verdict: Match) -> list[Part]:
    parts = [Part(UUID(str(one.invoice)), one.amount) for one in verdict.applications]
    parts += [
        Part(UUID(str(one.invoice)), one.amount, one.code)
        for one in verdict.deductions
        if one.code in {"bank_charge", "rounding", "discount"}
    ]
    return parts


def _proposals(verdict: Match) -> list[dict[str, Any]]:
    first = [
        {"invoice": str(one.invoice), "amount": str(one.amount)} for one in verdict.applications
    ]
    others = [[str(key) for key in keys] for keys in verdict.others]
    return [{"allocations": first, "reason": verdict.reason, "others": others}] if first else []


def _short(row: Receipt, verdict: Match) -> list[desk.Found]:
    return [
        desk.Found(
            kind="short_payment",
            key=f"short_payment:{row.pk}:{one.invoice}",
            title=f"{row.payer or 'The client'} paid {one.amount} {row.currency} too little",
            detail=verdict.reason,
            about_kind="invoice",
            about=UUID(str(one.invoice)),
            stops="money",
            at_stake=one.amount,
            currency=row.currency,
            suggested="Ask why: hours, rate, or a deduction; credit it or claim the rest.",
        )
        for one in verdict.deductions
        if one.code not in {"bank_charge", "rounding", "discount"}
    ]


def _unmatched(row: Receipt, verdict: Match) -> desk.Found:
    kind = "duplicate_receipt" if verdict.verdict == "park" else "receipt_unmatched"
    return desk.Found(
        kind=kind,
        key=f"receipt_unmatched:{row.pk}",
        title=f"{row.amount} {row.currency} from {row.payer or 'an unknown payer'} waits",
        detail=verdict.reason,
        about_kind="receipt",
        about=row.pk,
        stops="money",
        at_stake=row.amount,
        currency=row.currency,
        evidence=_proposals(verdict),
        suggested="Confirm a proposal or say which invoices it pays.",
    )
