"""/v1/ageing and statements of account: what clients owe, how late it is, and what moved."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from api import fields
from api.door import Call, File, door
from api.resource import Amount, Choice, Day, Flag, Json, Ref, Shape, Text, Whole
from api.v1.collections.receipts import CURRENCIES, TAG
from backline.collections import papers, queries
from backline.collections.queries import Moved, Owing
from backline.directory.models import Client
from backline.kernel.errors import Invalid, Missing
from rulebook.money import Money

PAPER = "application/pdf"
KINDS = ("invoice", "credit_note", "receipt", "bank_charge", "rounding", "discount")

BUCKET = Shape(
    "AgeBand",
    (Text("label"), Whole("from_days", null=True), Whole("to_days", null=True), Amount("amount")),
    doc="What is owed of one age, in whole days, both ends inside.",
)
OPEN_PAPER = Shape(
    "OpenInvoice",
    (
        Ref("invoice", "inv"),
        Text("number"),
        Day("issued_on"),
        Day("due_on"),
        Amount("gross"),
        Amount("open_amount"),
        Whole("days_late", doc="Below zero before it is due."),
        Flag("is_part_paid"),
        Flag("is_funded"),
    ),
    doc="An invoice or credit with something open.",
)
AGED = Shape(
    "AgedDebt",
    (
        Ref("client", "cli"),
        Text("client_name"),
        Choice("currency", CURRENCIES),
        Amount("total"),
        Amount("overdue"),
        Amount("unapplied", doc="Money of this client that pays nothing yet."),
        Whole("oldest_days"),
        Flag("needs_follow_up", doc="Something is overdue and not covered by money that waits."),
        Json("bands", {"type": "array", "items": BUCKET.ref()}),
        Json("invoices", {"type": "array", "items": OPEN_PAPER.ref()}),
    ),
    doc="What one client owes in one currency, by age.",
)
AGEING = Shape(
    "AgeingReport",
    (
        Day("on"),
        Choice("by", ("due_on", "invoiced_on")),
        Json("data", {"type": "array", "items": AGED.ref()}),
    ),
    doc="What clients owe, the latest first; part-paid invoices with their remainder.",
)
MOVEMENT = Shape(
    "AccountMovement",
    (
        Day("on"),
        Choice("kind", KINDS),
        Text("document"),
        Day("due_on", null=True),
        Amount("amount"),
        Amount("balance"),
    ),
    doc="One line of an account: below zero lowers what is owed.",
)
STATEMENT = Shape(
    "ClientStatement",
    (
        Ref("client", "cli"),
        Text("client_name"),
        Choice("currency", CURRENCIES),
        Day("since"),
        Day("until"),
        Amount("opening"),
        Json("movements", {"type": "array", "items": MOVEMENT.ref()}),
        Amount("closing", doc="Receivables less money not placed yet, as the books have them."),
        Json("bands", {"type": "array", "items": BUCKET.ref()}),
    ),
    doc="A client's account over some days.",
)


class AgeingQuery(fields.Input):
    """As of which day, counted from where, and of whom."""

    on = fields.Day(required=False)
    by = fields.Choice(("due_on", "invoiced_on"), default="due_on")
    client = fields.PublicId("cli", required=False)


class StatementQuery(fields.Input):
    """Which days, both inside; in the client's currency unless another is named."""

    since = fields.Day(required=False)
    until = fields.Day(required=False)
    currency = fields.Choice(CURRENCIES, required=False)


@door(
    "GET",
    "/v1/ageing",
    "ageing_report",
    scope="ageing:read",
    query=AgeingQuery,
    answers=AGEING,
    tag=TAG,
)
def ageing(call: Call) -> object:
    """Read what clients owe by age, and who needs to be asked."""
    on = call.query.get("on") or call.on
    found = queries.owing(
        on,
        clients=[call.query["client"]] if "client" in call.query else None,
        by=call.query["by"],
        is_today=on >= call.on,
    )
    return {"on": on, "by": call.query["by"], "data": [_aged(one) for one in found]}


@door(
    "GET",
    "/v1/clients/{client:cli}/statement",
    "clients_statement",
    scope="ageing:read",
    query=StatementQuery,
    answers=STATEMENT,
    tag=TAG,
)
def statement(call: Call, client: UUID) -> object:
    """Read a client's account over some days; its closing is what the books say."""
    row, currency, since, until = _asked(call, client)
    held = queries.account(row.pk, currency, since, until)
    found = _owing(call, row.pk, currency, until)
    return STATEMENT.show(
        {
            "client": row.pk,
            "client_name": row.legal_name,
            "currency": currency,
            "since": since,
            "until": until,
            "opening": Money(held.opening, currency),
            "movements": [_moved(one, currency) for one in held.movements],
            "closing": Money(held.closing, currency),
            "bands": [band for one in found for band in _bands(one)],
        }
    )


@door(
    "GET",
    "/v1/clients/{client:cli}/statement/document",
    "clients_statement_document",
    scope="ageing:read",
    query=StatementQuery,
    answers=PAPER,
    tag=TAG,
)
def statement_document(call: Call, client: UUID) -> object:
    """Fetch a client's account over some days as PDF."""
    row, currency, since, until = _asked(call, client)
    held = queries.account(row.pk, currency, since, until)
    found = _owing(call, row.pk, currency, until)
    printed = papers.statement(row, currency, held, found, until)
    return File(printed, PAPER, f"statement-{until.isoformat()}.pdf")


def _asked(call: Call, client: UUID) -> tuple[Client, str, date, date]:
    row = Client.objects.filter(pk=client).first()
    if row is None:
        raise Missing("not_found", "There is no such record, or not for you.")
    until = call.query.get("until") or call.on
    since = call.query.get("since") or until.replace(day=1) - timedelta(days=31)
    if since > until:
        raise Invalid("ends_before_start", "The account would end before it began.")
    return row, call.query.get("currency") or row.currency, since, until


def _owing(call: Call, client: UUID, currency: str, until: date) -> list[Owing]:
    found = queries.owing(until, clients=[client], is_today=until >= call.on)
    return [one for one in found if one.ageing.currency == currency]


def _aged(one: Owing) -> dict[str, object]:
    currency = one.ageing.currency
    return AGED.show(
        {
            "client": one.client,
            "client_name": one.client_name,
            "currency": currency,
            "total": Money(one.ageing.total, currency),
            "overdue": Money(one.overdue, currency),
            "unapplied": Money(one.unapplied, currency),
            "oldest_days": one.oldest_days,
            "needs_follow_up": one.overdue > one.unapplied,
            "bands": _bands(one),
            "invoices": [
                OPEN_PAPER.show(
                    {
                        "invoice": row.pk,
                        "number": row.number,
                        "issued_on": row.issued_on,
                        "due_on": row.due_on,
                        "gross": Money(row.gross, currency),
                        "open_amount": Money(item.remaining, currency),
                        "days_late": days,
                        "is_part_paid": item.is_part_paid,
                        "is_funded": row.is_funded,
                    }
                )
                for row, item, days in one.papers
            ],
        }
    )


def _bands(one: Owing) -> list[dict[str, Any]]:
    return [
        BUCKET.show(
            {
                "label": band.label,
                "from_days": band.from_days,
                "to_days": band.to_days,
                "amount": Money(band.amount, one.ageing.currency),
            }
        )
        for band in one.ageing.buckets
    ]


def _moved(one: Moved, currency: str) -> dict[str, object]:
    return MOVEMENT.show(
        {
            "on": one.on,
            "kind": one.kind,
            "document": one.document,
            "due_on": one.due_on,
            "amount": Money(one.amount, currency),
            "balance": Money(one.balance, currency),
        }
    )
