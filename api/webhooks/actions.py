"""What can be done to webhook endpoints and deliveries."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from api.models import Delivery, Endpoint
from api.webhooks import outward
from api.webhooks.events import (
    EndpointChanged,
    EndpointPaused,
    EndpointRegistered,
    EndpointRemoved,
    EndpointResumed,
    SecretRolled,
)
from backline.kernel import events
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.models import Feed

MOST_ENDPOINTS = 20
MOST_REPLAYED = 1000
BOTH_SECRETS_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Registered:
    """An endpoint and the secret that is shown only now."""

    endpoint: Endpoint
    secret: str


def new_secret() -> str:
    """A secret of 32 bytes, as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def register(
    *, url: str, description: str, names: Sequence[str], actor: Actor, at: datetime
) -> Registered:
    """Register an address for events; refuses one that can never be called."""
    _check(url)
    if Endpoint.objects.exclude(state=Endpoint.State.REMOVED).count() >= MOST_ENDPOINTS:
        raise Conflict("too_many_endpoints", f"At most {MOST_ENDPOINTS} endpoints; remove one.")
    secret = new_secret()
    made = Endpoint.objects.create(
        url=url,
        description=description,
        events=sorted(set(names)),
        secret=secret,
        made_at=at,
        made_by=actor.as_json(),
    )
    events.record([EndpointRegistered(subject=made.id, url=url)], actor=actor, at=at)
    return Registered(made, secret)


def change(*, endpoint: UUID, given: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Change the address, the description or the events of an endpoint."""
    found = _standing(endpoint)
    if "url" in given:
        _check(given["url"])
    changes = {}
    for name, value in given.items():
        new = sorted(set(value)) if name == "events" else value
        if getattr(found, name) != new:
            changes[name] = [getattr(found, name), new]
            setattr(found, name, new)
    if changes:
        found.save(update_fields=list(changes))
        fact = EndpointChanged(subject=found.id, changes=changes)
        events.record([fact], actor=actor, at=at)


def pause(*, endpoint: UUID, reason: str, actor: Actor, at: datetime) -> None:
    """Stop calling an endpoint; what happens meanwhile waits for it."""
    found = _standing(endpoint)
    if found.state == Endpoint.State.PAUSED:
        return
    found.state, found.paused_because = Endpoint.State.PAUSED, reason
    found.save(update_fields=["state", "paused_because"])
    events.record([EndpointPaused(subject=found.id, reason=reason)], actor=actor, at=at)


def resume(*, endpoint: UUID, actor: Actor, at: datetime, now: datetime) -> None:
    """Call a paused endpoint again, at once with all that waited."""
    found = _standing(endpoint)
    if found.state == Endpoint.State.ACTIVE:
        return
    found.state, found.paused_because, found.failing_since = Endpoint.State.ACTIVE, "", None
    found.save(update_fields=["state", "paused_because", "failing_since"])
    Delivery.objects.filter(endpoint=found, state=Delivery.State.PENDING).update(next_at=now)
    events.record([EndpointResumed(subject=found.id)], actor=actor, at=at)


def roll_secret(*, endpoint: UUID, actor: Actor, at: datetime, now: datetime) -> Registered:
    """Give an endpoint a new secret; both sign for a day, so that nothing is lost in between."""
    found = _standing(endpoint)
    secret = new_secret()
    found.former_secret = found.secret.reveal()
    found.former_until = now + BOTH_SECRETS_FOR
    found.secret = secret
    found.save(update_fields=["secret", "former_secret", "former_until"])
    events.record([SecretRolled(subject=found.id)], actor=actor, at=at)
    return Registered(found, secret)


def remove(*, endpoint: UUID, actor: Actor, at: datetime) -> None:
    """Never call an endpoint again; what was on its way to it is given up."""
    found = _standing(endpoint)
    found.state = Endpoint.State.REMOVED
    found.save(update_fields=["state"])
    Delivery.objects.filter(endpoint=found, state=Delivery.State.PENDING).update(
        state=Delivery.State.FAILED, last_error="The endpoint was removed.", next_at=None
    )
    events.record([EndpointRemoved(subject=found.id)], actor=actor, at=at)


def replay(*, endpoint: UUID, after: int, at: datetime, now: datetime) -> int:
    """Send again what an endpoint wants of the events behind a place in the feed; how many."""
    found = _standing(endpoint)
    rows = Feed.objects.filter(seq__gt=after).order_by("seq")
    wanted = [
        row
        for row in rows.values_list("seq", "event_id", "event__name")[: MOST_REPLAYED * 5]
        if wants(found.events, row[2])
    ][:MOST_REPLAYED]
    made = [
        Delivery(
            endpoint=found, seq=seq, event=event, name=name, next_at=now, made_at=at, replays=event
        )
        for seq, event, name in wanted
    ]
    return len(Delivery.objects.bulk_create(made))


def retry(*, delivery: UUID, now: datetime) -> None:
    """Try a delivery again now, whatever became of it."""
    found = Delivery.objects.select_for_update().filter(pk=delivery).first()
    if found is None:
        raise Missing("not_found", "There is no such record, or not for you.")
    found.state, found.next_at, found.attempts = Delivery.State.PENDING, now, 0
    found.claimed_until = None
    found.save(update_fields=["state", "next_at", "attempts", "claimed_until"])


def wants(names: Sequence[str], name: str) -> bool:
    """Whether a list of names and families, such as timesheet.*, takes an event; [] takes all."""
    return not names or name in names or f"{name.partition('.')[0]}.*" in names


def _check(url: str) -> None:
    said = outward.wrong_with(url)
    if said:
        raise Invalid("url_not_reachable", said, pointer="/url")


def _standing(endpoint: UUID) -> Endpoint:
    found = (
        Endpoint.objects.select_for_update()
        .filter(pk=endpoint)
        .exclude(state=Endpoint.State.REMOVED)
        .first()
    )
    if found is None:
        raise Missing("not_found", "There is no such record, or not for you.")
    return found
