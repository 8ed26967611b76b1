"""Pay years: the pay days of one calendar in one tax year, with what is odd about each.

weekly pay days on Friday 4 April 2025 to Friday 3 April 2026: the last one of 52 is in tax week 52
a pay day on 5 April 2027 is in tax week 53: nobody has a week 53 of allowances, so it is said
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PayPeriod:
    """So many days of work and the day on which they are paid; None where that is not known."""

    starts_on: date
    ends_on: date
    pay_on: date | None


@dataclass(frozen=True, slots=True)
class Row:
    """One pay day of a year: its number by the tax tables, and what is odd about it."""

    period: PayPeriod
    number: int | None
    flags: tuple[str, ...]


def table(
    periods: Sequence[PayPeriod],
    year: tuple[date, date],
    numbered: Callable[[date, int], tuple[int, bool]],
) -> tuple[Row, ...]:
    """The periods paid in a tax year, first and last day of it given, in their order.

    `numbered` places the n-th pay day in the tax tables and says whether it is one too many. Flags:
    gap_before, overlap_before, straddles_year, extra_period, same_tax_period, pay_day_unknown.
    """
    found: list[Row] = []
    before: PayPeriod | None = None
    last: int | None = None
    for period in sorted(periods, key=lambda one: one.starts_on):
        flags = _between(before, period)
        number = None
        if period.pay_on is None:
            flags.append("pay_day_unknown")
        else:
            if period.starts_on < year[0] <= period.pay_on or period.ends_on > year[1]:
                flags.append("straddles_year")
            number, is_extra = numbered(period.pay_on, len(found) + 1)
            flags += ["extra_period"] if is_extra else []
            flags += ["same_tax_period"] if number == last else []
            last = number
        found.append(Row(period, number, tuple(flags)))
        before = period
    return tuple(found)


def _between(before: PayPeriod | None, period: PayPeriod) -> list[str]:
    if before is None or before.ends_on + DAY == period.starts_on:
        return []
    return ["gap_before" if before.ends_on + DAY < period.starts_on else "overlap_before"]
