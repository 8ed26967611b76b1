"""Umbrellas: what an assignment's income is made of, and whether a payslip took what it should.

Income 600.00 a week, margin 20.00, letter A, employer's pension 3%, levy: gross is 504.64, being
600.00 less 61.30 National Insurance, 2.52 levy, 11.54 pension and 20.00. Expected PAYE 108.60 where
the payslip says 88.60: 20.00 short.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulebook.money import NOTHING, PENNY, to_penny
from rulebook.pack import Payslip
from rulebook.packs.gb import law, ni, pensions
from rulebook.packs.gb.taxyear import payday

CHECKED = {
    "gb.paye": "Income tax",
    "gb.ni.worker": "National Insurance",
    "gb.ni.employer": "Employer's National Insurance",
    "gb.student_loan": "Student loan",
    "gb.postgraduate_loan": "Postgraduate loan",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A figure that an umbrella's payslip gets wrong; `short` below zero is too much taken."""

    code: str
    label: str
    expected: Decimal
    reported: Decimal

    @property
    def short(self) -> Decimal:
        """What is missing for HMRC."""
        return self.expected - self.reported


def gaps(
    expected: Payslip, reported: Mapping[str, Decimal], tolerance: Decimal = NOTHING
) -> tuple[Gap, ...]:
    """Compare what should have been taken with what a payslip says, figure by figure.

    A figure that the payslip does not show counts as nothing; a gap within the tolerance passes.
    """
    should: dict[str, Decimal] = {}
    for line in expected.lines:
        if line.code in CHECKED:
            should[line.code] = should.get(line.code, NOTHING) + line.amount
    found = (
        Gap(code, label, should.get(code, NOTHING), reported.get(code, NOTHING))
        for code, label in CHECKED.items()
        if code in should or code in reported
    )
    return tuple(gap for gap in found if abs(gap.short) > tolerance)


@dataclass(frozen=True, slots=True)
class Income:
    """An assignment's income taken apart: it adds up, `left_over` being under a few pennies."""

    gross: Decimal
    employer_ni: Decimal
    levy: Decimal
    employer_pension: Decimal
    margin: Decimal
    left_over: Decimal


@dataclass(frozen=True, slots=True)
class UmbrellaTerms:
    """What an umbrella keeps from an assignment's income before gross pay."""

    margin: Decimal
    letter: str = "A"
    pension_share: Decimal = Decimal(0)
    pays_levy: bool = True


def taken_apart(income: Decimal, terms: UmbrellaTerms, pay_on: date, frequency: str) -> Income:
    """The highest gross pay, to the penny, that an income bears with its employment costs.

    Income that does not even bear the margin: ValueError.
    """
    if income < terms.margin:
        raise ValueError("the income of the assignment does not cover the margin")
    low, high = 0, int((income - terms.margin) / PENNY)
    while low < high:
        middle = (low + high + 1) // 2
        costs = _costs(Decimal(middle) * PENNY, terms, pay_on, frequency)
        if Decimal(middle) * PENNY + sum(costs) + terms.margin <= income:
            low = middle
        else:
            high = middle - 1
    gross = Decimal(low) * PENNY
    employer_ni, levy, pension = _costs(gross, terms, pay_on, frequency)
    left = income - gross - employer_ni - levy - pension - terms.margin
    return Income(gross, employer_ni, levy, pension, terms.margin, left)


def _costs(
    gross: Decimal, terms: UmbrellaTerms, pay_on: date, frequency: str
) -> tuple[Decimal, Decimal, Decimal]:
    interval = payday(pay_on, frequency).interval
    employer_ni = ni.contribution(ni.ni_table(terms.letter, interval, pay_on).employer, gross)
    levy = to_penny(gross * law.table("levy", pay_on)["rate"]) if terms.pays_levy else NOTHING
    limits = pensions.thresholds(interval, pay_on)
    counted = max(min(gross, limits.upper) - limits.lower, NOTHING)
    return employer_ni, levy, to_penny(counted * terms.pension_share)
