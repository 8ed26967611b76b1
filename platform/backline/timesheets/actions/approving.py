"""Sheets approved, rejected, given to another approver; approval prices in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.directory.models import Contact
from backline.kernel import arrays, ids, later, links
from backline.kernel.actors import Actor
from backline.kernel.arrays import Json
from backline.kernel.errors import Conflict, Invalid, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from backline.timesheets.actions.asking import ask_worker_again
from backline.timesheets.actions.moving import (
    APPROVAL,
    ASKED,
    Handed,
    desk_keys,
    handed,
    movable,
    one_held,
    own_time,
)
from backline.timesheets.events import (
    TimesheetApproved,
    TimesheetReassigned,
    TimesheetRejected,
)
from backline.timesheets.models import Timesheet
from backline.timesheets.queries import po_required_on

Pricer = Callable[..., Mapping[UUID, Refusal]]
Status = Timesheet.Status
LONGEST_REASON = 300
QUESTION = "disputed_hours"
_PRICERS: list[Pricer] = []
DECIDE = """
UPDATE timesheets_timesheet
SET status = %s, decided_at = %s, decided_by = %s::jsonb, version = version + 1,
    reject_reason = coalesce(%s, reject_reason), revision = revision + %s::bool::int
WHERE id = ANY (%s::uuid[])
"""


def price_with(pricer: Pricer) -> None:
    """Hand in the one thing that happens inside an approval: pricing, which may refuse."""
    if pricer not in _PRICERS:
        _PRICERS.append(pricer)


def approve(
    timesheets: Sequence[UUID],
    *,
    actor: Actor,
    at: datetime,
    po_number: str = "",
    identity: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Make submitted time final and priced; a sheet that cannot be priced is refused and stays
    submitted.

    The worker whose time it is cannot approve it. `identity` is what the holder of a link said who
    they are; it is kept with the decision.
    """
    rows, refusals = handed(timesheets, Status.APPROVED)
    fit = _approvable(rows, refusals, po_number, actor)
    for pricer in _PRICERS:
        unpriced = pricer(fit, actor=actor, at=at) if fit else {}
        refusals |= unpriced
        fit = [row for row in fit if row.id not in unpriced]
    keys = [row.id for row in fit]
    _decide(keys, Status.APPROVED, actor, at, identity)
    if po_number:
        Timesheet.objects.filter(pk__among=keys).update(po_number=po_number)
    links.withdraw_all(keys, purposes=ASKED, at=at)
    desk.close_for(
        desk_keys(fit, "timesheet_overdue", "timesheet_rejected", "timesheet_validation", QUESTION),
        resolution="The time was approved.",
        actor=actor,
        at=at,
    )
    record((_approved(row, actor) for row in fit), actor=actor, at=at)
    return in_order(timesheets, refusals)


def reject(
    timesheets: Sequence[UUID],
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    identity: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Send submitted time back with a reason; the worker is written to, and it is on somebody's
    desk until it is approved.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the time is rejected.", pointer="/reason")
    told = reason[:LONGEST_REASON]
    rows, refusals = movable(timesheets, Status.REJECTED)
    _decide([row.pk for row in rows], Status.REJECTED, actor, at, identity, reason=told)
    for row in rows:
        row.status, row.reject_reason, row.revision = Status.REJECTED, told, row.revision + 1
    links.withdraw_all([row.pk for row in rows], purposes=ASKED, at=at)
    keys = desk_keys(rows, QUESTION)
    desk.close_for(keys, resolution="The time was sent back.", actor=actor, at=at)
    desk.open_exceptions((_rejected(row, actor) for row in rows), actor=actor, at=at)
    facts = (
        TimesheetRejected(
            subject=row.pk,
            assignment=str(row.assignment_id),
            starts_on=row.starts_on.isoformat(),
            reason=told,
        )
        for row in rows
    )
    record(facts, actor=actor, at=at)
    ask_worker_again(rows, at=at)
    return in_order(timesheets, refusals)


def reassign(timesheet: UUID, *, approver: UUID, actor: Actor, at: datetime) -> Timesheet:
    """Give a sheet that waits to another contact of the client; links to the former one die."""
    row = one_held(timesheet)
    if row.status in {Status.APPROVED, Status.VOIDED}:
        raise Conflict("illegal_move", "This sheet waits for nobody.", status=row.status)
    contact = Contact.objects.filter(
        pk=approver, client_id=row.assignment.client_id, state="active"
    ).first()
    if contact is None:
        raise Missing("not_found", "There is no such contact at this client.", pointer="/approver")
    if contact.pk == row.approver_id:
        return row
    before = row.approver_id
    row.approver, row.version = contact, row.version + 1
    row.save(update_fields=["approver", "version"])
    links.withdraw(row.pk, purpose=APPROVAL, at=at)
    fact = TimesheetReassigned(
        subject=row.pk,
        approver=str(contact.pk),
        changes={"approver": [_spelled(before), _spelled(contact.pk)]},
    )
    record([fact], actor=actor, at=at)
    return row


def _approvable(
    rows: Sequence[Handed], refusals: dict[UUID, Refusal], po_number: str, actor: Actor
) -> list[Handed]:
    """The sheets that this actor may approve as they are; the others go among the refusals."""
    needs_po = po_required_on((row.id, row.client_id, row.starts_on) for row in rows)
    fit = []
    for row in rows:
        refusal = own_time(row, actor)
        if refusal is None and row.id in needs_po and not (po_number or row.po_number):
            told = "This client wants a purchase order number."
            refusal = Invalid("po_required", told, pointer="/po_number")
        if refusal is None:
            fit.append(row._replace(po_number=po_number) if po_number else row)
        else:
            refusals[row.id] = refusal
    return fit


def _decide(
    sheets: Sequence[UUID],
    status: Status,
    actor: Actor,
    at: datetime,
    identity: Mapping[str, str] | None,
    *,
    reason: str | None = None,
) -> None:
    """Say how it was decided; a sheet that is sent back for a reason is the next time another."""
    who = Json.of({**actor.as_json(), **(identity or {})})
    told = [status.value, at, who, reason, reason is not None, arrays.parameter(sheets)]
    later.put_off(DECIDE, told)


def _rejected(row: Timesheet, actor: Actor) -> desk.Found:
    worker = row.assignment.worker
    return desk.Found(
        kind="timesheet_rejected",
        key=f"timesheet_rejected:{row.pk}",
        title=f"Rejected: {worker.given_name} {worker.family_name}, week of {row.starts_on}",
        detail=f"{actor.name or actor.id} rejected {row.total} {row.unit}s: {row.reject_reason}",
        about_kind="timesheet",
        about=row.pk,
        stops="pay",
        evidence=[{"reason": row.reject_reason, "total": str(row.total), "unit": row.unit}],
        suggested="Have the worker mend it, or mend it with them, and hand it in again.",
    )


def _approved(row: Handed, actor: Actor) -> TimesheetApproved:
    return TimesheetApproved(
        subject=row.id,
        assignment=str(row.assignment_id),
        starts_on=row.starts_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
        total=row.total,
        approved_by=actor.name or actor.id,
        is_late=row.is_late,
        corrects=str(row.corrects_id or ""),
    )


def _spelled(contact: UUID | None) -> str:
    return ids.public("con", contact) if contact else ""
