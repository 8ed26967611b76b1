"""Facts as they are kept: text for numbers and days; parity over a moving year."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rulebook.pack import Earning, Situation
from rulebook.packs.us import PACK
from rulebook.packs.us.parity import hours_in_window, parity_hours
from rulebook.pay import payslip

pytestmark = pytest.mark.rulebook

D = Decimal
MARCH = date(2026, 3, 6)


def situation(elections: dict[str, Any], employer: dict[str, Any]) -> Situation:
    work = Earning("regular", "work", D("1000.00"), D(40), "PA")
    return Situation("US", MARCH, "weekly", (work,), elections, employer)


def test_text_and_numbers_make_the_same_payslip() -> None:
    certificate = {"nonresident_certificate": date(2026, 3, 1)}
    told = {
        "w4": {"form": 2020, "dependents": D(2200), "extra": D("5.00")},
        "home": "NJ",
        "states": {"PA": certificate, "NJ": {"allowances": D(2)}},
        "local": ({"code": "PA.LST"},),
    }
    employer = {
        "states": ["PA", "NJ"],
        "suta": {"PA": {"rate": D("0.03"), "wage_base": D(9000)}},
        "local": {"PA.LST": {"annual_amount": D("52.00")}},
        "futa_credit_reduction": {"PA": D("0.003")},
    }
    as_kept = {
        "w4": {"form": "2020", "dependents": "2200", "extra": "5.00"},
        "home": "NJ",
        "states": {
            "PA": {"nonresident_certificate": "2026-03-01"},
            "NJ": {"allowances": 2},
        },
        "local": [{"code": "PA.LST"}],
    }
    facts_as_kept = {
        "states": ["PA", "NJ"],
        "suta": {"PA": {"rate": "0.03", "wage_base": "9000"}},
        "local": {"PA.LST": {"annual_amount": "52.00"}},
        "futa_credit_reduction": {"PA": "0.003"},
    }

    assert payslip(situation(as_kept, facts_as_kept)) == payslip(situation(told, employer))


def test_an_inexact_rate_is_refused() -> None:
    asked = situation({"w4": {}}, {"suta": {"PA": {"rate": 0.03}}})

    assert [fault[1] for fault in PACK.faults(asked)] == ["not_a_share"]


def test_an_answer_of_one_is_not_yes_even_after_somebody_said_true() -> None:
    firm = {"suta": {"PA": {"rate": "0.03"}}}
    payslip(situation({"w4": {"form": 2020, "multiple_jobs": True}}, firm))

    faults = PACK.faults(situation({"w4": {"form": 2020, "multiple_jobs": 1}}, firm))

    assert [fault[1] for fault in faults] == ["not_yes_or_no"]


def test_a_form_with_a_list_inside_is_read_and_refused() -> None:
    faults = PACK.faults(
        situation({"w4": {"form": 2020, "extra": [1]}}, {"suta": {"PA": {"rate": "0.03"}}})
    )

    assert faults == (
        ("elections.w4.extra", "not_an_amount", "An exact number, zero or more, is needed."),
    )


def test_a_situation_is_left_as_it_was() -> None:
    told = {"w4": {"form": 2020}, "states": {"PA": {}}}
    asked = replace(
        situation(told, {"suta": {"PA": {"rate": "0.03"}}}), year_to_date={"us.fit": D("5.00")}
    )

    payslip(asked)

    assert told == {"w4": {"form": 2020}, "states": {"PA": {}}}
    assert asked.year_to_date == {"us.fit": D("5.00")}


def test_hours_older_than_twelve_months_drop_out() -> None:
    worked = {date(2025, 3, 6): D(8), date(2025, 3, 7): D(8), MARCH: D(4)}

    assert hours_in_window(worked, MARCH, 12) == D(12)


@pytest.mark.parametrize("on", [date(2024, 2, 29), date(2026, 3, 31)])
def test_a_window_ends_on_any_day_of_the_month(on: date) -> None:
    if on.year >= 2026:
        assert parity_hours("IL", {on: D(1)}, on) == 0
    assert hours_in_window({on: D(1)}, on, 13) == 1
