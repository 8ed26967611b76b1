"""Words of the pages: days in the country's order, amounts with their sign, what is due when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from api.pages import wording

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "ends", "country", "told"),
    [
        ("2026-06-08", "2026-06-14", "GB", "8 to 14 June 2026"),
        ("2026-06-29", "2026-07-05", "GB", "29 June to 5 July 2026"),
        ("2026-12-28", "2027-01-03", "GB", "28 December 2026 to 3 January 2027"),
        ("2026-06-08", "2026-06-14", "US", "June 8 to June 14, 2026"),
        ("2026-12-28", "2027-01-03", "US", "December 28, 2026 to January 3, 2027"),
        ("2026-06-08", "2026-06-08", "GB", "8 June 2026"),
    ],
)
def test_a_period_names_its_year_once(starts, ends, country, told):
    assert wording.period(date.fromisoformat(starts), date.fromisoformat(ends), country) == told


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (timedelta(days=-3), ("Since 12 June", "bad")),
        (timedelta(minutes=-90), ("Since 09:00", "bad")),
        (timedelta(hours=6), ("Today 16:30", "bad")),
        (timedelta(days=1), ("Tomorrow", "wait")),
        (timedelta(days=4), ("19 June", "")),
    ],
)
def test_what_is_due_says_when_and_how_it_feels(ahead, told):
    assert wording.due(NOW + ahead, NOW, LONDON, "GB") == told


def test_a_moment_is_told_in_the_firms_time():
    assert wording.moment(NOW, NOW, LONDON, "GB") == "today, 10:30"
    assert wording.moment(NOW - timedelta(days=1), NOW, LONDON, "GB") == "yesterday, 10:30"
    assert wording.moment(NOW - timedelta(days=400), NOW, LONDON, "GB") == "11 May 2025, 10:30"
    late = datetime(2026, 6, 15, 23, 30, tzinfo=UTC)
    assert wording.moment(late, late, LONDON, "GB") == "today, 00:30"


def test_sentences_of_the_stages_are_spoken():
    told = "Time for 2026-06-01 to 2026-06-07: 13031.05 GBP waits since 2026-02-31"
    assert wording.spoken(told, "GB") == (
        "Time for 1 June 2026 to 7 June 2026: £13,031.05 waits since 2026-02-31"
    )
    assert wording.spoken("on 2026-06-01", "US") == "on June 1, 2026"


def test_amounts_keep_one_order_and_leave_noughts_out():
    assert wording.amounts({"USD": Decimal(9), "GBP": Decimal(1)}) == ["£1", "$9"]
    assert wording.amounts({"USD": Decimal(9), "GBP": Decimal(0)}) == ["$9"]
    assert wording.amounts({"GBP": Decimal(0), "USD": Decimal(0)}) == ["£0"]
    assert wording.amounts({}) == []


def test_time_is_counted_in_its_unit():
    assert wording.units(Decimal("38.50"), "hour") == "38.50 hours"
    assert wording.units(Decimal("1.00"), "day") == "1 day"
    assert wording.units(Decimal("4.50"), "day") == "4.5 days"
    assert wording.units(Decimal("10.00"), "day") == "10 days"
