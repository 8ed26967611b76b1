"""Tax codes are read as a coding notice writes them, and their numbers are worth what HMRC says."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rulebook.packs.gb import codes, paye
from tests.rulebook.gb.reading import agree, cases

pytestmark = pytest.mark.rulebook


@pytest.mark.parametrize("case", cases("codes"))
def test_the_number_of_a_code_is_worth_what_hmrc_says(case: dict[str, Any]) -> None:
    given = case["inputs"]
    number = codes.read(given["code"]).number

    value = paye.period_value(number, given["base"], given["on"]) * given["period"]

    agree(case["expected"], {"value": value})


@pytest.mark.parametrize(
    "written", ["1257L W1", "1257l m1", "1257LX", " 1257L  W1/M1 ", "1257LW1M1"]
)
def test_every_marker_of_a_payment_by_itself_is_understood(written: str) -> None:
    assert codes.read(written).alone


def test_a_basis_counts_as_a_marker() -> None:
    assert codes.read("1257L", "week1_month1").alone
    assert not codes.read("1257L", "cumulative").alone


@pytest.mark.parametrize(
    ("written", "nation", "form"),
    [
        ("1257L", "uk", "suffix"),
        ("S1257L", "scotland", "suffix"),
        ("C0T", "wales", "suffix"),
        ("SK12", "scotland", "k"),
        ("SD3", "scotland", "flat"),
        ("CBR", "wales", "flat"),
        ("NT", "uk", "nt"),
    ],
)
def test_a_code_says_its_nation_and_form(written: str, nation: str, form: str) -> None:
    code = codes.read(written)

    assert (code.nation, code.form) == (nation, form)


@pytest.mark.parametrize(
    "written", ["", "L", "1257", "1257P", "K", "K12345", "SNT", "D4", "BRL", "1257L W2"]
)
def test_what_is_no_code_is_refused(written: str) -> None:
    with pytest.raises(codes.UnreadableCode):
        codes.read(written)


def test_the_emergency_code_and_a_new_starters_code_come_from_the_year() -> None:
    day = date(2026, 4, 10)

    assert codes.emergency(day) == "1257L W1/M1"
    assert codes.emergency(day, "scotland") == "S1257L W1/M1"
    assert codes.new_starter("A", day) == "1257L"
    assert codes.new_starter("B", day, "wales") == "C1257L W1/M1"
    assert codes.new_starter("C", day) == "BR"
    assert codes.new_starter("", day) == "0T W1/M1"


def test_free_pay_never_falls_as_the_number_rises() -> None:
    day = date(2026, 4, 30)
    values = [paye.period_value(number, 12, day) for number in range(1, 3000)]

    assert values == sorted(values)
    assert values[0] == Decimal("1.59")
