"""Runs released by a third person: payslips final, books posted, payments frozen, bank files
made once.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backline.directory import queries as directory
from backline.directory.queries import PayeeAccount
from backline.kernel import locks, numbers, operations, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Forbidden
from backline.kernel.events import record
from backline.ledger import actions as ledger
from backline.payroll import banking, dues, latest, posting, queries, statements
from backline.payroll.actions import following, voiding
from backline.payroll.actions.calculating import held
from backline.payroll.actions.holding import must_hold
from backline.payroll.banking import Sending
from backline.payroll.events import PayRunReleased
from backline.payroll.models import PayRun, Payslip, SupplierInvoice
from backline.payroll.statements import Statement
from rulebook.money import NOTHING

PAPERS = "pay_run.papers"
State = PayRun.State
Payee = tuple[UUID | None, UUID | None]


def release(run: UUID, *, actor: Actor, at: datetime) -> PayRun:
    """Let the money of an approved run go: everything in this transaction or nothing.

    The releaser is neither preparer nor approver, unless the partner's policy lets the preparer of
    a small agency release. The figures must be those that were approved. Companies' remittances
    follow as an operation; a payslip is put on paper when it is first asked for, and kept.
    """
    if actor.kind != "person":
        raise Forbidden("person_needed", "Pay is released by a person.")
    row = held(run)
    row.state = states.must_move(row.state, State.RELEASING, PayRun.MOVES, "pay run")
    _must_be_third(row, actor)
    if row.digest != row.approved_digest:
        raise Conflict("figures_changed", "The payslips are not those that were approved.")
    locks.alone("pay_run.release")  # two runs may pay the same worker: the second sees the first
    must_hold(row)
    slips, lines = statements.of_run(row), statements.figures_of_run(row)
    ledger.post([posting.released(row, slips, lines)], actor=actor, at=at)
    if row.kind == "void":
        voiding.take_back(row, actor=actor, at=at)
    Payslip.objects.filter(run=row).update(is_final=True)
    latest.note(row)
    following.follow(row, slips, lines, actor, at)
    dues.write(row, slips, lines)
    _use_invoices(row)
    payments = _pay(row, slips, actor, at)
    row.released_by, row.released_at = actor.id, at
    row.state = states.must_move(row.state, State.RELEASED, PayRun.MOVES, "pay run")
    if not payments:
        row.state = states.must_move(row.state, State.SETTLED, PayRun.MOVES, "pay run")
    row.version += 1
    row.save()
    record([_told(row)], actor=actor, at=at)
    _remit(row, payments, actor, at)
    return row


def _remit(row: PayRun, payments: Sequence[Sending], actor: Actor, at: datetime) -> None:
    """Have each company's remittance put on paper."""
    operations.accept(
        PAPERS,
        key=f"{PAPERS}:{row.pk}",
        refs=[(str(one.id), {"is_payment": True}) for one in payments if one.intermediary_id],
        subject=row.pk,
        actor=actor,
        at=at,
    )


def _told(row: PayRun) -> PayRunReleased:
    return PayRunReleased(
        subject=row.pk,
        pay_on=row.pay_on.isoformat(),
        ends_on=row.ends_on.isoformat(),
        net=row.net,
        currency=row.currency,
    )


def _must_be_third(row: PayRun, actor: Actor) -> None:
    row.preparer_may_release = queries.preparer_may_release()
    is_preparer = actor.id == row.prepared_by and not row.preparer_may_release
    if actor.id == row.approved_by or is_preparer:
        raise Forbidden("third_person_needed", "Who prepared or approved a run cannot release it.")


def _use_invoices(row: PayRun) -> None:
    """Note which invoices of companies this run pays; none is paid twice."""
    used = set(
        Payslip.objects.filter(
            run=row, voids__isnull=True, situation__invoice__id__isnull=False
        ).values_list("situation__invoice__id", flat=True)
    )
    if not used:
        return
    paid = SupplierInvoice.objects.filter(pk__in=used, state="accepted").update(
        state=SupplierInvoice.State.PAID, run=row
    )
    if paid != len(used):
        raise Conflict(
            "supplier_invoice_gone",
            "An invoice this run was to pay is no longer open; calculate again.",
        )


def _pay(row: PayRun, slips: Sequence[Statement], actor: Actor, at: datetime) -> list[Sending]:
    """One payment a payee, to the bank details that were approved with the run; nothing is paid
    of nothing.
    """
    sums: dict[Payee, Decimal] = {}
    others: set[Payee] = set()  # who is paid for anything but a contractor's work
    for slip in slips:
        key = (None, slip.intermediary_id) if slip.intermediary_id else (slip.worker_id, None)
        sums[key] = sums.get(key, NOTHING) + slip.net
        if slip.route != "1099":
            others.add(key)
    due = {key: sums[key] for key in sorted(sums, key=_named) if sums[key] > 0}
    sendings = _sendings(due, others)
    files = banking.send(row, sendings, batch=1, actor=actor, at=at) if sendings else []
    sent = (
        posting.sent(row, file, [one for one in sendings if one.file_id == file.pk])
        for file in files
    )
    ledger.post(sent, actor=actor, at=at)
    return sendings


def _named(payee: Payee) -> tuple[bool, UUID | None]:
    worker, company = payee
    return worker is None, worker or company


def _sendings(due: dict[Payee, Decimal], others: set[Payee]) -> list[Sending]:
    accounts = directory.approved_accounts(
        workers=[worker for worker, _ in due if worker],
        intermediaries=[company for _, company in due if company],
    )
    series = {company: f"remittance:{company}" for _, company in due if company}
    taken = numbers.take_each(list(series.values()))
    references = banking.references(len(due))
    return [
        Sending(
            account=_account(accounts, worker or company),
            worker_id=worker,
            intermediary_id=company,
            amount=amount,
            reference=reference,
            number=f"SB-{taken[series[company]]:06d}" if company else "",
            is_contractor=(worker, company) not in others,
        )
        for ((worker, company), amount), reference in zip(due.items(), references, strict=True)
    ]


def _account(accounts: dict[UUID, PayeeAccount], payee: UUID | None) -> PayeeAccount:
    account = accounts.get(payee) if payee else None
    if account is None:
        raise Conflict(
            "bank_account_missing",
            "A payee has no approved bank account any more; withdraw the approval and calculate.",
            payee=str(payee),
        )
    return account
