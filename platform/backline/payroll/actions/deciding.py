"""Runs submitted, approved by another person, rejected, withdrawn, cancelled."""

from datetime import date, datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.kernel import states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Forbidden, Invalid, refuse_if
from backline.kernel.events import Fact, record
from backline.payroll import deadlines, slips
from backline.payroll.actions.calculating import held
from backline.payroll.actions.holding import must_hold, must_stand
from backline.payroll.actions.opening import pay_day_faults
from backline.payroll.events import (
    PayRunApproved,
    PayRunCancelled,
    PayRunRejected,
    PayRunRescheduled,
    PayRunSubmitted,
    PayRunWithdrawn,
)
from backline.payroll.models import PayRun, Recovery
from backline.timesheets import actions as timesheets
from rulebook.money import NOTHING
from rulebook.timeline import NoRule

State = PayRun.State


def submit(run: UUID, *, actor: Actor, at: datetime) -> PayRun:
    """Ask for approval of a ready run; whoever asks is its preparer."""
    row = held(run)
    _move(row, State.SUBMITTED)
    must_stand(row)
    row.prepared_by, row.submitted_at = actor.id, at
    return _kept(row, PayRunSubmitted(subject=row.pk), actor, at)


def approve(run: UUID, *, digest: str = "", actor: Actor, at: datetime) -> PayRun:
    """Agree to exactly the figures of a submitted run; the preparer cannot. Time of its
    period is closed.

    `digest` is what was read: other figures are not agreed to. After the last day on which the
    money can still be there in time, the run must first be given another pay day.
    """
    if actor.kind != "person":
        raise Forbidden("person_needed", "Pay is approved by a person.")
    row = held(run)
    _move(row, State.APPROVED)
    if row.prepared_by == actor.id:
        raise Forbidden(
            "second_person_needed", "Who prepared a run cannot approve it; ask another person."
        )
    if digest and digest != row.digest:
        raise Conflict("figures_changed", "These are not the figures that were read; read again.")
    must_hold(row)
    _must_be_in_time(row, at)
    row.approved_by, row.approved_at, row.approved_digest = actor.id, at, row.digest
    if row.kind == "regular":
        timesheets.close_through(row.calendar.frequency, row.ends_on)
    fact = PayRunApproved(subject=row.pk, digest=row.digest, net=row.net, currency=row.currency)
    return _kept(row, fact, actor, at)


def _must_be_in_time(row: PayRun, at: datetime) -> None:
    if row.kind == "void":
        return
    holidays, on = row.calendar.holidays, deadlines.today(at)
    try:
        last = deadlines.approve_by(row.pay_on, row.currency, holidays)
        earliest = deadlines.arrives_on(on, row.currency, holidays)
    except NoRule as no:
        raise Conflict("law_not_held", str(no)) from None
    if on <= last:
        return
    raise Conflict(
        "deadline_passed",
        f"Money is there on {row.pay_on.isoformat()} only if the run was approved by"
        f" {last.isoformat()}. Reject it and give it another pay day, from {earliest.isoformat()}"
        " on.",
        approve_by_on=last,
        earliest_pay_on=earliest,
    )


def reject(run: UUID, *, reason: str, actor: Actor, at: datetime) -> PayRun:
    """Send a submitted run back to its preparer, with the reason."""
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the run is rejected.", pointer="/reason")
    row = held(run)
    _move(row, State.REJECTED)
    row.reject_reason = reason[:300]
    return _kept(row, PayRunRejected(subject=row.pk, reason=reason), actor, at)


def withdraw(run: UUID, *, reason: str, actor: Actor, at: datetime) -> PayRun:
    """Take the approval of a run back before any money left."""
    if not reason.strip():
        raise Invalid("reason_missing", "Say why the approval is taken back.", pointer="/reason")
    row = held(run)
    if row.state != State.APPROVED:
        raise Conflict(
            "illegal_move", "Only an approval that was not released yet can be taken back.",
            status=row.state,
        )  # fmt: skip
    _move(row, State.READY)
    row.approved_by, row.approved_at, row.approved_digest = "", None, ""
    return _kept(row, PayRunWithdrawn(subject=row.pk, reason=reason), actor, at)


def cancel(run: UUID, *, reason: str, actor: Actor, at: datetime) -> PayRun:
    """Cancel a run before it is approved; its charges are free for another run."""
    row = held(run)
    _move(row, State.CANCELLED)
    clear_drafts(row)
    Recovery.objects.filter(run=row, statement__isnull=True).update(owed=NOTHING)
    desk.close_for(
        [f"pay_run_blocked:{row.pk}"], resolution="The run was cancelled.", actor=actor, at=at
    )
    return _kept(row, PayRunCancelled(subject=row.pk, reason=reason), actor, at)


def reschedule(run: UUID, *, pay_on: date, reason: str, actor: Actor, at: datetime) -> PayRun:
    """Move a run to another pay day, on which banks work and which money can still reach.

    Tax goes by the pay day, so the run is open again and has to be calculated.
    """
    row = held(run)
    if row.kind == "void":
        raise Conflict("void_is_a_copy", "A void has the day of the one it takes back.")
    if row.state != State.OPEN:
        _move(row, State.OPEN)
    refuse_if(pay_day_faults(pay_on, row.currency, row.calendar.holidays, at))
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is moved.", pointer="/reason")
    clear_drafts(row)
    fact = PayRunRescheduled(
        subject=row.pk,
        reason=reason,
        changes={"pay_on": [row.pay_on.isoformat(), pay_on.isoformat()]},
    )
    row.pay_on, row.blockers, row.digest = pay_on, [], ""
    return _kept(row, fact, actor, at)


def clear_drafts(row: PayRun) -> None:
    """Take the drafts of a run away; what they paid waits for another one."""
    slips.clear(row)
    row.payslips = 0
    row.gross = row.taken = row.net = row.employer_cost = NOTHING


def _move(row: PayRun, to: str) -> None:
    row.state = states.must_move(row.state, to, PayRun.MOVES, "pay run")


def _kept(row: PayRun, fact: Fact, actor: Actor, at: datetime) -> PayRun:
    row.version += 1
    row.save()
    record([fact], actor=actor, at=at)
    return row
