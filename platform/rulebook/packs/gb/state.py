"""A payslip being worked out: its lines so far, its year to date, the pay each step counts."""

from decimal import Decimal

from rulebook.lines import Line
from rulebook.money import NOTHING
from rulebook.pack import Payslip, Situation
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
}
# What was paid before in the same earnings period; given by the caller, never carried forward.
PERIOD = "gb.period."
BASIC = frozenset({"work", "holiday"})


class Slip:
    """One payslip in the making.

    `taxable_pay` is all pay that is earnings in law; `ni_pay` what is left after pay given up;
    `tax_pay` what is left of that after pension under net pay, with benefits; `net` what the worker
    gets so far; `untaxed` the expenses in it; `benefits` what is taxed with pay and not paid in
    money; `attachable` the net earnings that orders look at.
    """

    __slots__ = (
        "attachable",
        "basic_pay",
        "benefits",
        "explain",
        "forward",
        "lines",
        "net",
        "ni_pay",
        "situation",
        "tax_pay",
        "taxable_pay",
        "told",
        "untaxed",
    )

    def __init__(self, situation: Situation, told: Elections) -> None:
        self.situation, self.told, self.explain = situation, told, situation.explain
        self.lines = lines = list[Line]()
        gross = taxable = basic = benefits = NOTHING
        for earning in situation.earnings:
            kind, amount = earning.kind, earning.amount
            if kind == "benefit":
                lines.append(Line("information", earning.code, LABELS[kind], amount))
                benefits += amount
                continue
            lines.append(Line("earning", earning.code, LABELS[kind], amount))
            gross += amount
            if earning.taxable and kind != "expense":
                taxable += amount
                if kind in BASIC:
                    basic += amount
        self.net, self.basic_pay, self.untaxed = gross, basic, gross - taxable
        self.taxable_pay = self.ni_pay = taxable
        self.tax_pay, self.benefits = taxable + benefits, benefits
        self.attachable = NOTHING
        self.forward = forward = dict(situation.year_to_date)
        forward["gb.pay"] = forward.get("gb.pay", NOTHING) + gross
        if "gb.period.earnings" in forward:
            self.forward = {key: forward[key] for key in forward if not key.startswith(PERIOD)}

    def had(self, key: str) -> Decimal:
        """A year-to-date figure before this payslip."""
        return self.situation.year_to_date.get(key, NOTHING)

    def carry(self, key: str, amount: Decimal) -> None:
        """Add to a year-to-date figure."""
        if amount:
            self.forward[key] = self.forward.get(key, NOTHING) + amount

    def take(self, line: Line) -> None:
        """Put a tax or deduction on the payslip and off the pay that is left."""
        self.lines.append(line)
        self.net -= line.amount

    def finished(self, pack: str) -> Payslip:
        """The payslip as it stands."""
        return Payslip(tuple(self.lines), self.forward, pack)
