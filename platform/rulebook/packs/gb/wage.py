"""Minimum wage: what an hour must be worth, after what the employer keeps.

aged 21, 40 hours, paid 520.00, 15.00 kept for a uniform: 505.00 / 40 = 12.625, below 12.71:
40 x 12.71 = 508.40, so 3.40 short
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from rulebook.money import NOTHING, to_penny
from rulebook.pack import Earning, Situation
from rulebook.packs.gb import law
from rulebook.packs.gb.pensions import age_on

COUNTED = frozenset({"work", "bonus", "commission"})
APPRENTICES = ("under_19", "first_year")


@dataclass(frozen=True, slots=True)
class HourlyMinimum:
    """The least an hour must be worth, and where from."""

    amount: Decimal
    group: str
    rule: str
    source: str


@lru_cache(maxsize=65536)
def minimum(born_on: date, starts_on: date, apprentice: str = "") -> HourlyMinimum:
    """The minimum for an age at the start of a pay reference period; NoRule where none is held."""
    held, rates = law.figure("wage", starts_on), law.table("wage", starts_on)
    age = age_on(born_on, starts_on)
    if apprentice == "first_year" or (apprentice == "under_19" and age < 19):
        group = "apprentice"
    else:
        group = "from_21" if age >= 21 else "from_18" if age >= 18 else "under_18"
    return HourlyMinimum(rates[group], group, held.version, held.source)


def counted_pay(earnings: tuple[Earning, ...]) -> tuple[Decimal, Decimal]:
    """Pay and hours that count: the premium of overtime, holiday pay and allowances do not."""
    pay, hours, basic, basic_hours = NOTHING, Decimal(0), NOTHING, Decimal(0)
    for earning in earnings:
        if earning.kind in COUNTED:
            pay += earning.amount
        if earning.kind == "work":
            hours += earning.hours
            basic += earning.amount
            basic_hours += earning.hours
    for earning in earnings:
        if earning.kind == "overtime":
            hours += earning.hours
            plain = earning.hours * basic / basic_hours if basic_hours else earning.amount
            pay += min(earning.amount, plain)
    return pay, hours


def shortfall(pay: Decimal, hours: Decimal, kept: Decimal, hourly: Decimal) -> Decimal:
    """How much pay, less what the employer keeps, falls short of the minimum for these hours."""
    return max(to_penny(hours * hourly - (pay - kept)), NOTHING)


def kept_by_employer(situation: Situation) -> Decimal:
    """Deductions for the employer's own use, which lower pay for the minimum: no payee is named."""
    return sum(
        (
            deduction.wanted(situation.year_to_date.get(f"arrears.{deduction.code}", NOTHING))
            for deduction in situation.deductions
            if deduction.kind == "other"
            and deduction.treatment == "after_tax"
            and not deduction.payee
        ),
        NOTHING,
    )


def _least(situation: Situation, born_on: date) -> HourlyMinimum:
    starts_on = situation.period.starts if situation.period else situation.pay_on
    return minimum(born_on, starts_on, str(situation.elections.get("apprentice") or ""))


def fault(situation: Situation, given_up: Decimal = NOTHING) -> tuple[tuple[str, str, str], ...]:
    """The fault of pay below the minimum; none where hours or the day of birth are unknown.

    `given_up` is pay given up for a pension or a benefit: the minimum counts what is left.
    """
    if situation.worker_born_on is None:
        return ()
    pay, hours = counted_pay(situation.earnings)
    if not hours:
        return ()
    least = _least(situation, situation.worker_born_on)
    short = shortfall(pay, hours, kept_by_employer(situation) + given_up, least.amount)
    if not short:
        return ()
    said = (
        f"{hours:f} hours at {least.amount} come to {to_penny(hours * least.amount)}: "
        f"pay that counts is {short} short ({least.source})."
    )
    return (("earnings", "below_minimum_wage", said),)
