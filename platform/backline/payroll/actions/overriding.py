"""What one run takes instead of what stands; the standing deduction itself is left alone."""

from datetime import datetime
from uuid import UUID

from backline.directory.models import Order
from backline.kernel import states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.events import record
from backline.payroll import standing
from backline.payroll.actions.calculating import held
from backline.payroll.actions.deciding import clear_drafts
from backline.payroll.events import OverrideRemoved, OverrideSet
from backline.payroll.models import Override, PayRun, Recovery
from rulebook.money import Money

State = PayRun.State
CHANGEABLE = {State.OPEN, State.READY, State.BLOCKED, State.REJECTED}


def override(
    run: UUID,
    *,
    amount: Money,
    reason: str,
    order: UUID | None = None,
    recovery: UUID | None = None,
    actor: Actor,
    at: datetime,
) -> Override:
    """Take another amount of a deduction or a recovery in this run alone; the run is then
    calculated again. What a court or an authority ordered is taken as ordered.
    """
    row = _open(run)
    if (order is None) == (recovery is None):
        raise Invalid("one_of_two", "Name an order or a recovery.", pointer="/order")
    if amount.currency != row.currency:
        told = f"This run pays in {row.currency}."
        raise Invalid("currency_differs", told, pointer="/amount/currency")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why.", pointer="/reason")
    made, _ = Override.objects.update_or_create(
        run=row,
        order=_agreed(order, row) if order is not None else None,
        recovery=_recovery(recovery) if recovery is not None else None,
        defaults={
            "amount": amount.amount,
            "reason": reason[:200],
            "set_at": at,
            "set_by": actor.as_json(),
        },
    )
    fact = OverrideSet(
        subject=made.pk, run=str(run), amount=amount.amount, currency=row.currency, reason=reason
    )
    record([fact], actor=actor, at=at)
    return made


def take_override_back(override: UUID, *, actor: Actor, at: datetime) -> None:
    """Let a run take again what stands; it is then calculated again."""
    known = Override.objects.filter(pk=override).first()
    if known is None:
        raise Missing("not_found", "There is no such override.")
    _open(known.run_id)
    record([OverrideRemoved(subject=known.pk, run=str(known.run_id))], actor=actor, at=at)
    known.delete()


def _open(run: UUID) -> PayRun:
    """The locked run, open again: what was worked out no longer holds."""
    row = held(run)
    if row.kind == "void":
        raise Conflict("void_is_a_copy", "A void takes back what was taken, to the penny.")
    if row.state not in CHANGEABLE:
        raise Conflict("illegal_move", f"This run is {row.state}.", status=row.state)
    if row.state != State.OPEN:
        row.state = states.must_move(row.state, State.OPEN, PayRun.MOVES, "pay run")
        clear_drafts(row)
        row.blockers, row.digest, row.version = [], "", row.version + 1
        row.save()
    return row


def _recovery(recovery: UUID) -> Recovery:
    row = Recovery.objects.filter(pk=recovery).first()
    if row is None:
        raise Missing("not_found", "There is no such recovery.", pointer="/recovery")
    return row


def _agreed(order: UUID, run: PayRun) -> Order:
    row = Order.objects.select_related("worker").filter(pk=order).first()
    if row is None:
        raise Missing("not_found", "There is no such order.", pointer="/order")
    if standing.is_order(row, row.worker.country, run.pay_on):
        raise Conflict(
            "order_of_law",
            "What a court or an authority ordered is taken as ordered; have the order changed.",
        )
    return row
