"""What several doors of invoicing share: an invoice, with and without its lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.resource import (
    Amount,
    Choice,
    Day,
    Derived,
    Flag,
    Id,
    Instant,
    Json,
    Many,
    Quantity,
    Rate,
    Ref,
    Resource,
    Shape,
    Share,
    Text,
    Whole,
)
from backline.invoicing.models import Invoice, InvoiceLine

TAG = "invoicing"
PAPER = "application/pdf"
CURRENCIES = ("GBP", "USD")
DELIVERY = ("", "queued", "to_post", "to_upload", "sent", "undelivered")

TAX_ROW = Shape(
    "InvoiceTax",
    (
        Text("code", doc="The treatment: standard, zero, reverse_charge …"),
        Text("label"),
        Text("category", doc="Its category in EN 16931."),
        Share("share"),
        Amount("net", doc="What it is levied on."),
        Amount("amount"),
        Text("legend", doc="What the law wants printed."),
        Text("version", doc="The rate's first day, so that it can be checked for ever."),
    ),
    doc="The tax of one treatment on one invoice.",
)


def _taxes(rows: Sequence[Mapping[str, Any]], currency: str) -> list[dict[str, object]]:
    return [
        {
            **row,
            "share": row["share"],
            "net": {"amount": row["net"], "currency": currency},
            "amount": {"amount": row["amount"], "currency": currency},
        }
        for row in rows
    ]


SAID = (
    Id("inv"),
    Choice("kind", ("invoice", "credit_note")),
    Choice("state", Invoice.State),
    Text("number", doc="Given when it is made final, without gaps."),
    Ref("client", "cli"),
    Text("client_name", "client__legal_name"),
    Ref("adjusts", "inv", doc="The final invoice that it credits or adds to."),
    Text("reason"),
    Text("note", doc="Printed below the lines."),
    Choice("currency", CURRENCIES),
    Day("issued_on"),
    Day("due_on"),
    Day("starts_on", doc="The first day of work on it."),
    Day("ends_on"),
    Text("po_number", doc="The purchase order that all lines share, if they do."),
    Text("cost_centre"),
    Amount("net"),
    Amount("tax"),
    Amount("gross"),
    Amount("open_amount", doc="What is not paid or credited yet."),
    Derived(
        Json("taxes", {"type": "array", "items": TAX_ROW.ref()}),
        of=("tax_rows", "currency"),
        make=_taxes,
    ),
    Flag("is_funded", doc="The debt is assigned to the partner."),
    Choice("delivery", DELIVERY),
    Ref("document", "doc"),
    Instant("drafted_at"),
    Instant("finalized_at"),
    Whole("version"),
)
LINE = Resource(
    "InvoiceLine",
    model=InvoiceLine,
    fields=(
        Whole("n"),
        Text("label"),
        Ref("assignment", "asg"),
        Ref("worker", "wrk"),
        Text("worker_name"),
        Text("code"),
        Day("starts_on"),
        Day("ends_on"),
        Text("unit"),
        Quantity("quantity"),
        Rate("rate", currency="invoice__currency"),
        Quantity("factor"),
        Amount("amount", currency="invoice__currency"),
        Text("treatment", doc="How it is taxed."),
        Text("po_number"),
        Text("cost_centre"),
    ),
    order="n",
    doc="One line of an invoice as the client reads it.",
)
INVOICE = Resource(
    "Invoice",
    model=Invoice,
    fields=SAID,
    filters=(
        "kind",
        "state",
        "number",
        "client",
        "adjusts",
        "currency",
        "issued_on",
        "due_on",
        "is_funded",
        "delivery",
        "po_number",
    ),
    doc="An invoice or credit note: a draft, or final with a number.",
)
INVOICE_DETAIL = Resource(
    "InvoiceDetail",
    model=Invoice,
    fields=(*SAID, Many("lines", LINE, by="invoice", order="n")),
    doc="An invoice with its lines.",
)
INVOICES = Shape(
    "Invoices",
    (Json("data", {"type": "array", "items": INVOICE.ref()}),),
    doc="Some invoices.",
)
INVOICE_DETAIL.path = "/v1/invoices"
