"""/v1/receipts and /v1/allocations: money in, and what each penny of it was set against."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api import fields, sets
from api.answers import RESULTS, line_results
from api.door import Call, door, reads
from api.lines import Line, Lines
from api.resource import (
    Amount,
    Choice,
    Day,
    Derived,
    Id,
    Instant,
    Json,
    Many,
    Ref,
    Resource,
    Shape,
    Text,
)
from backline.collections import actions
from backline.collections.actions import NewReceipt, Part
from backline.collections.models import Allocation, Receipt
from backline.kernel import ids
from backline.kernel.errors import Fault, Refusal, refuse_if
from backline.kernel.outcomes import one

TAG = "collections"
CURRENCIES = ("GBP", "USD")
KINDS = ("payment", "bank_charge", "rounding", "discount", "credit")
MOST_LINES = 5000

PART = Shape(
    "ProposedAllocation",
    (Ref("invoice", "inv"), Amount("amount"), Choice("kind", KINDS)),
    doc="So much against one invoice.",
)
PROPOSAL = Shape(
    "MatchProposal",
    (
        Json("allocations", {"type": "array", "items": PART.ref()}),
        Text("reason", doc="Why it was not posted by itself."),
    ),
    doc="One answer that fits; confirm it by its place in the list.",
)
ALLOCATION = Resource(
    "Allocation",
    model=Allocation,
    fields=(
        Id("alc"),
        Ref("receipt", "rcp"),
        Ref("credit_note", "inv", doc="The credit note that was used, where it was not money."),
        Ref("invoice", "inv"),
        Text("invoice_number", "invoice__number"),
        Amount("amount", doc="Below zero where it takes another one back."),
        Choice("kind", KINDS),
        Ref("reverses", "alc"),
        Day("applied_on"),
        Instant("applied_at"),
        Text("because"),
    ),
    filters=("receipt", "invoice", "credit_note", "kind"),
    doc="Part of a receipt or credit note set against one invoice.",
)


def _told(kept: Sequence[Mapping[str, Any]], currency: str) -> list[dict[str, object]]:
    return [
        {
            "reason": one_["reason"],
            "allocations": [
                {
                    "invoice": ids.public("inv", UUID(part["invoice"])),
                    "amount": {"amount": part["amount"], "currency": currency},
                    "kind": part["kind"],
                }
                for part in one_["allocations"]
            ],
        }
        for one_ in kept
    ]


SAID = (
    Id("rcp"),
    Text("bank_reference", doc="The bank's own; it makes a receipt once."),
    Choice("held_by", ("firm", "partner"), doc="Whose bank the money is in."),
    Ref("client", "cli"),
    Text("payer"),
    Text("remittance", doc="What the payer said it is for."),
    Amount("amount"),
    Amount("applied"),
    Derived(
        Amount("unapplied"),
        of=("amount", "applied", "currency"),
        make=lambda amount, applied, currency: (amount - applied, currency),
    ),
    Choice("currency", CURRENCIES),
    Day("received_on"),
    Choice("state", Receipt.State),
    Text("because", doc="How it was matched, or why it was not."),
    Derived(
        Json("proposals", {"type": "array", "items": PROPOSAL.ref()}),
        of=("proposals", "currency"),
        make=_told,
    ),
    Instant("recorded_at"),
)
RECEIPT = Resource(
    "Receipt",
    model=Receipt,
    fields=SAID,
    filters=("client", "state", "currency", "received_on", "bank_reference", "held_by"),
    sorts=("received_on",),
    doc="Money in from a client.",
)
RECEIPT_DETAIL = Resource(
    "ReceiptDetail",
    model=Receipt,
    fields=(*SAID, Many("allocations", ALLOCATION, by="receipt")),
    doc="Money in, and what each penny of it was set against.",
)
RECEIPT.path = RECEIPT_DETAIL.path = "/v1/receipts"

reads(ALLOCATION, "/v1/allocations", scope="receipts:read", tag=TAG)


@door("GET", "/v1/receipts", "receipts_list", scope="receipts:read", lists=RECEIPT, tag=TAG)
def listed(call: Call) -> object:
    """List receipts, page by page; those with state unmatched or proposed wait for a person."""
    return RECEIPT.page(call)


@door(
    "GET",
    "/v1/receipts/{receipt:rcp}",
    "receipts_retrieve",
    scope="receipts:read",
    answers=RECEIPT_DETAIL,
    tag=TAG,
)
def retrieved(call: Call, receipt: UUID) -> object:  # noqa: ARG001  # every deed is given its call
    """Read a receipt with everything it was set against."""
    return RECEIPT_DETAIL.one(receipt)


class ReceiptIn(fields.Input):
    """Money in as the bank tells it."""

    bank_reference = fields.Text(longest=80)
    amount = fields.MoneyIn()
    received_on = fields.Day()
    payer = fields.Text(longest=120, blank=True, default="")
    remittance = fields.Text(longest=300, blank=True, default="")
    client = fields.PublicId("cli", required=False)


class ReceiptsIn(fields.Input):
    """Lines of a bank statement that are money in."""

    receipts = Lines(ReceiptIn, most=MOST_LINES)


class PartIn(fields.Input):
    """So much against one invoice."""

    invoice = fields.PublicId("inv")
    amount = fields.MoneyIn(least="-99999999.99")
    kind = fields.Choice(KINDS[:4], default="payment")


class AllocateIn(fields.Input):
    """What a receipt pays, as a person says."""

    allocations = fields.Many(PartIn(), most=500)
    reason = fields.Text(longest=200, blank=True, default="")


class ConfirmIn(fields.Input):
    """Which of the proposals."""

    proposal = fields.Whole(default=0, most=20)


class ReasonIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=200)


@door(
    "POST",
    "/v1/receipts",
    "receipts_record",
    scope="receipts:write",
    body=ReceiptIn,
    answers=RECEIPT_DETAIL,
    status=201,
    key="optional",
    tag=TAG,
)
def record(call: Call) -> object:
    """Record money in and match it; the same bank reference again changes nothing."""
    made = actions.receive([_new(call.body)], actor=call.actor, at=call.at)
    return RECEIPT_DETAIL.one(one(made))


@door(
    "POST",
    "/v1/receipts/imports",
    "receipts_import",
    scope="receipts:write",
    body=ReceiptsIn,
    answers=RESULTS,
    status=207,
    key="optional",
    dry_run=True,
    tag=TAG,
    takes=("application/json", "text/csv"),
)
def bring_in(call: Call) -> object:
    """Record many lines of a bank; a bad one stops no other, the same file adds nothing."""
    lines: list[Line] = call.body["receipts"]
    good = [line for line in lines if line.values is not None]
    made = actions.receive([_new(line.values or {}) for line in good], actor=call.actor, at=call.at)
    became: dict[int, UUID | Refusal] = {
        line.n: outcome.refusal or outcome.id for line, outcome in zip(good, made, strict=True)
    }
    return line_results(lines, became, "rcp")


@door(
    "POST",
    "/v1/receipts/{receipt:rcp}/allocate",
    "receipts_allocate",
    scope="receipts:write",
    body=AllocateIn,
    answers=RECEIPT_DETAIL,
    key="optional",
    dry_run=True,
    tag=TAG,
)
def allocate(call: Call, receipt: UUID) -> object:
    """Say what a receipt pays; never more than it holds or than an invoice has open."""
    currency = Receipt.objects.filter(pk=receipt).values_list("currency", flat=True).first()
    given = call.body["allocations"]
    faults = [
        Fault("currency_differs", f"This receipt is in {currency}.", f"/allocations/{n}/amount")
        for n, each in enumerate(given)
        if currency is not None and each["amount"].currency != currency
    ]
    refuse_if(faults)
    parts = [Part(each["invoice"], each["amount"].amount, each["kind"]) for each in given]
    because = call.body["reason"] or "as told by a person"
    actions.allocate(receipt, parts, because=because, actor=call.actor, at=call.at)
    return RECEIPT_DETAIL.one(receipt)


@door(
    "POST",
    "/v1/receipts/{receipt:rcp}/confirm",
    "receipts_confirm",
    scope="receipts:write",
    body=ConfirmIn,
    answers=RECEIPT_DETAIL,
    key="optional",
    tag=TAG,
)
def confirm(call: Call, receipt: UUID) -> object:
    """Post one of the proposals that were made for a receipt."""
    actions.confirm(receipt, proposal=call.body["proposal"], actor=call.actor, at=call.at)
    return RECEIPT_DETAIL.one(receipt)


@door(
    "POST",
    "/v1/receipts/{receipt:rcp}/match",
    "receipts_match",
    scope="receipts:write",
    answers=RECEIPT_DETAIL,
    key="optional",
    tag=TAG,
)
def match(call: Call, receipt: UUID) -> object:
    """Look again for what a waiting receipt pays."""
    RECEIPT.one(receipt)
    actions.match([receipt], actor=call.actor, at=call.at)
    return RECEIPT_DETAIL.one(receipt)


class MatchManyIn(sets.Several):
    """Which receipts, by id or by the filters of their list."""

    noun = "receipts"
    receipts = sets.named("rcp")
    where = sets.Where(RECEIPT)


@door(
    "POST",
    "/v1/receipts/match",
    "receipts_match_many",
    scope="receipts:write",
    body=MatchManyIn,
    answers=RESULTS,
    status=207,
    also=(202,),
    key="optional",
    tag=TAG,
)
def match_many(call: Call) -> object:
    """Look again for what many waiting receipts pay; more than 100 are done in chunks."""
    asked = sets.keys(call, RECEIPT, "receipts")
    return sets.answered(call, "receipts.match", asked, actions.match_many)


@door(
    "POST",
    "/v1/allocations/{allocation:alc}/take-back",
    "allocations_take_back",
    scope="receipts:write",
    body=ReasonIn,
    answers=ALLOCATION,
    key="optional",
    tag=TAG,
)
def take_back(call: Call, allocation: UUID) -> object:
    """Take an allocation back by one that reverses it; the money waits again."""
    actions.take_back(allocation, reason=call.body["reason"], actor=call.actor, at=call.at)
    return ALLOCATION.several(Allocation.objects.filter(reverses=allocation))[0]


def _new(given: Mapping[str, Any]) -> NewReceipt:
    return NewReceipt(
        bank_reference=given["bank_reference"],
        amount=given["amount"].amount,
        currency=given["amount"].currency,
        received_on=given["received_on"],
        payer=given.get("payer", ""),
        remittance=given.get("remittance", ""),
        client=given.get("client"),
    )
