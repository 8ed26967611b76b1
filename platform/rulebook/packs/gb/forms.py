"""Forms: the figures of a P45 and a P60, from the year to date of the last payslip."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulebook.money import NOTHING
from rulebook.pack import Situation
from rulebook.packs.gb import codes, law, ni
from rulebook.packs.gb.taxyear import payday, starts_on

Figures = Mapping[str, Decimal]
# What corrects a tax year that is over.
AMENDED = ("a further full payment submission of that year", "a corrected P60")


@dataclass(frozen=True, slots=True)
class P60:
    """A worker's year at its end: this employment, those before, National Insurance by letter."""

    tax_year: str
    due_on: date
    pay: Decimal
    tax: Decimal
    previous_pay: Decimal
    previous_tax: Decimal
    student_loan: Decimal
    postgraduate_loan: Decimal
    tax_code: str
    national_insurance: Mapping[str, Mapping[str, Decimal]]

    @property
    def total_pay(self) -> Decimal:
        """Pay of the year in all employments."""
        return self.pay + self.previous_pay

    @property
    def total_tax(self) -> Decimal:
        """Tax of the year in all employments."""
        return self.tax + self.previous_tax


@dataclass(frozen=True, slots=True)
class P45:
    """A leaver's figures: to date in all employments, and in this one where there were others.

    `period` is the tax week or month of the last payment, left out for a code that taxes each
    payment by itself; pay and tax to date are left out with it.
    """

    leaves_on: date
    tax_code: str
    is_not_cumulative: bool
    period: str
    pay_to_date: Decimal | None
    tax_to_date: Decimal | None
    pay_here: Decimal
    tax_here: Decimal
    student_loan_continues: bool


def due_on(day: date) -> date:
    """The day by which the P60 of the tax year around a day is with the worker."""
    terms = law.table("paye.forms", day)
    return date(starts_on(day).year + 1, int(terms["p60_month"]), int(terms["p60_day"]))


def p60(last: Situation, carried: Figures) -> P60:
    """The P60 of a year from its last payslip's situation and what it carried forward."""
    begins = starts_on(last.pay_on)
    letters = sorted(
        {key.split(".")[2] for key in carried if key.startswith("gb.ni.")} - {"director"}
    )
    return P60(
        f"{begins.year}-{(begins.year + 1) % 100:02d}",
        due_on(last.pay_on),
        carried.get("gb.taxable", NOTHING),
        carried.get("gb.tax", NOTHING),
        carried.get("gb.previous.taxable", NOTHING),
        carried.get("gb.previous.tax", NOTHING),
        carried.get("gb.student_loan", NOTHING),
        carried.get("gb.postgraduate_loan", NOTHING),
        _code(last).text,
        {
            letter: {kept: carried.get(f"gb.ni.{letter}.{kept}", NOTHING) for kept in ni.KEPT}
            for letter in letters
        },
    )


def p45(last: Situation, carried: Figures, leaves_on: date) -> P45:
    """The P45 of a leaver from the last payslip's situation and what it carried forward."""
    code, when = _code(last), payday(last.pay_on, last.frequency)
    pay, tax = carried.get("gb.taxable", NOTHING), carried.get("gb.tax", NOTHING)
    before = carried.get("gb.previous.taxable", NOTHING), carried.get("gb.previous.tax", NOTHING)
    alone = code.alone or when.extra
    period = f"{'week' if when.base == 52 else 'month'} {when.number}"
    return P45(
        leaves_on,
        code.text,
        alone,
        "" if alone else period,
        None if alone else pay + before[0],
        None if alone else tax + before[1],
        pay,
        tax,
        bool(last.elections.get("student_loan")),
    )


def _code(last: Situation) -> codes.TaxCode:
    basis = str(last.elections.get("tax_basis") or "")
    return codes.read(str(last.elections["tax_code"]), basis)
