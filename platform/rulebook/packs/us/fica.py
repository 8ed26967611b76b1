"""Social Security, Medicare and federal unemployment tax.

with 184,000.00 paid before, 1,000.00 more: Social Security on 500.00, the rest of 184,500
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

from rulebook.lines import Step
from rulebook.money import NOTHING, to_penny
from rulebook.packs.us import law
from rulebook.packs.us.shapes import over, under_cap
from rulebook.packs.us.worksheet import Worksheet

DOLLAR = Decimal(1)


class Fica:
    """The figures of one day, compiled."""

    __slots__ = (
        "additional",
        "cites",
        "futa",
        "futa_base",
        "medicare",
        "medicare_floor",
        "ss",
        "ss_base",
        "ss_most",
    )

    def __init__(self, day: date) -> None:
        ss, medicare = law.table("ss", day), law.table("medicare", day)
        additional, futa = law.table("medicare.additional", day), law.table("futa", day)
        self.ss, self.ss_base, self.ss_most = ss["employee"], ss["wage_base"], ss["most"]
        self.medicare = medicare["employee"]
        self.additional, self.medicare_floor = additional["rate"], additional["over"]
        self.futa, self.futa_base = futa["gross"] - futa["credit"], futa["wage_base"]
        names = ("ss", "medicare", "medicare.additional", "futa")
        self.cites = tuple(law.cite(law.figure(name, day)) for name in names)


@lru_cache(maxsize=64)
def figures(day: date) -> Fica:
    """The figures in force on a day."""
    return Fica(day)


def charge(sheet: Worksheet) -> None:
    """Withhold Social Security and Medicare, match them, and add federal unemployment tax."""
    fica = figures(sheet.on)
    wages = sheet.wages.taxable
    if not sheet.elections.fica_exempt:
        _social_security(sheet, fica, wages - sheet.pretax.off("ss"))
        _medicare(sheet, fica, wages - sheet.pretax.off("medicare"))
    _futa(sheet, fica, wages - sheet.pretax.off("futa"))


def _social_security(sheet: Worksheet, fica: Fica, wages: Decimal) -> None:
    before = sheet.before.get("us.ss.wages", NOTHING)
    base = under_cap(before, wages, fica.ss_base)
    tax = to_penny(base * fica.ss)
    employer = tax
    if base and before + base == fica.ss_base:
        # Pennies that single payments gained or lost are evened out in the one that fills the cap.
        tax = _evened(sheet, "us.ss", fica.ss_most, tax)
        employer = _evened(sheet, "us.ss.employer", fica.ss_most, employer)
    steps = sheet.steps()
    if steps is not None:
        label = f"Wages under the year's {fica.ss_base}, of which {before} before"
        steps += [Step(label, f"{base}"), Step(f"at {fica.ss:%}", f"{tax}")]
    cite = fica.cites[0]
    sheet.tax("us.ss", "Social Security", tax, base, cite, steps=steps)
    sheet.cost("us.ss.employer", "Social Security, employer", employer, base, cite, steps=steps)
    sheet.carry("us.ss.wages", base)
    sheet.carry("us.ss", tax)
    sheet.carry("us.ss.employer", employer)


def _evened(sheet: Worksheet, key: str, most: Decimal, tax: Decimal) -> Decimal:
    """The payment that makes the year's tax its maximum, when only pennies separate the two."""
    if key not in sheet.before:
        return tax
    left = most - sheet.before[key]
    return left if abs(left - tax) < DOLLAR and left >= 0 else tax


def _medicare(sheet: Worksheet, fica: Fica, wages: Decimal) -> None:
    before = sheet.before.get("us.medicare.wages", NOTHING)
    tax = to_penny(wages * fica.medicare)
    steps = sheet.steps()
    if steps is not None:
        steps.append(Step(f"Wages {wages} at {fica.medicare:%}", f"{tax}"))
    cite = fica.cites[1]
    sheet.tax("us.medicare", "Medicare", tax, wages, cite, steps=steps)
    sheet.cost("us.medicare.employer", "Medicare, employer", tax, wages, cite, steps=steps)
    sheet.carry("us.medicare.wages", wages)
    sheet.carry("us.medicare", tax)
    sheet.carry("us.medicare.employer", tax)
    above = over(before, wages, fica.medicare_floor)
    if above:
        more = to_penny(above * fica.additional)
        steps = sheet.steps()
        if steps is not None:
            label = f"Wages above the year's {fica.medicare_floor}, of which {before} before"
            steps += [Step(label, f"{above}"), Step(f"at {fica.additional:%}", f"{more}")]
        code, label = "us.medicare.additional", "Additional Medicare"
        sheet.tax(code, label, more, above, fica.cites[2], steps=steps)
        sheet.carry("us.medicare.additional", more)


def _futa(sheet: Worksheet, fica: Fica, wages: Decimal) -> None:
    before = sheet.before.get("us.futa.wages", NOTHING)
    base = under_cap(before, wages, fica.futa_base)
    tax = to_penny(base * fica.futa)
    steps = sheet.steps()
    if steps is not None:
        label = f"Wages under the year's {fica.futa_base}, of which {before} before"
        steps += [Step(label, f"{base}"), Step(f"at {fica.futa:%} after state credit", f"{tax}")]
    sheet.cost("us.futa", "Federal unemployment", tax, base, fica.cites[3], steps=steps)
    sheet.carry("us.futa.wages", base)
    sheet.carry("us.futa", tax)
    reduction = sheet.employer.get("futa_credit_reduction")
    if reduction and base:
        _credit_reduction(sheet, fica, cast(Decimal, reduction), base)


def _credit_reduction(sheet: Worksheet, fica: Fica, reduction: object, base: Decimal) -> None:
    """Accrue what a state's federal loans will cost at year end, where the firm says so."""
    rate = reduction
    if not isinstance(reduction, Decimal):
        state = sheet.elections.unemployment or next(iter(sheet.wages.by_place), "")
        rate = cast("dict[str, Decimal]", reduction).get(state, NOTHING)
    amount = to_penny(base * cast(Decimal, rate))
    if amount:
        steps = sheet.steps()
        if steps is not None:
            steps.append(Step(f"{base} at {rate:%}, accrued for year end", f"{amount}"))
        code, label = "us.futa.credit_reduction", "Federal unemployment, credit reduction"
        sheet.cost(code, label, amount, base, fica.cites[3], steps=steps)
        sheet.carry(code, amount)
