"""/v1/orders: what a court, an agency or a loan takes from a worker's pay, from a day."""

from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import Derived, Flag, Id, Json, Ref, Resource, Text, Whole
from api.v1.directory.words import FACTS, SINCE, TAG, UNTIL, Facts
from backline.directory import actions
from backline.directory.models import Order

ORDER = Resource(
    "Order",
    model=Order,
    fields=(
        Id("ord"),
        Ref("worker", "wrk"),
        Text("kind", doc="As the country's rules name it."),
        Text("payee"),
        Text("case_number"),
        Derived(
            Flag("is_complete", doc="Without payee and case number the worker's pay is held."),
            of=("payee", "case_number"),
            make=lambda payee, case: bool(payee and case),
        ),
        Whole("priority", doc="Lower goes first."),
        Json("facts", FACTS),
        SINCE,
        UNTIL,
    ),
    filters=("worker", "kind"),
    doc="A standing deduction from a worker's pay, and who is paid with it.",
)

reads(ORDER, "/v1/orders", scope="deductions:read", tag=TAG)


class OrderIn(fields.Input):
    """An order as it arrived; what is missing of it holds this worker's pay until it is known."""

    worker = fields.PublicId("wrk")
    kind = fields.Text(longest=30)
    payee = fields.Text(longest=120, blank=True, default="")
    case_number = fields.Text(longest=60, blank=True, default="")
    priority = fields.Whole(default=100, most=1000)
    facts = Facts(required=False, help_text='Such as {"amount": "25.00"}.')
    since = fields.Day()


class OrderChange(fields.Input):
    """What was missing, or a new amount."""

    payee = fields.Text(longest=120)
    case_number = fields.Text(longest=60)
    priority = fields.Whole(most=1000)
    facts = Facts()


class EndIn(fields.Input):
    """The first day on which nothing is taken any more."""

    until = fields.Day()


@door(
    "POST",
    "/v1/orders",
    "orders_add",
    scope="deductions:write",
    body=OrderIn,
    answers=ORDER,
    status=201,
    key="optional",
    tag=TAG,
)
def add(call: Call) -> object:
    """Take a standing deduction from a worker's pay from a day."""
    body = dict(call.body)
    made = actions.add_orders(
        body.pop("worker"), **body | {"facts": body.get("facts", {})}, actor=call.actor, at=call.at
    )
    return ORDER.one(made.pk)


@door(
    "PATCH",
    "/v1/orders/{order:ord}",
    "orders_update",
    scope="deductions:write",
    body=OrderChange,
    answers=ORDER,
    match=True,
    tag=TAG,
)
def change(call: Call, order: UUID) -> object:
    """Add what was missing of an order, or change what it takes from the next run on."""
    actions.change_order(order, call.body, actor=call.actor, at=call.at)
    return ORDER.one(order)


@door(
    "POST",
    "/v1/orders/{order:ord}/end",
    "orders_end",
    scope="deductions:write",
    body=EndIn,
    answers=ORDER,
    key="optional",
    tag=TAG,
)
def end(call: Call, order: UUID) -> object:
    """End a standing deduction with a day."""
    actions.end_order(order, until=call.body["until"], actor=call.actor, at=call.at)
    return ORDER.one(order)
