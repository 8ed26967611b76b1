"""Off-payroll working: who decides, and what is paid when a contractor is inside.

fee 1,000.00 without VAT, materials 100.00: 900.00 is taxed as pay; the company gets what is left
of the fee, and VAT on the whole of it
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from rulebook.pack import Earning, Payslip
from rulebook.packs.gb import law
from rulebook.packs.gb.taxyear import months_after
from rulebook.periods import DAY

CODE = "deemed_payment"


@dataclass(frozen=True, slots=True)
class AccountsYear:
    """One year of a client's accounts."""

    starts_on: date
    ends_on: date
    turnover: Decimal
    balance_sheet: Decimal
    employees: Decimal


def is_small(accounts: Sequence[AccountsYear], tax_year_starts_on: date) -> bool | None:
    """Whether a private client is small for a tax year; None when no accounts decide it yet.

    The year that decides is the last whose filing day came before the tax year. Size changes only
    when two years running say so, both by the thresholds of the later year.
    """
    known = sorted(
        (year for year in accounts if filing_day(year.ends_on) < tax_year_starts_on),
        key=lambda year: year.starts_on,
    )
    if not known:
        return None
    small = _meets(known[0], known[0].starts_on)
    for before, year in pairwise(known):
        now = _meets(year, year.starts_on)
        if now == _meets(before, year.starts_on):
            small = now
    return small


def filing_day(ends_on: date) -> date:
    """The last day for a private company to file a year's accounts: month's end to month's end."""
    months = int(law.amount("off_payroll.filing_months", ends_on))
    if (ends_on + DAY).day == 1:
        return months_after(ends_on + DAY, months) - DAY
    return months_after(ends_on, months)


def _meets(year: AccountsYear, by_law_of: date) -> bool:
    limits = law.table("off_payroll.small", by_law_of)
    facts = {"turnover": year.turnover, "balance_sheet": year.balance_sheet}
    facts["employees"] = year.employees
    return sum(facts[name] <= limit for name, limit in limits.items()) >= len(limits) - 1


def deemed_earning(fee: Decimal, materials: Decimal, expenses: Decimal) -> Earning:
    """The part of a fee without VAT that is taxed as pay; ValueError when the parts do not fit."""
    if min(fee, materials, expenses) < 0 or materials + expenses > fee:
        raise ValueError("materials and expenses are parts of the fee")
    return Earning(CODE, "work", fee - materials - expenses)


def paid_to_company(fee: Decimal, slip: Payslip) -> Decimal:
    """What a contractor's company gets of a fee without VAT: all but what was taken as pay."""
    return fee - slip.taken
