"""Work through others: umbrellas, off-payroll contractors, and the clock of agency workers."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.pack import Situation
from rulebook.packs.gb import agencyweeks, equal, offpayroll, umbrella
from rulebook.packs.gb.agencyweeks import WEEK, Absence
from rulebook.periods import Period
from rulebook.pricing import DatedRate, Job
from rulebook.rates import Rate
from tests.rulebook.gb.reading import cases, payslip, situation

pytestmark = pytest.mark.rulebook

MONDAY = date(2026, 4, 6)
TERMS = umbrella.UmbrellaTerms(Decimal("20.00"), "A", Decimal("0.03"))


@pytest.mark.parametrize("case", cases("umbrella"))
def test_an_umbrellas_payslip_is_held_against_what_should_have_been_taken(
    case: dict[str, Any],
) -> None:
    reported = {code: Decimal(value) for code, value in case["inputs"]["reported"].items()}

    found = umbrella.gaps(payslip(situation(case["inputs"])), reported)

    wanted = {code: Decimal(value) for code, value in case["expected"]["gaps"].items()}
    assert {gap.code: gap.short for gap in found} == wanted


def test_a_gap_within_the_tolerance_is_let_pass() -> None:
    expected = payslip(situation({**cases("umbrella")[0].values[0]["inputs"]}))
    reported = {line.code: line.amount - Decimal("0.02") for line in expected.lines}

    assert umbrella.gaps(expected, reported, Decimal("0.02")) == ()
    assert len(umbrella.gaps(expected, reported)) == 3


@given(st.integers(20_00, 5_000_00).map(lambda pennies: Decimal(pennies) / 100))
def test_an_income_taken_apart_adds_up_to_the_last_penny_it_can_bear(income: Decimal) -> None:
    parts = umbrella.taken_apart(income, TERMS, MONDAY, "weekly")

    costs = parts.employer_ni + parts.levy + parts.employer_pension
    assert parts.gross + costs + parts.margin + parts.left_over == income
    assert 0 <= parts.left_over < Decimal("0.04")


def test_an_income_below_the_margin_is_refused() -> None:
    with pytest.raises(ValueError, match="margin"):
        umbrella.taken_apart(Decimal("19.99"), TERMS, MONDAY, "weekly")


@pytest.mark.parametrize("case", cases("off_payroll"))
def test_the_size_of_a_client(case: dict[str, Any]) -> None:
    given_ = case["inputs"]
    accounts = [
        offpayroll.AccountsYear(
            year["starts_on"],
            year["ends_on"],
            Decimal(year["turnover"]),
            Decimal(year["balance_sheet"]),
            Decimal(year["employees"]),
        )
        for year in given_["accounts"]
    ]

    assert offpayroll.is_small(accounts, given_["tax_year"]) is case["expected"]["small"]


def test_a_client_whose_accounts_are_not_due_yet_has_no_size() -> None:
    assert offpayroll.is_small([], MONDAY) is None


def test_a_contractor_inside_is_taxed_as_paid_without_loans_or_pension() -> None:
    earning = offpayroll.deemed_earning(Decimal("1000.00"), Decimal("100.00"), Decimal("0.00"))
    told = {
        "tax_code": "BR",
        "ni_letter": "A",
        "student_loan": "plan_1",
        "postgraduate_loan": True,
        "off_payroll": True,
    }
    scheme = {"pension": {"arrangement": "net_pay", "worker": "0.05", "employer": "0.03"}}

    slip = payslip(Situation("GB", MONDAY, "weekly", (earning,), told, scheme))

    assert {line.code for line in slip.lines} == {
        "deemed_payment",
        "gb.paye",
        "gb.ni.worker",
        "gb.ni.employer",
    }
    assert slip.taken == Decimal("180.00") + Decimal("52.64")
    assert offpayroll.paid_to_company(Decimal("1000.00"), slip) == Decimal("767.36")
    assert slip.employer_cost == Decimal("120.60")


def test_materials_above_the_fee_are_refused() -> None:
    with pytest.raises(ValueError, match="parts of the fee"):
        offpayroll.deemed_earning(Decimal("100.00"), Decimal("60.00"), Decimal("50.00"))


@pytest.mark.parametrize("case", cases("agency_weeks"))
def test_the_clock_of_twelve_weeks(case: dict[str, Any]) -> None:
    given_, expected = case["inputs"], case["expected"]
    gap_after, gap = given_.get("gap_after", given_["weeks"]), given_.get("gap", 0)
    worked = [
        given_["from"] + WEEK * (n + (gap if n >= gap_after else 0)) for n in range(given_["weeks"])
    ]
    away = []
    if "reason" in given_:
        starts = given_["from"] + WEEK * gap_after
        away.append(Absence(given_["reason"], Period(starts, starts + WEEK * gap)))

    found = agencyweeks.clock(worked, away, given_["until"])

    assert found.count == int(expected["count"])
    assert [since for since, _ in found.parity] == [
        day for name, day in expected.items() if name == "parity"
    ]


def test_a_late_timesheet_brings_equal_treatment_forward() -> None:
    mondays = [MONDAY + WEEK * n for n in range(14)]
    without_week_5 = [day for n, day in enumerate(mondays) if n != 4]
    until = mondays[-1] + timedelta(days=6)

    before = agencyweeks.clock(without_week_5, [], until)
    after = agencyweeks.clock(mondays, [], until)

    assert before.parity[0][0] - after.parity[0][0] == WEEK


def test_equal_treatment_ends_where_the_clock_starts_again() -> None:
    worked = [MONDAY + WEEK * n for n in range(13)]
    back = MONDAY + WEEK * 25
    found = agencyweeks.clock([*worked, back], [], back)

    assert found.is_equal_on(worked[-1])
    assert not found.is_equal_on(worked[-2])
    assert not found.is_equal_on(back)
    assert found.count == 1


def test_a_reason_that_the_law_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="hobby"):
        agencyweeks.clock([MONDAY], [Absence("hobby", Period(MONDAY, MONDAY + WEEK))], MONDAY)


@given(st.sets(st.integers(0, 300), min_size=1, max_size=60), st.randoms())
def test_the_order_in_which_days_become_known_changes_nothing(days: set[int], chance: Any) -> None:
    known = [MONDAY + timedelta(days=n) for n in days]
    mixed = known.copy()
    chance.shuffle(mixed)
    until = max(known)

    assert agencyweeks.clock(known, [], until) == agencyweeks.clock(mixed, [], until)


def test_a_job_is_lifted_on_days_of_equal_treatment_alone_and_never_lowered() -> None:
    monday = date(2026, 4, 6)
    run = agencyweeks.clock([monday + WEEK * n for n in range(13)], [], monday + WEEK * 13)
    agreed = Rate("regular", "1", pay_rate=Decimal("15.00"), bill_rate=Decimal("21.00"))
    night = Rate("night", "1", pay_rate=Decimal("22.00"), bill_rate=Decimal("30.00"))
    job = Job("acme", (DatedRate(agreed, monday), DatedRate(night, monday)))
    terms = equal.EqualTerms(
        monday, None, {"regular": Decimal("18.00"), "night": Decimal("20.00")},
        {"regular": Decimal("25.20")}, Decimal("0.1453"),
    )  # fmt: skip

    told = equal.treated(job, run, [terms])

    def priced(code: str, day: date) -> tuple[Decimal | None, Decimal | None]:
        found = told.rate_on(code, day)
        assert found is not None
        return found.rate.pay_rate, found.rate.bill_rate

    friday, thirteenth = monday + WEEK * 12 - timedelta(3), monday + WEEK * 12
    assert priced("regular", friday) == (Decimal("15.00"), Decimal("21.00"))
    assert priced("regular", thirteenth) == (Decimal("18.00"), Decimal("25.20"))
    assert priced("night", thirteenth) == (Decimal("22.00"), Decimal("30.00"))
    assert told.holiday_share_on(friday, Decimal("0.1207")) == Decimal("0.1207")
    assert told.holiday_share_on(thirteenth, Decimal("0.1207")) == Decimal("0.1453")
    assert equal.treated(job, run, []) is job
