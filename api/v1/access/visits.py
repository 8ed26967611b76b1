"""The partner's staff inside an agency: how they enter, and where the agency reads of it."""

from uuid import UUID

from api import clock, fields
from api.door import Call, door, reads
from api.resource import Choice, Id, Instant, Ref, Resource, Shape, Text
from api.v1.access.people import own
from api.v1.access.sessions import ROLES, TAG
from backline.kernel.errors import Missing
from tenants import tenancy
from tenants.access import actions, queries
from tenants.access.models import ActingToken
from tenants.agencies import registry

ENTRY = Resource(
    "AccessLogEntry",
    model=ActingToken,
    fields=(
        Id("act"),
        Ref("person", "psn"),
        Text("person_name"),
        Text("partner_name"),
        Choice("role", ROLES),
        Text("reason"),
        Instant("issued_at"),
        Instant("expires_at"),
        Instant("ended_at", doc="When they left, if before the hour was over."),
    ),
    filters=("person",),
    doc="Somebody of the partner entered this agency, and why. Their deeds name them as actor.",
)
VISIT = Shape(
    "Visit",
    (
        Ref("id", "act"),
        Text("token", doc="Send it as Authorization: Bearer. It is shown this once."),
        Ref("firm", "agy"),
        Text("firm_name"),
        Text("reason"),
        Instant("expires_at"),
        Instant("fresh_until", doc="As fresh as the session it came from."),
    ),
    doc="A short stay in one agency.",
)

reads(ENTRY, "/v1/access-log", scope="access_log:read", tag=TAG,
      among=lambda call: queries.entries_of(own(call)))  # fmt: skip


class ActIn(fields.Input):
    """Why, and for how long."""

    reason = fields.Text(longest=500)
    minutes = fields.Whole(least=1, most=60, default=60)


@door("POST", "/v1/partner/agencies/{agency:agy}/act", "agencies_act", scope="agencies:act",
      body=ActIn, answers=VISIT, status=201, role="apart", tag=TAG)  # fmt: skip
def act(call: Call, agency: UUID) -> object:
    """Enter one agency for at most an hour, for a reason that the agency reads."""
    _must_be_ones_own(call, agency)
    with tenancy.firm(registry.ref(agency)):
        made = actions.enter(
            agency=agency,
            credential=call.known(),
            reason=call.body["reason"],
            minutes=call.body["minutes"],
            at=clock.now(),
        )
    visit = made.visit
    return VISIT.show(
        {
            "id": visit.id,
            "token": made.token,
            "firm": agency,
            "firm_name": visit.firm.name,
            "reason": visit.reason,
            "expires_at": visit.expires_at,
            "fresh_until": visit.fresh_until,
        }
    )


def _must_be_ones_own(call: Call, agency: UUID) -> None:
    try:
        known = tenancy.place(registry.ref(agency)).partner == call.firm
    except tenancy.NoSuchFirm:
        known = False
    if not known:
        raise Missing("not_found", "There is no such agency.")
