"""/v1/webhook-endpoints and /v1/webhook-deliveries: being told of events as they happen."""

from uuid import UUID

from django.db.models import QuerySet

from api import clock, fields
from api.door import Call, door, reads
from api.models import Delivery, Endpoint
from api.resource import Choice, Id, Instant, Ref, Resource, Shape, Text, Whole, Words
from api.webhooks import actions
from backline.kernel import ids

ENDPOINT = Resource(
    "WebhookEndpoint",
    model=Endpoint,
    fields=(
        Id("whe"),
        Text("url"),
        Text("description"),
        Words("events", doc="Names, or families such as `timesheet.*`; empty is all."),
        Choice("state", ("active", "paused")),
        Text("paused_because"),
        Instant("failing_since"),
        Instant("made_at"),
    ),
    filters=("state",),
    doc="An address that is told of events.",
)
SECRET = Shape(
    "WebhookEndpointSecret",
    (
        Id("whe"),
        Text("url"),
        Text("secret", doc="Shown only now: verify every message with it.", example="whsec_…"),
    ),
    doc="An endpoint's secret, shown once.",
)
DELIVERY = Resource(
    "WebhookDelivery",
    model=Delivery,
    fields=(
        Id("whd"),
        Ref("endpoint", "whe"),
        Whole("seq", doc="The event's place in the feed."),
        Ref("event", "evt", doc="The same as the header webhook-id."),
        Text("type", "name"),
        Choice("state", Delivery.State),
        Whole("attempts"),
        Whole("last_status", doc="What the endpoint answered last."),
        Text("last_error"),
        Instant("next_at"),
        Instant("made_at"),
        Instant("delivered_at"),
    ),
    filters=("endpoint", "state", "type"),
    doc="One event on its way to one endpoint.",
)
REPLAYED = Shape("WebhookReplay", (Whole("queued", doc="How many messages are sent again."),))


def _standing(_call: Call) -> QuerySet[Endpoint]:
    return Endpoint.objects.exclude(state=Endpoint.State.REMOVED)


reads(
    ENDPOINT,
    "/v1/webhook-endpoints",
    scope="webhooks:read",
    among=_standing,
)
reads(DELIVERY, "/v1/webhook-deliveries", scope="webhooks:read")


class EndpointIn(fields.Input):
    """Where to call and what to tell."""

    url = fields.Text(longest=500)
    description = fields.Text(longest=200, blank=True, default="")
    events = fields.Many(fields.Text(longest=60), least=0, most=50, default=list)


class ReplayIn(fields.Input):
    """From where on to send again."""

    after = fields.Whole(most=2**62, help_text="The last seq that arrived.")


@door("POST", "/v1/webhook-endpoints", "webhook_endpoints_register", scope="webhooks:write",
      body=EndpointIn, answers=SECRET, status=201, key="optional")  # fmt: skip
def register(call: Call) -> object:
    """Register an address for events; its secret is shown this once."""
    made = actions.register(
        url=call.body["url"],
        description=call.body["description"],
        names=call.body["events"],
        actor=call.actor,
        at=call.at,
    )
    where = ids.public("whe", made.endpoint.id)
    call.headers["Location"] = f"/v1/webhook-endpoints/{where}"
    return _secret(made)


def _secret(made: actions.Registered) -> dict[str, object]:
    row = made.endpoint
    return SECRET.show({"id": row.id, "url": row.url, "secret": made.secret})


@door("PATCH", "/v1/webhook-endpoints/{webhook_endpoint:whe}", "webhook_endpoints_update",
      scope="webhooks:write", body=EndpointIn, answers=ENDPOINT, match=True)  # fmt: skip
def change(call: Call, webhook_endpoint: UUID) -> object:
    """Change where an endpoint is or what it wants to hear."""
    actions.change(endpoint=webhook_endpoint, given=call.body, actor=call.actor, at=call.at)
    return ENDPOINT.one(webhook_endpoint)


@door("DELETE", "/v1/webhook-endpoints/{webhook_endpoint:whe}", "webhook_endpoints_remove",
      scope="webhooks:write")  # fmt: skip
def remove(call: Call, webhook_endpoint: UUID) -> None:
    """Remove an endpoint; it is never called again."""
    actions.remove(endpoint=webhook_endpoint, actor=call.actor, at=call.at)


@door("POST", "/v1/webhook-endpoints/{webhook_endpoint:whe}/pause", "webhook_endpoints_pause",
      scope="webhooks:write", answers=ENDPOINT)  # fmt: skip
def pause(call: Call, webhook_endpoint: UUID) -> object:
    """Stop calling an endpoint; what happens meanwhile waits for it."""
    why = "Paused by its owner."
    actions.pause(endpoint=webhook_endpoint, reason=why, actor=call.actor, at=call.at)
    return ENDPOINT.one(webhook_endpoint)


@door("POST", "/v1/webhook-endpoints/{webhook_endpoint:whe}/resume", "webhook_endpoints_resume",
      scope="webhooks:write", answers=ENDPOINT)  # fmt: skip
def resume(call: Call, webhook_endpoint: UUID) -> object:
    """Call a paused endpoint again, with all that waited."""
    now = clock.now()
    actions.resume(endpoint=webhook_endpoint, actor=call.actor, at=call.at, now=now)
    return ENDPOINT.one(webhook_endpoint)


@door("POST", "/v1/webhook-endpoints/{webhook_endpoint:whe}/roll-secret",
      "webhook_endpoints_roll_secret", scope="webhooks:write", answers=SECRET,
      key="optional")  # fmt: skip
def roll_secret(call: Call, webhook_endpoint: UUID) -> object:
    """Give an endpoint a new secret; the old one signs beside it for a day."""
    now = clock.now()
    made = actions.roll_secret(endpoint=webhook_endpoint, actor=call.actor, at=call.at, now=now)
    return _secret(made)


@door("POST", "/v1/webhook-endpoints/{webhook_endpoint:whe}/replay", "webhook_endpoints_replay",
      scope="webhooks:write", body=ReplayIn, answers=REPLAYED, key="optional")  # fmt: skip
def replay(call: Call, webhook_endpoint: UUID) -> object:
    """Send an endpoint again what happened after a place in the feed."""
    queued = actions.replay(
        endpoint=webhook_endpoint, after=call.body["after"], at=call.at, now=clock.now()
    )
    return REPLAYED.show({"queued": queued})


@door("POST", "/v1/webhook-deliveries/{webhook_delivery:whd}/retry", "webhook_deliveries_retry",
      scope="webhooks:write", answers=DELIVERY)  # fmt: skip
def retry(_call: Call, webhook_delivery: UUID) -> object:
    """Try a delivery again now, whatever became of it."""
    actions.retry(delivery=webhook_delivery, now=clock.now())
    return DELIVERY.one(webhook_delivery)
