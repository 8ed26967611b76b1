"""Runs released by a third person: payslips final, books posted, payments frozen, bank files
made once.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backline.directory import queries as directory
from backline.directory.models import BankAccount
from backline.kernel import numbers, operations, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Forbidden
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.ledger import actions as ledger
from backline.payroll import banking, dues, posting, queries
from backline.payroll.actions import following, voiding
from backline.payroll.actions.calculating import held
from backline.payroll.actions.holding import must_hold
from backline.payroll.banking import Sending
from backline.payroll.events import PayRunReleased
from backline.payroll.models import Payment, PayRun, Payslip, PayslipLine, SupplierInvoice
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
    must_hold(row)
    # what a payslip was made from weighs more than all the rest of it and is not asked here
    drafts = Payslip.objects.filter(run=row).defer("situation", "carried_forward")
    slips = list(drafts.order_by("id"))
    lines = list(PayslipLine.objects.filter(payslip__run=row).order_by("payslip_id", "n"))
    ledger.post([posting.released(row, slips, lines)], actor=actor, at=at)
    if row.kind == "void":
        voiding.take_back(row, slips, actor=actor, at=at)
    Payslip.objects.filter(run=row).update(is_final=True)
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
    operations.accept(
        PAPERS,
        key=f"{PAPERS}:{row.pk}",
        refs=[(str(one.pk), {"is_payment": True}) for one in payments if one.intermediary_id],
        subject=row.pk,
        actor=actor,
        at=at,
    )
    return row


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


def _pay(row: PayRun, slips: Sequence[Payslip], actor: Actor, at: datetime) -> list[Payment]:
    """One payment a payee, to the bank details that were approved with the run; nothing is paid
    of nothing.
    """
    sums: dict[Payee, list[Payslip]] = {}
    for slip in slips:
        key = (None, slip.intermediary_id) if slip.intermediary_id else (slip.worker_id, None)
        sums.setdefault(key, []).append(slip)
    amounts = {
        key: sum((slip.net for slip in own), NOTHING) for key, own in sorted(sums.items(), key=str)
    }
    due = {key: amount for key, amount in amounts.items() if amount > 0}
    sendings = _sendings(row, due, sums)
    files = banking.send(row, sendings, batch=1, actor=actor, at=at) if sendings else []
    payments = [one.payment for one in sendings]
    ledger.post(
        [
            posting.sent(row, file, [one for one in payments if one.file_id == file.pk])
            for file in files
        ],
        actor=actor,
        at=at,
    )
    return payments


def _sendings(
    row: PayRun, due: dict[Payee, Decimal], sums: dict[Payee, list[Payslip]]
) -> list[Sending]:
    accounts = directory.approved_accounts(
        workers=[worker for worker, _ in due if worker],
        intermediaries=[company for _, company in due if company],
    )
    series = {company: f"remittance:{company}" for _, company in due if company}
    taken = numbers.take_each(list(series.values()))
    sendings = []
    references = banking.references(len(due))
    for ((worker, company), amount), reference in zip(due.items(), references, strict=True):
        account = _account(accounts, worker or company)
        payment = Payment(
            id=new_id(),
            run=row,
            worker_id=worker,
            intermediary_id=company,
            bank_account=account,
            rail=account.rail,
            amount=amount,
            currency=row.currency,
            reference=reference,
            number=f"SB-{taken[series[company]]:06d}" if company else "",
        )
        is_contractor = all(slip.route == "1099" for slip in sums[worker, company])
        sendings.append(Sending(payment, account, is_contractor))
    return sendings


def _account(accounts: dict[UUID, BankAccount], payee: UUID | None) -> BankAccount:
    account = accounts.get(payee) if payee else None
    if account is None:
        raise Conflict(
            "bank_account_missing",
            "A payee has no approved bank account any more; withdraw the approval and calculate.",
            payee=str(payee),
        )
    return account
