"""Payslips: the order in which a UK payslip is worked out.

Pay given up for a pension leaves first, then pension under net pay leaves taxable pay, then tax,
National Insurance and loans are taken, then orders, then other deductions while there is pay left.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from rulebook.pack import NO_FACTS, Payslip, Situation, Unpayable, payslip_of
from rulebook.packs.gb import (
    deductions,
    dues,
    elections,
    enrolment,
    faults,
    orders,
    state,
    takings,
    wage,
)
from rulebook.packs.gb.faults import Fault

NOT_EARNED = (("earnings", "bad_amount", "Earnings are amounts and hours, in numbers."),)


class GreatBritain:
    """The rules of the United Kingdom."""

    country = "GB"
    version = "gb-2026.1"

    def payslip(self, situation: Situation) -> Payslip:
        """Work out one payslip; raises Unpayable with every fault, NoRule where law is not held."""
        slip, found = self._begun(situation)
        if slip is None:
            raise Unpayable(found)
        told, deducted = slip.told, situation.deductions
        takings.income_tax(slip)
        takings.national_insurance(slip)
        if deducted:
            orders.before_loans(slip)
        if told.loans:
            takings.repayments(slip)
        if told.levy is not None:
            takings.levy(slip, *told.levy)
        if deducted:
            orders.after_loans(slip)
            deductions.after_tax(slip)
        return payslip_of((tuple(slip.lines), slip.forward, self.version))

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
        if told is None:
            return None, (*unread, *faults.faults_of(situation))
        person, born_on = faults.AGELESS, situation.worker_born_on
        if born_on is not None:
            period, on = situation.period, situation.pay_on
            starts_on = on if period is None else period.starts
            person = faults.person(told.ni.letter, born_on, on, starts_on, told.apprentice)
        slip = self._earned(situation, told, person.least)
        if slip is None or person.faults or not faults.has_none(situation, slip.is_plain):
            found = faults.faults_of(situation)
            if slip is None or found:
                return None, found or NOT_EARNED
        if told.pension is not None:
            enrolment.pension(slip, told.pension)
        if situation.deductions:
            deductions.before_tax(slip)
        given_up = slip.taxable_pay - slip.ni_pay
        low = wage.fault(situation, given_up) if given_up else ()
        return (None, low) if low else (slip, ())

    def _earned(
        self, situation: Situation, told: elections.Elections, least: Decimal
    ) -> state.Slip | None:
        """A payslip with its earnings; None where they are no sums."""
        try:
            return state.Slip(situation, told, least)
        except (ArithmeticError, KeyError):
            return None
