"""/v1/operations: work that was accepted, its progress, and each member of its set."""

from typing import Any
from uuid import UUID

from api import fields, nouns
from api.answers import OPERATION
from api.door import Call, door, reads
from api.resource import Choice, Flag, Json, Shape, Text, Whole
from backline.kernel.errors import Missing
from backline.kernel.models import Operation, OperationItem

MOST = 500

ITEM = Shape(
    "OperationItem",
    (
        Whole("n", doc="Its place in the set, from 0."),
        Text("ref", doc="What it is about: an id, or the line's own name."),
        Choice("state", ("pending", "done", "failed")),
        Json("outcome", {"type": "object"}, null=True, doc="The result, or its `errors`."),
    ),
    doc="One member of an operation's set.",
)
ITEMS = Shape(
    "OperationItems",
    (Json("data", {"type": "array", "items": ITEM.ref()}), Flag("has_more"), Whole("last_n")),
    doc="A stretch of an operation's set.",
)

reads(OPERATION, "/v1/operations", scope="operations:read", tag="kernel")


class ItemsQuery(fields.Input):
    """Where to go on, and which members."""

    after = fields.Whole(default=-1, least=-1, help_text="The last n that is known.")
    limit = fields.Whole(default=100, least=1, most=MOST)
    state = fields.Choice(("pending", "done", "failed"), required=False)


@door("GET", "/v1/operations/{operation:opn}/items", "operations_items", scope="operations:read",
      tag="kernel", query=ItemsQuery, answers=ITEMS)  # fmt: skip
def items(call: Call, operation: UUID) -> object:
    """Read what became of each member of an operation, in order; for 90 days after its end."""
    if not Operation.objects.filter(pk=operation).exists():
        raise Missing("not_found", "There is no such record, or not for you.")
    asked = call.query
    rows = OperationItem.objects.filter(operation=operation, n__gt=asked["after"]).order_by("n")
    if "state" in asked:
        rows = rows.filter(state=asked["state"])
    found = list(rows.values_list("n", "ref", "state", "outcome")[: asked["limit"] + 1])
    told = [_told(row) for row in found[: asked["limit"]]]
    return {
        "data": told,
        "has_more": len(found) > len(told),
        "last_n": told[-1]["n"] if told else asked["after"],
    }


def _told(row: tuple[Any, ...]) -> dict[str, Any]:
    n, ref, state, outcome = row
    spelled = nouns.told({"ref": ref})["ref"]
    told = nouns.told(outcome) if isinstance(outcome, dict) else None
    return {"n": n, "ref": spelled, "state": state, "outcome": told}
