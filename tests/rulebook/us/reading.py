"""Case files a payroll clerk can read: how a case becomes a payslip and what it is held to."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rulebook.pack import Deduction, Earning, Payslip, Situation
from rulebook.periods import Period, week_of
from rulebook.timeline import exact

FOLDER = Path(__file__).parents[1] / "cases" / "us"
TOTALS = ("gross", "taken", "net", "employer_cost")
OWN_RATE = Decimal("0.02")


def cases(*files: str) -> list[Any]:
    """Every case of these files, named after its file and itself."""
    return [
        pytest.param(case, id=f"{file}: {case['name']}")
        for file in files
        for case in tomllib.loads((FOLDER / f"{file}.toml").read_text("utf-8"))["case"]
    ]


def situation(inputs: Mapping[str, Any], *, explain: bool = False) -> Situation:
    """A case's inputs as a situation.

    `state` is where the work was done (Texas unless said), `pay` short for one earning of work
    there and `bonus` for one more; `claim` is that state's certificate; the firm's own
    unemployment rate is 2%.
    """
    state = inputs.get("state", "TX")
    earned = [dict(one) for one in inputs.get("earnings", ())]
    if "pay" in inputs:
        earned.append({"kind": "work", "amount": inputs["pay"]})
    if "bonus" in inputs:
        earned.append({"kind": "bonus", "amount": inputs["bonus"]})
    elections = {key: exact(value) for key, value in inputs.get("elections", {}).items()}
    if "engagement" not in elections:
        elections.setdefault("w4", exact(inputs.get("w4", {})))
    if "claim" in inputs:
        elections["states"] = {state: exact(inputs["claim"])}
    employer = {key: exact(value) for key, value in inputs.get("employer", {}).items()}
    places = {one.get("place", state) for one in earned}
    employer.setdefault("suta", {place: {"rate": OWN_RATE} for place in places})
    return Situation(
        country=inputs.get("country", "US"),
        pay_on=inputs["on"],
        frequency=inputs["paid"],
        earnings=tuple(earning(one, state) for one in earned),
        elections=elections,
        employer=employer,
        deductions=tuple(deduction(one) for one in inputs.get("deductions", [])),
        year_to_date={key: Decimal(value) for key, value in inputs.get("ytd", {}).items()},
        worker_born_on=inputs.get("born_on"),
        explain=explain,
        period=week_ending(inputs),
    )


def week_ending(inputs: Mapping[str, Any]) -> Period | None:
    """The period of a case that names its last day."""
    last = inputs.get("period_ends_on")
    return week_of(last, (last.weekday() + 1) % 7) if last else None


def earning(one: Mapping[str, Any], state: str) -> Earning:
    """One earning; its code is its kind and its place the case's state unless said otherwise."""
    return Earning(
        one.get("code", one["kind"]),
        one["kind"],
        Decimal(one["amount"]),
        Decimal(one.get("hours", "0")),
        one.get("place", state),
        one.get("taxable", True),
    )


def deduction(one: Mapping[str, Any]) -> Deduction:
    """One deduction; numbers written as text are amounts."""
    return Deduction(
        one["code"],
        one.get("kind", "other"),
        Decimal(one["amount"]),
        one.get("priority", 100),
        one.get("payee", ""),
        one.get("treatment", "after_tax"),
    )


def figures(slip: Payslip) -> dict[str, Decimal]:
    """What a payslip says: its totals, the sum of each line's code, and what is carried forward."""
    said: dict[str, Decimal] = {name: getattr(slip, name) for name in TOTALS}
    for line in slip.lines:
        said[line.code] = said.get(line.code, Decimal(0)) + line.amount
    said.update({f"carried.{key}": value for key, value in slip.carried_forward.items()})
    return said
