"""/v1/assignments/{assignment}/determinations: whether work is inside the off-payroll rules."""

from uuid import UUID

from api import fields
from api.door import Call, door
from api.resource import Flag, Id, Instant, Json, Ref, Resource, Text
from api.v1.assignments.words import TAG
from api.v1.directory.words import PEOPLE, SINCE, UNTIL, Word, must_exist
from backline.assignments import actions
from backline.assignments.models import Assignment, Determination

DETERMINATION = Resource(
    "Determination",
    model=Determination,
    fields=(
        Id("det"),
        Ref("assignment", "asg"),
        Flag("is_inside", doc="Inside: tax and National Insurance are taken from the fee."),
        SINCE,
        UNTIL,
        Ref("document", "doc", doc="The client's status determination statement."),
        Text("reason"),
        Flag("withdrawn", doc="Replaced by another from the very same day."),
        Instant("determined_at"),
        Json("determined_by", PEOPLE),
    ),
    filters=("withdrawn", "is_inside"),
    doc="What the client determined of the status of work through a worker's own company.",
)


class DeterminationIn(fields.Input):
    """The result, and the day it holds from."""

    is_inside = fields.Flag()
    since = fields.Day()
    document = fields.PublicId("doc", required=False, allow_null=True)
    reason = Word(longest=300)


@door(
    "GET",
    "/v1/assignments/{assignment:asg}/determinations",
    "determinations_list",
    scope="assignments:read",
    lists=DETERMINATION,
    tag=TAG,
)
def listed(call: Call, assignment: UUID) -> object:
    """List what was determined of an assignment, what was replaced included."""
    must_exist(Assignment, assignment)
    return DETERMINATION.page(call, Determination.objects.filter(assignment=assignment))


@door(
    "POST",
    "/v1/assignments/{assignment:asg}/determinations",
    "determinations_add",
    scope="evidence:write",
    body=DeterminationIn,
    answers=DETERMINATION,
    status=201,
    key="optional",
    tag=TAG,
)
def add(call: Call, assignment: UUID) -> object:
    """Keep the client's determination from a day; pay follows it by itself."""
    body = {"document": None, "reason": "", **call.body}
    made = actions.determine(assignment, **body, actor=call.actor, at=call.at)
    return DETERMINATION.one(made.pk)
