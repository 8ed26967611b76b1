"""/v1/recoveries: what workers owe, paid too much or too soon, and how it is paid back."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import Amount, Choice, Day, Derived, Id, Instant, Json, Ref, Resource, Text, Whole
from api.v1.payroll.words import CURRENCIES, TAG
from backline.payroll import actions
from backline.payroll.models import Recovery

INSTALMENT = {
    "type": "object",
    "properties": {"due_on": {"type": "string", "format": "date"}, "amount": {"type": "string"}},
}


def _plan(*told: Any) -> list[dict[str, str]]:
    amount, left, cap, way, since = told
    row = Recovery(amount=amount, owed=left, cap=cap, way=way, since=since)
    return [
        {"due_on": one.due_on.isoformat(), "amount": str(one.amount)} for one in actions.plan(row)
    ]


def _state(left: Decimal, agreed: date | None) -> str:
    return "settled" if not left else "agreed" if agreed else "proposed"


RECOVERY = Resource(
    "Recovery",
    model=Recovery,
    fields=(
        Id("rcv"),
        Ref("worker", "wrk"),
        Choice("kind", Recovery.Kind),
        Derived(
            Choice(
                "state",
                ("proposed", "agreed", "settled"),
                doc="Nothing is taken before it is agreed.",
            ),
            of=("owed", "agreed_at"),
            make=_state,
        ),
        Choice(
            "method",
            Recovery.Method,
            doc="gross is taken before tax in its tax year, and from net pay in a later one.",
        ),
        Text("tax_year", doc="The tax year in which it was paid."),
        Choice("currency", CURRENCIES),
        Amount("amount"),
        Amount("owed", doc="What is still owed."),
        Amount("cap", doc="The most that is taken at once; null: all that pay bears."),
        Whole("priority", doc="Lower goes first."),
        Choice("way", Recovery.Way, doc="From pay, or by the worker's monthly transfers."),
        Day("since"),
        Text("reason"),
        Ref("run", "run", doc="The run that pays an advance."),
        Ref("statement", "pay", doc="The statement it came of."),
        Derived(
            Json("plan", {"type": "array", "items": INSTALMENT}, doc="Transfers still to come."),
            of=("amount", "owed", "cap", "way", "since"),
            make=_plan,
        ),
        Instant("opened_at"),
        Instant("agreed_at"),
    ),
    filters=("worker", "kind", "way", "tax_year", "statement"),
    doc="What a worker owes the firm, and how it is paid back.",
)

reads(RECOVERY, "/v1/recoveries", scope="deductions:read", tag=TAG)


class OverpaymentIn(fields.Input):
    """What was paid too much, on which day, and why."""

    worker = fields.PublicId("wrk")
    amount = fields.MoneyIn(help_text="Before tax.")
    paid_on = fields.Day(help_text="The pay day on which it was paid.")
    reason = fields.Text(longest=200)
    cap = fields.MoneyIn(required=False, help_text="The most that is taken at once.")
    since = fields.Day(required=False, help_text="The first pay day on which some is taken.")


class AdvanceIn(fields.Input):
    """What is paid before it is earned, in which off-cycle run, and why."""

    worker = fields.PublicId("wrk")
    run = fields.PublicId("run")
    amount = fields.MoneyIn()
    reason = fields.Text(longest=200)
    cap = fields.MoneyIn(required=False, help_text="The most that is taken back at once.")


class DrawIn(fields.Input):
    """Whose approved work, how much of it, and the off-cycle run that pays it."""

    worker = fields.PublicId("wrk")
    run = fields.PublicId("run")
    share = fields.DecimalText(places=4, help_text="At most 0.50 of what is approved and unpaid.")


class AgreeIn(fields.Input):
    """How it is paid back."""

    since = fields.Day()
    cap = fields.MoneyIn(required=False, help_text="The most at once; each month's transfer.")
    way = fields.Choice(("pay", "bank"), default="pay")


class RepayIn(fields.Input):
    """What came in from the worker."""

    amount = fields.MoneyIn()
    paid_on = fields.Day()


class WhyIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=200)


@door(
    "POST",
    "/v1/recoveries/overpayment",
    "recoveries_open_overpayment",
    scope="deductions:write",
    body=OverpaymentIn,
    answers=RECOVERY,
    status=201,
    key="required",
    tag=TAG,
)
def overpaid(call: Call) -> object:
    """Note that a worker was paid too much, and take it back from later pay, some at a time."""
    body = dict(call.body)
    made = actions.open_overpayment(body.pop("worker"), **body, actor=call.actor, at=call.at)
    return RECOVERY.one(made.pk)


@door(
    "POST",
    "/v1/recoveries/advance",
    "recoveries_grant_advance",
    scope="deductions:write",
    body=AdvanceIn,
    answers=RECOVERY,
    status=201,
    key="required",
    tag=TAG,
)
def advance(call: Call) -> object:
    """Pay a worker in advance in an off-cycle run, and take it back from later pay."""
    body = dict(call.body)
    made = actions.grant_advance(body.pop("worker"), **body, actor=call.actor, at=call.at)
    return RECOVERY.one(made.pk)


@door(
    "POST",
    "/v1/recoveries/early-pay",
    "recoveries_draw_early",
    scope="deductions:write",
    body=DrawIn,
    answers=RECOVERY,
    status=201,
    key="required",
    tag=TAG,
)
def draw_early(call: Call) -> object:
    """Pay a worker a share of approved work before its pay day; the next pay is less by it."""
    body = dict(call.body)
    made = actions.draw_early(body.pop("worker"), **body, actor=call.actor, at=call.at)
    return RECOVERY.one(made.pk)


@door(
    "POST",
    "/v1/recoveries/{recovery:rcv}/agree",
    "recoveries_agree",
    scope="deductions:write",
    body=AgreeIn,
    answers=RECOVERY,
    key="optional",
    tag=TAG,
)
def agree(call: Call, recovery: UUID) -> object:
    """Agree how a balance is paid back; the worker is written to with the plan."""
    actions.agree(recovery, **call.body, actor=call.actor, at=call.at)
    return RECOVERY.one(recovery)


@door(
    "POST",
    "/v1/recoveries/{recovery:rcv}/repay",
    "recoveries_repay",
    scope="deductions:write",
    body=RepayIn,
    answers=RECOVERY,
    key="required",
    tag=TAG,
)
def repay(call: Call, recovery: UUID) -> object:
    """Note that a worker paid some of a balance back by transfer."""
    actions.repay_balance(recovery, **call.body, actor=call.actor, at=call.at)
    return RECOVERY.one(recovery)


@door(
    "POST",
    "/v1/recoveries/{recovery:rcv}/write-off",
    "recoveries_write_off",
    scope="deductions:write",
    body=WhyIn,
    answers=RECOVERY,
    key="required",
    tag=TAG,
)
def write_off(call: Call, recovery: UUID) -> object:
    """Ask for nothing more of a balance; what is left is the firm's cost."""
    actions.write_off(recovery, **call.body, actor=call.actor, at=call.at)
    return RECOVERY.one(recovery)
