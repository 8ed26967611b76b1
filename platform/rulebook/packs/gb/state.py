"""A payslip being worked out: its lines so far, its year to date, the pay each step counts."""

from decimal import Decimal

from rulebook.lines import Line, Row
from rulebook.money import NOTHING, PENNY
from rulebook.pack import Situation
from rulebook.packs.gb.elections import Elections

LABELS = {
    "work": "Pay",
    "overtime": "Overtime",
    "holiday": "Holiday pay",
    "bonus": "Bonus",
    "commission": "Commission",
    "allowance": "Allowance",
    "expense": "Expenses",
    "statutory": "Statutory pay",
    "benefit": "Benefit, taxed with pay",
    "advance": "Advance of pay",
    "correction": "Correction of earlier pay",
    "carried": "Carried as a balance",
    "recovery": "Recovered pay",
}
# What was paid before in the same earnings period; given by the caller, never carried forward.
PERIOD = "gb.period."
PERIOD_EARNINGS = "gb.period.earnings"
# What cannot be in the United Kingdom; everything else is a place as the client names it.
STATES = frozenset({
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL",
    "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE",
    "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD",
    "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
})  # fmt: skip
BASIC = frozenset({"work", "holiday"})
IN_HOURS = frozenset({"work", "overtime"})


class Slip:
    """One payslip in the making.

    `taxable_pay` is all pay that is earnings in law; `ni_pay` what is left after pay given up;
    `tax_pay` what is left of that after pension under net pay, with benefits; `net` what the worker
    gets so far; `untaxed` the expenses in it; `benefits` what is taxed with pay and not paid in
    money; `attachable` the net earnings that orders look at. `is_plain` says that nothing can be
    wrong with the earnings: whole pennies, no hour below the `least` that it must be paid.
    """

    __slots__ = (
        "attachable",
        "basic_pay",
        "benefits",
        "explain",
        "forward",
        "is_plain",
        "net",
        "ni_pay",
        "rows",
        "situation",
        "tax_pay",
        "taxable_pay",
        "told",
        "untaxed",
    )

    attachable: Decimal
    basic_pay: Decimal
    benefits: Decimal
    is_plain: bool
    net: Decimal
    ni_pay: Decimal
    tax_pay: Decimal
    taxable_pay: Decimal
    untaxed: Decimal

    def __init__(self, situation: Situation, told: Elections) -> None:
        self.situation, self.told, self.explain = situation, told, situation.explain
        self.rows: list[Row] = []
        self.forward = forward = dict(situation.year_to_date)
        if PERIOD_EARNINGS in forward:
            self.forward = {key: forward[key] for key in forward if not key.startswith(PERIOD)}

    def earn(self, least: Decimal) -> None:
        """Put the earnings on it; `least` is what an hour must be paid."""
        rows, forward = self.rows, self.forward
        gross = taxable = basic = benefits = NOTHING
        plain = True
        for earning in self.situation.earnings:
            kind, amount, hours = earning.kind, earning.amount, earning.hours
            said, label = "earning", LABELS[kind]
            if hours and (hours.is_signed() or (amount < hours * least and kind in IN_HOURS)):
                plain = False
            if earning.place in STATES:
                plain = False
            if kind == "benefit":
                said = "information"
                benefits += amount
            else:
                gross += amount
                if earning.taxable and kind != "expense":
                    taxable += amount
                    if kind in BASIC:
                        basic += amount
            rows.append((said, earning.code, label, amount, NOTHING, "", "", "", ()))
        whole = gross + benefits if benefits else gross
        self.is_plain = plain and whole >= 0 and whole == whole.quantize(PENNY)
        self.net, self.basic_pay, self.untaxed = gross, basic, gross - taxable
        self.taxable_pay = self.ni_pay = taxable
        self.tax_pay, self.benefits = taxable + benefits if benefits else taxable, benefits
        forward["gb.pay"] = forward.get("gb.pay", NOTHING) + gross

    def had(self, key: str) -> Decimal:
        """A year-to-date figure before this payslip."""
        return self.situation.year_to_date.get(key, NOTHING)

    def carry(self, key: str, amount: Decimal) -> None:
        """Add to a year-to-date figure."""
        if amount:
            self.forward[key] = self.forward.get(key, NOTHING) + amount

    def take(self, line: Line) -> None:
        """Put a tax or deduction on the payslip and off the pay that is left."""
        self.rows.append(line)
        self.net -= line.amount
