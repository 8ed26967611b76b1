"""Pay years with what is odd about them, and debts in instalments."""

from datetime import date
from decimal import Decimal

import pytest

from rulebook.instalments import instalments
from rulebook.packs.gb.taxyear import payday
from rulebook.payyears import PayPeriod, table

pytestmark = pytest.mark.rulebook
YEAR = (date(2026, 4, 6), date(2027, 4, 5))


def week_of_pay(starts_on: date, ends_on: date, pay_on: date | None) -> PayPeriod:
    return PayPeriod(starts_on, ends_on, pay_on)


def numbered(pay_on: date, n: int) -> tuple[int, bool]:
    when = payday(pay_on, "weekly")
    return when.number, when.extra


def test_gaps_overlaps_and_week_53_are_said():
    """5 April 2027 is in tax week 53: 364 days after 6 April 2026."""
    rows = table(
        [
            week_of_pay(date(2026, 3, 30), date(2026, 4, 5), date(2026, 4, 10)),
            week_of_pay(date(2026, 4, 6), date(2026, 4, 12), date(2026, 4, 12)),
            week_of_pay(date(2026, 4, 20), date(2026, 4, 26), date(2026, 5, 1)),
            week_of_pay(date(2026, 4, 24), date(2026, 4, 30), None),
            week_of_pay(date(2027, 3, 22), date(2027, 3, 28), date(2027, 4, 5)),
        ],
        YEAR,
        numbered,
    )

    assert [row.number for row in rows] == [1, 1, 4, None, 53]
    assert [row.flags for row in rows] == [
        ("straddles_year",),
        ("same_tax_period",),
        ("gap_before",),
        ("overlap_before", "pay_day_unknown"),
        ("gap_before", "extra_period"),
    ]


def test_a_debt_is_paid_back_in_equal_parts_and_a_rest():
    parts = instalments(Decimal("100.00"), Decimal("40.00"), date(2026, 1, 31))

    assert [(one.due_on, one.amount) for one in parts] == [
        (date(2026, 1, 31), Decimal("40.00")),
        (date(2026, 2, 28), Decimal("40.00")),
        (date(2026, 3, 31), Decimal("20.00")),
    ]
    with pytest.raises(ValueError, match="600"):
        instalments(Decimal("100.00"), Decimal("0.00"), date(2026, 1, 31))
