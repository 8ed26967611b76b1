"""/v1/purchase-orders: what clients ordered under a number, and how far it is used."""

from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import Amount, Choice, Day, Id, Instant, Ref, Resource, Shape, Text, Whole
from api.v1.invoicing.words import CURRENCIES, TAG
from backline.invoicing import actions, queries
from backline.invoicing.models import PurchaseOrder
from backline.kernel.errors import Missing
from rulebook.money import Money

PURCHASE_ORDER = Resource(
    "PurchaseOrder",
    model=PurchaseOrder,
    fields=(
        Id("por"),
        Ref("client", "cli"),
        Text("number"),
        Amount("limit", doc="Before tax; null: any amount."),
        Choice("currency", CURRENCIES),
        Day("starts_on", doc="The first day of work it covers; null: open."),
        Day("ends_on", doc="The last day of work it covers; null: open."),
        Whole("version"),
        Instant("added_at"),
    ),
    filters=("client", "number"),
    doc="What a client ordered under a number.",
)
USE = Shape(
    "PurchaseOrderUse",
    (
        Id("por"),
        Text("number"),
        Amount("limit", null=True),
        Amount("used", doc="What final invoices billed to it before tax."),
        Amount("left", null=True),
    ),
    doc="How far a purchase order is used.",
)

reads(PURCHASE_ORDER, "/v1/purchase-orders", scope="clients:read", tag=TAG)


class PurchaseOrderChange(fields.Input):
    """What of a purchase order changes."""

    limit = fields.MoneyIn(allow_null=True, required=False)
    starts_on = fields.Day(allow_null=True, required=False)
    ends_on = fields.Day(allow_null=True, required=False)


class PurchaseOrderIn(PurchaseOrderChange):
    """A purchase order as the client gave it."""

    client = fields.PublicId("cli")
    number = fields.Text(longest=40)


@door(
    "POST",
    "/v1/purchase-orders",
    "purchase_orders_add",
    scope="clients:write",
    body=PurchaseOrderIn,
    answers=PURCHASE_ORDER,
    status=201,
    key="optional",
    tag=TAG,
)
def add(call: Call) -> object:
    """Note a client's purchase order; work it carries is drafted at once."""
    made = actions.add_order(**call.body, actor=call.actor, at=call.at)
    return PURCHASE_ORDER.one(made.pk)


@door(
    "PATCH",
    "/v1/purchase-orders/{purchase_order:por}",
    "purchase_orders_update",
    scope="clients:write",
    body=PurchaseOrderChange,
    answers=PURCHASE_ORDER,
    match=True,
    tag=TAG,
)
def change(call: Call, purchase_order: UUID) -> object:
    """Change what a purchase order allows, or its days."""
    actions.change_order(purchase_order, call.body, actor=call.actor, at=call.at)
    return PURCHASE_ORDER.one(purchase_order)


@door(
    "GET",
    "/v1/purchase-orders/{purchase_order:por}/use",
    "purchase_orders_use",
    scope="clients:read",
    answers=USE,
    tag=TAG,
)
def use(call: Call, purchase_order: UUID) -> object:  # noqa: ARG001  # every deed is given its call
    """Read how far a purchase order is used by final invoices."""
    row = PurchaseOrder.objects.filter(pk=purchase_order).first()
    if row is None:
        raise Missing("not_found", "There is no such record, or not for you.")
    used = queries.used_of_orders([row])[row.pk]
    left = None if row.limit is None else Money(row.limit - used, row.currency)
    return USE.show(
        {
            "id": row.pk,
            "number": row.number,
            "limit": None if row.limit is None else Money(row.limit, row.currency),
            "used": Money(used, row.currency),
            "left": left,
        }
    )
