"""Reminders: one call reminds whoever holds each sheet up, by mail or text, and counts how
often; what nobody moves comes onto a desk.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max

from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.kernel import copying
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from backline.timesheets.actions import asking
from backline.timesheets.actions.moving import held
from backline.timesheets.events import TimesheetChased
from backline.timesheets.models import Chase, Timesheet
from backline.timesheets.queries import WAITING, holder, overdue

COLUMNS = (
    "timesheet", "n", "channel", "to_kind", "to_name", "message", "chased_at", "chased_by",
)  # fmt: skip
GRACE_DAYS = 2  # a sheet comes onto a desk so many days after it is overdue, unless the firm says


def chase(
    timesheets: Sequence[UUID], *, actor: Actor, at: datetime, channel: str = "email"
) -> list[Outcome]:
    """Remind whoever holds each sheet up, with a link that lets them do their part; nobody else is
    written to.

    A sheet that nobody holds up, or whose holder cannot be reached by this channel, is refused and
    the others are sent.
    """
    rows = held(timesheets)
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such timesheet.")
        for key in set(timesheets) - {row.pk for row in rows}
    }
    counts = dict(
        Chase.objects.filter(timesheet__in=rows).values_list("timesheet_id").annotate(n=Max("n"))
    )
    asks: list[asking.Ask] = []
    for row in rows:
        name, reach = asking.reach_of(row, channel)
        refusal = _unreachable(row, name, reach, channel)
        if refusal is not None:
            refusals[row.pk] = refusal
            continue
        key = f"chase:{row.pk}:{counts.get(row.pk, 0) + 1}"
        asks.append(asking.Ask(row, key, "timesheet_chase", channel, name, reach))
    messages = asking.write(asks, at=at)
    told = [(ask, counts.get(ask.row.pk, 0) + 1) for ask in asks]
    copying.write(
        Chase,
        COLUMNS,
        (
            (ask.row.pk, n, channel, holder(ask.row), ask.name, message, at, actor.as_json())
            for (ask, n), message in zip(told, messages, strict=True)
        ),
    )
    facts = (
        TimesheetChased(subject=ask.row.pk, n=n, to_kind=holder(ask.row), channel=channel)
        for ask, n in told
    )
    record(facts, actor=actor, at=at)
    return in_order(timesheets, refusals)


def put_overdue_on_desk(on: date, *, actor: Actor, at: datetime) -> int:
    """Open an exception for each sheet that is overdue for some days; returns how many."""
    grace = directory.firm().settings.get("overdue_after_days", GRACE_DAYS)
    rows = overdue(on - timedelta(days=int(grace)))
    return desk.open_exceptions((_found(row) for row in rows), actor=actor, at=at)


def _unreachable(row: Timesheet, name: str, reach: str, channel: str) -> Refusal | None:
    if row.status not in WAITING:
        told = f"This sheet is {row.status.replace('_', ' ')}; nobody holds it up."
        return Conflict("nobody_to_chase", told)
    if not reach:
        what = "e-mail address" if channel == "email" else "telephone number"
        who = name or "the approver"
        return Conflict("unreachable", f"There is no {what} for {who}.", channel=channel)
    return None


def _found(row: Timesheet) -> desk.Found:
    worker = row.assignment.worker
    who = f"{worker.given_name} {worker.family_name}"
    by = who if holder(row) == "worker" else (row.approver.name if row.approver else "nobody named")
    return desk.Found(
        kind="timesheet_overdue",
        key=f"timesheet_overdue:{row.pk}",
        title=f"Time of {who} for {row.starts_on} to {row.ends_on} is overdue",
        detail=f"It is {row.status}; it waits for {by}.",
        about_kind="timesheet",
        about=row.pk,
        stops="pay",
        evidence=[{"status": row.status, "held_by": holder(row), "name": by}],
        suggested="Remind whoever holds it up, or say that nothing was worked.",
    )
