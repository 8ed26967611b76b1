"""Sheets approved, rejected, given to another approver; approval prices in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.directory.models import Contact
from backline.kernel import links
from backline.kernel.actors import Actor
from backline.kernel.errors import Forbidden, Invalid, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from backline.timesheets.actions.entering import movable
from backline.timesheets.events import (
    TimesheetApproved,
    TimesheetReassigned,
    TimesheetRejected,
)
from backline.timesheets.models import Timesheet
from backline.timesheets.queries import po_required

Pricer = Callable[..., Mapping[UUID, Refusal]]
Status = Timesheet.Status
LINK = "timesheet.approve"
_PRICERS: list[Pricer] = []


def price_with(pricer: Pricer) -> None:
    """Hand in the one thing that happens inside an approval: pricing, which may refuse."""
    if pricer not in _PRICERS:
        _PRICERS.append(pricer)


def approve(
    timesheets: Sequence[UUID], *, actor: Actor, at: datetime, po_number: str = ""
) -> list[Outcome]:
    """Make submitted time final and priced; a sheet that cannot be priced is refused and stays
    submitted.

    The worker whose time it is, and who handed it in as a link holder, cannot approve it.
    """
    rows, refusals = movable(timesheets, Status.APPROVED)
    needs_po = po_required(rows)
    fit = []
    for row in rows:
        if actor.id == f"worker:{row.assignment.worker_id}":
            refusals[row.pk] = Forbidden("own_time", "Nobody approves their own time.")
        elif row.pk in needs_po and not (po_number or row.po_number):
            refusals[row.pk] = Invalid(
                "po_required", "This client wants a purchase order number.", pointer="/po_number"
            )
        else:
            row.po_number = po_number or row.po_number
            fit.append(row)
    for pricer in _PRICERS:
        unpriced = pricer(fit, actor=actor, at=at) if fit else {}
        refusals |= unpriced
        fit = [row for row in fit if row.pk not in unpriced]
    _decide(fit, Status.APPROVED, actor, at)
    record((_approved(row, actor) for row in fit), actor=actor, at=at)
    for row in fit:
        links.withdraw(row.pk, purpose=LINK, at=at)
    desk.close_for(
        [f"{kind}:{row.pk}" for row in fit for kind in ("timesheet_overdue", "timesheet_rejected")],
        resolution="The time was approved.",
        actor=actor,
        at=at,
    )
    return in_order(timesheets, refusals)


def reject(timesheets: Sequence[UUID], *, reason: str, actor: Actor, at: datetime) -> list[Outcome]:
    """Send submitted time back with a reason; the worker is told, and it is on somebody's
    desk until mended.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the time is rejected.", pointer="/reason")
    rows, refusals = movable(timesheets, Status.REJECTED)
    for row in rows:
        row.reject_reason, row.revision = reason[:300], row.revision + 1
        links.withdraw(row.pk, purpose=LINK, at=at)
    _decide(rows, Status.REJECTED, actor, at)
    facts = (
        TimesheetRejected(
            subject=row.pk,
            assignment=str(row.assignment_id),
            starts_on=row.starts_on.isoformat(),
            reason=reason,
        )
        for row in rows
    )
    record(facts, actor=actor, at=at)
    return in_order(timesheets, refusals)


def reassign(timesheet: UUID, *, approver: UUID, actor: Actor, at: datetime) -> Timesheet:
    """Give a sheet that waits to another contact of the client; links to the former one die."""
    row = (
        Timesheet.objects.select_for_update(of=("self",))
        .select_related("assignment")
        .filter(pk=timesheet)
        .first()
    )
    if row is None:
        raise Missing("not_found", "There is no such timesheet.")
    if row.status in {Status.APPROVED, Status.VOIDED}:
        raise Invalid("illegal_move", "This sheet waits for nobody.", pointer="/approver")
    contact = Contact.objects.filter(pk=approver, client_id=row.assignment.client_id).first()
    if contact is None:
        raise Missing("not_found", "There is no such contact at this client.", pointer="/approver")
    row.approver, row.version = contact, row.version + 1
    row.save(update_fields=["approver", "version"])
    links.withdraw(row.pk, purpose=LINK, at=at)
    fact = TimesheetReassigned(subject=row.pk, approver=str(contact.pk))
    record([fact], actor=actor, at=at)
    return row


def _decide(rows: Sequence[Timesheet], to: str, actor: Actor, at: datetime) -> None:
    for row in rows:
        row.status, row.decided_at, row.decided_by = to, at, actor.as_json()
        row.version += 1
    Timesheet.objects.bulk_update(
        rows,
        [
            "status", "decided_at", "decided_by", "reject_reason", "revision", "po_number",
            "version",
        ],
    )  # fmt: skip


def _approved(row: Timesheet, actor: Actor) -> TimesheetApproved:
    return TimesheetApproved(
        subject=row.pk,
        assignment=str(row.assignment_id),
        starts_on=row.starts_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
        total=row.total,
        approved_by=actor.name or actor.id,
        is_late=row.is_late,
        corrects=str(row.corrects_id or ""),
    )
