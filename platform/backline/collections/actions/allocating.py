"""Receipts and credit notes set against invoices, and taken back; the books follow each penny."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backline.collections.actions.keeping import hold, keep
from backline.collections.models import Allocation, Receipt
from backline.desk import actions as desk
from backline.invoicing.models import Invoice
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.ids import new_id

PAYMENT = "payment"
# What a person may write off as too little to ask for; more than this is credited or claimed.
TOLERATED = {
    "bank_charge": Decimal("25.00"),
    "rounding": Decimal("0.05"),
    "discount": None,
}
NOTHING = Decimal("0.00")
State = Receipt.State


@dataclass(frozen=True, slots=True)
class Part:
    """So much against one invoice; `kind` is payment, or a tolerance that closes it:
    bank_charge, rounding, discount.
    """

    invoice: UUID
    amount: Decimal
    kind: str = PAYMENT


@dataclass(frozen=True, slots=True)
class Plan:
    """What one locked receipt is set against, and how that was found."""

    receipt: Receipt
    parts: Sequence[Part]
    because: str


def allocate(
    receipt: UUID, parts: Sequence[Part], *, because: str, actor: Actor, at: datetime
) -> Receipt:
    """Set parts of a receipt against invoices; never more than it holds or than an invoice has
    open.

    Raises Missing, and Invalid with every fault. What closes an invoice says so.
    """
    hold()
    row = _receipt(receipt)
    invoices = held({part.invoice for part in parts})
    refuse_if(_faults(row, parts, invoices))
    apply([Plan(row, parts, because)], invoices, actor=actor, at=at)
    return row


def confirm(receipt: UUID, *, proposal: int = 0, actor: Actor, at: datetime) -> Receipt:
    """Post one of the answers that were proposed for a receipt, as it stands now."""
    hold()
    row = _receipt(receipt)
    if row.state != State.PROPOSED or not 0 <= proposal < len(row.proposals):
        raise Conflict(
            "nothing_proposed", "There is no such proposal; say which invoices it pays.",
            status=row.state,
        )  # fmt: skip
    chosen = row.proposals[proposal]
    parts = [
        Part(UUID(one["invoice"]), Decimal(one["amount"]), one.get("kind", PAYMENT))
        for one in chosen["allocations"]
    ]
    invoices = held({part.invoice for part in parts})
    refuse_if(_faults(row, parts, invoices), Conflict)
    apply([Plan(row, parts, f"confirmed: {chosen['reason']}")], invoices, actor=actor, at=at)
    return row


def apply(
    plans: Sequence[Plan], invoices: Mapping[UUID, Invoice], *, actor: Actor, at: datetime
) -> None:
    """Post what receipts pay, all in a few statements; the receipts and invoices are locked and
    the parts were checked.
    """
    made: list[Allocation] = []
    for plan in plans:
        row = plan.receipt
        made += [_made(row, part, plan.because, actor, at) for part in plan.parts]
        row.applied += sum((part.amount for part in plan.parts if part.kind == PAYMENT), NOTHING)
        row.state = State.APPLIED if row.applied == row.amount else State.PART_APPLIED
        row.because, row.proposals = plan.because[:200], []
        if row.client_id is None:
            row.client_id = invoices[plan.parts[0].invoice].client_id
    keep(made, invoices, actor=actor, at=at)
    rows = [plan.receipt for plan in plans]
    Receipt.objects.bulk_update(rows, ["applied", "state", "because", "proposals", "client"])
    desk.close_for(
        [f"receipt_unmatched:{row.pk}" for row in rows],
        resolution="It was matched.",
        actor=actor,
        at=at,
    )


def take_back(allocation: UUID, *, reason: str, actor: Actor, at: datetime) -> Receipt | None:
    """Take an allocation back by one that reverses it, on its original days; once only."""
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is taken back.", pointer="/reason")
    hold()
    old = Allocation.objects.select_related("receipt").filter(pk=allocation).first()
    if old is None:
        raise Missing("not_found", "There is no such allocation.")
    row = _receipt(old.receipt_id) if old.receipt_id else None
    invoices = held({key for key in (old.invoice_id, old.credit_note_id) if key is not None})
    if old.reverses_id is not None or Allocation.objects.filter(reverses=old).exists():
        raise Conflict("illegal_move", "It was taken back already.")
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
    keep([back], invoices, actor=actor, at=at)
    if row is not None and old.kind == PAYMENT:
        row.applied -= old.amount
        row.state = State.PART_APPLIED if row.applied else State.UNMATCHED
        row.because = reason[:200]
        row.save(update_fields=["applied", "state", "because"])
        desk.open_exceptions([waiting(row, reason)], actor=actor, at=at)
    return row


def use_credit(credit_notes: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """Set final credit notes against the invoices they adjust, as far as those are open."""
    if not credit_notes:
        return
    hold()
    wanted = dict(
        Invoice.objects.filter(
            pk__in=credit_notes, kind="credit_note", adjusts__isnull=False, open_amount__lt=0
        ).values_list("pk", "adjusts_id")
    )
    invoices = held({*wanted, *wanted.values()})
    left = {key: row.open_amount for key, row in invoices.items()}
    made: list[Allocation] = []
    for key, adjusted in wanted.items():
        amount = min(-left[key], left[adjusted])
        if amount <= 0:
            continue
        left[key] += amount
        left[adjusted] -= amount
        note, invoice = invoices[key], invoices[adjusted]
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
    keep(made, invoices, actor=actor, at=at)


def waiting(row: Receipt, reason: str, *, kind: str = "receipt_unmatched") -> desk.Found:
    """That money waits to be told what it pays."""
    return desk.Found(
        kind=kind,
        key=f"receipt_unmatched:{row.pk}",
        title=f"{row.amount} {row.currency} from {row.payer or 'an unknown payer'} waits",
        detail=reason,
        about_kind="receipt",
        about=row.pk,
        stops="money",
        at_stake=row.amount - row.applied,
        currency=row.currency,
        evidence=row.proposals,
        suggested="Confirm a proposal or say which invoices it pays.",
    )


def held(keys: Iterable[UUID]) -> dict[UUID, Invoice]:
    """These papers, locked in one order."""
    rows = Invoice.objects.select_for_update().filter(pk__in=list(keys)).order_by("id")
    return {row.pk: row for row in rows}


def _receipt(key: UUID) -> Receipt:
    row = Receipt.objects.select_for_update().filter(pk=key).first()
    if row is None:
        raise Missing("not_found", "There is no such receipt.")
    return row


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
        faults += _part_faults(row, part, invoice, where)
        left[part.invoice] -= part.amount
        if left[part.invoice] * invoice.open_amount < 0 or not invoice.open_amount:
            told = f"Only {invoice.open_amount} is open on {invoice.number}."
            faults.append(Fault("more_than_open", told, f"{where}/amount"))
        if part.kind == PAYMENT:
            cash -= part.amount
        elif left[part.invoice]:
            told = f"It would leave {left[part.invoice]} open on {invoice.number}."
            faults.append(Fault("does_not_close", told, f"{where}/amount"))
    if cash < 0:
        told = f"Only {row.amount - row.applied} of this receipt is left."
        faults.append(Fault("more_than_received", told, "/allocations"))
    return faults


def _part_faults(row: Receipt, part: Part, invoice: Invoice, where: str) -> list[Fault]:
    faults = []
    if invoice.currency != row.currency:
        told = f"{invoice.number} is in {invoice.currency}."
        faults.append(Fault("currency_differs", told, f"{where}/invoice"))
    if not part.amount or (part.amount > 0) != (invoice.open_amount > 0):
        faults.append(Fault("amount_sign", "Give what is paid of it.", f"{where}/amount"))
    if part.kind != PAYMENT and part.kind not in TOLERATED:
        words = ", ".join((PAYMENT, *TOLERATED))
        faults.append(Fault("unknown_choice", f"Write one of: {words}.", f"{where}/kind"))
    most = TOLERATED.get(part.kind)
    if most is not None and part.amount > most:
        told = f"At most {most} is let go as {part.kind.replace('_', ' ')}."
        faults.append(Fault("too_much_let_go", told, f"{where}/amount"))
    return faults


def _made(row: Receipt, part: Part, because: str, actor: Actor, at: datetime) -> Allocation:
    return Allocation(
        id=new_id(),
        receipt=row,
        invoice_id=part.invoice,
        amount=part.amount,
        currency=row.currency,
        kind=part.kind,
        applied_on=row.received_on,
        applied_at=at,
        applied_by=actor.as_json(),
        because=because[:200],
    )
