"""/v1/invoices: drafts, final invoices and credit notes."""

import hashlib
from typing import Any
from uuid import UUID

from api import fields, sets
from api.answers import RESULTS, accepted, results
from api.door import Answer, Call, File, door
from api.v1.invoicing.words import (
    INVOICE,
    INVOICE_DETAIL,
    INVOICES,
    PAPER,
    TAG,
)
from backline.invoicing import actions, papers
from backline.invoicing.actions import Change
from backline.invoicing.models import Invoice
from backline.kernel import documents
from backline.kernel.errors import Missing
from backline.kernel.outcomes import one

AT_ONCE = 100

INVOICE.path = "/v1/invoices"


@door("GET", "/v1/invoices", "invoices_list", scope="invoices:read", lists=INVOICE, tag=TAG)
def listed(call: Call) -> object:
    """List invoices and credit notes, page by page."""
    return INVOICE.page(call)


@door(
    "GET",
    "/v1/invoices/{invoice:inv}",
    "invoices_retrieve",
    scope="invoices:read",
    answers=INVOICE_DETAIL,
    tag=TAG,
)
def retrieved(call: Call, invoice: UUID) -> object:  # noqa: ARG001  # every deed is given its call
    """Read an invoice with its lines and tax rows."""
    return INVOICE_DETAIL.one(invoice)


@door(
    "GET",
    "/v1/invoices/{invoice:inv}/document",
    "invoices_document",
    scope="invoices:read",
    answers=PAPER,
    tag=TAG,
)
def document(call: Call, invoice: UUID) -> object:
    """Fetch an invoice as PDF, approved time behind it; a draft is shown as it would be issued."""
    row = (
        Invoice.objects.select_related("client", "terms", "adjusts", "document")
        .filter(pk=invoice)
        .exclude(state=Invoice.State.DISCARDED)
        .first()
    )
    if row is None:
        raise Missing("not_found", "There is no such record, or not for you.")
    if row.state == Invoice.State.DRAFT:
        held = papers.preview(row)
        tag = hashlib.sha256(held).hexdigest()
        return Answer(File(held, PAPER, "draft.pdf"), headers={"ETag": f'"{tag}"'})
    if row.document is None:
        papers.make([row], actor=call.actor, at=call.at)
    paper = row.document
    if paper is None:
        raise Missing("not_found", "There is no paper of this invoice.")
    held = documents.content(paper)
    return Answer(File(held, PAPER, paper.name), headers={"ETag": f'"{paper.sha256}"'})


class DraftIn(fields.Input):
    """Whose drafts to make anew."""

    clients = fields.Many(fields.PublicId("cli"), most=100)


class ManyIn(sets.Several):
    """Which invoices, by id or by the filters of their list."""

    noun = "invoices"
    invoices = sets.named("inv")
    where = sets.Where(INVOICE)


class SendIn(fields.Input):
    """Which invoices; `again` is a word of your own that makes a repeat its own."""

    invoices = fields.Many(fields.PublicId("inv"), most=AT_ONCE)
    again = fields.Text(longest=40, blank=True, default="")


class DeliveredIn(fields.Input):
    """Which invoices were posted or uploaded; or came back, and why."""

    invoices = fields.Many(fields.PublicId("inv"), most=AT_ONCE)
    arrived = fields.Flag()
    reason = fields.Text(longest=200, blank=True, default="")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """What came back says why."""
        if not given["arrived"] and not given["reason"]:
            raise fields.wrong("reason", "required", "Say why it did not arrive.")
        return given


class NoteIn(fields.Input):
    """What is printed below the lines of a draft."""

    note = fields.Text(longest=300, blank=True)


class ChangeIn(fields.Input):
    """One line as it should have been."""

    line = fields.Whole(help_text="Its place on the invoice: n.")
    quantity = fields.DecimalText(required=False)
    rate = fields.DecimalText(places=4, required=False)


class CreditIn(fields.Input):
    """Why, and whether the work is billed again, with which lines changed."""

    reason = fields.Text(longest=300)
    reinstate = fields.Flag(default=False)
    changes = fields.Many(ChangeIn(), least=0, most=100, required=False)


class AdjustIn(ChangeIn):
    """A line at another quantity or rate, and why."""

    reason = fields.Text(longest=300)


@door(
    "POST",
    "/v1/invoices/draft",
    "invoices_draft",
    scope="invoices:write",
    body=DraftIn,
    answers=INVOICES,
    key="optional",
    tag=TAG,
)
def draft(call: Call) -> object:
    """Make the drafts of clients anew from everything billable, as their terms say."""
    made = actions.draft(call.body["clients"], actor=call.actor, at=call.at)
    return {"data": INVOICE.these(made)}


@door(
    "PATCH",
    "/v1/invoices/{invoice:inv}",
    "invoices_update",
    scope="invoices:write",
    body=NoteIn,
    answers=INVOICE_DETAIL,
    match=INVOICE_DETAIL,
    tag=TAG,
)
def change(call: Call, invoice: UUID) -> object:
    """Change what is printed on a draft; what is final is never edited."""
    actions.note(invoice, call.body, actor=call.actor, at=call.at)
    return INVOICE_DETAIL.one(invoice)


@door(
    "POST",
    "/v1/invoices/{invoice:inv}/finalize",
    "invoices_finalize",
    scope="invoices:finalize",
    answers=INVOICE_DETAIL,
    key="required",
    dry_run=True,
    tag=TAG,
)
def finalize(call: Call, invoice: UUID) -> object:
    """Make a draft final: it gets its number, is posted, printed and sent, and never edited."""
    one(actions.finalize([invoice], actor=call.actor, at=call.at))
    return INVOICE_DETAIL.one(invoice)


@door(
    "POST",
    "/v1/invoices/finalize",
    "invoices_finalize_many",
    scope="invoices:finalize",
    body=ManyIn,
    answers=RESULTS,
    status=207,
    also=(202,),
    key="required",
    tag=TAG,
)
def finalize_many(call: Call) -> object:
    """Make many drafts final in the order given; one that is refused takes no number."""
    asked = sets.keys(call, INVOICE, "invoices")
    if len(asked) > AT_ONCE:
        return accepted(actions.finalize_many(asked, actor=call.actor, at=call.at))
    return results(actions.finalize(asked, actor=call.actor, at=call.at), "inv")


@door(
    "POST",
    "/v1/invoices/send",
    "invoices_send",
    scope="invoices:write",
    body=SendIn,
    answers=RESULTS,
    status=207,
    key="optional",
    tag=TAG,
)
def send(call: Call) -> object:
    """Send final invoices to their readers; the same word again sends nothing twice."""
    told: dict[str, Any] = {"actor": call.actor, "at": call.at, "again": call.body["again"]}
    return results(actions.send(call.body["invoices"], **told), "inv")


@door(
    "POST",
    "/v1/invoices/deliveries",
    "invoices_deliveries",
    scope="invoices:write",
    body=DeliveredIn,
    answers=RESULTS,
    status=207,
    key="optional",
    tag=TAG,
)
def delivered(call: Call) -> object:
    """Say that invoices were taken to the post or the client's portal, or that they came back;
    those to take there are listed with `delivery=to_post` and `delivery=to_upload`.
    """
    made = actions.note_by_hand(**call.body, actor=call.actor, at=call.at)
    return results(made, "inv")


@door(
    "POST",
    "/v1/invoices/{invoice:inv}/credit",
    "invoices_credit",
    scope="credit_notes:write",
    body=CreditIn,
    answers=INVOICE_DETAIL,
    status=201,
    key="required",
    dry_run=True,
    tag=TAG,
)
def credit(call: Call, invoice: UUID) -> object:
    """Credit a final invoice whole, and bill its work again if asked; answers the credit note."""
    made = actions.credit(
        invoice,
        reason=call.body["reason"],
        reinstate=call.body["reinstate"],
        changes=[Change(**one_) for one_ in call.body.get("changes", ())],
        actor=call.actor,
        at=call.at,
    )
    return INVOICE_DETAIL.one(made.pk)


@door(
    "POST",
    "/v1/invoices/{invoice:inv}/adjust",
    "invoices_adjust",
    scope="credit_notes:write",
    body=AdjustIn,
    answers=INVOICE_DETAIL,
    status=201,
    key="required",
    dry_run=True,
    tag=TAG,
)
def adjust(call: Call, invoice: UUID) -> object:
    """Bill one line of a final invoice differently: the difference alone, on its own paper."""
    made = actions.adjust(invoice, **call.body, actor=call.actor, at=call.at)
    return INVOICE_DETAIL.one(made.pk)
