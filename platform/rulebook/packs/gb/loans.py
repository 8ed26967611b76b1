"""Student and postgraduate loans: a share of pay above the threshold, in whole pounds.

plan 1, weekly, 600.00: 26,900 / 52 = 517.30 (pence dropped below the penny);
600.00 - 517.30 = 82.70 at 9% = 7.443, so 7.00
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from rulebook.lines import Step, percent
from rulebook.money import NOTHING, PENNY, penny_down, pound_down
from rulebook.packs.gb import law
from rulebook.packs.gb.taxyear import payday

PLANS = ("plan_1", "plan_2", "plan_4", "plan_5")


@dataclass(frozen=True, slots=True)
class LoanTable:
    """The threshold of one payment and the share above it."""

    plan: str
    code: str
    label: str
    threshold: Decimal
    rate: Decimal
    rule: str
    source: str


@lru_cache(maxsize=8192)
def loan_table(plan: str, pay_on: date, frequency: str) -> LoanTable:
    """Prepare a plan for a payday; `unknown` takes the plan HMRC names for that case."""
    if plan == "unknown":
        plan = str(law.figure("loans.default_plan", pay_on).value)
    held = law.figure(f"loans.{plan}", pay_on)
    terms = law.table(f"loans.{plan}", pay_on)
    when = payday(pay_on, frequency)
    threshold = penny_down(terms["year"] * when.covers / when.base)
    is_plan = plan in PLANS
    code = "gb.student_loan" if is_plan else "gb.postgraduate_loan"
    label = f"Student loan, {plan.replace('_', ' ')}" if is_plan else "Postgraduate loan"
    return LoanTable(plan, code, label, threshold, terms["rate"], held.version, held.source)


def annual_table(table: LoanTable, weeks: int, day: date) -> LoanTable:
    """The same plan over a director's year, or the weeks left of it."""
    year = law.table(f"loans.{table.plan}", day)["year"]
    return replace(table, threshold=penny_down(year * weeks / 52))


def repayment(table: LoanTable, pay: Decimal) -> Decimal:
    """What a payment repays, pence dropped."""
    if pay <= table.threshold:
        return NOTHING
    return pound_down((pay - table.threshold) * table.rate).quantize(PENNY)


def steps(table: LoanTable, pay: Decimal) -> tuple[Step, ...]:
    """Say in words how a repayment came about."""
    above = max(pay - table.threshold, NOTHING)
    return (
        Step("Pay subject to National Insurance", f"{pay:.2f}"),
        Step("Above the threshold of this payment", f"{above:.2f} above {table.threshold:.2f}"),
        Step(f"{percent(table.rate)} of that, in whole pounds", f"{repayment(table, pay):.2f}"),
    )
