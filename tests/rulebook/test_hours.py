"""Hours: no hour lost, none lifted twice, overtime where it was worked."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.hours import (
    Agreed,
    Band,
    DayRules,
    Tier,
    UnfitHours,
    WeekRules,
    Worked,
    agreed_week,
    into_bands,
    premium_pay,
    regular_rate,
)

pytestmark = pytest.mark.rulebook

MONDAY = date(2026, 1, 5)
D = Decimal
FLSA = WeekRules((Tier(D(40), D("1.5")),))
CALIFORNIA = WeekRules(
    (Tier(D(40), D("1.5")),),
    {
        "CA": DayRules(
            (Tier(D(8), D("1.5")), Tier(D(12), D(2), "double")),
            (Tier(D(0), D("1.5")), Tier(D(8), D(2), "double")),
        )
    },
)


def worked(
    assignment: str, hours: str, day: int = 0, code: str = "regular", **more: object
) -> Worked:
    return Worked(assignment, MONDAY + timedelta(day), code, D(hours), **more)  # type: ignore[arg-type]


def by_code(bands: Sequence[Band]) -> dict[str, Decimal]:
    hours: dict[str, Decimal] = {}
    for band in bands:
        hours[band.code] = hours.get(band.code, D(0)) + band.quantity
    return hours


def test_two_clients_of_one_employer_are_one_workweek() -> None:
    week = [worked("acme", "12.5", day) for day in (0, 1)] + [
        worked("bolt", "12.5", day) for day in (2, 3)
    ]

    bands = into_bands(week, FLSA)

    assert by_code([b for b in bands if b.assignment == "acme"]) == {"regular": D(25)}
    assert by_code([b for b in bands if b.assignment == "bolt"]) == {
        "regular": D(15),
        "overtime": D(10),
    }


def test_a_regular_rate_is_weighted_over_two_rates() -> None:
    rate = regular_rate([(D(30), D(18)), (D(20), D(24))])

    assert rate == D("20.40")
    assert premium_pay(rate, D(10), D("1.5")) == D("102.00")


def test_a_bonus_of_the_week_raises_the_regular_rate() -> None:
    # 29 CFR 778.110(b): 46 hours at 12, bonus 46.00: rate 13.00, total 637.00.
    rate = regular_rate([(D(46), D(12))], extra=D(46))

    assert rate == D(13)
    assert 46 * 12 + 46 + premium_pay(rate, D(6), D("1.5")) == D("637.00")


def test_a_long_californian_day_is_split_in_three() -> None:
    assert by_code(into_bands([worked("acme", "14", place="CA")], CALIFORNIA)) == {
        "regular": D(8),
        "overtime": D(4),
        "double": D(2),
    }


def test_hours_lifted_by_the_day_are_not_lifted_again_by_the_week() -> None:
    week = [worked("acme", "10", day, place="CA") for day in range(5)]

    assert by_code(into_bands(week, CALIFORNIA)) == {
        "regular": D(40),
        "overtime": D(10),
    }


def test_straight_hours_over_forty_in_six_californian_days() -> None:
    week = [worked("acme", "9", day, place="CA") for day in range(6)]

    assert by_code(into_bands(week, CALIFORNIA)) == {
        "regular": D(40),
        "overtime": D(14),
    }


def test_the_seventh_californian_day_is_lifted_from_its_first_hour() -> None:
    week = [worked("acme", "5", day, place="CA") for day in range(6)]
    week.append(worked("acme", "9", 6, place="CA"))

    assert by_code(into_bands(week, CALIFORNIA)) == {
        "regular": D(30),
        "overtime": D(8),
        "double": D(1),
    }


def test_days_worked_elsewhere_follow_the_rules_of_that_place() -> None:
    week = [worked("acme", "10", 0, place="CA"), worked("bolt", "10", 1, place="AZ")]

    assert by_code(into_bands(week, CALIFORNIA)) == {"regular": D(18), "overtime": D(2)}


def test_twelve_hours_on_end_over_midnight() -> None:
    colorado = WeekRules(
        (Tier(D(40), D("1.5")),),
        {"CO": DayRules((Tier(D(12), D("1.5")),), consecutive=(Tier(D(12), D("1.5")),))},
    )
    four = datetime(2026, 1, 5, 16, tzinfo=UTC)
    midnight = datetime(2026, 1, 6, 0, tzinfo=UTC)
    week = [
        Worked("acme", MONDAY, "regular", D(8), "hour", four, midnight, place="CO"),
        Worked(
            "acme",
            MONDAY + timedelta(1),
            "regular",
            D(6),
            "hour",
            midnight,
            midnight + timedelta(hours=6),
            place="CO",
        ),
    ]

    assert by_code(into_bands(week, colorado)) == {"regular": D(12), "overtime": D(2)}


def test_nevada_lifts_by_the_day_only_for_a_low_rate() -> None:
    nevada = WeekRules(
        (Tier(D(40), D("1.5")),),
        {"NV": DayRules((Tier(D(8), D("1.5")),), rate_below=D(18))},
    )

    low = into_bands([worked("acme", "10", place="NV", rate=D("17.99"))], nevada)
    high = into_bands([worked("acme", "10", place="NV", rate=D("18.00"))], nevada)

    assert by_code(low) == {"regular": D(8), "overtime": D(2)}
    assert by_code(high) == {"regular": D(10)}
    with pytest.raises(UnfitHours, match="rate is missing"):
        into_bands([worked("acme", "10", place="NV")], nevada)


def test_an_agreement_lifts_plain_time_only() -> None:
    week = [worked("acme", "12", day) for day in range(3)] + [worked("acme", "8", 3, "night")]
    week.append(worked("acme", "2", 4))

    bands = into_bands(week, agreed_week(Agreed(weekly_over=D(40), factor=D("1.5"))))

    assert by_code(bands) == {"regular": D(36), "night": D(8), "overtime": D(2)}


def test_law_lifts_night_hours_too_and_remembers_their_rate() -> None:
    bands = into_bands([worked("acme", "45", 0, "night")], FLSA)

    assert [(b.code, b.quantity, b.reported) for b in bands] == [
        ("night", D(40), "night"),
        ("overtime", D(5), "night"),
    ]


def test_overtime_the_worker_reported_is_credited_against_the_week() -> None:
    week = [worked("acme", "36", 0), worked("acme", "6", 1, "OT")]

    assert by_code(into_bands(week, FLSA)) == {"regular": D(36), "OT": D(6)}


def test_a_paid_holiday_does_not_bring_overtime_nearer() -> None:
    week = [worked("acme", "8", 0, "holiday"), worked("acme", "40", 1)]

    assert by_code(into_bands(week, FLSA)) == {"holiday": D(8), "regular": D(40)}


def test_days_pass_through() -> None:
    bands = into_bands([worked("acme", "0.25", unit="day")], FLSA)

    assert bands == (Band("acme", MONDAY, "regular", D("0.25"), "day", D(1), False),)


def test_two_weeks_are_refused() -> None:
    with pytest.raises(UnfitHours, match="one workweek"):
        into_bands([worked("acme", "8", 0), worked("acme", "8", 7)], FLSA)


def test_time_below_zero_is_refused() -> None:
    with pytest.raises(UnfitHours, match="less than nothing"):
        into_bands([worked("acme", "-8")], FLSA)


weeks = st.lists(
    st.builds(
        worked,
        st.sampled_from(["acme", "bolt"]),
        st.decimals("0.25", "16", places=2).map(str),
        st.integers(0, 6),
        st.sampled_from(["regular", "regular", "night", "OT", "holiday"]),
        place=st.sampled_from(["CA", "TX"]),
    ),
    max_size=14,
)


@given(weeks)
def test_no_hour_is_lost_and_none_counted_twice(week: list[Worked]) -> None:
    for rules in (FLSA, CALIFORNIA, agreed_week(Agreed(daily_over=D(8), factor=D("1.25")))):
        bands = into_bands(week, rules)
        for assignment in ("acme", "bolt"):
            for day in {line.on for line in week}:
                came = sum(w.quantity for w in week if (w.assignment, w.on) == (assignment, day))
                went = sum(b.quantity for b in bands if (b.assignment, b.on) == (assignment, day))
                assert came == went


@given(weeks)
def test_never_more_than_forty_straight_hours(week: list[Worked]) -> None:
    for rules in (FLSA, CALIFORNIA):
        straight = sum(
            b.quantity for b in into_bands(week, rules) if b.code in ("regular", "night")
        )
        assert straight <= 40
