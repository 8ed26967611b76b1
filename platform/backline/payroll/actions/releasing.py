"""Runs released by a third person: payslips final, books posted, payments frozen, bank files
made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import UUID

from backline.directory import queries as directory
from backline.directory.queries import PayeeAccount
from backline.kernel import locks, numbers, operations, rows, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Forbidden
from backline.kernel.events import record
from backline.ledger import actions as ledger
from backline.ledger.actions import Leg
from backline.payroll import banking, dues, latest, posting, queries, statements
from backline.payroll.actions import following, voiding
from backline.payroll.actions.calculating import held
from backline.payroll.actions.holding import must_hold
from backline.payroll.banking import Sending
from backline.payroll.dues import Dues
from backline.payroll.events import PayRunReleased
from backline.payroll.models import PayRun, Payslip, SupplierInvoice
from backline.payroll.statements import Due, Figure, Statement

PAPERS = "pay_run.papers"
State = PayRun.State


@dataclass(slots=True)
class Whole:
    """What the statements of a run come to beside entries, added up one after the other."""

    dues: Dues = field(default_factory=Dues)
    balances: list[tuple[Statement, Figure]] = field(default_factory=list)

    def add(self, slip: Statement, lines: Sequence[Figure]) -> None:
        """Add a statement."""
        self.dues.add(slip, lines)
        self.balances += [(slip, line) for line in lines if following.is_about(line)]


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
    whole = _post(row, actor, at)
    if row.kind == "void":
        voiding.take_back(row, actor=actor, at=at)
    latest.note(row)
    following.follow(row, whole.balances, actor, at)
    dues.write(row, whole.dues)
    _use_invoices(row)
    payments = _pay(row, actor, at)
    row.released_by, row.released_at = actor.id, at
    row.state = states.must_move(row.state, State.RELEASED, PayRun.MOVES, "pay run")
    if not payments:
        row.state = states.must_move(row.state, State.SETTLED, PayRun.MOVES, "pay run")
    row.version += 1
    row.save()
    record([_told(row)], actor=actor, at=at)
    _remit(row, payments, actor, at)
    return row


def _post(row: PayRun, actor: Actor, at: datetime) -> Whole:
    """Post the entries of every statement, and give what else they come to; each is read once, and
    of a long run no more than its entries is held.
    """
    legs: list[Leg] = []
    whole = Whole()
    for slip, lines in statements.of_run(row):
        legs.extend(posting.legs(slip, lines))
        whole.add(slip, lines)
    ledger.post([posting.released(row, legs)], actor=actor, at=at)
    return whole


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


def _pay(row: PayRun, actor: Actor, at: datetime) -> list[Sending]:
    """One payment a payee, to the bank details that were approved with the run; nothing is paid
    of nothing.
    """
    left, sendings = statements.due(row), list[Sending]()
    while some := list(islice(left, rows.SOME)):
        sendings += _sendings(some)
    files = banking.send(row, sendings, batch=1, actor=actor, at=at) if sendings else []
    sent = (
        posting.sent(row, file, [one for one in sendings if one.file_id == file.pk])
        for file in files
    )
    ledger.post(sent, actor=actor, at=at)
    return sendings


def _sendings(due: Sequence[Due]) -> list[Sending]:
    companies = [one.intermediary_id for one in due if one.intermediary_id]
    accounts = directory.approved_accounts(
        workers=[one.person for one in due if one.person], intermediaries=companies
    )
    series = {company: f"remittance:{company}" for company in companies}
    taken = numbers.take_each(list(series.values()))
    references = banking.references(len(due))
    return [
        Sending(
            account=_account(accounts, person or company),
            amount=amount,
            reference=reference,
            number=f"SB-{taken[series[company]]:06d}" if company else "",
            is_contractor=is_contractor,
        )
        for (person, company, amount, is_contractor), reference in zip(due, references, strict=True)
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
