"""Keys for programs: issued, rolled, revoked. Done in the firm's own books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Final
from uuid import UUID

from backline.kernel import copying, events
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Forbidden, Missing, refuse_if
from backline.kernel.ids import new_id
from tenants.access import queries, roles, tokens
from tenants.access.events import ApiKeyIssued, ApiKeyRevoked
from tenants.access.models import ApiKey
from tenants.agencies.models import Firm

LASTS: Final = timedelta(days=365)
OVERLAP_AT_MOST: Final = timedelta(days=7)
LIVE_IN_A_ROLL: Final = 2


@dataclass(frozen=True, slots=True)
class Issued:
    """A key that was made; its text is shown once."""

    key: ApiKey
    text: str


def issue(
    *,
    firm: UUID,
    name: str,
    scopes: Sequence[str],
    lasts: timedelta = LASTS,
    addresses: Sequence[str] = (),
    actor: Actor,
    at: datetime,
) -> Issued:
    """Issue a key with these scopes; refuse any that a key may not hold."""
    _must_be_a_person(actor)
    own = Firm.objects.get(pk=firm)
    refuse_if([*_wrong_scopes(scopes, own.kind), *_wrong_facts(lasts, addresses)])
    key = ApiKey(
        firm=own,
        name=name,
        series=new_id(),
        scopes=sorted(set(scopes)),
        addresses=list(addresses),
        livemode=own.livemode,
    )
    return _made(key, expires_at=at + lasts, follows="", actor=actor, at=at)


def roll(*, firm: UUID, key: UUID, overlap: timedelta, actor: Actor, at: datetime) -> Issued:
    """Issue the key that follows another; the old one works on for the overlap."""
    _must_be_a_person(actor)
    old = _live(firm, key, at)
    if not timedelta(0) <= overlap <= OVERLAP_AT_MOST:
        refuse_if(
            [Fault("overlap_too_long", "Two keys overlap for 7 days at most.", "/overlap_hours")]
        )
    beside = ApiKey.objects.filter(queries.live(at), firm=firm, series=old.series).count()
    if beside >= LIVE_IN_A_ROLL:
        raise Conflict("roll_under_way", "Two keys of this series work already; revoke one first.")
    new = ApiKey(
        firm_id=firm,
        name=old.name,
        series=old.series,
        scopes=sorted(roles.grantable_to_keys(old.scopes)),
        addresses=old.addresses,
        livemode=old.livemode,
    )
    lasts = old.expires_at - old.made_at
    old.expires_at = min(old.expires_at, at + overlap)
    if overlap == timedelta(0):
        old.expires_at, old.revoked_at = max(at, old.made_at + timedelta(seconds=1)), at
    old.save(update_fields=["expires_at", "revoked_at"])
    return _made(new, expires_at=at + min(lasts, LASTS), follows=old.public_id, actor=actor, at=at)


def revoke(*, firm: UUID, key: UUID, reason: str = "", actor: Actor, at: datetime) -> None:
    """End a key at once; ending it again changes nothing."""
    row = ApiKey.objects.select_for_update().filter(firm=firm, pk=key).first()
    if row is None:
        raise Missing("not_found", "There is no such key.")
    if row.revoked_at is not None:
        return
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    fact = ApiKeyRevoked(subject=row.id, label=row.name, reason=reason)
    events.record([fact], actor=actor, at=at)


def _made(key: ApiKey, *, expires_at: datetime, follows: str, actor: Actor, at: datetime) -> Issued:
    token = tokens.new(tokens.KEY, livemode=key.livemode)
    key.key, key.digest = token.number, token.digest
    key.made_by, key.made_at, key.expires_at = actor.as_json(), at, expires_at
    copying.create([key])
    fact = ApiKeyIssued(
        subject=key.id,
        label=key.name,
        scopes=tuple(key.scopes),
        expires_at=expires_at,
        follows=follows,
    )
    events.record([fact], actor=actor, at=at)
    return Issued(key, token.text)


def _live(firm: UUID, key: UUID, at: datetime) -> ApiKey:
    row = ApiKey.objects.select_for_update().filter(firm=firm, pk=key).first()
    if row is None:
        raise Missing("not_found", "There is no such key.")
    if row.revoked_at is not None or at >= row.expires_at:
        raise Conflict("key_ended", "This key has ended; issue a new one.")
    return row


def _wrong_scopes(scopes: Sequence[str], firm_kind: str) -> list[Fault]:
    allowed = roles.within(roles.scopes_of(roles.INTEGRATION), firm_kind=firm_kind)
    if not scopes:
        return [Fault("scopes_required", "Name at least one scope.", "/scopes")]
    faults = []
    for place, scope in enumerate(scopes):
        if scope not in roles.ALL_SCOPES:
            faults.append(
                Fault("scope_unknown", f"There is no scope {scope!r}.", f"/scopes/{place}")
            )
        elif scope not in allowed:
            sentence = f"A key of this firm never holds {scope}; a person does that."
            faults.append(Fault("scope_not_for_keys", sentence, f"/scopes/{place}"))
    return faults


def _wrong_facts(lasts: timedelta, addresses: Sequence[str]) -> list[Fault]:
    faults = []
    if not timedelta(0) < lasts <= LASTS:
        faults.append(Fault("lasts_too_long", "A key lasts a year at most.", "/lasts_days"))
    for place, each in enumerate(addresses):
        try:
            ip_network(each)
        except ValueError:
            sentence = "Write an address or a network, such as 203.0.113.0/24."
            faults.append(Fault("address_invalid", sentence, f"/addresses/{place}"))
    return faults


def _must_be_a_person(actor: Actor) -> None:
    if actor.kind not in ("person", "system"):
        raise Forbidden("person_required", "A key is issued by a person, never by another key.")
