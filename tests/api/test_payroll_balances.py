"""Paid too much, too soon, or less than nothing: what is owed becomes a balance, and is taken back
by rule.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backline.kernel import ids
from tests.api.payweeks import WEEK, amount, lines_of, order, paid_week, weeks_of
from tests.backline.payday import clock, earns, money, sums, three
from tests.backline.week import MONDAY, exceptions, in_books

pytestmark = pytest.mark.django_db
MONDAY_AFTER = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)  # the first pay day is over


@pytest.fixture
def people(agency, partner):
    """Preparer, approver and releaser of the agency's runs."""
    clock(agency)
    return three(agency, partner)


@pytest.fixture
def us_people(us_agency, partner):
    """The same across the sea."""
    clock(us_agency)
    return three(us_agency, partner)


@pytest.fixture
def other_people(other_agency, partner):
    """The same of the agency that looks alike."""
    clock(other_agency)
    return three(other_agency, partner)


@pytest.fixture(params=["GB", "US"])
def home(request, people, us_people, agency, us_agency):
    """An agency of each country with its people, and what it pays in."""
    if request.param == "GB":
        return agency, people, "GB", "GBP"
    return us_agency, us_people, "US", "USD"


@pytest.mark.capability("PY-17")
def test_a_hundred_too_much_is_taken_back_40_40_20_under_a_cap(home, other_agency, other_people):
    place, own, country, currency = home
    post = weeks_of(place, 5, country=country)
    weeks_of(other_agency, 2)
    paid_week(place, own, 0)
    paid_week(other_agency, other_people, 0)
    clock(place, MONDAY_AFTER)
    body = {
        "worker": ids.public("wrk", post.worker),
        "amount": money("100.00", currency),
        "paid_on": "2026-06-12",
        "reason": "Six hours counted twice",
        "cap": money("40.00", currency),
    }

    opened_one = own.preparer.post("/v1/recoveries/overpayment", body, key="over").done()
    again = own.preparer.post("/v1/recoveries/overpayment", body, key="over").done()

    assert opened_one["id"] == again["id"]
    assert sums(place)["1600"] == Decimal("100.00")
    taken = []
    for n in range(1, 5):
        slip = paid_week(place, own, n)
        taken += [figure for code, figure in lines_of(slip, "earning") if code == "recovery"]
        gross = [Decimal(560), Decimal(560), Decimal(580), Decimal(600)][n - 1]
        assert amount(slip["gross"]) == amount(slip["taxable"]) + 0 == gross
    assert taken == ["-40.00", "-40.00", "-20.00"]
    row = own.preparer.get(f"/v1/recoveries/{opened_one['id']}").done()
    assert (row["state"], row["owed"]) == ("settled", money("0.00", currency))
    assert "1600" not in sums(place)
    assert amount(paid_week(other_agency, other_people, 1)["gross"]) == 600
    assert other_people.preparer.every("/v1/recoveries") == []
    elsewhere = other_people.preparer.get(f"/v1/recoveries/{opened_one['id']}")
    assert elsewhere.status == 404


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": money("0.00")}, "nothing_owed"),
        ({"amount": money("5.00", "USD")}, "currency_differs"),
        ({"cap": money("-1.00")}, None),
        ({"paid_on": "2026-12-01"}, "not_paid_yet"),
        ({"reason": ""}, None),
    ],
)
def test_what_cannot_be_owed_is_refused_and_leaves_nothing(agency, people, wrong, code):
    post = weeks_of(agency, 1)
    body = {
        "worker": ids.public("wrk", post.worker),
        "amount": money("100.00"),
        "paid_on": "2026-06-05",
        "reason": "Counted twice",
    }

    refused = people.preparer.post("/v1/recoveries/overpayment", body | wrong, key="x")

    assert refused.status == 422
    assert code is None or refused.code == code
    assert people.preparer.every("/v1/recoveries") == []
    assert "1600" not in sums(agency)


@pytest.mark.capability("PY-19", "X-21")
def test_pay_is_never_below_nothing(home, other_agency, other_people):
    place, own, country, currency = home
    post = weeks_of(place, 3, country=country)
    weeks_of(other_agency, 1)
    # the second is dearer than all pay, the third goes without; arrears of both are kept
    order(own.preparer, post, "union", 1, amount="20.00")
    order(own.preparer, post, "car", 2, amount="700.00", balance="700.00")
    order(own.preparer, post, "rent", 3, amount="30.00")

    first = paid_week(place, own, 0)

    before = 600 - sum(Decimal(figure) for _, figure in lines_of(first, "tax"))
    assert first["net"] == money("0.00", currency)
    assert lines_of(first, "deduction") == [
        ("union", "20.00"), ("car", f"{before - 20}"), ("rent", "0.00"),
    ]  # fmt: skip
    kept = {one["key"]: one["amount"] for one in first["year_to_date"]}
    short = {key.split(".")[1]: kept[key] for key in kept if key.startswith("arrears.")}
    assert short == {"car": f"{720 - before}", "rent": "30.00"}
    assert own.preparer.every("/v1/payments", run=first["run"]) == []

    # a correction of 700.00 against 600.00 of work: nothing is paid, 100.00 is a balance
    in_books(
        place,
        lambda: earns([post], "-700.00", None, on=MONDAY + WEEK, key="back", kind="adjustment",
                      currency=currency),
    )  # fmt: skip
    second = paid_week(place, own, 1)

    assert second["gross"] == second["net"] == money("0.00", currency)
    assert ("carried", "100.00") in lines_of(second, "earning")
    (row,) = own.preparer.every("/v1/recoveries")
    assert (row["state"], row["owed"], row["statement"]) == (
        "agreed", money("100.00", currency), second["id"],
    )  # fmt: skip
    assert sums(place)["1600"] == 100
    (trouble,) = exceptions(place, "negative_pay")
    assert trouble["at_stake"] == 100

    third = paid_week(place, own, 2)

    assert ("recovery", "-100.00") in lines_of(third, "earning")
    assert third["gross"] == third["taxable"] == money("500.00", currency)
    # what was short comes first by its priority: union 20.00, then the rest of the car
    took = dict(lines_of(third, "deduction"))
    assert took["union"] == "40.00"  # nothing was earned in the second week
    assert own.preparer.get(f"/v1/recoveries/{row['id']}").done()["state"] == "settled"
    assert "1600" not in sums(place)
    assert amount(paid_week(other_agency, other_people, 0)["net"]) > 0
    assert other_people.preparer.every("/v1/recoveries") == []
