"""/v1/partner/agencies: an agency made, suspended, let in again; its own first owner invited."""

import time
from functools import partial
from uuid import UUID

from django.conf import settings

from api import clock, fields
from api.door import Call, door, reads
from api.resource import Choice, Flag, Id, Instant, Resource, Text
from backline.kernel.errors import Conflict, Missing
from tenants import tenancy
from tenants.access import actions as access
from tenants.agencies import actions, queries, registry
from tenants.agencies.models import Firm
from tenants.bootstrap.connections import OWNER_ALIAS
from tenants.tasks import provision

TAG = "partner"
PATIENCE = 20.0  # seconds for the worker to build a schema
AGENCY = Resource(
    "Agency",
    model=Firm,
    fields=(
        Id("agy"),
        Text("name"),
        Choice("state", Firm.State, doc="Only an active agency can be entered."),
        Text("country"),
        Flag("livemode", doc="False for a sandbox, whose clock can be moved."),
        Instant("clock", doc="A sandbox's own time."),
        Text(
            "reference",
            "order",
            doc="The reference it was ordered under; the same is the same agency.",
        ),
        Instant("ordered_at"),
        Instant("opened_at"),
    ),
    filters=("state", "country", "livemode"),
    order="id",
    doc="A firm of the partner, with books of its own.",
)

reads(AGENCY, "/v1/partner/agencies", scope="agencies:read", role="shared", tag=TAG,
      among=lambda call: queries.agencies_of(call.known().firm_id))  # fmt: skip


class OwnerIn(fields.Input):
    """The first person of the agency."""

    email = fields.Text(longest=200)
    name = fields.Text(longest=120)


class AgencyIn(fields.Input):
    """The agency to make."""

    reference = fields.Text(longest=120, doc="Your own key: the same reference is the same agency.")
    name = fields.Text(longest=120)
    legal_name = fields.Text(longest=120, required=False)
    country = fields.Choice(("GB", "US"))
    time_zone = fields.Text(longest=40, required=False)
    sandbox = fields.Flag(required=False, default=False)
    clock = fields.Instant(required=False)
    owner = OwnerIn(required=False)


@door("POST", "/v1/partner/agencies", "agencies_create", scope="agencies:write", body=AgencyIn,
      answers=AGENCY, status=201, key="optional", role="apart", tag=TAG)  # fmt: skip
def create(call: Call) -> object:
    """Make an agency: its books are built, opened and only then reachable; a repeat finishes
    what failed, and tells how far it is.
    """
    body, partner = call.body, call.known().firm_id
    if body.get("clock") and not body.get("sandbox"):
        raise Conflict("real_clock", "Only a sandbox has a clock of its own.", pointer="/clock")
    with tenancy.shared():
        firm = actions.order(
            name=body["name"],
            country=body["country"],
            partner=partner,
            key=body["reference"],
            livemode=not body.get("sandbox", False),
            clock=body.get("clock"),
            facts={key: body[key] for key in ("legal_name", "time_zone") if body.get(key)},
            actor=call.actor,
            at=clock.now(),
        )
        # should this process or the worker die now, the sweeper finishes the agency
        tenancy.after_commit(partial(provision.ring, registry.ref(firm.pk), "order"))
    if _is_open(firm.pk):
        _invite_owner(call, firm)
    with tenancy.shared():
        return AGENCY.one(firm.pk)


class ReasonIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=300)


@door("POST", "/v1/partner/agencies/{agency:agy}/suspend", "agencies_suspend",
      scope="agencies:write", body=ReasonIn, answers=AGENCY, role="shared", tag=TAG)  # fmt: skip
def suspend(call: Call, agency: UUID) -> object:
    """Close the doors of an agency for now; its books stay as they are."""
    own(call, agency)
    actions.suspend(agency, reason=call.body["reason"], actor=call.actor, at=call.at)
    return AGENCY.one(agency)


@door("POST", "/v1/partner/agencies/{agency:agy}/restore", "agencies_restore",
      scope="agencies:write", body=ReasonIn, answers=AGENCY, role="shared", tag=TAG)  # fmt: skip
def restore(call: Call, agency: UUID) -> object:
    """Open the doors of a suspended agency again."""
    own(call, agency)
    actions.restore(agency, reason=call.body["reason"], actor=call.actor, at=call.at)
    return AGENCY.one(agency)


def own(call: Call, agency: UUID) -> Firm:
    """The caller's own agency, in the shared schema; anything else is told like what does not
    exist.
    """
    found = queries.agencies_of(call.known().firm_id).filter(pk=agency).first()
    if found is None:
        raise Missing("not_found", "There is no such agency.")
    return found


def _is_open(firm: UUID) -> bool:
    """Build and open the books here where the owner's login is, else wait for the worker to."""
    if OWNER_ALIAS in settings.DATABASES:
        actions.provision(firm, at=clock.now())
        return True
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with tenancy.shared():
            if Firm.objects.filter(pk=firm, state=Firm.State.ACTIVE).exists():
                return True
        time.sleep(0.05)
    return False


def _invite_owner(call: Call, firm: Firm) -> None:
    owner = call.body.get("owner")
    if not owner:
        return
    with tenancy.firm(firm.schema):
        try:
            access.invite(
                firm=firm.pk,
                email=owner["email"],
                name=owner["name"],
                role="owner",
                actor=call.actor,
                at=clock.now(),
            )
        except Conflict:
            return  # invited by the first try
