"""Forgetting: rows that nothing rests on any more, deleted in slices; how long is data with a day.

retention.toml says what is kept how long and why. Whoever owns a table that may shrink registers
which of its rows are older than a moment.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from backline.kernel.models import Operation, OperationItem

SLICE = 20_000  # rows of a table at most, each hour: a transaction that nobody waits for long
OPERATIONS_AT_ONCE = 200
Older = Callable[[datetime], "QuerySet[Any]"]
OLDER: dict[str, Older] = {}


@dataclass(frozen=True, slots=True)
class Kept:
    """How long one kind of row is kept from a day on; None is for ever."""

    what: str
    since: date
    days: int | None
    why: str


@cache
def kept() -> tuple[Kept, ...]:
    """Everything that is said of keeping, in the order of its days."""
    text = (Path(__file__).parent / "retention.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["kept"]
    found = [Kept(row["what"], row["since"], row.get("days"), row["why"]) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.since, one.what)))


def kept_for(what: str, on: date) -> timedelta | None:
    """How long this is kept by what is said on a day; None for ever, and where nothing is said."""
    said = [one for one in kept() if one.what == what and one.since <= on]
    return timedelta(days=said[-1].days) if said and said[-1].days is not None else None


def forgets(what: str) -> Callable[[Older], Older]:
    """Register which rows of a kind, all of one table, are older than a moment."""

    def register(older: Older) -> Older:
        OLDER[what] = older
        return older

    return register


def forget(
    *, at: datetime, most: int = SLICE, among: Mapping[str, Older] = OLDER
) -> dict[str, int]:
    """Delete a slice of what need not be kept any more; how many rows of each kind. Started by the
    clock.
    """
    gone = {}
    for what, older in among.items():
        span = kept_for(what, at.date())
        if span is not None:
            gone[what] = _delete(older(at - span), most)
    return gone


def _delete(rows: "QuerySet[Any]", most: int) -> int:
    """Delete the first rows in one statement, without reading them."""
    some = rows.values("pk")[:most]
    return rows.model._default_manager.filter(pk__in=some)._raw_delete(rows.db) or 0


@forgets("operation_item")
def _items(before: datetime) -> "QuerySet[Any]":
    """The members of the oldest operations that ended before a moment and still have theirs."""
    ended = Operation.objects.filter(finished_at__lt=before, has_items=True)
    some = list(ended.order_by("finished_at").values_list("pk", flat=True)[:OPERATIONS_AT_ONCE])
    rows = OperationItem.objects.filter(operation__in=some)
    left = set(rows.values_list("operation_id", flat=True).distinct())
    empty = [key for key in some if key not in left]
    Operation.objects.filter(pk__in=empty).update(has_items=False)
    return rows.order_by("operation_id", "n")
