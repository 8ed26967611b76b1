"""Federal income tax: Pub 15-T's percentage method for automated payroll; supplemental wages.

weekly 1,200.00, single, 2020 form, no other entries, 2026
    1,200.00 x 52 = 62,400 less 8,600 = 53,800
    1,240.00 + 12% of (53,800 - 19,900) = 5,308.00 a year, / 52 = 102.08
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

from rulebook.lines import Step
from rulebook.money import NOTHING, to_penny
from rulebook.packs.us import law
from rulebook.packs.us.elections import FIRST_FORM_WITH_STEPS, W4
from rulebook.packs.us.law import Cite
from rulebook.packs.us.shapes import ZERO, Table, over, to_dime
from rulebook.packs.us.worksheet import Pace, Steps

KIN = {"single": "single", "separate": "single", "married": "married", "head": "head"}


class IncomeTax:
    """The income tax figures of one day, compiled."""

    __slots__ = ("adjustments", "allowance", "cite", "flat", "nonresident", "standard", "two_jobs")

    def __init__(self, day: date) -> None:
        adjustment = law.table("fit.adjustment", day)
        standard = law.figure("fit.table.standard", day)
        self.cite = law.cite(standard)
        self.allowance = adjustment["allowance"]
        self.adjustments = {
            status: adjustment["married" if status == "married" else "other"] for status in KIN
        }
        self.standard = _tables(standard.value)
        self.two_jobs = _tables(law.figure("fit.table.two_jobs", day).value)
        self.nonresident = law.table("fit.nonresident", day)
        self.flat = Supplemental(day)

    def withheld(self, wages: Decimal, w4: W4, pace: Pace, steps: Steps | None) -> Decimal:
        """Withholding on regular wages of one pay, by Worksheet 1A, each of its lines in cents."""
        if w4.exempt:
            if steps is not None:
                steps.append(Step("Exempt by Form W-4", "0.00"))
            return NOTHING
        periods = pace.periods
        annual = self._annual(wages, w4, periods)
        if w4.form >= FIRST_FORM_WITH_STEPS:
            adjusted = annual + w4.other_income - w4.deductions
            if not w4.multiple_jobs:
                adjusted -= self.adjustments[w4.status]
        else:
            adjusted = annual - w4.allowances * self.allowance
        if adjusted < 0:
            adjusted = ZERO
        table = (self.two_jobs if w4.multiple_jobs else self.standard)[w4.status]
        tentative = to_penny(table.tax(adjusted) / periods)
        tax = tentative
        if w4.dependents:
            tax = max(tax - to_penny(w4.dependents / periods), NOTHING)
        if steps is not None:
            self._explain(steps, (wages, annual, adjusted, tentative, tax), w4, pace)
        return tax + w4.extra

    def _annual(self, wages: Decimal, w4: W4, periods: Decimal) -> Decimal:
        if not w4.nonresident:
            return wages * periods
        form = "form_2020" if w4.form >= FIRST_FORM_WITH_STEPS else "older_form"
        return (wages + to_dime(self.nonresident[form] / periods)) * periods

    def _explain(self, steps: Steps, found: tuple[Decimal, ...], w4: W4, pace: Pace) -> None:
        wages, annual, adjusted, tentative, tax = found
        steps.append(Step(f"Taxable wages {wages} x {pace.periods} pays a year", f"{annual:.2f}"))
        if w4.form < FIRST_FORM_WITH_STEPS:
            label = f"Less {w4.allowances} allowances of {self.allowance}"
        elif w4.multiple_jobs:
            label = "Steps 4(a) and 4(b); Step 2 is checked, nothing else comes off"
        else:
            label = f"Steps 4(a) and 4(b), less {self.adjustments[w4.status]} (line 1g)"
        steps.append(Step(label, f"{adjusted:.2f}"))
        steps.append(Step(f"Annual table, {w4.status}, / {pace.periods}", f"{tentative}"))
        if w4.dependents:
            steps.append(Step(f"Less Step 3: {w4.dependents} / {pace.periods}", f"{tax}"))
        if w4.extra:
            steps.append(Step(f"Plus {w4.extra} more asked for in Step 4(c)", f"{tax + w4.extra}"))


class Supplemental:
    """The flat rates on bonuses and commissions."""

    __slots__ = ("cite", "limit", "rate", "rate_over")

    def __init__(self, day: date) -> None:
        figure = law.figure("fit.supplemental", day)
        value = law.table("fit.supplemental", day)
        self.cite: Cite = law.cite(figure)
        self.rate, self.limit, self.rate_over = value["rate"], value["over"], value["rate_over"]

    def above_limit(self, before: Decimal, now: Decimal) -> Decimal:
        """The part of this pay's supplemental wages that lies above the year's million."""
        return over(before, now, self.limit)

    def withheld(self, below: Decimal, above: Decimal) -> Decimal:
        """The flat rate below the million and the higher one, which no W-4 lowers, above it."""
        return to_penny(below * self.rate) + to_penny(above * self.rate_over)


def _tables(value: object) -> dict[str, Table]:
    rows = cast(dict[str, tuple[tuple[Decimal, ...], ...]], value)
    made = {status: Table(table) for status, table in rows.items()}
    return {status: made[name] for status, name in KIN.items()}


@lru_cache(maxsize=64)
def income_tax(day: date) -> IncomeTax:
    """The income tax figures in force on a day."""
    return IncomeTax(day)
