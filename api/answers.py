"""Answers that many doors give: results item by item, and work accepted for later."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from api.columns import Taken
from api.door import Answer
from api.errors import problem_of
from api.lines import Line
from api.resource import Choice, Flag, Id, Instant, Json, Resource, Shape, Text, Whole
from backline.kernel import ids
from backline.kernel.errors import Invalid, Refusal
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
        Flag("has_items", doc="False once its items were deleted, 90 days after its end."),
    ),
    filters=("kind", "state", "accepted_at"),
    doc="Work that was accepted and goes on after the answer; ask again until it has ended.",
)

RESULT = Shape(
    "Result",
    (
        Whole("index", doc="The place in the list that was sent, from 0."),
        Whole("line", null=True, doc="The line of the file, for a CSV."),
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
            "line": None,
            "id": ids.public(prefix, outcome.id),
            "outcome": "refused" if outcome.refusal else "done",
            "problem": problem_of(outcome.refusal) if outcome.refusal else None,
        }
        for place, outcome in enumerate(outcomes)
    ]
    refused = sum(1 for outcome in outcomes if outcome.refusal)
    return {"done": len(told) - refused, "refused": refused, "results": told}


def line_results(
    lines: Sequence[Line], became: Mapping[int, UUID | Refusal], prefix: str
) -> dict[str, object]:
    """The body of a 207 for lines: `became` tells by place what each good line became."""
    told = []
    for line in lines:
        what = line.refusal or became[line.n]
        is_refused = isinstance(what, Refusal)
        told.append(
            {
                "index": line.n,
                "line": line.line,
                "id": None if isinstance(what, Refusal) else ids.public(prefix, what),
                "outcome": "refused" if is_refused else "done",
                "problem": problem_of(what) if isinstance(what, Refusal) else None,
            }
        )
    refused = sum(1 for each in told if each["problem"])
    return {"done": len(told) - refused, "refused": refused, "results": told}


def taken_results(taken: Taken, became: Iterable[UUID | Refusal], prefix: str) -> dict[str, object]:
    """The body of a 207 for lines read by columns: `became` tells what each good line became, in
    order.
    """
    told = []
    refused, good = 0, iter(became)
    before, spelled = None, ""
    for n, line in enumerate(taken.numbers):
        what = _refusal(taken.bad[n]) if n in taken.bad else next(good)
        if isinstance(what, Refusal):
            refused += 1
            told.append(
                {
                    "index": n,
                    "line": line,
                    "id": None,
                    "outcome": "refused",
                    "problem": problem_of(what),
                }
            )
            continue
        if what is not before:  # lines that became one record mostly follow each other
            before, spelled = what, ids.public(prefix, what)
        told.append({"index": n, "line": line, "id": spelled, "outcome": "done", "problem": None})
    return {"done": len(told) - refused, "refused": refused, "results": told}


def _refusal(bad: Line) -> Refusal:
    return Invalid.of(bad.faults)


def accepted(operation: UUID | Any) -> Answer:
    """The 202 for work that was accepted: the operation, and where to ask for its progress."""
    key: UUID = operation if isinstance(operation, UUID) else operation.id
    where = f"/v1/operations/{ids.public('opn', key)}"
    return Answer(OPERATION.one(key), 202, {"Location": where, "Retry-After": "1"})


__all__ = ["OPERATION", "RESULTS", "accepted", "line_results", "results", "taken_results"]
