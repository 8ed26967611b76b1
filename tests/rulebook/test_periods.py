"""Periods are half-open: the last day is inside, the next period's first day is not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.periods import Period, month_of, week_of

pytestmark = pytest.mark.rulebook

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
periods = st.builds(
    lambda starts, length: Period(starts, starts + timedelta(days=length)),
    days,
    st.integers(1, 400),
)


def test_a_period_holds_its_first_day_and_not_its_end() -> None:
    week = Period(date(2026, 4, 6), date(2026, 4, 13))

    assert date(2026, 4, 6) in week
    assert date(2026, 4, 12) in week
    assert date(2026, 4, 13) not in week
    assert week.last_day == date(2026, 4, 12)
    assert len(week) == 7


@pytest.mark.parametrize("ends", [date(2026, 4, 6), date(2026, 4, 5)])
def test_a_period_of_no_days_is_refused(ends: date) -> None:
    with pytest.raises(ValueError, match="ends after"):
        Period(date(2026, 4, 6), ends)


@given(periods)
def test_a_period_is_its_days(period: Period) -> None:
    inside = list(period)

    assert len(inside) == len(period)
    assert inside[0] == period.starts
    assert inside[-1] == period.last_day
    assert all(day in period for day in inside)


@given(periods, periods)
def test_an_overlap_is_the_days_in_both(first: Period, second: Period) -> None:
    shared = first.overlap(second)

    assert set(shared or ()) == set(first) & set(second)
    assert shared == second.overlap(first)


@given(days, st.integers(0, 6))
def test_a_week_holds_its_day_and_begins_on_the_day_asked_for(day: date, first: int) -> None:
    week = week_of(day, first)

    assert day in week
    assert len(week) == 7
    assert week.starts.weekday() == first


@given(days)
def test_a_month_holds_its_day_from_the_first_to_the_last(day: date) -> None:
    month = month_of(day)

    assert day in month
    assert month.starts.day == 1
    assert month.ends.day == 1
    assert {(one.year, one.month) for one in month} == {(day.year, day.month)}
