"""Payslips: the order in which a US payslip is worked out.

Pre-tax deductions leave the wages of the taxes they are free of; then federal tax, FICA, state and
local taxes; then orders from what the law calls disposable; then the rest while there is pay left.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from rulebook.lines import Line, Step
from rulebook.money import NOTHING
from rulebook.pack import Deduction, Earning, Payslip, Situation, Unpayable
from rulebook.packs.us import (
    cover,
    deposits,
    elections,
    faults,
    federal,
    law,
    levies,
    local,
    orders,
    savings,
    states,
)
from rulebook.packs.us.elections import W4, Elections, Fault
from rulebook.packs.us.wages import PreTax, Wages, less, treatments
from rulebook.packs.us.worksheet import AFTER_TAX, Pace, Worksheet
from rulebook.timeline import NoRule

NO_FACTS: Mapping[str, object] = {}
LABELS = {
    "work": "Regular pay",
    "overtime": "Overtime",
    "holiday": "Holiday pay",
    "bonus": "Bonus",
    "commission": "Commission",
    "allowance": "Allowance",
    "expense": "Expenses",
}


class UnitedStates:
    """The rules of the United States."""

    country = "US"
    version = "us-2026.1"

    def payslip(self, situation: Situation) -> Payslip:
        """Work out one payslip; raises Unpayable with every fault, NoRule where law is not held."""
        found: list[Fault] = []
        told = elections.read(situation, found)
        faults.of(situation, told, found)
        if found:
            raise Unpayable(tuple(found))
        sheet = _worked_out(situation, told, NOTHING)
        if sheet.short:
            # Taxes on pay that went into a plan before tax can take more than is left of it.
            sheet = _with_less_before_tax(situation, told, sheet)
        return Payslip(tuple(sheet.lines), sheet.carried, self.version)

    def faults(self, situation: Situation) -> tuple[Fault, ...]:
        """Everything that keeps a situation from being worked out, as (pointer, code, sentence)."""
        found: list[Fault] = []
        try:
            told = elections.read(situation, found)
            faults.of(situation, told, found)
            if not found:
                _worked_out(situation, told, NOTHING)
        except NoRule as missing:
            found.append(("pay_on", "no_rule", str(missing)))
        return tuple(found)

    def due_on(
        self, liability: str, pay_on: date, employer: Mapping[str, object] = NO_FACTS
    ) -> date:
        """The day by which a liability (a line code) of that pay date must reach its payee."""
        return deposits.due_on(liability, pay_on, employer)


@lru_cache(maxsize=256)
def _pace(frequency: str, day: date) -> Pace:
    return Pace(frequency, law.table("fit.periods", day)[frequency])


def _worked_out(situation: Situation, told: Elections, cut: Decimal) -> Worksheet:
    """One pass; `cut` lowers what is taken before tax."""
    wages = Wages(situation)
    pretax, after_tax, ordered = _sorted_deductions(situation)
    plan = savings.before_tax(situation, pretax, wages.taxable, cut) if pretax else savings.NONE
    sheet = Worksheet(
        situation,
        told,
        _pace(situation.frequency, situation.pay_on),
        wages,
        PreTax(plan.taken, treatments(situation.pay_on)),
    )
    for earning in situation.earnings:
        label = LABELS[earning.kind]
        sheet.lines.append(Line("earning", earning.code, label, earning.amount))
    sheet.carry("us.gross", wages.taxable + wages.untaxed)
    if told.w4 is None:
        sheet.carry("us.nec", wages.taxable)
    else:
        savings.put(sheet, plan)
        _taxes(sheet, told.w4, situation.earnings)
    if ordered:
        orders.take(sheet, ordered)
    if after_tax:
        _the_rest(sheet, after_tax)
    return sheet


def _with_less_before_tax(situation: Situation, told: Elections, sheet: Worksheet) -> Worksheet:
    cut = NOTHING
    while sheet.short and cut < sheet.wages.taxable:
        cut += sheet.short
        sheet = _worked_out(situation, told, cut)
    return sheet


def _sorted_deductions(
    situation: Situation,
) -> tuple[list[Deduction], list[Deduction], list[Deduction]]:
    """Deductions before tax, after tax, and orders, each by priority."""
    if not situation.deductions:
        return [], [], []
    pretax: list[Deduction] = []
    after_tax: list[Deduction] = []
    ordered: list[Deduction] = []
    for deduction in sorted(situation.deductions, key=lambda deduction: deduction.priority):
        if deduction.kind == "order":
            ordered.append(deduction)
        elif deduction.treatment == AFTER_TAX:
            after_tax.append(deduction)
        else:
            pretax.append(deduction)
    return pretax, after_tax, ordered


def _taxes(sheet: Worksheet, w4: W4, earnings: tuple[Earning, ...]) -> None:
    tax, flat = _federal(sheet, w4)
    fica = levies.charge_federal(sheet)
    states.charge(sheet, states.Federal(tax, fica, flat))
    levies.charge_states(sheet)
    if sheet.elections.workers_comp:
        cover.charge(sheet, earnings)
    if sheet.elections.local or "IN" in sheet.wages.by_place:
        local.charge(sheet)


def _federal(sheet: Worksheet, w4: W4) -> tuple[Decimal, bool]:
    """Federal income tax: what was withheld on regular wages, and whether bonuses went flat."""
    figures = federal.income_tax(sheet.on)
    earned = less(sheet.wages.all, sheet.pretax.off("fit"))
    steps = sheet.steps()
    tax = figures.withheld(earned.regular, w4, sheet.pace, steps)
    supplemental = earned.supplemental
    if not supplemental:
        sheet.tax("us.fit", "Federal income tax", tax, earned.regular, figures.cite, steps=steps)
        sheet.carry("us.fit.wages", earned.regular)
        sheet.carry("us.fit", tax)
        return tax, True
    flat_rates = figures.flat
    above = flat_rates.above_limit(sheet.before.get("us.supplemental.wages", NOTHING), supplemental)
    below = supplemental - above
    flat = sheet.employer.get("supplemental") != "aggregate" and (
        tax > 0 or sheet.before.get("us.fit", NOTHING) > 0 or w4.exempt
    )
    base = earned.regular
    if not flat:
        base += below
        below = NOTHING
        steps = sheet.steps()
        tax = figures.withheld(base, w4, sheet.pace, steps)
    sheet.tax("us.fit", "Federal income tax", tax, base, figures.cite, steps=steps)
    if below or above:
        _flat(sheet, w4, below, above)
    sheet.carry("us.fit.wages", earned.whole)
    sheet.carry("us.fit", tax)
    sheet.carry("us.supplemental.wages", supplemental)
    return tax, flat


def _flat(sheet: Worksheet, w4: W4, below: Decimal, above: Decimal) -> None:
    flat = federal.income_tax(sheet.on).flat
    # Exemption reaches the flat rate, but not the higher one above the million (Pub 15 s.7).
    counted = NOTHING if w4.exempt else below
    tax = flat.withheld(counted, above)
    steps = sheet.steps()
    if steps is not None:
        steps.append(Step(f"{counted} at {flat.rate:%}, {above} at {flat.rate_over:%}", f"{tax}"))
    label = "Federal income tax, supplemental"
    sheet.tax("us.fit.supplemental", label, tax, below + above, flat.cite, steps=steps)
    sheet.carry("us.fit", tax)


def _the_rest(sheet: Worksheet, deductions: list[Deduction]) -> None:
    """Take other deductions by priority while there is pay; the rest is said as arrears."""
    left = sheet.wages.taxable + sheet.wages.untaxed - sheet.taken
    for deduction in deductions:
        amount = min(sheet.asked(deduction), max(left, NOTHING))
        left -= amount
        sheet.deduct(deduction, amount)
