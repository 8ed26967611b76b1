"""Pricing: one worker's workweek, over all assignments, into charges with a pay side and a bill
side.

40 h at 15.00 / 21.00, then 5 h of overtime at 1.5 that the client pays
    regular   40 h  pay 600.00  bill 840.00
    overtime   5 h  pay 112.50  bill 157.50
the same, overtime not paid by the client
    overtime   5 h  pay 112.50  bill 105.00
30 h at 18.00 and 20 h at 24.00 under a law that wants a weighted rate (20.40)
    straight time 540.00 and 480.00, premium on 10 h: 20.40 x 10 x 0.5 = 102.00, pay side alone
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from rulebook.hours import Band, WeekRules, Worked, into_bands, premium_pay, regular_rate
from rulebook.money import NOTHING, to_penny
from rulebook.rates import ONE, Portion, Priced, Rate, Side, fixed, price, to_rate

PREMIUM_CODE = "premium"
HOLIDAY_CODE = "holiday"


class Unpriceable(ValueError):
    """Work that no agreed rate prices; `faults` are (assignment, code, sentence), all of them."""

    def __init__(self, faults: tuple[tuple[str, str, str], ...]) -> None:
        self.faults = faults
        super().__init__(" ".join(sentence for _, _, sentence in faults))


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A rate with the days on which it holds: from `since`, up to and without `until`."""

    rate: Rate
    since: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Job:
    """One assignment as pricing sees it; `holiday_share` of pay is paid along with it (0 for
    none).
    """

    ref: str
    rates: tuple[DatedRate, ...]
    is_overtime_billed: bool = True
    holiday_share: Decimal = NOTHING
    unit: str = "hour"

    def rate_on(self, code: str, day: date) -> Rate | None:
        """The agreed rate of a code on a day, or None."""
        for dated in self.rates:
            if dated.rate.code == code and dated.holds_on(day):
                return dated.rate
        return None


def priced_week(
    worked: Sequence[Worked], jobs: Mapping[str, Job], rules: WeekRules
) -> tuple[Priced, ...]:
    """Price one workweek; raises Unpriceable with every line that has no rate, UnfitHours from the
    split.

    Lifted time is paid at its factor and billed at it where the client pays overtime, straight
    otherwise.
    Where the rules are law and the week has several straight rates, the premium is worked out on
    the weighted
    regular rate and stands as a charge of its own with a pay side alone.
    """
    _refuse_unpriced(worked, jobs)
    known = [replace(line, rate=_pay_rate(line, jobs)) for line in worked]
    bands = into_bands(known, rules)
    weighted = _weighted_rate(known, rules)
    priced = [_priced(band, jobs[band.assignment], weighted is not None) for band in bands]
    if weighted is not None:
        priced += _premiums(bands, jobs, weighted)
    return (*priced, *_holiday(priced, jobs))


def _refuse_unpriced(worked: Sequence[Worked], jobs: Mapping[str, Job]) -> None:
    faults = []
    for line in worked:
        rate = jobs[line.assignment].rate_on(line.code or "regular", line.on)
        if rate is None:
            told = f"No {line.code or 'regular'} rate is agreed for {line.on.isoformat()}."
            faults.append((line.assignment, "rate_missing", told))
        elif rate.unit != line.unit:
            told = (
                f"Time on {line.on.isoformat()} is in {line.unit}s and its rate is a {rate.unit}."
            )
            faults.append((line.assignment, "unit_differs", told))
    if faults:
        raise Unpriceable(tuple(dict.fromkeys(faults)))


def _pay_rate(line: Worked, jobs: Mapping[str, Job]) -> Decimal | None:
    rate = jobs[line.assignment].rate_on(line.code or "regular", line.on)
    return None if rate is None else rate.pay_rate


def _weighted_rate(worked: Sequence[Worked], rules: WeekRules) -> Decimal | None:
    """The regular rate of a week with several straight rates under law; None where one rules."""
    hours = [
        (line.quantity, line.rate)
        for line in worked
        if line.unit == "hour" and line.rate is not None and line.code not in rules.not_worked
    ]
    if not rules.rule or len({rate for _, rate in hours}) < 2:
        return None
    return regular_rate(hours)


def _priced(band: Band, job: Job, is_weighted: bool) -> Priced:
    rate = job.rate_on(band.reported, band.on)
    if rate is None:
        raise Unpriceable(((job.ref, "rate_missing", f"No {band.reported} rate is agreed."),))
    lifted = band.factor != ONE
    agreed = job.rate_on(band.code, band.on) if lifted else None
    if agreed is not None and not is_weighted:
        # the agreement names a price for overtime: it is the price, both sides, without a factor
        return price(_portion(band, ONE, ONE), agreed)
    return price(
        _portion(
            band,
            ONE if is_weighted else band.factor,
            band.factor if job.is_overtime_billed else ONE,
        ),
        rate,
    )


def _portion(band: Band, pay_factor: Decimal, bill_factor: Decimal) -> Portion:
    return Portion(
        band.assignment,
        band.on,
        band.code,
        band.quantity,
        pay_factor,
        bill_factor,
        band.code.replace("_", " ").capitalize(),
    )


def _premiums(bands: Sequence[Band], jobs: Mapping[str, Job], weighted: Decimal) -> list[Priced]:
    found = []
    for band in bands:
        if band.factor == ONE:
            continue
        rate = jobs[band.assignment].rate_on(band.reported, band.on)
        if rate is None or rate.pay_rate is None:
            continue
        amount = premium_pay(weighted, band.quantity, band.factor)
        found.append(
            Priced(
                band.assignment,
                band.on,
                PREMIUM_CODE,
                rate.version,
                Side(
                    band.quantity,
                    "hour",
                    to_rate(weighted * (band.factor - ONE)),
                    amount,
                    rate.pay_currency,
                    tax=rate.pay_tax,
                ),
                None,
                f"Overtime premium on {weighted.quantize(Decimal('0.0001'))}",
            )
        )
    return found


def _holiday(priced: Sequence[Priced], jobs: Mapping[str, Job]) -> list[Priced]:
    """Holiday pay along with the week's pay where the firm rolls it up: one line an assignment.

    The share is taken of the week's whole pay, to the penny, and stands on the last day worked.
    """
    weeks: dict[tuple[str, str], list[Priced]] = {}
    for charge in priced:
        if charge.pay is not None and jobs[str(charge.assignment)].holiday_share:
            weeks.setdefault((str(charge.assignment), charge.pay.currency), []).append(charge)
    found = []
    for (ref, currency), charges in weeks.items():
        paid = sum((charge.pay.amount for charge in charges if charge.pay), NOTHING)
        last = max(charges, key=lambda charge: charge.day)
        share = jobs[ref].holiday_share
        found.append(
            Priced(
                ref,
                last.day,
                HOLIDAY_CODE,
                last.version,
                fixed(to_penny(paid * share), currency, tax=HOLIDAY_CODE),
                None,
                f"Holiday pay {share * 100:f} %",
            )
        )
    return [charge for charge in found if charge.pay and charge.pay.amount]
