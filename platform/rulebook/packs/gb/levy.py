"""The firm's month: the apprenticeship levy, and the employment allowance.

month 1, pay of 400,000.00: 0.5% = 2,000.00 less 1,250.00 = 750.00
month 2, 500,000.00 to date: 2,500.00 less 2,500.00 = 0.00, so 750.00 is given back
"""

from datetime import date
from decimal import Decimal

from rulebook.money import NOTHING, to_penny
from rulebook.packs.gb import law
from rulebook.packs.gb.taxyear import tax_month


def levy_due(
    pay_to_date: Decimal, paid_to_date: Decimal, day: date, share: Decimal = Decimal(1)
) -> Decimal:
    """The levy of the tax month around a day, cumulatively; negative is given back.

    `share` is the firm's part of the allowance when connected firms divide it.
    """
    terms = law.table("levy", day)
    allowed = terms["allowance_month"] * tax_month(day) * share
    owed = max(to_penny(pay_to_date * terms["rate"]) - to_penny(allowed), NOTHING)
    return owed - paid_to_date


def allowance_used(employer_ni: Decimal, used_to_date: Decimal, day: date) -> Decimal:
    """How much of the employment allowance a month's employer contributions use up."""
    left = max(law.amount("ni.employment_allowance", day) - used_to_date, NOTHING)
    return min(max(employer_ni, NOTHING), left)
