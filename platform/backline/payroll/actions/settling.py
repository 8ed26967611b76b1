"""Payments settled or returned as the bank says, and returned ones paid again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.directory import actions as directory_actions
from backline.directory import queries as directory
from backline.directory.models import Intermediary, Worker
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Forbidden, Missing, Refusal
from backline.kernel.events import Fact, record
from backline.kernel.outcomes import Outcome, in_order
from backline.ledger import actions as ledger
from backline.payroll import banking, deadlines, posting
from backline.payroll.actions.recovering import came_back
from backline.payroll.events import (
    PaymentRepeated,
    PaymentReturned,
    PaymentReversing,
    PayRunSettled,
)
from backline.payroll.models import Payment, PayRun, Payslip

State = Payment.State
NOT_OWED = frozenset({"duplicate", "wrong_amount"})


@dataclass(frozen=True, slots=True)
class Return:
    """A payment the bank sent back, with its code and reason."""

    payment: UUID
    code: str
    reason: str


def settle(payments: Sequence[UUID], *, on: date, actor: Actor, at: datetime) -> list[Outcome]:
    """Note that payments left the bank on a day; a payment that is settled already stays so.

    One that was asked back and settles all the same was not to be had.
    """
    rows, refusals = _held(payments, {State.SENT, State.SETTLED, State.REVERSING})
    sent = [row for row in rows if row.settled_at is None]
    Payment.objects.filter(pk__in=[row.pk for row in rows]).exclude(state=State.SETTLED).update(
        state=State.SETTLED
    )
    Payment.objects.filter(pk__in=[row.pk for row in sent]).update(settled_at=at)
    ledger.post([posting.settled(row, on) for row in sent], actor=actor, at=at)
    _follow({row.run_id for row in rows}, actor, at)
    return in_order(payments, refusals)


def return_payments(
    returns: Sequence[Return], *, on: date, actor: Actor, at: datetime
) -> list[Outcome]:
    """Note that the bank sent payments back: owed again, the account out of use, and on somebody's
    desk.

    The same return again changes nothing.
    """
    told = {one.payment: one for one in returns}
    rows, refusals = _held(list(told), {State.SENT, State.SETTLED, State.REVERSING, State.RETURNED})
    fresh = [row for row in rows if row.state != State.RETURNED]
    ledger.post(
        [posting.returned(row, on, was_settled=row.settled_at is not None) for row in fresh],
        actor=actor,
        at=at,
    )
    came_back(fresh, on=on, actor=actor, at=at)
    asked_back = {row.pk for row in fresh if row.state == State.REVERSING}
    for row in fresh:
        row.state = State.RETURNED
        row.return_code, row.return_reason = told[row.pk].code, told[row.pk].reason[:200]
    Payment.objects.bulk_update(fresh, ["state", "return_code", "return_reason"])
    # what we asked back says nothing against the account it went to
    bounced = [row for row in fresh if row.pk not in asked_back]
    accounts = [row.bank_account_id for row in bounced if row.bank_account_id]
    directory_actions.fail(accounts, reason="The bank sent a payment back.", actor=actor, at=at)
    record((_returned(row) for row in fresh), actor=actor, at=at)
    desk.open_exceptions((_found(row) for row in fresh), actor=actor, at=at)
    desk.write(_letters(bounced), at=at)
    _follow({row.run_id for row in fresh}, actor, at)
    return in_order(list(told), refusals)


def _letters(rows: Sequence[Payment]) -> Iterator[desk.Letter]:
    """What each payee is told whose payment came back."""
    firm = directory.firm().trading_name
    workers = Worker.objects.in_bulk([row.worker_id for row in rows if row.worker_id])
    companies = Intermediary.objects.in_bulk(
        [row.intermediary_id for row in rows if row.intermediary_id]
    )
    for row in rows:
        worker = workers.get(row.worker_id) if row.worker_id else None
        company = companies.get(row.intermediary_id) if row.intermediary_id else None
        name = worker.given_name if worker else company.legal_name if company else ""
        address = worker.email if worker else company.email if company else ""
        if address:
            yield desk.Letter(
                key=f"payment_returned:{row.pk}",
                kind="payment_returned",
                to_address=address,
                to_name=name,
                subject_line=f"Your payment from {firm} came back",
                body=(
                    f"{name},\n\nyour bank sent back {row.amount} {row.currency}"
                    f" ({row.return_reason or row.return_code}).\nPlease give {firm} your bank"
                    " details again; it is paid as soon as they are checked.\n"
                ),
                about=row.pk,
            )


def repay(payment: UUID, *, actor: Actor, at: datetime) -> Payment:
    """Pay a returned payment again, to details approved since; the preparer of the run
    cannot. Once only.
    """
    if actor.kind != "person":
        raise Forbidden("person_needed", "Payments are released by a person.")
    row = _one(payment)
    _must_be_repayable(row, actor)
    account = _approved(row)
    (reference,) = banking.references(1)
    again = banking.Sending(
        account=account,
        amount=row.amount,
        reference=reference,
        replaces_id=row.pk,
    )
    batch = 1 + row.run.files.filter(rail=account.rail).count()
    files = banking.send(row.run, [again], batch=batch, actor=actor, at=at)
    ledger.post([posting.sent(row.run, file, [again]) for file in files], actor=actor, at=at)
    record([PaymentRepeated(subject=again.id, replaces=str(row.pk))], actor=actor, at=at)
    desk.close_for(
        [f"payment_returned:{row.pk}"],
        resolution="Paid again to new details.",
        actor=actor,
        at=at,
        outcome={"payment": str(again.id)},
    )
    return Payment.objects.get(pk=again.id)


def _must_be_repayable(row: Payment, actor: Actor) -> None:
    if row.state != State.RETURNED or Payment.objects.filter(replaces=row).exists():
        raise Conflict(
            "illegal_move", "Only a returned payment that was not repeated yet is paid again.",
            status=row.state,
        )  # fmt: skip
    if actor.id == row.run.prepared_by:
        raise Forbidden("second_person_needed", "Who prepared the run cannot release payments.")
    if row.reversal_reason in NOT_OWED:
        raise Conflict(
            "asked_back", "It was asked back because it was not owed; void the statement instead."
        )
    voided = Payslip.objects.filter(voids__run=row.run_id, voids__intermediary=row.intermediary_id)
    if row.worker_id is not None:
        voided = voided.filter(voids__worker=row.worker_id)
    if voided.exists():
        raise Conflict("statement_voided", "What it paid was voided; pay the work in a new run.")


def reverse(payment: UUID, *, reason: str, note: str = "", actor: Actor, at: datetime) -> Payment:
    """Ask the bank for a sent payment back: a duplicate, a wrong amount or a wrong account.

    Refused after the rail's deadline. What becomes of it the bank says: a return, or it settles.
    """
    if actor.kind != "person":
        raise Forbidden("person_needed", "A payment is asked back by a person.")
    row = _one(payment)
    if row.state not in {State.SENT, State.SETTLED} or row.file is None:
        raise Conflict("illegal_move", f"This payment is {row.state}.", status=row.state)
    if actor.id == row.run.prepared_by:
        raise Forbidden("second_person_needed", "Who prepared the run cannot ask payments back.")
    last = deadlines.reverse_by(row.file.process_on, row.rail, row.run.calendar.holidays)
    if deadlines.today(at) > last:
        raise Conflict(
            "deadline_passed",
            f"A bank takes it back until {last.isoformat()}; void the statement and recover it.",
            reverse_by_on=last,
        )
    row.state, row.reversing_since = State.REVERSING, at
    row.reversal_reason, row.reversal_note = reason, note[:200]
    row.save(update_fields=["state", "reversing_since", "reversal_reason", "reversal_note"])
    fact = PaymentReversing(
        subject=row.pk,
        run=str(row.run_id),
        amount=row.amount,
        currency=row.currency,
        why=reason,
        reason=note,
    )
    record([fact], actor=actor, at=at)
    return row


def _one(payment: UUID) -> Payment:
    row = (
        Payment.objects.select_for_update(of=("self",))
        .select_related("run__calendar", "file")
        .filter(pk=payment)
        .first()
    )
    if row is None:
        raise Missing("not_found", "There is no such payment.")
    return row


def _approved(row: Payment) -> directory.PayeeAccount:
    """The account a returned payment can go to now; raises Conflict when none was approved."""
    payee = row.intermediary_id or row.worker_id
    accounts = directory.approved_accounts(
        workers=[row.worker_id] if row.worker_id else (),
        intermediaries=[row.intermediary_id] if row.intermediary_id else (),
    )
    account = accounts.get(payee) if payee else None
    if account is None:
        raise Conflict(
            "bank_account_missing", "New bank details must be approved before it is paid again."
        )
    return account


def _held(payments: Sequence[UUID], allowed: set[str]) -> tuple[list[Payment], dict[UUID, Refusal]]:
    rows = list(Payment.objects.select_for_update().filter(pk__in=payments).order_by("id"))
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such payment.")
        for key in set(payments) - {row.pk for row in rows}
    }
    for row in rows:
        if row.state not in allowed:
            refusals[row.pk] = Conflict(
                "illegal_move", f"This payment is {row.state}.", status=row.state
            )
    return [row for row in rows if row.pk not in refusals], refusals


def _follow(runs: set[UUID], actor: Actor, at: datetime) -> None:
    """Let each run be settled, or partly paid, as its payments are."""
    facts: list[Fact] = []
    for run in PayRun.objects.select_for_update().filter(pk__in=runs).order_by("id"):
        paid = Payment.objects.filter(run=run, replaced_by__isnull=True)
        states = set(paid.values_list("state", flat=True).distinct())
        if states == {State.SETTLED}:
            to = PayRun.State.SETTLED
        elif State.RETURNED in states:
            to = PayRun.State.PARTLY_PAID
        else:
            continue
        if run.state != to:
            run.state, run.version = to, run.version + 1
            run.save(update_fields=["state", "version"])
            facts.append(PayRunSettled(subject=run.pk, state=to))
    record(facts, actor=actor, at=at)


def _returned(row: Payment) -> PaymentReturned:
    return PaymentReturned(
        subject=row.pk,
        run=str(row.run_id),
        amount=row.amount,
        currency=row.currency,
        code=row.return_code,
        reason=row.return_reason,
    )


def _found(row: Payment) -> desk.Found:
    return desk.Found(
        kind="payment_returned",
        key=f"payment_returned:{row.pk}",
        title="The bank sent a payment back",
        detail=f"{row.return_code}: {row.return_reason}",
        about_kind="payment",
        about=row.pk,
        stops="pay",
        at_stake=row.amount,
        currency=row.currency,
        suggested="Get new bank details approved, then pay it again.",
    )
