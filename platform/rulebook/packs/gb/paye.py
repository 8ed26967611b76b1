"""PAYE: income tax from pay to date, in the steps and with the roundings of HMRC's routines.

code    paid monthly, month 1   free pay   taxable   whole pounds   tax
1257L   2,500.00                1,048.26   1,451.74  1,451          290.20
K255    1,000.00                 +213.25   1,213.25  1,213          242.60
BR      1,000.99                      -    1,000.99  1,000          200.00
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import cast

from rulebook.lines import Step, percent
from rulebook.money import NOTHING, PENNY, penny_up, pound_down
from rulebook.packs.gb import law
from rulebook.packs.gb.codes import TaxCode
from rulebook.packs.gb.taxyear import payday

POUND = Decimal(1)
FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Band:
    """Taxable pay up to `chosen_up_to` (None: all the rest); `since` and `tax_since` are exact."""

    chosen_up_to: Decimal | None
    since: Decimal
    tax_since: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class TaxTable:
    """What a code and a payday fix: free pay (negative: pay to add), bands, limit, where from."""

    code: TaxCode
    number: int
    alone: bool
    free_pay: Decimal
    bands: tuple[Band, ...]
    limit: Decimal
    rule: str
    source: str


def period_value(number: int, base: int, day: date) -> Decimal:
    """Free (or additional) pay of one week or month for the number of a code."""
    if number == 0:
        return NOTHING
    per_step = law.table("paye.free_pay", day)
    whole, rest = divmod(number - 1, int(per_step["step"]))
    remainder = penny_up(Decimal((rest + 1) * 10 + 9) / base)
    return remainder + whole * per_step["week" if base == 52 else "month"]


def bands_of(rows: tuple[tuple[object, Decimal], ...], number: int, base: int) -> tuple[Band, ...]:
    """Cut annual bands down to the part of the year that `number` of `base` is."""
    bands, since, tax = [], Decimal(0), Decimal(0)
    for ends, rate in rows:
        exact, tax_exact = _part(since, number, base), _part(tax, number, base)
        if not isinstance(ends, Decimal):
            bands.append(Band(None, exact, tax_exact, rate))
            break
        edge = _part(ends, number, base)
        bands.append(Band(-pound_down(-edge), exact, tax_exact, rate))
        since, tax = ends, tax + (ends - since) * rate
    return tuple(bands)


def _part(annual: Decimal, number: int, base: int) -> Decimal:
    return (annual * number / base).quantize(FOUR_PLACES, ROUND_DOWN)


@lru_cache(maxsize=65536)
def tax_table(code: TaxCode, pay_on: date, frequency: str) -> TaxTable:
    """Prepare the sum for a code and a payday; NoRule when the year's law is not held."""
    when = payday(pay_on, frequency)
    alone = code.alone or when.extra
    number = when.covers if alone else when.number
    limit = law.amount("paye.limit", pay_on)
    if code.form in {"flat", "nt"}:
        held = law.figure(f"paye.flat.{code.nation}", pay_on)
        rates = cast(Mapping[str, Decimal], held.value)
        rate = rates[code.flat] if code.form == "flat" else Decimal(0)
        bands: tuple[Band, ...] = (Band(None, Decimal(0), Decimal(0), rate),)
        free_pay = NOTHING
    else:
        held = law.figure(f"paye.bands.{code.nation}", pay_on)
        rows = cast(tuple[tuple[object, Decimal], ...], held.value)
        bands = bands_of(rows, number, when.base)
        free_pay = period_value(code.number, when.base, pay_on) * number
        free_pay = -free_pay if code.form == "k" else free_pay
    return TaxTable(code, number, alone, free_pay, bands, limit, held.version, held.source)


def tax_on(table: TaxTable, pay: Decimal) -> Decimal:
    """Tax on pay to date (or, taxed alone, on this payment), never below zero."""
    taxable = pay - table.free_pay
    band = band_of(table, taxable)
    if band is None:
        return NOTHING
    above = taxable.quantize(POUND, ROUND_FLOOR) - band.since
    return (band.tax_since + above * band.rate).quantize(PENNY, ROUND_DOWN)


def band_of(table: TaxTable, taxable: Decimal) -> Band | None:
    """The band that taxable pay falls into; None where there is nothing to tax."""
    if taxable <= 0:
        return None
    for band in table.bands:
        if band.chosen_up_to is None or taxable <= band.chosen_up_to:
            return band
    raise ValueError("the last band of a table has no end")


def tax(
    table: TaxTable,
    pay: Decimal,
    pay_before: Decimal,
    tax_before: Decimal,
    benefits: Decimal = NOTHING,
) -> Decimal:
    """Tax of this payment; negative is a refund. Never above half of what is paid in money."""
    due = tax_on(table, pay) if table.alone else tax_on(table, pay_before + pay) - tax_before
    paid = pay - benefits if benefits else pay
    most = (paid * table.limit).quantize(PENNY, ROUND_DOWN) if paid > 0 else NOTHING
    return most if due > most else due


def steps(
    table: TaxTable,
    pay: Decimal,
    pay_before: Decimal,
    tax_before: Decimal,
    benefits: Decimal = NOTHING,
) -> tuple[Step, ...]:
    """Say in words how the tax of this payment came about."""
    counted = pay if table.alone else pay_before + pay
    taxable = counted - table.free_pay
    said = [
        Step(
            f"Code {table.code.text}, "
            + ("this payment by itself" if table.alone else f"cumulative, period {table.number}"),
            f"{counted:.2f}",
        )
    ]
    if table.free_pay > 0:
        said.append(Step("Less free pay", f"{table.free_pay:.2f}"))
    elif table.free_pay < 0:
        said.append(Step("Plus additional pay of a K code", f"{-table.free_pay:.2f}"))
    said.append(Step("Taxable, in whole pounds", f"{max(pound_down(taxable), Decimal(0))}"))
    if (band := band_of(table, taxable)) is not None:
        below = f"{band.tax_since:f} up to {band.since:f}, then " if band.since else ""
        said.append(
            Step(f"{below}{percent(band.rate)} of the rest", f"{tax_on(table, counted):.2f}")
        )
    if not table.alone:
        said.append(Step("Less tax already deducted this year", f"{tax_before:.2f}"))
    result = tax(table, pay, pay_before, tax_before, benefits)
    unlimited = tax_on(table, counted) - (NOTHING if table.alone else tax_before)
    if result != unlimited:
        said.append(Step(f"Not more than {percent(table.limit)} of this payment", f"{result:.2f}"))
    said.append(Step("Refund" if result < 0 else "Tax of this payment", f"{abs(result):.2f}"))
    return tuple(said)
