"""Steps of a contract add up to its price, whatever their shares; a part is rounded once."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from rulebook.milestones import amounts, are_whole, left, part

pytestmark = pytest.mark.rulebook
PENNY = Decimal("0.01")


def shares(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("price", "told", "wanted"),
    [
        ("10000.00", ("0.25",) * 4, ("2500.00",) * 4),
        # a third of 10,000.00 is 3,333.333...: the odd penny goes to the largest remainder
        ("10000.00", ("0.333333", "0.333333", "0.333334"), ("3333.33", "3333.33", "3333.34")),
        # 0.01 x 0.5 is half a penny each: the earlier step has it
        ("0.01", ("0.5", "0.5"), ("0.01", "0.00")),
        # 29.997, 29.997 and 39.996: two odd pennies, to the two larger remainders
        ("99.99", ("0.3", "0.3", "0.4"), ("30.00", "30.00", "39.99")),
    ],
)
def test_steps_add_up_to_the_price(price, told, wanted):
    found = amounts(Decimal(price), shares(*told))
    assert found == tuple(shares(*wanted))
    assert sum(found) == Decimal(price)


def test_no_price_and_no_shares_lose_a_penny():
    chance = random.Random(7)
    for _ in range(2_000):
        count = chance.randint(1, 12)
        cuts = sorted(chance.randint(0, 1_000_000) for _ in range(count - 1))
        told = [
            Decimal(high - low) / 1_000_000
            for low, high in zip([0, *cuts], [*cuts, 1_000_000], strict=True)
        ]
        price = Decimal(chance.randint(0, 10_000_000)) * PENNY
        found = amounts(price, told)
        assert are_whole(told)
        assert sum(found) == price
        for step, share in zip(found, told, strict=True):
            assert abs(step - price * share) < PENNY


def test_shares_make_up_one_as_far_as_six_places_can_say():
    assert are_whole(shares("0.333333", "0.333333", "0.333333"))
    assert are_whole(shares("1"))
    assert not are_whole(shares("0.25", "0.25", "0.25"))
    assert not are_whole(shares("0.5", "0.500002"))
    assert not are_whole([])


def test_a_part_is_rounded_and_the_rest_is_left_to_plan():
    assert part(Decimal("3333.33"), Decimal("0.6")) == Decimal("2000.00")  # 1,999.998
    assert left(Decimal("10000.00"), [Decimal("2000.00")]) == Decimal("8000.00")
    assert left(Decimal("10000.00"), []) == Decimal("10000.00")
    assert left(Decimal("1500.00"), [Decimal("2000.00")]) == Decimal("-500.00")
