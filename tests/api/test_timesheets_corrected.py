"""Approved time put right: corrections, rates agreed late, and time that comes in late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.api.office import read_one_by_one
from tests.backline.week import approved, attend, exceptions, in_books, posts, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(agency):
    return in_books(agency, lambda: posts(agency))[0]


@pytest.fixture(autouse=True)
def twin(other_agency):
    """The same assignment at the agency that looks alike."""
    return in_books(other_agency, lambda: posts(other_agency))[0]


# --- corrected -----------------------------------------------------------------------------------


@pytest.mark.capability("TC-16")
def test_a_correction_is_a_new_sheet_and_the_original_stays_as_it_was(
    agency, wire, other_wire, post, twin
):
    first = approved(wire, post, "8", "8")
    theirs = approved(other_wire, twin, "8", "8")
    charged = wire.every("/v1/charges")
    right = {"entries": sheet(post, "8", "6")["entries"], "reason": "left at two"}

    made = wire.post(f"/v1/timesheets/{first['id']}/correct", right).done()
    assert (made.status, made["corrects"], made["status"]) == (201, first["id"], "draft")
    waiting = wire.post(f"/v1/timesheets/{first['id']}/correct", right)
    assert (waiting.status, waiting.code) == (409, "correction_open")
    wire.post(f"/v1/timesheets/{made['id']}/submit", {}).done()
    wire.post(f"/v1/timesheets/{made['id']}/approve", {}).done()
    attend(agency)

    assert wire.get(f"/v1/timesheets/{first['id']}").done().body == first
    posted = [row for row in wire.every("/v1/charges") if row["timesheet"] == made["id"]]
    delta = {row["code"]: row for row in posted}
    assert delta["regular"]["pay_quantity"] == "-2.00"
    assert delta["regular"]["pay_amount"]["amount"] == "-30.00"
    assert delta["regular"]["bill_amount"]["amount"] == "-42.00"
    assert delta["regular"]["corrects"] in {row["id"] for row in charged}
    (correction,) = read_one_by_one(wire, other_wire, "/v1/corrections")
    assert (correction["kind"], correction["reason"]) == ("corrected_time", "left at two")
    assert correction["id"] == delta["regular"]["correction"]
    (found,) = exceptions(agency, "time_corrected")
    assert (found["owner_role"], found["state"]) == ("ops_payroll", "open")
    # 30.00 and 12.07 % of it are taken back on one side, 42.00 on the other
    assert found["at_stake"] == Decimal("75.62")
    assert other_wire.get(f"/v1/timesheets/{theirs['id']}").done().body == theirs
    assert other_wire.every("/v1/corrections") == []


def test_only_approved_time_is_corrected(wire, post):
    made = wire.post("/v1/timesheets", sheet(post, "8")).done()["id"]
    right = {"entries": [], "reason": "was never there"}

    reply = wire.post(f"/v1/timesheets/{made}/correct", right)

    assert (reply.status, reply.code) == (409, "not_approved")
    assert len(wire.every("/v1/timesheets")) == 1


def test_a_correction_to_nothing_takes_everything_back(agency, wire, post):
    first = approved(wire, post, "8")
    right = {"entries": [], "reason": "was never there"}
    made = wire.post(f"/v1/timesheets/{first['id']}/correct", right).done()["id"]
    wire.post(f"/v1/timesheets/{made}/submit", {}).done()
    wire.post(f"/v1/timesheets/{made}/approve", {}).done()

    rows = wire.every("/v1/charges")

    for side in ("pay", "bill"):
        amounts = [row[f"{side}_amount"] for row in rows if row[f"{side}_amount"]]
        assert sum(Decimal(amount["amount"]) for amount in amounts) == 0


# --- rates ---------------------------------------------------------------------------------------


def agree(owner, post, since: str, pay: str, bill: str) -> None:
    def money(amount: str) -> dict[str, str]:
        return {"amount": amount, "currency": "GBP"}

    rates = [{"code": "regular", "pay_rate": money(pay), "bill_rate": money(bill)}]
    body = {"since": since, "rates": rates}
    owner.post(f"/v1/assignments/{post.asg}/rates", body, key=since + pay).done()


def paid(wire, code: str = "regular") -> list[tuple[str, str, str]]:
    rows = wire.every("/v1/charges", code=code, sort="worked_on")
    return [
        (row["worked_on"], row["pay_amount"]["amount"], row["bill_amount"]["amount"])
        for row in rows
        if row["pay_amount"] and row["bill_amount"]
    ]


@pytest.mark.capability("PL-08")
def test_a_rate_from_wednesday_on_holds_on_both_sides_from_wednesday_on(
    owner, wire, other_wire, post, twin
):
    agree(owner, post, "2026-06-03", "16.00", "23.00")

    approved(wire, post, "8", "8", "8", "8", "8")
    approved(other_wire, twin, "8", "8", "8", "8", "8")

    assert paid(wire) == [
        ("2026-06-01", "120.00", "168.00"),
        ("2026-06-02", "120.00", "168.00"),
        ("2026-06-03", "128.00", "184.00"),
        ("2026-06-04", "128.00", "184.00"),
        ("2026-06-05", "128.00", "184.00"),
    ]
    assert {row[1:] for row in paid(other_wire)} == {("120.00", "168.00")}


@pytest.mark.capability("TC-15")
def test_rates_agreed_after_submission_wait_until_it_is_priced_again_on_purpose(
    agency, other_agency, wire, owner, post
):
    sent = wire.post("/v1/timesheets", sheet(post, "8")).done()
    agree(owner, post, "2026-06-01", "16.00", "23.00")
    attend(agency)

    unchanged = wire.get(f"/v1/timesheets/{sent['id']}").done()
    assert (sent["rates_version"], unchanged["rates_version"]) == (1, 1)
    (found,) = exceptions(agency, "rate_changed_before_pay")
    assert (found["owner_role"], found["state"]) == ("ops_payroll", "open")
    wire.post(f"/v1/timesheets/{sent['id']}/approve", {}).done()
    attend(agency)
    assert paid(wire) == [("2026-06-01", "120.00", "168.00")]
    assert wire.every("/v1/corrections") == []

    told = {"reason": "the new rate was meant from Monday"}
    reply = owner.post(f"/v1/timesheets/{sent['id']}/reprice", told).done()

    (correction,) = reply["corrections"]
    # 8 h at 1.00 more and 12.07 % of it; 8 h at 2.00 more
    assert correction["pay_difference"]["amount"] == "8.97"
    assert correction["bill_difference"]["amount"] == "16.00"
    assert wire.get(f"/v1/timesheets/{sent['id']}").done()["rates_version"] == 2
    assert exceptions(agency, "rate_changed_before_pay")[0]["state"] == "resolved"
    again = owner.post(f"/v1/timesheets/{sent['id']}/reprice", told).done()
    assert again["corrections"] == []
    assert exceptions(other_agency, "rate_changed_before_pay") == []


@pytest.mark.capability("PL-09", "X-05")
def test_a_change_of_one_side_alone_is_told_with_its_margin_before_the_run(
    agency, other_agency, owner, post
):
    agree(owner, post, "2026-06-08", "16.00", "21.00")

    (found,) = exceptions(agency, "one_sided_rate_change")
    assert (found["owner_role"], found["state"]) == ("owner", "open")
    (effect,) = found["evidence"]
    assert (effect["moved"], effect["margin_before"], effect["margin_now"]) == (
        "pay", "6.0000", "5.0000",
    )  # fmt: skip
    assert exceptions(other_agency, "one_sided_rate_change") == []


def test_rates_agreed_for_weeks_that_were_priced_correct_both_sides(agency, wire, owner, post):
    approved(wire, post, "8")

    agree(owner, post, "2026-06-01", "16.00", "23.00")
    attend(agency)

    (correction,) = wire.every("/v1/corrections")
    assert correction["kind"] == "rate_change"
    (found,) = exceptions(agency, "rate_changed_before_pay")
    assert (found["at_stake"], found["stops"]) == (Decimal("24.97"), "money")


# --- late ----------------------------------------------------------------------------------------


def test_late_time_is_taken_and_says_what_it_costs(agency, other_agency, wire, post):
    from backline.timesheets import actions

    in_books(agency, lambda: actions.close_through("weekly", date(2026, 6, 7)))

    sent = wire.post("/v1/timesheets", sheet(post, "8")).done()
    (found,) = exceptions(agency, "late_timesheet")
    assert (sent["is_late"], found["at_stake"], found["owner_role"]) == (True, None, "ops_payroll")
    wire.post(f"/v1/timesheets/{sent['id']}/approve", {}).done()

    (found,) = exceptions(agency, "late_timesheet")
    # pay of 120.00 with 14.48 of holiday, bill of 168.00
    assert (found["state"], found["at_stake"]) == ("open", Decimal("302.48"))
    assert exceptions(other_agency, "late_timesheet") == []


def test_what_nobody_moves_comes_onto_a_desk_and_leaves_it_by_itself(agency, wire, post):
    from backline.timesheets.tasks import follow_the_days

    made = wire.post("/v1/timesheets", sheet(post, "8")).done()["id"]
    soon = datetime(2026, 6, 8, 9, tzinfo=UTC)
    in_books(agency, lambda: follow_the_days(at=soon))
    assert exceptions(agency, "timesheet_overdue") == []

    for _ in range(2):
        in_books(agency, lambda: follow_the_days(at=soon + timedelta(3)))
    (found,) = exceptions(agency, "timesheet_overdue")
    assert found["evidence"][0] == {
        "status": "submitted", "held_by": "approver", "name": "Meg Moss",
    }  # fmt: skip
    wire.post(f"/v1/timesheets/{made}/approve", {}).done()

    assert exceptions(agency, "timesheet_overdue")[0]["state"] == "resolved"


def test_late_time_that_is_called_back_is_late_no_more(agency, wire, post):
    from backline.timesheets import actions

    in_books(agency, lambda: actions.close_through("weekly", date(2026, 6, 7)))
    sent = wire.post("/v1/timesheets", sheet(post, "8")).done()["id"]

    wire.post(f"/v1/timesheets/{sent}/recall", {}).done()

    (found,) = exceptions(agency, "late_timesheet")
    assert (found["state"], found["resolution"]) == ("resolved", "The time was called back.")
