"""Operations: work accepted now and done in chunks later, each chunk one transaction, resumable
anywhere.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F

from backline.kernel import copying, here, rows, statements
from backline.kernel.actors import Actor
from backline.kernel.errors import Refusal
from backline.kernel.events import _BELLS, plain
from backline.kernel.ids import new_id
from backline.kernel.models import Operation, OperationItem
from backline.kernel.statements import Slot

MOST_ATTEMPTS = 5
ACCEPTED = (
    "id", "kind", "key", "subject", "args", "actor", "total", "done", "failed", "attempts",
    "accepted_at", "state", "finished_at", "has_items",
)  # fmt: skip
_UNDER = statements.whole(Operation, lambda: Operation.objects.filter(key=Slot("key")))
_DUE = statements.columns(
    lambda: (
        Operation.objects.filter(state__in=["pending", "running"])
        .order_by("id")
        .values_list("id")[:1]
    ),
)


class Item(NamedTuple):
    """One member to treat: its place, what it names, its own arguments, and its row."""

    n: int
    ref: str
    args: Any
    id: int


class Done(NamedTuple):
    """What became of one member: an outcome for the reader, and the refusal if it was refused."""

    n: int
    outcome: Any = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """An operation as its runner sees it."""

    id: UUID
    kind: str
    subject: UUID | None
    args: Any
    actor: Actor
    at: datetime
    is_last_chunk: bool


Runner = Callable[[Work, Sequence[Item]], Sequence[Done]]
RUNNERS: dict[str, tuple[Runner, int]] = {}


def runs(kind: str, chunk: int = 500) -> Callable[[Runner], Runner]:
    """Register the function that treats a chunk of items of this kind of operation."""

    def register(runner: Runner) -> Runner:
        RUNNERS[kind] = (runner, chunk)
        return runner

    return register


def accept(
    kind: str,
    *,
    key: str,
    refs: Iterable[str | tuple[str, Any]] = ("",),
    args: Any = None,
    subject: UUID | None = None,
    actor: Actor,
    at: datetime,
) -> Operation:
    """Accept work under a business key; the same key again answers with the operation that
    exists.
    """
    members = [ref if isinstance(ref, tuple) else (ref, None) for ref in refs]
    mine, state = new_id(), Operation.State.PENDING if members else Operation.State.SUCCEEDED
    row = (
        mine, kind, key, subject, plain(args or {}), actor.as_json(), len(members), 0, 0, 0, at,
        state.value, None if members else at, True,
    )  # fmt: skip
    # a twin that is accepting the same is waited for, and its operation is the answer
    copying.add(Operation, ACCEPTED, [row], unless_known=True)
    (standing,) = _UNDER(key=key)
    if standing.pk != mine:
        return standing
    copying.write(
        OperationItem,
        ("operation", "n", "ref", "state", "args"),
        ((standing.pk, n, ref, "pending", plain(own)) for n, (ref, own) in enumerate(members)),
    )
    for bell in _BELLS:
        here.after_commit(bell, once=True)
    return standing


def next_due() -> UUID | None:
    """The oldest operation with something left to do, or None."""
    return next((key for (key,) in _DUE()), None)


def run_chunk(operation_id: UUID, at: datetime, *, one_by_one: bool = False) -> bool:
    """Treat the next chunk of an operation in this transaction; False when nothing is left or a
    twin holds it.

    After an error, or a refusal that the runner let go, the caller tries again one by one, and
    marks the member that cannot be treated with `fail_next`.
    """
    operation = _held(operation_id)
    if operation is None:
        return False
    runner, size = RUNNERS[operation.kind]
    pending = _pending(operation, (1 if one_by_one else size) + 1)
    here_now = pending[: 1 if one_by_one else size]
    if here_now:
        work = Work(
            operation.pk,
            operation.kind,
            operation.subject,
            operation.args,
            Actor(**operation.actor),
            operation.accepted_at,
            len(pending) <= len(here_now),
        )
        _keep(operation, here_now, runner(work, here_now))
    return _close(operation, at, left=len(pending) > len(here_now))


def fail_next(operation_id: UUID, why: str | Refusal, at: datetime) -> bool:
    """Mark the next member of an operation as refused, or as failed for a reason of ours; True
    while others are left.
    """
    operation = _held(operation_id)
    if operation is None:
        return False
    pending = _pending(operation, 2)
    refusal = (
        why
        if isinstance(why, Refusal)
        else Refusal("internal_error", f"This could not be done and was set aside: {why}")
    )
    _keep(operation, pending[:1], [Done(row.n, None, refusal) for row in pending[:1]])
    return _close(operation, at, left=len(pending) > 1)


def _held(operation_id: UUID) -> Operation | None:
    return (
        Operation.objects.select_for_update(skip_locked=True)
        .filter(pk=operation_id, state__in=["pending", "running"])
        .first()
    )


def _pending(operation: Operation, most: int) -> list[Item]:
    """The members that are still to be treated, at most so many."""
    waiting = OperationItem.objects.filter(operation=operation, state="pending").order_by("n")
    return list(rows.read(Item, waiting[:most]))


def _keep(operation: Operation, treated: Sequence[Item], dones: Sequence[Done]) -> None:
    by_place = {done.n: done for done in dones}
    told = [(row.id, *_told(by_place.get(row.n, Done(row.n)))) for row in treated]
    rows.change(OperationItem, ("state", "outcome"), told)
    failed = sum(state == "failed" for _, state, _ in told)
    Operation.objects.filter(pk=operation.pk).update(
        state=Operation.State.RUNNING,
        done=F("done") + len(told) - failed,
        failed=F("failed") + failed,
    )


def _told(done: Done) -> tuple[str, Any]:
    """The state of a member that was treated, and what its reader is told."""
    if done.refusal:
        return "failed", refused(done.refusal)
    return "done", plain(done.outcome)


def _close(operation: Operation, at: datetime, *, left: bool) -> bool:
    if left:
        return True
    operation.refresh_from_db()
    if operation.failed == 0:
        state = Operation.State.SUCCEEDED
    else:
        state = Operation.State.PARTIALLY_SUCCEEDED if operation.done else Operation.State.FAILED
    Operation.objects.filter(pk=operation.pk).update(state=state, finished_at=at)
    return False


def refused(refusal: Refusal) -> dict[str, Any]:
    """A refusal as an item's outcome keeps it: every fault with its code, sentence and place."""
    return {
        "errors": [
            {
                "code": fault.code,
                "detail": fault.detail,
                "pointer": fault.pointer,
                **plain(dict(fault.facts)),
            }
            for fault in refusal.faults
        ]
    }
