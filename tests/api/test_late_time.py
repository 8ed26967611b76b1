"""Late time and late rates, followed until all of it is paid and billed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.backline import payday
from tests.backline.week import MONDAY, approved, attend, exceptions, in_books, posts, sheet

pytestmark = pytest.mark.django_db

D = Decimal
FIRST = datetime(2026, 6, 9, 9, tzinfo=UTC)  # the first week is over
SECOND = datetime(2026, 6, 16, 9, tzinfo=UTC)
THIRD = datetime(2026, 6, 23, 9, tzinfo=UTC)


def two_workers(place):
    """Two workers at one client whom the firm can pay."""
    payday.employer()
    some = posts(place, 2)
    payday.payable([post.worker for post in some])
    return some


@pytest.fixture
def some(agency, other_agency):
    in_books(other_agency, lambda: two_workers(other_agency))
    return in_books(agency, lambda: two_workers(agency))


@pytest.fixture
def both(some, other_agency):
    """The two workers, and the agency that looks alike."""
    return (*some, other_agency)


@pytest.fixture
def people(agency, partner):
    return payday.three(agency, partner)


@pytest.fixture
def office(agency, partner, people):
    """The three of payroll, and billing of the partner at work inside the agency."""
    from tests.api.office import inside

    return people, inside(partner, agency, "ops_billing")


def pay(place, people, at: datetime) -> str:
    """The run of the week that is over, released."""
    run = payday.opened(place, at)
    payday.released(place, people, run)
    attend(place)
    return run


def bill(place, wire, billing) -> list[str]:
    """Every draft of the agency made final."""
    attend(place)
    drafts = [row["id"] for row in wire.every("/v1/invoices", state="draft")]
    billing.post("/v1/invoices/finalize", {"invoices": drafts}, key=f"bill-{drafts}").done()
    attend(place)
    return drafts


@pytest.mark.capability("TC-27")
def test_a_late_week_is_paid_and_billed_in_the_open_one_and_dated_both_ways(
    agency, wire, owner, office, both
):
    (people, billing), (ada, ben, theirs) = office, both
    approved(wire, ada, "8")
    pay(agency, people, FIRST)
    owner.post("/v1/weeks/2026-06-01/close").done()
    bill(agency, wire, billing)
    payday.clock(agency, SECOND)
    approved(wire, ada, "8", starts_on=MONDAY.replace(day=8))
    reported = of_week(wire, "2026-06-01")

    late = wire.post("/v1/timesheets", sheet(ben, "8")).done()
    assert (late["is_late"], late["starts_on"]) == (True, "2026-06-01")
    wire.post(f"/v1/timesheets/{late['id']}/approve", {}).done()
    attend(agency)

    work = wire.every("/v1/charges", timesheet=late["id"], code="regular")
    assert [(row["worked_on"], row["week_starts_on"], row["posted_week"]) for row in work] == [
        ("2026-06-01", "2026-06-01", "2026-06-15")
    ]
    (found,) = exceptions(agency, "late_timesheet")
    assert (found["owner_role"], found["state"], found["at_stake"]) == (
        "ops_payroll", "open", D("302.48"),
    )  # fmt: skip
    run = pay(agency, people, SECOND)
    assert exceptions(agency, "late_timesheet")[0]["state"] == "open"  # paid, not yet billed
    bill(agency, wire, billing)

    (found,) = exceptions(agency, "late_timesheet")
    assert (found["state"], found["resolution"]) == ("resolved", "All of it is paid and billed.")
    assert len(people.preparer.every("/v1/pay-statements", run=run)) == 2
    # the first week stands as it was reported; what was late is in the week that is open
    assert of_week(wire, "2026-06-01") == reported
    assert D(of_week(wire, "2026-06-08")["late"]["amount"]) > 0
    assert exceptions(theirs, "late_timesheet") == []


def of_week(wire, day: str):
    query = {"by": "week", "from": day, "to": day}
    (row,) = wire.get("/v1/margins", **query).done()["rows"]
    return row


def test_a_rate_changed_after_pay_and_bill_closes_once_the_difference_is_out(
    agency, wire, owner, office, some
):
    people, billing = office
    approved(wire, some[0], "8")
    pay(agency, people, FIRST)
    bill(agency, wire, billing)
    payday.clock(agency, SECOND)

    rates = [{"code": "regular", "pay_rate": money("16.00"), "bill_rate": money("23.00")}]
    body = {"since": "2026-06-01", "rates": rates}
    owner.post(f"/v1/assignments/{some[0].asg}/rates", body, key="1").done()
    attend(agency)

    (found,) = exceptions(agency, "retroactive_rate")
    assert (found["owner_role"], found["state"], found["at_stake"]) == (
        "ops_payroll", "open", D("24.97"),
    )  # fmt: skip
    assert exceptions(agency, "rate_changed_before_pay") == []
    pay(agency, people, SECOND)
    bill(agency, wire, billing)
    assert exceptions(agency, "retroactive_rate")[0]["state"] == "resolved"


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


def test_burden_is_expected_until_the_run_is_final_and_then_what_it_cost(
    agency, wire, people, some
):
    approved(wire, some[0], "12", "12", "12", "12")
    before = of_week(wire, "2026-06-01")

    pay(agency, people, FIRST)

    now = of_week(wire, "2026-06-01")
    assert (before["burden_is"], before["burden"]["amount"]) == ("expected", "0.00")
    assert now["burden_is"] == "actual"
    run = people.preparer.every("/v1/pay-runs", state="released")[0]
    assert now["burden"] == run["employer_cost"]
    assert D(now["margin"]["amount"]) == D(before["margin"]["amount"]) - D(now["burden"]["amount"])


def test_burden_that_came_out_otherwise_after_closing_falls_in_the_open_week(
    agency, wire, owner, people, some
):
    approved(wire, some[0], "12", "12", "12", "12")
    payday.clock(agency, FIRST)
    owner.post("/v1/weeks/2026-06-01/close").done()
    reported = of_week(wire, "2026-06-01")

    run = pay(agency, people, FIRST)

    cost = people.preparer.get(f"/v1/pay-runs/{run}").done()["employer_cost"]["amount"]
    assert of_week(wire, "2026-06-01") == reported
    assert of_week(wire, "2026-06-08")["margin"]["amount"] == f"-{cost}"


def test_a_third_week_is_far_enough(agency, wire, some):
    """Nothing is late before pay was closed for it."""
    payday.clock(agency, THIRD)

    assert wire.post("/v1/timesheets", sheet(some[0], "8")).done()["is_late"] is False


def test_the_partner_reads_the_same_margin_as_the_agency(agency, wire, owner, people, some):
    from tenants.reports import rolling

    approved(wire, some[0], "12", "12", "12", "12")
    payday.clock(agency, FIRST)
    owner.post("/v1/weeks/2026-06-01/close").done()
    pay(agency, people, FIRST)  # what it cost comes after closing, so it is in the open week
    alone = {"assignment": some[0].asg, "worked_on": "2026-06-02", "reason": "cab"}
    owner.post("/v1/margin-adjustments", alone | {"amount": money("-7.50")}, key="1").done()

    told = in_books(agency, lambda: rolling.week_sums(FIRST.date()))

    published = {row["week_starts_on"].isoformat(): row.get("margin") for row in told}
    for day in ("2026-06-01", "2026-06-08"):
        assert published[day] == D(of_week(wire, day)["margin"]["amount"])
