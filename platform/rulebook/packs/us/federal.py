"""Federal income tax: Pub 15-T's percentage method for automated payroll; supplemental wages.

weekly 1,200.00, single, 2020 form, no other entries, 2026
    1,200.00 x 52 = 62,400 less 8,600 = 53,800
    1,240.00 + 12% of (53,800 - 19,900) = 5,308.00 a year, / 52 = 102.08
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import cast

from rulebook.lines import Step
from rulebook.money import NOTHING, PENNY, to_penny
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


class Form:
    """A W-4 compiled for a day and a pace: Worksheet 1A with its constants worked out."""

    __slots__ = ("added", "credit", "figures", "off", "pace", "table", "w4")

    def __init__(self, w4: W4, pace: Pace, figures: IncomeTax) -> None:
        self.w4, self.pace, self.figures = w4, pace, figures
        has_steps = w4.form >= FIRST_FORM_WITH_STEPS
        if has_steps:
            self.off = w4.deductions - w4.other_income
            if not w4.multiple_jobs:
                self.off += figures.adjustments[w4.status]
        else:
            self.off = w4.allowances * figures.allowance
        form = "form_2020" if has_steps else "older_form"
        self.added = to_dime(figures.nonresident[form] / pace.periods) if w4.nonresident else ZERO
        self.credit = to_penny(w4.dependents / pace.periods)
        self.table = (figures.two_jobs if w4.multiple_jobs else figures.standard)[w4.status]

    def withheld(self, wages: Decimal, steps: Steps | None) -> Decimal:
        """Withholding on regular wages of one pay, by Worksheet 1A, each of its lines in cents."""
        w4, periods = self.w4, self.pace.periods
        if w4.exempt:
            if steps is not None:
                steps.append(Step("Exempt by Form W-4", "0.00"))
            return NOTHING
        annual = (wages + self.added) * periods
        adjusted = annual - self.off
        if adjusted < 0:
            adjusted = ZERO
        tentative = (self.table.tax(adjusted) / periods).quantize(PENNY, ROUND_HALF_UP)
        tax = tentative
        if self.credit:
            tax = tentative - self.credit if tentative > self.credit else NOTHING
        if steps is not None:
            self._explain(steps, (wages, annual, adjusted, tentative, tax))
        return tax + w4.extra if w4.extra else tax

    def _explain(self, steps: Steps, found: tuple[Decimal, ...]) -> None:
        wages, annual, adjusted, tentative, tax = found
        w4, periods, figures = self.w4, self.pace.periods, self.figures
        steps.append(Step(f"Taxable wages {wages} x {periods} pays a year", f"{annual:.2f}"))
        if w4.form < FIRST_FORM_WITH_STEPS:
            label = f"Less {w4.allowances} allowances of {figures.allowance}"
        elif w4.multiple_jobs:
            label = "Steps 4(a) and 4(b); Step 2 is checked, nothing else comes off"
        else:
            label = f"Steps 4(a) and 4(b), less {figures.adjustments[w4.status]} (line 1g)"
        steps.append(Step(label, f"{adjusted:.2f}"))
        steps.append(Step(f"Annual table, {w4.status}, / {periods}", f"{tentative}"))
        if w4.dependents:
            steps.append(Step(f"Less Step 3: {w4.dependents} / {periods}", f"{tax}"))
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


@lru_cache(maxsize=16384)
def form(w4: W4, frequency: str, day: date) -> Form:
    """A W-4 compiled for how often its worker is paid, on a day."""
    return Form(w4, pace(frequency, day), income_tax(day))


@lru_cache(maxsize=256)
def pace(frequency: str, day: date) -> Pace:
    """How often a worker is paid; KeyError for what is no frequency of the law."""
    return Pace(frequency, law.table("fit.periods", day)[frequency])
