"""What a run takes: standing deductions by priority, cap and balance; another amount once; more or
less by what an off-cycle run is for.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from backline.kernel import ids
from tests.api.office import read_one_by_one
from tests.api.payweeks import WEEK, amount, lines_of, order, paid_week, weeks_of
from tests.backline.payday import (
    TUESDAY,
    calculated,
    clock,
    earns,
    money,
    opened,
    released,
    sums,
    three,
)
from tests.backline.week import in_books

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["GB", "US"])
def home(request, agency, us_agency, partner):
    """An agency of each country with its three persons, and what it pays in."""
    place = agency if request.param == "GB" else us_agency
    clock(place)
    return place, three(place, partner), request.param, "GBP" if request.param == "GB" else "USD"


@pytest.fixture
def beside(other_agency, partner):
    """The agency that looks alike, with the same worker and week."""
    clock(other_agency)
    weeks_of(other_agency, 3)
    return other_agency, three(other_agency, partner)


def off_cycle(place, people, like: str, **more: str) -> str:
    """A run beside the calendar of another run."""
    calendar = people.preparer.get(f"/v1/pay-runs/{like}").done()["calendar"]
    body = {"calendar": calendar, "ends_on": "2026-06-07", "reason": "cannot wait"} | more
    return str(people.preparer.post("/v1/pay-runs/off-cycle", body).done()["id"])


def the_slip(people, run: str):
    """The one statement of a run, with its lines."""
    (slip,) = people.preparer.every("/v1/pay-statements", run=run)
    return people.preparer.get(f"/v1/pay-statements/{slip['id']}").done()


def advance(people, post, run: str, *, currency: str) -> str:
    """An advance that a run pays."""
    body = {
        "worker": ids.public("wrk", post.worker),
        "run": run,
        "amount": money("100.00", currency),
        "cap": money("40.00", currency),
        "reason": "Boiler broke",
    }
    made = people.preparer.post("/v1/recoveries/advance", body, key=f"advance-{run}").done()
    return str(made["id"])


@pytest.mark.capability("PY-30")
def test_bonus_advance_and_three_deductions_over_their_cap_keep_their_order(home, beside):
    place, people, country, currency = home
    post = weeks_of(place, 3, country=country)
    week = opened(place)
    paid = off_cycle(place, people, week, pay_on="2026-06-12", purpose="advance")
    owed = advance(people, post, paid, currency=currency)
    done = released(place, people, paid)
    assert (done["payslips"], done["net"]) == (1, money("100.00", currency))
    assert the_slip(people, paid)["taxable"] == money("0.00", currency)
    assert sums(place)["1600"] == 100
    # the pay left to the worker is the cap of them all: what is over it waits in their order
    keep = {"protected": "480.00"}
    order(people.preparer, post, "union", 10, amount="25.00", cap="30.00", **keep)
    order(people.preparer, post, "car", 60, amount="50.00", balance="60.00", **keep)
    order(people.preparer, post, "rent", 70, amount="70.00", **keep)
    in_books(
        place,
        lambda: earns([post], "50.00", None, key="bonus", code="bonus", paid_as="bonus",
                      kind="adjustment", currency=currency),
    )  # fmt: skip

    released(place, people, week)

    slip = the_slip(people, week)
    assert ("bonus", "50.00") in lines_of(slip, "earning")
    left = 650 - sum(Decimal(figure) for _, figure in lines_of(slip, "tax"))
    took = lines_of(slip, "deduction")
    assert [code for code, _ in took] == ["union", "recovery", "car", "rent"]
    got = [Decimal(figure) for _, figure in took]
    assert got[:2] == [Decimal("25.00"), Decimal("40.00")]
    # 480.00 stays: the car gets at most its 50.00 of what is over, the rent what is left of that
    over = max(left - 65 - 480, Decimal(0))
    assert got[2:] == [min(over, Decimal(50)), max(min(over - 50, Decimal(70)), Decimal(0))]
    assert amount(slip["net"]) >= 480
    assert amount(people.preparer.get(f"/v1/recoveries/{owed}").done()["owed"]) == 60
    second, third = (paid_week(place, people, n) for n in (1, 2))
    assert [dict(lines_of(one, "deduction"))["recovery"] for one in (second, third)] == [
        "40.00", "20.00",
    ]  # fmt: skip
    # the car ends with its balance, whatever was short on the way
    car = sum(Decimal(dict(lines_of(one, "deduction"))["car"]) for one in (slip, second, third))
    assert car <= 60
    assert "1600" not in sums(place)
    assert lines_of(paid_week(beside[0], beside[1], 0), "deduction") == []


@pytest.mark.capability("PY-20")
def test_another_amount_in_one_run_leaves_what_stands_alone(home, beside):
    place, people, country, currency = home
    post = weeks_of(place, 2, country=country)
    wire = people.preparer
    union = order(wire, post, "union", 1, amount="20.00")
    rent = order(wire, post, "rent", 2, amount="30.00")
    court = order(wire, post, "support", 3, amount="10.00", is_a="order") if country == "US" else ""
    run = opened(place)
    calculated(place, wire, run)
    before = wire.get(f"/v1/orders/{rent}").done().body

    def instead(key: str, figure: str, **more):
        body = {"run": run, "order": key, "amount": money(figure, currency), "reason": "moved"}
        return wire.post("/v1/pay-overrides", body | more)

    none = instead(rent, "0.00").done()
    assert wire.get(f"/v1/pay-runs/{run}").done()["state"] == "open"
    instead(union, "5.00").done()
    wrong = instead(union, "5.00", amount=money("5.00", "EUR"))
    nobody = instead("ord_01m80cdqzwfeqsn4ennqb1tmrm", "5.00")
    released(place, people, run)
    final = instead(union, "1.00")

    slip = the_slip(people, run)
    took = [pair for pair in lines_of(slip, "deduction") if pair[0] in {"union", "rent"}]
    assert took == [("union", "5.00")]
    assert (wrong.status, wrong.code) == (422, "currency_differs")
    assert nobody.status == 404
    assert (final.status, final.code) == (409, "illegal_move")
    assert wire.get(f"/v1/orders/{rent}").done().body == before
    kept = read_one_by_one(wire, beside[1].preparer, "/v1/pay-overrides", run=run)
    assert sorted((row["order"], row["amount"]["amount"]) for row in kept) == sorted(
        [(rent, "0.00"), (union, "5.00")]
    )
    again = [pair for pair in lines_of(paid_week(place, people, 1), "deduction")
             if pair[0] in {"union", "rent"}]  # fmt: skip
    assert again == [("union", "20.00"), ("rent", "30.00")]
    if court:
        next_run = opened(place, TUESDAY + 2 * WEEK)
        body = {"run": next_run, "order": court, "amount": money("1.00", currency)}
        ordered = wire.post("/v1/pay-overrides", body | {"reason": "less"})
        assert (ordered.status, ordered.code) == (409, "order_of_law")
    gone = beside[1].preparer.delete(f"/v1/pay-overrides/{none['id']}")
    assert gone.status == 404


def test_an_override_that_is_taken_back_was_never_there(home):
    place, people, country, currency = home
    post = weeks_of(place, 1, country=country)
    rent = order(people.preparer, post, "rent", 2, amount="30.00")
    run = opened(place)
    body = {"run": run, "order": rent, "amount": money("1.00", currency), "reason": "less"}
    made = people.preparer.post("/v1/pay-overrides", body).done()

    people.preparer.delete(f"/v1/pay-overrides/{made['id']}").done()

    released(place, people, run)
    assert dict(lines_of(the_slip(people, run), "deduction")) == {"rent": "30.00"}


@pytest.mark.capability("PY-12")
def test_the_purpose_of_a_run_changes_what_is_taken(home, beside):
    place, people, country, currency = home
    post = weeks_of(place, 1, country=country)
    order(people.preparer, post, "union", 1, amount="20.00")
    week = opened(place)
    released(place, people, week)

    def more():
        earns([post], "80.00", None, key="missed", code="missed", hours="4", kind="adjustment",
              currency=currency)  # fmt: skip
        earns([post], "90.00", None, key="bonus", code="bonus", paid_as="bonus",
              kind="adjustment", currency=currency)  # fmt: skip

    in_books(place, more)
    bonus = off_cycle(place, people, week, pay_on="2026-06-12", purpose="bonus")
    released(place, people, bonus)
    correction = off_cycle(place, people, week, pay_on="2026-06-12", purpose="correction")
    released(place, people, correction)
    calendar = people.preparer.get(f"/v1/pay-runs/{week}").done()["calendar"]
    body = {"calendar": calendar, "ends_on": "2026-06-07", "pay_on": "2026-06-12", "reason": "x"}
    odd = people.preparer.post("/v1/pay-runs/off-cycle", body | {"purpose": "mood"})

    first, second = the_slip(people, bonus), the_slip(people, correction)
    assert lines_of(first, "earning") == [("bonus", "90.00")]
    assert lines_of(first, "deduction") == []
    assert lines_of(second, "earning") == [("missed", "80.00")]
    assert lines_of(second, "deduction") == [("union", "20.00")]
    assert odd.codes == [("unknown_choice", "/purpose")]
    run = people.preparer.get(f"/v1/pay-runs/{bonus}").done()
    assert (run["kind"], run["purpose"], run["reason"]) == ("off_cycle", "bonus", "cannot wait")
    assert lines_of(paid_week(beside[0], beside[1], 0), "earning") == [("regular", "600.00")]


@pytest.mark.capability("PY-18", "X-22")
def test_who_was_underpaid_gets_the_difference_and_keeps_the_statement(home, beside):
    place, people, country, currency = home
    post = weeks_of(place, 1, country=country)
    week = opened(place)
    released(place, people, week)
    original = the_slip(people, week).body
    in_books(
        place,
        lambda: earns([post], "45.00", "63.00", key="late", code="regular", hours="3",
                      kind="adjustment", currency=currency),
    )  # fmt: skip

    run = off_cycle(place, people, week, pay_on="2026-06-12", purpose="correction")
    done = released(place, people, run)

    slip = the_slip(people, run)
    assert (done["payslips"], slip["gross"]) == (1, money("45.00", currency))
    assert the_slip(people, week).body == original  # neither voided nor changed
    key = "gb.pay" if country == "GB" else "us.gross"
    year = {one["key"]: one["amount"] for one in slip["year_to_date"]}
    assert year[key] == "645.00"
    (payment,) = people.preparer.every("/v1/payments", run=run)
    assert payment["amount"] == slip["net"]
    assert len(people.preparer.every("/v1/pay-statements")) == 2
    assert len(beside[1].preparer.every("/v1/pay-statements")) == 0


@pytest.mark.capability("PY-25")
def test_an_orders_payee_follows_the_pay_that_is_taken_back(home, beside):
    place, people, country, _ = home
    post = weeks_of(place, 1, country=country)
    kind, facts = (
        ("gb.order.civil_debt", {"amount": "30.00", "protected": "300.00"})
        if country == "GB"
        else ("support", {"amount": "30.00"})
    )
    body = {
        "worker": ids.public("wrk", post.worker), "kind": kind, "payee": "Court Service",
        "case_number": "C1", "priority": 1, "facts": facts, "since": "2026-01-01",
    }  # fmt: skip
    people.preparer.post("/v1/orders", body).done()
    week = opened(place)
    released(place, people, week)
    slip = the_slip(people, week)
    wire = people.preparer

    def owed() -> Decimal:
        rows = wire.get("/v1/dues").done()["data"]
        return sum((amount(row["amount"]) for row in rows if row["payee"] == "Court Service"),
                   Decimal(0))  # fmt: skip

    assert owed() == 30
    why = {"reason": "wrong rate", "pay_again": True}
    void = wire.post(f"/v1/pay-statements/{slip['id']}/void", why, key="void").done()["id"]
    assert owed() == 30  # nothing moves before the release
    wire.post(f"/v1/pay-runs/{void}/submit").done()
    people.approver.post(f"/v1/pay-runs/{void}/approve", {}).done()
    people.releaser.post(f"/v1/pay-runs/{void}/release", key="void release").done()

    rows = wire.every("/v1/liabilities", payee="Court Service")
    assert sorted(amount(row["amount"]) for row in rows) == [-30, 30]
    assert owed() == 0
    assert "2225" not in sums(place)
    again = off_cycle(place, people, week, pay_on="2026-06-12")
    released(place, people, again)
    assert owed() == 30
    assert -sums(place)["2225"] == 30
    # the money that had left is a balance now, taken only once it is agreed how
    (row,) = wire.every("/v1/recoveries")
    assert (row["state"], row["method"], row["owed"]) == ("proposed", "net", slip["net"])
    assert beside[1].preparer.every("/v1/liabilities", payee="Court Service") == []


@pytest.mark.capability("PY-32")
def test_half_of_approved_work_is_drawn_early_and_nets_off_at_pay_day(home, beside):
    place, people, country, currency = home
    post = weeks_of(place, 1, country=country)
    week = opened(place)
    early = off_cycle(place, people, week, pay_on="2026-06-12", purpose="advance")
    body = {"worker": ids.public("wrk", post.worker), "run": early, "share": "0.50"}
    wire = people.preparer
    too_much = wire.post("/v1/recoveries/early-pay", body | {"share": "0.51"}, key="more")

    drawn = wire.post("/v1/recoveries/early-pay", body, key="draw").done()
    again = wire.post("/v1/recoveries/early-pay", body, key="again")

    assert (too_much.status, too_much.code) == (422, "share_out_of_range")
    assert drawn["amount"] == money("300.00", currency)
    assert (again.status, again.code) == (409, "nothing_to_draw")
    assert len(wire.every("/v1/recoveries")) == 1
    done = released(place, people, early)
    assert (done["gross"], done["net"]) == (money("300.00", currency),) * 2
    released(place, people, week)
    slip = the_slip(people, week)
    tax = sum(Decimal(figure) for _, figure in lines_of(slip, "tax"))
    assert slip["gross"] == slip["taxable"] == money("600.00", currency)
    assert lines_of(slip, "deduction") == [("recovery", "300.00")]
    assert amount(slip["net"]) == 600 - tax - 300
    assert wire.get(f"/v1/recoveries/{drawn['id']}").done()["state"] == "settled"
    assert "1600" not in sums(place)
    theirs = beside[1].preparer.post("/v1/recoveries/early-pay", body, key="theirs")
    assert theirs.status == 404


def test_what_a_void_left_owed_is_settled_when_the_bank_gives_it_back(home):
    place, people, country, _ = home
    weeks_of(place, 1, country=country)
    week = opened(place)
    released(place, people, week)
    slip, wire = the_slip(people, week), people.preparer
    why = {"reason": "paid twice"}
    void = wire.post(f"/v1/pay-statements/{slip['id']}/void", why, key="void").done()["id"]
    wire.post(f"/v1/pay-runs/{void}/submit").done()
    people.approver.post(f"/v1/pay-runs/{void}/approve", {}).done()
    people.releaser.post(f"/v1/pay-runs/{void}/release", key="void release").done()
    (payment,) = wire.every("/v1/payments", run=week)

    told = {"returns": [{"payment": payment["id"], "code": "R06"}], "on": "2026-06-16"}
    wire.post("/v1/payments/returns", told).done()

    (row,) = wire.every("/v1/recoveries")
    assert row["state"] == "settled"
    assert not {"1600", "2200"} & sums(place).keys()
