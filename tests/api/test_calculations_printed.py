"""What official publications print is what the endpoint answers, to the penny."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.api.payslips import WHERE, asked
from tests.callers import key_of
from tests.rulebook.gb import reading as british
from tests.rulebook.us import reading as american
from tests.wire import Wire

pytestmark = pytest.mark.django_db

BRITISH = ("ni", "directors", "orders")
AMERICAN = ("printed", "orders")
# Publication, its example as tests/rulebook/cases tell its inputs, and the figures it prints.
PRINTED: dict[str, list[tuple[str, str, dict[str, str]]]] = {
    "GB": [
        (
            "HMRC, National Insurance calculator, tests of 2026 to 2027, letter A, weekly",
            "HMRC's own test: letter A, weekly, 785.50",
            {"gb.ni.worker": "43.48", "gb.ni.employer": "103.42"},
        ),
        (
            "HMRC, National Insurance calculator, tests of 2026 to 2027, letter B, fortnightly",
            "HMRC's own test: letter B, fortnightly, 1,995.00",
            {"gb.ni.worker": "28.04", "gb.ni.employer": "270.30"},
        ),
        (
            "HMRC, National Insurance calculator, directors' tests: 2026 Cat M Pro-rata",
            "HMRC's own test: letter M, appointed 2026-10-15, 30,560.19",
            {"gb.ni.worker": "1577.82", "gb.ni.employer": "958.68"},
        ),
        (
            "DWP, direct earnings attachments: a guide for employers, example 1",
            "DWP's first example: 385 a week, no other order",
            {"gb.order.dea_standard": "57.75", "net": "327.25"},
        ),
        (
            "GOV.UK, make child maintenance deductions from an employee's pay, example",
            "child maintenance: 150 from 1,200 leaves more than 60%",
            {"gb.order.child_maintenance": "150.00", "net": "1050.00"},
        ),
    ],
    "US": [
        (
            "EDD, California Withholding Schedules for 2026, Method B, example D",
            "California D: head of household",
            {"us.sit.CA": "1.69"},
        ),
        (
            "NYS-50-T-NYS (1/26), Method II, example 1",
            "New York 1: weekly",
            {"us.sit.NY": "8.01"},
        ),
        (
            "NYS-50-T-NYC (1/26), Method II, example 2, single",
            "New York City 2: semimonthly, single",
            {"us.local.NY.NYC": "188.80"},
        ),
        (
            "Indiana Departmental Notice #1 (01-26), example",
            "Indiana and Harrison County: four kinds of exemption",
            {"us.sit.IN": "13.96", "us.local.IN.county": "4.73"},
        ),
        (
            "DOL, Fact Sheet 30, examples: a quarter of disposable pay of 580.00 for two weeks",
            "Fact Sheet 30: a quarter of 580.00 for two weeks",
            {"us.order.a": "145.00"},
        ),
    ],
}


def cases() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every case that a publication prints, with its payslip as it is asked for."""
    for reading, files, engagement in ((british, BRITISH, "paye"), (american, AMERICAN, "w2")):
        for param in reading.cases(*files):
            case = param.values[0]
            if case.get("printed") and {"pay", "earnings"} & case["inputs"].keys():
                yield case, asked(reading.situation(case["inputs"]), engagement)


@pytest.fixture
def key(agency):
    """A key that may calculate, and nothing else."""
    return Wire(key_of(agency, "calculations:make"))


def figures(payslip: Any) -> dict[str, Decimal]:
    """What the answer says: its sums, and the sum of each code."""
    names = ("gross", "taken", "net", "employer_cost")
    found = {name: Decimal(payslip[name]["amount"]) for name in names}
    for line in payslip["lines"]:
        amount = Decimal(line["amount"]["amount"])
        found[line["code"]] = found.get(line["code"], Decimal(0)) + amount
    return found


@pytest.mark.parametrize(
    ("publication", "name", "prints"),
    [pytest.param(*one, id=one[0]) for some in PRINTED.values() for one in some],
)
def test_what_a_publication_prints_is_answered(key, publication, name, prints):
    (body,) = [body for case, body in cases() if case["name"] == name]

    found = figures(key.post(WHERE, {"payslip": body}).done())

    assert {code: f"{found[code]:.2f}" for code in prints} == prints, publication


def test_every_printed_example_is_answered_in_one_call(key):
    """A few publications round a step or lag their own tables; the cases say by how much."""
    printed = list(cases())

    reply = key.post(WHERE, {"payslips": [body for _, body in printed]}).done()

    assert reply["refused"] == 0
    assert len(printed) >= 60
    for (case, _), one in zip(printed, reply["results"], strict=True):
        found = figures(one["payslip"])
        for code, wanted in case["expected"].items():
            off = abs(found.get(code, Decimal(0)) - Decimal(wanted))
            assert off <= Decimal(case.get("off_by", "0")), (case["name"], code, found.get(code))
