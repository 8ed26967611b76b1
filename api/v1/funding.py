"""/v1/advances, /v1/settlements and /v1/funding: what was advanced on each invoice and why not
more, how each week was settled, and what could be drawn now.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from api.door import Call, door, reads
from api.resource import (
    Amount,
    Choice,
    Day,
    Derived,
    Id,
    Instant,
    Json,
    Ref,
    Resource,
    Shape,
    Text,
    Whole,
)
from backline.funding import queries
from backline.funding.models import Advance, Settlement
from backline.kernel import here, ids
from tenants import tenancy

TAG = "funding"
CURRENCIES = ("GBP", "USD")

UNFUNDED = Shape(
    "UnfundedPart",
    (Text("reason"), Amount("amount")),
    doc="So much of an invoice that was not advanced, for one reason.",
)
MOVED = Shape(
    "FundingMovement",
    (
        Text("kind"),
        Day("on"),
        Ref("invoice", "inv", null=True),
        Amount("amount"),
        Text("because"),
    ),
    doc="One movement between agency and partner; below zero it went the other way.",
)


def _unfunded(parts: Sequence[dict[str, str]], currency: str) -> list[dict[str, object]]:
    return [
        {"reason": one["reason"], "amount": {"amount": one["amount"], "currency": currency}}
        for one in parts
    ]


def _moved(rows: Sequence[dict[str, Any]], currency: str) -> list[dict[str, object]]:
    return [
        {
            "kind": one["kind"],
            "on": one["on"],
            "invoice": ids.public("inv", UUID(one["invoice"])) if one["invoice"] else None,
            "amount": {"amount": one["amount"], "currency": currency},
            "because": one["because"],
        }
        for one in rows
    ]


ADVANCE = Resource(
    "Advance",
    model=Advance,
    fields=(
        Id("adv"),
        Ref("invoice", "inv"),
        Text("invoice_number"),
        Text("debtor"),
        Ref("client", "cli", "debtor_ref"),
        Choice("state", Advance.State),
        Amount("face", doc="What was assigned; the advance and what is unfunded come to it."),
        Amount("eligible"),
        Amount("advanced"),
        Amount("unfunded"),
        Derived(
            Json("unfunded_because", {"type": "array", "items": UNFUNDED.ref()},
                 doc="Every unfunded pound by its reason, on the day it was decided."),
            of=("unfunded_because", "currency"),
            make=_unfunded,
        ),
        Text("reason", doc="The first reason why not all of it, or none of it, is advanced."),
        Text("reason_detail"),
        Amount("repaid", doc="What the client's money repaid."),
        Amount("charged_back", doc="What is taken from what the agency is due."),
        Derived(
            Amount("outstanding", doc="What is still out."),
            of=("advanced", "repaid", "charged_back", "currency"),
            make=lambda advanced, repaid, back, currency: (advanced - repaid - back, currency),
        ),
        Amount("collected"),
        Amount("released"),
        Amount("fee"),
        Amount("fee_tax"),
        Choice("currency", CURRENCIES),
        Day("advanced_on"),
        Day("due_on"),
    ),
    filters=("invoice", "client", "state", "reason", "currency", "advanced_on", "due_on"),
    doc="What was advanced on one invoice, or why nothing was.",
)  # fmt: skip
SAID = (
    Id("stl"),
    Day("week_starts_on"),
    Choice("currency", CURRENCIES),
    Amount("opening", doc="Funds in use; the closing of the statement before."),
    Amount("advanced"),
    Amount("repaid"),
    Amount("charged_back"),
    Amount("closing"),
    Amount("collected", doc="The client's money that landed."),
    Amount("unapplied", doc="What of it waits to be matched."),
    Amount("fees"),
    Amount("fee_tax"),
    Amount("released"),
    Amount("net_wire", doc="What was wired; below zero it is owed and carried to the next week."),
    Text("digest"),
    Instant("made_at"),
)
SETTLEMENT = Resource(
    "Settlement",
    model=Settlement,
    fields=SAID,
    filters=("week_starts_on", "currency"),
    doc="One week between agency and partner, settled.",
)
SETTLEMENT_DETAIL = Resource(
    "SettlementDetail",
    model=Settlement,
    fields=(
        *SAID,
        Derived(
            Json("rows", {"type": "array", "items": MOVED.ref()}),
            of=("rows", "currency"),
            make=_moved,
        ),
    ),
    doc="One week between agency and partner, with every movement it is made of.",
)
POSITION = Shape(
    "Availability",
    (
        Choice("currency", CURRENCIES, null=True),
        Whole("terms_version", null=True),
        Amount("gross", null=True, doc="Everything open, credits taken off."),
        Json("excluded", {"type": "array", "items": UNFUNDED.ref()}),
        Amount("eligible", null=True),
        Amount("limit", null=True),
        Amount("in_use", null=True),
        Amount("available", null=True),
        Amount("over_advance", null=True),
    ),
    doc="What may be drawn now, and why not more; nothing where no funding terms hold.",
)
ADVANCE.path = "/v1/advances"
SETTLEMENT.path = SETTLEMENT_DETAIL.path = "/v1/settlements"

reads(ADVANCE, "/v1/advances", scope="funding:read", tag=TAG)


@door("GET", "/v1/settlements", "settlements_list", scope="funding:read", lists=SETTLEMENT,
      tag=TAG)  # fmt: skip
def settlements(call: Call) -> object:
    """List settlements, page by page."""
    return SETTLEMENT.page(call)


@door("GET", "/v1/settlements/{settlement:stl}", "settlements_retrieve", scope="funding:read",
      answers=SETTLEMENT_DETAIL, tag=TAG)  # fmt: skip
def settlement(call: Call, settlement: UUID) -> object:  # noqa: ARG001 - every door is given it
    """Read one settlement with every movement it is made of."""
    return SETTLEMENT_DETAIL.one(settlement)


@door("GET", "/v1/funding", "funding_retrieve", scope="funding:read", answers=POSITION, tag=TAG)
def position(call: Call) -> object:
    """Show what the agency may draw today: the gross ledger, what is left out of it by reason,
    what remains, what is in use.
    """
    return POSITION.show(_told(call.on))


def _told(on: date) -> dict[str, object]:
    partner = tenancy.place(here.firm()).partner
    found = queries.availability(partner, on) if partner else {}
    if not found:
        return {"excluded": []}
    currency = found["currency"]
    told: dict[str, object] = {
        name: (Decimal(found[name]), currency)
        for name in ("gross", "eligible", "limit", "in_use", "available", "over_advance")
    }
    excluded = [{"reason": why, "amount": amount} for why, amount in found["excluded"].items()]
    return {
        **told,
        "currency": currency,
        "terms_version": found["terms_version"],
        "excluded": _unfunded(excluded, currency),
    }
