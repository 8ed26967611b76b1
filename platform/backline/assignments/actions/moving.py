"""Assignments moved along: confirmed by a person, cleared by onboarding, started and ended by
the clock.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from backline.assignments import queries
from backline.assignments.events import (
    AssignmentCancelled,
    AssignmentCleared,
    AssignmentConfirmed,
    AssignmentEnded,
    AssignmentHeld,
    AssignmentStarted,
)
from backline.assignments.models import Assignment
from backline.kernel import states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Missing, Refusal
from backline.kernel.events import Fact, record
from backline.kernel.outcomes import Outcome, in_order

Status = Assignment.Status


def confirm(assignments: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Confirm assignments whose agreement is complete; a refusal names everything that is
    missing.
    """
    rows, refusals = _movable(assignments, Status.CONFIRMED)
    incomplete = queries.incomplete(rows)
    fit = []
    for row in rows:
        if row.status != Status.PENDING:  # a cleared one can be held again, not confirmed again
            told = f"An assignment that is {row.status} was confirmed already."
            refusals[row.pk] = Conflict("illegal_move", told, status=row.status)
            continue
        if row.pk in incomplete:
            refusals[row.pk] = Conflict.of(incomplete[row.pk])
        else:
            row.confirmed_at, row.confirmed_by = at, actor.as_json()
            fit.append(row)
    _move(fit, Status.CONFIRMED, AssignmentConfirmed, actor=actor, at=at)
    return in_order(assignments, refusals)


def clear(assignments: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Let confirmed assignments start: onboarding says that nothing is missing."""
    rows, refusals = _movable(assignments, Status.READY)
    _move(rows, Status.READY, AssignmentCleared, actor=actor, at=at)
    return in_order(assignments, refusals)


def hold(assignments: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Take back the clearance of assignments that have not started."""
    rows, refusals = _movable(assignments, Status.CONFIRMED)
    held = [row for row in rows if row.status == Status.READY]
    _move(held, Status.CONFIRMED, AssignmentHeld, actor=actor, at=at)
    return in_order(assignments, refusals)


def cancel(
    assignments: Sequence[UUID], *, reason: str, actor: Actor, at: datetime
) -> list[Outcome]:
    """Cancel assignments before their first day; afterwards they are ended, not cancelled."""
    rows, refusals = _movable(assignments, Status.CANCELLED)
    _move(rows, Status.CANCELLED, AssignmentCancelled, actor=actor, at=at, reason=reason)
    return in_order(assignments, refusals)


def start_due(on: date, *, actor: Actor, at: datetime) -> int:
    """Start every cleared assignment whose first day has come; returns how many."""
    rows = list(
        Assignment.objects.select_for_update().filter(status=Status.READY, starts_on__lte=on)
    )
    _move(rows, Status.ACTIVE, AssignmentStarted, actor=actor, at=at)
    return len(rows)


def end_past(on: date, *, actor: Actor, at: datetime) -> int:
    """End every running assignment whose last day is over; returns how many."""
    rows = list(Assignment.objects.select_for_update().filter(status=Status.ACTIVE, ends_on__lt=on))
    _move(rows, Status.ENDED, AssignmentEnded, actor=actor, at=at)
    return len(rows)


def _movable(assignments: Sequence[UUID], to: str) -> tuple[list[Assignment], dict[UUID, Refusal]]:
    found = Assignment.objects.select_for_update(of=("self",)).select_related("approver")
    rows = list(found.filter(pk__in=assignments).order_by("id"))
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such assignment.")
        for key in set(assignments) - {row.pk for row in rows}
    }
    for row in rows:
        refusal = states.refused(row.status, to, Assignment.MOVES, "assignment")
        if refusal is not None:
            refusals[row.pk] = refusal
    return [row for row in rows if row.pk not in refusals], refusals


def _move(
    rows: Sequence[Assignment],
    to: str,
    fact: type[Fact],
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    for row in rows:
        row.status = to
        row.version += 1
    Assignment.objects.bulk_update(rows, ["status", "version", "confirmed_at", "confirmed_by"])
    record((fact(subject=row.pk, reason=reason) for row in rows), actor=actor, at=at)
