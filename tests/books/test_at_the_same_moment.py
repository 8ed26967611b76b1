"""Two at the same moment: is there one effect, a clean no for the other, and never a deadlock?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from backline.kernel.errors import Conflict
from backline.kernel.outcomes import one
from tests.books.together import TRIES, at_once, one_did, raised
from tests.books.trade import Trade, person
from tests.books.weeks import approved_week, ready_run, worked_out


def test_two_approvals_of_a_week(real_trade: Trade) -> None:
    from backline.charges.models import Charge
    from backline.timesheets import actions as timesheets

    trade = real_trade
    job = trade.engages(trade.client())

    def approves(sheet: UUID, who: str) -> Any:
        with trade.inside():
            return one(timesheets.approve([sheet], actor=person(who), at=trade.at))

    for n in range(TRIES):
        monday = date(2026, 6, 1) + timedelta(days=7 * n)
        sheet = approved_week(trade, job, monday, "45", approve=False)
        one_did(at_once(partial(approves, sheet, "bob"), partial(approves, sheet, "cat")))
        with trade.inside():
            work = Charge.objects.filter(week_starts_on=monday).exclude(code="holiday")
            assert sum(row.bill_amount for row in work) == Decimal("997.50")
        trade.goes_on(7)


def test_two_sheets_of_one_workweek_approved_at_once(real_trade: Trade) -> None:
    """Overtime is of the week, so the second approval must see the first."""
    from backline.assignments import actions as assignments
    from backline.assignments.models import Assignment
    from backline.charges.models import Charge
    from backline.timesheets import actions as timesheets

    trade = real_trade
    client = trade.client()
    for n in range(TRIES):
        job = trade.engages(client)
        first = approved_week(trade, job, date(2026, 6, 1), "30", approve=False)
        with trade.inside():
            row = Assignment.objects.get(pk=job)
            rates = assignments.NewRates(
                since=date(2026, 6, 1),
                rates=[assignments.NewRate("regular", Decimal("15.00"), Decimal("21.00"))],
                pay_currency="GBP",
                bill_currency="GBP",
            )
            new = assignments.NewAssignment(
                worker=row.worker_id,
                client=client,
                engagement="paye",
                starts_on=date(2026, 6, 1),
                pay_frequency="weekly",
                rates=rates,
                site=row.site_id,
                approver=row.approver_id,
            )
            other = one(assignments.add([new], **trade.told))
            one(assignments.confirm([other], **trade.told))
        second = _cleared_week(trade, other)

        def approves(sheet: UUID, who: str) -> Any:
            with trade.inside():
                return one(timesheets.approve([sheet], actor=person(who), at=trade.at))

        found = at_once(partial(approves, first, "bob"), partial(approves, second, "cat"))
        assert raised(found) == [], n
        with trade.inside():
            work = Charge.objects.filter(worker_id=row.worker_id).exclude(code="holiday")
            assert sum(charge.pay_quantity for charge in work) == Decimal("60")


def _cleared_week(trade: Trade, job: UUID) -> UUID:
    from backline.onboarding import actions as onboarding

    with trade.inside():
        onboarding.look([job], **trade.told)
    return approved_week(trade, job, date(2026, 6, 1), "30", approve=False)


def test_two_releases_of_a_run(real_trade: Trade) -> None:
    from backline.payroll import actions as payroll
    from backline.payroll.models import Payment

    trade = real_trade
    job = trade.engages(trade.client())

    def releases(run: UUID, who: str) -> Any:
        with trade.inside():
            return payroll.release(run, actor=person(who), at=trade.at)

    for n in range(TRIES):
        approved_week(trade, job, date(2026, 6, 1) + timedelta(days=7 * n), "40")
        run = ready_run(trade)
        with trade.inside():
            payroll.submit(run, **trade.told)
        with trade.inside():
            payroll.approve(run, actor=person("bob"), at=trade.at)
        one_did(at_once(partial(releases, run, "cat"), partial(releases, run, "dan")))
        with trade.inside():
            assert Payment.objects.filter(run=run).count() == 1
        assert trade.balance("2200") == 0
        trade.goes_on(7)


def test_two_calculations_of_a_run(real_trade: Trade) -> None:
    from backline.payroll.models import PayRun, Payslip

    trade = real_trade
    job = trade.engages(trade.client())
    approved_week(trade, job, date(2026, 6, 1), "40")
    run = ready_run(trade)
    for _ in range(TRIES):
        found = at_once(partial(worked_out, trade, run), partial(worked_out, trade, run))
        assert all(isinstance(no, Conflict) for no in raised(found)), found
        with trade.inside():
            assert Payslip.objects.filter(run=run).count() == 1
            assert PayRun.objects.get(pk=run).state == "ready"


def test_two_finalisations_and_a_rollback_leave_no_gap(real_trade: Trade) -> None:
    from backline.invoicing import actions as invoicing
    from backline.invoicing.models import Invoice

    trade = real_trade
    jobs = [trade.engages(trade.client(f"Client {n}")) for n in range(3)]

    def finalizes(*drafts: UUID) -> Any:
        with trade.inside():
            outcomes = invoicing.finalize(list(drafts), **trade.told)
            return [outcome.refusal for outcome in outcomes]

    def fails(draft: UUID) -> None:
        with trade.inside():
            one(invoicing.finalize([draft], **trade.told))
            raise ZeroDivisionError

    for _ in range(TRIES):
        first, second, third = (trade.drafts(job, "100.00") for job in jobs)
        found = at_once(
            partial(finalizes, first, second),
            partial(finalizes, second, first),
            partial(fails, third),
        )
        assert [type(no) for no in raised(found)] == [ZeroDivisionError], found
        refused = [no for told in found[:2] for no in told if no is not None]
        assert [type(no) for no in refused] == [Conflict, Conflict]
        finalizes(third)
    with trade.inside():
        rows = Invoice.objects.filter(state="finalized").order_by("number")
        numbers = [int(str(row.number).split("-")[1]) for row in rows]
    assert numbers == list(range(1, 3 * TRIES + 1))


def test_one_key_posted_by_many_at_once(real_trade: Trade) -> None:
    from backline.ledger import actions as ledger
    from backline.ledger.actions import EntrySet, Leg
    from backline.ledger.models import Posting

    trade = real_trade

    def posts(*keys: str, amount: str = "1.00") -> int:
        sets = [
            EntrySet(
                key=key,
                kind="test",
                effective_on=trade.on,
                currency="GBP",
                legs=(Leg("1020", "3000", Decimal(amount)),),
            )
            for key in keys
        ]
        with trade.inside():
            return ledger.post(sets, **trade.told)

    for n in range(TRIES):
        keys = [f"k{n}:{m}" for m in range(5)]
        found = at_once(
            partial(posts, *keys), partial(posts, *reversed(keys)), partial(posts, keys[2])
        )
        assert raised(found) == []
        assert sum(found) == 5
        one_did(at_once(partial(posts, f"x{n}"), partial(posts, f"x{n}", amount="2.00")), Conflict)
        trade.goes_on(1)
    with trade.inside():
        assert Posting.objects.filter(kind="test").count() == 6 * TRIES


def test_one_operation_accepted_by_many_at_once(real_trade: Trade) -> None:
    from backline.kernel import operations
    from backline.kernel.models import OperationItem

    trade = real_trade

    def accepts() -> UUID:
        with trade.inside():
            return operations.accept("test", key="same", refs=["1", "2"], **trade.told).pk

    found = at_once(*[accepts] * 4)
    assert len(set(found)) == 1
    with trade.inside():
        assert OperationItem.objects.filter(operation=found[0]).count() == 2


def test_a_returned_payment_paid_again_twice_at_once(real_trade: Trade) -> None:
    from backline.directory import actions as directory
    from backline.directory.models import BankAccount
    from backline.payroll import actions as payroll
    from backline.payroll.actions.settling import Return
    from backline.payroll.models import Payment

    trade = real_trade
    approved_week(trade, trade.engages(trade.client()), date(2026, 6, 1), "40")
    run = ready_run(trade)
    with trade.inside():
        payroll.submit(run, **trade.told)
    with trade.inside():
        payroll.approve(run, actor=person("bob"), at=trade.at)
    with trade.inside():
        payroll.release(run, actor=person("cat"), at=trade.at)
        payment = Payment.objects.get()
    back = [Return(payment.pk, "RFIC", "closed")]

    def returns() -> None:
        with trade.inside():
            one(payroll.return_payments(back, on=trade.on, **trade.told))

    assert raised(at_once(returns, returns)) == []
    with trade.inside():
        assert BankAccount.objects.get().state != "approved"
        account = directory.propose(
            worker=payment.worker_id, rail="bacs", holder="A Byron", routing="40-47-84",
            account="70872491", **trade.told,
        )  # fmt: skip
        one(directory.approve([account.pk], actor=person("bob"), at=trade.at))

    def repays(who: str) -> Any:
        with trade.inside():
            return payroll.repay(payment.pk, actor=person(who), at=trade.at)

    one_did(at_once(partial(repays, "cat"), partial(repays, "dan")))
    with trade.inside():
        assert Payment.objects.count() == 2
    assert trade.balance("2200") == 0


@pytest.fixture(autouse=True)
def _patient(settings: Any) -> None:
    settings.OUTWARD = settings.OUTWARD_DUE = []
