"""/v1/supplier-invoices: what workers' own companies invoice, set against what was agreed."""

from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import Amount, Choice, Day, Id, Instant, Ref, Resource, Text
from api.v1.payroll.words import CURRENCIES, TAG
from backline.payroll import actions
from backline.payroll.models import SupplierInvoice

SUPPLIER_INVOICE = Resource(
    "SupplierInvoice",
    model=SupplierInvoice,
    fields=(
        Id("sup"),
        Ref("intermediary", "imy"),
        Text("number", doc="The company's own number."),
        Day("issued_on"),
        Day("ends_on", doc="It covers work up to this day."),
        Amount("net"),
        Amount("tax"),
        Choice("currency", CURRENCIES),
        Amount("expected_net", doc="What the work that was not paid yet comes to."),
        Amount("expected_tax"),
        Choice("state", SupplierInvoice.State),
        Ref("run", "run", doc="The run that paid it."),
        Text("because"),
        Instant("received_at"),
    ),
    filters=("intermediary", "state", "run"),
    doc="An invoice of a worker's own company; it is paid when it agrees with the work.",
)

reads(SUPPLIER_INVOICE, "/v1/supplier-invoices", scope="payments:read", tag=TAG)


class SupplierInvoiceIn(fields.Input):
    """An invoice as it came."""

    intermediary = fields.PublicId("imy")
    number = fields.Text(longest=40)
    issued_on = fields.Day()
    ends_on = fields.Day(help_text="The last day of work it covers.")
    net = fields.MoneyIn()
    tax = fields.MoneyIn(required=False)


class DecideIn(fields.Input):
    """Whether it is paid all the same, and why."""

    accept = fields.Flag()
    reason = fields.Text(longest=200)


@door(
    "POST",
    "/v1/supplier-invoices",
    "supplier_invoices_add",
    scope="payments:write",
    body=SupplierInvoiceIn,
    answers=SUPPLIER_INVOICE,
    status=201,
    key="optional",
    tag=TAG,
)
def add(call: Call) -> object:
    """Take in a company's invoice: accepted when it agrees within the margin, else held."""
    made = actions.take_supplier_invoice(**call.body, actor=call.actor, at=call.at)
    return SUPPLIER_INVOICE.one(made.pk)


@door(
    "POST",
    "/v1/supplier-invoices/{supplier_invoice:sup}/decide",
    "supplier_invoices_decide",
    scope="payments:write",
    body=DecideIn,
    answers=SUPPLIER_INVOICE,
    key="optional",
    tag=TAG,
)
def decide(call: Call, supplier_invoice: UUID) -> object:
    """Accept or refuse a held invoice; whoever took it in may, its difference is kept."""
    actions.decide_supplier_invoice(supplier_invoice, **call.body, actor=call.actor, at=call.at)
    return SUPPLIER_INVOICE.one(supplier_invoice)
