"""A year of our payslips against the same year by people who never saw our code.

The others work out a year's liability, and a payslip withholds on account of it, so the two agree
within what withholding rounds; each test says why its tolerance is what it is.
"""

import json
import subprocess
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from deploy import independent
from rulebook.pack import Earning, Situation
from rulebook.packs.gb.taxyear import month_ends_on
from rulebook.pay import payslip

pytestmark = pytest.mark.independent

D = Decimal
OTHERS = Path(__file__).parent / "others.py"
ABSENT = "the other calculators are not installed: python3 manage.py independent"
# What their binary floats of single width lose of a five-digit amount.
FLOAT = D("0.02")

MONTHS = [month_ends_on(date(2026, 4, 6) + timedelta(days=31 * n)) for n in range(12)]
# Pounds, across every band and the taper of the allowance.
MONTHLY = (
    1000, 1050, 1250, 1700, 2500, 3600, 4189, 4250, 5200, 6400, 7500, 8300, 8800, 9400, 10400,
    10430, 12500, 17000,
)  # fmt: skip  # as many as a line holds
NATIONS = {"LONDON": ("", D("0.45")), "WALES": ("C", D("0.45")), "SCOTLAND": ("S", D("0.48"))}
PLANS = {"PLAN_1": "plan_1", "PLAN_2": "plan_2", "PLAN_4": "plan_4", "PLAN_5": "plan_5"}

FORTNIGHTS = [date(2026, 1, 9) + timedelta(days=14 * n) for n in range(26)]
EVERY_FORTNIGHT = (
    500,
    620,
    800,
    1250,
    2000,
    2400,
    3100,
    4400,
    5200,
    7000,
    8100,
    9800,
    15000,
    28000,
)
STATUSES = ("single", "married_jointly", "head_of_household")

UK: list[dict[str, Any]] = [
    *(
        {"income": pay * 12, "region": region, "plan": "NONE"}
        for pay, region in product(MONTHLY, NATIONS)
    ),
    *({"income": 40800, "region": "LONDON", "plan": plan} for plan in PLANS),
]
US: list[dict[str, Any]] = [
    {"wages": pay * len(FORTNIGHTS), "status": status}
    for pay, status in product(EVERY_FORTNIGHT, STATUSES)
]


@pytest.fixture(scope="module")
def theirs() -> Mapping[str, Mapping[str, list[Decimal]]]:
    """Every year by the others, in their own environment."""
    if not independent.stands():
        pytest.skip(ABSENT)
    asked = subprocess.run(
        [str(independent.PYTHON), str(OTHERS)], input=json.dumps({"uk": UK, "us": US}),
        env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip  # the command, then how it is run
    assert asked.returncode == 0, asked.stderr
    found: Mapping[str, Mapping[str, list[Decimal]]] = json.loads(asked.stdout, parse_float=D)
    return found


def year(
    country: str, pays: list[tuple[date, Decimal]], paid: str, elections: dict[str, Any]
) -> Mapping[str, Decimal]:
    """The year to date after all payslips of a year."""
    carried: Mapping[str, Decimal] = {}
    employer = {"suta": {"TX": {"rate": "0.01"}}} if country == "US" else {}
    for on, pay in pays:
        earned = (Earning("work", "work", pay, place="TX" if country == "US" else ""),)
        situation = Situation(country, on, paid, earned, elections, employer, year_to_date=carried)
        carried = payslip(situation).carried_forward
    return carried


def british(pay: Decimal, code: str, **elections: Any) -> Mapping[str, Decimal]:
    told = {"tax_code": code, "ni_letter": "A", **elections}
    return year("GB", [(on, pay) for on in MONTHS], "monthly", told)


def american(pay: Decimal, status: str) -> Mapping[str, Decimal]:
    told = {"w4": {"form": 2020, "status": status}}
    return year("US", [(on, pay) for on in FORTNIGHTS], "biweekly", told)


def allowance(income: Decimal) -> Decimal:
    """The personal allowance less one pound for every two above 100,000 (ITA 2007 s.35)."""
    return max(D(12570) - max(income - 100000, D(0)) / 2, D(0))


def test_a_year_of_paye_is_the_years_income_tax(theirs: Any) -> None:
    """A code stands for up to 9 pounds more than its allowance and taxable pay drops its pence, so
    PAYE takes less than the year owes, by under 10 pounds at the highest rate the income meets.
    """
    off = {}
    for case, owed in zip(UK, theirs["uk"]["income_tax"], strict=True):
        prefix, top = NATIONS[str(case["region"])]
        income = D(int(case["income"]))
        number = int(allowance(income) // 10)
        code = f"{prefix}{number}L" if number else f"{prefix}0T"

        withheld = british(income / 12, code)["gb.tax"]

        if not -FLOAT <= owed - withheld <= 10 * top + FLOAT:
            off[code, income] = (withheld, owed)
    assert not off


def test_a_years_national_insurance_is_the_same_on_annual_limits(theirs: Any) -> None:
    """A director is worked out on the year, as they do it for everybody."""
    off = {}
    both = zip(UK, theirs["uk"]["ni_employee"], theirs["uk"]["ni_employer"], strict=True)
    for case, worker, employer in both:
        income = D(int(case["income"]))

        ours = british(income / 12, "NT", director={"method": "annual"})

        pair = ours.get("gb.ni.A.worker", D(0)), ours["gb.ni.A.employer"]
        if abs(pair[0] - worker) > FLOAT or abs(pair[1] - employer) > FLOAT:
            off[income] = (pair, (worker, employer))
    assert not off


def test_a_years_national_insurance_by_the_month_differs_by_its_rounded_limits(theirs: Any) -> None:
    """Twelve monthly limits are 6 pounds above the year's at 8%, 2 below it at 6% and 4 above it at
    15%; each month may round half a penny in each of two bands.
    """
    half_pennies = 24 * D("0.005")
    off = {}
    both = zip(UK, theirs["uk"]["ni_employee"], theirs["uk"]["ni_employer"], strict=True)
    for case, worker, employer in both:
        income = D(int(case["income"]))

        ours = british(income / 12, "NT")

        pair = ours.get("gb.ni.A.worker", D(0)), ours["gb.ni.A.employer"]
        most = 6 * D("0.08") + 2 * D("0.06") + half_pennies, 4 * D("0.15") + half_pennies
        if abs(pair[0] - worker) > most[0] + FLOAT or abs(pair[1] - employer) > most[1] + FLOAT:
            off[income] = (pair, (worker, employer))
    assert not off


def test_a_year_of_loan_repayments_drops_the_pence_of_twelve_months(theirs: Any) -> None:
    for case, owed in zip(UK, theirs["uk"]["student_loan_repayment"], strict=True):
        plan = PLANS.get(str(case["plan"]))
        if plan is None:
            continue

        repaid = british(D(int(case["income"])) / 12, "NT", student_loan=plan)["gb.student_loan"]

        assert owed - 12 <= repaid <= owed + FLOAT, plan


def test_a_year_of_federal_withholding_is_the_years_tax(theirs: Any) -> None:
    """With even pay, one job and no credits Worksheet 1A withholds the tax of the year; each pay
    rounds half a cent, and the printed table rounds its edges by less than a cent.
    """
    assert len(FORTNIGHTS) == 26
    most = 26 * D("0.005") + D("0.01")
    off = {}
    for case, owed in zip(US, theirs["us"]["taxbc"], strict=True):
        pay = D(int(case["wages"])) / 26

        withheld = american(pay, str(case["status"])).get("us.fit", D(0))

        if abs(withheld - owed) > most:
            off[case["status"], pay] = (withheld, owed)
    assert not off


def test_a_year_of_fica_is_the_years_payroll_tax(theirs: Any) -> None:
    """Both halves of Social Security and Medicare; each pay rounds four amounts by half a cent."""
    most = 26 * 4 * D("0.005")
    off = {}
    for case, owed in zip(US, theirs["us"]["ptax_was"], strict=True):
        ours = american(D(int(case["wages"])) / 26, str(case["status"]))

        taken = sum(
            (ours[f"us.{tax}{who}"] for tax in ("ss", "medicare") for who in ("", ".employer")),
            D(0),
        )

        if abs(taken - owed) > most:
            off[case["status"], case["wages"]] = (taken, owed)
    assert not off


def test_additional_medicare_is_the_years_for_those_whose_limit_the_employer_knows(
    theirs: Any,
) -> None:
    """An employer withholds above 200,000 for everybody; a couple owes it above 250,000."""
    for case, owed in zip(US, theirs["us"]["ptax_amc"], strict=True):
        if case["status"] == "married_jointly":
            continue

        ours = american(D(int(case["wages"])) / 26, str(case["status"]))

        assert abs(ours.get("us.medicare.additional", D(0)) - owed) <= 26 * D("0.005")
