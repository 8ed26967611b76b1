"""What HMRC is told is what the payslips say, and nothing it would turn away leaves unnoticed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rulebook.pack import Payslip, Situation
from rulebook.packs.gb import forms, submissions
from rulebook.packs.gb.submissions import Employee
from tests.rulebook.gb.reading import cases, payslip, situation

pytestmark = pytest.mark.rulebook

ADA = Employee(
    "1", "Lovelace", "Ada", date(1990, 12, 10), "F", "AB123456C", weekly_hours=Decimal("37.5")
)
WEEK: dict[str, Any] = {
    "on": date(2026, 4, 10),
    "paid": "weekly",
    "code": "1257L",
    "letter": "A",
    "pay": "785.50",
    "plan": "plan_1",
}


def paid(**more: Any) -> tuple[Situation, Payslip]:
    """A situation and its payslip."""
    one = situation({**WEEK, **more})
    return one, payslip(one)


def test_a_payment_says_what_the_payslip_says() -> None:
    told = submissions.payment(ADA, *paid())

    assert (told["tax_week"], told["tax_month"], told["periods_covered"]) == (1, None, 1)
    assert (told["frequency"], told["hours_band"], told["tax_code"]) == ("W1", "D", "1257L")
    assert (told["taxable_pay"], told["tax"]) == (Decimal("785.50"), Decimal("108.60"))
    assert told["student_loan"] == Decimal("24.00")
    assert told["national_insurance"] == {
        "A": {
            "earnings": Decimal("785.50"),
            "earnings_to_date": Decimal("785.50"),
            "at_lel": Decimal(129),
            "at_lel_to_date": Decimal(129),
            "to_pt": Decimal(113),
            "to_pt_to_date": Decimal(113),
            "to_uel": Decimal("543.50"),
            "to_uel_to_date": Decimal("543.50"),
            "worker": Decimal("43.48"),
            "worker_to_date": Decimal("43.48"),
            "employer": Decimal("103.42"),
            "employer_to_date": Decimal("103.42"),
        }
    }


def test_the_totals_of_a_submission_equal_the_payslips() -> None:
    slips = [paid(pay=pay, code=code) for pay, code in [("785.50", "1257L"), ("400.00", "BR")]]
    told = submissions.full_payment(
        "123/AB456", "123PA00012345", WEEK["on"], (submissions.payment(ADA, *one) for one in slips)
    )

    def summed(code: str) -> Decimal:
        return sum(
            (submissions.by_code(slip).get(code, Decimal(0)) for _, slip in slips), Decimal(0)
        )

    assert told.totals == {
        "taxable_pay": Decimal("1185.50"),
        "tax": summed("gb.paye"),
        "student_loan": summed("gb.student_loan"),
        "postgraduate_loan": Decimal(0),
        "ni_worker": summed("gb.ni.worker"),
        "ni_employer": summed("gb.ni.employer"),
    }
    assert submissions.faults(told, WEEK["on"]) == ()


@pytest.mark.parametrize("case", cases("paye", "ni", "loans", "directors"))
def test_every_payslip_of_the_case_files_can_be_told(case: dict[str, Any]) -> None:
    one = situation(case["inputs"])
    slip = payslip(one)

    told = submissions.payment(ADA, one, slip)

    assert told["tax"] == submissions.by_code(slip)["gb.paye"]
    assert told["taxable_pay_to_date"] == slip.carried_forward.get("gb.taxable", Decimal(0))


def test_every_fault_is_named_at_once() -> None:
    nobody = Employee("2", "", "Ann", None, "F", "QQ123456C", starts_on=date(2026, 4, 6))
    told = submissions.full_payment(
        "AB456", "", WEEK["on"], [submissions.payment(nobody, *paid())], late_reason="Q"
    )

    assert [(where, code) for where, code, _ in submissions.faults(told, date(2026, 4, 13))] == [
        ("paye_reference", "bad_reference"),
        ("late_reason", "unknown_reason"),
        ("payments.0.employee.surname", "missing"),
        ("payments.0.employee.born_on", "missing"),
        ("payments.0.employee.nino", "bad_nino"),
        ("payments.0.starter.declaration", "missing"),
    ]


def test_a_submission_after_payday_says_why() -> None:
    told = submissions.full_payment(
        "123/AB456", "", WEEK["on"], [submissions.payment(ADA, *paid())]
    )
    late = date(2026, 4, 11)

    assert [code for _, code, _ in submissions.faults(told, late)] == ["missing"]
    assert submissions.faults(replace(told, late_reason="G"), late) == ()


def test_without_a_national_insurance_number_an_address_is_told() -> None:
    unknown = replace(ADA, nino="", address=("1 Long Lane", "Leeds"))
    told = submissions.payment(unknown, *paid())

    assert told["employee"]["address"] == ("1 Long Lane", "Leeds")  # type: ignore[index]


@pytest.mark.parametrize(
    ("hours", "band"),
    [("15.99", "A"), ("16", "B"), ("24", "C"), ("29.99", "C"), ("30", "D"), (None, "E")],
)
def test_normal_hours_have_their_band(hours: str | None, band: str) -> None:
    normal = Decimal(hours) if hours else None

    assert submissions.hours_band(normal, WEEK["on"]) == band


def test_a_directors_method_and_week_are_told() -> None:
    told = submissions.payment(
        ADA, *paid(director={"method": "annual", "appointed_on": "2026-04-14"})
    )

    assert told["director"] == {"method": "AN", "appointed_in_week": 2}


def test_the_employers_summary_is_due_on_the_19th_after_the_tax_month() -> None:
    told = submissions.employer_summary(
        date(2026, 5, 5), statutory_recovered={"maternity": Decimal("100.00")}
    )

    assert (told.tax_month, told.due_on) == (1, date(2026, 5, 19))


def test_a_p60_holds_the_year() -> None:
    one, slip = paid(
        on=date(2027, 3, 26),
        ytd={
            "gb.taxable": "20000.00",
            "gb.tax": "2000.00",
            "gb.previous.taxable": "5000.00",
            "gb.previous.tax": "400.00",
            "gb.ni.A.earnings": "20000.00",
            "gb.ni.M.worker": "10.00",
        },
    )
    year = forms.p60(one, slip.carried_forward)

    assert (year.tax_year, year.due_on) == ("2026-27", date(2027, 5, 31))
    assert (year.pay, year.total_pay) == (Decimal("20785.50"), Decimal("25785.50"))
    assert year.total_tax == slip.carried_forward["gb.tax"] + Decimal("400.00")
    assert sorted(year.national_insurance) == ["A", "M"]
    assert year.national_insurance["M"]["worker"] == Decimal("10.00")


def test_a_p45_holds_what_the_next_employer_needs() -> None:
    one, slip = paid(ytd={"gb.previous.taxable": "500.00", "gb.previous.tax": "20.00"})
    left = forms.p45(one, slip.carried_forward, date(2026, 4, 9))

    assert (left.period, left.student_loan_continues) == ("week 1", True)
    assert left.pay_to_date == Decimal("1285.50")
    assert left.pay_here == Decimal("785.50")


def test_a_p45_of_a_code_taxed_by_itself_gives_this_employment_alone() -> None:
    one, slip = paid(code="1257L W1")
    left = forms.p45(one, slip.carried_forward, date(2026, 4, 9))

    assert (left.period, left.pay_to_date, left.tax_to_date) == ("", None, None)
    assert left.is_not_cumulative
    assert left.tax_here == Decimal("108.60")
