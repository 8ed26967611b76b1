"""Sick pay under the rules of April 2026: from the first day, four fifths of pay, up to a limit.

average 130.00 a week: 80% = 104.00; three of five qualifying days: 104.00 x 3 / 5 = 62.40
average 200.00 a week: 80% = 160.00, above the limit, so 123.25; two of five days: 49.30
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulebook.lines import Step, percent
from rulebook.money import NOTHING, penny_up
from rulebook.packs.gb import law
from rulebook.periods import week_of

SUNDAY = 6
MONTHS, WEEKS = 12, 52


@dataclass(frozen=True, slots=True)
class SickWeek:
    """Sick pay of one week, Sunday to Saturday."""

    starts_on: date
    days: int
    qualifying: int
    amount: Decimal
    steps: tuple[Step, ...]


def average_weekly(paid: Decimal, weeks: int = 0, months: int = 0) -> Decimal:
    """Average weekly earnings of the eight weeks (or two months) up to the last payday before."""
    if months:
        return paid / months * MONTHS / WEEKS
    return paid / weeks


def sick_pay(
    days: Iterable[date],
    *,
    average: Decimal,
    qualifying_weekdays: frozenset[int],
    first_day: date,
    weeks_paid: Decimal = Decimal(0),
) -> tuple[SickWeek, ...]:
    """Sick pay for days of one absence (Monday is weekday 0), week by week.

    `first_day` of the absence decides the rules: NoRule for one that began before they did.
    `weeks_paid` counts towards the limit of weeks, in absences that link.
    """
    held, terms = law.figure("sick", first_day), law.table("sick", first_day)
    if not qualifying_weekdays:
        raise ValueError("sick pay needs at least one qualifying day a week")
    weekly = min(average * terms["share"], terms["week_most"])
    by_week: dict[date, int] = {}
    for day in sorted(set(days)):
        if day.weekday() in qualifying_weekdays and day >= first_day:
            week = week_of(day, SUNDAY).starts
            by_week[week] = by_week.get(week, 0) + 1
    in_week, left = len(qualifying_weekdays), (terms["weeks_most"] - weeks_paid)
    found = []
    for week, sick in by_week.items():
        counted = min(Decimal(sick), left * in_week)
        if counted <= 0:
            break
        left -= counted / in_week
        amount = penny_up(weekly * counted / in_week)
        share = percent(terms["share"])
        steps = (
            Step(f"{share} of average earnings, at most {terms['week_most']}", f"{weekly}"),
            Step(f"{counted:f} of {in_week} qualifying days", f"{amount}"),
            Step("Law", held.version),
        )
        found.append(SickWeek(week, int(counted), in_week, amount, steps))
    return tuple(found)


def links(ended_on: date, began_on: date) -> bool:
    """Whether an absence counts as one with the absence before it: at most eight weeks between."""
    return (began_on - ended_on).days - 1 <= law.table("sick", began_on)["linking_days"]


def total(weeks: Iterable[SickWeek]) -> Decimal:
    """Sick pay of several weeks together."""
    return sum((week.amount for week in weeks), NOTHING)
