"""Faults: what cannot be paid as it stands, apart from elections that cannot be read."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

from rulebook.money import NOTHING, to_penny
from rulebook.pack import Deduction, Situation
from rulebook.packs.us import cover, law, levies, local, orders, worktime
from rulebook.packs.us.elections import Elections, Fault
from rulebook.packs.us.employers import Employer
from rulebook.packs.us.shapes import exact
from rulebook.packs.us.wages import LABELS, Wages, treatments
from rulebook.periods import Period
from rulebook.timeline import NoRule

KINDS = LABELS.keys()
Suta = Mapping[str, Mapping[str, object]]
NO_SUTA: Suta = {}
NO_RATES: Mapping[str, object] = {}
NOT_A_SHARE = "An exact share, such as 0.027, is needed."


@lru_cache(maxsize=64)
def frequencies(day: date) -> frozenset[str]:
    """How often a worker may be paid."""
    return frozenset(law.table("fit.periods", day))


def has_none(situation: Situation, told: Elections, firm: Employer, wages: Wages) -> bool:
    """Whether clearly nothing is wrong, but for the frequency.

    False does not say that something is: what is not clear is looked at by `of`.
    """
    return (
        wages.is_plain
        and told.is_ordinary
        and wages.place in firm.ordinary
        and situation.country == "US"
        and (not situation.deductions or _are_ordinary(situation))
        and all(map(Decimal.is_finite, situation.year_to_date.values()))
    )


def _are_ordinary(situation: Situation) -> bool:
    """Whether all deductions are amounts of a known treatment, by no order, none of them kept."""
    known = treatments(situation.pay_on)
    return all(
        one.kind != "order"
        and (one.kind != "other" or one.payee != "")
        and one.treatment in known
        and one.amount.is_finite()
        and one.amount >= 0
        for one in situation.deductions
    )


def of(situation: Situation, elections: Elections, found: list[Fault]) -> None:
    """Add everything wrong with a situation to what was found so far."""
    if situation.country != "US":
        found.append(("country", "other_country", "These are the rules of the United States."))
    if situation.frequency not in frequencies(situation.pay_on):
        says = f"{situation.frequency} is not a frequency of pay in the United States."
        found.append(("frequency", "unknown_frequency", says))
    places = _earnings(situation, found)
    _deductions(situation, elections, found)
    for key, amount in situation.year_to_date.items():
        if not amount.is_finite():
            found.append((f"year_to_date.{key}", "bad_amount", "An amount is needed."))
    if elections.w4 is not None:
        _states(situation, elections, places, found)
        _locals(situation, elections, places, found)


def _earnings(situation: Situation, found: list[Fault]) -> set[str]:
    pay, hours, places = NOTHING, Decimal(0), set[str]()
    for n, earning in enumerate(situation.earnings):
        pay += earning.amount
        hours += earning.hours
        if earning.kind not in KINDS:
            says = f"A kind of earning is one of {', '.join(sorted(KINDS))}."
            found.append((f"earnings.{n}.kind", "unknown_kind", says))
        if earning.hours < 0 and earning.amount > 0:
            says = "Pay for less than no hours cannot be."
            found.append((f"earnings.{n}.hours", "negative_hours", says))
        if earning.place and earning.place not in law.states():
            says = f"{earning.place} is not a state of the United States."
            found.append((f"earnings.{n}.place", "unknown_state", says))
        if earning.taxable and earning.kind != "expense":
            places.add(earning.place)
    if not pay.is_finite() or pay != pay.quantize(NOTHING):
        found.append(("earnings", "bad_amount", "Earnings are amounts in whole cents."))
    elif pay < 0:
        says = f"Pay of {pay} cannot be paid; recover it from later pay as a balance."
        found.append(("earnings", "negative_pay", says))
    if hours < 0:
        found.append(("earnings", "negative_hours", "Hours add up to less than nothing."))
    return places


def _deductions(situation: Situation, elections: Elections, found: list[Fault]) -> None:
    if not situation.deductions:
        return
    known = treatments(situation.pay_on)
    for n, deduction in enumerate(situation.deductions):
        where = f"deductions.{n}"
        if not deduction.amount.is_finite() or deduction.amount < 0:
            says = "A deduction is an amount of zero or more."
            found.append((f"{where}.amount", "bad_amount", says))
        if deduction.kind == "order":
            _order(deduction, elections, where, found)
        elif deduction.treatment not in known:
            says = f"A treatment is one of {', '.join(sorted(known))}."
            found.append((f"{where}.treatment", "unknown_treatment", says))


def _order(order: Deduction, elections: Elections, where: str, found: list[Fault]) -> None:
    if orders.kind_of(order) not in orders.KINDS:
        says = f"The treatment of an order is one of {', '.join(orders.KINDS)}."
        found.append((f"{where}.treatment", "unknown_treatment", says))
    if orders.kind_of(order) == "tax_levy":
        exempt = elections.orders.get(order.code, {}).get("exempt")
        if exempt is None:
            says = "A levy needs the exempt amount of Pub 1494 for this pay."
            found.append((f"elections.orders.{order.code}.exempt", "missing_exempt_amount", says))


def _states(
    situation: Situation, elections: Elections, places: set[str], found: list[Fault]
) -> None:
    named = places - {""}
    if "" in places and len(named) != 1:
        says = "Taxable pay needs the state in which it was earned."
        found.append(("earnings", "missing_state", says))
    home = elections.home
    if home and home not in law.states():
        says = f"{home} is not a state of the United States."
        found.append(("elections.home", "unknown_state", says))
    for state in elections.certificates:
        if home not in _agreements(state, situation.pay_on):
            says = f"{state} has no agreement with the home state {home or '(not given)'}."
            where = f"elections.states.{state}.nonresident_certificate"
            found.append((where, "no_reciprocity", says))
    insured = elections.unemployment
    if not insured and len(named) > 1:
        says = "Work in several states needs the one that insures against unemployment."
        found.append(("elections.unemployment_state", "missing_unemployment_state", says))
    elif named:
        _suta(situation, insured or next(iter(named)), found)
    _worker_shares(situation, named, found)
    if elections.workers_comp:
        found.extend(cover.faults(named, elections.workers_comp, situation.employer))
    if situation.period is not None:
        _minimum_wage(situation, situation.period, found)
    rate = elections.states["AZ"].counts.get("rate") if "AZ" in elections.states else None
    if rate is not None and rate not in _choices("AZ", situation.pay_on):
        says = "Form A-4 offers no such share."
        found.append(("elections.states.AZ.rate", "unknown_choice", says))


def _suta(situation: Situation, state: str, found: list[Fault]) -> None:
    rates = cast(Suta, situation.employer.get("suta") or NO_SUTA)
    own = rates.get(state) or NO_RATES
    where = f"employer.suta.{state}.rate"
    if own.get("rate") is None:
        says = f"The firm's own unemployment rate for {state} is missing: is it registered there?"
        found.append((where, "missing_unemployment_rate", says))
    elif not _is_share(own["rate"]):
        found.append((where, "not_a_share", NOT_A_SHARE))


def _is_share(value: object) -> bool:
    try:
        return 0 <= exact(value) < 1
    except ValueError:
        return False


def _worker_shares(situation: Situation, named: set[str], found: list[Fault]) -> None:
    """A share of an employer's contribution that is passed on must be within the law's limit."""
    told, on = situation.employer.get("worker_shares"), situation.pay_on
    if not told:
        return
    for key, rate in cast(Mapping[str, object], told).items():
        if not _is_share(rate):
            found.append((f"employer.worker_shares.{key}", "not_a_share", NOT_A_SHARE))
            continue
        state = key.rpartition(".")[2]
        for _, code, *_, limits in levies.funds(state, on) if state in named else ():
            most = limits.worker_share if limits else NOTHING
            if code == f"us.{key}" and exact(rate) > most:
                says = f"No more than {most:%} of it may be taken from pay."
                found.append((f"employer.worker_shares.{key}", "share_too_high", says))


def _minimum_wage(situation: Situation, period: Period, found: list[Fault]) -> None:
    """Work may not be paid below the minimum of where and when it was done; where the days are not
    told, of when the period began.

    Where the state's figure for that day is not held there is nothing to compare with.
    """
    pay: dict[str, Decimal] = {}
    floor: dict[str, Decimal] = {}
    hours: dict[str, Decimal] = {}
    unknown = set[str]()
    for earning in situation.earnings:
        place, least = earning.place, earning.least
        if earning.kind != "work" or not earning.hours:
            continue
        if least is None:
            try:
                least = worktime.minimum_wage(place, period.starts)[0] * earning.hours
            except NoRule:
                unknown.add(place)
                continue
        pay[place] = pay.get(place, NOTHING) + earning.amount
        floor[place] = floor.get(place, NOTHING) + least
        hours[place] = hours.get(place, NOTHING) + earning.hours
    kept, over = kept_by_employer(situation), NOTHING
    held = sorted(pay.keys() - unknown)
    for place in held:
        least = to_penny(floor[place])
        over += pay[place] - least
        if pay[place] < least:
            says = f"{pay[place]} for {hours[place]} h in {place} is below the minimum of {least}."
            found.append(("earnings", "below_minimum_wage", says))
    if kept > over >= 0 and held:
        says = (
            f"{kept} kept by the firm leaves pay {kept - over} short of the minimum wage, which is"
            " paid free and clear (29 CFR 531.35)."
        )
        found.append(("deductions", "below_minimum_wage", says))


def kept_by_employer(situation: Situation) -> Decimal:
    """Deductions for the employer's own use, which lower pay for the minimum: no payee is named."""
    return sum(
        (
            one.wanted(situation.year_to_date.get(f"arrears.{one.code}", NOTHING))
            for one in situation.deductions
            if one.kind == "other" and one.treatment == "after_tax" and not one.payee
        ),
        NOTHING,
    )


@lru_cache(maxsize=512)
def _agreements(state: str, day: date) -> tuple[str, ...]:
    return cast(tuple[str, ...], law.names("reciprocity", day).get(state, ()))


@lru_cache(maxsize=64)
def _choices(state: str, day: date) -> tuple[Decimal, ...]:
    return cast(tuple[Decimal, ...], law.names(f"{state}.withholding", day)["choices"])


def _locals(
    situation: Situation, elections: Elections, places: set[str], found: list[Fault]
) -> None:
    held = cast(Suta, situation.employer.get("local") or {})
    found.extend(local.faults(elections.local))
    for n, told in enumerate(elections.local):
        code = str(told.get("code", ""))
        if code not in local.KNOWN and code not in held:
            says = f"No rate is held for {code or 'a local tax without a code'}."
            found.append((f"elections.local.{n}.code", "unknown_local_tax", says))
        for name, rate in held.get(code, NO_RATES).items():
            if name.endswith("rate") and not _is_share(rate):
                found.append((f"employer.local.{code}.{name}", "not_a_share", NOT_A_SHARE))
        if code == "PA.EIT":
            for end in ("home", "work"):
                if told.get(end) is not None and str(told[end]) not in held:
                    says = f"No earned income tax rate is held for {told[end]}."
                    found.append((f"elections.local.{n}.{end}", "unknown_local_tax", says))
    if "IN" in places:
        claim = elections.states.get("IN")
        if claim is None or not claim.told.get("county"):
            says = "Indiana needs the county of residence (or of work) on 1 January."
            found.append(("elections.states.IN.county", "missing_county", says))
