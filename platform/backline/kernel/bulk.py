"""Bulk: a deed on more records than one call should wait for, accepted as an operation.

Each member is a record's id; its result is kept beside it. A chunk is one transaction, so whoever
was killed in the middle of one left nothing of it behind.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backline.kernel import ids, operations
from backline.kernel.actors import Actor
from backline.kernel.errors import Missing
from backline.kernel.ids import new_id
from backline.kernel.models import Operation
from backline.kernel.operations import Done, Item, Work
from backline.kernel.outcomes import Outcome

CHUNK = 500
Deed = Callable[..., Sequence[Outcome]]
PREFIXES: dict[str, str] = {}


def can_be_bulk(kind: str, prefix: str, deed: Deed, chunk: int = CHUNK) -> None:
    """Let a deed on a set of records of this prefix be accepted under this kind."""
    PREFIXES[kind] = prefix
    operations.runs(kind, chunk)(_runner(prefix, deed))


def accept(
    kind: str, keys: Sequence[UUID], *, actor: Actor, at: datetime, **facts: Any
) -> Operation:
    """Accept a deed on many records, one member each however often it is named; `facts` are the
    deed's own.
    """
    prefix = PREFIXES[kind]
    return operations.accept(
        kind,
        key=f"{kind}:{new_id().hex}",
        refs=[ids.public(prefix, key) for key in dict.fromkeys(keys)],
        args=facts,
        actor=actor,
        at=at,
    )


def _runner(prefix: str, deed: Deed) -> operations.Runner:
    def run(work: Work, items: Sequence[Item]) -> Sequence[Done]:
        keys = {item.n: ids.parse(prefix, item.ref) for item in items}
        wanted = [key for key in keys.values() if key is not None]
        outcomes = deed(wanted, actor=work.actor, at=work.at, **(work.args or {}))
        refusals = {outcome.id: outcome.refusal for outcome in outcomes}
        unknown = Missing("not_found", "There is no such record, or not for you.")
        return [Done(n, None, unknown if key is None else refusals[key]) for n, key in keys.items()]

    return run
