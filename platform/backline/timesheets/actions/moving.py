"""Sheets held and moved: the locked rows that may become something, else a refusal."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from backline.kernel import ids, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Forbidden, Missing, Refusal
from backline.timesheets.models import Timesheet

APPROVAL = "timesheet.approve"
ENTRY = "timesheet.enter"
ASKED = (APPROVAL, ENTRY)
# What may be on a desk about a sheet while it waits.
TROUBLES = (
    "timesheet_overdue", "timesheet_rejected", "timesheet_validation", "late_timesheet",
    "disputed_hours", "rates_pending",
)  # fmt: skip


def movable(timesheets: Iterable[UUID], to: str) -> tuple[list[Timesheet], dict[UUID, Refusal]]:
    """The locked sheets that may become `to`, with what pricing and letters need of them, and a
    refusal for each other.
    """
    wanted = set(timesheets)
    rows = held(wanted)
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such timesheet.")
        for key in wanted - {row.pk for row in rows}
    }
    for row in rows:
        refusal = states.refused(row.status, to, Timesheet.MOVES, "timesheet")
        if refusal is not None:
            refusals[row.pk] = refusal
    return [row for row in rows if row.pk not in refusals], refusals


def held(timesheets: Iterable[UUID]) -> list[Timesheet]:
    """These sheets, locked in one order, with their assignment, worker, client, site, approver."""
    return list(
        Timesheet.objects.select_for_update(of=("self",))
        .select_related("assignment__worker", "assignment__client", "assignment__site", "approver")
        .filter(pk__in=set(timesheets))
        .order_by("id")
    )


def one_held(timesheet: UUID) -> Timesheet:
    """This sheet, locked; raises Missing."""
    rows = held([timesheet])
    if not rows:
        raise Missing("not_found", "There is no such timesheet.")
    return rows[0]


def worker_of(row: Timesheet) -> str:
    """How the worker of a sheet is named as an actor."""
    return ids.public("wrk", row.assignment.worker_id)


def own_time(row: Timesheet, actor: Actor) -> Refusal | None:
    """The refusal of somebody who decides about their own time; None for anybody else."""
    if actor.id == worker_of(row):
        return Forbidden("own_time", "Nobody approves their own time.")
    return None


def desk_keys(rows: Sequence[Timesheet], *kinds: str) -> list[str]:
    """The keys of these kinds of exception about these sheets."""
    return [f"{kind}:{row.pk}" for row in rows for kind in kinds]
