"""Money is exact, has a currency, and is never lost when it is shared out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook import money
from rulebook.money import CurrencyMismatch, Money, shared_out

pytestmark = pytest.mark.rulebook

pennies = st.integers(-10_000_000, 10_000_000).map(lambda n: Decimal(n) / 100)
weights = st.lists(st.integers(0, 5_000).map(lambda n: Decimal(n) / 100), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("policy", "amount", "rounded"),
    [
        (money.to_penny, "1.005", "1.01"),
        (money.to_penny, "-1.005", "-1.01"),
        (money.to_penny, "1.0049", "1.00"),
        (money.penny_down, "1.009", "1.00"),
        (money.penny_down, "-1.009", "-1.00"),
        (money.penny_up, "1.001", "1.01"),
        (money.penny_up, "-1.009", "-1.00"),
        (money.pound_down, "1.99", "1"),
        (money.pound_down, "-1.01", "-2"),
        (money.dollar_half_up, "1.50", "2"),
        (money.dollar_half_up, "1.49", "1"),
    ],
)
def test_each_rounding_does_what_its_name_says(policy, amount: str, rounded: str) -> None:
    assert policy(Decimal(amount)) == Decimal(rounded)


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(Decimal("1.00"), "GBP") + Money(Decimal("1.00"), "USD")
    with pytest.raises(CurrencyMismatch):
        Money(Decimal("1.00"), "GBP") - Money(Decimal("1.00"), "USD")


@given(pennies, pennies)
def test_adding_and_taking_away_come_back_to_the_start(first: Decimal, second: Decimal) -> None:
    begun, other = Money(first, "GBP"), Money(second, "GBP")

    assert begun + other - other == begun
    assert begun + -begun == Money(Decimal(0), "GBP")


def test_the_odd_penny_goes_to_the_largest_remainder_and_then_to_the_earlier_part() -> None:
    thirds = shared_out(Decimal("10.00"), [Decimal(1)] * 3)
    uneven = shared_out(Decimal("0.05"), [Decimal(1), Decimal(2)])

    assert thirds == (Decimal("3.34"), Decimal("3.33"), Decimal("3.33"))
    assert uneven == (Decimal("0.02"), Decimal("0.03"))


def test_with_no_weight_at_all_the_first_part_takes_everything() -> None:
    assert shared_out(Decimal("5.00"), [Decimal(0), Decimal(0)]) == (Decimal("5.00"), Decimal(0))


def test_nothing_to_share_over_is_refused() -> None:
    with pytest.raises(ValueError, match="shared out"):
        shared_out(Decimal("5.00"), [])


@given(pennies, weights)
def test_no_penny_is_lost_when_a_sum_is_shared_out(amount: Decimal, by: list[Decimal]) -> None:
    parts = shared_out(amount, by)

    assert sum(parts) == amount
    assert len(parts) == len(by)


@given(pennies, weights)
def test_no_part_is_a_whole_penny_away_from_its_exact_share(
    amount: Decimal, by: list[Decimal]
) -> None:
    whole = sum(by)
    if not whole:
        return

    for part, weight in zip(shared_out(amount, by), by, strict=True):
        assert abs(part - amount * weight / whole) < money.PENNY + Decimal("1e-20")
