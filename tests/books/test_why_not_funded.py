"""Has every pound that is not advanced a reason, and is the reason looked at again?"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from tests.books.trade import TERMS, Trade


def because(trade: Trade, invoice: UUID) -> dict[str, Decimal]:
    """Every unfunded pound of an invoice by its reason; they come to all that is unfunded."""
    row = trade.advance(invoice)
    found = {one["reason"]: Decimal(one["amount"]) for one in row.unfunded_because}
    assert sum(found.values()) == row.unfunded == row.face - row.advanced
    return found


@pytest.mark.capability("FU-04", "FU-05")
def test_above_the_clients_limit_a_part_is_funded_and_the_rest_says_why(trade: Trade) -> None:
    trade.agrees_funding()
    job = trade.engages(trade.client(limit="50000"))
    first = trade.bills(job, "40000.00")  # 48,000.00 with VAT
    trade.catches_up()
    second = trade.bills(job, "4166.67")  # 5,000.00 with VAT
    trade.catches_up()

    assert because(trade, first) == {"retained": Decimal("4800.00")}
    assert trade.advance(second).advanced == Decimal("1800.00")  # 90 % of 2,000.00
    assert because(trade, second) == {
        "over_limit": Decimal("3000.00"),
        "retained": Decimal("200.00"),
    }
    assert trade.breaks() == []


@pytest.mark.capability("FU-05")
def test_a_client_at_its_limit_is_declined_until_it_pays(trade: Trade) -> None:
    trade.agrees_funding()
    job = trade.engages(trade.client(limit="12000"))
    first = trade.bills(job, "10000.00")
    trade.catches_up()
    second = trade.bills(job, "1000.00")
    trade.catches_up()
    assert because(trade, second) == {"over_limit": Decimal("1200.00")}
    (trouble,) = trade.open_troubles("funding_declined")
    assert (trouble.about, trouble.at_stake) == (second, Decimal("1200.00"))

    trade.catches_up()
    trade.goes_on(1)
    trade.catches_up()  # nothing new: looked at again, and nothing said again
    assert len(trade.open_troubles("funding_declined")) == 1

    trade.hands_over("12000.00", trade.invoice(first).number)
    trade.catches_up()
    assert trade.advance(second).state == "advanced"
    assert because(trade, second) == {"retained": Decimal("120.00")}
    assert trade.open_troubles("funding_declined") == []
    assert trade.breaks() == []


@pytest.mark.capability("FU-05")
def test_what_a_client_disputes_is_funded_once_that_is_settled(trade: Trade) -> None:
    from backline.desk import actions as desk

    job = trade.engages(trade.client())
    whole, part = trade.bills(job, "1000.00"), trade.bills(job, "500.00")
    with trade.inside():
        desk.open_exceptions(
            [
                desk.Found(kind="disputed_hours", key="d1", title="All", about=whole),
                desk.Found(
                    kind="disputed_hours",
                    key="d2",
                    title="Some",
                    about=part,
                    at_stake=Decimal("100.00"),
                ),
            ],
            **trade.told,
        )
    trade.agrees_funding()
    trade.catches_up()
    assert because(trade, whole) == {"disputed": Decimal("1200.00")}
    assert because(trade, part) == {"disputed": Decimal("100.00"), "retained": Decimal("50.00")}

    with trade.inside():
        desk.close_for(["d1"], resolution="It was right.", **trade.told)
    trade.catches_up()
    assert trade.advance(whole).advanced == Decimal("1080.00")
    assert trade.breaks() == []


@pytest.mark.capability("FU-05")
def test_old_debt_no_order_number_and_a_client_on_hold_are_told_apart(trade: Trade) -> None:
    from backline.directory import actions as directory

    held, strict = trade.client("Held Ltd"), trade.client("Strict Ltd")
    old = trade.bills(trade.engages(trade.client("Old Ltd")), "100.00")
    trade.goes_on(91)
    on_hold = trade.bills(trade.engages(held), "200.00")
    draft = trade.drafts(trade.engages(strict), "300.00")
    with trade.inside():
        wanted = directory.NewTerms(since=trade.on, po_required=True)
        directory.agree_terms(strict, wanted, **trade.told)
    without = trade.finalizes(draft)  # before its draft follows the new terms
    with trade.inside():
        directory.change_client(held, {"state": "on_hold"}, **trade.told)
    trade.agrees_funding()
    trade.catches_up()

    assert because(trade, old) == {"aged": Decimal("120.00")}
    assert because(trade, on_hold) == {"excluded_debtor": Decimal("240.00")}
    assert because(trade, without) == {"no_po": Decimal("360.00")}
    details = {one.about: one.detail for one in trade.open_troubles("funding_declined")}
    assert len(set(details.values())) == 3

    with trade.inside():
        directory.change_client(held, {"state": "active"}, **trade.told)
    trade.catches_up()
    assert trade.advance(on_hold).state == "advanced"
    assert {one.about for one in trade.open_troubles("funding_declined")} == {old, without}


@pytest.mark.capability("FU-05")
def test_a_full_facility_pays_what_is_left_and_says_so(trade: Trade) -> None:
    trade.agrees_funding({**TERMS, "facility_limit": "1500.00"})
    job = trade.engages(trade.client())
    first, second, third = (trade.bills(job, "1000.00") for _ in range(3))
    trade.catches_up()

    assert trade.advance(first).advanced == Decimal("1080.00")
    assert because(trade, second) == {
        "facility_full": Decimal("660.00"),
        "retained": Decimal("120.00"),
    }
    assert because(trade, third) == {
        "facility_full": Decimal("1080.00"),
        "retained": Decimal("120.00"),
    }
    assert trade.balance("2500") == Decimal("-1500.00")
    trade.hands_over("1200.00", trade.invoice(first).number)
    trade.catches_up()
    assert trade.advance(third).advanced == Decimal("1080.00")
    assert trade.breaks() == []


def test_what_was_declined_and_then_paid_needs_nobody(trade: Trade) -> None:
    trade.agrees_funding()
    job = trade.engages(trade.client(limit="10"))
    invoice = trade.bills(job, "100.00")
    trade.catches_up()
    assert trade.advance(invoice).advanced == Decimal("9.00")
    other = trade.bills(job, "200.00")
    trade.catches_up()
    assert len(trade.open_troubles("funding_declined")) == 1
    trade.hands_over("240.00", trade.invoice(other).number)
    trade.catches_up()
    assert trade.open_troubles("funding_declined") == []
    # the partner owes the agency all of it
    assert trade.breaks() == []


@pytest.mark.capability("FU-02")
def test_the_rest_is_released_on_payment_less_the_fee_by_tariff(trade: Trade) -> None:
    tier = {
        "code": "factoring", "kind": "tier", "share": "0.01", "step_days": 10, "vat_share": "0.20",
    }  # fmt: skip
    trade.agrees_funding({"advance_share": "0.90", "fees": [tier]})
    job = trade.engages(trade.client())
    invoice = trade.bills(job, "10000.00")
    trade.catches_up()
    trade.goes_on(41)
    trade.hands_over("12000.00", trade.invoice(invoice).number)
    trade.catches_up()

    row = trade.advance(invoice)
    assert (row.state, row.repaid) == ("released", Decimal("10800.00"))
    assert (row.fee, row.fee_tax) == (Decimal("600.00"), Decimal("120.00"))  # 5 periods of 1 %
    assert row.released == Decimal("1200.00")
    half = trade.settles()
    assert half.moves[0].amount == Decimal("12000.00") - Decimal("720.00")
    assert trade.balance("1510") == 0
    assert trade.breaks() == []


def test_fees_taken_up_front_are_taken_once(trade: Trade) -> None:
    """What MP Star Financial publishes: 80 %, 350 at once, 175 a fortnight from day 30."""
    fee = {
        "code": "fee", "kind": "tier", "base": "net", "first_share": "0.035", "first_days": 30,
        "share": "0.0175", "step_days": 15, "is_up_front": True,
    }  # fmt: skip
    trade.agrees_funding({"advance_share": "0.80", "advance_base": "net", "fees": [fee]})
    job = trade.engages(trade.client())
    invoice = trade.bills(job, "10000.00")
    trade.catches_up()
    row = trade.advance(invoice)
    assert (row.advanced, row.fee) == (Decimal("8000.00"), Decimal("350.00"))
    assert trade.balance("1510") == Decimal("7650.00")

    trade.goes_on(31)
    trade.hands_over("12000.00", trade.invoice(invoice).number)
    trade.catches_up()
    assert trade.advance(invoice).fee == Decimal("525.00")
    assert trade.balance("1510") == Decimal("12000.00") - Decimal("525.00")
    assert trade.breaks() == []


def test_terms_agreed_later_reach_what_was_billed_before(trade: Trade) -> None:
    job = trade.engages(trade.client())
    invoice = trade.bills(job, "1000.00")
    trade.catches_up()
    trade.allocates(trade.hands_over("200.00"), invoice, "200.00")
    trade.catches_up()
    assert trade.invoice(invoice).open_amount == Decimal("1000.00")
    trade.agrees_funding()
    trade.catches_up()
    # what was paid before is the agency's; only what is open was assigned
    assert trade.advance(invoice).face == Decimal("1000.00")
    assert trade.balance("1105", invoice) == Decimal("1000.00")
    assert trade.balance("1100", invoice) == 0
    assert trade.breaks() == []
    trade.hands_over("1000.00", trade.invoice(invoice).number)
    trade.catches_up()
    row = trade.advance(invoice)
    assert (row.repaid, row.released) == (Decimal("900.00"), Decimal("100.00"))
    assert trade.breaks() == []


def test_without_terms_nothing_is_funded(trade: Trade) -> None:
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    assert trade.balance("2500") == 0
    assert trade.balance("1100", invoice) == Decimal("1200.00")
