"""/v1/pay-overrides: what one run takes instead of what stands."""

from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import Amount, Id, Instant, Ref, Resource, Text
from api.v1.payroll.words import TAG
from backline.payroll import actions
from backline.payroll.models import Override

OVERRIDE = Resource(
    "PayOverride",
    model=Override,
    fields=(
        Id("ovr"),
        Ref("run", "run"),
        Ref("order", "ord"),
        Ref("recovery", "rcv"),
        Amount("amount", currency="run__currency", doc="0.00: nothing is taken in this run."),
        Text("reason"),
        Instant("set_at"),
    ),
    filters=("run", "order", "recovery"),
    doc="Another amount of a deduction or a recovery, in one run alone.",
)

reads(OVERRIDE, "/v1/pay-overrides", scope="deductions:read", tag=TAG)


class OverrideIn(fields.Input):
    """Which run, which deduction or recovery, and how much instead."""

    run = fields.PublicId("run")
    order = fields.PublicId("ord", required=False)
    recovery = fields.PublicId("rcv", required=False)
    amount = fields.MoneyIn()
    reason = fields.Text(longest=200)


@door(
    "POST",
    "/v1/pay-overrides",
    "pay_overrides_set",
    scope="deductions:write",
    body=OverrideIn,
    answers=OVERRIDE,
    status=201,
    key="optional",
    tag=TAG,
)
def set_one(call: Call) -> object:
    """Take another amount in one run alone; what stands is left alone, and the run calculated
    again.
    """
    body = dict(call.body)
    made = actions.override(body.pop("run"), **body, actor=call.actor, at=call.at)
    return OVERRIDE.one(made.pk)


@door(
    "DELETE",
    "/v1/pay-overrides/{pay_override:ovr}",
    "pay_overrides_remove",
    scope="deductions:write",
    key="optional",
    tag=TAG,
)
def remove(call: Call, pay_override: UUID) -> object:
    """Let the run take again what stands."""
    actions.take_override_back(pay_override, actor=call.actor, at=call.at)
    return None
