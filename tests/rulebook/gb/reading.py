"""Case files a payroll clerk can read: how a case becomes a payslip and what it is held to."""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rulebook.pack import Deduction, Earning, Payslip, Situation, pack
from rulebook.timeline import exact

FOLDER = Path(__file__).parents[1] / "cases" / "gb"
TOTALS = ("gross", "taken", "net", "employer_cost")
ELECTIONS = {
    "code": "tax_code",
    "basis": "tax_basis",
    "letter": "ni_letter",
    "plan": "student_loan",
    "postgraduate": "postgraduate_loan",
    "director": "director",
    "pension": "pension",
    "apprentice": "apprentice",
}
EMPLOYER = {"scheme": "pension", "levy": "pays_levy"}


def cases(*files: str) -> list[Any]:
    """Every case of these files, named after its file and itself."""
    return [
        pytest.param(case, id=f"{file}: {case['name']}")
        for file in files
        for case in tomllib.loads((FOLDER / f"{file}.toml").read_text("utf-8"))["case"]
    ]


def situation(inputs: Mapping[str, Any], *, explain: bool = False) -> Situation:
    """A case's inputs as a situation; `pay` is short for one earning of work."""
    earned = inputs.get("earnings") or [{"kind": "work", "amount": inputs["pay"]}]
    return Situation(
        country=inputs.get("country", "GB"),
        pay_on=inputs["on"],
        frequency=inputs["paid"],
        earnings=tuple(earning(one) for one in earned),
        elections={ELECTIONS[key]: inputs[key] for key in ELECTIONS if key in inputs},
        employer={EMPLOYER[key]: inputs[key] for key in EMPLOYER if key in inputs},
        deductions=tuple(deduction(one) for one in inputs.get("deductions", [])),
        year_to_date={key: Decimal(value) for key, value in inputs.get("ytd", {}).items()},
        worker_born_on=inputs.get("born_on"),
        explain=explain,
    )


def payslip(of: Situation) -> Payslip:
    """Its payslip by British law, whatever country it names; raises what refuses it."""
    (found,) = pack("GB").payslips((of,))
    if isinstance(found, Payslip):
        return found
    raise found


def earning(one: Mapping[str, Any]) -> Earning:
    """One earning; its code is its kind unless said otherwise."""
    return Earning(
        one.get("code", one["kind"]),
        one["kind"],
        Decimal(one["amount"]),
        Decimal(one.get("hours", "0")),
        one.get("place", ""),
        one.get("taxable", True),
    )


def deduction(one: Mapping[str, Any]) -> Deduction:
    """One deduction; numbers written as text are amounts."""
    facts = {key: exact(value) for key, value in one.items()}
    return Deduction(**{"kind": "other", **facts})  # type: ignore[arg-type]


def figures(slip: Payslip) -> dict[str, Decimal]:
    """What a payslip says: its totals, the sum of each line's code, and what is carried forward."""
    said = {name: getattr(slip, name) for name in TOTALS}
    for line in slip.lines:
        said[line.code] = said.get(line.code, Decimal(0)) + line.amount
    said.update({f"carried.{key}": value for key, value in slip.carried_forward.items()})
    return said


def agree(expected: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """Every expected figure stands; 0.00 also means that nothing is said of it."""
    wanted = {key: plain(value) for key, value in expected.items()}
    found = {key: said.get(key, Decimal(0)) for key in wanted}
    assert found == wanted


def plain(value: Any) -> Any:
    """Text that is a number, as a Decimal; all else as it stands."""
    return value if isinstance(value, date) else exact(value)
