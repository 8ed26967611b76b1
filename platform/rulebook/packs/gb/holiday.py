"""Holiday: what is earned, what rolled-up pay adds, what a leaver is owed.

240.00 for 20 hours: rolled up 12.07% = 28.97, so 268.97 with holiday pay on its own line
117.5 hours worked in a month: 14.18 hours of leave, 14 to the nearest hour
a leaver after 26 of 52 weeks with 28 days a year and 10 taken is owed 4 days
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from rulebook.money import NOTHING, to_penny
from rulebook.packs.gb import law

HUNDREDTH = Decimal("0.01")


def rolled_up(pay: Decimal, on: date) -> Decimal:
    """Holiday pay that goes with pay for work done, when it is rolled up."""
    return to_penny(pay * law.amount("holiday.share", on))


def accrued_hours(worked: Decimal, on: date) -> Decimal:
    """Hours of leave that hours worked earn, to the hundredth: balances add these up."""
    return (worked * law.amount("holiday.irregular", on)).quantize(HUNDREDTH, ROUND_HALF_UP)


def whole_hours(accrued: Decimal) -> Decimal:
    """Leave to the nearest hour, as regulation 15B gives it: half an hour or more goes up."""
    return accrued.quantize(Decimal(1), ROUND_HALF_UP)


def entitlement_days(days_a_week: Decimal, on: date) -> Decimal:
    """Days of leave a year for regular days, up to the most the law gives."""
    terms = law.table("holiday.entitlement", on)
    return min(days_a_week * terms["weeks"], terms["days_most"])


def owed_to_leaver(a_year: Decimal, part_worked: Decimal, taken: Decimal) -> Decimal:
    """Leave earned in the part of the year worked less leave taken; negative: taken early."""
    return a_year * part_worked - taken


@dataclass(frozen=True, slots=True)
class PaidWeek:
    """A week of the look-back: when it began and what was paid for it."""

    starts_on: date
    paid: Decimal


def week_pay(weeks: Sequence[PaidWeek], on: date) -> Decimal:
    """The average of the last 52 paid weeks before a day, weeks without pay left out.

    Weeks older than 104 are not looked at; with fewer than 52 paid weeks, those there are count.
    No paid week at all: ValueError.
    """
    terms = law.table("holiday.look_back", on)
    newest = sorted(
        (week for week in weeks if week.starts_on < on), key=lambda week: week.starts_on
    )
    near = [week for week in newest if (on - week.starts_on).days <= int(terms["at_most"]) * 7]
    paid = [week.paid for week in near if week.paid > 0][-int(terms["weeks"]) :]
    if not paid:
        raise ValueError("a week's pay needs at least one paid week")
    return to_penny(sum(paid, NOTHING) / len(paid))
