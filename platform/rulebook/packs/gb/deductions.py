"""Deductions: what a worker has agreed to or been ordered to pay, lowest priority number first.

What pay does not cover is not lost: it is carried forward as arrears of that deduction.
"""

from decimal import Decimal

from rulebook.lines import Line, Step
from rulebook.money import NOTHING
from rulebook.pack import Deduction
from rulebook.packs.gb.state import Slip


def before_tax(slip: Slip) -> None:
    """Take what leaves pay before tax: pay given up, and gifts or savings under net pay."""
    for deduction in _in_order(slip):
        if deduction.treatment == "salary_sacrifice":
            taken = min(deduction.amount, slip.ni_pay)
            label = f"Pay given up: {deduction.code}"
            slip.rows.append(Line("earning", deduction.code, label, -taken, payee=deduction.payee))
            slip.net -= taken
            slip.ni_pay -= taken
            slip.tax_pay -= taken
        elif deduction.treatment == "before_tax":
            taken = min(deduction.amount, slip.tax_pay)
            label = f"{deduction.code}, before tax"
            slip.take(Line("deduction", deduction.code, label, taken, payee=deduction.payee))
            slip.tax_pay -= taken


def after_tax(slip: Slip) -> None:
    """Take the rest from net pay, never below zero."""
    for deduction in _in_order(slip):
        if deduction.treatment == "after_tax" and deduction.kind != "order":
            _take(slip, deduction)


def _in_order(slip: Slip) -> list[Deduction]:
    return sorted(slip.situation.deductions, key=lambda deduction: deduction.priority)


def _take(slip: Slip, deduction: Deduction) -> None:
    arrears = f"arrears.{deduction.code}"
    wanted = deduction.wanted(slip.had(arrears))
    taken = min(wanted, max(slip.net - deduction.protected, NOTHING))
    steps: tuple[Step, ...] = ()
    if slip.explain:
        steps = _said(deduction, slip.had(arrears), wanted, taken)
    slip.take(
        Line(
            "deduction",
            deduction.code,
            deduction.code,
            taken,
            wanted,
            payee=deduction.payee,
            steps=steps,
        )
    )
    slip.carry(arrears, wanted - taken - slip.had(arrears))


def _said(
    deduction: Deduction, arrears: Decimal, wanted: Decimal, taken: Decimal
) -> tuple[Step, ...]:
    said = [Step("Due this time", f"{deduction.amount}")]
    if arrears:
        said.append(Step("With arrears from before", f"{deduction.amount + arrears}"))
    if wanted < deduction.amount + arrears:
        said.append(Step("Within its balance and its cap", f"{wanted}"))
    if deduction.protected:
        said.append(Step("Pay that it leaves", f"{deduction.protected}"))
    if taken < wanted:
        said.append(Step("Pay left covers", f"{taken}"))
    return tuple(said)
