"""Looking: assignments cleared when nothing is missing, held when something is again, and what is
missing or soon due put on a desk and taken off.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from backline.assignments import actions as assignments
from backline.assignments.models import Assignment
from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.kernel.actors import Actor
from backline.onboarding import queries
from backline.onboarding.queries import Lacking

Status = Assignment.Status
LIVE = (Status.CONFIRMED, Status.READY, Status.ACTIVE)


def look(asked: Iterable[UUID], *, actor: Actor, at: datetime) -> None:
    """Clear confirmed assignments for which nothing is missing, hold those for which something is
    again.

    What blocks a start or pay is put on a desk by its name and taken off when it is supplied; a
    duty with a clock is told on the business day before it ends.
    """
    rows = list(
        Assignment.objects.filter(pk__in=set(asked), status__in=LIVE)
        .select_related("worker")
        .order_by("id")
    )
    if not rows:
        return
    on = directory.day_of(at)
    lacking = queries.missing([row.pk for row in rows], on)
    held = {key for key, items in lacking.items() if _blocking(items, "start")}
    clear = [row.pk for row in rows if row.status == Status.CONFIRMED and row.pk not in held]
    hold = [row.pk for row in rows if row.status == Status.READY and row.pk in held]
    assignments.clear(clear, actor=actor, at=at)
    assignments.hold(hold, actor=actor, at=at)
    found = [*_missing(rows, lacking, at), *_due(rows, lacking)]
    desk.open_exceptions(found, actor=actor, at=at)
    _take_off(rows, {one.key for one in found}, actor, at)


def _blocking(items: Iterable[Lacking], *steps: str) -> list[Lacking]:
    return [item for item in items if any(item.stops(step) for step in steps)]


def _missing(
    rows: Sequence[Assignment], lacking: dict[UUID, list[Lacking]], at: datetime
) -> list[desk.Found]:
    return [
        _found(row, blocking, at)
        for row in rows
        if (blocking := _blocking(lacking.get(row.pk, ()), "start", "pay"))
    ]


def _found(row: Assignment, items: Sequence[Lacking], at: datetime) -> desk.Found:
    names = ", ".join(item.title for item in items)
    first_day = _morning(row.starts_on)
    return desk.Found(
        kind="missing_form",
        key=f"missing_form:{row.pk}",
        title=f"Missing: {names}",
        detail=f"{row.worker.given_name} {row.worker.family_name} lacks: {names}.",
        about_kind="assignment",
        about=row.pk,
        stops="start" if _blocking(items, "start") else "pay",
        evidence=[
            {"requirement": item.code, "reason": item.reason, "blocks": list(item.blocks)}
            for item in items
        ],
        suggested="Supply what is missing; the rest follows by itself.",
        due_at=first_day if first_day > at else None,
    )


def _due(rows: Sequence[Assignment], lacking: dict[UUID, list[Lacking]]) -> list[desk.Found]:
    """What may still be brought but must be by tomorrow, or is late: one a worker and duty."""
    found = {}
    for row in rows:
        for item in lacking.get(row.pk, ()):
            if item.due_on is None or item.clock not in {"warning", "late"}:
                continue
            key = f"form_due:{row.worker_id}:{item.code}"
            is_late = item.clock == "late"
            found[key] = desk.Found(
                kind="form_due",
                key=key,
                title=f"{item.title} is {'late' if is_late else 'due on'} {item.due_on}",
                detail=f"For {row.worker.given_name} {row.worker.family_name}.",
                about_kind="worker",
                about=row.worker_id,
                stops="pay" if is_late and item.stops("pay") else "nothing",
                evidence=[{"requirement": item.code, "due_on": item.due_on, "state": item.clock}],
                suggested="Complete it and file it; late is late, and is recorded as such.",
                due_at=_morning(item.due_on + timedelta(days=1)),
            )
    return list(found.values())


def _take_off(rows: Sequence[Assignment], open_: set[str], actor: Actor, at: datetime) -> None:
    """Close what was open about these assignments and workers and is so no more."""
    keys = {f"missing_form:{row.pk}" for row in rows}
    codes = queries.clocked()
    keys |= {f"form_due:{row.worker_id}:{code}" for row in rows for code in codes}
    told = "Everything that was missing is on file."
    desk.close_for(sorted(keys - open_), resolution=told, actor=actor, at=at)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
