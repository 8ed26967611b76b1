"""Final invoices sent to those the client named, with their paper attached; what became of the
mail.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.desk.models import Message
from backline.directory import queries as directory
from backline.directory.models import Contact
from backline.invoicing import papers
from backline.invoicing.events import InvoiceDelivered, InvoiceSent
from backline.invoicing.models import Invoice
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order

QUEUED, SENT, UNDELIVERED = "queued", "sent", "undelivered"


def send(invoices: Sequence[UUID], *, actor: Actor, at: datetime, again: str = "") -> list[Outcome]:
    """Send final invoices by mail to the addresses of their terms, else to the client's billing
    contacts.

    Each once by its number; `again` is a word that makes a repeat its own. One without a reader is
    refused and
    put on a desk.
    """
    rows = list(
        Invoice.objects.select_for_update(of=("self",))
        .select_related("client", "terms", "adjusts")
        .filter(pk__in=invoices)
        .order_by("id")
    )
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such invoice.")
        for key in set(invoices) - {row.pk for row in rows}
    }
    readers = _readers(rows)
    for row in rows:
        if row.state != Invoice.State.FINALIZED:
            refusals[row.pk] = Conflict("not_final", "Only a final invoice is sent.")
        elif not readers.get(row.pk):
            refusals[row.pk] = Conflict("no_reader", "Nobody is named who receives invoices.")
            row.delivery = UNDELIVERED
    fit = [row for row in rows if row.pk not in refusals]
    papers.make([row for row in fit if row.document_id is None], actor=actor, at=at)
    firm = directory.firm().trading_name
    for row in fit:
        row.delivery = QUEUED
    Invoice.objects.bulk_update([row for row in rows if row.delivery], ["delivery"])
    desk.write(
        (_letter(row, address, firm, again) for row in fit for address in readers[row.pk]), at=at
    )
    unread = [row for row in rows if row.delivery == UNDELIVERED]
    if unread:
        desk.open_exceptions((_unread(row) for row in unread), actor=actor, at=at)
    record((InvoiceSent(subject=row.pk, to=readers[row.pk]) for row in fit), actor=actor, at=at)
    return in_order(invoices, refusals)


def note_delivery(messages: Mapping[UUID, bool], *, actor: Actor, at: datetime) -> None:
    """Let invoices say what became of their mail: messages by their key, True for those that
    failed.
    """
    about = dict(
        Message.objects.filter(pk__in=list(messages), kind="invoice", about__isnull=False)
        .order_by("id")
        .values_list("pk", "about")
    )
    rows = {
        row.pk: row
        for row in Invoice.objects.select_for_update()
        .filter(pk__in=set(about.values()))
        .order_by("id")
    }
    moved: dict[UUID, Invoice] = {}
    for message, invoice in about.items():
        row = rows.get(invoice) if invoice is not None else None
        wanted = UNDELIVERED if messages[message] else SENT
        # of several readers one who did not get it is enough to be told of
        if row is None or row.delivery in {wanted, UNDELIVERED}:
            continue
        row.delivery = wanted
        moved[row.pk] = row
    if not moved:
        return
    Invoice.objects.bulk_update(moved.values(), ["delivery"])
    facts = (InvoiceDelivered(subject=row.pk, delivery=row.delivery) for row in moved.values())
    record(facts, actor=actor, at=at)
    bounced = [row for row in moved.values() if row.delivery == UNDELIVERED]
    desk.open_exceptions((_bounced(row) for row in bounced), actor=actor, at=at)
    arrived = [f"invoice_undelivered:{row.pk}" for row in moved.values() if row.delivery == SENT]
    desk.close_for(arrived, resolution="It was delivered.", actor=actor, at=at)


def _readers(rows: Sequence[Invoice]) -> dict[UUID, list[str]]:
    contacts: dict[UUID, list[str]] = {}
    for contact in Contact.objects.filter(
        client__in={row.client_id for row in rows}, state="active"
    ).order_by("id"):
        if "billing" in contact.roles and contact.email:
            contacts.setdefault(contact.client_id, []).append(contact.email)
    return {
        row.pk: (list(row.terms.deliver_to) if row.terms else []) or contacts.get(row.client_id, [])
        for row in rows
    }


def _letter(row: Invoice, address: str, firm: str, again: str) -> desk.Letter:
    noun = "Credit note" if row.kind == "credit_note" else "Invoice"
    due = f"It is due on {row.due_on:%d %B %Y}.\n" if row.kind == "invoice" and row.due_on else ""
    amount = f"{abs(row.gross)} {row.currency}"
    return desk.Letter(
        key=f"invoice:{row.pk}:{address}:{again}",
        kind="invoice",
        to_address=address,
        to_name=row.client.legal_name,
        subject_line=f"{noun} {row.number} of {firm}",
        body=f"{noun} {row.number} over {amount} is attached.\n{due}\n{firm}\n",
        about=row.pk,
        attachments=[row.document_id] if row.document_id else [],
    )


def _unread(row: Invoice) -> desk.Found:
    return _found(
        row,
        f"{row.number} cannot be sent: nobody is named who receives invoices",
        "Name a billing contact, then send it again.",
    )


def _bounced(row: Invoice) -> desk.Found:
    return _found(
        row,
        f"{row.number} could not be delivered",
        "Check the address of the billing contact, then send it again.",
    )


def _found(row: Invoice, title: str, suggested: str) -> desk.Found:
    return desk.Found(
        kind="invoice_undelivered",
        key=f"invoice_undelivered:{row.pk}",
        title=title,
        about_kind="invoice",
        about=row.pk,
        stops="money",
        at_stake=row.gross,
        currency=row.currency,
        suggested=suggested,
    )
