"""Runs submitted, approved by another person, rejected, withdrawn, cancelled."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from backline.kernel import states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Forbidden, Invalid
from backline.kernel.events import Fact, record
from backline.payroll.actions.calculating import digest_of, held
from backline.payroll.events import (
    PayRunApproved,
    PayRunCancelled,
    PayRunRejected,
    PayRunSubmitted,
    PayRunWithdrawn,
)
from backline.payroll.gathering import COUNTRY, EMPLOYED, figures_before
from backline.payroll.models import PayLine, PayRun, Payslip, PayslipLine
from backline.timesheets import actions as timesheets

State = PayRun.State


def submit(run: UUID, *, actor: Actor, at: datetime) -> PayRun:
    """Ask for approval of a ready run; whoever asks is its preparer."""
    row = held(run)
    _must_be_current(row)
    _move(row, State.SUBMITTED)
    row.prepared_by, row.submitted_at = actor.id, at
    return _kept(row, PayRunSubmitted(subject=row.pk), actor, at)


def approve(run: UUID, *, actor: Actor, at: datetime) -> PayRun:
    """Agree to exactly the figures of a submitted run; the preparer cannot. Time of its
    period is closed.
    """
    if actor.kind != "person":
        raise Forbidden("person_needed", "Pay is approved by a person.")
    row = held(run)
    _must_be_current(row)
    _move(row, State.APPROVED)
    if row.prepared_by == actor.id:
        raise Forbidden(
            "second_person_needed", "Who prepared a run cannot approve it; ask another person."
        )
    row.approved_by, row.approved_at, row.approved_digest = actor.id, at, row.digest
    if row.kind == "regular":
        timesheets.close_through(row.calendar.frequency, row.ends_on)
    fact = PayRunApproved(subject=row.pk, digest=row.digest, net=row.net, currency=row.currency)
    return _kept(row, fact, actor, at)


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
    drafts = Payslip.objects.filter(run=row)
    PayLine.objects.filter(payslip__in=drafts).delete()
    PayslipLine.objects.filter(payslip__in=drafts).delete()
    drafts.delete()
    return _kept(row, PayRunCancelled(subject=row.pk, reason=reason), actor, at)


def _must_be_current(row: PayRun) -> None:
    """Refuse figures that something has overtaken since they were worked out."""
    if row.state in {State.READY, State.SUBMITTED} and row.digest != digest_of(row):
        raise Conflict("figures_changed", "The payslips are no longer those; calculate again.")
    stale = overtaken(row)
    if stale:
        raise Conflict(
            "figures_overtaken",
            f"{len(stale)} workers were paid by another run meanwhile; calculate again.",
            workers=sorted(stale),
        )


def overtaken(row: PayRun) -> set[str]:
    """The workers whose year to date moved on since their payslip of this run was worked out."""
    slips = list(
        Payslip.objects.filter(run=row, route__in=EMPLOYED).values_list(
            "worker_id", "route", "follows"
        )
    )
    found: set[str] = set()
    for country in {COUNTRY[route] for _, route, _ in slips}:
        own: Iterable[UUID] = [worker for worker, route, _ in slips if COUNTRY[route] == country]
        before = figures_before(list(own), country, row.pay_on)
        found |= {
            str(worker)
            for worker, route, follows in slips
            if COUNTRY[route] == country and before.get(worker, (None, {}))[0] != follows
        }
    return found


def _move(row: PayRun, to: str) -> None:
    row.state = states.must_move(row.state, to, PayRun.MOVES, "pay run")


def _kept(row: PayRun, fact: Fact, actor: Actor, at: datetime) -> PayRun:
    row.version += 1
    row.save()
    record([fact], actor=actor, at=at)
    return row
