"""Payslips: the order in which a UK payslip is worked out.

Pay given up for a pension leaves first, then pension under net pay leaves taxable pay, then tax,
National Insurance and loans are taken, then orders, then other deductions while there is pay left.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from rulebook.pack import (
    NO_FACTS,
    Payslip,
    Refused,
    Situation,
    Unpayable,
    in_stages,
    payslip_of,
)
from rulebook.packs.gb import (
    deductions,
    dues,
    elections,
    enrolment,
    faults,
    orders,
    takings,
    wage,
)
from rulebook.packs.gb.faults import Fault
from rulebook.packs.gb.state import Slip

NOT_EARNED = (("earnings", "bad_amount", "Earnings are amounts and hours, in numbers."),)


class GreatBritain:
    """The rules of the United Kingdom."""

    country = "GB"
    version = "gb-2026.1"

    def payslips(self, situations: Sequence[Situation]) -> list[Payslip | Refused]:
        """Work out many payslips; in place of one that cannot be: Unpayable or NoRule."""
        return in_stages(situations, begun, STAGES, self._finished)

    def _finished(self, slip: Slip) -> Payslip:
        return payslip_of((tuple(slip.rows), slip.forward, self.version))

    def faults(self, situation: Situation) -> tuple[Fault, ...]:
        """Everything that keeps a situation from being worked out, as (pointer, code, sentence)."""
        try:
            slip = begun(situation)
            _earned(slip)
            _checked(slip)
            _before_tax(slip)
        except Unpayable as no:
            return no.faults
        return ()

    def due_on(
        self, liability: str, pay_on: date, employer: Mapping[str, object] = NO_FACTS
    ) -> date:
        """The day by which a liability (a line code) of that pay date must reach its payee."""
        return dues.due_on(liability, pay_on, employer)


def begun(situation: Situation) -> Slip:
    """A payslip with what was told, nothing on it yet; raises Unpayable with every fault."""
    told, unread = elections.read(situation)
    if told is None:
        raise Unpayable((*unread, *faults.faults_of(situation)))
    return Slip(situation, told)


def _earned(slip: Slip) -> None:
    """Put the earnings on it; raises Unpayable with every fault where they are no sums."""
    situation, person = slip.situation, faults.AGELESS
    born_on = situation.worker_born_on
    if born_on is not None:
        (on, period), told = (situation.pay_on, situation.period), slip.told
        starts_on = on if period is None else period.starts
        person = faults.person(told.ni.letter, born_on, on, starts_on, told.apprentice)
    try:
        slip.earn(person.least)
    except (ArithmeticError, KeyError):
        raise Unpayable(faults.faults_of(situation) or NOT_EARNED) from None
    if person.faults:
        slip.is_plain = False


def _checked(slip: Slip) -> None:
    """Raise Unpayable with every fault; most slips are seen at a glance to have none."""
    situation = slip.situation
    if not faults.has_none(situation, slip.is_plain):
        found = faults.faults_of(situation)
        if found:
            raise Unpayable(found)


def _before_tax(slip: Slip) -> None:
    """Take what leaves pay before tax; raises Unpayable for pay given up below the minimum wage."""
    if slip.told.pension is not None:
        enrolment.pension(slip, slip.told.pension)
    if slip.situation.deductions:
        deductions.before_tax(slip)
    given_up = slip.taxable_pay - slip.ni_pay
    if given_up and (low := wage.fault(slip.situation, given_up)):
        raise Unpayable(low)


def _loans_and_orders(slip: Slip) -> None:
    """Take loans, and what is ordered and agreed around them."""
    deducted, told = slip.situation.deductions, slip.told
    if deducted:
        orders.before_loans(slip)
    if told.loans:
        takings.repayments(slip)
    if told.levy is not None:
        takings.levy(slip, *told.levy)
    if deducted:
        orders.after_loans(slip)
        deductions.after_tax(slip)


STAGES = (
    _earned,
    _checked,
    _before_tax,
    takings.income_tax,
    takings.national_insurance,
    _loans_and_orders,
)
