"""Clock: the time that passed, not the difference on the wall."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.clock import ROUNDINGS, Window, by_day, by_window, clocked, hours_between
from rulebook.hours import UnfitHours, Worked
from rulebook.windows import agreed_windows, check_windows

pytestmark = pytest.mark.rulebook

D = Decimal
NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")


def at(day: str, clock: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone)


def shift(starts: datetime, ends: datetime, breaks: int = 0) -> Worked:
    line = Worked("acme", starts.date(), "regular", D(0), "hour", starts, ends, breaks)
    return clocked(line)


def test_a_night_in_which_the_clocks_go_forward_is_an_hour_shorter() -> None:
    assert hours_between(at("2026-03-07", "22:00"), at("2026-03-08", "06:00")) == D("7.00")


def test_a_night_in_which_the_clocks_go_back_is_an_hour_longer() -> None:
    starts, ends = at("2026-10-24", "22:00", LONDON), at("2026-10-25", "06:00", LONDON)

    assert hours_between(starts, ends) == D("9.00")


def test_breaks_are_taken_off_before_rounding() -> None:
    starts, ends = at("2026-01-05", "08:00"), at("2026-01-05", "16:37")

    assert hours_between(starts, ends, 30, "nearest_quarter") == D("8.00")
    assert hours_between(starts, ends, 30, "nearest_tenth") == D("8.10")
    assert hours_between(starts, ends, 30, "exact") == D("8.12")
    assert hours_between(starts, ends, 30, "quarter_up") == D("8.25")
    assert hours_between(starts, ends, 30, "quarter_down") == D("8.00")


@pytest.mark.parametrize(
    ("starts", "ends", "breaks", "says"),
    [
        ("08:00", "08:00", 0, "ends after it starts"),
        ("08:00", "09:00", 61, "breaks are longer"),
        ("08:00", "09:00", -1, "shorter than nothing"),
    ],
)
def test_impossible_times_are_refused(starts: str, ends: str, breaks: int, says: str) -> None:
    with pytest.raises(UnfitHours, match=says):
        hours_between(at("2026-01-05", starts), at("2026-01-05", ends), breaks)


def test_times_without_a_zone_are_refused() -> None:
    naive = datetime(2026, 1, 5, 8)  # noqa: DTZ001 - the refusal is what is tested
    with pytest.raises(UnfitHours, match="time zone"):
        hours_between(naive, naive + timedelta(hours=8))


def test_an_unknown_rounding_is_refused() -> None:
    with pytest.raises(UnfitHours, match="no rounding called"):
        hours_between(at("2026-01-05", "08:00"), at("2026-01-05", "09:00"), 0, "kindly")


def test_a_night_is_cut_at_midnight() -> None:
    parts = by_day(shift(at("2026-01-11", "18:00"), at("2026-01-12", "02:00"), 30))

    assert [(p.on, p.quantity) for p in parts] == [
        (date(2026, 1, 11), D("5.50")),
        (date(2026, 1, 12), D("2.00")),
    ]


def test_night_hours_are_reported_as_night() -> None:
    night = Window("night", time(22), time(6))

    parts = by_window([shift(at("2026-01-05", "20:00"), at("2026-01-06", "04:00"))], [night])

    assert [(p.code, p.quantity) for p in parts] == [("regular", D("2.00")), ("night", D("6.00"))]


def test_a_bank_holiday_goes_before_the_night() -> None:
    christmas = Window("bank_holiday", days=frozenset({date(2026, 12, 25)}))
    night = Window("night", time(22), time(6))
    line = shift(at("2026-12-24", "20:00", LONDON), at("2026-12-25", "04:00", LONDON))

    parts = by_window([line], [christmas, night])

    assert [(p.code, p.quantity) for p in parts] == [
        ("regular", D("2.00")),
        ("night", D("2.00")),
        ("bank_holiday", D("4.00")),
    ]


def test_time_without_clock_times_falls_into_whole_days_only() -> None:
    saturday = Worked("acme", date(2026, 1, 10), "regular", D(8))
    weekend = Window("weekend", weekdays=frozenset({5, 6}))
    night = Window("night", time(22), time(6))

    assert [p.code for p in by_window([saturday], [night, weekend])] == ["weekend"]


starts_at = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - the zone is drawn beside it
    datetime(2026, 12, 31),  # noqa: DTZ001
    timezones=st.just(NEW_YORK),
)


@given(starts_at, st.integers(31, 60 * 30), st.integers(0, 30))
def test_cutting_a_line_loses_nothing(starts: datetime, minutes: int, breaks: int) -> None:
    ends = (starts.astimezone(LONDON) + timedelta(minutes=minutes)).astimezone(NEW_YORK)
    if hours_between(starts, ends) * 60 <= breaks:
        return
    line = shift(starts, ends, breaks)
    windows = [Window("night", time(22), time(6)), Window("weekend", weekdays=frozenset({5, 6}))]

    for parts in (by_day(line), by_window([line], windows)):
        assert sum(part.quantity for part in parts) == line.quantity
        assert all(part.quantity >= 0 for part in parts)


@pytest.mark.parametrize("rounding", sorted(ROUNDINGS))
def test_every_rounding_leaves_whole_hours_alone(rounding: str) -> None:
    assert hours_between(at("2026-01-05", "08:00"), at("2026-01-05", "16:00"), 0, rounding) == 8


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("night", "names and values"),
        ([{"code": "overtime"}], "cannot be called 'overtime'"),
        ([{"code": "night", "weekdays": [7]}], "from 0, Monday"),
        ([{"code": "night", "bank_holidays": "gb.moon"}], "No calendar"),
        ([{"code": "night", "begins": "later"}], "not a time of day"),
        ([{"code": "night", "from": "22:00"}], "has no 'from'"),
    ],
)
def test_windows_that_cannot_be_read_are_refused(told: object, says: str) -> None:
    with pytest.raises(UnfitHours, match=says):
        check_windows(told)


def test_a_week_without_the_bank_holiday_has_no_window_of_it() -> None:
    told = [{"code": "bank_holiday", "bank_holidays": "gb.england_wales"}]

    (window,) = agreed_windows(told, date(2026, 6, 1))

    assert not any(window.on(date(2026, 6, day)) for day in range(1, 8))
