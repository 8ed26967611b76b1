"""What several doors of payroll share."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from api.resource import Choice, Ref, Shape, Text
from backline.assignments.engagements import ENGAGEMENTS
from backline.kernel import ids

FIGURE = {"type": "object", "properties": {"key": {"type": "string"}, "amount": {"type": "string"}}}
TAG = "payroll"
ROUTES = ENGAGEMENTS
CURRENCIES = ("GBP", "USD")
RAILS = ("bacs", "ach")

BLOCKER = Shape(
    "PayBlocker",
    (
        Text("code"),
        Text("detail"),
        Text("owner", doc="The role that has to act."),
        Ref("worker", "wrk", null=True, doc="Null where the whole run is held."),
        Text("pointer", doc="What exactly is missing or wrong."),
    ),
    doc="One thing in the way of pay.",
)


def told_blockers(kept: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """Blockers as a run keeps them, as they stand on the wire."""
    return [
        {**one, "worker": ids.public("wrk", UUID(one["worker"])) if one["worker"] else None}
        for one in kept
    ]


def choice_of_route(name: str = "route") -> Choice:
    """By which route somebody is paid."""
    return Choice(name, ROUTES)


def figures(kept: Mapping[str, Any]) -> list[dict[str, str]]:
    """Year-to-date figures as they stand on the wire, by key."""
    return [{"key": key, "amount": format(Decimal(kept[key]), "f")} for key in sorted(kept)]
