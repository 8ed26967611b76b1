"""Invoices issued elsewhere that are still open, brought in with their own numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.directory.models import Client
from backline.invoicing.events import InvoiceBroughtIn
from backline.invoicing.models import Invoice, InvoiceLine
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Refusal
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.kernel.outcomes import Outcome
from backline.ledger import actions as ledger
from backline.ledger.actions import EntrySet, Leg
from rulebook.money import NOTHING

RECEIVABLE, OPENING = "1100", "3000"
OUR_SERIES = re.compile(r"(INV|CN)-[0-9]+")
SAME = ("client_id", "currency", "issued_on", "due_on", "net", "tax", "open_amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """An invoice of another system: what it came to, and what of it is still open."""

    client: UUID
    number: str
    issued_on: date
    due_on: date
    net: Decimal
    tax: Decimal
    open_amount: Decimal
    currency: str
    po_number: str = ""


def bring_in(
    invoices: Sequence[OpenInvoice], *, as_of: date, actor: Actor, at: datetime
) -> list[Outcome]:
    """Bring open invoices in as final, each posted with what is open of it against the opening
    balances; the same one again changes nothing, and our own numbers go on as they were.
    """
    clients = set(
        Client.objects.filter(pk__in={one.client for one in invoices}).values_list("pk", flat=True)
    )
    known = {
        row.number: row for row in Invoice.objects.filter(number__in=[i.number for i in invoices])
    }
    outcomes, rows = [], []
    for one in invoices:
        row = _row(one, actor, at)
        before = known.setdefault(one.number, row)
        refusal = _refusal(one, row, before, clients, as_of)
        outcomes.append(Outcome(before.pk, refusal))
        if refusal is None and before is row:
            rows.append(row)
    Invoice.objects.bulk_create(rows)
    InvoiceLine.objects.bulk_create(_line(row) for row in rows)
    ledger.post([_entries(row, as_of) for row in rows], actor=actor, at=at)
    record((_told(row) for row in rows), actor=actor, at=at)
    return outcomes


def _refusal(
    one: OpenInvoice, row: Invoice, before: Invoice, clients: set[UUID], as_of: date
) -> Refusal | None:
    faults = _faults(one, as_of)
    if one.client not in clients:
        faults.append(Fault("not_found", "There is no such client.", "/client"))
    if faults:
        return Invalid.of(faults)
    if before is not row and any(getattr(before, n) != getattr(row, n) for n in SAME):
        told = f"{one.number} is there with other figures; credit it, it is not edited."
        return Conflict("invoice_differs", told, pointer="/number")
    return None


def _faults(one: OpenInvoice, as_of: date) -> list[Fault]:
    faults = []
    if not one.number.strip() or OUR_SERIES.fullmatch(one.number):
        told = "Give the number under which it was issued; ours begin with INV and CN."
        faults.append(Fault("number_unfit", told, "/number"))
    if one.issued_on > as_of:
        faults.append(Fault("issued_later", "It was issued after that day.", "/issued_on"))
    if one.due_on < one.issued_on:
        faults.append(Fault("due_before_issue", "It is due before it was issued.", "/due_on"))
    if not NOTHING < one.open_amount <= one.net + one.tax:
        told = "What is open is more than nothing and at most the whole invoice."
        faults.append(Fault("open_amount_unfit", told, "/open_amount"))
    return faults


def _row(one: OpenInvoice, actor: Actor, at: datetime) -> Invoice:
    return Invoice(
        id=new_id(),
        state=Invoice.State.FINALIZED,
        client_id=one.client,
        group_key=f"opening:{one.number}",
        number=one.number,
        currency=one.currency,
        issued_on=one.issued_on,
        due_on=one.due_on,
        po_number=one.po_number,
        net=one.net,
        tax=one.tax,
        gross=one.net + one.tax,
        open_amount=one.open_amount,
        reason="Opening position",
        drafted_at=at,
        finalized_at=at,
        finalized_by=actor.as_json(),
    )


def _line(row: Invoice) -> InvoiceLine:
    return InvoiceLine(
        invoice=row,
        n=1,
        label=f"As invoice {row.number} of {row.issued_on.isoformat() if row.issued_on else ''}",
        quantity=Decimal(1),
        unit="unit",
        rate=row.net,
        amount=row.net,
        treatment="none",
        po_number=row.po_number,
    )


def _entries(row: Invoice, as_of: date) -> EntrySet:
    return EntrySet(
        key=f"invoice:{row.pk}",
        kind="opening",
        effective_on=as_of,
        currency=row.currency,
        legs=(Leg(RECEIVABLE, OPENING, row.open_amount, row.pk, None),),
        narrative=row.number or "",
    )


def _told(row: Invoice) -> InvoiceBroughtIn:
    return InvoiceBroughtIn(
        subject=row.pk,
        number=row.number or "",
        client=str(row.client_id),
        open_amount=row.open_amount,
        currency=row.currency,
        due_on=row.due_on.isoformat() if row.due_on else "",
    )
