"""Charges: what people agree on, each hitting its side alone; US weeks; what cannot be priced."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.api.office import read_one_by_one
from tests.backline.week import (
    MONDAY,
    REGULAR,
    approved,
    attend,
    client_of,
    exceptions,
    in_books,
    posts,
    sheet,
)
from tests.callers import key_of, signed_in
from tests.wire import Wire

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(agency):
    return in_books(agency, lambda: posts(agency))[0]


@pytest.fixture(autouse=True)
def twin(other_agency):
    """The same assignment at the agency that looks alike."""
    return in_books(other_agency, lambda: posts(other_agency))[0]


def money(amount: str, currency: str = "GBP") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def wanted(post, **more: Any) -> dict[str, Any]:
    return {
        "kind": "adjustment",
        "assignment": post.asg,
        "worked_on": "2026-06-02",
        "label": "Early start",
        "reason": "agreed with Meg",
        **more,
    }


def sums(wire):
    """Pay, bill and margin of everything that was charged."""
    rows = wire.every("/v1/charges")
    return {
        name: sum((Decimal(row[name]["amount"]) for row in rows if row[name]), Decimal("0.00"))
        for name in ("pay_amount", "bill_amount", "margin")
    }


@pytest.mark.capability("PY-29")
def test_adjustments_hit_their_own_side_and_the_margin(wire, other_wire, owner, post):
    approved(wire, post, "8")
    start, margin = sums(wire), of_week(wire)

    pay = owner.post("/v1/charges", wanted(post, pay={"amount": money("10.00")}), key="1").done()
    assert (pay["pay_amount"], pay["bill_amount"]) == (money("10.00"), None)
    assert moved(start, sums(wire)) == ("10.00", "0.00", "-10.00")

    bill = owner.post("/v1/charges", wanted(post, bill={"amount": money("25.00")}), key="2").done()
    assert (bill["pay_amount"], bill["bill_amount"]) == (None, money("25.00"))
    assert moved(start, sums(wire)) == ("10.00", "25.00", "15.00")

    alone = {"assignment": post.asg, "worked_on": "2026-06-02", "amount": money("-7.50"),
             "reason": "cab for the night shift"}  # fmt: skip
    owner.post("/v1/margin-adjustments", alone, key="3").done()
    assert moved(start, sums(wire)) == ("10.00", "25.00", "15.00")
    now = of_week(wire)
    assert Decimal(now["margin"]["amount"]) - Decimal(margin["margin"]["amount"]) == Decimal("7.50")
    assert now["other"] == money("-7.50")
    (kept,) = read_one_by_one(wire, other_wire, "/v1/margin-adjustments")
    assert (kept["amount"], kept["reason"]) == (money("-7.50"), "cab for the night shift")
    assert other_wire.every("/v1/charges") == []
    assert other_wire.every("/v1/margin-adjustments") == []


def of_week(wire):
    query = {"by": "week", "from": "2026-06-01", "to": "2026-06-01"}
    return wire.get("/v1/margins", **query).done()["rows"][0]


def moved(before: dict[str, Decimal], now: dict[str, Decimal]) -> tuple[str, ...]:
    return tuple(str(now[name] - before[name]) for name in before)


def test_an_expense_is_paid_back_and_billed_only_when_it_is_said(wire, owner, post):
    train = {"kind": "expense", "label": "Train", "pay": {"amount": money("31.40")}}

    kept = owner.post("/v1/charges", wanted(post, **train), key="1").done()
    rebilled = owner.post("/v1/charges", wanted(post, **train, rebill=True), key="2").done()

    assert (kept["pay_treatment"], kept["bill_amount"]) == ("expense", None)
    assert rebilled["bill_amount"] == money("31.40")
    assert rebilled["expected_burden"] == money("0.00")


def test_a_quantity_and_a_rate_come_to_the_penny(wire, owner, post):
    side = {"quantity": "1.25", "rate": money("13.333")}

    made = owner.post("/v1/charges", wanted(post, pay=side, unit="hour"), key="1").done()

    assert (made["pay_amount"], made["pay_rate"]) == (money("16.67"), money("13.333"))


def test_the_same_external_id_is_charged_once(wire, owner, post):
    body = wanted(post, pay={"amount": money("10.00")}, external_id="X-1")

    first = owner.post("/v1/charges", body, key="1").done()
    second = owner.post("/v1/charges", body, key="2").done()

    assert first["id"] == second["id"]
    assert len(wire.every("/v1/charges")) == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "side_missing"),
        ({"pay": {"amount": money("5.00"), "quantity": "1"}}, "amount_or_rate"),
        ({"pay": {"quantity": "1"}}, "amount_or_rate"),
        ({"pay": {"amount": money("5.00", "USD")}}, "currency_differs"),
        ({"pay": {"amount": money("5.00")}, "worked_on": "2026-05-01"}, "outside_assignment"),
        ({"bill": {"amount": money("5.00")}, "rebill": True}, "rebill_of_pay"),
        ({"pay": {"amount": money("5.00")}, "corrects": "chg_" + "0" * 26}, "not_found"),
    ],
)
def test_what_cannot_be_charged_is_refused_and_nothing_is_kept(wire, owner, post, more, code):
    reply = owner.post("/v1/charges", wanted(post, **more), key="1")

    assert (reply.status, reply.codes[0][0]) == (422, code)
    assert wire.every("/v1/charges") == []


def test_no_key_may_agree_a_charge_and_each_deed_needs_its_own_key(wire, owner, post):
    body = wanted(post, pay={"amount": money("5.00")})

    assert wire.post("/v1/charges", body, key="1").code == "scope_missing"
    assert owner.post("/v1/charges", body).status == 400
    assert owner.post("/v1/charges?dry_run=true", body).done()["pay_amount"] == money("5.00")
    assert wire.every("/v1/charges") == []


def test_a_charge_of_another_agency_is_unknown(other_agency, wire, other_wire, twin, post):
    approved(other_wire, twin, "8")
    theirs = other_wire.every("/v1/charges")[0]["id"]

    assert wire.get(f"/v1/charges/{theirs}").status == 404
    caller = Wire(signed_in(other_agency, "owner"))
    body = wanted(post, pay={"amount": money("5.00")})
    assert caller.post("/v1/charges", body, key="1").codes == [("not_found", "/assignment")]


# --- weeks across the sea ------------------------------------------------------------------------


@pytest.fixture
def us_wire(us_agency):
    return Wire(key_of(us_agency))


US = {"where": ("US", "USD", "America/Chicago")}


def at_two_clients(place, first, second):
    """One worker of a US agency at a client in Texas and one in Illinois."""
    texas = client_of(place, **US, region="TX")
    illinois = client_of(place, **US, region="IL")
    one = posts(place, at=texas, engagement="w2", rates=[first])[0]
    return [one, *posts(place, at=illinois, engagement="w2", rates=[second], workers=[one.worker])]


def test_overtime_is_pooled_over_clients_and_falls_on_the_later_hours(us_agency, us_wire):
    texas, illinois = in_books(us_agency, lambda: at_two_clients(us_agency, REGULAR, REGULAR))

    approved(us_wire, texas, "12", "13")
    approved(us_wire, illinois, "", "", "12", "13")

    rows = us_wire.every("/v1/charges", code="overtime")
    assert {row["assignment"] for row in rows} == {illinois.asg}
    assert sum(Decimal(row["pay_quantity"]) for row in rows) == 10
    assert {row["pay_factor"] for row in rows} == {"1.5000"}


def test_time_approved_first_at_the_later_client_is_worked_out_again(us_agency, us_wire):
    """The week is priced over all of the worker's assignments, in whatever order they come."""
    texas, illinois = in_books(us_agency, lambda: at_two_clients(us_agency, REGULAR, REGULAR))

    approved(us_wire, illinois, "", "", "12", "13")
    approved(us_wire, texas, "12", "13")

    hours: dict[tuple[str, str], Decimal] = {}
    for row in us_wire.every("/v1/charges"):
        key = (row["assignment"], row["code"])
        hours[key] = hours.get(key, Decimal(0)) + Decimal(row["pay_quantity"])
    assert hours[texas.asg, "regular"] == 25
    assert hours[illinois.asg, "regular"] == 15
    assert hours[illinois.asg, "overtime"] == 10


def test_two_rates_make_a_weighted_premium_that_no_client_is_billed(us_agency, us_wire):
    rates = ("regular", "18.00", "25.00"), ("regular", "24.00", "33.00")
    texas, illinois = in_books(us_agency, lambda: at_two_clients(us_agency, *rates))

    approved(us_wire, texas, "10", "10", "10")
    approved(us_wire, illinois, "", "", "", "10", "10")

    premium = us_wire.every("/v1/charges", code="premium")
    assert sum(Decimal(row["pay_amount"]["amount"]) for row in premium) == Decimal("102.00")
    assert {row["bill_amount"] for row in premium} == {None}


def test_of_a_pooled_week_the_sheet_that_has_no_rate_is_refused_alone(us_agency, us_wire):
    texas, illinois = in_books(us_agency, lambda: at_two_clients(us_agency, REGULAR, REGULAR))
    good = us_wire.post("/v1/timesheets", sheet(texas, "12")).done()["id"]
    odd = sheet(illinois, "", "12")
    odd["entries"][0]["code"] = "night"
    bad = us_wire.post("/v1/timesheets", odd).done()["id"]

    reply = us_wire.post("/v1/timesheets/approve", {"timesheets": [good, bad]}).done()

    assert [row["outcome"] for row in reply["results"]] == ["done", "refused"]
    (fault,) = reply["results"][1]["problem"]["errors"]
    assert (fault["code"], fault["timesheet"]) == ("rate_missing", bad)
    assert us_wire.get(f"/v1/timesheets/{bad}").done()["status"] == "submitted"
    assert {row["timesheet"] for row in us_wire.every("/v1/charges")} == {good}


def test_a_week_before_all_law_is_refused_and_never_a_failure_of_ours(agency, wire):
    from datetime import date

    old = date(2020, 6, 1)
    post = in_books(agency, lambda: posts(agency, starts_on=old))[0]
    sent = wire.post("/v1/timesheets", sheet(post, "8", starts_on=old)).done()["id"]

    reply = wire.post(f"/v1/timesheets/{sent}/approve", {})

    assert (reply.status, reply.code) == (409, "week_cannot_be_priced")
    assert wire.every("/v1/charges") == []


def test_a_later_rate_change_leaves_what_is_right_alone(agency, wire, owner, post):
    approved(wire, post, "8", "8")
    rates = [{"code": "regular", "pay_rate": money("15.00"), "bill_rate": money("23.00")}]
    body = {"since": (MONDAY + timedelta(1)).isoformat(), "rates": rates}
    owner.post(f"/v1/assignments/{post.asg}/rates", body, key="1").done()
    attend(agency)

    (correction,) = wire.every("/v1/corrections")
    assert (correction["pay_difference"], correction["bill_difference"]) == (None, money("16.00"))
    posted = wire.every("/v1/charges", correction=correction["id"])
    assert {row["worked_on"] for row in posted} == {"2026-06-02"}
    assert {row["pay_amount"] for row in posted} == {None}
    assert len(exceptions(agency, "rate_changed_before_pay")) == 1
