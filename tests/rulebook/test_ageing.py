"""Ageing: how old the money is that is owed, and what lateness costs."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.ageing import (
    BY_INVOICE,
    FUNDING_LIMITS,
    Open,
    aged,
    collection_effectiveness,
    count_back_days,
    days_old,
    days_sales_outstanding,
    provision,
    statutory_interest,
)
from rulebook.money import NOTHING
from rulebook.timeline import NoRule

pytestmark = pytest.mark.rulebook

D = Decimal
TODAY = date(2026, 11, 2)


def owed(ref: str, remaining: str, days_late: int, face: str = "", debtor: str = "Acme") -> Open:
    due = TODAY - timedelta(days_late)
    return Open(ref, debtor, due - timedelta(30), due, D(face or remaining), D(remaining), "GBP")


def test_a_part_paid_invoice_is_aged_with_its_remainder() -> None:
    part = owed("part", "60.00", 10, face="100.00")
    (acme,) = aged([part, owed("whole", "40.00", 10)], TODAY)
    assert part.is_part_paid
    assert [(row.label, row.amount) for row in acme.buckets if row.amount] == [
        ("8-30", D("100.00"))
    ]


@pytest.mark.parametrize(
    ("days_late", "label"),
    [
        (-5, "not due"),
        (0, "not due"),
        (1, "1-7"),
        (7, "1-7"),
        (8, "8-30"),
        (30, "8-30"),
        (31, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "over 90"),
    ],
)
def test_lateness_is_counted_in_whole_days_from_the_due_day(days_late: int, label: str) -> None:
    (acme,) = aged([owed("inv", "10.00", days_late)], TODAY)
    assert [row.label for row in acme.buckets if row.invoices] == [label]


def test_funding_ages_from_the_day_of_the_invoice() -> None:
    late = owed("inv", "10.00", 1)
    (acme,) = aged([late], TODAY, by=BY_INVOICE, limits=FUNDING_LIMITS)
    assert days_old(late, TODAY, BY_INVOICE) == 31
    assert [row.label for row in acme.buckets] == ["0-30", "31-60", "61-90", "over 90"]
    assert [row.amount for row in acme.buckets] == [D(0), D("10.00"), D(0), D(0)]


def test_each_debtor_and_currency_is_aged_apart_and_paid_invoices_are_gone() -> None:
    euro = Open("euro", "Acme", TODAY, TODAY, D("5.00"), D("5.00"), "EUR")
    rows = aged(
        [
            owed("one", "10.00", 1),
            euro,
            owed("two", "3.00", 1, debtor="Bolt"),
            owed("paid", "0.00", 9),
        ],
        TODAY,
    )
    assert [(row.debtor, row.currency, row.total) for row in rows] == [
        ("Acme", "EUR", D("5.00")),
        ("Acme", "GBP", D("10.00")),
        ("Bolt", "GBP", D("3.00")),
    ]


def test_a_credit_stands_against_its_debtor_in_its_own_band() -> None:
    (acme,) = aged([owed("inv", "100.00", 1), owed("credit", "-30.00", 40)], TODAY)
    assert acme.total == D("70.00")
    assert {row.label: row.amount for row in acme.buckets if row.amount} == {
        "1-7": D("100.00"),
        "31-60": D("-30.00"),
    }


@given(
    st.lists(
        st.tuples(
            st.integers(-60, 200),
            st.decimals(min_value="-100", max_value="9000", places=2),
            st.sampled_from(["Acme", "Bolt"]),
        ),
        max_size=20,
    )
)
def test_the_bands_add_up_to_everything_that_is_open(
    rows: list[tuple[int, Decimal, str]],
) -> None:
    invoices = [
        owed(f"inv_{n}", str(amount), late, debtor=debtor)
        for n, (late, amount, debtor) in enumerate(rows)
    ]
    for by in ("due_on", BY_INVOICE):
        found = aged(invoices, TODAY, by=by)
        assert sum((row.total for row in found), NOTHING) == sum(
            (invoice.remaining for invoice in invoices), NOTHING
        )


def test_days_sales_outstanding_and_the_best_that_was_possible() -> None:
    whole = days_sales_outstanding(D("519000"), D("1730000"), 91)
    best = days_sales_outstanding(D("300000"), D("1730000"), 91)
    assert (whole, best, whole - best) == (D("27.30"), D("15.78"), D("11.52"))
    assert days_sales_outstanding(D("519000"), D(0), 91) == NOTHING


def test_collection_effectiveness_compares_what_came_with_what_could_have() -> None:
    assert collection_effectiveness(D("480000"), D("620000"), D("519000"), D("300000")) == D(
        "72.63"
    )
    assert collection_effectiveness(D(0), D(0), D(0), D(0)) == D("100.00")


def test_sales_are_counted_back_month_by_month() -> None:
    months = [(D("200000"), 31), (D("150000"), 30), (D("100000"), 31)]
    assert count_back_days(D("260000"), months) == D("43.00")  # 31 + 60/150 of 30
    assert count_back_days(D("900000"), months) == D("92.00")
    assert count_back_days(D(0), months) == NOTHING


def test_statutory_interest_and_compensation_on_a_late_debt() -> None:
    cost = statutory_interest(D("7800.00"), date(2026, 8, 14), date(2026, 11, 21))
    assert (cost.days, cost.share) == (99, D("0.1175"))
    assert (cost.interest, cost.compensation, cost.total, cost.daily) == (
        D("248.58"),
        D("70.00"),
        D("318.58"),
        D("2.51"),
    )
    assert "SI 2002/1675" in cost.source


@pytest.mark.parametrize(
    ("debt", "compensation"),
    [("999.99", "40.00"), ("1000.00", "70.00"), ("9999.99", "70.00"), ("10000.00", "100.00")],
)
def test_compensation_goes_by_the_size_of_the_debt(debt: str, compensation: str) -> None:
    cost = statutory_interest(D(debt), date(2026, 8, 14), date(2026, 8, 15))
    assert cost.compensation == D(compensation)


def test_the_rate_is_that_of_the_half_year_in_which_it_became_late() -> None:
    fell_late_in_june = statutory_interest(D("1000.00"), date(2025, 6, 29), date(2025, 12, 31))
    fell_late_in_july = statutory_interest(D("1000.00"), date(2025, 6, 30), date(2025, 12, 31))
    assert (fell_late_in_june.share, fell_late_in_july.share) == (D("0.1275"), D("0.1225"))


def test_a_half_year_without_a_published_rate_is_refused() -> None:
    with pytest.raises(NoRule):
        statutory_interest(D("1000.00"), date(2027, 3, 1), date(2027, 4, 1))


def test_payment_on_the_due_day_costs_nothing() -> None:
    assert statutory_interest(D("1000.00"), TODAY, TODAY).total == NOTHING


def test_a_provision_takes_a_share_of_each_band() -> None:
    bands = dict(zip("abcde", map(D, ("300000", "120000", "60000", "24000", "15000")), strict=True))
    shares = dict(zip("abcde", map(D, ("0.005", "0.02", "0.06", "0.20", "0.55")), strict=True))
    assert provision(bands, shares) == D("20550.00")
