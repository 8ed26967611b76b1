"""Margin: live along every dimension, frozen for a closed week, late items in the open one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.backline.week import (
    MONDAY,
    approved,
    client_of,
    in_books,
    posts,
    sheet,
)

pytestmark = pytest.mark.django_db

D = Decimal
WEEK = timedelta(7)
DIMENSIONS = ("assignment", "client", "worker", "consultant", "service_line", "week")


def desk_of(place):
    """Three assignments of two consultants at two clients, with a burden of 15 % to expect."""
    from backline.directory.models import FirmRecord

    FirmRecord.objects.update(holiday_method="none", settings={"burden_shares": {"paye": "0.15"}})
    first, second = client_of(place), client_of(place)
    return [
        *posts(place, 2, at=first, consultant="Kim", service_line="industrial"),
        *posts(place, at=second, consultant="Lee", service_line="office"),
    ]


@pytest.fixture
def three(agency, other_agency):
    in_books(other_agency, lambda: desk_of(other_agency))
    return in_books(agency, lambda: desk_of(agency))


def margins(wire, by: str, first: str = "2026-06-01", last: str = "2026-06-07") -> Any:
    return wire.get("/v1/margins", **{"by": by, "from": first, "to": last}).done()


def figures(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row[name]["amount"] for name in ("bill", "pay", "burden", "margin"))


def clock(owner, to: str) -> None:
    owner.post("/v1/sandbox/clock", {"now": to}).done()


@pytest.mark.capability("RP-01")
def test_margin_is_known_the_moment_time_is_approved(wire, other_wire, three):
    assert margins(wire, "client")["rows"] == []

    approved(wire, three[0], "8")
    approved(wire, three[2], "4")

    by_assignment = {row["key"]: row for row in margins(wire, "assignment")["rows"]}
    # 168.00 less 120.00 less 15 % of that
    assert figures(by_assignment[three[0].asg]) == ("168.00", "120.00", "18.00", "30.00")
    assert by_assignment[three[0].asg]["name"] == "Ada Byron, Widgets Ltd"
    assert by_assignment[three[0].asg]["margin_share"] == "0.1786"
    assert by_assignment[three[0].asg]["markup_share"] == "0.25"
    by_client = {row["key"]: figures(row) for row in margins(wire, "client")["rows"]}
    assert sorted(by_client.values()) == [
        ("168.00", "120.00", "18.00", "30.00"),
        ("84.00", "60.00", "9.00", "15.00"),
    ]
    by_consultant = {row["key"]: figures(row)[-1] for row in margins(wire, "consultant")["rows"]}
    assert by_consultant == {"Kim": "30.00", "Lee": "15.00"}
    assert margins(other_wire, "consultant")["rows"] == []


@pytest.mark.capability("RP-02")
def test_the_same_total_comes_out_along_every_dimension(wire, owner, other_wire, three):
    for post, hours in zip(three, ("8", "7.25", "6.5"), strict=True):
        approved(wire, post, hours, hours)
        approved(wire, post, hours, starts_on=MONDAY + WEEK)
    clock(owner, "2026-06-09T09:00:00Z")
    owner.post("/v1/weeks/2026-06-01/close").done()
    late = {"entries": sheet(three[0], "8", "9")["entries"], "reason": "stayed on"}
    correct(wire, wire.every("/v1/timesheets", assignment=three[0].asg)[-1]["id"], late)

    found = {by: margins(wire, by, "2026-06-01", "2026-06-14") for by in DIMENSIONS}

    totals = {by: report["totals"] for by, report in found.items()}
    assert len({str(total) for total in totals.values()}) == 1
    for by, report in found.items():
        for name in ("bill", "pay", "burden", "margin"):
            parts = sum(D(row[name]["amount"]) for row in report["rows"])
            assert parts == D(report["totals"][0][name]["amount"]), (by, name)
    # two days and one, of three workers, and an hour more of the first: 66.25 h at 21.00
    assert (totals["week"][0]["hours"], figures(totals["week"][0])[0]) == ("66.25", "1391.25")
    assert margins(other_wire, "week")["totals"] == []


def correct(wire, timesheet: str, body: dict[str, Any]) -> None:
    made = wire.post(f"/v1/timesheets/{timesheet}/correct", body).done()["id"]
    wire.post(f"/v1/timesheets/{made}/submit", {}).done()
    wire.post(f"/v1/timesheets/{made}/approve", {}).done()


@pytest.mark.capability("RP-03")
def test_a_closed_week_stays_as_reported_and_late_items_fall_in_the_open_one(
    wire, owner, other_wire, three
):
    approved(wire, three[0], "8")
    for week in (1, 2):
        approved(wire, three[0], "8", starts_on=MONDAY + WEEK * week)
    clock(owner, "2026-06-22T09:00:00Z")
    for day in ("2026-06-01", "2026-06-10", "2026-06-21"):  # any day names its week
        closed = owner.post(f"/v1/weeks/{day}/close").done()["weeks"]
    assert figures(closed[0]) == ("168.00", "120.00", "18.00", "30.00")
    before = margins(wire, "week", "2026-06-01", "2026-06-21").body

    approved(wire, three[1], "4")  # of the first week, three weeks on

    now = margins(wire, "week", "2026-06-01", "2026-06-28")
    frozen, (open_week,) = now["rows"][:3], now["rows"][3:]
    assert frozen == before["rows"]
    assert {row["is_closed"] for row in frozen} == {True}
    assert (open_week["key"], open_week["is_closed"]) == ("2026-06-22", False)
    assert figures(open_week) == ("84.00", "60.00", "9.00", "15.00")
    assert open_week["late"]["amount"] == "15.00"
    clock(owner, "2026-06-29T09:00:00Z")
    (week,) = owner.post("/v1/weeks/2026-06-22/close").done()["weeks"]
    assert (figures(week)[-1], week["late"]["amount"]) == ("15.00", "15.00")
    again = margins(wire, "week", "2026-06-22", "2026-07-05")
    assert [row["key"] for row in again["rows"]] == ["2026-06-22"]
    assert other_wire.every("/v1/weeks") == []


def test_the_rows_of_a_closed_week_are_kept_by_assignment_with_what_they_hash_to(
    wire, owner, three
):
    approved(wire, three[0], "8")
    approved(wire, three[2], "4")
    clock(owner, "2026-06-08T09:00:00Z")

    (week,) = owner.post("/v1/weeks/2026-06-03/close", key="close").done()["weeks"]

    rows = wire.every(f"/v1/weeks/{week['id']}/margins")
    assert {row["assignment"]: row["margin"]["amount"] for row in rows} == {
        three[0].asg: "30.00",
        three[2].asg: "15.00",
    }
    assert (len(week["digest"]), week["closed_by"]["role"]) == (64, "owner")
    assert wire.get(f"/v1/weeks/{week['id']}").done().body == week
    again = owner.post("/v1/weeks/2026-06-03/close", key="close").done()
    assert again["weeks"] == [week]


def test_weeks_are_closed_once_in_order_and_when_they_are_over(wire, owner, person, three):
    approved(wire, three[0], "8")
    approved(wire, three[0], "8", starts_on=MONDAY + WEEK)
    early = owner.post("/v1/weeks/2026-06-01/close")
    assert (early.status, early.code) == (409, "week_not_over")
    clock(owner, "2026-06-15T09:00:00Z")

    skipped = owner.post("/v1/weeks/2026-06-08/close")
    assert (skipped.status, skipped.code) == (409, "earlier_week_open")
    assert wire.post("/v1/weeks/2026-06-01/close").code == "scope_missing"
    assert person("staff").post("/v1/weeks/2026-06-01/close").code == "scope_missing"
    assert owner.post("/v1/weeks/2026-06-01/close?dry_run=true").done().status == 200
    assert wire.every("/v1/weeks") == []

    owner.post("/v1/weeks/2026-06-01/close").done()
    twice = owner.post("/v1/weeks/2026-06-02/close")
    assert (twice.status, twice.code) == (409, "week_closed")
    assert len(wire.every("/v1/weeks")) == 1


def test_a_week_without_work_is_closed_with_nothing_in_it(wire, owner, three):
    clock(owner, "2026-06-08T09:00:00Z")

    (week,) = owner.post("/v1/weeks/2026-06-01/close").done()["weeks"]

    assert figures(week) == ("0.00", "0.00", "0.00", "0.00")
    assert wire.every(f"/v1/weeks/{week['id']}/margins") == []


@pytest.mark.capability("RP-08")
def test_every_report_says_how_fresh_it_is_and_what_it_lacks(wire, owner, other_wire, three):
    wire.post("/v1/timesheets/open-due", {}).done()
    approved(wire, three[0], "8")
    clock(owner, "2026-06-08T10:30:00Z")

    report = margins(wire, "client")

    assert report["as_of"] == "2026-06-08T10:30:00Z"
    assert (report["from"], report["to"]) == ("2026-06-01", "2026-06-07")
    assert {gap["code"]: gap["count"] for gap in report["missing"]} == {
        "timesheets_not_approved": 2,
        "burden_expected": 1,
    }
    assert report["rows"][0]["burden_is"] == "expected"
    theirs = margins(other_wire, "client")
    assert (theirs["as_of"], theirs["missing"]) == ("2026-06-01T08:00:00Z", [])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"from": "2026-06-01"}, "required"),
        ({"from": "2026-06-08", "to": "2026-06-01"}, "span_out_of_bounds"),
        ({"from": "2020-06-08", "to": "2026-06-01"}, "span_out_of_bounds"),
        ({"from": "2026-06-01", "to": "2026-06-07", "by": "mood"}, "unknown_choice"),
        ({"from": "june", "to": "2026-06-07"}, "invalid_day"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(wire, asked, code):
    reply = wire.get("/v1/margins", **asked)

    assert (reply.status, reply.codes[0][0]) == (422, code)


def test_what_is_put_to_margin_alone_needs_an_assignment_a_reason_and_an_amount(
    wire, owner, other_wire, three
):
    body = {"assignment": three[0].asg, "worked_on": "2026-06-02", "reason": "cab",
            "amount": {"amount": "-7.50", "currency": "GBP"}}  # fmt: skip

    nothing = body | {"amount": {"amount": "0.00", "currency": "GBP"}}
    assert owner.post("/v1/margin-adjustments", nothing, key="1").code == "nothing_to_put"
    before = body | {"worked_on": "2026-05-02"}
    assert owner.post("/v1/margin-adjustments", before, key="2").code == "outside_assignment"
    dollars = body | {"amount": {"amount": "-7.50", "currency": "USD"}}
    assert owner.post("/v1/margin-adjustments", dollars, key="4").code == "currency_differs"
    unknown = body | {"assignment": "asg_" + "0" * 26}
    assert owner.post("/v1/margin-adjustments", unknown, key="3").status == 404
    assert wire.every("/v1/margin-adjustments") == []


def test_the_sums_for_the_partner_hold_no_name(agency, wire, three):
    from backline.margin import queries

    approved(wire, three[0], "8")

    facts = in_books(agency, lambda: queries.week_facts(MONDAY))

    assert {currency: sums.margin for currency, sums in facts.items()} == {"GBP": D("30.00")}
