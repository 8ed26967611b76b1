"""US payslips: every case file, figure by figure; what is printed is met to the cent."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from rulebook.pack import Unpayable
from rulebook.packs.us import PACK
from rulebook.pay import payslip
from rulebook.timeline import NoRule
from tests.rulebook.us.reading import FOLDER, cases, figures, situation

pytestmark = pytest.mark.rulebook

PAYABLE = (
    "federal",
    "worksheet_1a",
    "fica",
    "supplemental",
    "pretax",
    "printed",
    "states",
    "programmes",
    "two_states",
    "local",
    "orders",
)

OF_TIME = ("hours", "regular_rate", "minimum_wage", "breaks", "parity")


@pytest.mark.parametrize("case", cases(*PAYABLE))
def test_a_payslip_comes_to(case: Mapping[str, Any]) -> None:
    said = figures(payslip(situation(case["inputs"])))

    off = Decimal(case.get("off_by", "0"))
    for key, amount in case["expected"].items():
        assert abs(said.get(key, Decimal(0)) - Decimal(amount)) <= off, (key, said.get(key))


@pytest.mark.parametrize("case", cases(*PAYABLE))
def test_an_explanation_changes_nothing_and_every_tax_says_why(case: Mapping[str, Any]) -> None:
    plain = payslip(situation(case["inputs"]))
    told = payslip(situation(case["inputs"], explain=True))

    assert [line.amount for line in told.lines] == [line.amount for line in plain.lines]
    assert not any(line.steps for line in plain.lines)
    for line in told.lines:
        if line.kind in {"tax", "employer"}:
            assert line.rule, line.code
            assert line.source, line.code
            if line.amount:
                assert line.steps, line.code


@pytest.mark.parametrize("case", cases(*PAYABLE))
def test_a_payslip_adds_up(case: Mapping[str, Any]) -> None:
    slip = payslip(situation(case["inputs"]))

    assert slip.net == slip.gross - slip.taken
    assert slip.net >= 0
    assert all(line.amount == line.amount.quantize(Decimal("0.01")) for line in slip.lines)


@pytest.mark.parametrize("case", cases("refusals"))
def test_what_cannot_be_paid_is_refused(case: Mapping[str, Any]) -> None:
    asked = situation(case["inputs"])
    expected = case["expected"]
    if "no_rule" in expected:
        with pytest.raises(NoRule) as missing:
            payslip(asked)
        assert missing.value.rule == expected["no_rule"]
        assert "no_rule" in {code for _, code, _ in PACK.faults(asked)}
        return
    with pytest.raises(Unpayable) as no:
        payslip(asked)
    assert {(pointer, code) for pointer, code, _ in no.value.faults} == {
        tuple(fault) for fault in expected["faults"]
    }
    assert PACK.faults(asked) == no.value.faults


def test_the_case_files_are_all_read_and_each_names_its_source() -> None:
    files = {path.stem for path in FOLDER.glob("*.toml")}

    assert files == {*PAYABLE, *OF_TIME, "refusals", "dues"}
    for parameter in cases(*files):
        (case,) = parameter.values
        assert case["source"]
        assert "expected" in case
