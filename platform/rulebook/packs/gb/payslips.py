"""Payslips: the order in which a UK payslip is worked out.

Pay given up for a pension leaves first, then pension under net pay leaves taxable pay, then tax,
National Insurance and loans are taken, then orders, then other deductions while there is pay left.
"""

from datetime import date

from rulebook.pack import Payslip, Situation, Unpayable
from rulebook.packs.gb import deductions, dues, elections, enrolment, faults, orders, state, takings


class GreatBritain:
    """The rules of the United Kingdom."""

    country = "GB"
    version = "gb-2026.1"

    def payslip(self, situation: Situation) -> Payslip:
        """Work out one payslip; raises Unpayable with every fault, NoRule where law is not held."""
        told, found = elections.read(situation)
        found.extend(faults.of(situation))
        if found or told is None:
            raise Unpayable(tuple(found))
        slip = state.Slip(situation, told)
        enrolment.pension(slip)
        deductions.before_tax(slip)
        takings.income_tax(slip)
        takings.national_insurance(slip)
        orders.before_loans(slip)
        takings.loans(slip)
        takings.levy(slip)
        orders.after_loans(slip)
        deductions.after_tax(slip)
        return slip.finished(self.version)

    def faults(self, situation: Situation) -> tuple[tuple[str, str, str], ...]:
        """Everything that keeps a situation from being worked out, as (pointer, code, sentence)."""
        _, found = elections.read(situation)
        return (*found, *faults.of(situation))

    def due_on(self, liability: str, pay_on: date) -> date:
        """The day by which a liability (a line code) of that pay date must reach its payee."""
        return dues.due_on(liability, pay_on)
