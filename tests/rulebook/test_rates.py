"""Rates: solving for a side, and the price of a band to the penny."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.rates import (
    CostPlus,
    Portion,
    Priced,
    Rate,
    Tier,
    Unsolvable,
    as_days,
    graduated,
    one_sided,
    price,
    revised,
    solve,
    totals,
)

pytestmark = pytest.mark.rulebook

D = Decimal
ONE = Decimal(1)

MONDAY = date(2026, 9, 7)
STANDARD = Rate("standard", "v1", pay_rate=D("14.00"), bill_rate=D("22.00"))
rates = st.decimals(min_value="0.01", max_value="500", places=4)


def worked(
    hours: str, *, pay_factor: Decimal | None = ONE, bill_factor: Decimal | None = ONE
) -> Portion:
    return Portion("asg", MONDAY, "standard", D(hours), pay_factor, bill_factor)


def test_a_pay_rate_and_a_markup_give_the_bill_rate() -> None:
    assert solve(pay_rate=D("16.00"), markup_share=D("0.25")).bill_rate == D("20.0000")


def test_a_changed_bill_rate_moves_the_markup_when_pay_is_held() -> None:
    pair = solve(pay_rate=D("16.00"), markup_share=D("0.25"))
    moved = revised(pair, held="pay_rate", bill_rate=D("21.00"))
    assert (moved.pay_rate, moved.markup_share) == (D("16.0000"), D("0.3125"))


def test_a_changed_bill_rate_moves_the_pay_when_the_markup_is_held() -> None:
    pair = solve(pay_rate=D("16.00"), markup_share=D("0.25"))
    moved = revised(pair, held="markup_share", bill_rate=D("21.00"))
    assert (moved.pay_rate, moved.markup_share) == (D("16.8000"), D("0.2500"))


def test_margin_is_a_share_of_the_bill_rate_and_markup_of_the_pay_rate() -> None:
    pair = solve(pay_rate=D("15.00"), margin_share=D("0.25"))
    assert (pair.bill_rate, pair.markup_share, pair.spread) == (
        D("20.0000"),
        D("0.3333"),
        D("5.0000"),
    )


def test_a_solved_rate_is_rounded_to_four_places_half_away_from_zero() -> None:
    assert solve(bill_rate=D("20.00"), markup_share=D("0.37")).pay_rate == D("14.5985")
    assert solve(pay_rate=D("0.0001"), markup_share=D("0.5")).bill_rate == D("0.0002")


def test_burden_is_taken_off_before_margin_is_counted() -> None:
    pair = solve(pay_rate=D("10.00"), margin_share=D("0.20"), burden_share=D("0.12"))
    assert (pair.bill_rate, pair.spread) == (D("14.0000"), D("2.8000"))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"pay_rate": "10"}, "two_facts_needed"),
        ({"pay_rate": "10", "bill_rate": "12", "spread": "2"}, "two_facts_needed"),
        ({"markup_share": "0.2", "margin_share": "0.2"}, "a_rate_is_needed"),
        ({"pay_rate": "10", "margin_share": "1"}, "margin_is_whole"),
        ({"bill_rate": "10", "markup_share": "-1"}, "markup_is_whole"),
        ({"bill_rate": "10", "spread": "12"}, "rate_is_negative"),
    ],
)
def test_facts_that_do_not_settle_the_rates_are_refused(facts: dict[str, str], code: str) -> None:
    with pytest.raises(Unsolvable) as refused:
        solve(**{name: D(fact) for name, fact in facts.items()})
    assert refused.value.code == code


def test_a_revision_names_one_change_and_one_held_fact() -> None:
    pair = solve(pay_rate=D("16.00"), bill_rate=D("20.00"))
    for held, change in (("bill_rate", {"bill_rate": D(1)}), ("luck", {"pay_rate": D(1)})):
        with pytest.raises(Unsolvable):
            revised(pair, held=held, **change)


@given(pay=rates, markup=st.decimals(min_value="0", max_value="3", places=4))
def test_solving_forth_and_back_returns_the_pay_rate_to_four_places(pay: D, markup: D) -> None:
    pair = solve(pay_rate=pay, markup_share=markup)
    back = solve(bill_rate=pair.bill_rate, markup_share=markup)
    assert abs(back.pay_rate - pay) <= D("0.0001")


def test_a_band_is_priced_on_both_sides_from_one_version() -> None:
    charge = price(worked("37.5"), STANDARD)
    assert charge.pay is not None
    assert charge.bill is not None
    assert (charge.pay.amount, charge.bill.amount, charge.version) == (
        D("525.00"),
        D("825.00"),
        "v1",
    )


def test_overtime_multiplies_the_rate_on_each_side_by_its_own_factor() -> None:
    charge = price(worked("4", pay_factor=D("1.5"), bill_factor=D("1.25")), STANDARD)
    assert charge.pay is not None
    assert charge.bill is not None
    assert (charge.pay.amount, charge.bill.amount) == (D("84.00"), D("110.00"))


def test_overtime_that_the_client_does_not_pay_has_a_pay_side_only() -> None:
    charge = price(worked("4", pay_factor=D("1.5"), bill_factor=None), STANDARD)
    assert charge.bill is None
    assert charge.pay is not None


def test_the_penny_is_rounded_once_after_the_factor() -> None:
    odd = Rate("standard", "v1", pay_rate=D("11.4450"), bill_rate=None)
    charge = price(worked("7.35", pay_factor=D("1.5")), odd)
    assert charge.pay is not None
    assert charge.pay.amount == D("126.18")


def test_a_day_rate_is_charged_by_the_day_and_its_half() -> None:
    daily = Rate("day", "v1", unit="day", pay_rate=D("450"), bill_rate=D("510"))
    charge = price(Portion("asg", MONDAY, "day", D("0.5")), daily)
    assert charge.pay is not None
    assert charge.bill is not None
    assert (charge.pay.unit, charge.pay.amount, charge.bill.amount) == (
        "day",
        D("225.00"),
        D("255.00"),
    )
    assert as_days(D("9.5"), D("7.5")) == D("1.27")


def test_pay_and_bill_may_be_in_two_currencies() -> None:
    mixed = Rate("day", "v1", pay_rate=D("40"), bill_rate=D("52"), bill_currency="EUR")
    assert totals([price(worked("8"), mixed)]).bill == {"EUR": D("416.00")}
    assert totals([price(worked("8"), mixed)]).pay == {"GBP": D("320.00")}


def test_a_charge_without_a_side_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="a pay side, a bill side or both"):
        Priced("asg", MONDAY, "standard", "v1", None, None)


def test_a_charge_and_its_mirror_come_to_nothing() -> None:
    charge = price(worked("37.5"), STANDARD)
    assert totals([charge, -charge]).pay == {"GBP": D(0)}
    assert not charge.is_nothing
    assert price(worked("0"), STANDARD).is_nothing


def test_cost_plus_bills_the_difference_once_the_cost_is_final() -> None:
    terms = CostPlus(D("0.18"), fee_an_hour=D("0.25"))
    assert terms.bill(D("713.19"), D("40")) == D("851.56")
    owed = terms.difference(D("713.19"), D("840.00"), "GBP", hours=D("40"))
    assert owed is not None
    assert owed.amount == D("11.56")
    assert terms.difference(D("713.19"), D("851.56"), "GBP", hours=D("40")) is None


def test_a_graduated_price_charges_each_tier_at_its_own_rate() -> None:
    tiers = (Tier(D(500), D("1.50")), Tier(D(2000), D("1.24")), Tier(None, D("0.69")))
    assert graduated(D(2500), tiers) == D("2955.00")
    assert graduated(D(500), tiers) == D("750.00")
    assert graduated(D(0), tiers) == D("0.00")
    with pytest.raises(ValueError, match="tariff ends"):
        graduated(D(501), tiers[:1])


def test_a_change_that_reaches_one_side_only_is_told() -> None:
    dearer = replace(STANDARD, version="v2", pay_rate=D("15.00"))
    assert one_sided(STANDARD, dearer) == "pay"
    assert one_sided(STANDARD, replace(dearer, bill_rate=D("23.00"))) == ""
    assert one_sided(STANDARD, replace(STANDARD, version="v2")) == ""
