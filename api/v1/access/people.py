"""/v1/people: who belongs to the firm; invitations are taken up at /v1/invitations/accept."""

from uuid import UUID

from api import clock, fields
from api.callers import address
from api.door import Call, door, reads
from api.resource import Choice, Id, Instant, Ref, Resource, Shape, Text
from api.v1.access.sessions import ROLES, TAG, shown_code, told, typed_password
from tenants import tenancy
from tenants.access import actions, factors, queries, throttles
from tenants.access.models import Membership

PERSON = Resource(
    "Person",
    model=Membership,
    fields=(
        Id("mbr"),
        Ref("person", "psn", doc="Who this is in every firm; null until the invitation is taken."),
        Text("email"),
        Text("name"),
        Choice("role", ROLES),
        Choice("state", Membership.State),
        Instant("invited_at"),
        Instant("joined_at"),
        Instant("ended_at"),
    ),
    filters=("role", "state", "email"),
    doc="Somebody's place in this firm, from the invitation to the end.",
)
JOINED = Shape(
    "InvitationAccepted",
    (
        Choice("state", ("code_needed", "joined")),
        Text("firm_name"),
        Text("email"),
        Text("totp_secret", null=True, doc="For the authenticator app; shown now alone."),
        Text("totp_uri", null=True, doc="The same as the address behind a QR code."),
    ),
    doc="How far an invitation is taken up.",
)


def own(call: Call) -> UUID:
    """The firm that is called for."""
    return call.known().firm_id


reads(PERSON, "/v1/people", scope="people:read", tag=TAG,
      among=lambda call: queries.staff_of(own(call)))  # fmt: skip


class InviteIn(fields.Input):
    """Whom to ask, and to be what."""

    email = fields.Text(longest=254)
    name = fields.Text(longest=120)
    role = fields.Choice(ROLES)


@door("POST", "/v1/people", "people_invite", scope="people:write", body=InviteIn, answers=PERSON,
      status=201, key="optional", tag=TAG)  # fmt: skip
def invite(call: Call) -> object:
    """Invite somebody by mail to join the firm in a role."""
    made = actions.invite(firm=own(call), **call.body, actor=call.actor, at=clock.now())
    return PERSON.one(made.id, queries.staff_of(own(call)))


class RoleIn(fields.Input):
    """The role to have from now on."""

    role = fields.Choice(ROLES)


@door("PATCH", "/v1/people/{person:mbr}", "people_update", scope="people:write", body=RoleIn,
      answers=PERSON, tag=TAG)  # fmt: skip
def change_role(call: Call, person: UUID) -> object:
    """Give somebody another role; it holds from their next call."""
    if "role" in call.body:
        actions.change_role(
            firm=own(call),
            membership=person,
            role=call.body["role"],
            actor=call.actor,
            at=clock.now(),
        )
    return PERSON.one(person, queries.staff_of(own(call)))


class EndIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=500, required=False)


@door("POST", "/v1/people/{person:mbr}/end", "people_end", scope="people:write", body=EndIn,
      answers=PERSON, tag=TAG)  # fmt: skip
def end(call: Call, person: UUID) -> object:
    """End somebody's place in the firm; their sessions stop at once."""
    actions.end(
        firm=own(call),
        membership=person,
        reason=call.body.get("reason", ""),
        actor=call.actor,
        at=clock.now(),
    )
    return PERSON.one(person, queries.staff_of(own(call)))


class AcceptIn(fields.Input):
    """The token of the mail, a password, and the code once the app has the secret."""

    token = fields.Text(longest=100)
    name = fields.Text(longest=120, required=False)
    password = typed_password()
    code = shown_code(required=False)


@door("POST", "/v1/invitations/accept", "invitations_accept", body=AcceptIn, answers=JOINED,
      role="public", tag=TAG)  # fmt: skip
def accept(call: Call) -> object:
    """Take an invitation up: first a password, then a code; a known person shows both at once."""
    at, given = clock.now(), call.body
    with told():
        with tenancy.signing_in():
            throttles.claim(account=given["token"][:21], address=address(call.request), at=at)
        with tenancy.signing_in():
            accepted = actions.accept(
                token=given["token"],
                name=given.get("name", ""),
                password=given["password"],
                code=given.get("code", ""),
                at=at,
            )
    if accepted.is_ready:
        with tenancy.firm(accepted.firm):
            actions.activate(accepted=accepted, at=at)
    email, secret = accepted.person.email, accepted.secret
    return JOINED.show(
        {
            "state": "joined" if accepted.is_ready else "code_needed",
            "firm_name": accepted.firm_name,
            "email": email,
            "totp_secret": secret or None,
            "totp_uri": factors.uri(secret, email=email) if secret else None,
        }
    )
