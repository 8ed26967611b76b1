"""Weeks across the sea, two agencies that look alike: one employer's overtime over several clients
and at several rates.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.backline.week import Post, approved, client_of, in_books, posts
from tests.callers import key_of
from tests.wire import Wire

pytestmark = pytest.mark.django_db

TEXAS = ("US", "USD", "America/Chicago")
EIGHTEEN, TWENTY_FOUR = ("regular", "18.00", "25.00"), ("regular", "24.00", "33.00")


@pytest.fixture
def us_wire(us_agency):
    return Wire(key_of(us_agency))


@pytest.fixture
def other_us_wire(other_us_agency):
    return Wire(key_of(other_us_agency))


def at_clients(place, *rates, regions=("TX", "TX"), **terms):
    """One worker with an assignment at each of some clients, the first rate at the first one."""
    made: list[Post] = []
    for rate, region in zip(rates, regions, strict=True):
        client = client_of(place, where=TEXAS, region=region, **terms)
        known = [made[0].worker] if made else []
        made += posts(place, at=client, engagement="w2", rates=[rate], workers=known)
    return made


def told(rows, *codes: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Hours, pay and bill of charges, by assignment and code."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    for row in rows:
        if codes and row["code"] not in codes:
            continue
        own = found.setdefault((row["assignment"], row["code"]), [Decimal("0.00")] * 3)
        own[0] += Decimal(row["pay_quantity"])
        for n, side in enumerate(("pay_amount", "bill_amount"), start=1):
            own[n] += Decimal(row[side]["amount"]) if row[side] else Decimal("0.00")
    return {key: tuple(f"{value:.2f}" for value in own) for key, own in found.items()}


@pytest.mark.capability("TC-19")
def test_a_week_at_two_clients_has_ten_hours_of_overtime_on_the_later_ones(
    us_agency, us_wire, other_us_agency, other_us_wire
):
    """25 h at the first client and 25 h at the second, one employer: 10 h over forty, and they are
    the last ten worked. The client at which they were worked is billed for them; the other's bill
    does not move, whoever approves first.
    """
    twenty = ("regular", "20.00", "30.00")
    first, second = in_books(us_agency, lambda: at_clients(us_agency, twenty, twenty))
    other_first, other_second = in_books(
        other_us_agency, lambda: at_clients(other_us_agency, twenty, twenty, overtime_billed=False)
    )

    approved(us_wire, second, "", "", "12", "13")  # the later client approves first
    approved(us_wire, first, "12", "13")
    approved(other_us_wire, other_first, "12", "13")
    approved(other_us_wire, other_second, "", "", "12", "13")

    assert told(us_wire.every("/v1/charges")) == {
        (first.asg, "regular"): ("25.00", "500.00", "750.00"),
        (second.asg, "regular"): ("15.00", "300.00", "450.00"),
        (second.asg, "overtime"): ("10.00", "300.00", "450.00"),  # 20.00 and 30.00 x 1.5 x 10
    }
    # the look-alike's clients do not pay overtime: straight time is billed, and paid alike
    assert told(other_us_wire.every("/v1/charges"), "overtime") == {
        (other_second.asg, "overtime"): ("10.00", "300.00", "300.00"),
    }


@pytest.mark.capability("PY-24")
def test_two_rates_in_one_week_make_one_regular_rate(
    us_agency, us_wire, other_us_agency, other_us_wire
):
    """29 CFR 778.115: (30 x 18.00 + 20 x 24.00) / 50 = 1,020.00 / 50 = 20.40; the premium on ten
    hours is 10 x 20.40 / 2 = 102.00, and 1,122.00 in all.
    """
    cheap, dear = in_books(us_agency, lambda: at_clients(us_agency, EIGHTEEN, TWENTY_FOUR))
    other_dear, other_cheap = in_books(
        other_us_agency, lambda: at_clients(other_us_agency, TWENTY_FOUR, EIGHTEEN)
    )

    approved(us_wire, cheap, "10", "10", "10")
    approved(us_wire, dear, "", "", "", "10", "10")
    approved(other_us_wire, other_dear, "10", "10")  # the same hours, worked in the other order
    approved(other_us_wire, other_cheap, "", "", "10", "10", "10")

    for wire, late in ((us_wire, dear), (other_us_wire, other_cheap)):
        rows = wire.every("/v1/charges")
        (premium,) = (row for row in rows if row["code"] == "premium")
        assert premium["assignment"] == late.asg
        assert premium["label"] == "Overtime premium on 20.40"
        assert (premium["pay_quantity"], premium["pay_rate"]["amount"]) == ("10.00", "10.20")
        assert (premium["pay_amount"]["amount"], premium["bill_amount"]) == ("102.00", None)
        paid = sum(Decimal(row["pay_amount"]["amount"]) for row in rows)
        assert paid == Decimal("1122.00")
