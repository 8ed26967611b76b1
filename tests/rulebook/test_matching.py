"""Matching: a receipt is posted by itself only when there is one answer."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.advance import headroom
from rulebook.matching import (
    AUTO,
    Item,
    Policy,
    Receipt,
    by_oldest,
    match,
    oldest_run,
    sums_to,
    waiting,
)
from rulebook.money import NOTHING
from rulebook.remittance import digits_of, read
from rulebook.timeline import exact

pytestmark = pytest.mark.rulebook

D = Decimal
CASES: Any = exact(
    tomllib.loads((Path(__file__).parent / "cases" / "money" / "receipts.toml").read_text("utf-8"))
)
DAY_0 = date(2026, 9, 30)


def item(number: str, remaining: Decimal, days_due: int = 30, **facts: Any) -> Item:
    known: dict[str, Any] = {"debtor": "Northgate", "currency": "GBP", **facts}
    due = DAY_0 + timedelta(days_due)
    return Item(
        number,
        number,
        known.pop("debtor"),
        due - timedelta(30),
        due,
        remaining,
        known.pop("currency"),
        **known,
    )


NORTHGATE = [
    item(row["number"], row["remaining"], int(row["days_due"]), week=str(row.get("week", "")))
    for row in CASES["invoice"]
]
OTHERS = [
    item("INV-20001", D("8000.00"), currency="USD"),
    item(
        "INV-20002",
        D("10000.00"),
        currency="USD",
        discount=D("200.00"),
        discount_until=DAY_0 + timedelta(10),
    ),
    item("INV-30001", D("1080.00"), debtor="Girder", cis=D("216.00")),
]


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["name"])
def test_a_receipt_is_matched(case: Mapping[str, Any]) -> None:
    closed = case.get("closed", ())
    items = [
        replace(one, remaining=case["credit"])
        if one.number == "CN-2044" and "credit" in case
        else one
        for one in (*NORTHGATE, *OTHERS)
        if one.number not in closed
    ]
    receipt = Receipt(
        "rcp",
        case["amount"],
        case.get("currency", "GBP"),
        DAY_0 + timedelta(int(case.get("day", 0))),
        str(case.get("text", "")),
        debtor=case.get("debtor", "Northgate") if case.get("payer_is_known", True) else None,
    )
    policy = Policy(twins_oldest_first=case.get("twins_oldest_first", False))
    found = match(receipt, items, policy, closed)

    assert found.verdict == case["verdict"]
    assert found.strength == case.get("strength", found.strength)
    assert found.reason == case.get("reason", found.reason)
    if "pays" in case:
        assert {use.invoice: use.amount for use in found.applications} == case["pays"]
    if "others" in case:
        assert found.others == case["others"]
    if "answers" in case:
        assert 1 + len(found.others) == case["answers"]
    deductions = {left.code: left.amount for left in found.deductions}
    assert deductions == case.get("deductions", {})
    assert found.unapplied == case.get("unapplied", NOTHING)
    assert all(left.is_settling for left in found.deductions) is not case.get("stays_open", False)
    assert receipt.amount == sum(use.amount for use in found.applications) + found.unapplied


def test_a_structured_reference_is_stronger_than_the_text_beside_it() -> None:
    receipt = Receipt("rcp", D("1080.00"), "GBP", DAY_0, "10401", ("INV-10462",), "Northgate")
    found = match(receipt, NORTHGATE)
    assert (found.verdict, found.strength, found.applications[0].invoice) == (
        "auto",
        "structured",
        "INV-10462",
    )


def test_a_payer_that_pays_invoices_of_two_debtors_is_only_proposed() -> None:
    receipt = Receipt("rcp", D("3024.00"), "GBP", DAY_0, "10417 30001")
    assert match(receipt, [*NORTHGATE, *OTHERS]).verdict == "propose"


def test_nothing_of_another_currency_or_debtor_is_ever_touched() -> None:
    receipt = Receipt("rcp", D("8000.00"), "GBP", DAY_0, "INV-20001", debtor="Northgate")
    assert match(receipt, [*NORTHGATE, *OTHERS]).verdict == "queue"
    elsewhere = Receipt("rcp", D("1080.00"), "GBP", DAY_0, "INV-30001", debtor="Northgate")
    assert match(elsewhere, OTHERS).applications == ()


def test_a_reference_that_fits_two_invoices_is_not_guessed() -> None:
    items = [item("A-10417", D("10.00")), item("B-10417", D("10.00"))]
    receipt = Receipt("rcp", D("10.00"), "GBP", DAY_0, "10417", debtor="Northgate")
    found = match(receipt, items)
    assert (found.verdict, found.reason) == ("queue", "reference fits several")


def test_a_week_paid_as_one_sum_is_matched_unless_a_twin_is_left_out() -> None:
    week = [
        item(f"INV-{n}", D(amount), n, week="2026-08-31")
        for n, amount in ((50001, "100.00"), (50002, "80.00"), (50003, "75.50"))
    ]
    rest = [item(f"INV-{n}", D("43.21"), n - 49000, week="2026-09-07") for n in range(50010, 50030)]
    receipt = Receipt("rcp", D("255.50"), "GBP", DAY_0, debtor="Northgate")
    found = match(receipt, [*rest, *week])
    assert (found.verdict, found.strength, found.reason) == ("auto", "statement", "week 2026-08-31")
    twin = item("INV-50099", D("80.00"), 2000, week="2026-09-07")
    assert match(receipt, [*rest, *week, twin]).verdict == "propose"


def test_with_many_open_invoices_no_sum_is_searched_for() -> None:
    items = [item(f"INV-{n}", D(f"{n}.17"), n) for n in range(6001, 6018)]
    receipt = Receipt("rcp", D("12007.34"), "GBP", DAY_0, debtor="Northgate")
    found = match(receipt, items)
    assert (found.verdict, found.reason) == ("queue", "too many open to be sure")


@pytest.mark.parametrize(
    ("amount", "open_", "paid"),
    [("220", "100 200", ""), ("100", "100 200 300", "100"), ("300", "100 200", "100 200")],
)
def test_an_oldest_first_run_is_exact_or_nothing(amount: str, open_: str, paid: str) -> None:
    items = [item(f"INV-{n}", D(owed), n) for n, owed in enumerate(open_.split())]
    assert [one.remaining for one in oldest_run(D(amount), items)] == [
        D(part) for part in paid.split()
    ]


def test_a_lump_sum_pays_seven_invoices_oldest_first() -> None:
    items = [item(f"INV-{n}", D("100.00"), n) for n in range(7)]
    applied, left = by_oldest(D("650.00"), items[::-1])
    assert [use.invoice for use in applied] == [f"INV-{n}" for n in range(7)]
    assert (applied[-1].amount, left) == (D("50.00"), NOTHING)
    assert by_oldest(D("750.00"), items)[1] == D("50.00")


def test_receipts_that_wait_are_ranked_by_the_funding_they_would_free() -> None:
    old = Receipt("old", D("900.00"), "GBP", DAY_0 - timedelta(9), debtor="Roomy")
    big = Receipt("big", D("25000.00"), "GBP", DAY_0, debtor="Northgate")
    limits = {"Roomy": (D("100000.00"), D("900.00")), "Northgate": (D("100000.00"), D("96000.00"))}

    def unlocks(receipt: Receipt) -> Decimal:
        limit, open_ = limits[str(receipt.debtor)]
        if limit - open_ >= receipt.amount:
            return NOTHING
        freed = headroom(limit, open_, receipt.amount) - headroom(limit, open_)
        return freed * D("0.90")

    ranked = waiting([old, big], unlocks)
    assert [(row.receipt.ref, row.unlocks) for row in ranked] == [
        ("big", D("22500.00")),
        ("old", NOTHING),
    ]


# Reading what a payer wrote

NUMBERS = ("INV-10401", "INV-10417", "INV-10433", "CN-2044", "INV-2026-00417")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("INV-10417", ["INV-10417"]),
        ("inv10417", ["INV-10417"]),
        ("INVOICES10417", ["INV-10417"]),
        ("0010417", ["INV-10417"]),
        ("1O4I7 AND lO433", ["INV-10417", "INV-10433"]),
        ("INV 104 17", ["INV-10417"]),
        ("10401,10417;10433", ["INV-10401", "INV-10417", "INV-10433"]),
        ("INV-2026-00417", ["INV-2026-00417"]),
        ("LESS CN2044", ["CN-2044"]),
        ("PAYROLL 30 SEP", []),
        ("BILLS SOLD", []),
        ("99417", []),
        ("10417 10417", ["INV-10417"]),
    ],
)
def test_numbers_are_read_out_of_a_text(text: str, numbers: list[str]) -> None:
    assert list(read(text, NUMBERS).listed) == numbers


def test_a_short_number_counts_only_when_it_fits_one() -> None:
    assert read("0433", NUMBERS).listed == ("INV-10433",)
    assert read("433", NUMBERS).listed == ()
    assert read("1433", ("INV-11433", "INV-21433")).listed == ()


@pytest.mark.parametrize(
    ("text", "is_weak"),
    [("0417", True), ("10417", False), ("7", True), ("INV 7", False), ("INV-0007", False)],
)
def test_few_digits_are_weak_unless_the_word_stands_before_them(text: str, is_weak: bool) -> None:
    found = read(text, ("INV-10417", "INV-7"))
    assert (len(found.listed), bool(found.weak)) == (1, is_weak)


def test_a_year_in_the_text_is_not_taken_for_an_invoice() -> None:
    items = [item("INV-12026", D("500.00")), item("INV-10450", D("3018.60"))]
    receipt = Receipt("rcp", D("3018.60"), "GBP", DAY_0, "SEP 2026", debtor="Northgate")
    found = match(receipt, items, closed=["INV-9"])
    assert (found.strength, found.applications[0].invoice) == ("sole_amount", "INV-10450")
    paid = replace(receipt, text="9 SEP")
    assert match(paid, items, closed=["INV-9"]).verdict == "auto"


def test_a_number_is_known_by_its_digits() -> None:
    assert (digits_of("INV-00417/A"), digits_of("none")) == ("417", "")


# Properties

amounts = st.lists(
    st.decimals(min_value="-300", max_value="3000", places=2).filter(bool), min_size=1, max_size=9
)


def opened(remaining: Sequence[Decimal]) -> list[Item]:
    return [
        item(f"INV-{n}", owed, n % 4, week=str(n % 3)) for n, owed in enumerate(remaining, 70001)
    ]


@given(remaining=amounts, amount=st.decimals(min_value="0.01", max_value="9000", places=2))
def test_no_penny_of_a_receipt_is_lost_and_no_invoice_overpaid(
    remaining: list[Decimal], amount: Decimal
) -> None:
    items = opened(remaining)
    found = match(Receipt("rcp", amount, "GBP", DAY_0, debtor="Northgate"), items)
    by_ref = {one.ref: one.remaining for one in items}
    assert sum((use.amount for use in found.applications), found.unapplied) == amount
    for use in found.applications:
        owed = by_ref[use.invoice]
        assert min(owed, NOTHING) <= use.amount <= max(owed, NOTHING)


@given(data=st.data(), remaining=amounts)
def test_an_automatic_answer_without_a_text_has_no_second_one(
    data: st.DataObject, remaining: list[Decimal]
) -> None:
    items = opened(remaining)
    chosen = data.draw(st.lists(st.sampled_from(items), min_size=1, max_size=5, unique=True))
    amount = sum((one.remaining for one in chosen), NOTHING)
    if amount <= 0:
        return
    found = match(Receipt("rcp", amount, "GBP", DAY_0, debtor="Northgate"), items)
    assert found.verdict in {AUTO, "propose"}
    if found.verdict == AUTO:
        sums = sums_to(amount, items, 5, stop_at=2)
        alone = [(one,) for one in items if one.remaining == amount]
        assert [{*answer} for answer in (*sums, *alone)] == [{*chosen}]
        assert {use.invoice for use in found.applications} == {one.ref for one in chosen}


@given(
    ours=st.lists(st.integers(10000, 99999), min_size=1, max_size=8, unique=True), data=st.data()
)
def test_what_is_named_is_paid_and_nothing_else(ours: list[int], data: st.DataObject) -> None:
    items = [item(f"INV-{n}", D(n) / 100, n % 9) for n in ours]
    chosen = data.draw(st.lists(st.sampled_from(items), min_size=1, max_size=4, unique=True))
    text = " ".join(one.number for one in chosen)
    amount = sum((one.remaining for one in chosen), NOTHING)
    found = match(Receipt("rcp", amount, "GBP", DAY_0, text, debtor="Northgate"), items)
    assert found.verdict == AUTO
    assert {use.invoice for use in found.applications} == {one.ref for one in chosen}
