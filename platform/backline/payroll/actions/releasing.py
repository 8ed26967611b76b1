"""Runs released by a third person: payslips final, books posted, payments frozen, bank files
made once.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backline.directory import queries as directory
from backline.directory.models import BankAccount
from backline.kernel import operations, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Forbidden
from backline.kernel.events import record
from backline.ledger import actions as ledger
from backline.payroll import banking, dues, posting
from backline.payroll.actions.calculating import digest_of, held
from backline.payroll.events import PayRunReleased
from backline.payroll.models import Payment, PayRun, Payslip, PayslipLine
from rulebook.money import NOTHING

PAPERS = "pay_run.papers"
State = PayRun.State


def release(run: UUID, *, actor: Actor, at: datetime) -> PayRun:
    """Let the money of an approved run go: everything in this transaction or nothing.

    The releaser is neither preparer nor approver, unless the partner's policy lets the preparer of
    a small
    agency release. The figures must be those that were approved. The papers follow as an operation.
    """
    if actor.kind != "person":
        raise Forbidden("person_needed", "Pay is released by a person.")
    row = held(run)
    row.state = states.must_move(row.state, State.RELEASING, PayRun.MOVES, "pay run")
    _must_be_third(row, actor)
    if digest_of(row) != row.approved_digest:
        raise Conflict("figures_changed", "The payslips are not those that were approved.")
    slips = list(Payslip.objects.select_for_update().filter(run=row).order_by("id"))
    lines = list(PayslipLine.objects.filter(payslip__run=row).order_by("payslip_id", "n"))
    ledger.post([posting.released(row, slips, lines)], actor=actor, at=at)
    Payslip.objects.filter(run=row).update(is_final=True)
    dues.write(row, slips, lines)
    payments = _freeze(row, slips)
    files = banking.make_files(row, payments, batch=1, actor=actor, at=at)
    for file in files:
        own = [payment for payment in payments if payment.file_id == file.pk]
        ledger.post([posting.sent(row, file.batch, own)], actor=actor, at=at)
    row.released_by, row.released_at = actor.id, at
    row.state = states.must_move(row.state, State.RELEASED, PayRun.MOVES, "pay run")
    row.version += 1
    row.save()
    fact = PayRunReleased(
        subject=row.pk,
        pay_on=row.pay_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
        net=row.net,
        currency=row.currency,
    )
    record([fact], actor=actor, at=at)
    operations.accept(
        PAPERS,
        key=f"{PAPERS}:{row.pk}",
        refs=[str(slip.pk) for slip in slips],
        subject=row.pk,
        actor=actor,
        at=at,
    )
    return row


def _must_be_third(row: PayRun, actor: Actor) -> None:
    policy = directory.firm().settings.get("preparer_may_release", False)
    row.preparer_may_release = bool(policy)
    is_preparer = actor.id == row.prepared_by and not policy
    if actor.id == row.approved_by or is_preparer:
        raise Forbidden("third_person_needed", "Who prepared or approved a run cannot release it.")


def _freeze(row: PayRun, slips: Sequence[Payslip]) -> list[Payment]:
    """One payment a payee, to the bank details approved at this moment; nothing is paid of
    nothing.
    """
    sums: dict[tuple[UUID | None, UUID | None], list[Payslip]] = {}
    for slip in slips:
        key = (None, slip.intermediary_id) if slip.intermediary_id else (slip.worker_id, None)
        sums.setdefault(key, []).append(slip)
    accounts = directory.approved_accounts(
        workers=[worker for worker, _ in sums if worker],
        intermediaries=[company for _, company in sums if company],
    )
    first = row.pk.hex[-6:].upper()
    payments = []
    for n, ((worker, company), own) in enumerate(sorted(sums.items(), key=str), start=1):
        amount = sum((slip.net for slip in own), NOTHING)
        if amount:
            account = _account(accounts, worker or company)
            payments.append(
                Payment(
                    run=row,
                    worker_id=worker,
                    intermediary_id=company,
                    bank_account=account,
                    rail=account.rail,
                    amount=amount,
                    currency=row.currency,
                    reference=f"PAY {first} {n:05d}",
                )
            )
    Payment.objects.bulk_create(payments)
    return payments


def _account(accounts: dict[UUID, BankAccount], payee: UUID | None) -> BankAccount:
    account = accounts.get(payee) if payee else None
    if account is None:
        raise Conflict(
            "bank_account_missing",
            "A payee has no approved bank account any more; withdraw the approval and calculate.",
            payee=str(payee),
        )
    return account
