"""Payslips: the order in which a UK payslip is worked out.

Pay given up for a pension leaves first, then pension under net pay leaves taxable pay, then tax,
National Insurance and loans are taken, then orders, then other deductions while there is pay left.
"""

from collections.abc import Mapping
from datetime import date

from rulebook.pack import NO_FACTS, Payslip, Situation, Unpayable
from rulebook.packs.gb import (
    deductions,
    dues,
    elections,
    enrolment,
    orders,
    state,
    takings,
    wage,
)
from rulebook.packs.gb.faults import Fault, faults_of


class GreatBritain:
    """The rules of the United Kingdom."""

    country = "GB"
    version = "gb-2026.1"

    def payslip(self, situation: Situation) -> Payslip:
        """Work out one payslip; raises Unpayable with every fault, NoRule where law is not held."""
        slip, found = self._begun(situation)
        if slip is None:
            raise Unpayable(found)
        takings.income_tax(slip)
        takings.national_insurance(slip)
        if situation.deductions:
            orders.before_loans(slip)
        takings.repayments(slip)
        takings.levy(slip)
        if situation.deductions:
            orders.after_loans(slip)
            deductions.after_tax(slip)
        return slip.finished(self.version)

    def faults(self, situation: Situation) -> tuple[tuple[str, str, str], ...]:
        """Everything that keeps a situation from being worked out, as (pointer, code, sentence)."""
        return self._begun(situation)[1]

    def due_on(
        self, liability: str, pay_on: date, employer: Mapping[str, object] = NO_FACTS
    ) -> date:
        """The day by which a liability (a line code) of that pay date must reach its payee."""
        return dues.due_on(liability, pay_on, employer)

    def _begun(self, situation: Situation) -> tuple[state.Slip | None, tuple[Fault, ...]]:
        """A payslip as far as pay before tax, or every fault that keeps it from being begun."""
        told, unread = elections.read(situation)
        found = (*unread, *faults_of(situation)) if unread else faults_of(situation)
        if told is None or found:
            return None, found
        slip = state.Slip(situation, told)
        if told.pension is not None:
            enrolment.pension(slip, told.pension)
        if situation.deductions:
            deductions.before_tax(slip)
        given_up = slip.taxable_pay - slip.ni_pay
        low = wage.fault(situation, given_up) if given_up else ()
        return (None, low) if low else (slip, ())
