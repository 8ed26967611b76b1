"""Banks work on the days they say, in every country we pay in."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.calendars import (
    business_day,
    calendars,
    is_business_day,
    next_business_day,
    previous_business_day,
)
from rulebook.timeline import NoRule

pytestmark = pytest.mark.rulebook

ENGLAND, SCOTLAND, ULSTER = "gb.england_wales", "gb.scotland", "gb.northern_ireland"
FED = "us.federal_reserve"
days = st.dates(date(2026, 2, 1), date(2027, 11, 30))


def test_four_calendars_are_held() -> None:
    assert set(calendars()) == {ENGLAND, SCOTLAND, ULSTER, FED}


@pytest.mark.parametrize(
    ("day", "calendar", "before", "after"),
    [
        (date(2026, 4, 3), ENGLAND, date(2026, 4, 2), date(2026, 4, 7)),
        (date(2026, 4, 3), SCOTLAND, date(2026, 4, 2), date(2026, 4, 6)),
        (date(2026, 12, 25), ENGLAND, date(2026, 12, 24), date(2026, 12, 29)),
        (date(2026, 6, 15), SCOTLAND, date(2026, 6, 12), date(2026, 6, 16)),
        (date(2026, 7, 13), ULSTER, date(2026, 7, 10), date(2026, 7, 14)),
        (date(2026, 6, 19), FED, date(2026, 6, 18), date(2026, 6, 22)),
        (date(2027, 7, 5), FED, date(2027, 7, 2), date(2027, 7, 6)),
        (date(2026, 11, 26), FED, date(2026, 11, 25), date(2026, 11, 27)),
    ],
)
def test_a_payday_on_a_day_off_moves(day: date, calendar: str, before: date, after: date) -> None:
    assert not is_business_day(day, calendar)
    assert previous_business_day(day, calendar) == before
    assert next_business_day(day, calendar) == after


def test_the_reserve_banks_are_open_on_the_friday_before_a_saturday_holiday() -> None:
    assert is_business_day(date(2026, 7, 3), FED)


def test_bacs_takes_three_banking_days_over_a_bank_holiday() -> None:
    assert business_day(date(2026, 4, 9), -2, ENGLAND) == date(2026, 4, 7)
    assert business_day(date(2026, 4, 8), -2, ENGLAND) == date(2026, 4, 2)


@given(days, st.integers(-15, 15), st.sampled_from([ENGLAND, SCOTLAND, ULSTER, FED]))
def test_counting_banking_days_there_and_back_ends_where_it_began(
    day: date, n: int, calendar: str
) -> None:
    begun = next_business_day(day, calendar)

    assert business_day(business_day(begun, n, calendar), -n, calendar) == begun


@given(days, st.sampled_from([ENGLAND, SCOTLAND, ULSTER, FED]))
def test_the_nearest_banking_days_enclose_a_day(day: date, calendar: str) -> None:
    before, after = previous_business_day(day, calendar), next_business_day(day, calendar)

    assert before <= day <= after
    assert is_business_day(before, calendar)
    assert is_business_day(after, calendar)


def test_a_year_that_is_not_held_is_refused() -> None:
    with pytest.raises(NoRule):
        is_business_day(date(2028, 1, 4), ENGLAND)


@pytest.mark.parametrize("calendar", ["gb.france", "fr.paris", ""])
def test_a_calendar_that_is_not_held_is_refused(calendar: str) -> None:
    with pytest.raises(NoRule):
        is_business_day(date(2026, 4, 7), calendar)
