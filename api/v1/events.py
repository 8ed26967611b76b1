"""/v1/events: what happened, in one order without gaps; the audit trail is the same rows."""

from typing import Any
from uuid import UUID

from api import fields, nouns
from api.door import Call, door
from api.resource import Flag, Instant, Json, Shape, Text, Whole
from backline.kernel import ids
from backline.kernel.models import Feed

MOST = 500

EVENT = Shape(
    "Event",
    (
        Whole("seq", doc="Its place in the feed: one more than the event before it."),
        Text("id", example="evt_01kdvdna00e008000000000001"),
        Text("type", doc="What happened, in the past tense.", example="timesheet.approved"),
        Instant("timestamp", doc="When, by the firm's clock."),
        Text("subject", doc="The object it happened to."),
        Json("actor", {"type": "object"}, doc="Who did it: kind, id, name, role."),
        Text("reason"),
        Json("data", {"type": "object"}, doc="Facts; ids are public, amounts are strings."),
        Json("changes", {"type": "object"}, doc="{field: [old, new]} where it is known."),
        Text("request_id", doc="The call that caused it; empty for the system's own doing."),
    ),
    doc="That something happened to one object.",
)
EVENTS = Shape(
    "Events",
    (
        Json("data", {"type": "array", "items": EVENT.ref()}),
        Flag("has_more"),
        Whole("last_seq", doc="Ask with this as `after` to go on."),
    ),
    doc="A stretch of the feed.",
)

COLUMNS = (
    "seq",
    "event__id",
    "event__name",
    "event__at",
    "event__subject",
    "event__actor",
    "event__reason",
    "event__facts",
    "event__changes",
    "event__request",
)


class Subject(fields.Spelled):
    """The public id of any object."""

    code = "invalid_id"

    def read(self, text: str) -> UUID:
        """The key in it."""
        key = nouns.key_in(text)
        if key is None:
            raise ValueError("Write the id of a record.")
        return key


class EventsQuery(fields.Input):
    """Where to go on, and what is of interest."""

    after = fields.Whole(default=0, most=2**62, help_text="The last seq that is known.")
    limit = fields.Whole(default=100, least=1, most=MOST)
    type = fields.Many(fields.Text(longest=60), required=False, most=50)
    subject = Subject(required=False, help_text="Only what happened to this object.")


@door("GET", "/v1/events", "events_list", scope="events:read", tag="kernel", query=EventsQuery,
      answers=EVENTS)  # fmt: skip
def listed(call: Call) -> object:
    """Read what happened after a place in the feed, in order and without gaps."""
    asked = call.query
    rows = Feed.objects.filter(seq__gt=asked["after"]).order_by("seq")
    if asked.get("type"):
        rows = rows.filter(event__name__in=asked["type"])
    if asked.get("subject"):
        rows = rows.filter(event__subject=asked["subject"])
    found = list(rows.values_list(*COLUMNS)[: asked["limit"] + 1])
    told = [as_told(row) for row in found[: asked["limit"]]]
    return {
        "data": told,
        "has_more": len(found) > len(told),
        "last_seq": told[-1]["seq"] if told else asked["after"],
    }


def as_told(row: tuple[Any, ...]) -> dict[str, Any]:
    """One row of the feed as it stands on the wire."""
    seq, key, name, at, subject, actor, reason, facts, changes, request = row
    return {
        "seq": seq,
        "id": ids.public("evt", key),
        "type": name,
        "timestamp": at,
        "subject": nouns.subject(name, subject),
        "actor": {word: actor.get(word, "") for word in ("kind", "id", "name", "role")},
        "reason": reason,
        "data": nouns.told(facts),
        "changes": changes,
        "request_id": request,
    }
