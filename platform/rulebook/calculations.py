"""Calculations: payslips asked for from outside, from everything they are made of, nothing guessed.

The same functions serve pay runs, so what is worked out here ahead of a run equals the run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from rulebook import facts, pay
from rulebook.facts import Fault
from rulebook.hours import UnfitHours, WeekRules, Worked
from rulebook.lines import Line, Step
from rulebook.money import NOTHING
from rulebook.pack import (
    Earning,
    Facts,
    Payslip,
    Refused,
    Situation,
    Unpayable,
    pack,
    worktime,
)
from rulebook.packs.gb import cis
from rulebook.packs.gb import facts as british
from rulebook.packs.us import facts as american
from rulebook.packs.us.worktime import missed_meals
from rulebook.periods import DAY, week_of
from rulebook.pricing import (
    HOLIDAY_CODE,
    NOTHING_BESIDE,
    PREMIUM_CODE,
    REGULAR,
    Beside,
    DatedRate,
    Job,
    Unpriceable,
    priced_week,
)
from rulebook.rates import Priced, Rate, spoken
from rulebook.timeline import NoRule

COUNTRIES = {"GB": british, "US": american}
CURRENCIES = {"GB": "GBP", "US": "USD"}
ENGAGEMENTS = {"paye": "GB", "off_payroll": "GB", "cis": "GB", "w2": "US", "1099": "US"}
# What an engagement says of itself, as the packs read it.
IMPLIED: Mapping[str, Facts] = {
    "1099": {"engagement": "1099"},
    "off_payroll": {"off_payroll": True},
}
LIFTED = frozenset({"overtime", "double", PREMIUM_CODE})
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
NO_AGREEMENT: Facts = MappingProxyType({})


class Worktime(NamedTuple):
    """Time to be split into bands: each line with its straight rate, by the firm's workweek.

    `agreed` is overtime by agreement, where no law lifts hours; `rolls_up` pays holiday along;
    `bonuses`, each with a day of its week, were promised for the work: they raise its overtime.
    """

    lines: tuple[Worked, ...]
    week_starts: int = 0
    agreed: Facts = NO_AGREEMENT
    rolls_up: bool = False
    bonuses: tuple[tuple[date, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One payslip to be worked out: by which engagement, from what, and from which time."""

    engagement: str
    situation: Situation
    time: Worktime | None = None


class Ready(NamedTuple):
    """What a pack is given, and how the earnings that came of time did."""

    situation: Situation
    earned: tuple["Earned", ...] = ()


def work_out(asked: Sequence[Asked]) -> list[Payslip | Refused]:
    """Work out many payslips, in their order; in place of one that cannot be: why, all of it."""
    found: dict[int, Payslip | Refused] = {}
    ready: dict[int, Ready] = {}
    for n, one in enumerate(asked):
        try:
            ready[n] = _ready(one)
        except (Unpayable, NoRule) as no:
            found[n] = no
    employed = [n for n in ready if asked[n].engagement != "cis"]
    worked = together([ready[n].situation for n in employed])
    found.update(zip(employed, worked, strict=True))
    for n in ready.keys() - set(employed):
        found[n] = _construction(ready[n].situation)
    return [_with_time(found[n], ready[n]) if n in ready else found[n] for n in range(len(asked))]


def _with_time(found: Payslip | Refused, ready: Ready) -> Payslip | Refused:
    """The same with what split the time told beside the earnings that came of it."""
    if not ready.earned or not isinstance(found, Payslip):
        return found
    before = len(ready.situation.earnings) - len(ready.earned)
    rows = [Line._make(row) for row in found.rows]
    places = [n for n, line in enumerate(rows) if line.kind == "earning"]
    for n, one in zip(places[before:], ready.earned, strict=True):
        steps = one.steps if ready.situation.explain else ()
        rows[n] = rows[n]._replace(rule=one.rule, source=one.source, steps=steps)
    return found._replace(rows=tuple(rows))


def together(situations: Sequence[Situation]) -> list[Payslip | Refused]:
    """All of them at once; one by one where something in them could not even be read."""
    try:
        return pay.payslips(situations)
    except UNREADABLE:
        if len(situations) > 1:
            return [found for one in situations for found in together([one])]
        says = "Something among these facts is of a kind that the rules cannot read."
        return [Unpayable((("elections", "cannot_be_read", says),))]


def _ready(one: Asked) -> Ready:
    """What the pack is given; raises Unpayable with all that contradicts, or NoRule."""
    told = one.situation
    situation = replace(
        told, elections=facts.said(told.elections), employer=facts.said(told.employer)
    )
    one = replace(one, situation=situation)
    faults, worked = list(_contradictions(one)), tuple[Earned, ...]()
    if one.time is not None:
        try:
            worked = earned(situation.country, one.time)
        except (UnfitHours, Unpriceable) as unfit:
            faults.append(("time", "unfit_hours", str(unfit)))
        except OverflowError:
            says = "A week around one of these days is not in the calendar."
            faults.append(("time", "unfit_hours", says))
        came = tuple(each.earning for each in worked)
        situation = replace(situation, earnings=(*situation.earnings, *came))
    if faults:
        if ENGAGEMENTS[one.engagement] == situation.country and one.engagement != "cis":
            faults += _more(situation, {where for where, _, _ in faults})
        raise Unpayable(tuple(faults))
    implied = IMPLIED.get(one.engagement)
    if implied:
        situation = replace(situation, elections={**situation.elections, **implied})
    return Ready(situation, worked)


def _more(situation: Situation, named: set[str]) -> list[Fault]:
    """What the pack finds wrong besides, where it can read the rest; each place is told once."""
    try:
        found = pack(situation.country).faults(situation)
    except (NoRule, *UNREADABLE):
        return []
    return [one for one in found if one[0] not in named]


def _contradictions(one: Asked) -> Iterator[Fault]:
    """What cannot be together, and facts that mean nothing to the country's law."""
    situation, engagement = one.situation, one.engagement
    country = situation.country
    if ENGAGEMENTS[engagement] != country:
        says = f"Nobody is paid by {engagement} in {country}."
        yield "engagement", "other_country", says
    known = COUNTRIES[country]
    if engagement == "cis":
        yield from _of_construction(situation)
    else:
        yield from facts.faults(situation.elections, known.elections(), "elections")
        yield from facts.faults(situation.employer, known.employer(), "employer")
    if one.time is not None:
        yield from _of_time(country, one.time)
    if country == "US":
        yield from _of_orders(situation)
    for key in situation.year_to_date:
        if not known.is_carried(key):
            says = f"No year-to-date figure of {country} is called {key[:60]!r}."
            yield f"year_to_date.{key}", "unknown_key", says
    said = situation.elections.get("engagement")
    if said is not None and said != engagement:
        yield "elections.engagement", "contradicts_engagement", "The engagement says otherwise."
    if situation.elections.get("off_payroll") is True and engagement != "off_payroll":
        says = "A deemed payment is asked for as the engagement off_payroll."
        yield "elections.off_payroll", "contradicts_engagement", says


def _of_time(country: str, time: Worktime) -> Iterator[Fault]:
    """What was told beside time and means nothing to the law of its country."""
    if country == "GB":
        if time.bonuses:
            says = "No law of the United Kingdom adds a bonus to the rate of overtime."
            yield "time.promised_bonuses", "law_decides", says
        return
    if time.agreed:
        says = "In the United States law decides what is overtime, not an agreement."
        yield "time.overtime", "law_decides", says
    if time.rolls_up:
        says = "No law of the United States adds holiday pay to pay."
        yield "time.rolls_up_holiday", "law_decides", says
    days = {line.on for line in time.lines}
    for n, (day, _) in enumerate(time.bonuses):
        if day not in days:
            says = "A promised bonus names a day that was worked, in the week it was earned."
            yield f"time.promised_bonuses.{n}.earned_on", "nothing_worked", says


def _of_orders(situation: Situation) -> Iterator[Fault]:
    """Facts of an order that takes nothing are of no order."""
    told = situation.elections.get("orders")
    codes = {one.code for one in situation.deductions}
    for code in told if isinstance(told, Mapping) else ():
        if code not in codes:
            says = f"No deduction has the code {str(code)[:60]!r}."
            yield f"elections.orders.{code}", "unknown_order", says


def _of_construction(situation: Situation) -> Iterator[Fault]:
    """A subcontractor is not employed: of what the packs ask of employees nothing applies."""
    yield from facts.faults(situation.elections, british.CONSTRUCTION, "elections")
    beside = {
        "employer": situation.employer,
        "deductions": situation.deductions,
        "year_to_date": situation.year_to_date,
    }
    for name, told in beside.items():
        if told:
            says = "From a subcontractor nothing is taken but the scheme's deduction."
            yield name, "not_employed", says
    for n, earning in enumerate(situation.earnings):
        if earning.place in american.states():
            says = f"{earning.place!r} is a state of the United States."
            yield f"earnings.{n}.place", "other_country", says


# --- time -----------------------------------------------------------------------------------------


class Earned(NamedTuple):
    """One earning that came of time, the rule that split it, and each day's part of it."""

    earning: Earning
    rule: str
    source: str
    steps: tuple[Step, ...]


def earned(country: str, time: Worktime) -> tuple[Earned, ...]:
    """What time earns, week by week, as approving and paying it would: a line a code and place.

    Raises UnfitHours for time that cannot be split, NoRule where the law of a week is not held.
    """
    places = {(line.assignment, line.on): line.place for line in time.lines}
    sums: dict[tuple[str, str, str], list[tuple[Priced, WeekRules]]] = {}
    for charge, rules in sorted(_charges(country, time), key=lambda found: found[0].day):
        kind = "overtime" if charge.code in LIFTED else "work"
        key = (
            charge.code,
            "holiday" if charge.code == HOLIDAY_CODE else kind,
            places[str(charge.assignment), charge.day],
        )
        sums.setdefault(key, []).append((charge, rules))
    return tuple(_summed(*key, charges) for key, charges in sums.items())


def _summed(
    code: str, kind: str, place: str, charges: Sequence[tuple[Priced, WeekRules]]
) -> Earned:
    amount, hours, steps = NOTHING, NOTHING, list[Step]()
    for charge, _ in charges:
        side = charge.pay
        if side is None:
            continue
        amount += side.amount
        # A premium is paid for hours that stand as straight time already.
        if side.unit == "hour" and code != PREMIUM_CODE:
            hours += side.quantity
        said = spoken(
            charge.day,
            charge.label,
            unit=side.unit,
            quantity=side.quantity,
            rate=side.rate,
            factor=side.factor,
        )
        steps.append(Step(said, f"{side.amount}"))
    lifted = [rules for _, rules in charges] if kind == "overtime" else []
    cites = dict.fromkeys((rules.rule, rules.source) for rules in lifted if rules.rule)
    return Earned(
        Earning(code, kind, amount, hours, place),
        ", ".join(dict.fromkeys(rule for rule, _ in cites)),
        "; ".join(dict.fromkeys(source for _, source in cites)),
        tuple(steps),
    )


def _charges(country: str, time: Worktime) -> Iterator[tuple[Priced, WeekRules]]:
    """Each workweek priced: over all assignments where law lifts hours, else one by one."""
    law, jobs = worktime(country), _jobs(country, time)
    groups: dict[tuple[date, str], list[Worked]] = {}
    for line in sorted(time.lines, key=lambda line: line.on):
        week = week_of(line.on, time.week_starts).starts
        groups.setdefault((week, "" if country == "US" else line.assignment), []).append(line)
    for (week, _), lines in groups.items():
        share = law.holiday_share(week) if time.rolls_up else NOTHING
        in_places = frozenset(line.place for line in lines if line.place)
        rules = law.week_rules(week, in_places, time.agreed)
        beside = _beside(week, lines, time) if country == "US" else NOTHING_BESIDE
        for charge in priced_week(lines, jobs, rules, share, beside):
            if charge.pay is not None:
                yield charge, rules


def _beside(week: date, lines: Sequence[Worked], time: Worktime) -> Beside:
    """What law adds to a week: overtime of its bonuses, an hour of pay for a day's missed meal."""
    own = [amount for day, amount in time.bonuses if week_of(day, time.week_starts).starts == week]
    return Beside(sum(own, NOTHING), missed_meals(lines))


def _jobs(country: str, time: Worktime) -> dict[str, Job]:
    """The assignments, each day's rates as the lines say them."""
    rates: dict[str, dict[tuple[str, date], DatedRate]] = {}
    for line in time.lines:
        code = line.code or REGULAR
        told = DatedRate(
            Rate(code, "told", line.unit, line.rate, None, CURRENCIES[country]),
            line.on,
            line.on + DAY,
        )
        kept = rates.setdefault(line.assignment, {}).setdefault((code, line.on), told)
        if kept != told:
            says = f"{code} on {line.on.isoformat()} has two rates for one assignment."
            raise UnfitHours(says)
    return {ref: Job(ref, tuple(own.values()), time.rolls_up) for ref, own in rates.items()}


# --- construction ---------------------------------------------------------------------------------


def _construction(situation: Situation) -> Payslip | Refused:
    """A subcontractor's payment: materials are the expenses in it."""
    paid = [one.amount for one in situation.earnings]
    materials = [one.amount for one in situation.earnings if one.kind == "expense"]
    standing = situation.elections.get("standing")
    if not isinstance(standing, str):
        says = "What HMRC's verification said of the subcontractor is needed."
        return Unpayable((("elections.standing", "missing", says),))
    try:
        worked = cis.deduct(sum(paid, NOTHING), sum(materials, NOTHING), standing, situation.pay_on)
    except cis.BadConstruction as bad:
        where = "elections.standing" if bad.code == "unknown_standing" else "earnings"
        return Unpayable(((where, bad.code, str(bad)),))
    except NoRule as missing:
        return missing
    lines = [
        Line("earning", one.code, one.code.replace("_", " ").capitalize(), one.amount)
        for one in situation.earnings
    ]
    steps = worked.line.steps if situation.explain else ()
    return Payslip((*lines, worked.line._replace(steps=steps)), {}, pack("GB").version)
