"""Margin: the same total along every dimension, and weeks that stay as they were reported."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.margin import (
    ACTUAL,
    DIMENSIONS,
    Earned,
    Margin,
    Week,
    actual_burden,
    billed_in,
    expected_burden,
    margin,
    margin_by,
    reported_in,
    reports,
    split,
)
from rulebook.money import NOTHING
from rulebook.periods import week_of

pytestmark = pytest.mark.rulebook

D = Decimal
WEEK_10 = date(2026, 3, 2)


def at(day: int, month: int = 3, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def earned(charge: str, bill: str, pay: str, burden: str = "0.00", **facts: Any) -> Earned:
    known: dict[str, Any] = {
        "assignment": "asg_1",
        "client": "Acme",
        "worker": "Ada",
        "day": WEEK_10,
        "posted_at": at(9),
        "currency": "GBP",
        **facts,
    }
    return Earned(charge=charge, bill=D(bill), pay=D(pay), burden=D(burden), **known)


def test_margin_is_what_bill_leaves_after_pay_and_burden() -> None:
    week = earned("chg", "880.00", "560.00", "153.19", hours=D("40"))
    whole = margin([week])["GBP"]
    assert (whole.amount, whole.share, whole.markup_share) == (
        D("166.81"),
        D("0.1896"),
        D("0.2979"),
    )
    assert whole.hours == D("40")


def test_unbilled_and_unpaid_work_has_no_share() -> None:
    assert margin([earned("chg", "0.00", "84.00")])["GBP"].share is None
    assert margin([earned("chg", "84.00", "0.00")])["GBP"].markup_share is None


def test_overtime_that_the_client_does_not_pay_shows_as_a_cost() -> None:
    rows = [earned("plain", "880.00", "560.00"), earned("overtime", "0.00", "84.00")]
    assert margin(rows)["GBP"].amount == D("236.00")


def test_burden_is_expected_until_every_part_of_it_is_actual() -> None:
    run = earned("one", "880.00", "560.00", "153.19", burden_is=ACTUAL)
    open_ = earned("two", "22.00", "14.00", "2.10")
    assert margin([run])["GBP"].burden_is == "actual"
    assert margin([run, open_])["GBP"].burden_is == "expected"
    assert expected_burden(D("14.00"), D("0.1535")) == D("2.15")


def test_a_payslips_cost_is_shared_over_its_charges_without_losing_a_penny() -> None:
    shared = actual_burden(D("100.00"), {"one": D("100"), "two": D("100"), "three": D("100")})
    assert shared == {"one": D("33.34"), "two": D("33.33"), "three": D("33.33")}
    assert actual_burden(D("100.00"), {}) == {}


def test_two_currencies_are_never_added() -> None:
    rows = [earned("one", "10.00", "8.00"), earned("two", "10.00", "8.00", currency="USD")]
    assert {currency: row.amount for currency, row in margin(rows).items()} == {
        "GBP": D("2.00"),
        "USD": D("2.00"),
    }


def test_a_bill_in_euros_is_turned_into_the_pay_currency_at_a_dated_rate() -> None:
    row = billed_in(earned("chg", "0.00", "320.00"), D("416.00"), D("0.8437"))
    assert margin([row])["GBP"].amount == D("30.98")


def test_sixty_and_forty_percent_of_a_charge_are_the_whole_of_it() -> None:
    row = earned("chg", "100.01", "70.03", "10.01", hours=D("7.5"))
    parts = split(row, {"Kim": D("60"), "Lee": D("40")})
    assert [part.consultant for part in parts] == ["Kim", "Lee"]
    assert margin(parts) == margin([row])
    assert margin_by(parts, "consultant")["Kim", "GBP"].bill == D("60.01")


many_rows = st.lists(
    st.builds(
        lambda n, bill, pay, burden, client, worker, day, line: earned(
            f"chg_{n}",
            str(bill),
            str(pay),
            str(burden),
            client=client,
            worker=worker,
            assignment=f"{client}-{worker}",
            day=WEEK_10 + timedelta(day),
            service_line=line,
            posted_at=at(1) + timedelta(day * 2),
        ),
        st.integers(0, 10**6),
        *[st.decimals(min_value="-500", max_value="5000", places=2)] * 3,
        st.sampled_from(["Acme", "Bolt"]),
        st.sampled_from(["Ada", "Ben", "Cy"]),
        st.integers(0, 30),
        st.sampled_from(["temp", "perm"]),
    ),
    max_size=12,
)


@given(many_rows)
def test_every_dimension_adds_up_to_the_same_total(rows: list[Earned]) -> None:
    whole = margin(rows).get("GBP")
    for ways in (*combinations(DIMENSIONS, 1), *combinations(DIMENSIONS, 2)):
        parts = margin_by(rows, *ways).values()
        for figure in ("bill", "pay", "burden", "amount"):
            added = sum((getattr(part, figure) for part in parts), NOTHING)
            assert added == (getattr(whole, figure) if whole else NOTHING)


def test_an_unknown_dimension_is_refused() -> None:
    with pytest.raises(KeyError):
        margin_by([], "weather")


# Weeks that are closed


def weeks_closed(*closings: datetime) -> list[Week]:
    return [
        Week(week_of(WEEK_10 + timedelta(7 * n)), closed_at) for n, closed_at in enumerate(closings)
    ]


def test_a_late_sheet_leaves_its_closed_week_alone_and_shows_in_the_open_one() -> None:
    closed = weeks_closed(at(10), at(17), at(24))
    on_time = earned("on_time", "880.00", "560.00")
    late = earned("late", "176.00", "112.00", posted_at=at(26))
    found = {report.period.starts: report for report in reports([on_time, late], closed)}
    first, open_ = found[WEEK_10], found[date(2026, 3, 23)]
    assert (first.own, first.late, first.is_frozen) == ((on_time,), (), True)
    assert (open_.own, open_.late, open_.is_frozen) == ((), (late,), False)
    assert margin([*first.own])["GBP"] == first.margin["GBP"]


def test_what_was_posted_before_the_closing_belongs_to_its_own_week() -> None:
    row = earned("chg", "10.00", "8.00", posted_at=at(10, hour=8))
    assert reported_in(row, weeks_closed(at(10))).starts == WEEK_10
    assert reported_in(replace(row, posted_at=at(10, hour=10)), weeks_closed(at(10))).starts == (
        date(2026, 3, 9)
    )


@given(rows=many_rows)
def test_closing_a_week_moves_nothing_that_was_reported_in_it(rows: list[Earned]) -> None:
    closed = weeks_closed(at(16), at(23))
    seen = [row for row in rows if row.posted_at <= at(16)]
    before = {report.period: report.margin for report in reports(seen, weeks_closed(at(16)))}
    after = {report.period: report.margin for report in reports(rows, closed)}
    first = week_of(WEEK_10)
    assert after.get(first) == before.get(first)


@given(rows=many_rows)
def test_every_charge_is_in_exactly_one_week(rows: list[Earned]) -> None:
    found = reports(rows, weeks_closed(at(16), at(23)))
    assert sorted(row.charge for report in found for row in (*report.own, *report.late)) == sorted(
        row.charge for row in rows
    )
    totals: list[Margin] = [row for report in found for row in report.margin.values()]
    assert sum((row.amount for row in totals), NOTHING) == sum(
        (row.amount for row in margin(rows).values()), NOTHING
    )
