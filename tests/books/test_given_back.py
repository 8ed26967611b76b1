"""What becomes of an advance that the client's money does not repay, and of money taken back?"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from backline.kernel.errors import Conflict
from tests.books.trade import TERMS, Trade

F8 = {
    "advance_share": "0.88",
    "fees": [{"code": "daily", "kind": "daily", "share": "0.0004", "basis": 1}],
    "recourse_days": 90,
}


@pytest.mark.capability("FU-08")
def test_an_unpaid_invoice_goes_back_the_day_after_its_recourse_days(trade: Trade) -> None:
    """money.md F8 with VAT: face 12,500.00 at 88 %, fee 0.04 % a day for 90 days."""
    trade.agrees_funding(F8)
    invoice = trade.bills(trade.engages(trade.client()), "10416.67")
    trade.catches_up()
    assert trade.balance("2500") == Decimal("-11000.00")
    trade.settles()

    trade.goes_on(76)
    trade.catches_up()
    (warning,) = trade.open_troubles("charge_back_due")
    assert "14 days" in warning.detail
    trade.goes_on(14)
    trade.catches_up()
    assert trade.advance(invoice).state == "advanced"
    trade.goes_on(1)
    trade.catches_up()

    row = trade.advance(invoice)
    assert (row.state, row.charged_back, row.fee) == (
        "charged_back",
        Decimal("11000.00"),
        Decimal("450.00"),
    )
    assert trade.open_troubles("charge_back_due") == []
    (told,) = trade.open_troubles("charged_back")
    assert told.at_stake == Decimal("11450.00")
    assert trade.balance("1100", invoice) == Decimal("12500.00")  # the whole claim again
    assert trade.balance("1105") == trade.balance("2500") == 0
    assert trade.breaks() == []

    # what the agency owes is no wire; it is kept from the next advance
    assert trade.settles().moves == ()
    trade.bills(trade.engages(trade.client("Other Ltd")), "12000.00")
    trade.catches_up()
    trade.goes_on(7)
    (wire,) = trade.settles().moves
    assert wire.amount == Decimal("12672.00") - Decimal("11450.00")
    assert trade.breaks() == []


@pytest.mark.capability("FU-08")
def test_what_is_paid_after_it_was_given_back_is_the_agencys_alone(trade: Trade) -> None:
    trade.agrees_funding(F8)
    invoice = trade.bills(trade.engages(trade.client()), "10416.67")
    trade.catches_up()
    trade.goes_on(91)
    trade.catches_up()
    due = trade.balance("1510")
    trade.hands_over("12500.00", trade.invoice(invoice).number)
    trade.catches_up()

    assert trade.balance("1510") == due + Decimal("12500.00")
    assert trade.advance(invoice).repaid == 0
    assert trade.partner_balance("2600") == 0
    assert trade.breaks() == []


@pytest.mark.parametrize("late", [0, 30])
def test_how_late_the_day_is_noticed_changes_nothing(trade: Trade, late: int) -> None:
    trade.agrees_funding(F8)
    invoice = trade.bills(trade.engages(trade.client()), "10416.67")
    trade.catches_up()
    trade.goes_on(91 + late)
    trade.catches_up()
    row = trade.advance(invoice)
    assert (row.charged_back, row.fee) == (Decimal("11000.00"), Decimal("450.00"))


def test_money_that_came_in_time_is_no_reason_to_give_back(trade: Trade) -> None:
    trade.agrees_funding(F8)
    invoice = trade.bills(trade.engages(trade.client()), "10416.67")
    trade.catches_up()
    trade.goes_on(91)
    # handed over before anybody noticed that the days are over
    trade.hands_over("12500.00", trade.invoice(invoice).number, days_ago=5)
    trade.catches_up()
    row = trade.advance(invoice)
    assert (row.state, row.charged_back) == ("released", 0)
    assert trade.breaks() == []


def test_a_credit_note_after_the_advance_is_an_over_advance(trade: Trade) -> None:
    trade.agrees_funding()
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    trade.credits(invoice)
    trade.catches_up()

    row = trade.advance(invoice)
    assert trade.invoice(invoice).open_amount == 0
    assert (row.state, row.repaid, row.charged_back) == (
        "released",
        Decimal("0.00"),
        Decimal("1080.00"),
    )
    assert trade.balance("2500") == 0
    assert trade.balance("1105") == 0
    (trouble,) = trade.open_troubles("over_advance")
    assert trouble.at_stake == Decimal("1080.00")
    assert trade.breaks() == []


def test_a_part_credited_leaves_more_out_than_is_owed(trade: Trade) -> None:
    from backline.invoicing import actions as invoicing

    trade.agrees_funding()
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    with trade.inside():
        invoicing.adjust(invoice, line=0, rate=Decimal("400.00"), reason="agreed", **trade.told)
    trade.catches_up()
    assert trade.invoice(invoice).open_amount == Decimal("480.00")
    (trouble,) = trade.open_troubles("over_advance")
    assert trouble.at_stake == Decimal("648.00")  # 1,080.00 out, 90 % of 480.00 allowed
    assert trade.breaks() == []

    trade.hands_over("480.00", trade.invoice(invoice).number)
    trade.catches_up()
    row = trade.advance(invoice)
    assert (row.repaid, row.charged_back) == (Decimal("480.00"), Decimal("600.00"))
    assert trade.balance("2500") == 0
    assert trade.breaks() == []


def test_a_short_payment_leaves_its_rest_open(trade: Trade) -> None:
    """money.md F6: the client pays 97 %; the advance and the fee are covered, the rest is open."""
    trade.agrees_funding()
    invoice = trade.bills(trade.engages(trade.client()), "10000.00")
    trade.catches_up()
    trade.goes_on(30)
    receipt = trade.hands_over("11640.00")
    trade.allocates(receipt, invoice, "11640.00")
    trade.catches_up()
    row = trade.advance(invoice)
    assert (row.state, row.repaid, row.released) == (
        "repaid",
        Decimal("10800.00"),
        Decimal("840.00"),
    )
    assert trade.balance("1105", invoice) == Decimal("360.00")
    assert trade.breaks() == []


def test_money_taken_back_goes_the_same_way_back(trade: Trade) -> None:
    trade.agrees_funding()
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    before = (trade.balance("2500"), trade.balance("1105"), trade.balance("1510"))
    trade.hands_over("1200.00", trade.invoice(invoice).number)
    trade.catches_up()
    assert trade.advance(invoice).state == "released"
    trade.takes_back(invoice)
    trade.catches_up()

    assert trade.advance(invoice).state == "advanced"
    assert (trade.balance("2500"), trade.balance("1105")) == before[:2]
    assert trade.balance("1510") == before[2] + Decimal("1200.00")  # not applied, still there
    assert trade.partner_balance("2600") == Decimal("-1200.00")
    assert trade.breaks() == []


def test_money_of_before_the_advance_is_taken_back_from_the_agency(trade: Trade) -> None:
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    trade.allocates(trade.hands_over("200.00"), invoice, "200.00")
    trade.catches_up()
    trade.agrees_funding()
    trade.catches_up()
    assert trade.advance(invoice).face == Decimal("1000.00")
    trade.takes_back(invoice)
    trade.catches_up()

    row = trade.advance(invoice)
    assert (row.face, row.advanced, row.unfunded) == (
        Decimal("1200.00"),
        Decimal("900.00"),
        Decimal("300.00"),
    )
    assert trade.balance("1105", invoice) == Decimal("1200.00")
    assert trade.balance("1100", invoice) == 0
    assert trade.breaks() == []
    trade.hands_over("1200.00", trade.invoice(invoice).number)
    trade.catches_up()
    assert trade.balance("1105") == 0
    assert trade.breaks() == []


def test_what_the_agency_keeps_of_the_funders_money_is_netted(trade: Trade) -> None:
    from backline.collections import actions as collections
    from backline.collections.actions import NewReceipt
    from backline.kernel.outcomes import one

    trade.agrees_funding()
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    new = NewReceipt(
        bank_reference="OWN-1",
        amount=Decimal("1200.00"),
        currency="GBP",
        received_on=trade.on,
        remittance=trade.invoice(invoice).number,
    )
    with trade.inside():
        one(collections.receive([new], **trade.told))
    trade.catches_up()
    (trouble,) = trade.open_troubles("misdirected_receipt")
    assert trouble.at_stake == Decimal("1200.00")
    row = trade.advance(invoice)
    assert (row.repaid, row.charged_back) == (Decimal("0.00"), Decimal("1080.00"))
    assert trade.breaks() == []
    trade.takes_back(invoice)
    trade.catches_up()
    assert trade.open_troubles("misdirected_receipt") == []
    assert trade.advance(invoice).charged_back == 0
    assert trade.breaks() == []


def test_statements_chain_whatever_day_things_are_told_of(trade: Trade) -> None:
    from backline.funding.models import Settlement

    trade.agrees_funding()
    job = trade.engages(trade.client())
    first = trade.bills(job, "1000.00")
    trade.catches_up()
    trade.settles()
    # in the week that is settled already, more happens
    trade.bills(job, "500.00")
    trade.hands_over("1200.00", trade.invoice(first).number, days_ago=1)
    trade.catches_up()
    trade.goes_on(7)
    trade.catches_up()
    trade.settles()
    trade.goes_on(7)
    trade.settles()

    with trade.inside():
        rows = list(Settlement.objects.order_by("week_starts_on"))
    assert [row.closing for row in rows[:-1]] == [row.opening for row in rows[1:]]
    assert rows[-1].closing == -trade.balance("2500") == Decimal("540.00")
    assert rows[1].collected == Decimal("1200.00")
    assert trade.balance("1510") == rows[-1].unapplied == 0
    assert trade.breaks() == []


def test_a_week_is_settled_once_in_order_and_not_ahead(trade: Trade) -> None:
    trade.agrees_funding()
    trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    assert trade.settles().moves
    assert not trade.settles().moves
    with pytest.raises(Conflict, match="has not begun"):
        trade.settles(date(2026, 6, 15))
    with pytest.raises(Conflict, match="is settled"):
        trade.settles(date(2026, 6, 1))


def test_two_agencies_of_a_partner_settle_the_same_week(trade: Trade, places: dict) -> None:  # type: ignore[type-arg]
    other = Trade(places["other_agency"], places["partner"]).opens()
    for one in (trade, other):
        one.agrees_funding()
        one.bills(one.engages(one.client()), "1000.00")
        one.catches_up()
        one.settles()
    assert trade.partner_balance("1020") == Decimal("-2160.00")
    assert trade.breaks() == other.breaks() == []


def test_a_bank_tells_two_agencies_of_the_same_reference(trade: Trade, places: dict) -> None:  # type: ignore[type-arg]
    from backline.collections.actions import NewReceipt
    from backline.kernel.outcomes import one as only
    from tenants.facility import actions

    other = Trade(places["other_agency"], places["partner"]).opens()
    new = NewReceipt(
        bank_reference="0001", amount=Decimal("10.00"), currency="GBP", received_on=trade.on
    )
    for one in (trade, other):
        one.agrees_funding(TERMS)
        only(actions.hand_over(one.agency.ref, [new], **one.told))
    assert trade.partner_balance("1030") == Decimal("20.00")
    assert trade.breaks() == other.breaks() == []
