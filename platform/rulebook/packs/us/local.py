"""Local taxes: cities and counties whose figures are held, and those whose rates the firm holds.

A worker's `local` elections name a code and whether the worker is a resident. Pennsylvania's earned
income tax is the higher of the home's resident rate and the workplace's nonresident rate (Act 32).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

from rulebook.lines import Step
from rulebook.money import NOTHING, to_penny
from rulebook.packs.us import law
from rulebook.packs.us.elections import Claim, Fault
from rulebook.packs.us.law import Cite
from rulebook.packs.us.methods import Basis, NotHeld, PeriodTable, PerPay
from rulebook.packs.us.shapes import exact, step
from rulebook.packs.us.states import NO_CERTIFICATE, registered, state_tax
from rulebook.packs.us.wages import less, over_places
from rulebook.packs.us.worksheet import Worksheet
from rulebook.timeline import NoRule

Place = Mapping[str, object]
CITIES = {"MO.KANSAS_CITY": "Kansas City", "MO.ST_LOUIS": "St. Louis"}
DENVER = "City and County of Denver"
STATE_TAX = frozenset({"us.sit.NY", "us.sit.NY.supplemental"})
HELD_BY_FIRM = Cite("firm", "rate held by the firm")


def charge(sheet: Worksheet) -> None:
    """Withhold local taxes: Indiana's counties, then what the worker's elections name."""
    if "IN" in sheet.wages.by_place:
        _indiana(sheet)
    for told in sheet.elections.local:
        code = str(told.get("code", ""))
        known = KNOWN.get(code)
        if known is not None:
            known(sheet, told)
        else:
            _held_by_firm(sheet, code, told)


def _wages(sheet: Worksheet, state: str, tax: str = "") -> Decimal:
    """Wages earned in a state; a local tax on gross wages names the column that leaves least."""
    earned = sheet.wages.by_place.get(state)
    if earned is None:
        return NOTHING
    if not tax or not sheet.pretax.whole:
        return earned.whole
    return earned.whole - over_places(sheet.wages, sheet.pretax.off(tax))[state]


def _put(
    sheet: Worksheet,
    code: str,
    label: str,
    found: tuple[Decimal, Decimal],
    cite: Cite,
    *,
    says: str,
    payee: str = "",
) -> None:
    """Withhold (tax, base); without a payee of its own the state collects it."""
    tax, base = found
    steps = sheet.steps()
    if steps is not None:
        steps.append(Step(says, f"{tax}"))
    key = f"us.local.{code}"
    sheet.tax(key, label, tax, base, cite, steps=steps, payee=payee)
    sheet.carry(f"{key}.wages", base)
    sheet.carry(key, tax)


@lru_cache(maxsize=256)
def _rates(rule: str, day: date) -> tuple[Mapping[str, Decimal], Cite]:
    figure = law.figure(rule, day)
    return cast(Mapping[str, Decimal], figure.value), law.cite(figure)


def _indiana(sheet: Worksheet) -> None:
    """The county's rate on the wages the state taxes; the county of residence on 1 January."""
    claim = sheet.elections.states.get("IN", NO_CERTIFICATE)
    county = str(claim.told.get("county", ""))
    rates, cite = _rates("IN.counties", sheet.on)
    if county not in rates:
        raise NoRule(f"us.IN.counties.{county or 'unknown'}", sheet.on)
    method = cast(PerPay, state_tax("IN", sheet.on).method)
    base = method.taxable(Basis(_wages(sheet, "IN", "fit"), "single", claim, sheet.pace))
    rate = rates[county]
    label = f"{county} County income tax"
    _put(sheet, "IN.county", label, (to_penny(base * rate), base), cite, says=f"{base} at {rate:%}")


def _philadelphia(sheet: Worksheet, told: Place) -> None:
    rates, cite = _rates("PA.philadelphia", sheet.on)
    rate = rates["resident" if told.get("resident") is True else "nonresident"]
    base = _wages(sheet, "PA")
    tax = to_penny(base * rate)
    label, payee = "Philadelphia wage tax", "City of Philadelphia"
    says = f"{base} at {rate:%}"
    _put(sheet, "PA.PHILADELPHIA", label, (tax, base), cite, says=says, payee=payee)


def _new_york_city(sheet: Worksheet, _told: Place) -> None:
    """The tax of a resident, on wages from everywhere; a flat rate on bonuses withheld flat."""
    figure = law.figure("NY.nyc", sheet.on)
    claim, status = _new_york(sheet)
    earned = less(sheet.wages.all, sheet.pretax.off("fit"))
    base, flat = earned.whole, NOTHING
    if any(code == "us.sit.NY.supplemental" for _, code, *_ in sheet.rows):
        base = earned.regular
        flat = to_penny(
            earned.supplemental * cast(Decimal, law.names("NY.nyc", sheet.on)["supplemental"])
        )
    method = _table("NY.nyc", sheet.on)
    try:
        tax = method.tax(Basis(base, status, claim, sheet.pace), None) + flat
    except NotHeld as missing:
        raise NoRule(f"us.NY.nyc.{missing}", sheet.on) from missing
    says = f"Table for {sheet.pace.name} pay, and {flat} on bonuses"
    found = (tax, earned.whole)
    _put(sheet, "NY.NYC", "New York City income tax", found, law.cite(figure), says=says)


@lru_cache(maxsize=64)
def _table(rule: str, day: date) -> PeriodTable:
    return PeriodTable(cast(Mapping[str, object], law.figure(rule, day).value))


def _new_york(sheet: Worksheet) -> tuple[Claim, str]:
    claim = sheet.elections.states.get("NY", NO_CERTIFICATE)
    return claim, claim.status or "single"


def _yonkers(sheet: Worksheet, told: Place) -> None:
    figure = law.figure("NY.yonkers", sheet.on)
    value = cast(Mapping[str, object], figure.value)
    cite = law.cite(figure)
    if told.get("resident") is True:
        share = cast(Decimal, value["resident_share"])
        state = sum((row[3] for row in sheet.rows if row[1] in STATE_TAX), NOTHING)
        state -= sheet.elections.states.get("NY", NO_CERTIFICATE).extra
        tax = to_penny(state * share)
        label = "Yonkers resident surcharge"
        _put(
            sheet,
            "NY.YONKERS",
            label,
            (tax, state),
            cite,
            says=f"{state} of state tax at {share:%}",
        )
        return
    rows = cast(Mapping[str, Sequence[Sequence[Decimal]]], value["exemptions"])
    if sheet.pace.name not in rows:
        raise NoRule(f"us.NY.yonkers.{sheet.pace.name}", sheet.on)
    wages = _wages(sheet, "NY", "fit")
    table = rows[sheet.pace.name]
    base = wages - step(table, wages) if wages >= table[0][0] else NOTHING
    rate = cast(Decimal, value["nonresident_rate"])
    tax = to_penny(base * rate)
    _put(
        sheet,
        "NY.YONKERS",
        "Yonkers nonresident tax",
        (tax, base),
        cite,
        says=f"{base} at {rate:%}",
    )


def _missouri_city(sheet: Worksheet, told: Place) -> None:
    rates, cite = _rates("MO.cities", sheet.on)
    code = str(told["code"])
    city = CITIES[code]
    base, rate = _wages(sheet, "MO", "fit"), rates[code.removeprefix("MO.")]
    found, says = (to_penny(base * rate), base), f"{base} at {rate:%}"
    label, payee = f"{city} earnings tax", f"City of {city}"
    _put(sheet, code, label, found, cite, says=says, payee=payee)


def _denver(sheet: Worksheet, _told: Place) -> None:
    """The head tax of a month in which 500.00 or more was earned; taken once a month."""
    figure = law.figure("CO.denver", sheet.on)
    value = cast(Mapping[str, Decimal], figure.value)
    key = f"us.local.CO.DENVER.{sheet.on:%Y-%m}"
    wages = _wages(sheet, "CO")
    month = sheet.before.get(f"{key}.wages", NOTHING) + wages
    sheet.carry(f"{key}.wages", wages)
    if month < value["from_wages"] or sheet.before.get(key):
        return
    cite, worker, employer = law.cite(figure), value["worker"], value["employer"]
    label, code = "Denver occupational privilege tax", "us.local.CO.DENVER"
    steps, beside = sheet.steps(), sheet.steps()
    if steps is not None and beside is not None:
        says = f"{month} earned in the month, {value['from_wages']} or more: once a month"
        steps.append(Step(says, f"{worker}"))
        beside.append(Step(says, f"{employer}"))
    sheet.tax(code, label, worker, month, cite, steps=steps, payee=DENVER)
    code, label = f"{code}.employer", f"{label}, employer"
    sheet.cost(code, label, employer, month, cite, steps=beside, payee=DENVER)
    sheet.carry(key, worker)


def _earned_income_tax(sheet: Worksheet, told: Place) -> None:
    held = cast(Mapping[str, Mapping[str, object]], sheet.employer.get("local", {}))
    home = exact(held.get(str(told.get("home", "")), {}).get("resident_rate", 0))
    work = exact(held.get(str(told.get("work", "")), {}).get("nonresident_rate", 0))
    rate = max(home, work)
    base = _wages(sheet, "PA", "ss")
    says = f"The higher of {home:%} at home and {work:%} at work, on {base}"
    label = "Local earned income tax"
    payee = str(held.get(str(told.get("work", "")), {}).get("payee", "Tax collection district"))
    found = (to_penny(base * rate), base)
    _put(sheet, "PA.EIT", label, found, HELD_BY_FIRM, says=says, payee=payee)


def _held_by_firm(sheet: Worksheet, code: str, told: Place) -> None:
    """A rate or a yearly amount that the firm holds: cities of Ohio, Kentucky, services taxes."""
    held = cast(Mapping[str, Mapping[str, object]], sheet.employer.get("local", {}))[code]
    state = str(held.get("state", code.partition(".")[0]))
    base = _wages(sheet, state)
    label = str(held.get("label", code))
    if "annual_amount" in held:
        amount = exact(held["annual_amount"])
        if base * sheet.pace.periods < exact(held.get("exempt_below", 0)):
            return
        left = amount - sheet.before.get(f"us.local.{code}", NOTHING)
        tax = max(min(to_penny(amount / sheet.pace.periods), left), NOTHING)
        says = f"{amount} a year / {sheet.pace.periods}"
    else:
        kind = "resident_rate" if told.get("resident") is True else "nonresident_rate"
        rate = exact(held.get(kind, held.get("rate", 0)))
        tax, says = to_penny(base * rate), f"{base} at {rate:%}"
    payee = str(held.get("payee", label))
    _put(sheet, code, label, (tax, base), HELD_BY_FIRM, says=says, payee=payee)


# The towns that tax wages, by state and as addresses write them.
TOWNS = {
    ("PA", "philadelphia"): "PA.PHILADELPHIA",
    ("NY", "new york"): "NY.NYC",
    ("NY", "new york city"): "NY.NYC",
    ("NY", "yonkers"): "NY.YONKERS",
    ("MO", "kansas city"): "MO.KANSAS_CITY",
    ("MO", "st. louis"): "MO.ST_LOUIS",
    ("MO", "st louis"): "MO.ST_LOUIS",
    ("CO", "denver"): "CO.DENVER",
}
OF_RESIDENTS, OF_WORK = "NY.NYC", "CO.DENVER"
Address = tuple[str, str]


def by_address(
    home: Address, work: Sequence[Address], employer: Mapping[str, object]
) -> list[dict[str, object]]:
    """The local taxes that follow from the state and town lived in, and those worked in.

    The town lived in counts where the firm withholds for its state. `mixed` says that only some of
    a state's wages were earned in a town.
    """
    lives, worked = _town(home), {_town(one) for one in work} - {""}
    if lives and not registered(employer, home[0]):
        lives = ""
    found: list[dict[str, object]] = []
    for code in sorted(worked | ({lives} - {""})):
        is_resident = code == lives
        if (code == OF_RESIDENTS and not is_resident) or (code == OF_WORK and code not in worked):
            continue
        found.append({"code": code, "resident": is_resident})
        in_state = [one for one in work if one[0] == code[:2]]
        if not is_resident and any(_town(one) != code for one in in_state):
            found[-1]["mixed"] = True
    return found


def faults(told: Sequence[Place]) -> list[Fault]:
    """Wages of one pay of which a town may tax a part that nobody told."""
    return [
        (
            f"elections.local.{n}",
            "local_wages_mixed",
            f"Wages of one pay inside and outside {one['code']} cannot be told apart.",
        )
        for n, one in enumerate(told)
        if one.get("mixed") is True
    ]


def _town(address: Address) -> str:
    state, town = address
    return TOWNS.get((state, town.strip().lower()), "")


KNOWN = {
    "PA.PHILADELPHIA": _philadelphia,
    "PA.EIT": _earned_income_tax,
    "NY.NYC": _new_york_city,
    "NY.YONKERS": _yonkers,
    "MO.KANSAS_CITY": _missouri_city,
    "MO.ST_LOUIS": _missouri_city,
    "CO.DENVER": _denver,
}
