"""Intermediaries: the quarterly report of workers from whose pay a firm took no tax.

paid on       quarter                     due
2026-07-06    6 July to 5 October 2026    5 November 2026
2027-01-05    6 October to 5 January      5 February 2027
"""

from datetime import date

from rulebook.packs.gb import law
from rulebook.packs.gb.taxyear import months_after, starts_on
from rulebook.periods import DAY, Period

QUARTER = 3
# Why no tax was taken, by how somebody is paid, as the report's letters name it: self-employed, a
# limited company, or another party that operates PAYE.
REASONS = {"cis": "A", "limited": "D", "sow": "D", "umbrella": "F"}


def quarter_of(day: date) -> Period:
    """The quarter of the tax year around a day."""
    begins = starts_on(day)
    while months_after(begins, QUARTER) <= day:
        begins = months_after(begins, QUARTER)
    return Period(begins, months_after(begins, QUARTER))


def due_on(quarter: Period) -> date:
    """The last day for the report of a quarter."""
    months = int(law.amount("intermediaries.due_months", quarter.starts))
    return months_after(quarter.ends - DAY, months)
