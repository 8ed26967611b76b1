"""US working time: fixture weeks by law, minimum wages by day, missed meals, deposits."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from rulebook.hours import Band, Worked, into_bands, premium_pay, regular_rate
from rulebook.packs.us import PACK, deposits, worktime
from rulebook.packs.us.parity import parity_hours
from rulebook.timeline import NoRule, exact
from tests.rulebook.us.reading import cases

pytestmark = pytest.mark.rulebook

SUNDAY_BEFORE = date(2026, 3, 1)
D = Decimal


def line(one: Mapping[str, Any]) -> Worked:
    rate = one.get("rate")
    return Worked(
        one["at"],
        SUNDAY_BEFORE + timedelta(one["day"]),
        one.get("code", "regular"),
        D(one["hours"]),
        one.get("unit", "hour"),
        place=one["state"],
        rate=None if rate is None else D(rate),
    )


@pytest.mark.parametrize("case", cases("hours"))
def test_a_week_splits_into(case: Mapping[str, Any]) -> None:
    week = [line(one) for one in case["inputs"]["lines"]]
    places = frozenset(one.place for one in week)

    rules = worktime.week_rules(week[0].on, places, {})
    bands = into_bands(week, rules)

    said: dict[str, Decimal] = {}
    for band in bands:
        for key in (band.code, f"{band.assignment} {band.code}"):
            said[key] = said.get(key, D(0)) + band.quantity
    for key, hours in case["expected"].items():
        assert said.get(key, D(0)) == D(hours), key
    assert sum(b.quantity for b in bands) == sum(w.quantity for w in week)
    assert rules.rule.startswith("us.overtime.week@")
    assert rules.source


@pytest.mark.parametrize("case", cases("dues"))
def test_a_liability_is_due_on(case: Mapping[str, Any]) -> None:
    asked = case["inputs"]

    due = PACK.due_on(asked["liability"], asked["on"], exact(asked.get("employer", {})))  # type: ignore[arg-type]

    assert due == date.fromisoformat(case["expected"]["due_on"])


def test_a_liability_that_is_not_known_has_no_day() -> None:
    with pytest.raises(KeyError):
        PACK.due_on("gb.paye", date(2026, 3, 6))


def test_a_firm_deposits_by_its_lookback_year_and_by_one_large_day() -> None:
    on = date(2026, 3, 6)

    assert deposits.federal_schedule(D(50000), D(0), on) == "monthly"
    assert deposits.federal_schedule(D("50000.01"), D(0), on) == "semiweekly"
    assert deposits.federal_schedule(D(0), D(100000), on) == "next_day"


def test_piecework_is_paid_by_the_regulations_example() -> None:
    # 29 CFR 778.111: 491.00 by the piece in 46 hours and 4 hours of waiting at 8.00 come to 575.30.
    by_piece = regular_rate([(D(46), D(0)), (D(4), D(8))], extra=D(491))
    assert by_piece == D("10.46")
    assert D(523) + premium_pay(by_piece, D(10), D("1.5")) == D("575.30")


@pytest.mark.parametrize("case", cases("regular_rate"))
def test_overtime_at_the_regular_rate(case: Mapping[str, Any]) -> None:
    asked, expected = case["inputs"], case["expected"]
    paid = [(D(hours), D(rate)) for hours, rate in asked["paid"]]
    lifted = [(D(hours), D(factor)) for hours, factor in asked["lifted"]]
    bonus, on = D(asked.get("bonus", "0")), date(2026, 3, 6)
    straight = sum((hours for hours, _ in paid), D(0)) - sum((hours for hours, _ in lifted), D(0))
    bands = [
        Band(
            "acme", on, "regular" if factor == 1 else "overtime", hours, "hour", factor, factor > 1
        )
        for hours, factor in ((straight, D(1)), *lifted)
    ]

    rate = regular_rate(paid, extra=bonus)
    premium = sum((premium_pay(rate, *one) for one in lifted), D("0.00"))

    said = {
        "rate": rate,
        "premium": premium,
        "whole": sum(hours * each for hours, each in paid) + bonus + premium,
        "of_bonus": worktime.bonus_premium(bonus, bands, asked["state"], on),
    }
    assert {name: said[name] for name in expected} == {
        name: D(value) for name, value in expected.items()
    }


@pytest.mark.parametrize("case", cases("minimum_wage"))
def test_the_minimum_wage_of_a_day_worked(case: Mapping[str, Any]) -> None:
    asked, expected = case["inputs"], case["expected"]

    if "no_rule" in expected:
        with pytest.raises(NoRule) as missing:
            worktime.minimum_wage(asked["state"], asked["on"])
        assert missing.value.rule == expected["no_rule"]
        return

    assert worktime.minimum_wage(asked["state"], asked["on"])[0] == D(expected["least"])


@pytest.mark.parametrize("case", cases("breaks"))
def test_a_missed_meal_costs_an_hour_of_pay(case: Mapping[str, Any]) -> None:
    asked = case["inputs"]
    on, hours, breaks = date(2026, 3, 6), D(asked["hours"]), asked["breaks"]
    one = Worked("a", on, "regular", hours, breaks_minutes=breaks, place=asked["state"])

    assert worktime.missed_breaks(one) == D(case["expected"]["hours"])


@pytest.mark.parametrize("case", cases("parity"))
def test_hours_at_one_client_beyond_which_parity_is_owed(case: Mapping[str, Any]) -> None:
    asked, beyond = case["inputs"], case["expected"]["beyond"]
    worked = {asked["from"] + timedelta(n): D(asked["hours"]) for n in range(asked["days"])}
    last = asked.get("on", asked["from"] + timedelta(asked["days"]))
    if "last" in asked:
        worked[last] = D(asked["last"])

    owed = parity_hours(asked["state"], worked, last)

    assert owed == (None if beyond == "none" else D(beyond))


def test_no_law_adds_holiday_pay_to_pay() -> None:
    assert worktime.holiday_share(date(2026, 3, 6)) == 0
