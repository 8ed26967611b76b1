"""Levies: what is due on wages at one rate up to a limit, from the worker or beside the pay.

Social Security, Medicare, federal and state unemployment, and what states take for disability,
leave and care are one shape with different figures.

    with 184,000.00 paid before, 1,000.00 more: Social Security on 500.00, the rest of 184,500
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

from rulebook.lines import Line, Step
from rulebook.money import NOTHING, PENNY, to_penny
from rulebook.packs.us import law
from rulebook.packs.us.employers import Employer
from rulebook.packs.us.law import Cite
from rulebook.packs.us.shapes import exact, over, under_cap
from rulebook.packs.us.worksheet import Worksheet

DOLLAR = Decimal(1)
WEEKS_IN_A_YEAR = Decimal(52)
GROSS = ""
SS, MEDICARE, FUTA = "ss", "medicare", "futa"
TAX, BESIDE = "tax", "employer"
UNSAID: tuple[Step, ...] = ()


class Limits(NamedTuple):
    """What bounds a levy besides its wage base; `floor` is what the year's wages must exceed."""

    most_a_week: Decimal | None = None
    most_a_year: Decimal | None = None
    from_employees: int = 0
    worker_share: Decimal = NOTHING
    floor: Decimal | None = None


# One line of one day: kind, code, label, rate, rule, source; the key under which the year's wages
# are kept, their cap, and the column of pre-tax deductions that leave them (none: gross); what the
# law says a whole year's cap comes to, and other limits. A line without a key is on the same wages
# as the line before it. A tuple, since payslips unpack millions of them.
Levy: TypeAlias = tuple[
    str, str, str, Decimal, str, str, str, Decimal | None, str, Decimal | None, Limits | None
]
NO_LIMITS = Limits()
SAME, MEDICARE_WAGES = "", "us.medicare.wages"


class Fica(NamedTuple):
    """The federal levies of a day, and those for wages that pass the floor of the addition."""

    ordinary: tuple[Levy, ...]
    floor: Decimal
    above: tuple[Levy, ...]


@lru_cache(maxsize=64)
def federal(day: date) -> Fica:
    """Social Security, Medicare with its addition, and federal unemployment."""
    ss, medicare = law.table("ss", day), law.table("medicare", day)
    more, futa = law.table("medicare.additional", day), law.table("futa", day)
    names = ("ss", "medicare", "medicare.additional", "futa")
    at_ss, at_medicare, at_more, at_futa = (law.cite(law.figure(name, day)) for name in names)
    whole, most, jobless = ss["wage_base"] + NOTHING, ss["most"], futa["gross"] - futa["credit"]
    rows: tuple[Levy, ...] = (
        (TAX, "us.ss", "Social Security", ss["employee"], *at_ss,
         "us.ss.wages", whole, SS, most, None),
        (BESIDE, "us.ss.employer", "Social Security, employer", ss["employer"], *at_ss,
         SAME, whole, SS, most, None),
        (TAX, "us.medicare", "Medicare", medicare["employee"], *at_medicare,
         MEDICARE_WAGES, None, MEDICARE, None, None),
        (BESIDE, "us.medicare.employer", "Medicare, employer", medicare["employer"], *at_medicare,
         SAME, None, MEDICARE, None, None),
        (TAX, "us.medicare.additional", "Additional Medicare", more["rate"], *at_more,
         SAME, None, MEDICARE, None, Limits(floor=more["over"])),
        (BESIDE, "us.futa", "Federal unemployment", jobless, *at_futa,
         "us.futa.wages", futa["wage_base"] + NOTHING, FUTA, None, None),
    )  # fmt: skip
    return Fica((*rows[:4], *rows[5:]), more["over"], rows)


@lru_cache(maxsize=4096)
def unemployment(state: str, day: date, rate: Decimal, own_base: Decimal | None) -> Levy:
    """A state's unemployment tax at the employer's own rate, on its own base where it has one."""
    figure = law.figure(f"{state}.sui", day)
    base = own_base or law.table(f"{state}.sui", day)["wage_base"]
    code, label = f"us.sui.{state}", f"{state} unemployment"
    rule, source = law.cite(figure)
    return (
        BESIDE,
        code,
        label,
        rate,
        rule,
        source,
        f"{code}.wages",
        base + NOTHING,
        FUTA,
        None,
        None,
    )


@lru_cache(maxsize=1024)
def funds(state: str, day: date) -> tuple[Levy, ...]:
    """What a state takes for disability, leave, care and the like; nothing where it has no fund."""
    if not law.has(f"{state}.programmes"):
        return ()
    figure = law.figure(f"{state}.programmes", day)
    rows = cast(Sequence[Mapping[str, object]], figure.value)
    return tuple(_fund(state, row, law.cite(figure)) for row in rows)


def _fund(state: str, row: Mapping[str, object], cite: Cite) -> Levy:
    def figure(name: str) -> Decimal | None:
        return Decimal(cast(Decimal, row[name])) if name in row else None

    limits = Limits(
        figure("most_a_week"),
        figure("most_a_year"),
        int(cast(int, row.get("from_employees", 0))),
        figure("worker_share") or NOTHING,
    )
    code = f"us.{row['code']}.{state}"
    return (
        BESIDE if row["payer"] == "employer" else TAX,
        code,
        str(row["label"]),
        Decimal(cast(Decimal, row["rate"])),
        *cite,
        f"{code}.wages",
        None if (base := figure("wage_base")) is None else base + NOTHING,
        GROSS if row.get("wages") == "gross" else SS,
        None,
        None if limits == NO_LIMITS else limits,
    )


def unemployment_state(sheet: Worksheet) -> str:
    """The one state that insures this worker: as told, else the only one worked in."""
    return sheet.elections.unemployment or next(iter(sheet.wages.by_place), "")


def charge_federal(sheet: Worksheet) -> None:
    """Charge FICA and federal unemployment; what is withheld stands as the sheet's `fica`."""
    if sheet.elections.w4 is None:
        return
    figures, wages = federal(sheet.on), sheet.wages.taxable
    levies = figures.ordinary
    if sheet.before.get(MEDICARE_WAGES, NOTHING) + wages > figures.floor:
        levies = figures.above
    if sheet.elections.fica_exempt:
        levies = levies[-1:]
    sheet.fica = _charge(sheet, levies, wages)
    if not sheet.firm.is_ordinary and "futa_credit_reduction" in sheet.employer:
        _credit_reduction(sheet)


def charge_states(sheet: Worksheet) -> None:
    """Charge state unemployment, then the funds of every state worked in."""
    wages, firm, on, told = sheet.wages, sheet.firm, sheet.on, sheet.elections
    places = wages.by_place
    if told.w4 is None:
        return
    if len(places) == 1:
        (place,) = places
        insured = told.unemployment or place
        levies = firm.charged.get((insured, place, on))
        _charge(sheet, levies or _of_one_state(firm, insured, place, on), wages.taxable)
    elif places:
        insured = unemployment_state(sheet)
        _charge(sheet, (unemployment(insured, on, *firm.insured[insured]),), wages.taxable)
        for place, earned in places.items():
            _charge(sheet, _funds_of(firm, place, on), earned.whole)


def _of_one_state(firm: Employer, insured: str, place: str, day: date) -> tuple[Levy, ...]:
    """What is charged on wages of one state alone, kept for the firm and day."""
    levies = (unemployment(insured, day, *firm.insured[insured]), *_funds_of(firm, place, day))
    firm.charged[insured, place, day] = levies
    return levies


def _funds_of(firm: Employer, place: str, day: date) -> tuple[Levy, ...]:
    """A state's funds, but for those that begin with more workers than the firm says it has."""
    employees = firm.told.get("employees")
    if not isinstance(employees, int):
        return funds(place, day)
    return tuple(
        levy
        for levy in funds(place, day)
        if levy[-1] is None or employees >= levy[-1].from_employees
    )


def _charge(  # noqa: C901 - every payslip passes here for every line; calls would cost the most
    sheet: Worksheet, levies: Sequence[Levy], wages: Decimal
) -> Decimal:
    """Charge levies on wages, each on the part of them that it counts; gives what is withheld."""
    carried, before, append = sheet.carried, sheet.before, sheet.rows.append
    cut, explains, withheld = sheet.pretax.whole, sheet.explains, NOTHING
    base, room, wages_key = wages, None, ""
    why = UNSAID
    for levy in levies:
        kind, code, label, rate, rule, source, key, cap, column, most, limits = levy
        if key:
            base, room, wages_key = wages, None, key
            if cut and column:
                base -= _off(sheet, column, wages)
            if cap is not None:
                room = cap - before[key] if key in before else cap
                if room <= base:
                    base = room if room > 0 else NOTHING
            if base:
                carried[key] = carried[key] + base if key in carried else base
        amount, counted = (base * rate).quantize(PENNY, ROUND_HALF_UP), base
        if most is not None and base is room:
            amount = _filled(before.get(code), amount, most)
        if limits is not None:
            counted, amount = _limited(sheet, levy, base, amount)
        if explains:
            why = _explained(levy, counted, amount, before.get(wages_key, NOTHING))
        append((kind, code, label, amount, counted, rule, source, "", why))
        if amount:
            carried[code] = carried[code] + amount if code in carried else amount
            if kind is TAX:
                withheld += amount
    sheet.required += withheld
    return withheld


def _filled(before: Decimal | None, amount: Decimal, most: Decimal) -> Decimal:
    """What fills a cap; pennies that single payments gained or lost are evened out here."""
    if before is None:
        return amount
    left = most - before
    return left if abs(left - amount) < DOLLAR and left >= 0 else amount


def _off(sheet: Worksheet, column: str, wages: Decimal) -> Decimal:
    """The pre-tax pay that leaves these wages: all of it, or one state's share."""
    off = sheet.pretax.off(column)
    whole = sheet.wages.taxable
    return off if wages == whole or not whole else to_penny(off * wages / whole)


def _explained(levy: Levy, base: Decimal, amount: Decimal, before: Decimal) -> tuple[Step, ...]:
    _, _, _, rate, _, _, _, cap, _, _, limits = levy
    label = "Wages"
    if cap is not None:
        label = f"Wages under the year's {cap}, of which {before} before"
    elif limits is not None and limits.floor is not None:
        label = f"Wages above the year's {limits.floor}, with {before} before"
    return Step(label, f"{base}"), Step(f"at {rate:%}", f"{amount}")


def _limited(
    sheet: Worksheet, levy: Levy, base: Decimal, amount: Decimal
) -> tuple[Decimal, Decimal]:
    """The wages counted, and an amount within what a week and a year may bear.

    What is passed on to the worker is off the amount.
    """
    _, code, _, rate, _, _, _, _, _, _, limits = levy
    if limits is None:
        return base, amount
    if limits.floor is not None:
        base = over(sheet.before.get(MEDICARE_WAGES, NOTHING), base, limits.floor)
        amount = to_penny(base * rate)
    if limits.most_a_week is not None:
        amount = min(amount, to_penny(limits.most_a_week * WEEKS_IN_A_YEAR / sheet.pace.periods))
    if limits.most_a_year is not None:
        amount = under_cap(sheet.before.get(code, NOTHING), amount, limits.most_a_year)
    if limits.worker_share:
        amount -= _passed_on(sheet, levy, base, limits.worker_share)
    return base, amount


def _passed_on(sheet: Worksheet, levy: Levy, base: Decimal, most: Decimal) -> Decimal:
    """What the employer takes from pay of a contribution it may share, at its chosen rate."""
    _, code, label, _, rule, source, *_ = levy
    shares = cast(Mapping[str, object], sheet.employer.get("worker_shares", {}))
    rate = exact(shares.get(code.removeprefix("us."), NOTHING))
    tax = to_penny(base * rate)
    if tax:
        steps = sheet.steps()
        if steps is not None:
            steps.append(Step(f"{base} at {rate:%}, at most {most:%}", f"{tax}"))
        code, label = f"{code}.worker", f"{label}, worker's share"
        sheet.tax(code, label, tax, base, Cite(rule, source), steps=steps)
        sheet.carry(code, tax)
    return tax


def _credit_reduction(sheet: Worksheet) -> None:
    """Accrue what a state's federal loans will cost at year end, where the firm says so."""
    told = sheet.employer["futa_credit_reduction"]
    line = next(Line(*row) for row in sheet.rows if row[1] == "us.futa")
    if isinstance(told, Mapping):
        told = told.get(unemployment_state(sheet), NOTHING)
    rate = exact(told)
    amount = to_penny(line.base * rate)
    if amount:
        steps = sheet.steps()
        if steps is not None:
            steps.append(Step(f"{line.base} at {rate:%}, accrued for year end", f"{amount}"))
        code, label = "us.futa.credit_reduction", "Federal unemployment, credit reduction"
        sheet.cost(code, label, amount, line.base, Cite(line.rule, line.source), steps=steps)
        sheet.carry(code, amount)
