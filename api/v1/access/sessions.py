"""/v1/sessions, /v1/me: sign in, show the second factor again, sign out; who one is.

A try is counted in a transaction of its own before it is judged; these doors open their own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api import clock, fields
from api.callers import address
from api.door import Call, door
from api.errors import Refused, Unknown
from api.resource import Choice, Flag, Instant, Json, Ref, Shape, Text, Words
from backline.kernel.errors import Forbidden
from tenants import tenancy
from tenants.access import actions, queries, throttles
from tenants.access.models import Session
from tenants.access.queries import Credential
from tenants.access.refusals import NotSignedIn, TooManyTries
from tenants.access.roles import PEOPLE_ROLES

TAG = "access"
ROLES = tuple(sorted(PEOPLE_ROLES))

SESSION = Shape(
    "Session",
    (
        Text("token", doc="Send it as Authorization: Bearer. It is shown this once."),
        Ref("firm", "agy", doc="The one firm this session is for."),
        Text("firm_name"),
        Ref("person", "psn"),
        Text("name"),
        Choice("role", ROLES),
        Instant("fresh_until", doc="Until then the second factor counts as just shown."),
        Instant("ends_at", doc="It ends earlier when nobody uses it for half an hour."),
    ),
    doc="A person signed in to one firm.",
)
ME = Shape(
    "Me",
    (
        Choice("kind", ("key", "session", "acting")),
        Text("id", doc="The person, or the key."),
        Text("name"),
        Choice("role", (*ROLES, "integration")),
        Ref("firm", "agy", doc="The firm whose books this credential opens."),
        Text("firm_name"),
        Choice("firm_kind", ("agency", "partner")),
        Flag("livemode"),
        Text("on_behalf_of", null=True, doc="The partner, for its staff inside an agency."),
        Words("scopes"),
        Json("limited", {"type": "object", "additionalProperties": {"type": "string"}},
             doc="Scopes held for some records only, and which."),
        Instant("fresh_until", null=True),
        Instant("expires_at", null=True),
    ),
    doc="Who is calling, for which firm, and what they may do.",
)  # fmt: skip
FRESH = Shape("FreshFactor", (Instant("fresh_until"),), doc="The second factor was shown again.")


def typed_password(**more: Any) -> fields.Text:
    """A password as it is typed: not trimmed."""
    return fields.Text(longest=256, trim_whitespace=False, **more)


def shown_code(**more: Any) -> fields.Text:
    """Six digits of the app, or a recovery code."""
    return fields.Text(longest=12, **more)


@contextmanager
def told() -> Iterator[None]:
    """Tell a refused sign-in as 401 and too many tries as 429."""
    try:
        yield
    except NotSignedIn as refusal:
        raise Unknown(refusal.code, refusal.detail) from None
    except TooManyTries as refusal:
        wait = str(refusal.seconds)
        raise Refused(
            429, refusal.code, refusal.detail, {"Retry-After": wait}, retry_after=refusal.seconds
        ) from None


class SignInIn(fields.Input):
    """Who, with what, and to which firm."""

    email = fields.Text(longest=254)
    password = typed_password()
    code = shown_code()
    firm = fields.PublicId("agy", required=False)


@door("POST", "/v1/sessions", "sessions_create", body=SignInIn, answers=SESSION, status=201,
      role="public", tag=TAG)  # fmt: skip
def sign_in(call: Call) -> object:
    """Sign in to one firm with password and one-time code."""
    at, given, where = clock.now(), call.body, address(call.request)
    with told():
        with tenancy.signing_in():
            throttles.claim(account=queries.spelled(given["email"]), address=where, at=at)
        with tenancy.signing_in():
            made = actions.sign_in(
                email=given["email"],
                password=given["password"],
                code=given["code"],
                firm=given.get("firm"),
                address=where,
                at=at,
            )
    return shown(made.session, made.token)


def shown(session: Session, token: str) -> dict[str, object]:
    """A session that began, with its token."""
    return SESSION.show(
        {
            "token": token,
            "firm": session.firm_id,
            "firm_name": session.firm.name,
            "person": session.person_id,
            "name": session.person.name,
            "role": session.membership.role,
            "fresh_until": session.fresh_until,
            "ends_at": session.ends_at,
        }
    )


class CodeIn(fields.Input):
    """The code that the app shows now."""

    code = shown_code()


@door("POST", "/v1/sessions/refresh-factor", "sessions_refresh_factor", scope="me:read",
      body=CodeIn, answers=FRESH, role="apart", tag=TAG)  # fmt: skip
def refresh_factor(call: Call) -> object:
    """Show the second factor again, so that approving and releasing is open for five minutes."""
    at, own, where = clock.now(), someone(call), address(call.request)
    with told():
        with tenancy.signing_in():
            throttles.claim(account=actions.account_of(own), address=where, at=at)
        with tenancy.signing_in():
            until = actions.refresh_factor(
                credential=own, code=call.body["code"], address=where, at=at
            )
    return FRESH.show({"fresh_until": until})


@door("DELETE", "/v1/sessions/current", "sessions_end", scope="me:read", role="apart", tag=TAG)
def sign_out(call: Call) -> object:
    """Sign out; a visit to an agency ends alone, a session with every visit that began with it."""
    at, own = clock.now(), someone(call)
    if own.kind == "acting":
        with tenancy.firm(own.firm):
            actions.leave(visit=own.id, actor=own.actor, at=at)
    else:
        with tenancy.signing_in():
            actions.sign_out(credential=own, at=at)
    return None


@door("GET", "/v1/me", "me_retrieve", scope="me:read", answers=ME, role="apart", tag=TAG)
def me(call: Call) -> object:
    """Read who is calling, for which firm, and what they may do there."""
    own = call.known()
    return ME.show(
        {
            "kind": own.kind,
            "id": own.actor.id,
            "name": own.actor.name,
            "role": own.actor.role,
            "firm": own.firm_id,
            "firm_name": own.firm_name,
            "firm_kind": own.firm_kind,
            "livemode": own.livemode,
            "on_behalf_of": own.actor.on_behalf_of or None,
            "scopes": sorted(own.scopes),
            "limited": dict(sorted(own.limited.items())),
            "fresh_until": own.fresh_until,
            "expires_at": own.expires_at,
        }
    )


def someone(call: Call) -> Credential:
    """The caller, who must be a person."""
    own = call.known()
    if own.person is None:
        raise Forbidden("person_required", "Only a person can do this; a key has no factor.")
    return own
