"""Corrections: what is posted afterwards always adds up to what should have been."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.corrections import Difference, Posted, differences, redone, reversal
from rulebook.rates import Portion, Priced, Rate, price, totals

pytestmark = pytest.mark.rulebook

D = Decimal

MONDAY = date(2026, 9, 7)
FIRST = Rate("standard", "v1", pay_rate=D("14.00"), bill_rate=D("22.00"))
SECOND = Rate("standard", "v2", pay_rate=D("14.75"), bill_rate=D("23.00"))


def worked(hours: str, rate: Rate = FIRST, day: date = MONDAY) -> Priced:
    return price(Portion("asg", day, rate.code, D(hours)), rate)


def posted(*charges: Priced) -> list[Posted]:
    return [Posted(f"chg_{n}", charge) for n, charge in enumerate(charges)]


def amounts(found: tuple[Difference, ...]) -> list[tuple[D | None, D | None]]:
    return [
        (
            difference.charge.pay.amount if difference.charge.pay else None,
            difference.charge.bill.amount if difference.charge.bill else None,
        )
        for difference in found
    ]


def test_nothing_is_posted_when_nothing_changed() -> None:
    assert differences([worked("8")], posted(worked("8"))) == ()


def test_ten_hours_that_should_be_eight_give_two_hours_back_on_both_sides() -> None:
    (found,) = differences([worked("8")], posted(worked("10")))
    assert found.charge.pay is not None
    assert found.charge.pay.quantity == D("-2")
    assert amounts((found,)) == [(D("-28.00"), D("-44.00"))]
    assert found.corrects == ("chg_0",)


def test_a_late_day_is_posted_as_something_new() -> None:
    tuesday = MONDAY + timedelta(1)
    (found,) = differences([worked("8"), worked("6", day=tuesday)], posted(worked("8")))
    assert (found.charge.day, found.corrects) == (tuesday, ())


def test_a_retroactive_rate_takes_the_old_version_back_and_posts_the_new_on_both_sides() -> None:
    found = differences([worked("8", SECOND)], posted(worked("8")))
    assert amounts(found) == [(D("-112.00"), D("-176.00")), (D("118.00"), D("184.00"))]
    assert [difference.charge.version for difference in found] == ["v1", "v2"]
    assert [difference.corrects for difference in found] == [("chg_0",), ("chg_0",)]


def test_a_changed_bill_rate_leaves_the_pay_alone() -> None:
    dearer = Rate("standard", "v2", pay_rate=D("14.00"), bill_rate=D("23.00"))
    found = differences([worked("8", dearer)], posted(worked("8")))
    assert amounts(found) == [(None, D("-176.00")), (None, D("184.00"))]
    assert [difference.charge.version for difference in found] == ["v1", "v2"]


def test_a_new_version_with_the_same_rates_posts_nothing() -> None:
    assert (
        differences(
            [worked("8", Rate("standard", "v9", pay_rate=D("14"), bill_rate=D("22")))],
            posted(worked("8")),
        )
        == ()
    )


def test_work_that_should_not_have_been_charged_is_taken_back_whole() -> None:
    assert amounts(differences([], posted(worked("8")))) == [(D("-112.00"), D("-176.00"))]


def test_only_the_wrong_side_is_posted_when_only_one_side_is_wrong() -> None:
    unbilled = price(Portion("asg", MONDAY, "standard", D("8"), bill_factor=None), FIRST)
    assert amounts(differences([worked("8")], posted(unbilled))) == [(None, D("176.00"))]


def test_a_changed_factor_is_taken_back_and_posted_again() -> None:
    overtime = price(
        Portion("asg", MONDAY, "standard", D("8"), pay_factor=D("1.5"), bill_factor=None), FIRST
    )
    found = differences([overtime], posted(worked("8")))
    assert totals(difference.charge for difference in found).pay == {"GBP": D("56.00")}
    assert totals(difference.charge for difference in found).bill == {"GBP": D("-176.00")}


def test_reverse_and_redo_comes_to_the_same_as_the_difference() -> None:
    again = redone([worked("8")], posted(worked("10")))
    assert amounts(again) == [(D("-140.00"), D("-220.00")), (D("112.00"), D("176.00"))]
    assert redone([worked("8")], posted(worked("8"))) == ()


def test_a_reversal_mirrors_one_charge_and_names_it() -> None:
    entry = Posted("chg_7", worked("7.35"))
    assert reversal(entry).corrects == ("chg_7",)
    assert totals([entry.charge, reversal(entry).charge]).bill == {"GBP": D(0)}


portions = st.builds(
    lambda assignment, day, quantity, pay, bill, rate: price(
        Portion(assignment, MONDAY + timedelta(day), rate.code, quantity, pay, bill), rate
    ),
    st.sampled_from(["asg_a", "asg_b"]),
    st.integers(0, 2),
    st.decimals(min_value="0", max_value="14", places=2),
    st.sampled_from([D(1), D("1.5")]),
    st.sampled_from([None, D(1), D("1.25")]),
    st.sampled_from([FIRST, SECOND]),
)
weeks = st.lists(portions, max_size=8)


def moving(by_currency: dict[str, D]) -> dict[str, D]:
    return {currency: amount for currency, amount in by_currency.items() if amount}


@given(history=st.lists(weeks, max_size=4), desired=weeks)
def test_after_any_history_what_is_posted_adds_up_to_what_is_desired(
    history: list[list[Priced]], desired: list[Priced]
) -> None:
    books: list[Posted] = []
    for week in (*history, desired):
        for found in differences(week, books):
            assert not found.charge.is_nothing
            books.append(Posted(f"chg_{len(books)}", found.charge))
    standing = totals(entry.charge for entry in books)
    assert moving(standing.pay) == moving(totals(desired).pay)
    assert moving(standing.bill) == moving(totals(desired).bill)
    assert differences(desired, books) == ()


@given(history=weeks, desired=weeks)
def test_delta_and_redo_leave_the_same_books(history: list[Priced], desired: list[Priced]) -> None:
    books = posted(*history)
    by_delta = totals(found.charge for found in differences(desired, books))
    by_redo = totals(found.charge for found in redone(desired, books))
    assert moving(by_delta.pay) == moving(by_redo.pay)
    assert moving(by_delta.bill) == moving(by_redo.bill)
