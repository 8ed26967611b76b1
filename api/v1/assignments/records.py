"""/v1/assignments: one worker at one client on agreed terms, from first to last day."""

from typing import Any
from uuid import UUID

from api import fields
from api.answers import RESULTS, results
from api.door import Call, door, reads
from api.resource import Choice, Day, Id, Instant, Json, Ref, Resource, Text, Whole
from api.v1.assignments.words import ENGAGEMENTS, FREQUENCIES, TAG, OvertimeIn, RatesIn
from api.v1.directory.words import PEOPLE, Word
from backline.assignments import actions
from backline.assignments.models import Assignment
from backline.kernel import provenance
from backline.kernel.outcomes import one

OVERTIME = {
    "type": "object",
    "properties": {
        name: {"type": "string"}
        for name in (
            "weekly_over", "daily_over", "factor", "double_weekly_over", "double_daily_over",
            "seventh_factor",
        )
    }
    | {
        "windows": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "begins": {"type": "string"},
                    "ends": {"type": "string"},
                    "weekdays": {"type": "array", "items": {"type": "integer"}},
                    "bank_holidays": {"type": "string"},
                },
                "required": ["code"],
            },
        }
    },
    "description": (
        "What the agreement says: hours a week or a day and the factor beyond them, and the parts"
        " of the week whose plain time has a rate of its own."
    ),
    "examples": [{"weekly_over": "40", "factor": "1.5"}],
}  # fmt: skip
KEYS = ("worker", "client", "site", "approver", "intermediary")

ASSIGNMENT = Resource(
    "Assignment",
    model=Assignment,
    fields=(
        Id("asg"),
        Text("reference", doc="The firm's own number for the assignment."),
        Ref("worker", "wrk"),
        Ref("client", "cli"),
        Ref("site", "sit", doc="Where the work is done."),
        Ref("approver", "con", doc="Who approves time."),
        Ref("intermediary", "imy", doc="The umbrella or the worker's own company, if any."),
        Choice("engagement", ENGAGEMENTS),
        Text("job_title"),
        Choice("status", Assignment.Status),
        Day("starts_on"),
        Day("ends_on", doc="The last day; null while none is set."),
        Whole("week_starts", doc="The first day of the sheet's week; 0 is Monday."),
        Choice("time_unit", ("hour", "day")),
        Choice("pay_frequency", FREQUENCIES),
        Text("consultant"),
        Text("service_line"),
        Json("overtime", OVERTIME),
        Text("workers_comp_class"),
        Instant("confirmed_at"),
        Json("confirmed_by", PEOPLE),
        Whole("version"),
        Instant("created_at"),
    ),
    filters=(
        "status",
        "worker",
        "client",
        "engagement",
        "starts_on",
        "ends_on",
        "reference",
        "pay_frequency",
        "created_at",
    ),
    sorts=("starts_on",),
    doc="One worker at one client on agreed terms.",
)

reads(ASSIGNMENT, "/v1/assignments", scope="assignments:read", tag=TAG)


class AssignmentIn(fields.Input):
    """Who works where for whom, from when, and what it pays and bills."""

    worker = fields.PublicId("wrk")
    client = fields.PublicId("cli")
    engagement = fields.Choice(ENGAGEMENTS)
    starts_on = fields.Day()
    ends_on = fields.Day(required=False, allow_null=True)
    pay_frequency = fields.Choice(FREQUENCIES)
    rates = RatesIn(required=False)
    site = fields.PublicId("sit", required=False)
    approver = fields.PublicId("con", required=False)
    intermediary = fields.PublicId("imy", required=False)
    job_title = Word(longest=120)
    reference = Word(longest=40)
    week_starts = fields.Whole(most=6, required=False, help_text="0 is Monday.")
    time_unit = fields.Choice(("hour", "day"), required=False)
    consultant = Word(longest=80)
    service_line = Word(longest=40)
    overtime = OvertimeIn(required=False)
    workers_comp_class = Word(longest=10)
    po_number = Word(longest=40)
    cost_centre = Word(longest=40)
    project = Word(longest=40)


@door(
    "POST",
    "/v1/assignments",
    "assignments_add",
    scope="assignments:write",
    body=AssignmentIn,
    answers=ASSIGNMENT,
    status=201,
    key="optional",
    tag=TAG,
)
def add(call: Call) -> object:
    """Add an assignment as pending; it may be worked on once it is confirmed and cleared."""
    made = actions.add([new_assignment(call.body)], actor=call.actor, at=call.at)
    return ASSIGNMENT.one(one(made))


def new_assignment(body: dict[str, Any]) -> actions.NewAssignment:
    """The assignment a body stands for; its rates hold from the first day unless told."""
    given = dict(body)
    rates = given.pop("rates", None)
    if rates is not None:
        given["rates"] = RatesIn.agreed(rates, since=given["starts_on"])
    return actions.NewAssignment(**given)


class AssignmentChange(fields.Input):
    """What of an assignment changes; who works for whom stays as it is once it started."""

    worker = fields.PublicId("wrk")
    client = fields.PublicId("cli")
    engagement = fields.Choice(ENGAGEMENTS)
    starts_on = fields.Day()
    ends_on = fields.Day(allow_null=True)
    pay_frequency = fields.Choice(FREQUENCIES)
    site = fields.PublicId("sit", allow_null=True)
    approver = fields.PublicId("con", allow_null=True)
    intermediary = fields.PublicId("imy", allow_null=True)
    job_title = Word(longest=120)
    reference = Word(longest=40)
    week_starts = fields.Whole(most=6)
    consultant = Word(longest=80)
    service_line = Word(longest=40)
    overtime = OvertimeIn()
    workers_comp_class = Word(longest=10)


@door(
    "PATCH",
    "/v1/assignments/{assignment:asg}",
    "assignments_update",
    body=AssignmentChange,
    scope="assignments:write",
    answers=ASSIGNMENT,
    match=True,
    tag=TAG,
)
def change(call: Call, assignment: UUID) -> object:
    """Change an assignment; a later end wakes one that has ended."""
    provenance.by_hand("placement", assignment, call.body, actor=call.actor, at=call.at)
    wanted = {f"{name}_id" if name in KEYS else name: each for name, each in call.body.items()}
    actions.change_assignment(assignment, wanted, actor=call.actor, at=call.at)
    return ASSIGNMENT.one(assignment)


@door(
    "POST",
    "/v1/assignments/{assignment:asg}/confirm",
    "assignments_confirm",
    tag=TAG,
    scope="assignments:write",
    answers=ASSIGNMENT,
    key="optional",
)
def confirm(call: Call, assignment: UUID) -> object:
    """Confirm an assignment whose agreement is complete; a refusal names all that is missing."""
    one(actions.confirm([assignment], actor=call.actor, at=call.at))
    return ASSIGNMENT.one(assignment)


class ManyIn(fields.Input):
    """Which assignments."""

    assignments = fields.Many(fields.PublicId("asg"))


@door(
    "POST",
    "/v1/assignments/confirm",
    "assignments_confirm_many",
    scope="assignments:write",
    body=ManyIn,
    answers=RESULTS,
    status=207,
    key="optional",
    tag=TAG,
)
def confirm_many(call: Call) -> object:
    """Confirm many assignments; one that is refused never stops the others."""
    made = actions.confirm(call.body["assignments"], actor=call.actor, at=call.at)
    return results(made, "asg")


class CancelIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=200)


@door(
    "POST",
    "/v1/assignments/{assignment:asg}/cancel",
    "assignments_cancel",
    body=CancelIn,
    scope="assignments:write",
    answers=ASSIGNMENT,
    key="optional",
    tag=TAG,
)
def cancel(call: Call, assignment: UUID) -> object:
    """Cancel an assignment before its first day; afterwards it is ended, not cancelled."""
    told = {"reason": call.body["reason"], "actor": call.actor, "at": call.at}
    one(actions.cancel([assignment], **told))
    return ASSIGNMENT.one(assignment)
