"""/v1/intermediaries/{intermediary}/standings: the register, decision by decision."""

from uuid import UUID

from api import fields
from api.door import Call, door
from api.resource import Choice, Day, Id, Instant, Json, Ref, Resource, Text
from api.v1.directory.words import PEOPLE, TAG, Word, must_exist
from backline.directory import actions
from backline.directory.actions.standing import RISKS
from backline.directory.models import CompanyStanding, Intermediary

STATES = ("approved", "suspended")

STANDING = Resource(
    "CompanyStanding",
    model=CompanyStanding,
    fields=(
        Id("cst"),
        Ref("intermediary", "imy"),
        Choice("state", STATES),
        Day("since"),
        Day("until", doc="The last day of an approval; null: until the next decision."),
        Text("risk", doc="low, medium or high; empty: not judged."),
        Day("review_on", doc="When it is looked at again."),
        Text("accreditation", doc="What it rests on."),
        Text("reason"),
        Instant("decided_at"),
        Json("decided_by", PEOPLE),
    ),
    filters=("state", "review_on"),
    doc="One decision of the register: from when a company may be used, or may not, and why.",
)


class StandingIn(fields.Input):
    """A decision on a company."""

    state = fields.Choice(STATES)
    since = fields.Day()
    until = fields.Day(required=False, allow_null=True)
    risk = fields.Choice(RISKS, required=False)
    review_on = fields.Day(required=False, allow_null=True)
    accreditation = Word(longest=120)
    reason = fields.Text(longest=200)


@door(
    "GET",
    "/v1/intermediaries/{intermediary:imy}/standings",
    "company_standings_list",
    scope="workers:read",
    lists=STANDING,
    tag=TAG,
)
def standings(call: Call, intermediary: UUID) -> object:
    """List every decision that was taken on a company, who took it and why."""
    must_exist(Intermediary, intermediary)
    return STANDING.page(call, CompanyStanding.objects.filter(intermediary=intermediary))


@door(
    "POST",
    "/v1/intermediaries/{intermediary:imy}/standings",
    "company_standings_decide",
    scope="evidence:approve",
    body=StandingIn,
    answers=STANDING,
    status=201,
    key="optional",
    tag=TAG,
)
def decide(call: Call, intermediary: UUID) -> object:
    """Approve a company for a time or suspend it; pay runs and clearance follow at once."""
    new = actions.NewStanding(**call.body)
    made = actions.decide_standing(intermediary, new, actor=call.actor, at=call.at)
    return STANDING.one(made.pk)
