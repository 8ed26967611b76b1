"""/v1/exceptions and /v1/responsibilities: what needs a person, who that is, and by when."""

from typing import Any
from uuid import UUID

from api import fields, nouns
from api.answers import RESULTS, results
from api.door import Call, door, reads
from api.kinds import Kind
from api.resource import (
    Amount,
    Choice,
    Derived,
    Flag,
    Id,
    Instant,
    Json,
    Resource,
    Shape,
    Text,
    Whole,
)
from api.v1.directory.words import PEOPLE
from backline.desk import actions, queries
from backline.desk.models import Trouble
from backline.kernel.errors import Missing
from backline.kernel.outcomes import one
from tenants.access.roles import MATRIX

TAG = "desk"
STOPS = ("pay", "bill", "money", "start", "nothing")
ROLES = tuple(MATRIX.roles)
EVIDENCE = {
    "type": "array",
    "items": {"type": "object", "additionalProperties": True},
    "description": "What shows it, as facts; ids are public.",
}


class About(Kind):
    """The thing an exception is about, whatever its kind."""

    def ask(self, text: str) -> UUID:
        """The key in a public id of any kind."""
        key = nouns.key_in(text)
        if key is None:
            raise ValueError("Write the id of a record.")
        return key


def _about(kind: str, key: UUID | None) -> str | None:
    return None if key is None else nouns.public(kind, key)


EXCEPTION = Resource(
    "Exception",
    model=Trouble,
    fields=(
        Id("exc"),
        Text("kind", doc="late_timesheet, missing_form, retroactive_rate …"),
        Choice("state", Trouble.State),
        Text("title"),
        Text("detail"),
        Text("about_kind", doc="What it is about: assignment, timesheet, pay_run …"),
        Derived(Text("about", null=True, doc="Its id."), of=("about_kind", "about"), make=_about),
        Choice("stops", STOPS, doc="What waits for it."),
        Amount("at_stake", doc="The money concerned, where it is known."),
        Text("owner_role", doc="Who answers for it."),
        Json("taken_by", PEOPLE),
        Instant("due_at"),
        Instant("opened_at"),
        Derived(
            Json("evidence", EVIDENCE),
            of=("evidence",),
            make=lambda rows: [nouns.told(row) if isinstance(row, dict) else row for row in rows],
        ),
        Text("suggested", doc="What would settle it."),
        Instant("closed_at"),
        Json("closed_by", PEOPLE),
        Text("resolution"),
        Derived(
            Json("outcome", {"type": "object", "additionalProperties": True}),
            of=("outcome",),
            make=nouns.told,
        ),
    ),
    filters=(
        "kind",
        "state",
        "stops",
        "owner_role",
        "about_kind",
        "due_at",
        "opened_at",
        "closed_at",
        About("about"),
    ),
    sorts=("due_at", "opened_at"),
    order="-id",
    doc="Something that needs a person: what, whose it is, by when, and how it ended.",
)

reads(EXCEPTION, "/v1/exceptions", scope="exceptions:read", tag=TAG)


class ResolveIn(fields.Input):
    """How it was settled."""

    resolution = fields.Text(longest=300)


class DismissIn(fields.Input):
    """Why it needs nobody."""

    reason = fields.Text(longest=300)


class ResolveManyIn(ResolveIn):
    """Which, and how they were settled."""

    exceptions = fields.Many(fields.PublicId("exc"))


class DismissManyIn(DismissIn):
    """Which, and why they need nobody."""

    exceptions = fields.Many(fields.PublicId("exc"))


@door(
    "POST",
    "/v1/exceptions/{exception:exc}/take",
    "exceptions_take",
    answers=EXCEPTION,
    scope="exceptions:write",
    key="optional",
    tag=TAG,
)
def take(call: Call, exception: UUID) -> object:
    """Take an exception on, so that the others see by whom."""
    one(actions.take([exception], actor=call.actor, at=call.at))
    return EXCEPTION.one(exception)


@door(
    "POST",
    "/v1/exceptions/{exception:exc}/release",
    "exceptions_release",
    answers=EXCEPTION,
    scope="exceptions:write",
    key="optional",
    tag=TAG,
)
def release(call: Call, exception: UUID) -> object:
    """Give an exception back that was taken on, so that another can take it."""
    one(actions.release([exception], actor=call.actor, at=call.at))
    return EXCEPTION.one(exception)


@door(
    "POST",
    "/v1/exceptions/{exception:exc}/resolve",
    "exceptions_resolve",
    body=ResolveIn,
    answers=EXCEPTION,
    scope="exceptions:write",
    key="optional",
    tag=TAG,
)
def resolve(call: Call, exception: UUID) -> object:
    """Close an exception as settled, saying how."""
    told = {"resolution": call.body["resolution"], "actor": call.actor, "at": call.at}
    one(actions.resolve([exception], **told))
    return EXCEPTION.one(exception)


@door(
    "POST",
    "/v1/exceptions/{exception:exc}/dismiss",
    "exceptions_dismiss",
    body=DismissIn,
    answers=EXCEPTION,
    scope="exceptions:write",
    key="optional",
    tag=TAG,
)
def dismiss(call: Call, exception: UUID) -> object:
    """Close an exception that needs nobody, saying why."""
    told = {"reason": call.body["reason"], "actor": call.actor, "at": call.at}
    one(actions.dismiss([exception], **told))
    return EXCEPTION.one(exception)


@door(
    "POST",
    "/v1/exceptions/resolve",
    "exceptions_resolve_many",
    body=ResolveManyIn,
    answers=RESULTS,
    status=207,
    scope="exceptions:write",
    key="optional",
    tag=TAG,
)
def resolve_many(call: Call) -> object:
    """Close many exceptions as settled; one that is refused never stops the others."""
    told = {"resolution": call.body["resolution"], "actor": call.actor, "at": call.at}
    return results(actions.resolve(call.body["exceptions"], **told), "exc")


@door(
    "POST",
    "/v1/exceptions/dismiss",
    "exceptions_dismiss_many",
    body=DismissManyIn,
    answers=RESULTS,
    status=207,
    scope="exceptions:write",
    key="optional",
    tag=TAG,
)
def dismiss_many(call: Call) -> object:
    """Close many exceptions that need nobody; one that is refused never stops the others."""
    told = {"reason": call.body["reason"], "actor": call.actor, "at": call.at}
    return results(actions.dismiss(call.body["exceptions"], **told), "exc")


# --- who answers for what -------------------------------------------------------------------------

RESPONSIBILITY = Shape(
    "Responsibility",
    (
        Text("kind", doc="The kind of exception."),
        Choice("owner_role", ROLES),
        Choice("deputy_role", ROLES, null=True),
        Whole("hours", doc="Within how many hours it is to be settled."),
        Flag("is_own", doc="Decided by the firm; false: as Backline proposes."),
    ),
    doc="Who answers for a kind of exception, and within how many hours.",
)
RESPONSIBILITIES = Shape(
    "Responsibilities",
    (Json("data", {"type": "array", "items": RESPONSIBILITY.ref()}),),
    doc="Who answers for what, every kind.",
)


class ResponsibilityIn(fields.Input):
    """Who, who stands in, and how long it may take."""

    owner_role = fields.Choice(ROLES)
    deputy_role = fields.Choice(ROLES, required=False, allow_null=True)
    hours = fields.Whole(least=1, most=720)


@door(
    "GET",
    "/v1/responsibilities",
    "responsibilities_list",
    scope="responsibilities:read",
    answers=RESPONSIBILITIES,
    tag=TAG,
)
def responsibilities(call: Call) -> object:  # noqa: ARG001  # every deed is given its call
    """Read who answers for each kind of exception."""
    return {"data": [_shown(row) for row in queries.responsibilities()]}


@door(
    "PUT",
    "/v1/responsibilities/{kind}",
    "responsibilities_decide",
    body=ResponsibilityIn,
    scope="responsibilities:write",
    answers=RESPONSIBILITY,
    tag=TAG,
)
def decide(call: Call, kind: str) -> object:
    """Say who answers for a kind of exception; those that are open and not taken go there."""
    if kind not in {row.kind for row in queries.responsibilities()}:
        raise Missing("not_found", "There is no such kind of exception.")
    body = call.body
    actions.decide_responsibility(
        kind,
        owner_role=body["owner_role"],
        deputy_role=body.get("deputy_role") or "",
        hours=body["hours"],
        actor=call.actor,
        at=call.at,
    )
    return _shown(next(row for row in queries.responsibilities() if row.kind == kind))


def _shown(row: queries.Answering) -> dict[str, Any]:
    return RESPONSIBILITY.show(
        {
            "kind": row.kind,
            "owner_role": row.owner_role,
            "deputy_role": row.deputy_role or None,
            "hours": row.hours,
            "is_own": row.is_own,
        }
    )
