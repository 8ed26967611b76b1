"""Answers that many doors give: results item by item, and work accepted for later."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from api.door import Answer
from api.errors import problem_of
from api.resource import Choice, Id, Instant, Json, Resource, Shape, Text, Whole
from backline.kernel import ids
from backline.kernel.models import Operation
from backline.kernel.outcomes import Outcome

OPERATION = Resource(
    "Operation",
    model=Operation,
    fields=(
        Id("opn"),
        Text("kind", doc="What is being done, such as pay_run.calculate."),
        Choice("state", Operation.State),
        Whole("total", doc="How many members the set has."),
        Whole("done"),
        Whole("failed"),
        Instant("accepted_at"),
        Instant("finished_at"),
    ),
    filters=("kind", "state", "accepted_at"),
    doc="Work that was accepted and goes on after the answer; ask again until it has ended.",
)

RESULT = Shape(
    "Result",
    (
        Whole("index", doc="The place in the list that was sent, from 0."),
        Text("id", null=True, doc="The record, when there is one."),
        Choice("outcome", ("done", "refused")),
        Json("problem", {"$ref": "#/components/schemas/Problem"}, null=True),
    ),
    doc="What became of one member of a set.",
)

RESULTS = Shape(
    "Results",
    (Whole("done"), Whole("refused"), Json("results", {"type": "array", "items": RESULT.ref()})),
    doc="What became of each member of a set: one that is refused never stops the others.",
)


def results(outcomes: Sequence[Outcome], prefix: str) -> dict[str, object]:
    """The body of a 207: every member in the order sent, refused ones with their problem."""
    told = [
        {
            "index": place,
            "id": ids.public(prefix, outcome.id),
            "outcome": "refused" if outcome.refusal else "done",
            "problem": problem_of(outcome.refusal) if outcome.refusal else None,
        }
        for place, outcome in enumerate(outcomes)
    ]
    refused = sum(1 for outcome in outcomes if outcome.refusal)
    return {"done": len(told) - refused, "refused": refused, "results": told}


def accepted(operation: UUID | Any) -> Answer:
    """The 202 for work that was accepted: the operation, and where to ask for its progress."""
    key: UUID = operation if isinstance(operation, UUID) else operation.id
    where = f"/v1/operations/{ids.public('opn', key)}"
    return Answer(OPERATION.one(key), 202, {"Location": where, "Retry-After": "1"})


__all__ = ["OPERATION", "RESULTS", "accepted", "results"]
