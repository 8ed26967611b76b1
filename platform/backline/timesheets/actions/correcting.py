"""Approved time corrected by a sheet that names it, and empty sheets voided."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from backline.timesheets.actions.entering import NewEntry, movable, write_entries
from backline.timesheets.events import TimesheetEntered, TimesheetVoided
from backline.timesheets.models import Timesheet

Status = Timesheet.Status


def correct(
    timesheet: UUID, *, entries: Sequence[NewEntry], reason: str, actor: Actor, at: datetime
) -> Timesheet:
    """Write down what an approved period's time really was, as a new sheet that names the first.

    The new sheet holds the whole period and goes through submission and approval like any other;
    what was
    approved stays as it is, and charges post the difference. One correction of a sheet at a time.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "Say what was wrong.", pointer="/reason")
    first = Timesheet.objects.select_for_update().filter(pk=timesheet).first()
    if first is None:
        raise Missing("not_found", "There is no such timesheet.")
    if first.corrects_id is not None:
        first = Timesheet.objects.select_for_update().get(pk=first.corrects_id)
    if first.status != Status.APPROVED:
        raise Conflict(
            "not_approved", "Only approved time is corrected; change this sheet itself.",
            status=first.status,
        )  # fmt: skip
    chain = Timesheet.objects.filter(corrects=first).exclude(status=Status.VOIDED)
    if chain.exclude(status=Status.APPROVED).exists():
        raise Conflict("correction_open", "A correction of this sheet waits for approval already.")
    sheet = Timesheet(
        assignment_id=first.assignment_id,
        starts_on=first.starts_on,
        ends_on=first.ends_on,
        unit=first.unit,
        revision=first.revision + chain.count() + 1,
        corrects=first,
        correction_reason=reason[:300],
        approver_id=first.approver_id,
        po_number=first.po_number,
        created_at=at,
    )
    write_entries(sheet, entries)
    fact = TimesheetEntered(
        subject=sheet.pk, total=sheet.total, entered_by=actor.kind, reason=reason
    )
    record([fact], actor=actor, at=at)
    return sheet


def void(timesheets: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Take back sheets that should not exist, before anything was handed in."""
    rows, refusals = movable(timesheets, Status.VOIDED)
    for row in rows:
        row.status, row.version = Status.VOIDED, row.version + 1
    Timesheet.objects.bulk_update(rows, ["status", "version"])
    record((TimesheetVoided(subject=row.pk) for row in rows), actor=actor, at=at)
    return in_order(timesheets, refusals)
