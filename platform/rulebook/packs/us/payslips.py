"""Payslips: the order in which a US payslip is worked out.

Pre-tax deductions leave the wages of the taxes they are free of; then federal tax, FICA, state and
local taxes; then orders from what the law calls disposable; then the rest while there is pay left.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from rulebook.lines import Step
from rulebook.money import NOTHING
from rulebook.pack import (
    Deduction,
    Payslip,
    Refused,
    Situation,
    Unpayable,
    in_stages,
    payslip_of,
)
from rulebook.packs.us import (
    cover,
    deposits,
    elections,
    employers,
    faults,
    federal,
    levies,
    local,
    orders,
    savings,
    states,
)
from rulebook.packs.us.elections import W4, Fault
from rulebook.packs.us.wages import Earned, PreTax, Wages, less, no_pretax, treatments
from rulebook.packs.us.worksheet import AFTER_TAX, Worksheet
from rulebook.timeline import NoRule

NO_FACTS: Mapping[str, object] = {}
NOT_EARNED = (("earnings", "bad_amount", "Earnings are amounts and hours, in numbers."),)


class UnitedStates:
    """The rules of the United States."""

    country = "US"
    version = "us-2026.1"

    def payslips(self, situations: Sequence[Situation]) -> list[Payslip | Refused]:
        """Work out many payslips; in place of one that cannot be: Unpayable or NoRule."""
        return in_stages(situations, begun, STAGES, self._finished)

    def faults(self, situation: Situation) -> tuple[Fault, ...]:
        """Everything that keeps a situation from being worked out, as (pointer, code, sentence)."""
        try:
            sheet = begun(situation)
            for stage in STAGES:
                stage(sheet)
        except Unpayable as no:
            return no.faults
        except NoRule as missing:
            return (("pay_on", "no_rule", str(missing)),)
        return ()

    def due_on(
        self, liability: str, pay_on: date, employer: Mapping[str, object] = NO_FACTS
    ) -> date:
        """The day by which a liability (a line code) of that pay date must reach its payee."""
        return deposits.due_on(liability, pay_on, employer)

    def _finished(self, sheet: Worksheet) -> Payslip:
        if sheet.pretax.whole:
            sheet = _with_less_before_tax(sheet)
        return payslip_of((tuple(sheet.rows), sheet.carried, self.version))


def begun(situation: Situation) -> Worksheet:
    """A worksheet with what was told, nothing on it yet."""
    return Worksheet(situation, *elections.read(situation), employers.read(situation.employer))


def _earned(sheet: Worksheet) -> None:
    """Put the earnings on it; raises Unpayable with every fault where they are no sums."""
    situation = sheet.situation
    try:
        sheet.pace = federal.pace(situation.frequency, situation.pay_on)
        sheet.earn(Wages(situation))
    except (ArithmeticError, KeyError):
        raise Unpayable(_found(sheet) or NOT_EARNED) from None


def _checked(sheet: Worksheet) -> None:
    """Raise Unpayable with every fault; most are seen at a glance to have none."""
    if not faults.has_none(sheet.situation, sheet.elections, sheet.firm, sheet.wages):
        found = _found(sheet)
        if found:
            raise Unpayable(found)


def _before_tax(sheet: Worksheet) -> None:
    """Take what leaves the wages of some tax."""
    if sheet.situation.deductions:
        _take_before_tax(sheet, NOTHING)
    else:
        sheet.pretax = no_pretax(sheet.on)


def _found(sheet: Worksheet) -> tuple[Fault, ...]:
    found = list(sheet.unread)
    faults.of(sheet.situation, sheet.elections, found)
    return tuple(found)


def _take_before_tax(sheet: Worksheet, cut: Decimal) -> None:
    """Take what leaves the wages of some tax, lowered by `cut`."""
    pretax = [one for one in in_order(sheet.situation.deductions) if is_before_tax(one)]
    plan = savings.before_tax(sheet.situation, pretax, sheet.wages.taxable, cut)
    sheet.pretax = PreTax(plan.taken, treatments(sheet.on))
    if sheet.elections.w4 is not None:
        savings.put(sheet, plan)


def _with_less_before_tax(sheet: Worksheet) -> Worksheet:
    """The same with less put into plans where taxes on that pay took more than was left of it."""
    cut, wages = NOTHING, sheet.wages
    while sheet.short and cut < wages.taxable:
        cut += sheet.short
        again = Worksheet(sheet.situation, sheet.elections, (), sheet.firm)
        again.pace = sheet.pace
        again.earn(wages)
        _take_before_tax(again, cut)
        for stage in TAKING:
            stage(again)
        sheet = again
    return sheet


def in_order(deductions: Sequence[Deduction]) -> list[Deduction]:
    """Deductions by priority."""
    return sorted(deductions, key=lambda deduction: deduction.priority)


def is_before_tax(deduction: Deduction) -> bool:
    """Whether a deduction leaves the wages of some tax."""
    return deduction.kind != "order" and deduction.treatment != AFTER_TAX


def _income_tax(sheet: Worksheet) -> None:
    """Withhold federal income tax; remembers the tax, and whether bonuses went at a flat rate."""
    w4 = sheet.elections.w4
    if w4 is None:
        return
    form = federal.form(w4, sheet.pace.name, sheet.on)
    (rule, source), pretax, carried = form.figures.cite, sheet.pretax, sheet.carried
    earned = less(sheet.wages.all, pretax.off("fit")) if pretax.whole else sheet.wages.all
    base = earned.regular
    steps: list[Step] | None = [] if sheet.explains else None
    tax = form.withheld(base, steps)
    if earned.bonus or earned.commission:
        _with_supplemental(sheet, form, earned, tax, steps)
        return
    label, why = "Federal income tax", tuple(steps) if steps else ()
    sheet.rows.append(("tax", "us.fit", label, tax, base, rule, source, "", why))
    sheet.required += tax
    sheet.federal_tax = tax
    if base:
        carried["us.fit.wages"] = carried.get("us.fit.wages", NOTHING) + base
    if tax:
        carried["us.fit"] = carried.get("us.fit", NOTHING) + tax


def _with_supplemental(
    sheet: Worksheet, form: federal.Form, earned: Earned, tax: Decimal, steps: list[Step] | None
) -> None:
    """Withhold on bonuses too: at the flat rate, or together with the regular wages."""
    figures, w4, supplemental = form.figures, form.w4, earned.supplemental
    before = sheet.before.get("us.supplemental.wages", NOTHING)
    above = figures.flat.above_limit(before, supplemental)
    below = supplemental - above
    sheet.flat = sheet.employer.get("supplemental") != "aggregate" and (
        tax > 0 or sheet.before.get("us.fit", NOTHING) > 0 or w4.exempt
    )
    base = earned.regular
    if not sheet.flat:
        base += below
        below = NOTHING
        steps = sheet.steps()
        tax = form.withheld(base, steps)
    sheet.tax("us.fit", "Federal income tax", tax, base, figures.cite, steps=steps)
    if below or above:
        _flat(sheet, w4, below, above)
    sheet.federal_tax = tax
    sheet.carry("us.fit.wages", earned.whole)
    sheet.carry("us.fit", tax)
    sheet.carry("us.supplemental.wages", supplemental)


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


def _the_rest(sheet: Worksheet) -> None:
    """Charge workers' compensation and local taxes, then take what is ordered and agreed."""
    told, is_in_indiana = sheet.elections, "IN" in sheet.wages.by_place
    if told.w4 is not None and (is_in_indiana or not told.is_ordinary):
        if told.workers_comp:
            cover.charge(sheet, sheet.situation.earnings)
        if told.local or is_in_indiana:
            local.charge(sheet)
    if sheet.situation.deductions:
        _deductions(sheet)


def _deductions(sheet: Worksheet) -> None:
    """Take orders, then the rest by priority while there is pay; what is short is said."""
    sorted_ = in_order(sheet.situation.deductions)
    ordered = [one for one in sorted_ if one.kind == "order"]
    if ordered:
        orders.take(sheet, ordered)
    left = sheet.wages.taxable + sheet.wages.untaxed - sheet.taken
    for deduction in sorted_:
        if deduction.kind != "order" and deduction.treatment == AFTER_TAX:
            amount = min(sheet.asked(deduction), max(left - deduction.protected, NOTHING))
            left -= amount
            sheet.deduct(deduction, amount)


TAKING = (
    _income_tax,
    levies.charge_federal,
    states.charge,
    levies.charge_states,
    _the_rest,
)
STAGES = (_earned, _checked, _before_tax, *TAKING)
