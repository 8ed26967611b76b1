"""Methods: how a state makes withholding out of wages; a state names one and gives it figures."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import NamedTuple, Protocol, cast

from rulebook.lines import Step
from rulebook.money import NOTHING, dollar_half_up, to_penny
from rulebook.packs.us.elections import Claim
from rulebook.packs.us.shapes import ROUNDINGS, ZERO, Table, by_status, tables_by_status
from rulebook.packs.us.worksheet import Pace, Steps

Figures = Mapping[str, object]


class NotHeld(LookupError):
    """A part of a state's method that is not held, such as a table for a kind of pay."""


class Basis(NamedTuple):
    """What a method is applied to: one pay's taxable wages, the certificate, and what law asks."""

    wages: Decimal
    status: str
    claim: Claim
    pace: Pace
    federal_tax: Decimal = NOTHING
    fica: Decimal = NOTHING
    resident: bool = True
    annualised: bool = False

    @property
    def annual(self) -> Decimal:
        """The wages as they would be for a year."""
        return self.wages * self.pace.periods


# A basis out of its parts in their order, in half the time of giving them one by one.
basis_of: Callable[[tuple[Decimal, str, Claim, Pace, Decimal, Decimal, bool, bool]], Basis] = (
    partial(tuple.__new__, Basis)
)


class Method(Protocol):
    """A way to withhold, compiled from a state's figures."""

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay, before what the worker asked to be added."""
        ...


def number(figures: Figures, name: str) -> Decimal:
    """A figure by name, zero where the state has none."""
    return Decimal(cast(Decimal, figures.get(name, ZERO)))


def counted(figures: Figures) -> tuple[tuple[str, Decimal], ...]:
    """What each thing counted on the certificate takes off a year's wages."""
    each = cast(Mapping[str, Decimal], figures.get("each", {}))
    return tuple((name, Decimal(amount)) for name, amount in each.items())


class Share:
    """A share of all wages (Pennsylvania), or the share the worker chose (Arizona)."""

    def __init__(self, figures: Figures) -> None:
        self.rate = number(figures, "rate")
        self.choices = cast(tuple[Decimal, ...], figures.get("choices", ()))

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        rate = self.rate
        if self.choices and "rate" in basis.claim.counts:
            rate = basis.claim.counts["rate"]
        tax = to_penny(basis.wages * rate)
        if steps is not None:
            steps.append(Step(f"{basis.wages} at {rate:%}", f"{tax}"))
        return tax


class Annual:
    """A year's wages less deductions, through a table, less credits, back to one pay.

    `each` is taken off for each thing counted on the certificate; `exemption` only where there is
    one; `credit` lowers the tax for each allowance; `rounding_of_year` rounds the year's tax first.
    """

    def __init__(self, figures: Figures) -> None:
        self.tables = tables_by_status(figures["table"])
        self.deduction = by_status(figures.get("deduction", ZERO))
        self.exemption = by_status(figures.get("exemption", ZERO))
        self.each = counted(figures)
        self.credit = number(figures, "credit")
        self.rounded = ROUNDINGS[str(figures.get("rounding", "cent"))]
        self.rounded_year = ROUNDINGS[str(figures.get("rounding_of_year", "none"))]

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        annual = basis.annual
        taxable = annual - self._deducted(basis)
        if taxable < 0:
            taxable = ZERO
        owed = self.rounded_year(self._owed(taxable, basis))
        tax = self.rounded(owed / basis.pace.periods)
        if steps is not None:
            steps.append(
                Step(f"Wages {basis.wages} x {basis.pace.periods} pays a year", f"{annual:.2f}")
            )
            steps.append(Step("Less deductions, exemptions and allowances", f"{taxable:.2f}"))
            steps.append(Step(f"Table of the year, {basis.status}, less credits", f"{owed:.2f}"))
            steps.append(Step(f"/ {basis.pace.periods}", f"{tax}"))
        return tax

    def _deducted(self, basis: Basis) -> Decimal:
        """Everything that comes off a year's wages; a state that differs says so here."""
        off = self.deduction[basis.status]
        if basis.claim.told:
            off += self.exemption[basis.status]
            for name, amount in self.each:
                off += amount * basis.claim.counted(name)
        return off

    def _owed(self, taxable: Decimal, basis: Basis) -> Decimal:
        """The year's tax on what is left, less credits."""
        tax = self.tables[basis.status].tax(taxable)
        if self.credit and basis.claim.told:
            tax -= self.credit * basis.claim.allowances
        return tax if tax > 0 else ZERO


class ScaledTable(Annual):
    """The year's table cut down to one pay, its edges in whole dollars, as some states print it."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.rounded_base = ROUNDINGS[str(figures.get("rounding_of_bases", "cent"))]
        self._scaled: dict[tuple[str, Decimal], Table] = {}

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        off = self._deducted(basis) / basis.pace.periods
        taxable = max(basis.wages - off, ZERO)
        tax = self.rounded(self._table(basis.status, basis.pace.periods).tax(taxable))
        if steps is not None:
            label = f"Wages {basis.wages} less this pay's share of deductions and allowances"
            steps.append(Step(label, f"{taxable:.2f}"))
            steps.append(Step(f"Table for {basis.pace.name} pay, {basis.status}", f"{tax}"))
        return tax

    def _table(self, status: str, periods: Decimal) -> Table:
        table = self._scaled.get((status, periods))
        if table is None:
            year = self.tables[status]
            table = Table(
                (dollar_half_up(edge / periods), self.rounded_base(base / periods), rate)
                for edge, base, rate in zip(year.edges, year.bases, year.rates, strict=True)
            )
            self._scaled[status, periods] = table
        return table


class PerPay:
    """One rate on the wages of one pay less its share of deductions, each share in whole cents."""

    def __init__(self, figures: Figures) -> None:
        self.rate = number(figures, "rate")
        self.deduction = by_status(figures.get("deduction", ZERO))
        self.each = counted(figures)
        self.rounded = ROUNDINGS[str(figures.get("rounding", "cent"))]

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        taxable = self.taxable(basis)
        tax = self.rounded(taxable * self.rate)
        if steps is not None:
            label = f"{basis.wages} less this pay's share of deductions and allowances"
            steps += [Step(label, f"{taxable}"), Step(f"at {self.rate:%}", f"{tax}")]
        return tax

    def taxable(self, basis: Basis) -> Decimal:
        """Wages less every share, at least nothing."""
        left = basis.wages
        deduction = self.deduction[basis.status]
        if deduction:
            left -= to_penny(deduction / basis.pace.periods)
        for name, amount in self.each:
            count = basis.claim.counted(name)
            if count:
                left -= to_penny(amount * count / basis.pace.periods)
        return left if left > 0 else NOTHING


class PeriodTable:
    """Tables printed for each kind of pay: less a deduction and so much an allowance, then the row.

    Where no table is printed for how often the worker is paid, the one for a year is used.
    """

    def __init__(self, figures: Figures) -> None:
        tables = cast(Mapping[str, object], figures["tables"])
        self.tables = {name: tables_by_status(rows) for name, rows in tables.items()}
        deductions = cast(Mapping[str, object], figures.get("deductions", {}))
        self.deductions = {name: by_status(value) for name, value in deductions.items()}
        self.allowances = cast(Mapping[str, Decimal], figures.get("allowances", {}))
        tops = cast(Mapping[str, object], figures.get("top_from", {}))
        self.tops = {name: by_status(value) for name, value in tops.items()}
        rates = figures.get("top_rates")
        self.top_rates = Table(cast(list[list[Decimal]], rates)) if rates else None

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        name, periods, whole = basis.pace.name, Decimal(1), basis.wages
        if name not in self.tables:
            if "annual" not in self.tables:
                raise NotHeld(name)
            name, periods, whole = "annual", basis.pace.periods, basis.wages * basis.pace.periods
        net = whole - self._deduction(name, basis.status) - self._allowance(name, basis.claim)
        if net < 0:
            net = ZERO
        if self.top_rates and net >= self.tops[name][basis.status]:
            # New York's Method III: one rate on all of it, chosen by what it makes in a year.
            rate = self.top_rates.rates[self.top_rates.row(net * basis.pace.periods / periods)]
            tax = to_penny(net * rate / periods)
        else:
            tax = to_penny(self.tables[name][basis.status].tax(net) / periods)
        if steps is not None:
            steps.append(Step(f"{whole} less deduction and allowances", f"{net:.2f}"))
            steps.append(Step(f"Table for {name} pay, {basis.status}", f"{tax}"))
        return tax

    def _deduction(self, name: str, status: str) -> Decimal:
        """The deduction of one pay."""
        return self.deductions[name][status] if self.deductions else ZERO

    def _allowance(self, name: str, claim: Claim) -> Decimal:
        """What the allowances claimed take off one pay."""
        return self.allowances[name] * claim.allowances if claim.allowances else ZERO
