"""/v1/intermediaries: umbrellas and workers' own companies, and whether they may be used."""

from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import Choice, Day, Flag, Id, Instant, Json, Resource, Text, Whole
from api.v1.directory.words import ADDRESS, TAG, AddressIn, Email, Until, Word
from backline.directory import actions
from backline.directory.models import Intermediary
from backline.kernel import provenance
from backline.kernel.outcomes import one

KINDS = ("umbrella", "limited")

INTERMEDIARY = Resource(
    "Intermediary",
    model=Intermediary,
    fields=(
        Id("imy"),
        Choice("kind", KINDS),
        Text("legal_name"),
        Text("company_number"),
        Text("vat_number"),
        Flag("vat_registered"),
        Flag("self_billing", doc="We write its invoices to us."),
        Text("email"),
        Json("address", ADDRESS),
        Day("approved_from", doc="The first day on which it may be used; null: not approved."),
        Day("approved_until", doc="The last day on which it may be used; null: no end is set."),
        Whole("version"),
        Instant("created_at"),
    ),
    filters=("kind", "company_number", "approved_until"),
    sorts=("legal_name",),
    doc="A company between the firm and the worker: an umbrella, or the worker's own.",
)

reads(INTERMEDIARY, "/v1/intermediaries", scope="workers:read", tag=TAG)


class IntermediaryChange(fields.Input):
    """What of a company changes, its approval included."""

    legal_name = fields.Text(longest=120)
    company_number = Word(longest=20)
    vat_number = Word(longest=20)
    vat_registered = fields.Flag(required=False)
    self_billing = fields.Flag(required=False)
    email = Email(required=False)
    address = AddressIn(required=False)
    approved_from = Until(required=False)
    approved_until = Until(required=False)


class IntermediaryIn(IntermediaryChange):
    """An umbrella or a worker's own company."""

    kind = fields.Choice(KINDS)


@door(
    "POST",
    "/v1/intermediaries",
    "intermediaries_add",
    scope="workers:write",
    body=IntermediaryIn,
    answers=INTERMEDIARY,
    status=201,
    key="optional",
    tag=TAG,
)
def add(call: Call) -> object:
    """Add an umbrella or a worker's own company."""
    made = actions.add_intermediaries(
        [actions.NewIntermediary(**call.body)], actor=call.actor, at=call.at
    )
    return INTERMEDIARY.one(one(made))


@door(
    "PATCH",
    "/v1/intermediaries/{intermediary:imy}",
    "intermediaries_update",
    scope="workers:write",
    body=IntermediaryChange,
    answers=INTERMEDIARY,
    match=True,
    tag=TAG,
)
def change(call: Call, intermediary: UUID) -> object:
    """Change what is known of a company, its approval included."""
    provenance.by_hand("intermediary", intermediary, call.body, actor=call.actor, at=call.at)
    actions.change_intermediary(intermediary, call.body, actor=call.actor, at=call.at)
    return INTERMEDIARY.one(intermediary)
