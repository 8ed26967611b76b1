"""/v1/requirements: what must be on file, for which work, and what its lack blocks."""

import re
from typing import Any
from uuid import UUID

from api import fields, nouns
from api.door import Call, door
from api.resource import Choice, Day, Derived, Flag, Id, Json, Resource, Text, Whole, Words
from api.v1.directory.clients import OWNERSHIPS
from api.v1.directory.words import COUNTRIES, Until
from backline.assignments.engagements import ENGAGEMENTS
from backline.kernel.errors import Missing
from backline.onboarding import actions
from backline.onboarding.actions.requirements import BLOCKS, SUBJECTS
from backline.onboarding.models import Requirement

TAG = "onboarding"
CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
WHEN = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
    "description": "Facts of the work and the values that count; every fact must hold.",
    "examples": [{"engagement": ["w2"], "region": ["IL"]}],
}


def _public(when: dict[str, list[str]]) -> dict[str, list[str]]:
    clients = [nouns.public("client", UUID(key)) for key in when.get("client", ())]
    return {**when, "client": clients} if clients else when


REQUIREMENT = Resource(
    "Requirement",
    model=Requirement,
    fields=(
        Id("req"),
        Text("code"),
        Text("title"),
        Choice("about", SUBJECTS, doc="Whose paper it is."),
        Text("country", doc="Where it is asked for; empty: everywhere."),
        Derived(Json("when", WHEN), of=("when",), make=_public),
        Words("blocks", doc="What waits for it: start, pay, both or nothing."),
        Words("accepts", doc="Any one of these will do; empty: its own code."),
        Words("after", doc="What must be on file before it."),
        Day("since", doc="The first day of work for which it is asked."),
        Day("until", doc="The first day for which it is asked no more."),
        Whole("valid_days", doc="How long a paper holds at most."),
        Whole("days_after_start", doc="So many business days after the first it may be brought."),
        Whole("over_months", doc="It is asked of work that lasts more than so many months."),
        Whole("most_pages"),
        Flag("needs_document"),
        Flag("is_active"),
        Text("source", doc="The law it comes from."),
    ),
    filters=("code", "about", "country", "is_active"),
    sorts=("code",),
    order="code",
    doc="Something that must be on file, and for which work.",
)


@door(
    "GET",
    "/v1/requirements",
    "requirements_list",
    scope="requirements:read",
    tag=TAG,
    lists=REQUIREMENT,
)
def listed(call: Call) -> object:
    """List what must be on file."""
    return REQUIREMENT.page(call)


@door(
    "GET",
    "/v1/requirements/{code}",
    "requirements_retrieve",
    scope="requirements:read",
    tag=TAG,
    answers=REQUIREMENT,
)
def retrieve(call: Call, code: str) -> object:  # noqa: ARG001  # every deed is given its call
    """Read one thing that must be on file, by its code."""
    found = REQUIREMENT.several(Requirement.objects.filter(code=code))
    if not found:
        raise Missing("not_found", "There is no such requirement.")
    return found[0]


class WhenIn(fields.Input):
    """For which work it is asked; a fact that is left out is no condition."""

    region = fields.Many(fields.Text(longest=10), required=False, most=60)
    engagement = fields.Many(fields.Choice(ENGAGEMENTS), required=False)
    client = fields.Many(fields.PublicId("cli"), required=False)
    client_class = fields.Many(fields.Choice(OWNERSHIPS), required=False)
    sector = fields.Many(fields.Text(longest=40), required=False)
    invoicing = fields.Many(fields.Choice(("self_bill", "own")), required=False)


class RequirementIn(fields.Input):
    """What is called for; on one that exists, only what is sent changes."""

    title = fields.Text(longest=120, required=False)
    about = fields.Choice(SUBJECTS, required=False)
    country = fields.Choice((*COUNTRIES, ""), required=False)
    when = WhenIn(required=False)
    blocks = fields.Many(fields.Choice(BLOCKS), least=0, most=2, required=False)
    accepts = fields.Many(fields.Text(longest=40), least=0, most=20, required=False)
    after = fields.Many(fields.Text(longest=40), least=0, most=5, required=False)
    since = Until(required=False)
    until = Until(required=False)
    valid_days = fields.Whole(least=1, most=36_500, required=False, allow_null=True)
    days_after_start = fields.Whole(least=0, most=90, required=False, allow_null=True)
    over_months = fields.Whole(least=1, most=120, required=False, allow_null=True)
    most_pages = fields.Whole(least=1, most=500, required=False, allow_null=True)
    needs_document = fields.Flag(required=False)
    is_active = fields.Flag(required=False)


@door(
    "PUT",
    "/v1/requirements/{code}",
    "requirements_set",
    scope="requirements:write",
    body=RequirementIn,
    answers=REQUIREMENT,
    tag=TAG,
)
def require(call: Call, code: str) -> object:
    """Say that something must be on file, for which work, and what its lack blocks."""
    if not CODE.fullmatch(code):
        raise Missing("not_found", "A code is a word such as right_to_work.")
    wanted: dict[str, Any] = dict(call.body)
    if "when" in wanted:
        wanted["when"] = {
            fact: [str(each) for each in given] for fact, given in wanted["when"].items()
        }
    made = actions.require(code, wanted, actor=call.actor, at=call.at)
    return REQUIREMENT.one(made.pk)
