"""Is a deed that dies at any statement done wholly or not at all, and finished by a retry?"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from backline.collections.actions import NewReceipt
from backline.kernel import feed
from backline.kernel.outcomes import one
from tenants.facility import actions as facility
from tests.books.crashing import digest, survives
from tests.books.trade import Trade, person
from tests.books.weeks import approved_week, ready_run


def numbered(trade: Trade) -> None:
    with trade.inside():
        feed.number()


def test_funding_dies_and_is_finished(real_trade: Trade) -> None:
    trade = real_trade
    trade.agrees_funding()
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    numbered(trade)
    assert survives(trade, lambda: facility.follow(trade.agency.ref, at=trade.at)) > 20
    assert trade.advance(invoice).advanced == Decimal("1080.00")
    assert trade.breaks() == []


def test_cash_handed_over_and_followed_dies_and_is_finished(real_trade: Trade) -> None:
    trade = real_trade
    trade.agrees_funding()
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    cash = NewReceipt(
        bank_reference="LOCKBOX",
        amount=Decimal("1200.00"),
        currency="GBP",
        received_on=trade.on,
        remittance=trade.invoice(invoice).number,
    )

    def handed() -> None:
        one(facility.hand_over(trade.agency.ref, [cash], **trade.told))

    assert survives(trade, handed) > 20
    after = digest(trade)
    handed()  # the answer was lost: told again
    assert digest(trade) == after
    numbered(trade)
    assert survives(trade, lambda: facility.follow(trade.agency.ref, at=trade.at)) > 20
    assert trade.advance(invoice).state == "released"
    assert trade.breaks() == []

    assert survives(trade, trade.settles) > 10
    after = digest(trade)
    trade.settles()
    facility.follow(trade.agency.ref, at=trade.at)
    assert trade.breaks() == []
    assert trade.balance("1510") == 0


def test_giving_back_dies_and_is_finished(real_trade: Trade) -> None:
    trade = real_trade
    trade.agrees_funding()
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    trade.goes_on(91)
    assert survives(trade, lambda: facility.follow(trade.agency.ref, at=trade.at)) > 20
    assert trade.advance(invoice).state == "charged_back"
    assert trade.breaks() == []


def test_final_invoices_die_and_are_finished_without_a_gap(real_trade: Trade) -> None:
    from backline.invoicing import actions as invoicing
    from backline.kernel.errors import Conflict

    trade = real_trade
    first, second = trade.client("First Ltd"), trade.client("Second Ltd")
    drafts = [
        trade.drafts(trade.engages(client), amount)
        for client, amount in ((first, "100.00"), (second, "200.00"))
    ]

    def finalized() -> Any:
        with trade.inside():
            return invoicing.finalize(drafts, **trade.told)

    assert survives(trade, finalized) > 10
    assert [trade.invoice(key).number for key in drafts] == ["INV-000001", "INV-000002"]
    after = digest(trade)
    assert all(isinstance(told.refusal, Conflict) for told in finalized())
    assert digest(trade) == after

    def credited() -> Any:
        return trade.credits(drafts[0])

    assert survives(trade, credited) > 20
    assert trade.balance("1100") == Decimal("240.00")


def test_an_approval_dies_and_is_finished(real_trade: Trade) -> None:
    from backline.charges.models import Charge
    from backline.timesheets import actions as timesheets

    trade = real_trade
    job = trade.engages(trade.client())
    sheet = approved_week(trade, job, date(2026, 6, 1), "45", approve=False)

    def approved() -> Any:
        with trade.inside():
            return one(timesheets.approve([sheet], actor=person("bob"), at=trade.at))

    assert survives(trade, approved) > 10
    with trade.inside():
        work = Charge.objects.exclude(code="holiday")
        assert sum(row.bill_amount for row in work) == Decimal("997.50")


def test_a_release_dies_and_is_finished(real_trade: Trade) -> None:
    from backline.payroll import actions as payroll
    from backline.payroll.models import Payment, Payslip

    trade = real_trade
    client = trade.client()
    for _ in range(3):
        approved_week(trade, trade.engages(client), date(2026, 6, 1), "40")
    run = ready_run(trade)
    with trade.inside():
        payroll.submit(run, **trade.told)
    with trade.inside():
        payroll.approve(run, actor=person("bob"), at=trade.at)

    def released() -> Any:
        with trade.inside():
            return payroll.release(run, actor=person("cat"), at=trade.at)

    assert survives(trade, released) > 10
    with trade.inside():
        nets = Payslip.objects.filter(run=run, run__is_final=True).values_list("net", flat=True)
        paid = Payment.objects.values_list("amount", flat=True)
        assert sorted(nets) == sorted(paid)
        assert len(nets) == 3
    assert trade.balance("2200") == 0
