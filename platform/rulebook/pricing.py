"""Pricing: one worker's workweek, over all assignments, into charges with a pay side and a bill
side.

40 h at 15.00 / 21.00, then 5 h of overtime at 1.5 that the client pays
    regular   40 h  pay 600.00  bill 840.00
    overtime   5 h  pay 112.50  bill 157.50
the same, overtime not paid by the client
    overtime   5 h  pay 112.50  bill 105.00
30 h at 18.00 and 20 h at 24.00 under a law that wants a weighted rate (20.40)
    straight time 540.00 and 480.00, premium on 10 h: 20.40 x 10 x 0.5 = 102.00, pay side alone
46 h at 12.00 and a promised bonus of 46.00 (29 CFR 778.110)
    13.00 an hour, premium on 6 h: 13.00 x 6 x 0.5 = 39.00
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rulebook.hours import (
    Band,
    UnfitHours,
    WeekRules,
    Worked,
    into_bands,
    premium_pay,
    regular_rate,
)
from rulebook.money import NOTHING, to_penny
from rulebook.rates import ONE, Priced, Rate, Side, fixed, side, to_rate

PREMIUM_CODE = "premium"
MISSED_MEAL = "missed_meal"
HOLIDAY_CODE = "holiday"
REGULAR = "regular"


class Unpriced(NamedTuple):
    """Work that no agreed rate prices: whose, on which day, what is wrong and in words."""

    assignment: str
    on: date
    code: str
    sentence: str


class Unpriceable(ValueError):
    """Work that no agreed rate prices; `faults` are all of it."""

    def __init__(self, faults: tuple[Unpriced, ...]) -> None:
        self.faults = faults
        super().__init__(" ".join(fault.sentence for fault in faults))


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A rate with the days on which it holds: from `since`, up to and without `until`."""

    rate: Rate
    since: date
    until: date | None = None
    is_overtime_billed: bool = True
    is_penalty_billed: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day < self.until)


class DatedShare(NamedTuple):
    """A share of holiday pay of a job's own, with the days on which it holds."""

    share: Decimal
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Job:
    """One assignment as pricing sees it; `gets_holiday` says whether holiday pay comes along."""

    ref: str
    rates: tuple[DatedRate, ...]
    gets_holiday: bool = False
    holiday_shares: tuple[DatedShare, ...] = ()

    def holiday_share_on(self, day: date, share: Decimal) -> Decimal:
        """The share of holiday pay of a day's work: the job's own where that is more."""
        own = [one.share for one in self.holiday_shares if one.since <= day < one.until]
        return max([share, *own])

    def rate_on(self, code: str, day: date) -> DatedRate | None:
        """The agreed rate of a code on a day, or None."""
        for dated in self.rates:
            if dated.rate.code == code and dated.holds_on(day):
                return dated
        return None


class Beside(NamedTuple):
    """What law adds to the hours of a week: bonuses that were promised for it, and by assignment
    and day the hours of pay owed for meals missed.
    """

    bonus: Decimal = NOTHING
    missed: Sequence[tuple[str, date]] = ()


NOTHING_BESIDE = Beside()


class Regular(NamedTuple):
    """The regular rate of a week: `rate` for every hour, and what a flat bonus adds to each
    straight hour where law spreads it over those alone.
    """

    rate: Decimal
    flat: Decimal = NOTHING

    @property
    def whole(self) -> Decimal:
        """What an hour comes to."""
        return self.rate + self.flat

    def premium(self, band: Band) -> Decimal:
        """What a lifted band earns on top of straight pay."""
        own = premium_pay(self.rate, band.quantity, band.factor)
        return own + to_penny(self.flat * band.quantity * band.factor) if self.flat else own


def priced_week(
    worked: Sequence[Worked],
    jobs: Mapping[str, Job],
    rules: WeekRules,
    holiday_share: Decimal = NOTHING,
    beside: Beside = NOTHING_BESIDE,
) -> tuple[Priced, ...]:
    """Price one workweek; raises Unpriceable with every line that has no rate, UnfitHours from the
    split.

    Lifted time is paid at its factor and billed at it where the client pays overtime, straight
    otherwise. A rate agreed for overtime by name goes before the factor, as long as law asks for
    no more. Where the rules are law and the week has several straight rates or a promised bonus,
    the premium is worked out on the regular rate and stands as a charge of its own with a pay side
    alone.
    """
    _refuse_unpriced(worked, jobs)
    known = [replace(line, rate=_pay_rate(line, jobs)) for line in worked]
    bands = into_bands(known, rules)
    hours = _paid_hours(known, rules)
    is_weighted = bool(rules.rule) and (len({rate for _, rate in hours}) > 1 or beside.bonus != 0)
    priced = [
        _priced(
            band,
            jobs[band.assignment],
            is_law=bool(rules.rule),
            is_weighted=is_weighted,
        )
        for band in bands
    ]
    if is_weighted or beside.missed:
        regular = _regular(hours, bands, rules, beside.bonus)
        if is_weighted:
            priced += _premiums(bands, jobs, regular)
        priced += _penalties(beside.missed, jobs, regular)
    return (*priced, *_holiday(priced, jobs, holiday_share))


def _refuse_unpriced(worked: Sequence[Worked], jobs: Mapping[str, Job]) -> None:
    faults = []
    for line in worked:
        agreed = jobs[line.assignment].rate_on(line.code or REGULAR, line.on)
        if agreed is None:
            told = f"No {line.code or REGULAR} rate is agreed for {line.on.isoformat()}."
            faults.append(Unpriced(line.assignment, line.on, "rate_missing", told))
        elif agreed.rate.unit != line.unit:
            told = (
                f"Time on {line.on.isoformat()} is in {line.unit}s and its rate is a"
                f" {agreed.rate.unit}."
            )
            faults.append(Unpriced(line.assignment, line.on, "unit_differs", told))
    if faults:
        raise Unpriceable(tuple(dict.fromkeys(faults)))


def _pay_rate(line: Worked, jobs: Mapping[str, Job]) -> Decimal | None:
    agreed = jobs[line.assignment].rate_on(line.code or REGULAR, line.on)
    return None if agreed is None else agreed.rate.pay_rate


def _paid_hours(worked: Sequence[Worked], rules: WeekRules) -> list[tuple[Decimal, Decimal]]:
    """The hours that were worked and their straight rates."""
    return [
        (line.quantity, line.rate)
        for line in worked
        if line.unit == "hour"
        and line.rate is not None
        and line.quantity
        and line.code not in rules.not_worked | rules.premium
    ]


def _regular(
    hours: Sequence[tuple[Decimal, Decimal]],
    bands: Sequence[Band],
    rules: WeekRules,
    bonus: Decimal,
) -> Regular:
    """The week's regular rate; a bonus is spread over all its hours, or over the straight ones."""
    if not bonus or rules.spreads_bonus == "all_hours":
        return Regular(regular_rate(hours, bonus))
    if rules.spreads_bonus != "straight_hours":
        raise UnfitHours("A bonus of a week worked under two ways of spreading it is not known.")
    idle = rules.not_worked
    worked = (band for band in bands if band.unit == "hour" and band.code not in idle)
    straight = sum((band.quantity for band in worked if band.factor == ONE), NOTHING)
    return Regular(regular_rate(hours), bonus / straight if straight else NOTHING)


def _priced(band: Band, job: Job, *, is_law: bool, is_weighted: bool) -> Priced:
    straight = job.rate_on(band.reported, band.on)
    if straight is None:
        told = f"No {band.reported} rate is agreed for {band.on.isoformat()}."
        raise Unpriceable((Unpriced(job.ref, band.on, "rate_missing", told),))
    rate = straight.rate
    if band.factor == ONE:
        pay, bill = _paid(band, rate, ONE), _billed(band, rate, ONE)
    else:
        named = job.rate_on(band.code, band.on)
        pay = _lifted_pay(band, rate, named.rate if named else None, is_law, is_weighted)
        if named is not None:
            bill = _billed(band, named.rate, ONE)
        else:
            bill = _billed(band, rate, band.factor if straight.is_overtime_billed else ONE)
    label = band.code.replace("_", " ").capitalize()
    if rate.label:
        label = f"{label}, {rate.label}"
    return Priced(band.assignment, band.on, band.code, rate.version, pay, bill, label)


def _lifted_pay(
    band: Band, straight: Rate, named: Rate | None, is_law: bool, is_weighted: bool
) -> Side | None:
    """The pay side of lifted time: straight where a premium follows, the rate agreed by name where
    it is enough, the straight rate at the factor else.
    """
    if is_weighted and straight.pay_rate is not None:
        return _paid(band, straight, ONE)
    if named is not None and (not is_law or _is_enough(named, straight, band.factor)):
        return _paid(band, named, ONE)
    return _paid(band, straight, band.factor)


def _is_enough(named: Rate, straight: Rate, factor: Decimal) -> bool:
    """Whether a rate agreed by name is no less than what law asks for."""
    if straight.pay_rate is None:
        return True
    return named.pay_rate is not None and named.pay_rate >= straight.pay_rate * factor


def _paid(band: Band, rate: Rate, factor: Decimal) -> Side | None:
    if rate.pay_rate is None:
        return None
    return side(
        band.quantity, rate.pay_rate, rate.pay_currency,
        unit=rate.unit, factor=factor, tax=rate.pay_tax,
    )  # fmt: skip


def _billed(band: Band, rate: Rate, factor: Decimal) -> Side | None:
    if rate.bill_rate is None:
        return None
    return side(
        band.quantity, rate.bill_rate, rate.bill_currency,
        unit=rate.unit, factor=factor, tax=rate.bill_tax,
    )  # fmt: skip


def _premiums(bands: Sequence[Band], jobs: Mapping[str, Job], regular: Regular) -> list[Priced]:
    found = []
    for band in bands:
        agreed = jobs[band.assignment].rate_on(band.reported, band.on)
        if band.factor == ONE or agreed is None or agreed.rate.pay_rate is None:
            continue
        rate = agreed.rate
        amount = regular.premium(band)
        premium = to_rate(regular.rate * (band.factor - ONE) + regular.flat * band.factor)
        found.append(
            Priced(
                band.assignment,
                band.on,
                PREMIUM_CODE,
                rate.version,
                Side(band.quantity, "hour", premium, amount, rate.pay_currency, tax=rate.pay_tax),
                None,
                f"Overtime premium on {_spoken(regular.whole)}",
            )
        )
    return found


def _penalties(
    missed: Sequence[tuple[str, date]], jobs: Mapping[str, Job], regular: Regular
) -> list[Priced]:
    """An hour of pay for each day with a meal missed, billed only where that was agreed."""
    found = []
    for ref, day in missed:
        agreed = jobs[ref].rate_on(REGULAR, day)
        if agreed is None or agreed.rate.pay_rate is None:
            continue
        rate, price = agreed.rate, to_rate(regular.whole)
        pay = side(ONE, price, rate.pay_currency, unit="unit", factor=ONE, tax=rate.pay_tax)
        bill = None
        if agreed.is_penalty_billed and rate.bill_rate is not None:
            bill = side(
                ONE, rate.bill_rate, rate.bill_currency,
                unit="unit", factor=ONE, tax=rate.bill_tax,
            )  # fmt: skip
        found.append(Priced(ref, day, MISSED_MEAL, rate.version, pay, bill, "Missed meal break"))
    return found


def _spoken(rate: Decimal) -> str:
    """A rate as people say it: 20.40, and 20.1375 where the penny is not enough."""
    whole = to_rate(rate)
    return f"{whole.normalize():f}" if whole != to_penny(whole) else f"{to_penny(whole)}"


def _holiday(priced: Sequence[Priced], jobs: Mapping[str, Job], share: Decimal) -> list[Priced]:
    """Holiday pay along with the week's pay where the firm rolls it up: one line an assignment.

    The share is taken of the week's whole pay, to the penny, and stands on the last day worked;
    a week in which the share changes is taken day by day, and rounded once.
    """
    weeks: dict[tuple[str, str], list[Priced]] = {}
    for charge in priced:
        if share and charge.pay is not None and jobs[str(charge.assignment)].gets_holiday:
            weeks.setdefault((str(charge.assignment), charge.pay.currency), []).append(charge)
    found = []
    for (ref, currency), charges in weeks.items():
        shares = [jobs[ref].holiday_share_on(charge.day, share) for charge in charges]
        paid = sum(
            (
                charge.pay.amount * own
                for charge, own in zip(charges, shares, strict=True)
                if charge.pay
            ),
            NOTHING,
        )
        said = " and ".join(f"{(own * 100).normalize():f}" for own in sorted(set(shares)))
        last = max(charges, key=lambda charge: charge.day)
        found.append(
            Priced(
                ref,
                last.day,
                HOLIDAY_CODE,
                last.version,
                fixed(to_penny(paid), currency, tax=HOLIDAY_CODE),
                None,
                f"Holiday pay {said} %",
            )
        )
    return [charge for charge in found if charge.pay and charge.pay.amount]
