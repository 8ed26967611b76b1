"""Sheets held and moved: the locked rows that may become something, else a refusal."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar
from uuid import UUID

from backline.kernel import ids, rows, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Forbidden, Missing, Refusal
from backline.kernel.statements import Slot
from backline.timesheets.models import Timesheet

APPROVAL = "timesheet.approve"
ENTRY = "timesheet.enter"
ASKED = (APPROVAL, ENTRY)
# What may be on a desk about a sheet while it waits.
TROUBLES = (
    "timesheet_overdue", "timesheet_rejected", "timesheet_validation", "late_timesheet",
    "disputed_hours", "rates_pending",
)  # fmt: skip


class Handed(NamedTuple):
    """A sheet as approval and pricing see it: whose time, at which client, for which days."""

    id: UUID
    status: str
    assignment_id: UUID
    worker_id: UUID
    client_id: UUID
    starts_on: date
    ends_on: date
    total: Decimal
    is_late: bool
    corrects_id: UUID | None
    correction_reason: str
    po_number: str


S = TypeVar("S", Timesheet, Handed)
_LOCKED = rows.asked(
    Handed,
    lambda: (
        Timesheet.objects.select_for_update(of=("self",))
        .filter(pk__among=Slot("keys"))
        .order_by("id")
    ),
    worker_id="assignment__worker_id",
    client_id="assignment__client_id",
)


def handed(timesheets: Iterable[UUID], to: str) -> tuple[list[Handed], dict[UUID, Refusal]]:
    """As `movable`, without an object each and with no more of them than approval needs."""
    wanted = set(timesheets)
    return _parted(wanted, _LOCKED(keys=wanted), to)


def movable(timesheets: Iterable[UUID], to: str) -> tuple[list[Timesheet], dict[UUID, Refusal]]:
    """The locked sheets that may become `to`, with what pricing and letters need of them, and a
    refusal for each other.
    """
    wanted = set(timesheets)
    return _parted(wanted, held(wanted), to)


def _parted(wanted: set[UUID], found: list[S], to: str) -> tuple[list[S], dict[UUID, Refusal]]:
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such timesheet.")
        for key in wanted - {row.id for row in found}
    }
    for row in found:
        refusal = states.refused(row.status, to, Timesheet.MOVES, "timesheet")
        if refusal is not None:
            refusals[row.id] = refusal
    return [row for row in found if row.id not in refusals], refusals


def held(timesheets: Iterable[UUID]) -> list[Timesheet]:
    """These sheets, locked in one order, with their assignment, worker, client, site, approver."""
    return list(
        Timesheet.objects.select_for_update(of=("self",))
        .select_related("assignment__worker", "assignment__client", "assignment__site", "approver")
        .filter(pk__among=set(timesheets))
        .order_by("id")
    )


def one_held(timesheet: UUID) -> Timesheet:
    """This sheet, locked; raises Missing."""
    found = held([timesheet])
    if not found:
        raise Missing("not_found", "There is no such timesheet.")
    return found[0]


def own_time(row: Handed, actor: Actor) -> Refusal | None:
    """The refusal of somebody who decides about their own time; None for anybody else."""
    if row.worker_id == ids.parse("wrk", actor.id):
        return Forbidden("own_time", "Nobody approves their own time.")
    return None


def desk_keys(sheets: Sequence[Timesheet] | Sequence[Handed], *kinds: str) -> list[str]:
    """The keys of these kinds of exception about these sheets."""
    return [f"{kind}:{row.id}" for row in sheets for kind in kinds]
