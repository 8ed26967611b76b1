"""/v1/liabilities: what is owed to tax, pension and order payees, and by when."""

from api import fields
from api.answers import RESULTS, results
from api.door import Call, door, reads
from api.resource import Amount, Choice, Day, Derived, Flag, Id, Json, Ref, Resource, Shape, Text
from api.v1.payroll.words import CURRENCIES, TAG
from backline.payroll import actions, queries
from backline.payroll.models import Liability

LIABILITY = Resource(
    "Liability",
    model=Liability,
    fields=(
        Id("lia"),
        Ref("run", "run", doc="Null for what a year taken out gives back."),
        Ref("correction", "yco", doc="The year that was taken out, where it is that."),
        Text("payee"),
        Text("kind", doc="Which tax, contribution or order it is."),
        Amount("amount", doc="Below zero where tax was given back."),
        Choice("currency", CURRENCIES),
        Day("due_on"),
        Day("paid_on"),
        Derived(Flag("is_paid"), of=("paid_on",), make=lambda paid: paid is not None),
    ),
    filters=("run", "correction", "payee", "kind", "due_on", "currency"),
    sorts=("due_on",),
    order="due_on",
    doc="What one run owes to one payee, or one payee owes back of a year that is over.",
)
DUE = Shape(
    "Due",
    (
        Text("payee"),
        Day("due_on"),
        Choice("currency", CURRENCIES),
        Amount("amount"),
        Flag("is_overdue"),
    ),
    doc="Everything still owed to one payee by one day.",
)
DUES = Shape("Dues", (Json("data", {"type": "array", "items": DUE.ref()}),), doc="What is owed.")

reads(LIABILITY, "/v1/liabilities", scope="liabilities:read", tag=TAG)


@door("GET", "/v1/dues", "dues_list", scope="liabilities:read", answers=DUES, tag=TAG)
def dues(call: Call) -> object:
    """Add up what is still owed, by payee and due day, the earliest first."""
    return {"data": [DUE.show(row) for row in queries.dues(call.on)]}


class PayIn(fields.Input):
    """Which liabilities were paid, and when."""

    liabilities = fields.Many(fields.PublicId("lia"), most=1000)
    on = fields.Day(required=False)


@door(
    "POST",
    "/v1/liabilities/pay",
    "liabilities_pay",
    scope="liabilities:write",
    body=PayIn,
    answers=RESULTS,
    status=207,
    key="optional",
    tag=TAG,
)
def pay(call: Call) -> object:
    """Note that liabilities were paid from the bank; one that was paid already stays so."""
    on = call.body.get("on") or call.on
    made = actions.pay_dues(call.body["liabilities"], on=on, actor=call.actor, at=call.at)
    return results(made, "lia")
