"""Final invoices sent to those the client named, with their paper attached."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.directory.models import Contact
from backline.invoicing.events import InvoiceSent
from backline.invoicing.models import Invoice
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order


def send(invoices: Sequence[UUID], *, actor: Actor, at: datetime, again: str = "") -> list[Outcome]:
    """Send final invoices by mail to the addresses of their terms, else to the client's billing
    contacts.

    Each once by its number; `again` is a word that makes a repeat its own. One without a reader is
    refused and
    put on a desk.
    """
    rows = list(
        Invoice.objects.select_for_update(of=("self",))
        .select_related("client", "terms")
        .filter(pk__in=invoices)
        .order_by("id")
    )
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such invoice.")
        for key in set(invoices) - {row.pk for row in rows}
    }
    readers = _readers(rows)
    firm = directory.firm()
    letters, facts, unread = [], [], []
    for row in rows:
        to = readers.get(row.pk, [])
        if row.state != Invoice.State.FINALIZED:
            refusals[row.pk] = Conflict("not_final", "Only a final invoice is sent.")
        elif not to:
            refusals[row.pk] = Conflict("no_reader", "Nobody is named who receives invoices.")
            unread.append(row)
        else:
            letters += [_letter(row, address, firm.trading_name, again) for address in to]
            facts.append(InvoiceSent(subject=row.pk, to=to))
            row.delivery = "queued"
    Invoice.objects.bulk_update([row for row in rows if row.pk not in refusals], ["delivery"])
    desk.write(letters, at=at)
    desk.open_exceptions((_undelivered(row) for row in unread), actor=actor, at=at)
    record(facts, actor=actor, at=at)
    return in_order(invoices, refusals)


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


def _undelivered(row: Invoice) -> desk.Found:
    return desk.Found(
        kind="invoice_undelivered",
        key=f"invoice_undelivered:{row.pk}",
        title=f"{row.number} cannot be sent: nobody is named who receives invoices",
        about_kind="invoice",
        about=row.pk,
        stops="money",
        at_stake=row.gross,
        currency=row.currency,
        suggested="Name a billing contact, then send it again.",
    )
