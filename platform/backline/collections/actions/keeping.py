"""Allocations written: what is open goes down, the books follow, and it is told; a few statements
whatever their number.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backline.collections.events import AllocationMade, InvoicePaid
from backline.collections.models import Allocation
from backline.desk import actions as desk
from backline.desk import queries as troubles
from backline.invoicing.models import Invoice
from backline.kernel import locks
from backline.kernel.actors import Actor
from backline.kernel.events import Fact, record
from backline.ledger import actions as ledger
from backline.ledger.actions import EntrySet, Leg
from backline.ledger.models import Entry

UNAPPLIED, RECEIVABLE, ASSIGNED = "2400", "1100", "1105"
SETTLES = {"bank_charge": "6220", "rounding": "7010", "discount": "6210"}


def hold() -> None:
    """One deed with cash at a time in these books: what is open is what all others left."""
    locks.alone("cash")


def keep(
    made: Sequence[Allocation],
    invoices: Mapping[UUID, Invoice],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Write allocations against locked invoices (and the credit notes they use, locked too)."""
    if not made:
        return
    facts: list[Fact] = []
    touched: dict[UUID, Invoice] = {}
    for one in made:
        invoice = touched.setdefault(one.invoice_id, invoices[one.invoice_id])
        invoice.open_amount -= one.amount
        if one.credit_note_id is not None:
            note = touched.setdefault(one.credit_note_id, invoices[one.credit_note_id])
            note.open_amount += one.amount
        facts.append(_fact(one, invoice))
    paid = [row for row in touched.values() if not row.open_amount and row.kind == "invoice"]
    facts += [InvoicePaid(subject=row.pk, number=row.number or "") for row in paid]
    Allocation.objects.bulk_create(made)
    Invoice.objects.bulk_update(touched.values(), ["open_amount"])
    accounts = _accounts(made, invoices)
    ledger.post([_entries(one, accounts[one.pk]) for one in made], actor=actor, at=at)
    record(facts, actor=actor, at=at)
    _close_short(paid, actor, at)


def _close_short(paid: Sequence[Invoice], actor: Actor, at: datetime) -> None:
    """Nobody has to ask for what was paid after all."""
    if not paid:
        return
    keys = (
        troubles.open_about(row.pk for row in paid)
        .filter(kind="short_payment")
        .values_list("key", flat=True)
    )
    if keys:
        told = "The rest was paid or credited."
        desk.close_for(list(keys), resolution=told, actor=actor, at=at)


def _accounts(made: Sequence[Allocation], invoices: Mapping[UUID, Invoice]) -> dict[UUID, str]:
    """The account on which each one's invoice is owed; what is taken back goes where it came
    from, whoever the invoice belongs to by now.
    """
    backs = {_key(one.reverses_id): one for one in made if one.reverses_id}
    first: dict[UUID, str] = {}
    came = Entry.objects.filter(posting__key__in=backs).values_list(
        "posting__key", "credit_subject", "credit", "debit"
    )
    for key, subject, credit, debit in came:
        back = backs[key]
        first[back.pk] = credit if subject == back.invoice_id else debit
    return {
        one.pk: first.get(one.pk)
        or (ASSIGNED if invoices[one.invoice_id].is_funded else RECEIVABLE)
        for one in made
    }


def _key(allocation: UUID) -> str:
    return f"allocation:{allocation}"


def _entries(one: Allocation, owed: str) -> EntrySet:
    if one.kind == "payment":
        leg = Leg(UNAPPLIED, owed, one.amount, one.receipt_id, one.invoice_id)
    elif one.kind == "credit":
        leg = Leg(RECEIVABLE, owed, one.amount, one.credit_note_id, one.invoice_id)
    else:
        leg = Leg(SETTLES[one.kind], owed, one.amount, None, one.invoice_id)
    return EntrySet(
        key=_key(one.pk),
        kind="allocation",
        effective_on=one.applied_on,
        currency=one.currency,
        legs=(leg,),
        narrative=one.because,
    )


def _fact(one: Allocation, invoice: Invoice) -> AllocationMade:
    return AllocationMade(
        subject=one.pk,
        receipt=str(one.receipt_id or ""),
        invoice=str(invoice.pk),
        amount=one.amount,
        currency=one.currency,
        kind=one.kind,
        held_by=one.receipt.held_by if one.receipt is not None else "",
        is_funded=invoice.is_funded,
    )
