"""Savings: what a worker puts aside before tax, within the year's limit and the pay there is."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rulebook.money import NOTHING
from rulebook.pack import Deduction, Situation
from rulebook.packs.us import law
from rulebook.packs.us.worksheet import Worksheet

DEFERRALS = frozenset({"401k", "roth_401k"})
KEY = "us.401k"
CATCH_UP_AGE, HIGHER_FROM, HIGHER_TO = 50, 60, 63


class Plan(NamedTuple):
    """What each deduction takes before tax."""

    taken: tuple[tuple[Deduction, Decimal], ...]


NONE = Plan(())


def before_tax(
    situation: Situation, deductions: list[Deduction], pay: Decimal, cut: Decimal
) -> Plan:
    """Each deduction within the pay that is left, deferrals within the year's limit."""
    left = pay - cut
    room: Decimal | None = None
    taken: list[tuple[Deduction, Decimal]] = []
    for deduction in deductions:
        amount = min(deduction.amount, max(left, NOTHING))
        if deduction.treatment in DEFERRALS:
            if room is None:
                room = _room(situation)
            amount = min(amount, max(room, NOTHING))
            room -= amount
        left -= amount
        taken.append((deduction, amount))
    return Plan(tuple(taken))


def _room(situation: Situation) -> Decimal:
    """What may still be deferred this year, catch-up by age at its end included."""
    limits = law.table("limits.401k", situation.pay_on)
    limit = limits["deferral"]
    born = situation.worker_born_on
    if born is not None:
        age = date(situation.pay_on.year, 12, 31).year - born.year
        if HIGHER_FROM <= age <= HIGHER_TO:
            limit += limits["from_60_to_63"]
        elif age >= CATCH_UP_AGE:
            limit += limits["from_50"]
    return limit - situation.year_to_date.get(KEY, NOTHING)


def put(sheet: Worksheet, plan: Plan) -> None:
    """Put the plan's deductions on the payslip."""
    for deduction, amount in plan.taken:
        sheet.deduct(deduction, amount)
        if deduction.treatment in DEFERRALS:
            sheet.carry(KEY, amount)
