"""Insurance: state unemployment at the employer's own rate; states' leave and disability funds."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, cast

from rulebook.lines import Step
from rulebook.money import NOTHING, to_penny
from rulebook.packs.us import law
from rulebook.packs.us.law import Cite
from rulebook.packs.us.shapes import under_cap
from rulebook.packs.us.worksheet import Worksheet

WEEKS_IN_A_YEAR = Decimal(52)


class Programme(NamedTuple):
    """A contribution of worker or employer to a state's fund; None where it has no such limit."""

    code: str
    label: str
    employer: bool
    rate: Decimal
    wage_base: Decimal | None
    most_a_week: Decimal | None
    most_a_year: Decimal | None
    on_gross: bool
    from_employees: int
    worker_share: Decimal


@lru_cache(maxsize=4096)
def unemployment_base(state: str, day: date) -> tuple[Decimal, Cite]:
    """The wages a year on which a state's unemployment tax is due."""
    figure = law.figure(f"{state}.sui", day)
    return cast(Mapping[str, Decimal], figure.value)["wage_base"], law.cite(figure)


@lru_cache(maxsize=4096)
def programmes(state: str, day: date) -> tuple[tuple[Programme, ...], Cite]:
    """The funds of a state; none where it has none."""
    if not law.has(f"{state}.programmes"):
        return (), law.NOWHERE
    figure = law.figure(f"{state}.programmes", day)
    rows = cast(Sequence[Mapping[str, object]], figure.value)
    return tuple(_programme(row) for row in rows), law.cite(figure)


def _programme(row: Mapping[str, object]) -> Programme:
    def limit(name: str) -> Decimal | None:
        return Decimal(cast(Decimal, row[name])) if name in row else None

    return Programme(
        str(row["code"]),
        str(row["label"]),
        row["payer"] == "employer",
        Decimal(cast(Decimal, row["rate"])),
        limit("wage_base"),
        limit("most_a_week"),
        limit("most_a_year"),
        row.get("wages") == "gross",
        int(cast(int, row.get("from_employees", 0))),
        limit("worker_share") or NOTHING,
    )


def unemployment_state(sheet: Worksheet) -> str:
    """The one state that insures this worker: as told, else the only one worked in."""
    return sheet.elections.unemployment or next(iter(sheet.wages.by_place), "")


def charge(sheet: Worksheet) -> None:
    """Add state unemployment tax, then the contributions of every state worked in."""
    wages = sheet.wages
    if wages.by_place:
        _unemployment(sheet, unemployment_state(sheet))
    for state, earned in wages.by_place.items():
        rows, cite = programmes(state, sheet.on)
        if rows:
            whole = earned.whole
            covered = whole
            off = sheet.pretax.off("ss")
            if off:
                covered -= to_penny(off * whole / wages.taxable) if len(wages.by_place) > 1 else off
            for row in rows:
                _contribute(sheet, state, row, whole if row.on_gross else covered, cite)


def _unemployment(sheet: Worksheet, state: str) -> None:
    base_of_year, cite = unemployment_base(state, sheet.on)
    told = cast(Mapping[str, Mapping[str, Decimal]], sheet.employer["suta"])[state]
    rate = told["rate"]
    key = f"us.sui.{state}"
    before = sheet.before.get(f"{key}.wages", NOTHING)
    wages = sheet.wages.taxable - sheet.pretax.off("futa")
    base = under_cap(before, wages, told.get("wage_base", base_of_year))
    tax = to_penny(base * rate)
    steps = sheet.steps()
    if steps is not None:
        label = f"Wages under the year's {base_of_year}, of which {before} before"
        steps += [Step(label, f"{base}"), Step(f"at the employer's own {rate:%}", f"{tax}")]
    sheet.cost(key, f"{state} unemployment", tax, base, cite, steps=steps)
    sheet.carry(f"{key}.wages", base)
    sheet.carry(key, tax)


def _contribute(sheet: Worksheet, state: str, row: Programme, wages: Decimal, cite: Cite) -> None:
    if row.from_employees and _too_small(sheet, row.from_employees):
        return
    key = f"us.{row.code}.{state}"
    before = sheet.before.get(f"{key}.wages", NOTHING)
    base = wages if row.wage_base is None else under_cap(before, wages, row.wage_base)
    tax = to_penny(base * row.rate)
    if row.most_a_week is not None:
        tax = min(tax, to_penny(row.most_a_week * WEEKS_IN_A_YEAR / sheet.pace.periods))
    if row.most_a_year is not None:
        tax = under_cap(sheet.before.get(key, NOTHING), tax, row.most_a_year)
    steps = sheet.steps()
    if steps is not None:
        steps += [
            Step(f"Wages counted, {before} before", f"{base}"),
            Step(f"at {row.rate:%}", f"{tax}"),
        ]
    passed_on = NOTHING
    if row.worker_share:
        passed_on = _passed_on(sheet, state, row, base, cite)
    if row.employer:
        sheet.cost(key, row.label, tax - passed_on, base, cite, steps=steps)
    else:
        sheet.tax(key, row.label, tax, base, cite, steps=steps)
    sheet.carry(f"{key}.wages", base)
    sheet.carry(key, tax)


def _passed_on(sheet: Worksheet, state: str, row: Programme, base: Decimal, cite: Cite) -> Decimal:
    """What the employer takes from pay of a contribution it may share, at its chosen rate."""
    shares = cast(Mapping[str, Decimal], sheet.employer.get("worker_shares", {}))
    rate = shares.get(f"{row.code}.{state}", NOTHING)
    tax = to_penny(base * rate)
    if tax:
        code, label = f"us.{row.code}.{state}.worker", f"{row.label}, worker's share"
        steps = sheet.steps()
        if steps is not None:
            steps.append(Step(f"{base} at {rate:%}, at most {row.worker_share:%}", f"{tax}"))
        sheet.tax(code, label, tax, base, cite, steps=steps)
        sheet.carry(code, tax)
    return tax


def _too_small(sheet: Worksheet, least: int) -> bool:
    """Whether the firm says it has fewer workers than a duty begins with; unsaid, it has not."""
    employees = sheet.employer.get("employees")
    return isinstance(employees, int) and employees < least
