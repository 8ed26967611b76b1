"""/v1/api-keys: programs' ways in, each for this firm alone, with the scopes it needs."""

from datetime import timedelta
from uuid import UUID

from api import clock, fields
from api.door import Call, door, reads
from api.resource import Derived, Flag, Id, Instant, Json, Resource, Shape, Text, Words
from api.v1.access.people import own
from api.v1.access.sessions import TAG
from tenants.access import actions, queries
from tenants.access.models import ApiKey
from tenants.access.roles import INTEGRATION, scopes_of

API_KEY = Resource(
    "ApiKey",
    model=ApiKey,
    fields=(
        Id("apk"),
        Text("name"),
        Derived(
            Text("shown", doc="How the key begins; the rest was shown once."),
            of=("livemode", "key"),
            make=lambda live, key: f"blk_{'live' if live else 'test'}_{key}_…",
        ),
        Words("scopes"),
        Words("addresses", doc="Where it may be used from; anywhere when empty."),
        Flag("livemode"),
        Instant("made_at"),
        Instant("expires_at"),
        Instant("revoked_at"),
        Instant("last_used_at", doc="To the minute."),
    ),
    doc="A key for a program. No key approves or releases pay, or makes keys.",
)
ISSUED = Shape(
    "ApiKeyIssued",
    (
        Json("api_key", API_KEY),
        Text("token", doc="The key itself. It is shown this once and kept nowhere."),
    ),
    doc="A key that was made, with its text.",
)

reads(API_KEY, "/v1/api-keys", scope="keys:read", tag=TAG,
      among=lambda call: queries.keys_of(own(call)))  # fmt: skip


class IssueIn(fields.Input):
    """What it is for, what it may do, how long, and where from."""

    name = fields.Text(longest=120)
    scopes = fields.Many(fields.Choice(sorted(scopes_of(INTEGRATION))), most=100)
    lasts_days = fields.Whole(least=1, most=365, default=365)
    addresses = fields.Many(fields.Text(longest=43), most=20, required=False)


@door("POST", "/v1/api-keys", "api_keys_issue", scope="keys:write", body=IssueIn, answers=ISSUED,
      status=201, tag=TAG)  # fmt: skip
def issue(call: Call) -> object:
    """Issue a key; its text is in the answer and nowhere else, so this is never replayed."""
    given = call.body
    made = actions.issue(
        firm=own(call),
        name=given["name"],
        scopes=given["scopes"],
        lasts=timedelta(days=given["lasts_days"]),
        addresses=given.get("addresses", ()),
        actor=call.actor,
        at=clock.now(),
    )
    return _shown(call, made)


class RollIn(fields.Input):
    """How long both keys work."""

    overlap_hours = fields.Whole(least=0, most=168, default=24)


@door("POST", "/v1/api-keys/{api_key:apk}/roll", "api_keys_roll", scope="keys:write", body=RollIn,
      answers=ISSUED, status=201, tag=TAG)  # fmt: skip
def roll(call: Call, api_key: UUID) -> object:
    """Issue the key that follows this one; this one works on for the overlap."""
    made = actions.roll(
        firm=own(call),
        key=api_key,
        overlap=timedelta(hours=call.body["overlap_hours"]),
        actor=call.actor,
        at=clock.now(),
    )
    return _shown(call, made)


@door("DELETE", "/v1/api-keys/{api_key:apk}", "api_keys_revoke", scope="keys:write", tag=TAG)
def revoke(call: Call, api_key: UUID) -> object:
    """Revoke a key: its next call is refused."""
    actions.revoke(firm=own(call), key=api_key, actor=call.actor, at=clock.now())
    return None


def _shown(call: Call, made: actions.Issued) -> dict[str, object]:
    key = API_KEY.one(made.key.id, queries.keys_of(own(call)))
    return ISSUED.show({"api_key": key, "token": made.text})
