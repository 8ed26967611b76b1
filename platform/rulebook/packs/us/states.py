"""States: which state withholds on which wages, and by what method.

home New Jersey, work Pennsylvania, no certificate: Pennsylvania withholds, New Jersey the rest
the same with a certificate of non-residence: New Jersey alone
"""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, cast

from rulebook.lines import Line, Step
from rulebook.money import NOTHING, to_penny
from rulebook.packs.us import law, peculiar
from rulebook.packs.us.elections import Claim
from rulebook.packs.us.law import Cite
from rulebook.packs.us.methods import (
    Annual,
    Basis,
    Method,
    NotHeld,
    PeriodTable,
    PerPay,
    ScaledTable,
    Share,
    basis_of,
)
from rulebook.packs.us.shapes import under_cap
from rulebook.packs.us.wages import Earned, less, over_places
from rulebook.packs.us.worksheet import Worksheet
from rulebook.timeline import NoRule

METHODS: Mapping[str, type] = {
    "share": Share,
    "annual": Annual,
    "scaled_table": ScaledTable,
    "per_pay": PerPay,
    "period_table": PeriodTable,
    **peculiar.METHODS,
}
NO_CERTIFICATE = Claim()


class StateTax(NamedTuple):
    """A state's withholding on one day; `method` is None where it has no tax on wages."""

    state: str
    name: str
    code: str
    label: str
    wages_key: str
    cite: Cite
    method: Method | None
    untaxed: Mapping[str, bool]
    supplemental: Mapping[str, Decimal]
    fica_most: Decimal | None
    follows_w4: bool
    residents_only: bool


@lru_cache(maxsize=4096)
def state_tax(state: str, day: date) -> StateTax:
    """The withholding of a state on a day; NoRule where it is not held."""
    figure = law.figure(f"{state}.withholding", day)
    value = cast(Mapping[str, object], figure.value)
    method = METHODS[str(value["method"])](value) if value["method"] != "none" else None
    supplemental = value.get("supplemental", {})
    if isinstance(supplemental, Decimal):
        supplemental = {"bonus": supplemental, "commission": supplemental}
    name, code = str(value["name"]), f"us.sit.{state}"
    return StateTax(
        state,
        name,
        code,
        f"{name} income tax",
        f"{code}.wages",
        law.cite(figure),
        method,
        cast(Mapping[str, bool], value.get("pretax", {})),
        cast(Mapping[str, Decimal], supplemental),
        cast("Decimal | None", value.get("fica_most")),
        value.get("form") == "w4",
        value.get("residents_only") is True,
    )


@lru_cache(maxsize=64)
def by_period_end(day: date) -> Collection[str]:
    """The states whose withholding is chosen by the last day of the pay period."""
    return cast(Collection[str], law.figure("withholding.by_period_end", day).value)


def charge(sheet: Worksheet) -> None:
    """Withhold state income tax: where the work was done, then what the home state still wants."""
    told, places = sheet.elections, sheet.wages.by_place
    home = told.home
    if told.w4 is None:
        return
    if not home or (home in places and len(places) == 1):
        for place, earned in places.items():
            _withhold(sheet, place, earned)
        return
    wages = sheet.wages
    elsewhere = away = NOTHING
    for place, earned in wages.by_place.items():
        if place != home:
            away += earned.whole
            if place not in sheet.elections.certificates:
                elsewhere += _withhold(sheet, place, earned)
    if not registered(sheet.employer, home):
        name = state_tax(home, sheet.on).name
        label = f"{name}: not withheld, the firm is not registered there"
        sheet.rows.append(Line("information", f"us.sit.{home}.not_withheld", label, NOTHING))
        return
    share = away / wages.taxable if wages.taxable else Decimal(0)
    _withhold(sheet, home, wages.all, _Credit(elsewhere, share))


class _Credit(NamedTuple):
    """Tax withheld for other states, and the share of wages it was withheld on."""

    tax: Decimal
    share: Decimal


def registered(employer: Mapping[str, object], state: str) -> bool:
    """Whether the firm says it is registered to withhold for a state."""
    states = employer.get("states")
    if states is None:
        states = employer.get("suta", ())
    return state in cast(Collection[str], states)


def _withhold(
    sheet: Worksheet, state: str, earned: Earned, credit: _Credit | None = None
) -> Decimal:
    """Withhold for one state; gives what was withheld."""
    day, period = sheet.on, sheet.situation.period
    if period is not None and state in by_period_end(day):
        day = period.last_day
    rule = state_tax(state, day)
    if rule.method is None:
        return NOTHING
    told = sheet.elections
    resident = told.home in ("", state)
    if rule.residents_only and not resident:
        return NOTHING
    left = earned
    if sheet.pretax.whole:
        off = sheet.pretax.off("fit", rule.untaxed)
        if off and earned is not sheet.wages.all:
            off = over_places(sheet.wages, off)[state]
        left = less(earned, off)
    claim = told.states.get(state, NO_CERTIFICATE)
    if claim.exempt:
        sheet.tax(rule.code, f"{rule.label}, exempt", NOTHING, left.whole, rule.cite)
        return NOTHING
    return _on_what_is_left(sheet, rule, claim, (earned, left), credit)


def _on_what_is_left(
    sheet: Worksheet,
    rule: StateTax,
    claim: Claim,
    wages: tuple[Earned, Earned],
    credit: _Credit | None,
) -> Decimal:
    """Withhold on wages (as earned, as taxed here), bonuses at a flat rate where there is one."""
    earned, left = wages
    base, tax = left.whole, NOTHING
    if rule.supplemental and sheet.flat and left.supplemental:
        tax = _flat(sheet, rule, left)
        base = left.regular
    federal, fica = sheet.federal_tax, sheet.fica
    if len(sheet.wages.by_place) > 1:
        # What was withheld on this state's part of the wages.
        whole = sheet.wages.taxable
        share = earned.whole / whole if whole else Decimal(1)
        federal, fica = federal * share, fica * share
    if rule.fica_most is not None:
        fica = _deductible_fica(sheet, rule, fica, rule.fica_most)
    by_the_year = sheet.employer.get("annualised")
    annualised = by_the_year is not None and rule.state in cast(Collection[str], by_the_year)
    resident = sheet.elections.home in ("", rule.state)
    status = _status(sheet, rule, claim)
    basis = (base, status, claim, sheet.pace, federal, fica, resident, annualised)
    return tax + _on_regular(sheet, rule, basis_of(basis), credit)


def _deductible_fica(sheet: Worksheet, rule: StateTax, fica: Decimal, most: Decimal) -> Decimal:
    """FICA of this pay that a state deducts, until its limit for the year is used up."""
    key = f"{rule.code}.fica"
    now = under_cap(sheet.before.get(key, NOTHING), fica, most)
    sheet.carry(key, now)
    return now


def _on_regular(sheet: Worksheet, rule: StateTax, basis: Basis, credit: _Credit | None) -> Decimal:
    steps = sheet.steps()
    try:
        tax = cast(Method, rule.method).tax(basis, steps)
    except NotHeld as missing:
        raise NoRule(f"us.{rule.state}.withholding.{missing}", sheet.on) from missing
    if credit is not None and credit.tax:
        allowed = min(credit.tax, to_penny(tax * credit.share))
        tax -= allowed
        if steps is not None:
            steps.append(Step(f"Less {allowed} withheld for other states", f"{tax}"))
    extra = basis.claim.extra
    if extra and basis.wages > 0:
        tax += extra
        if steps is not None:
            steps.append(Step(f"Plus {extra} more asked for", f"{tax}"))
    sheet.tax(rule.code, rule.label, tax, basis.wages, rule.cite, steps=steps)
    sheet.carry(rule.wages_key, basis.wages)
    sheet.carry(rule.code, tax)
    return tax


def _flat(sheet: Worksheet, rule: StateTax, left: Earned) -> Decimal:
    """Withhold a state's flat rates on bonuses and commissions."""
    bonus, commission = rule.supplemental["bonus"], rule.supplemental["commission"]
    tax = to_penny(left.bonus * bonus) + to_penny(left.commission * commission)
    steps = sheet.steps()
    if steps is not None:
        label = f"{left.bonus} at {bonus:%}, {left.commission} at {commission:%}"
        steps.append(Step(label, f"{tax}"))
    code, label = f"{rule.code}.supplemental", f"{rule.label}, supplemental"
    sheet.tax(code, label, tax, left.supplemental, rule.cite, steps=steps)
    sheet.carry(rule.wages_key, left.supplemental)
    sheet.carry(rule.code, tax)
    return tax


def _status(sheet: Worksheet, rule: StateTax, claim: Claim) -> str:
    """The filing status a state goes by; two earners read the table of those who file alone."""
    status = claim.status
    if not status:
        w4 = sheet.elections.w4
        status = w4.status if rule.follows_w4 and w4 is not None else "single"
    if status == "married" and claim.told.get("two_earners") is True:
        return "separate"
    return status
