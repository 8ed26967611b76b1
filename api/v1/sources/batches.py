"""/v1/sources/{source}/batches: records of any kind in any order, each with its own outcome."""

from typing import Any

from api import fields
from api.asking import checked
from api.door import Call, door
from api.errors import problem_of
from api.resource import Json, Shape, Whole
from api.v1.sources.words import BODIES, PUSHED, TAG, push_of, pushed
from backline.integrations import actions
from backline.integrations.actions import Push
from backline.integrations.records import KINDS
from backline.kernel.errors import Refusal

ITEM = Shape(
    "BatchItem",
    (
        Whole("index", doc="The place in what was sent, from 0."),
        Json("result", PUSHED.ref(), null=True, doc="What became of it; null where it is unfit."),
        Json("problem", {"$ref": "#/components/schemas/Problem"}, null=True),
    ),
    doc="One record of a batch.",
)
BATCH = Shape(
    "Batch",
    (
        Whole("done"),
        Whole("refused"),
        Json("items", {"type": "array", "items": ITEM.ref()}),
    ),
    doc="What became of each record of a batch: one that is refused never stops the others.",
)
OWN = ("record", "external_id")


class ItemIn(fields.Input):
    """One record: its kind, its key, and its fields as at its own address."""

    keeps_unknown = True

    record = fields.Choice(tuple(KINDS))
    external_id = fields.Text(longest=80)


class BatchIn(fields.Input):
    """Up to 100 records of any kind, in any order."""

    items = fields.Many(fields.Anything(), most=100)


@door("POST", "/v1/sources/{source}/batches", "source_batches_send", scope="placements:write",
      body=BatchIn, answers=BATCH, status=207, key="optional", dry_run=True,
      tag=TAG)  # fmt: skip
def send(call: Call, source: str) -> object:
    """Send up to 100 records at once; they are taken in the order in which they need each other.

    Send those that were refused again, mended, alone or with others: the rest is unchanged.
    """
    row = actions.held(source)
    unfit: dict[int, Refusal] = {}
    pushes: dict[int, tuple[Push, list[str]]] = {}
    for place, raw in enumerate(call.body["items"]):
        try:
            pushes[place] = _push(raw)
        except Refusal as no:
            unfit[place] = no
    asked = [push for push, _ in pushes.values()]
    became = actions.take_in(row, asked, actor=call.actor, at=call.at)
    told: dict[int, dict[str, Any]] = {
        place: {"index": place, "result": None, "problem": problem_of(no)}
        for place, no in unfit.items()
    }
    refused = len(unfit)
    for (place, (_, secret)), one in zip(pushes.items(), became, strict=True):
        one.ignored = sorted({*one.ignored, *secret})
        is_refused = one.outcome in ("failed", "conflict")
        refused += is_refused
        problem = problem_of(one.refusal) if is_refused and one.refusal else None
        told[place] = {"index": place, "result": pushed(source, one), "problem": problem}
    items = [told[place] for place in sorted(told)]
    return {"done": len(items) - refused, "refused": refused, "items": items}


def _push(raw: Any) -> tuple[Push, list[str]]:
    """The record an item stands for; raises Invalid with every fault."""
    named = checked(ItemIn, raw)
    kind = KINDS[named["record"]]
    body = {name: each for name, each in raw.items() if name not in OWN}
    if body.pop("is_deleted", False) is True:
        gone = {name: each for name, each in body.items() if name.startswith("source_")}
        push, _ = push_of(
            kind, named["external_id"], checked(BODIES[kind.name], gone, partial=True)
        )
        return Push(
            record=kind.name, external_id=push.external_id, body={"is_deleted": True},
            token=push.token,
        ), []  # fmt: skip
    given = checked(BODIES[kind.name], body)
    return push_of(kind, named["external_id"], given)
