"""Happened: the events about one thing, newest first, in words; who, and when."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from api.pages import wording
from api.pages.frame import Visitor
from backline.kernel.models import Event

MOST: Final = 20
WORDS: Final[Mapping[str, str]] = {
    "exception.opened": "Opened",
    "exception.restated": "Brought up to date",
    "exception.taken": "Taken on",
    "exception.released": "Given back",
    "exception.closed": "Closed",
    "pay_run.opened": "Opened",
    "pay_run.calculated": "Worked out",
    "pay_run.submitted": "Handed in for approval",
    "pay_run.approved": "Approved",
    "pay_run.rejected": "Sent back",
    "pay_run.withdrawn": "Approval taken back",
    "pay_run.rescheduled": "Moved to another pay day",
    "pay_run.cancelled": "Cancelled",
    "pay_run.released": "Released",
    "pay_run.settled": "Settled with the bank",
}


def about(visitor: Visitor, subject: UUID) -> list[dict[str, Any]]:
    """What happened to a thing of the firm whose books are open."""
    rows = Event.objects.filter(subject=subject).order_by("-id")[:MOST]
    return [
        {
            "what": _what(row),
            "who": _who(row.actor),
            "when": visitor.moment(row.at),
            "is_now": n == 0,
        }
        for n, row in enumerate(rows)
    ]


def _what(row: Event) -> str:
    words = WORDS.get(row.name, row.name.partition(".")[2].replace("_", " ").capitalize())
    because = row.reason or str(row.facts.get("resolution", ""))
    return f"{words}: {because}" if because else words


def _who(actor: Mapping[str, str]) -> str:
    if actor.get("kind") == "system":
        return "by itself"
    role = actor.get("role", "")
    named = actor.get("name") or actor.get("id", "")
    return f"{named}, {wording.role(role).lower()}" if role else named
