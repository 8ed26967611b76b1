"""Every UK payslip in the case files comes out to the penny."""

from typing import Any

import pytest

from rulebook.pack import Unpayable, pack
from rulebook.timeline import NoRule
from tests.rulebook.gb.reading import agree, cases, figures, payslip, situation

pytestmark = pytest.mark.rulebook

PAYABLE = (
    "paye", "paye_codes", "ni", "ni_letters", "directors", "loans", "loan_plans", "pension",
    "pension_bases", "deductions", "orders",
)  # fmt: skip  # what takes from pay, in its order


@pytest.mark.parametrize("case", cases(*PAYABLE))
def test_a_payslip_of_the_case_files_comes_out_to_the_penny(case: dict[str, Any]) -> None:
    slip = payslip(situation(case["inputs"]))

    agree(case["expected"], figures(slip))


@pytest.mark.parametrize("case", cases(*PAYABLE))
def test_explaining_a_payslip_changes_no_figure_and_explains_every_line(
    case: dict[str, Any],
) -> None:
    silent = payslip(situation(case["inputs"]))
    told = payslip(situation(case["inputs"], explain=True))

    assert figures(silent) == figures(told)
    assert not any(line.steps for line in silent.lines)
    assert all(line.steps for line in told.lines if line.rule)


@pytest.mark.parametrize("case", cases("refusals"))
def test_what_cannot_be_paid_is_refused_with_every_fault(case: dict[str, Any]) -> None:
    if "no_rule" in case["expected"]:
        with pytest.raises(NoRule) as missing:
            payslip(situation(case["inputs"]))
        assert missing.value.rule == case["expected"]["no_rule"]
        return

    with pytest.raises(Unpayable) as refusal:
        payslip(situation(case["inputs"]))

    assert [f"{where}: {code}" for where, code, _ in refusal.value.faults] == case["expected"][
        "faults"
    ]
    assert refusal.value.faults == pack("GB").faults(situation(case["inputs"]))
