"""Taxes: what is charged on top of an invoice, by treatment and by the day of the tax point."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import cast

from rulebook.timeline import NoRule, Rules

GB_PARAMETERS = Path(__file__).parent / "packs" / "gb" / "parameters"
REVERSE_CHARGE_LEGEND = "Reverse charge: customer to account for the VAT to HMRC."


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One tax treatment in force from a day: its share of net, its EN 16931 category, its source.

    `category` is S (standard and reduced), Z, E (exempt), O (outside scope) or AE (reverse charge).
    `until` is the first day no longer covered. A firm's own row (US sales tax) says so in `source`.
    """

    code: str
    category: str
    share: Decimal
    label: str
    since: date
    until: date | None = None
    legend: str = ""
    source: str = ""

    @property
    def version(self) -> str:
        """The treatment and its first day, as stored beside every amount made with it."""
        return f"{self.code}@{self.since.isoformat()}"


class TaxTable:
    """Tax treatments by code and day; a country's, a firm's, or both."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Iterable[TaxRate] = ()) -> None:
        by_code: dict[str, list[TaxRate]] = {}
        for row in sorted(rows, key=lambda row: (row.code, row.since)):
            by_code.setdefault(row.code, []).append(row)
        self._rows: Mapping[str, tuple[TaxRate, ...]] = MappingProxyType(
            {code: tuple(many) for code, many in by_code.items()}
        )

    def on(self, code: str, day: date) -> TaxRate:
        """The treatment in force on a tax point; NoRule when none is held for that day."""
        for row in reversed(self._rows.get(code, ())):
            if row.since <= day and (row.until is None or day < row.until):
                return row
        raise NoRule(f"tax.{code}", day)

    def including(self, rows: Iterable[TaxRate]) -> "TaxTable":
        """The same table with a firm's own rows beside it."""
        return TaxTable((*(row for many in self._rows.values() for row in many), *rows))

    @property
    def codes(self) -> tuple[str, ...]:
        """Every treatment held, in order."""
        return tuple(self._rows)


VAT_TREATMENTS = {
    "standard": ("S", "VAT {share} %", ""),
    "reduced": ("S", "VAT {share} %", ""),
    "zero": ("Z", "VAT 0 %", ""),
    "exempt": ("E", "Exempt from VAT", "Exempt from VAT."),
    "outside": ("O", "Outside the scope of VAT", "Outside the scope of UK VAT."),
    "reverse_charge": ("AE", "Reverse charge", REVERSE_CHARGE_LEGEND),
}


@cache
def uk_vat() -> TaxTable:
    """UK VAT treatments from the country's parameter files."""
    rules = Rules.read(GB_PARAMETERS, "gb")
    rows = []
    for code, (category, label, legend) in VAT_TREATMENTS.items():
        for figure in rules[f"gb.vat.{code}"].figures:
            share = cast(Decimal, figure.value)
            words = label.format(share=f"{share * 100:f}".rstrip("0").rstrip("."))
            rows.append(
                TaxRate(
                    code,
                    category,
                    share,
                    words,
                    figure.since,
                    figure.until,
                    legend,
                    figure.source,
                )
            )
    return TaxTable(rows)


UNTAXED = TaxRate("none", "O", Decimal(0), "No tax", date(1, 1, 1), source="no tax is charged")


def sales_tax(
    code: str, share: Decimal, label: str, since: date, *, until: date | None = None, source: str
) -> TaxRate:
    """A firm-held US sales tax row: the share of net its own adviser or state notice gives."""
    return TaxRate(code, "S", share, label, since, until, source=source)


@cache
def us_without_sales_tax() -> TaxTable:
    """The US table before a firm's own rows: staffing is untaxed unless the firm says otherwise."""
    return TaxTable((UNTAXED,))
