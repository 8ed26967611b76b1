"""Receipts matched by the rulebook: posted only when there is one answer, else proposed to a
person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.collections.actions.allocating import Part, Plan, apply, waiting
from backline.collections.actions.keeping import hold
from backline.collections.events import ReceiptMatched
from backline.collections.models import Receipt
from backline.desk import actions as desk
from backline.invoicing import queries as invoicing
from backline.invoicing.models import Invoice
from backline.kernel import bulk
from backline.kernel.actors import Actor
from backline.kernel.errors import Missing
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from rulebook import matching
from rulebook.matching import Item, Match

PAID_LATELY = 2000  # numbers of paid invoices looked at for a second payment of the same
SETTLING = frozenset({"bank_charge", "rounding", "discount"})
State = Receipt.State


def match(receipts: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """Match receipts that are not wholly applied; each against what is open after the one
    before. What is open is read once for all of them.
    """
    if not receipts:
        return
    hold()
    rows = list(
        Receipt.objects.select_for_update()
        .filter(pk__in=receipts, state__in=[State.UNMATCHED, State.PROPOSED])
        .order_by("id")
    )
    if not rows:
        return
    opened = _Open({row.currency for row in rows})
    plans: list[Plan] = []
    facts, found, asked = [], [], []
    for row in rows:
        verdict = opened.match(row)
        is_new = verdict.reason != row.because or not row.because
        if verdict.verdict == matching.AUTO:
            plans.append(Plan(row, opened.take(verdict), verdict.reason))
            found += _short(row, verdict)
        else:
            row.state = State.PROPOSED if verdict.applications else State.UNMATCHED
            row.proposals, row.because = opened.proposals(verdict), verdict.reason[:200]
            asked.append(row)
            kind = "duplicate_receipt" if verdict.verdict == matching.PARK else "receipt_unmatched"
            found.append(waiting(row, verdict.reason, kind=kind))
        if is_new:
            facts.append(
                ReceiptMatched(subject=row.pk, verdict=verdict.verdict, because=verdict.reason)
            )
    if asked:
        Receipt.objects.bulk_update(asked, ["state", "proposals", "because"])
    if plans:
        apply(plans, opened.invoices, actor=actor, at=at)
    record(facts, actor=actor, at=at)
    desk.open_exceptions(found, actor=actor, at=at)


def match_many(receipts: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Look again for what waiting receipts pay; one that is wholly applied is left as it is."""
    known = set(Receipt.objects.filter(pk__in=receipts).values_list("pk", flat=True))
    match([key for key in receipts if key in known], actor=actor, at=at)
    unknown = Missing("not_found", "There is no such record, or not for you.")
    return in_order(receipts, {key: unknown for key in receipts if key not in known})


bulk.can_be_bulk("receipts.match", "rcp", match_many, chunk=200)


class _Open:
    """What is open in some currencies, locked, as it stands after each receipt that was placed."""

    def __init__(self, currencies: Iterable[str]) -> None:
        rows = invoicing.open_invoices().filter(currency__in=list(currencies))
        self.invoices: dict[UUID, Invoice] = {
            row.pk: row for row in rows.select_for_update().order_by("id")
        }
        self.items = {key: _item(row) for key, row in self.invoices.items()}
        self.by_debtor: dict[UUID, dict[UUID, None]] = {}
        for key, row in self.invoices.items():
            self.by_debtor.setdefault(row.client_id, {})[key] = None
        self.closed = [
            number
            for number in Invoice.objects.filter(state="finalized", kind="invoice", open_amount=0)
            .order_by("-finalized_at", "-id")
            .values_list("number", flat=True)[:PAID_LATELY]
            if number
        ]

    def match(self, row: Receipt) -> Match:
        """What a receipt pays of what is open now."""
        keys: Iterable[UUID] = self.items
        if row.client_id is not None:
            keys = self.by_debtor.get(row.client_id, {})
        items = [self.items[key] for key in keys if key in self.items]
        return matching.match(_receipt(row), items, closed=self.closed)

    def take(self, verdict: Match) -> list[Part]:
        """The parts of an answer, and what they leave open for the receipts that follow."""
        parts = _parts(verdict)
        for part in parts:
            item = self.items[part.invoice]
            left = item.remaining - part.amount
            if left:
                self.items[part.invoice] = replace(item, remaining=left)
            else:
                del self.items[part.invoice]
                self.closed.insert(0, item.number)
        return parts

    def proposals(self, verdict: Match) -> list[dict[str, Any]]:
        """Every answer that fits, each as what it would post; the likeliest first."""
        if not verdict.applications:
            return []
        first = [
            {"invoice": str(part.invoice), "amount": str(part.amount), "kind": part.kind}
            for part in _parts(verdict)
        ]
        others = [
            [
                {
                    "invoice": str(key),
                    "amount": str(self.items[UUID(str(key))].remaining),
                    "kind": "payment",
                }
                for key in keys
            ]
            for keys in verdict.others
        ]
        return [
            {"allocations": parts, "reason": verdict.reason, "strength": verdict.strength}
            for parts in (first, *others)
        ]


def _item(invoice: Invoice) -> Item:
    return Item(
        invoice.pk,
        invoice.number or "",
        invoice.client_id,
        invoice.issued_on or invoice.drafted_at.date(),
        invoice.due_on or invoice.drafted_at.date(),
        invoice.open_amount,
        invoice.currency,
        week=invoice.ends_on.isoformat() if invoice.ends_on else "",
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
        if one.code in SETTLING
    ]
    return parts


def _short(row: Receipt, verdict: Match) -> list[desk.Found]:
    return [
        desk.Found(
            kind="short_payment",
            key=f"short_payment:{row.pk}:{one.invoice}",
            title=f"{row.payer or 'The client'} paid {_said(one.amount)} {row.currency} too little",
            detail=verdict.reason,
            about_kind="invoice",
            about=UUID(str(one.invoice)),
            stops="money",
            at_stake=one.amount,
            currency=row.currency,
            suggested="Ask why: hours, rate, or a deduction; credit it or claim the rest.",
        )
        for one in verdict.deductions
        if one.code not in SETTLING
    ]


def _said(amount: Decimal) -> str:
    return f"{amount:.2f}"
