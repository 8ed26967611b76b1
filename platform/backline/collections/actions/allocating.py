"""Receipts and credit notes set against invoices, and taken back; the books follow each penny."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.collections.events import AllocationMade, InvoicePaid
from backline.collections.models import Allocation, Receipt
from backline.desk import actions as desk
from backline.invoicing.models import Invoice
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.events import Fact, record
from backline.kernel.ids import new_id
from backline.ledger import actions as ledger
from backline.ledger.actions import EntrySet, Leg

UNAPPLIED, RECEIVABLE, ASSIGNED = "2400", "1100", "1105"
SETTLES = {"bank_charge": "6220", "rounding": "7010", "discount": "6210"}
NOTHING = Decimal("0.00")
State = Receipt.State


@dataclass(frozen=True, slots=True)
class Part:
    """So much against one invoice; `kind` is payment, or a tolerance that closes it:
    bank_charge, rounding, discount.
    """

    invoice: UUID
    amount: Decimal
    kind: str = "payment"


def allocate(
    receipt: UUID, parts: Sequence[Part], *, because: str, actor: Actor, at: datetime
) -> Receipt:
    """Set parts of a receipt against invoices; never more than it holds or than an invoice has
    open.

    Raises Missing, and Invalid with every fault. What closes an invoice says so.
    """
    row = Receipt.objects.select_for_update().filter(pk=receipt).first()
    if row is None:
        raise Missing("not_found", "There is no such receipt.")
    invoices = _held({part.invoice for part in parts})
    refuse_if(_faults(row, parts, invoices))
    made = [_made(row, part, invoices[part.invoice], because, actor, at) for part in parts]
    _keep(made, invoices, row.received_on, actor, at)
    row.applied += sum((part.amount for part in parts if part.kind == "payment"), NOTHING)
    row.state = State.APPLIED if row.applied == row.amount else State.PART_APPLIED
    row.because, row.proposals = because[:200], []
    row.client_id = row.client_id or next(iter(invoices.values())).client_id
    row.save(update_fields=["applied", "state", "because", "proposals", "client_id"])
    desk.close_for(
        [f"receipt_unmatched:{row.pk}"], resolution="It was matched.", actor=actor, at=at
    )
    return row


def take_back(allocation: UUID, *, reason: str, actor: Actor, at: datetime) -> Receipt | None:
    """Take an allocation back by one that reverses it, on its original days; once only."""
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is taken back.", pointer="/reason")
    old = Allocation.objects.select_related("receipt").filter(pk=allocation).first()
    if old is None:
        raise Missing("not_found", "There is no such allocation.")
    if old.reverses_id is not None or Allocation.objects.filter(reverses=old).exists():
        raise Conflict("illegal_move", "It was taken back already.")
    row = Receipt.objects.select_for_update().get(pk=old.receipt_id) if old.receipt_id else None
    invoices = _held({old.invoice_id})
    back = Allocation(
        id=new_id(),
        receipt_id=old.receipt_id,
        credit_note_id=old.credit_note_id,
        invoice_id=old.invoice_id,
        amount=-old.amount,
        currency=old.currency,
        kind=old.kind,
        reverses=old,
        applied_on=old.applied_on,
        applied_at=at,
        applied_by=actor.as_json(),
        because=reason[:200],
    )
    _keep([back], invoices, old.applied_on, actor, at)
    if row is not None and old.kind == "payment":
        row.applied -= old.amount
        row.state = State.PART_APPLIED if row.applied else State.UNMATCHED
        row.save(update_fields=["applied", "state"])
    return row


def use_credit(credit_notes: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """Set final credit notes against the invoices they adjust, as far as those are open."""
    notes = list(
        Invoice.objects.select_for_update().filter(
            pk__in=credit_notes, kind="credit_note", adjusts__isnull=False, open_amount__lt=0
        )
    )
    invoices = _held({note.adjusts_id for note in notes if note.adjusts_id})
    made: list[Allocation] = []
    for note in notes:
        invoice = invoices[note.adjusts_id] if note.adjusts_id else None
        if invoice is None or invoice.open_amount <= 0:
            continue
        amount = min(-note.open_amount, invoice.open_amount)
        note.open_amount += amount
        made.append(
            Allocation(
                id=new_id(),
                credit_note=note,
                invoice=invoice,
                amount=amount,
                currency=note.currency,
                kind="credit",
                applied_on=note.issued_on or at.date(),
                applied_at=at,
                applied_by=actor.as_json(),
                because=f"{note.number} adjusts {invoice.number}",
            )
        )
    Invoice.objects.bulk_update(notes, ["open_amount"])
    _keep(made, invoices, at.date(), actor, at)


def _held(keys: set[UUID]) -> dict[UUID, Invoice]:
    rows = Invoice.objects.select_for_update().filter(pk__in=keys).order_by("id")
    return {row.pk: row for row in rows}


def _faults(row: Receipt, parts: Sequence[Part], invoices: Mapping[UUID, Invoice]) -> list[Fault]:
    faults = []
    left = {key: invoice.open_amount for key, invoice in invoices.items()}
    cash = row.amount - row.applied
    if not parts:
        faults.append(Fault("required", "Say what it pays.", "/allocations"))
    for n, part in enumerate(parts):
        where = f"/allocations/{n}"
        invoice = invoices.get(part.invoice)
        if invoice is None or invoice.state != Invoice.State.FINALIZED:
            faults.append(Fault("not_found", "There is no such invoice.", f"{where}/invoice"))
            continue
        if invoice.currency != row.currency:
            told = f"{invoice.number} is in {invoice.currency}."
            faults.append(Fault("currency_differs", told, f"{where}/invoice"))
        if not part.amount or (part.amount > 0) != (invoice.open_amount > 0):
            faults.append(Fault("amount_sign", "Give what is paid of it.", f"{where}/amount"))
        left[part.invoice] -= part.amount
        if abs(left[part.invoice]) > abs(invoice.open_amount):
            told = f"Only {invoice.open_amount} is open on {invoice.number}."
            faults.append(Fault("more_than_open", told, f"{where}/amount"))
        if part.kind == "payment":
            cash -= part.amount
    if cash < 0:
        told = f"Only {row.amount - row.applied} of this receipt is left."
        faults.append(Fault("more_than_received", told, "/allocations"))
    return faults


def _made(  # noqa: PLR0917 - one row needs all of it
    row: Receipt, part: Part, invoice: Invoice, because: str, actor: Actor, at: datetime
) -> Allocation:
    return Allocation(
        id=new_id(),
        receipt=row,
        invoice=invoice,
        amount=part.amount,
        currency=row.currency,
        kind=part.kind,
        applied_on=row.received_on,
        applied_at=at,
        applied_by=actor.as_json(),
        because=because[:200],
    )


def _keep(
    made: Sequence[Allocation],
    invoices: Mapping[UUID, Invoice],
    on: date,
    actor: Actor,
    at: datetime,
) -> None:
    """Write allocations, lower what is open, post them and tell."""
    facts: list[Fact] = []
    for one in made:
        invoice = invoices[one.invoice_id]
        invoice.open_amount -= one.amount
        facts.append(_fact(one, invoice))
        if not invoice.open_amount:
            facts.append(InvoicePaid(subject=invoice.pk, number=invoice.number or ""))
    Allocation.objects.bulk_create(made)
    Invoice.objects.bulk_update(invoices.values(), ["open_amount"])
    ledger.post([_entries(one, invoices[one.invoice_id], on) for one in made], actor=actor, at=at)
    record(facts, actor=actor, at=at)


def _entries(one: Allocation, invoice: Invoice, on: date) -> EntrySet:
    owed = ASSIGNED if invoice.is_funded else RECEIVABLE
    if one.kind == "payment":
        leg = Leg(UNAPPLIED, owed, one.amount, one.receipt_id, invoice.pk)
    elif one.kind == "credit":
        leg = Leg(RECEIVABLE, owed, one.amount, one.credit_note_id, invoice.pk)
    else:
        leg = Leg(SETTLES[one.kind], owed, one.amount, None, invoice.pk)
    return EntrySet(
        key=f"allocation:{one.pk}",
        kind="allocation",
        effective_on=on,
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
