"""Levies: what is due on wages at one rate up to a limit, from the worker or beside the pay.

Social Security, Medicare, federal and state unemployment, and what states take for disability,
leave and care are one shape with different figures.

    with 184,000.00 paid before, 1,000.00 more: Social Security on 500.00, the rest of 184,500
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple, cast

from rulebook.lines import Line, Step
from rulebook.money import NOTHING, PENNY, to_penny
from rulebook.packs.us import law
from rulebook.packs.us.law import Cite
from rulebook.packs.us.shapes import exact, over, under_cap
from rulebook.packs.us.worksheet import Worksheet

DOLLAR = Decimal(1)
WEEKS_IN_A_YEAR = Decimal(52)
GROSS = ""
SS, MEDICARE, FUTA = "ss", "medicare", "futa"


class Limits(NamedTuple):
    """What bounds a levy besides its wage base."""

    most_of_year: Decimal | None = None
    most_a_week: Decimal | None = None
    most_a_year: Decimal | None = None
    from_employees: int = 0
    worker_share: Decimal = NOTHING


class Levy(NamedTuple):
    """One levy of one day. `column` says which pre-tax deductions leave its wages (none: gross).

    Above a `floor`, or under a `cap`, of the year's wages. `counts` is false for the twin of a levy
    on the same wages, which are counted once.
    """

    kind: str
    code: str
    label: str
    rate: Decimal
    cite: Cite
    column: str
    cap: Decimal | None = None
    floor: Decimal | None = None
    wages_key: str = ""
    counts: bool = True
    limits: Limits | None = None


@lru_cache(maxsize=64)
def federal(day: date) -> tuple[Levy, ...]:
    """Social Security, Medicare with its addition, and federal unemployment."""
    ss, medicare = law.table("ss", day), law.table("medicare", day)
    more, futa = law.table("medicare.additional", day), law.table("futa", day)
    names = ("ss", "medicare", "medicare.additional", "futa")
    at_ss, at_medicare, at_more, at_futa = (law.cite(law.figure(name, day)) for name in names)
    whole = Limits(most_of_year=ss["most"])
    ss_key, medicare_key = "us.ss.wages", "us.medicare.wages"
    rate, cap = ss["employee"], ss["wage_base"]
    return (
        Levy("tax", "us.ss", "Social Security", rate, at_ss, SS, cap, None, ss_key, True, whole),
        Levy(
            "employer", "us.ss.employer", "Social Security, employer", ss["employer"], at_ss, SS,
            cap, None, ss_key, False, whole,
        ),
        Levy(
            "tax", "us.medicare", "Medicare", medicare["employee"], at_medicare, MEDICARE,
            wages_key=medicare_key,
        ),
        Levy(
            "employer", "us.medicare.employer", "Medicare, employer", medicare["employer"],
            at_medicare, MEDICARE, wages_key=medicare_key, counts=False,
        ),
        Levy(
            "tax", "us.medicare.additional", "Additional Medicare", more["rate"], at_more, MEDICARE,
            floor=more["over"], wages_key=medicare_key, counts=False,
        ),
        Levy(
            "employer", "us.futa", "Federal unemployment", futa["gross"] - futa["credit"], at_futa,
            FUTA, futa["wage_base"], wages_key="us.futa.wages",
        ),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def unemployment(
    state: str, day: date, rate: Decimal, own_base: Decimal | None
) -> tuple[Levy, ...]:
    """A state's unemployment tax at the employer's own rate, on its own base where it has one."""
    figure = law.figure(f"{state}.sui", day)
    base = own_base or law.table(f"{state}.sui", day)["wage_base"]
    code = f"us.sui.{state}"
    label = f"{state} unemployment"
    key = f"{code}.wages"
    return (Levy("employer", code, label, rate, law.cite(figure), FUTA, base, None, key),)


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
        None,
        figure("most_a_week"),
        figure("most_a_year"),
        int(cast(int, row.get("from_employees", 0))),
        figure("worker_share") or NOTHING,
    )
    code = f"us.{row['code']}.{state}"
    return Levy(
        "employer" if row["payer"] == "employer" else "tax",
        code,
        str(row["label"]),
        Decimal(cast(Decimal, row["rate"])),
        cite,
        GROSS if row.get("wages") == "gross" else SS,
        figure("wage_base"),
        None,
        f"{code}.wages",
        True,
        limits if limits != Limits() else None,
    )


def unemployment_state(sheet: Worksheet) -> str:
    """The one state that insures this worker: as told, else the only one worked in."""
    return sheet.elections.unemployment or next(iter(sheet.wages.by_place), "")


def charge_federal(sheet: Worksheet) -> Decimal:
    """Charge FICA and federal unemployment; gives the FICA withheld."""
    levies = federal(sheet.on)
    if sheet.elections.fica_exempt:
        levies = levies[-1:]
    before = sheet.required
    _charge(sheet, levies, sheet.wages.taxable)
    fica = sheet.required - before
    if "futa_credit_reduction" in sheet.employer:
        _credit_reduction(sheet, levies[-1])
    return fica


def charge_states(sheet: Worksheet) -> None:
    """Charge state unemployment, then the funds of every state worked in."""
    wages = sheet.wages
    if wages.by_place:
        state = unemployment_state(sheet)
        own = cast(Mapping[str, Mapping[str, object]], sheet.employer["suta"])[state]
        base = own.get("wage_base")
        own_base = None if base is None else exact(base)
        levies = unemployment(state, sheet.on, exact(own["rate"]), own_base)
        _charge(sheet, levies, wages.taxable)
    for state, earned in wages.by_place.items():
        levies = funds(state, sheet.on)
        if levies:
            _charge(sheet, levies, earned.whole)


def _charge(sheet: Worksheet, levies: Sequence[Levy], wages: Decimal) -> None:
    """Charge levies on wages, each on the part of them that it counts."""
    carried, had, append = sheet.carried, sheet.before.get, sheet.lines.append
    plain = not sheet.pretax.whole
    for levy in levies:
        kind, code, label, rate, cite, column, cap, floor, key, counts, limits = levy
        base = wages if plain or not column else wages - _off(sheet, column, wages)
        if cap is not None:
            base = under_cap(had(key, NOTHING), base, cap)
        elif floor is not None:
            base = over(had(key, NOTHING), base, floor)
            if not base:
                continue
        amount = (base * rate).quantize(PENNY, ROUND_HALF_UP)
        if limits is not None:
            if limits.from_employees and _too_small(sheet, limits.from_employees):
                continue
            amount = _limited(sheet, levy, limits, base, amount)
        why = _explained(levy, base, amount, had(key, NOTHING)) if sheet.explains else ()
        append(Line(kind, code, label, amount, base, cite[0], cite[1], "", why))
        if amount:
            carried[code] = carried.get(code, NOTHING) + amount
            if kind == "tax":
                sheet.required += amount
        if counts and base:
            carried[key] = carried.get(key, NOTHING) + base


def _off(sheet: Worksheet, column: str, wages: Decimal) -> Decimal:
    """The pre-tax pay that leaves these wages: all of it, or one state's share."""
    off = sheet.pretax.off(column)
    whole = sheet.wages.taxable
    return off if wages == whole or not whole else to_penny(off * wages / whole)


def _explained(levy: Levy, base: Decimal, amount: Decimal, before: Decimal) -> tuple[Step, ...]:
    label = "Wages"
    if levy.cap is not None:
        label = f"Wages under the year's {levy.cap}, of which {before} before"
    elif levy.floor is not None:
        label = f"Wages above the year's {levy.floor}, with {before} before"
    return Step(label, f"{base}"), Step(f"at {levy.rate:%}", f"{amount}")


def _limited(
    sheet: Worksheet, levy: Levy, limits: Limits, base: Decimal, amount: Decimal
) -> Decimal:
    """An amount within what a week and a year may bear, less what is passed on to the worker."""
    before = sheet.before
    if limits.most_of_year is not None:
        fills = base and before.get(levy.wages_key, NOTHING) + base == levy.cap
        if fills and levy.code in before:
            # Pennies that single payments gained or lost are evened out where the cap is filled.
            left = limits.most_of_year - before[levy.code]
            return left if abs(left - amount) < DOLLAR and left >= 0 else amount
    if limits.most_a_week is not None:
        amount = min(amount, to_penny(limits.most_a_week * WEEKS_IN_A_YEAR / sheet.pace.periods))
    if limits.most_a_year is not None:
        amount = under_cap(before.get(levy.code, NOTHING), amount, limits.most_a_year)
    if limits.worker_share:
        amount -= _passed_on(sheet, levy, base, limits.worker_share)
    return amount


def _passed_on(sheet: Worksheet, levy: Levy, base: Decimal, most: Decimal) -> Decimal:
    """What the employer takes from pay of a contribution it may share, at its chosen rate."""
    shares = cast(Mapping[str, object], sheet.employer.get("worker_shares", {}))
    rate = exact(shares.get(levy.code.removeprefix("us."), NOTHING))
    tax = to_penny(base * rate)
    if tax:
        steps = sheet.steps()
        if steps is not None:
            steps.append(Step(f"{base} at {rate:%}, at most {most:%}", f"{tax}"))
        code, label = f"{levy.code}.worker", f"{levy.label}, worker's share"
        sheet.tax(code, label, tax, base, levy.cite, steps=steps)
        sheet.carry(code, tax)
    return tax


def _too_small(sheet: Worksheet, least: int) -> bool:
    """Whether the firm says it has fewer workers than a duty begins with; unsaid, it has not."""
    employees = sheet.employer.get("employees")
    return isinstance(employees, int) and employees < least


def _credit_reduction(sheet: Worksheet, futa: Levy) -> None:
    """Accrue what a state's federal loans will cost at year end, where the firm says so."""
    told = sheet.employer["futa_credit_reduction"]
    line = next(line for line in sheet.lines if line.code == futa.code)
    if isinstance(told, Mapping):
        told = told.get(unemployment_state(sheet), NOTHING)
    rate = exact(told)
    amount = to_penny(line.base * rate)
    if amount:
        steps = sheet.steps()
        if steps is not None:
            steps.append(Step(f"{line.base} at {rate:%}, accrued for year end", f"{amount}"))
        code, label = "us.futa.credit_reduction", "Federal unemployment, credit reduction"
        sheet.cost(code, label, amount, line.base, futa.cite, steps=steps)
        sheet.carry(code, amount)
