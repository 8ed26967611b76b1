"""Peculiar: methods that only one state has."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import cast

from rulebook.lines import Step
from rulebook.money import NOTHING, dollar_half_up, to_penny
from rulebook.packs.us.methods import Annual, Basis, Figures, NotHeld, PeriodTable, number
from rulebook.packs.us.shapes import ZERO, Table, above, by_status, step, tables_by_status
from rulebook.packs.us.worksheet import Steps

Rows = Sequence[Sequence[Decimal]]
THIRD_ALLOWANCE = 3


class Alabama(Annual):
    """Federal tax is deductible, and the standard deduction steps down as wages rise."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        down = cast(Mapping[str, Mapping[str, Decimal]], figures["steps_down"])
        self.down = {status: down[status] for status in self.deduction}
        self.dependent = cast(Rows, figures["dependent"])

    def _deducted(self, basis: Basis) -> Decimal:
        down = self.down[basis.status]
        steps = max((basis.annual - down["from"]) / down["every"], ZERO).quantize(
            Decimal(1), ROUND_FLOOR
        )
        standard = max(down["most"] - steps * down["by"], down["least"])
        off = standard + basis.federal_tax * basis.pace.periods
        if basis.claim.told:
            off += self.exemption[basis.status] + step(
                self.dependent, basis.annual
            ) * basis.claim.counted("dependents")
        return off


class Arkansas(Annual):
    """Income is read at the middle of its hundred dollars, and the year's tax is whole dollars."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.subtrahends = cast(Sequence[Decimal], figures["subtrahends"])
        self.not_held_above = number(figures, "not_held_above")

    def _owed(self, taxable: Decimal, basis: Basis) -> Decimal:
        if taxable > self.not_held_above:
            raise NotHeld("high_income")
        table = self.tables[basis.status]
        middle = (taxable / 100).quantize(Decimal(1), ROUND_FLOOR) * 100 + 50
        row = table.row(middle)
        tax = dollar_half_up(table.rates[row] * middle - self.subtrahends[row])
        return max(tax - self.credit * basis.claim.allowances, ZERO)


class California(PeriodTable):
    """Method B: nothing on low incomes, estimated deductions, and a credit for each allowance."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.low = cast(Mapping[str, Sequence[Decimal]], figures["low_income"])
        self.standard = cast(Mapping[str, Sequence[Decimal]], figures["standard_deduction"])
        self.estimated = cast(Mapping[str, Decimal], figures["estimated_deduction_each"])
        self.credit = number(figures, "credit")

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        name, periods, wages, credits_a_year = (
            basis.pace.name,
            Decimal(1),
            basis.wages,
            basis.pace.periods,
        )
        if basis.annualised or name not in self.tables:
            # The schedules allow this for every pay, and ask for it where no table is printed.
            name, periods, wages, credits_a_year = (
                "annual",
                basis.pace.periods,
                wages * basis.pace.periods,
                periods,
            )
        wide = basis.status == "head" or (basis.status == "married" and basis.claim.allowances >= 2)
        if wages <= self.low[name][wide]:
            if steps is not None:
                steps.append(Step(f"{wages} is not over the low income exemption", "0.00"))
            return NOTHING
        net = wages - self.estimated[name] * basis.claim.counted("estimated_deduction_allowances")
        net = max(net - self.standard[name][wide], ZERO)
        computed = to_penny(self.tables[name][basis.status].tax(net))
        credit = to_penny(self.credit * basis.claim.allowances / credits_a_year)
        tax = max(to_penny((computed - credit) / periods), NOTHING)
        if steps is not None:
            steps.append(Step(f"{wages} less estimated and standard deductions", f"{net}"))
            steps.append(Step(f"Table for {name} pay, {basis.status}", f"{computed}"))
            steps.append(Step(f"Less {basis.claim.allowances} allowances: {credit}", f"{tax}"))
        return tax


class Colorado(Annual):
    """The worker may put an amount of deductions (DR 0004 line 2) in place of the standard one."""

    def _deducted(self, basis: Basis) -> Decimal:
        if "annual_deduction" in basis.claim.counts:
            return basis.claim.counts["annual_deduction"]
        return self.deduction[basis.status]


class Connecticut:
    """By the code of Form CT-W4: an exemption, a table, amounts added back, a share credited."""

    def __init__(self, figures: Figures) -> None:
        self.without = number(figures, "without_certificate")
        self.exemptions = cast(Mapping[str, Sequence[Decimal]], figures["exemptions"])
        tables = cast(Mapping[str, Rows], figures["tables"])
        self.tables = {code: Table(rows) for code, rows in tables.items()}
        self.added = (
            cast(Mapping[str, Rows], figures["addback"]),
            cast(Mapping[str, Rows], figures["recapture"]),
        )
        self.credit = cast(Mapping[str, Rows], figures["credit"])

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        code = basis.claim.told.get("code")
        if code is None:
            tax = to_penny(basis.wages * self.without)
            if steps is not None:
                steps.append(Step(f"No CT-W4: {basis.wages} at {self.without:%}", f"{tax}"))
            return tax
        if code not in self.tables:
            raise NotHeld(f"code_{code}")
        return self._by_code(str(code), basis, steps)

    def _by_code(self, code: str, basis: Basis, steps: Steps | None) -> Decimal:
        annual = basis.annual
        taxable = max(annual - self._exemption(code, annual), ZERO)
        first = self.tables[code].tax(taxable)
        whole = first + sum((above(rows[code], annual) for rows in self.added), ZERO)
        share = above(self.credit.get(code, ()), annual)
        owed = to_penny(whole * (1 - share)) if taxable else ZERO
        tax = to_penny(owed / basis.pace.periods)
        if steps is not None:
            steps.append(
                Step(f"{annual:.2f} a year less the exemption of code {code}", f"{taxable}")
            )
            steps.append(Step("Table, added back and recaptured", f"{whole:.2f}"))
            steps.append(Step(f"Less a credit of {share:%}", f"{owed}"))
            steps.append(Step(f"/ {basis.pace.periods}", f"{tax}"))
        return tax

    def _exemption(self, code: str, annual: Decimal) -> Decimal:
        if code not in self.exemptions:
            return ZERO
        until, exemption = self.exemptions[code]
        if annual <= until:
            return exemption
        lost = ((annual - until) / 1000).quantize(Decimal(1), ROUND_CEILING) * 1000
        return max(exemption - lost, ZERO)


class Iowa:
    """One rate on pay less a deduction for the household, less the allowance in dollars."""

    def __init__(self, figures: Figures) -> None:
        self.rate = number(figures, "rate")
        deductions = cast(Mapping[str, object], figures["deductions"])
        self.deductions = {name: by_status(value) for name, value in deductions.items()}

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        deduction = self.deductions.get(basis.pace.name)
        if deduction is None:
            raise NotHeld(basis.pace.name)
        taxable = max(basis.wages - deduction[basis.status], ZERO)
        less = basis.claim.counted("allowance_amount") / basis.pace.periods
        tax = max(to_penny(taxable * self.rate - less), NOTHING)
        if steps is not None:
            steps.append(Step(f"{basis.wages} less {deduction[basis.status]}", f"{taxable}"))
            steps.append(Step(f"at {self.rate:%}, less allowance {less:.2f}", f"{tax}"))
        return tax


class Maine(Annual):
    """The standard deduction shrinks to nothing between two incomes."""

    def __init__(self, figures: Figures) -> None:
        super().__init__({**figures, "deduction": ZERO})
        self.standard = cast(Mapping[str, Decimal], figures["deduction"])
        self.shrinks = cast(Mapping[str, Sequence[Decimal]], figures["shrinks"])

    def _deducted(self, basis: Basis) -> Decimal:
        status = "married" if basis.status == "married" else "single"
        if status not in self.standard:
            raise NotHeld(f"deduction_{status}")
        starts, ends = self.shrinks[status]
        share = min(max((ends - basis.annual) / (ends - starts), ZERO), Decimal(1))
        return super()._deducted(basis) + self.standard[status] * share


class Maryland(Annual):
    """The county's rate, or its own table, beside the state's; a nonresident pays the lowest."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.counties = cast(Mapping[str, Decimal], figures["counties"])
        graduated = cast(Mapping[str, object], figures["graduated"])
        self.graduated = {county: tables_by_status(rows) for county, rows in graduated.items()}
        self.nonresident = number(figures, "nonresident")
        self.unknown = number(figures, "without_county")

    def _owed(self, taxable: Decimal, basis: Basis) -> Decimal:
        return super()._owed(taxable, basis) + self._local(taxable, basis)

    def _local(self, taxable: Decimal, basis: Basis) -> Decimal:
        county = basis.claim.told.get("county")
        if not basis.resident:
            return taxable * self.nonresident
        if county is None:
            return taxable * self.unknown
        if county in self.graduated:
            return self.graduated[str(county)][basis.status].tax(taxable)
        if county not in self.counties:
            raise NotHeld(f"county.{county}")
        return taxable * self.counties[str(county)]


class Massachusetts(Annual):
    """FICA is deductible until the year's limit; an exemption factor for each kind of pay."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.low = number(figures, "low_income")
        self.head, self.blind = number(figures, "head_credit"), number(figures, "blind_credit")
        self.each_exemption = cast(Mapping[str, Decimal], figures["each_exemption"])
        self.any_exemption = cast(Mapping[str, Decimal], figures["any_exemption"])

    def _deducted(self, basis: Basis) -> Decimal:
        off = basis.fica
        if basis.claim.allowances:
            if basis.pace.name not in self.any_exemption:
                raise NotHeld(basis.pace.name)
            off += self.each_exemption[basis.pace.name] * basis.claim.allowances
            off += self.any_exemption[basis.pace.name]
        return off * basis.pace.periods

    def _owed(self, taxable: Decimal, basis: Basis) -> Decimal:
        if basis.claim.allowances and basis.annual < self.low:
            return ZERO
        tax = super()._owed(taxable, basis)
        if basis.status == "head":
            tax -= self.head
        if basis.claim.told.get("blind") is True:
            tax -= self.blind
        return max(tax, ZERO)


class NewJersey(PeriodTable):
    """Tables by letter: the one chosen on Form NJ-W4, or the filing status's own."""

    def __init__(self, figures: Figures) -> None:
        tables = cast(Mapping[str, Mapping[str, Rows]], figures["tables"])
        self.letters = cast(Mapping[str, str], figures["letters"])
        self.by_letter = {
            name: {letter: Table(rows) for letter, rows in letters.items()}
            for name, letters in tables.items()
        }
        super().__init__({"tables": {}, "allowances": figures["allowances"]})

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        letters = self.by_letter.get(basis.pace.name)
        letter = str(basis.claim.told.get("code") or self.letters[basis.status])
        if letters is None or letter not in letters:
            raise NotHeld(f"{basis.pace.name}_{letter}")
        net = max(basis.wages - self._allowance(basis.pace.name, basis.claim), ZERO)
        tax = to_penny(letters[letter].tax(net))
        if steps is not None:
            steps.append(Step(f"{basis.wages} less allowances", f"{net}"))
            steps.append(Step(f"Table {letter} for {basis.pace.name} pay", f"{tax}"))
        return tax


class Oregon(Annual):
    """Federal tax is deductible up to a limit that falls with wages."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.without = number(figures, "without_certificate")
        self.most = cast(Mapping[str, Rows], figures["federal_most"])

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        if not basis.claim.told:
            tax = to_penny(basis.wages * self.without)
            if steps is not None:
                steps.append(Step(f"No OR-W-4: {basis.wages} at {self.without:%}", f"{tax}"))
            return tax
        if basis.claim.allowances >= THIRD_ALLOWANCE:
            basis = basis._replace(status="married")
        return super().tax(basis, steps)

    def _deducted(self, basis: Basis) -> Decimal:
        rows = self.most["married" if basis.status == "married" else "single"]
        federal = min(basis.federal_tax * basis.pace.periods, step(rows, basis.annual))
        return super()._deducted(basis) + federal


class RhodeIsland(Annual):
    """Exemptions end at once above an income."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.ceiling = number(figures, "exemption_wage_ceiling")

    def _deducted(self, basis: Basis) -> Decimal:
        return ZERO if basis.annual > self.ceiling else super()._deducted(basis)


class SouthCarolina(Annual):
    """The standard deduction is a share of wages, for those alone who claim an allowance."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.share, self.most = number(figures, "share"), number(figures, "most")

    def _deducted(self, basis: Basis) -> Decimal:
        if not basis.claim.allowances:
            return ZERO
        return super()._deducted(basis) + min(basis.annual * self.share, self.most)


class Utah:
    """A share of pay less a credit that shrinks as pay rises; every line of it in whole dollars."""

    def __init__(self, figures: Figures) -> None:
        self.rate, self.shrinks = number(figures, "rate"), number(figures, "shrinks")
        self.credit = by_status(figures["credit"])
        self.floor = by_status(figures["shrinks_from"])

    def tax(self, basis: Basis, steps: Steps | None) -> Decimal:
        """What to withhold from one pay."""
        first = dollar_half_up(basis.wages * self.rate)
        above = max(
            basis.wages - dollar_half_up(self.floor[basis.status] / basis.pace.periods), ZERO
        )
        credit = dollar_half_up(self.credit[basis.status] / basis.pace.periods)
        credit = max(credit - dollar_half_up(above * self.shrinks), ZERO)
        tax = max(first - credit, ZERO)
        if steps is not None:
            steps.append(Step(f"{basis.wages} at {self.rate:%}", f"{first}"))
            steps.append(Step(f"Less credit {credit}", f"{tax}"))
        return tax


class Wisconsin(Annual):
    """The standard deduction slides away as wages rise."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.slides = cast(Mapping[str, Sequence[Decimal]], figures["slides"])

    def _deducted(self, basis: Basis) -> Decimal:
        full, starts, rate, gone = self.slides["married" if basis.status == "married" else "single"]
        slid = (
            max(full - rate * max(basis.annual - starts, ZERO), ZERO)
            if basis.annual < gone
            else ZERO
        )
        return super()._deducted(basis) + slid


METHODS: dict[str, type] = {
    "alabama": Alabama,
    "arkansas": Arkansas,
    "california": California,
    "colorado": Colorado,
    "connecticut": Connecticut,
    "iowa": Iowa,
    "maine": Maine,
    "maryland": Maryland,
    "massachusetts": Massachusetts,
    "new_jersey": NewJersey,
    "oregon": Oregon,
    "rhode_island": RhodeIsland,
    "south_carolina": SouthCarolina,
    "utah": Utah,
    "wisconsin": Wisconsin,
}
