"""Milestones: /v1/assignments/{assignment}/milestones plans a contract, /milestones/change-order
plans what is left anew; /v1/milestones shows them, /submit, /accept and /reject move them.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api import fields
from api.answers import RESULTS, results
from api.door import Call, door, reads
from api.resource import (
    Amount,
    Choice,
    Day,
    Id,
    Instant,
    Json,
    Ref,
    Resource,
    Share,
    Text,
    Whole,
)
from api.v1.assignments.words import TAG
from api.v1.directory.words import PEOPLE, Word
from backline.assignments import actions
from backline.assignments.models import Milestone, MilestonePlan

MOST_STEPS = 100

PLAN = Resource(
    "MilestonePlan",
    model=MilestonePlan,
    fields=(
        Id("mpl"),
        Ref("assignment", "asg"),
        Whole("version", doc="1 is the statement of work, each later one a change order."),
        Amount("pay", "pay_price", currency="pay_currency", null=True, doc="The whole contract."),
        Amount("bill", "bill_price", currency="bill_currency", null=True),
        Ref("document", "doc", doc="What was signed."),
        Text("reason"),
        Instant("planned_at"),
        Json("planned_by", PEOPLE),
    ),
    filters=("assignment", "version"),
    doc="What a contract pays and bills as a whole, from its statement of work or a change order.",
)
MILESTONE = Resource(
    "Milestone",
    model=Milestone,
    fields=(
        Id("mst"),
        Ref("assignment", "asg"),
        Ref("plan", "mpl"),
        Whole("number", doc="Its place in the assignment; a change order counts on."),
        Text("name"),
        Day("due_on"),
        Choice("status", Milestone.Status),
        Amount("pay", "pay_amount", currency="pay_currency", null=True, doc="Once accepted."),
        Amount("bill", "bill_amount", currency="bill_currency", null=True, doc="Once accepted."),
        Text("note", doc="What whoever handed it in had to show."),
        Instant("submitted_at"),
        Json("submitted_by", PEOPLE),
        Instant("decided_at"),
        Json("decided_by", PEOPLE),
        Text("reason", doc="Why it was rejected, or accepted in part."),
        Ref("evidence", "doc", doc="What the client wrote; a PDF goes with the invoice."),
        Day("accepted_on"),
        Share("accepted_share"),
        Amount("accepted_pay", currency="pay_currency", null=True),
        Amount("accepted_bill", currency="bill_currency", null=True),
        Ref("charge", "chg", "charge", doc="What acceptance posted, once."),
        Whole("version"),
        Instant("created_at"),
    ),
    filters=("assignment", "plan", "status", "due_on", "number"),
    sorts=("number",),
    doc="One step of a contract: paid and billed once the client accepted it, on evidence.",
)

reads(PLAN, "/v1/milestone-plans", scope="milestones:read", tag=TAG)
reads(MILESTONE, "/v1/milestones", scope="milestones:read", tag=TAG)


# --- planned -------------------------------------------------------------------------------------


class MilestoneIn(fields.Input):
    """A step: its share of what is planned, or its amounts; every step the same way."""

    name = fields.Text(longest=80, help_text="As payslip and invoice say it.")
    share = fields.DecimalText(required=False, places=6, most="1", help_text="0.25 is a quarter.")
    pay = fields.MoneyIn(required=False)
    bill = fields.MoneyIn(required=False)
    due_on = fields.Day(required=False)


class PlanIn(fields.Input):
    """The price of the whole contract, for the worker, the client or both, and its steps."""

    pay = fields.MoneyIn(required=False)
    bill = fields.MoneyIn(required=False)
    milestones = fields.Many(MilestoneIn(), most=MOST_STEPS)
    document = fields.PublicId("doc", required=False, help_text="The statement of work.")
    reason = Word(longest=300)


class ChangeOrderIn(fields.Input):
    """The new price of the whole contract, and steps for what of it is not accepted yet."""

    pay = fields.MoneyIn(required=False)
    bill = fields.MoneyIn(required=False)
    milestones = fields.Many(
        MilestoneIn(), least=0, most=MOST_STEPS,
        help_text="Empty where the price comes down to what is accepted.",
    )  # fmt: skip
    document = fields.PublicId("doc", required=False, help_text="The change order.")
    reason = fields.Text(longest=300)


@door("POST", "/v1/assignments/{assignment:asg}/milestones", "milestones_plan",
      scope="milestones:plan", body=PlanIn, answers=PLAN, status=201, key="optional",
      tag=TAG)  # fmt: skip
def plan(call: Call, assignment: UUID) -> object:
    """Plan what an assignment pays and bills by milestones; the steps add up to the price."""
    made = actions.plan(assignment, _plan(call.body), actor=call.actor, at=call.at)
    return PLAN.one(made.pk)


@door("POST", "/v1/assignments/{assignment:asg}/milestones/change-order",
      "milestones_change_order", scope="milestones:plan", body=ChangeOrderIn, answers=PLAN,
      status=201, key="optional", tag=TAG)  # fmt: skip
def change_order(call: Call, assignment: UUID) -> object:
    """Plan what is not accepted anew; what is accepted stays as it was paid and billed."""
    made = actions.replan(assignment, _plan(call.body), actor=call.actor, at=call.at)
    return PLAN.one(made.pk)


def _plan(body: Mapping[str, Any]) -> actions.NewPlan:
    steps = [actions.NewMilestone(**step) for step in body["milestones"]]
    return actions.NewPlan(**{"pay": None, "bill": None, **body, "milestones": steps})


# --- moved ---------------------------------------------------------------------------------------


class ReachedIn(fields.Input):
    """A milestone that was reached."""

    milestone = fields.PublicId("mst")
    note = Word(longest=300, help_text="What there is to show.")


class SubmitMilestonesIn(fields.Input):
    """Which milestones."""

    milestones = fields.Many(ReachedIn())


class AcceptanceIn(fields.Input):
    """What the client accepted, on which day, and the document that says so."""

    milestone = fields.PublicId("mst")
    document = fields.PublicId("doc", help_text="What the client wrote or signed.")
    accepted_on = fields.Day(required=False, help_text="Today, if it is left out.")
    share = fields.DecimalText(
        required=False, places=6, most="1", help_text="The part that is accepted; all, if left out."
    )
    reason = Word(longest=300, help_text="Why only a part.")


class AcceptMilestonesIn(fields.Input):
    """What was accepted."""

    milestones = fields.Many(AcceptanceIn())


class RejectionIn(fields.Input):
    """Why the client did not accept a milestone."""

    milestone = fields.PublicId("mst")
    reason = fields.Text(longest=300)
    document = fields.PublicId("doc", required=False)


class RejectMilestonesIn(fields.Input):
    """What was not accepted."""

    milestones = fields.Many(RejectionIn())


@door("POST", "/v1/milestones/submit", "milestones_submit", scope="milestones:submit",
      body=SubmitMilestonesIn, answers=RESULTS, status=207, key="optional", tag=TAG)  # fmt: skip
def submit(call: Call) -> object:
    """Hand milestones in as reached."""
    wanted = [actions.Reached(**one) for one in _asked(call)]
    return results(actions.submit(wanted, actor=call.actor, at=call.at), MILESTONE.prefix)


@door("POST", "/v1/milestones/accept", "milestones_accept", scope="milestones:accept",
      body=AcceptMilestonesIn, answers=RESULTS, status=207, key="required", dry_run=True,
      tag=TAG)  # fmt: skip
def accept(call: Call) -> object:
    """Accept milestones on the client's evidence, whole or in part, which prices them: what is
    accepted is then paid and billed.
    """
    wanted = [actions.Acceptance(**{"accepted_on": call.on, **one}) for one in _asked(call)]
    return results(actions.accept(wanted, actor=call.actor, at=call.at), MILESTONE.prefix)


@door("POST", "/v1/milestones/reject", "milestones_reject", scope="milestones:accept",
      body=RejectMilestonesIn, answers=RESULTS, status=207, key="optional", tag=TAG)  # fmt: skip
def reject(call: Call) -> object:
    """Note that the client rejected milestones: nothing is paid or billed for them."""
    wanted = [actions.Rejection(**one) for one in _asked(call)]
    return results(actions.reject(wanted, actor=call.actor, at=call.at), MILESTONE.prefix)


def _asked(call: Call) -> Sequence[Mapping[str, Any]]:
    asked: Sequence[Mapping[str, Any]] = call.body["milestones"]
    return asked
