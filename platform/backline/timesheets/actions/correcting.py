"""Approved time corrected by a sheet that names it, and empty sheets voided."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from backline.desk import actions as desk
from backline.kernel import links
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from backline.timesheets.actions import writing
from backline.timesheets.actions.fitting import Engaged
from backline.timesheets.actions.moving import ASKED, TROUBLES, desk_keys, movable, one_held
from backline.timesheets.actions.writing import NewEntry
from backline.timesheets.events import TimesheetEntered, TimesheetVoided
from backline.timesheets.models import Timesheet

Status = Timesheet.Status


def correct(
    timesheet: UUID, *, entries: Sequence[NewEntry], reason: str, actor: Actor, at: datetime
) -> Timesheet:
    """Write down what an approved period's time really was, as a new sheet that names the first.

    The new sheet holds the whole period and goes through submission and approval like any other;
    what was approved stays as it is, and charges post the difference. One correction of a sheet at
    a time.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "Say what was wrong.", pointer="/reason")
    first = one_held(timesheet)
    if first.corrects_id is not None:
        first = one_held(first.corrects_id)
    if first.status != Status.APPROVED:
        told = "Only approved time is corrected; change this sheet itself."
        raise Conflict("not_approved", told, status=first.status)
    chain = list(
        Timesheet.objects.filter(corrects=first).exclude(status=Status.VOIDED).order_by("revision")
    )
    if any(row.status != Status.APPROVED for row in chain):
        raise Conflict("correction_open", "A correction of this sheet waits for approval already.")
    work = Engaged.of(first.assignment)
    found = writing.faults(entries, work, first.starts_on, first.ends_on)
    if found:
        raise Invalid.of(found)
    sheet = _sheet(first, [first, *chain][-1], reason, actor, at)
    kept, sheet.total = writing.worked_out(entries)
    sheet.save(force_insert=True)
    writing.write([(sheet.pk, kept)])
    fact = TimesheetEntered(
        subject=sheet.pk, total=sheet.total, entered_by=actor.kind, reason=reason
    )
    record([fact], actor=actor, at=at)
    return sheet


def void(timesheets: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Take back sheets that should not exist, before anything was handed in."""
    rows, refusals = movable(timesheets, Status.VOIDED)
    keys = [row.pk for row in rows]
    Timesheet.objects.filter(pk__in=keys).update(status=Status.VOIDED, version=F("version") + 1)
    links.withdraw_all(keys, purposes=ASKED, at=at)
    desk.close_for(
        desk_keys(rows, *TROUBLES),
        resolution="The sheet was voided.",
        actor=actor,
        at=at,
    )
    record((TimesheetVoided(subject=row.pk) for row in rows), actor=actor, at=at)
    return in_order(timesheets, refusals)


def _sheet(
    first: Timesheet, newest: Timesheet, reason: str, actor: Actor, at: datetime
) -> Timesheet:
    return Timesheet(
        assignment_id=first.assignment_id,
        starts_on=first.starts_on,
        ends_on=first.ends_on,
        unit=first.unit,
        revision=newest.revision + 1,
        corrects=first,
        correction_reason=reason[:300],
        approver_id=first.approver_id,
        po_number=newest.po_number,
        rates_version=newest.rates_version,
        entered_by=actor.as_json(),
        created_at=at,
    )
