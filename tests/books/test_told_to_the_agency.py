"""Does an agency read over HTTP what was advanced, why not more, and how each week was settled?"""

from __future__ import annotations

import pytest

from tests.books.trade import TERMS, Trade
from tests.callers import key_of
from tests.wire import Wire


def pounds(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


@pytest.fixture
def wire(trade: Trade) -> Wire:
    return Wire(key_of(trade.agency))


@pytest.mark.capability("FU-04", "FU-05")
def test_every_unfunded_pound_is_told_with_its_reason(trade: Trade, wire: Wire) -> None:
    trade.agrees_funding()
    job = trade.engages(trade.client(limit="50000"))
    trade.bills(job, "40000.00")
    trade.catches_up()
    trade.bills(job, "4166.67")
    trade.bills(job, "100.00")
    trade.catches_up()

    part = wire.get("/v1/advances", reason="over_limit", state="advanced").done()["data"]
    assert [(one["face"], one["advanced"]) for one in part] == [
        (pounds("5000.00"), pounds("1800.00"))
    ]
    assert part[0]["unfunded_because"] == [
        {"reason": "over_limit", "amount": pounds("3000.00")},
        {"reason": "retained", "amount": pounds("200.00")},
    ]
    (none,) = wire.get("/v1/advances", state="declined").done()["data"]
    assert none["unfunded_because"] == [{"reason": "over_limit", "amount": pounds("120.00")}]
    (told,) = wire.get("/v1/exceptions", kind="funding_declined").done()["data"]
    assert told["about"] == none["invoice"]

    position = wire.get("/v1/funding").done()
    assert position["excluded"] == [{"reason": "over_limit", "amount": pounds("3120.00")}]
    assert position["in_use"] == pounds("45000.00")
    assert position["available"] == pounds("0.00")


@pytest.mark.capability("FU-02", "FU-14")
def test_a_statement_says_all_that_moved(trade: Trade, wire: Wire) -> None:
    trade.agrees_funding()
    invoice = trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    trade.settles()
    trade.goes_on(7)
    trade.hands_over("1200.00", trade.invoice(invoice).number)
    trade.catches_up()
    trade.settles()

    last, first = wire.get("/v1/settlements").done()["data"]
    assert (first["closing"], last["opening"]) == (pounds("1080.00"), pounds("1080.00"))
    assert last["net_wire"] == pounds("105.60")  # 120.00 less 1 % of 1,200.00 and VAT on it
    told = wire.get(f"/v1/settlements/{last['id']}").done()
    moved = {one["kind"]: one["amount"] for one in told["rows"] if one["kind"] != "wired"}
    assert moved["repaid"] == pounds("1080.00")
    assert moved["released"] == pounds("120.00")
    assert (moved["fee"], moved["fee_tax"]) == (pounds("12.00"), pounds("2.40"))
    (row,) = wire.get("/v1/advances").done()["data"]
    assert (row["state"], row["outstanding"]) == ("released", pounds("0.00"))


@pytest.mark.capability("FU-08")
def test_what_goes_back_is_told_before_and_after(trade: Trade, wire: Wire) -> None:
    trade.agrees_funding({**TERMS, "recourse_days": 30})
    trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    trade.goes_on(23)
    trade.catches_up()
    assert len(wire.get("/v1/exceptions", kind="charge_back_due").done()["data"]) == 1
    trade.goes_on(8)
    trade.catches_up()
    (row,) = wire.get("/v1/advances").done()["data"]
    assert (row["state"], row["charged_back"]) == ("charged_back", pounds("1080.00"))
    (told,) = wire.get("/v1/exceptions", kind="charged_back").done()["data"]
    assert told["at_stake"] == pounds("1094.40")  # the advance, 12.00 and VAT
    told_of = [one["type"] for one in wire.get("/v1/events", limit=200).done()["data"]]
    assert told_of.count("advance.charged_back") == 1


def test_without_terms_there_is_nothing_to_draw(trade: Trade, wire: Wire) -> None:
    assert wire.get("/v1/funding").done()["excluded"] == []
    assert wire.get("/v1/advances").done()["data"] == []


def test_another_agency_reads_none_of_it(trade: Trade, places: dict) -> None:  # type: ignore[type-arg]
    trade.agrees_funding()
    trade.bills(trade.engages(trade.client()), "1000.00")
    trade.catches_up()
    trade.settles()
    mine, other = Wire(key_of(trade.agency)), Wire(key_of(places["other_agency"]))
    assert other.get("/v1/advances").done()["data"] == []
    (row,) = mine.get("/v1/settlements").done()["data"]
    assert other.get(f"/v1/settlements/{row['id']}").status == 404
