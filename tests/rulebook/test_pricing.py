"""One workweek priced: both sides from one version, overtime by law or agreement, holiday along."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from rulebook.hours import UnfitHours, WeekRules, Worked
from rulebook.pack import worktime
from rulebook.pricing import DatedRate, Job, Unpriceable, priced_week
from rulebook.rates import Priced, Rate, totals

pytestmark = pytest.mark.rulebook

D = Decimal
MONDAY = date(2026, 6, 1)
HOLIDAY = D("0.1207")


def job(
    ref: str = "acme",
    *rates: tuple[str, str | None, str | None],
    currency: str = "GBP",
    since: date = MONDAY - timedelta(90),
    until: date | None = None,
    version: str = "1",
    **more: Any,
) -> Job:
    billed = more.pop("is_overtime_billed", True)
    return Job(
        ref,
        tuple(
            DatedRate(
                Rate(
                    code,
                    version,
                    "hour",
                    D(pay) if pay else None,
                    D(bill) if bill else None,
                    currency,
                    currency,
                    pay_tax="work",
                ),
                since,
                until,
                billed,
            )
            for code, pay, bill in rates or (("regular", "15.00", "21.00"),)
        ),
        **more,
    )


def line(ref: str, day: int, hours: str, code: str = "regular", place: str = "") -> Worked:
    return Worked(ref, MONDAY + timedelta(day), code, D(hours), place=place)


def agreed(**facts: str) -> WeekRules:
    return worktime("GB").week_rules(MONDAY, frozenset(), facts)


def law(*places: str) -> WeekRules:
    return worktime("US").week_rules(MONDAY, frozenset(places), {})


def by_code(charges: tuple[Priced, ...], side: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for charge in charges:
        part = getattr(charge, side)
        if part is not None:
            found[charge.code] = found.get(charge.code, D(0)) + part.amount
    return found


OVERTIME = agreed(weekly_over="40", factor="1.5")
FIVE_DAYS = [line("acme", day, "9") for day in range(5)]


def test_overtime_by_agreement_is_paid_and_billed_at_its_factor():
    charges = priced_week(FIVE_DAYS, {"acme": job()}, OVERTIME)

    assert by_code(charges, "pay") == {"regular": D("600.00"), "overtime": D("112.50")}
    assert by_code(charges, "bill") == {"regular": D("840.00"), "overtime": D("157.50")}


def test_overtime_that_the_client_does_not_pay_is_billed_straight():
    jobs = {"acme": job(is_overtime_billed=False)}

    charges = priced_week(FIVE_DAYS, jobs, OVERTIME)

    assert by_code(charges, "pay")["overtime"] == D("112.50")
    assert by_code(charges, "bill")["overtime"] == D("105.00")


def test_a_rate_agreed_for_overtime_by_name_is_its_price():
    jobs = {"acme": job("acme", ("regular", "15.00", "21.00"), ("overtime", "20.00", "30.00"))}

    charges = priced_week(FIVE_DAYS, jobs, OVERTIME)

    (extra,) = [charge for charge in charges if charge.code == "overtime"]
    assert extra.pay is not None
    assert extra.bill is not None
    assert (extra.pay.amount, extra.pay.factor) == (D("100.00"), D(1))
    assert (extra.bill.amount, extra.bill.factor) == (D("150.00"), D(1))


def test_overtime_agreed_without_a_bill_rate_has_a_pay_side_alone():
    jobs = {"acme": job("acme", ("regular", "15.00", "21.00"), ("overtime", "22.50", None))}

    charges = priced_week(FIVE_DAYS, jobs, OVERTIME)

    assert "overtime" not in by_code(charges, "bill")
    assert by_code(charges, "pay")["overtime"] == D("112.50")


def test_a_rate_agreed_by_name_yields_to_law_where_law_asks_for_more():
    rates = (("regular", "20.00", "30.00"), ("overtime", "25.00", "40.00"))
    jobs = {"acme": job("acme", *rates, currency="USD")}
    week = [line("acme", day, "9", place="TX") for day in range(5)]

    charges = priced_week(week, jobs, law("TX"))

    # 5 h at 20.00 x 1.5, not at the 25.00 that was agreed; the client pays what it agreed to
    assert by_code(charges, "pay")["overtime"] == D("150.00")
    assert by_code(charges, "bill")["overtime"] == D("200.00")


def test_hours_at_two_clients_are_pooled_by_law_and_the_later_ones_are_lifted():
    jobs = {"acme": job("acme", currency="USD"), "bolt": job("bolt", currency="USD")}
    week = [line("acme", 0, "13", place="TX"), line("acme", 1, "12", place="TX")]
    week += [line("bolt", 2, "13", place="FL"), line("bolt", 3, "12", place="FL")]

    charges = priced_week(week, jobs, law("TX", "FL"))

    lifted = [charge for charge in charges if charge.code == "overtime"]
    assert {charge.assignment for charge in lifted} == {"bolt"}
    assert sum(charge.pay.quantity for charge in lifted if charge.pay) == 10


def test_two_rates_in_one_week_under_law_make_a_weighted_premium():
    # 29 CFR 778.115: 30 h at 18.00 and 20 h at 24.00 make 20.40, and half of that on 10 h.
    jobs = {
        "acme": job("acme", ("regular", "18.00", "25.00"), currency="USD"),
        "bolt": job("bolt", ("regular", "24.00", "33.00"), currency="USD"),
    }
    week = [line("acme", day, "10", place="TX") for day in range(3)]
    week += [line("bolt", day, "10", place="TX") for day in (3, 4)]

    charges = priced_week(week, jobs, law("TX"))

    pay = by_code(charges, "pay")
    assert pay == {"regular": D("780.00"), "overtime": D("240.00"), "premium": D("102.00")}
    assert "premium" not in by_code(charges, "bill")
    assert by_code(charges, "bill")["overtime"] == D("495.00")  # 10 h at 33.00 x 1.5


def test_hours_paid_as_overtime_already_are_left_out_of_the_weighted_rate():
    jobs = {
        "acme": job("acme", ("regular", "20.00", "30.00"), ("overtime", "30.00", "45.00"),
                    currency="USD"),
    }  # fmt: skip
    week = [line("acme", day, "8", place="TX") for day in range(5)]
    week.append(line("acme", 5, "4", "overtime", place="TX"))

    charges = priced_week(week, jobs, law("TX"))

    assert by_code(charges, "pay") == {"regular": D("800.00"), "overtime": D("120.00")}


def test_holiday_comes_along_on_the_last_day_to_the_penny():
    charges = priced_week(FIVE_DAYS, {"acme": job(gets_holiday=True)}, OVERTIME, HOLIDAY)

    (holiday,) = [charge for charge in charges if charge.code == "holiday"]
    assert (holiday.day, holiday.bill) == (MONDAY + timedelta(4), None)
    assert holiday.pay is not None
    assert holiday.pay.amount == D("86.00")  # 12.07 % of 712.50
    assert holiday.label == "Holiday pay 12.07 %"


def test_no_holiday_for_who_is_not_paid_by_the_firm():
    charges = priced_week(FIVE_DAYS, {"acme": job()}, OVERTIME, HOLIDAY)

    assert "holiday" not in by_code(charges, "pay")


def test_a_rate_from_wednesday_holds_on_both_sides_from_wednesday():
    wednesday = MONDAY + timedelta(2)
    old = job(until=wednesday)
    new = job("acme", ("regular", "16.00", "23.00"), since=wednesday, version="2")
    both = Job("acme", (*old.rates, *new.rates))

    charges = priced_week([line("acme", day, "8") for day in range(3)], {"acme": both}, agreed())

    assert [charge.version for charge in charges] == ["1", "1", "2"]
    assert totals(charges).pay == {"GBP": D("368.00")}
    assert totals(charges).bill == {"GBP": D("520.00")}


def test_everything_that_has_no_rate_is_named_at_once():
    week = [line("acme", 0, "8"), line("acme", 1, "8", "night"), line("acme", 2, "8", "weekend")]

    with pytest.raises(Unpriceable) as refused:
        priced_week(week, {"acme": job()}, agreed())

    assert [(fault.on.day, fault.code) for fault in refused.value.faults] == [
        (2, "rate_missing"),
        (3, "rate_missing"),
    ]


def test_days_are_not_priced_by_a_rate_an_hour():
    day = Worked("acme", MONDAY, "regular", D(1), "day")

    with pytest.raises(Unpriceable) as refused:
        priced_week([day], {"acme": job()}, agreed())

    assert refused.value.faults[0].code == "unit_differs"


@pytest.mark.parametrize("figure", ["forty", "-1", "NaN"])
def test_an_agreement_that_holds_no_number_is_refused(figure: str):
    with pytest.raises(UnfitHours):
        agreed(weekly_over=figure, factor="1.5")


def test_work_paid_by_nobody_is_billed_alone_and_the_reverse():
    jobs = {"acme": job("acme", ("regular", None, "21.00"))}

    (charge,) = priced_week([line("acme", 0, "8")], jobs, agreed())

    assert charge.pay is None
    assert charge.bill is not None
    assert charge.bill.amount == D("168.00")
