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
BY_HAND = {"post": "to_post", "portal": "to_upload"}  # what waits for somebody to take it there


def send(invoices: Sequence[UUID], *, actor: Actor, at: datetime, again: str = "") -> list[Outcome]:
    """Send final invoices as their terms say: by mail to the addresses of the terms, else to the
    client's billing contacts; or by putting them into the queue for post or the client's portal.

    Each once; `again` is a word that makes a repeat its own. One without a reader or an address is
    refused and put on a desk.
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
            refusals[row.pk] = _nobody(row)
            row.delivery = UNDELIVERED
    fit = [row for row in rows if row.pk not in refusals]
    papers.make([row for row in fit if row.document_id is None], actor=actor, at=at)
    sent = [
        *_mailed([row for row in fit if _means(row) not in BY_HAND], readers, again, at),
        *(row for row in fit if _means(row) in BY_HAND and (again or not row.delivery)),
    ]
    for row in sent:
        row.delivery = BY_HAND.get(_means(row), QUEUED)
    Invoice.objects.bulk_update([row for row in rows if row.delivery], ["delivery"])
    unread = [row for row in rows if row.delivery == UNDELIVERED and row.pk in refusals]
    if unread:
        desk.open_exceptions((_unread(row) for row in unread), actor=actor, at=at)
    record((InvoiceSent(subject=row.pk, to=readers[row.pk]) for row in sent), actor=actor, at=at)
    return in_order(invoices, refusals)


def _means(row: Invoice) -> str:
    return row.terms.deliver_by if row.terms else "email"


def _mailed(
    rows: Sequence[Invoice], readers: Mapping[UUID, list[str]], again: str, at: datetime
) -> list[Invoice]:
    """Write the letters that were not written before; the invoices that have a new one."""
    firm = directory.firm().trading_name
    letters = [_letter(row, to, firm, again) for row in rows for to in readers[row.pk]]
    fresh = desk.write(letters, at=at)
    about = set(Message.objects.filter(pk__in=fresh).values_list("about", flat=True))
    return [row for row in rows if row.pk in about]


def note_by_hand(
    invoices: Sequence[UUID], *, arrived: bool, reason: str, actor: Actor, at: datetime
) -> list[Outcome]:
    """Say of invoices that somebody took them to the post or portal, or heard that they did not
    arrive; said again it changes nothing, and one that its own mail still carries is refused.
    """
    rows = {
        row.pk: row
        for row in Invoice.objects.select_for_update().filter(pk__in=invoices).order_by("id")
    }
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such invoice.") for key in set(invoices) - set(rows)
    }
    wanted = SENT if arrived else UNDELIVERED
    moved = []
    for row in rows.values():
        if not row.delivery or row.delivery == QUEUED:
            told = "This invoice is not sent yet, or its mail is still on its way."
            refusals[row.pk] = Conflict("not_by_hand", told)
        elif row.delivery != wanted:
            row.delivery = wanted
            moved.append(row)
    _delivered(moved, reason=reason, actor=actor, at=at)
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
    moved = []
    for message, invoice in about.items():
        row = rows.get(invoice) if invoice is not None else None
        wanted = UNDELIVERED if messages[message] else SENT
        # of several readers one who did not get it is enough to be told of
        if row is None or row.delivery in {wanted, UNDELIVERED}:
            continue
        row.delivery = wanted
        moved.append(row)
    _delivered(moved, reason="", actor=actor, at=at)


def _delivered(rows: Sequence[Invoice], *, reason: str, actor: Actor, at: datetime) -> None:
    """Keep what became of them; what did not arrive goes to a desk, what did is taken off it."""
    if not rows:
        return
    Invoice.objects.bulk_update(rows, ["delivery"])
    facts = (InvoiceDelivered(subject=row.pk, delivery=row.delivery, reason=reason) for row in rows)
    record(facts, actor=actor, at=at)
    bounced = [row for row in rows if row.delivery == UNDELIVERED]
    desk.open_exceptions((_bounced(row, reason) for row in bounced), actor=actor, at=at)
    arrived = [f"invoice_undelivered:{row.pk}" for row in rows if row.delivery == SENT]
    desk.close_for(arrived, resolution="It was delivered.", actor=actor, at=at)


def _readers(rows: Sequence[Invoice]) -> dict[UUID, list[str]]:
    contacts: dict[UUID, list[str]] = {}
    for contact in Contact.objects.filter(
        client__in={row.client_id for row in rows}, state="active"
    ).order_by("id"):
        if "billing" in contact.roles and contact.email:
            contacts.setdefault(contact.client_id, []).append(contact.email)
    return {row.pk: _readers_of(row, contacts.get(row.client_id, [])) for row in rows}


def _readers_of(row: Invoice, billing: list[str]) -> list[str]:
    """Mail addresses; the postal address for post; the client's name for its own portal."""
    match _means(row):
        case "post":
            address = [str(part) for part in (row.client.billing_address or {}).values() if part]
            return [", ".join([row.client.legal_name, *address])] if address else []
        case "portal":
            return [row.client.legal_name]
    return (list(row.terms.deliver_to) if row.terms else []) or billing


def _nobody(row: Invoice) -> Refusal:
    if _means(row) == "post":
        return Conflict("no_address", "The client has no billing address to post to.")
    return Conflict("no_reader", "Nobody is named who receives invoices.")


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
    if _means(row) == "post":
        told = f"{row.number} cannot be posted: the client has no billing address"
        return _found(row, told, "Give the client a billing address, then send it again.")
    return _found(
        row,
        f"{row.number} cannot be sent: nobody is named who receives invoices",
        "Name a billing contact, then send it again.",
    )


def _bounced(row: Invoice, reason: str) -> desk.Found:
    because = f": {reason}" if reason else ""
    return _found(
        row,
        f"{row.number} could not be delivered{because}",
        "Check the address it went to, then send it again.",
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
