"""Worksheet: a payslip while it is being worked out."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from rulebook.lines import Line, Row, Step
from rulebook.money import NOTHING
from rulebook.pack import Deduction, Situation
from rulebook.packs.us.elections import Elections, Fault
from rulebook.packs.us.employers import Employer
from rulebook.packs.us.law import Cite
from rulebook.packs.us.wages import PreTax, Wages
from rulebook.periods import Period

Steps = list[Step]
AFTER_TAX = "after_tax"


class Pace(NamedTuple):
    """How often a worker is paid: the name of it and the number of pays in a year."""

    name: str
    periods: Decimal


class Worksheet:
    """The lines of one payslip so far, and the year to date as it will be afterwards.

    `unread` are the faults of the elections; `federal_tax` and `fica` are what was withheld of
    them, which some states deduct; `flat` says that bonuses went at flat rates.
    """

    __slots__ = (
        "before",
        "carried",
        "deducted",
        "elections",
        "explains",
        "federal_tax",
        "fica",
        "firm",
        "flat",
        "on",
        "pace",
        "pretax",
        "required",
        "rows",
        "situation",
        "unread",
        "wages",
    )

    pace: Pace
    pretax: PreTax
    wages: Wages

    def __init__(
        self,
        situation: Situation,
        elections: Elections,
        unread: tuple[Fault, ...],
        firm: Employer,
    ) -> None:
        self.situation, self.elections, self.firm = situation, elections, firm
        self.on, self.explains, self.unread = situation.pay_on, situation.explain, unread
        self.before = situation.year_to_date
        self.carried = dict(situation.year_to_date)
        self.deducted = self.required = self.federal_tax = self.fica = NOTHING
        self.flat = True
        self.rows: list[Row] = []

    def earn(self, wages: Wages) -> None:
        """Put the earnings on it."""
        self.wages, self.rows = wages, wages.rows.copy()
        paid, carried = wages.taxable + wages.untaxed, self.carried
        if paid:
            carried["us.gross"] = carried.get("us.gross", NOTHING) + paid
        if self.elections.w4 is None:
            self.carry("us.nec", wages.taxable)

    @property
    def employer(self) -> Mapping[str, object]:
        """The firm's facts as it told them."""
        return self.situation.employer

    @property
    def period(self) -> Period | None:
        """When it was earned, where that is known."""
        return self.situation.period

    @property
    def taken(self) -> Decimal:
        """Everything withheld so far, by law and otherwise."""
        return self.required + self.deducted

    def steps(self) -> Steps | None:
        """A place for steps where an explanation was asked for, else None."""
        return [] if self.explains else None

    def carry(self, key: str, amount: Decimal) -> None:
        """Add to a year-to-date figure."""
        if amount:
            carried = self.carried
            carried[key] = carried.get(key, NOTHING) + amount

    def tax(
        self,
        code: str,
        label: str,
        amount: Decimal,
        base: Decimal,
        cite: Cite,
        *,
        steps: Steps | None = None,
        payee: str = "",
    ) -> None:
        """Withhold a tax: it is required by law, so it lowers disposable earnings."""
        rule, source = cite
        why = tuple(steps) if steps else ()
        self.rows.append(("tax", code, label, amount, base, rule, source, payee, why))
        self.required += amount

    def cost(
        self,
        code: str,
        label: str,
        amount: Decimal,
        base: Decimal,
        cite: Cite,
        *,
        steps: Steps | None = None,
        payee: str = "",
    ) -> None:
        """Put a cost of the employer beside the pay."""
        why = tuple(steps) if steps else ()
        self.rows.append(Line("employer", code, label, amount, base, cite[0], cite[1], payee, why))

    def deduct(self, deduction: Deduction, amount: Decimal) -> None:
        """Take a deduction from pay; what it asked for beyond that is said and carried on."""
        code, asked = deduction.code, self.asked(deduction)
        label = code.replace("_", " ").capitalize()
        steps: tuple[Step, ...] = ()
        if self.explains:
            steps = (Step(f"{asked} asked for, {deduction.treatment}", f"{amount}"),)
        payee = deduction.payee
        self.rows.append(Line("deduction", code, label, amount, asked, payee=payee, steps=steps))
        self.deducted += amount
        short = asked - amount
        if short:
            says = f"{label}: not taken, to be recovered or dropped"
            self.rows.append(Line("information", f"{code}.arrears", says, short, asked))
        if deduction.treatment == AFTER_TAX:
            self.carry(f"arrears.{code}", short - self.before.get(f"arrears.{code}", NOTHING))

    def asked(self, deduction: Deduction) -> Decimal:
        """What a deduction asks for: its amount, and after tax what earlier pay could not bear."""
        if deduction.treatment != AFTER_TAX:
            return deduction.amount
        return deduction.wanted(self.before.get(f"arrears.{deduction.code}", NOTHING))

    @property
    def short(self) -> Decimal:
        """How much more was taken than there was."""
        return max(self.taken - self.wages.taxable - self.wages.untaxed, NOTHING)
