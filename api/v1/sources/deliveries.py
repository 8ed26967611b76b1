"""/v1/sources/{source}/deliveries: what a source sends in its own shapes, kept and mapped."""

from typing import Any
from uuid import UUID

from api import fields
from api.door import Call, door
from api.errors import problem_of
from api.resource import Choice, Id, Instant, Json, Resource, Shape, Text, Whole
from api.v1.sources.words import OUTCOMES, PROBLEM, TAG
from backline.integrations import actions, queries
from backline.integrations.actions import Delivered
from backline.integrations.models import Delivery
from backline.kernel import ids

DELIVERED = Shape(
    "Delivered",
    (
        Whole("index", doc="The place in what was sent, from 0."),
        Text("delivery", doc="Where the payload is kept."),
        Text("entity"),
        Text("external_id", null=True),
        Choice("outcome", OUTCOMES),
        Text("record", null=True, doc="The kind of record it is here; null where it is none."),
        Text("id", null=True, doc="What it is of ours, once it is anything."),
        Text("note", null=True),
        Json("problem", PROBLEM, null=True, doc="What it lacks, with the source's own fields."),
    ),
    doc="What became of one payload.",
)
DELIVEREDS = Shape(
    "DeliveredSet",
    (
        Whole("total"),
        Json(
            "outcomes",
            {"type": "object", "additionalProperties": {"type": "integer"}},
            doc="How many ended how.",
        ),
        Json("results", {"type": "array", "items": DELIVERED.ref()}),
    ),
    doc="What became of each payload in the order sent.",
)
KEPT: tuple[Any, ...] = (
    Id("dlv"),
    Text("source", "source__name"),
    Text("entity", "record"),
    Text("external_id"),
    Text("mapping", doc="The version of the mapping; empty for our own shape."),
    Choice("outcome", OUTCOMES),
    Json("problem", {"type": "object", "additionalProperties": True}),
    Instant("received_at"),
)
KEPT_DELIVERY = Resource(
    "SourceDelivery",
    model=Delivery,
    fields=KEPT,
    filters=(Text("entity", "record"), "external_id", "outcome", "received_at"),
    doc="A payload that a source sent, and what became of it.",
)
WHOLE_DELIVERY = Resource(
    "SourceDeliveryWhole",
    model=Delivery,
    fields=(
        *KEPT,
        Json("body", {}, doc="As it came; numbers with a point as text, secrets left out."),
    ),
    doc="A payload that a source sent, whole.",
)


class RawIn(fields.Input):
    """A record of the source as it is, a list of them, or an envelope such as {data: […]}."""

    keeps_unknown = True
    lists_as = "data"


class EntityIn(fields.Input):
    """Which entity it is, where the payload does not say."""

    entity = fields.Text(longest=30, required=False)


@door("POST", "/v1/sources/{source}/deliveries", "source_deliveries_send",
      scope="placements:write", body=RawIn, query=EntityIn, answers=DELIVEREDS, status=207,
      key="optional", dry_run=True, tag=TAG)  # fmt: skip
def deliver(call: Call, source: str) -> object:
    """Send records in the source's own shape: kept as they are, mapped, and taken in.

    Each ends in a named outcome; what lacks something names every missing fact and the field of
    the source that should hold it. Say the entity in the query, or beside `data`.
    """
    made = actions.deliver(
        source, call.body, call.query.get("entity", ""), actor=call.actor, at=call.at
    )
    told = [_told(n, one) for n, one in enumerate(made)]
    outcomes: dict[str, int] = {}
    for each in made:
        outcomes[each.outcome] = outcomes.get(each.outcome, 0) + 1
    return DELIVEREDS.show({"total": len(told), "outcomes": outcomes, "results": told})


def _told(n: int, one: Delivered) -> dict[str, object]:
    row = one.became.row if one.became else None
    return DELIVERED.show(
        {
            "index": n,
            "delivery": ids.public("dlv", one.delivery.pk),
            "entity": one.delivery.record,
            "external_id": one.delivery.external_id or None,
            "outcome": one.outcome,
            "record": row.record if row else None,
            "id": queries.about(row) if row else None,
            "note": one.note or None,
            "problem": problem_of(one.refusal) if one.refusal else None,
        }
    )


@door("GET", "/v1/sources/{source}/deliveries", "source_deliveries_list",
      scope="placements:read", lists=KEPT_DELIVERY, tag=TAG)  # fmt: skip
def listed(call: Call, source: str) -> object:
    """List what a source sent, newest first."""
    row = queries.source(source)
    return KEPT_DELIVERY.page(call, Delivery.objects.filter(source=row))


@door("GET", "/v1/deliveries/{delivery:dlv}", "source_deliveries_retrieve",
      scope="placements:read", answers=WHOLE_DELIVERY, tag=TAG)  # fmt: skip
def whole(call: Call, delivery: UUID) -> object:  # noqa: ARG001  # every deed is given its call
    """Read one payload as it was kept."""
    return WHOLE_DELIVERY.one(delivery)


@door("POST", "/v1/deliveries/{delivery:dlv}/remap", "source_deliveries_remap",
      scope="placements:write", answers=DELIVERED, key="optional", tag=TAG)  # fmt: skip
def remap(call: Call, delivery: UUID) -> object:
    """Map a kept payload again, by the mapping and the settings of today."""
    return _told(0, actions.remap(delivery, actor=call.actor, at=call.at))
