"""Receipts recorded, each once by the bank's own reference, and matched at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.collections.actions.keeping import hold
from backline.collections.actions.matching import match
from backline.collections.events import ReceiptRecorded
from backline.collections.models import Receipt
from backline.directory import queries as directory
from backline.directory.models import Client
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Refusal
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.kernel.outcomes import Outcome
from backline.ledger import actions as ledger
from backline.ledger.actions import EntrySet, Leg

BANK, DUE_FROM_PARTNER, UNAPPLIED = "1020", "1510", "2400"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """Money in as the bank tells it; `held_by` is firm, or partner when it landed in the
    partner's bank.
    """

    bank_reference: str
    amount: Decimal
    currency: str
    received_on: date
    payer: str = ""
    remittance: str = ""
    client: UUID | None = None
    held_by: str = "firm"


def receive(receipts: Sequence[NewReceipt], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Record receipts and match them; the same bank reference with the same facts again changes
    nothing.

    The same reference with other facts is refused: a bank tells one story. One refused never stops
    the others.
    """
    hold()
    told = [replace(new, bank_reference=new.bank_reference.strip()) for new in receipts]
    known = {
        row.bank_reference: row
        for row in Receipt.objects.filter(bank_reference__in=[new.bank_reference for new in told])
    }
    clients = set(
        Client.objects.filter(pk__in={new.client for new in told if new.client}).values_list(
            "pk", flat=True
        )
    )
    on = directory.day_of(at)
    outcomes: list[Outcome] = []
    fresh: list[Receipt] = []
    for new in told:
        row = known.get(new.bank_reference)
        if row is not None:
            outcomes.append(Outcome(row.pk, None if _same(row, new) else _other_story(row)))
            continue
        faults = _faults(new, clients, on)
        key = new_id()
        outcomes.append(Outcome(key, Invalid.of(faults) if faults else None))
        if not faults:
            row = _row(key, new, actor, at)
            fresh.append(row)
            known[new.bank_reference] = row
    Receipt.objects.bulk_create(fresh)
    ledger.post([_entries(row) for row in fresh], actor=actor, at=at)
    record((_recorded(row) for row in fresh), actor=actor, at=at)
    match([row.pk for row in fresh], actor=actor, at=at)
    return outcomes


def _faults(new: NewReceipt, clients: set[UUID], on: date) -> list[Fault]:
    faults = []
    if not new.bank_reference.strip():
        faults.append(Fault("required", "Give the bank's own reference.", "/bank_reference"))
    if new.amount <= 0:
        faults.append(Fault("amount_not_positive", "Money in is more than nothing.", "/amount"))
    if new.received_on > on:
        faults.append(Fault("received_ahead", "That day has not come.", "/received_on"))
    if new.currency not in {"GBP", "USD"}:
        faults.append(Fault("currency_unknown", "Say GBP or USD.", "/amount/currency"))
    if new.client is not None and new.client not in clients:
        faults.append(Fault("not_found", "There is no such client.", "/client"))
    return faults


def _same(row: Receipt, new: NewReceipt) -> bool:
    """Whether a bank's line is the one that was recorded; what we learned since does not count."""
    return (row.amount, row.currency, row.received_on, row.held_by) == (
        new.amount,
        new.currency,
        new.received_on,
        new.held_by,
    )


def _other_story(row: Receipt) -> Refusal:
    return Conflict(
        "receipt_differs",
        f"{row.bank_reference} was recorded before with {row.amount} {row.currency}.",
        pointer="/bank_reference",
    )


def _row(key: UUID, new: NewReceipt, actor: Actor, at: datetime) -> Receipt:
    return Receipt(
        id=key,
        bank_reference=new.bank_reference,
        held_by=new.held_by,
        client_id=new.client,
        payer=new.payer[:120],
        remittance=new.remittance[:300],
        amount=new.amount,
        currency=new.currency,
        received_on=new.received_on,
        recorded_at=at,
        recorded_by=actor.as_json(),
    )


def _entries(row: Receipt) -> EntrySet:
    held = BANK if row.held_by == "firm" else DUE_FROM_PARTNER
    return EntrySet(
        key=f"receipt:{row.bank_reference}",
        kind="receipt",
        effective_on=row.received_on,
        currency=row.currency,
        legs=(Leg(held, UNAPPLIED, row.amount, None, row.pk),),
        pair=f"receipt:{row.bank_reference}" if row.held_by == "partner" else "",
    )


def _recorded(row: Receipt) -> ReceiptRecorded:
    return ReceiptRecorded(
        subject=row.pk, amount=row.amount, currency=row.currency, held_by=row.held_by
    )
