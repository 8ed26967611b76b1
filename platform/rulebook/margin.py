"""Margin: what is left of a bill after pay and what pay costs, along any dimension, by week."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from rulebook.money import NOTHING, shared_out, to_penny
from rulebook.periods import Period, week_of
from rulebook.rates import FOUR_PLACES, Ref

EXPECTED, ACTUAL = "expected", "actual"


@dataclass(frozen=True, slots=True)
class Earned:
    """What one charge brings: its bill, its pay and the burden on it, in pennies of one currency.

    `burden_is` says whether the burden is expected or actual. `posted_on` is the day it was
    charged, `day` the day of the work.
    """

    charge: Ref
    assignment: Ref
    client: Ref
    worker: Ref
    day: date
    posted_on: date
    bill: Decimal
    pay: Decimal
    burden: Decimal
    currency: str
    burden_is: str = EXPECTED
    hours: Decimal = NOTHING
    consultant: Ref = ""
    service_line: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Margin:
    """Bill less pay less burden, over some charges of one currency."""

    currency: str
    bill: Decimal
    pay: Decimal
    burden: Decimal
    hours: Decimal
    burden_is: str

    @property
    def amount(self) -> Decimal:
        """What is left, in pennies."""
        return self.bill - self.pay - self.burden

    @property
    def share(self) -> Decimal | None:
        """What is left as a share of the bill, four places; None when nothing was billed."""
        return (self.amount / self.bill).quantize(FOUR_PLACES, ROUND_HALF_UP) if self.bill else None

    @property
    def markup_share(self) -> Decimal | None:
        """What is left as a share of pay, four places; None when nothing was paid."""
        return (self.amount / self.pay).quantize(FOUR_PLACES, ROUND_HALF_UP) if self.pay else None


DIMENSIONS: Mapping[str, Callable[[Earned, int], str]] = {
    "assignment": lambda row, _: str(row.assignment),
    "client": lambda row, _: str(row.client),
    "worker": lambda row, _: str(row.worker),
    "consultant": lambda row, _: str(row.consultant),
    "service_line": lambda row, _: row.service_line,
    "branch": lambda row, _: row.branch,
    "week": lambda row, starts: week_of(row.day, starts).starts.isoformat(),
    "posted_week": lambda row, starts: week_of(row.posted_on, starts).starts.isoformat(),
}


def margin(rows: Iterable[Earned]) -> dict[str, Margin]:
    """The margin of all charges together, by currency; burden is actual only when all of it is."""
    sums: dict[str, list[Decimal]] = {}
    kinds: dict[str, set[str]] = {}
    for row in rows:
        added = sums.setdefault(row.currency, [NOTHING] * 4)
        for n, amount in enumerate((row.bill, row.pay, row.burden, row.hours)):
            added[n] += amount
        kinds.setdefault(row.currency, set()).add(row.burden_is)
    return {
        currency: Margin(
            currency,
            bill,
            pay,
            burden,
            hours,
            ACTUAL if kinds[currency] == {ACTUAL} else EXPECTED,
        )
        for currency, (bill, pay, burden, hours) in sorted(sums.items())
    }


def margin_by(
    rows: Iterable[Earned], *dimensions: str, first_weekday: int = 0
) -> dict[tuple[str, ...], Margin]:
    """The margin along dimensions, keyed by their values and the currency; sums to the same total.

    KeyError for a dimension that is not one of DIMENSIONS.
    """
    ways = [DIMENSIONS[name] for name in dimensions]
    groups: dict[tuple[str, ...], list[Earned]] = {}
    for row in rows:
        values = tuple(way(row, first_weekday) for way in ways)
        groups.setdefault((*values, row.currency), []).append(row)
    return {key: margin(groups[key])[key[-1]] for key in sorted(groups)}


def expected_burden(pay: Decimal, burden_share: Decimal) -> Decimal:
    """The employer cost to expect on pay until the run is final, to the penny."""
    return to_penny(pay * burden_share)


def actual_burden(cost: Decimal, pays: Mapping[Ref, Decimal]) -> dict[Ref, Decimal]:
    """Share a payslip's employer cost out over its charges by their pay; no penny is lost."""
    refs = list(pays)
    if not refs:
        return {}
    return dict(zip(refs, shared_out(cost, [pays[ref] for ref in refs]), strict=True))


@dataclass(frozen=True, slots=True)
class Week:
    """A reported week: when it was closed (None while open), and its margin as reported."""

    period: Period
    closed_on: date | None
    reported: Mapping[str, Margin] = field(default_factory=lambda: MappingProxyType({}))


def reported_in(row: Earned, weeks: Iterable[Week], first_weekday: int = 0) -> Period:
    """The week a charge is reported in: that of its work, or an open one when that was closed.

    A charge posted after its week was closed falls in the first later week still open on that day.
    """
    closed = {week.period.starts: week.closed_on for week in weeks}
    period = week_of(row.day, first_weekday)
    while True:
        closed_on = closed.get(period.starts)
        if closed_on is None or row.posted_on < closed_on:
            return period
        period = week_of(period.ends, first_weekday)


@dataclass(frozen=True, slots=True)
class WeekReport:
    """One week as it is reported: its own charges, and the late ones of earlier weeks."""

    period: Period
    is_frozen: bool
    own: tuple[Earned, ...]
    late: tuple[Earned, ...]

    @property
    def margin(self) -> dict[str, Margin]:
        """Own and late together, by currency."""
        return margin((*self.own, *self.late))


def reports(
    rows: Iterable[Earned], weeks: Iterable[Week], first_weekday: int = 0
) -> tuple[WeekReport, ...]:
    """Put every charge in exactly one week; what is late for a closed one is in an open one."""
    known = tuple(weeks)
    closed = {week.period.starts for week in known if week.closed_on is not None}
    own: dict[Period, list[Earned]] = {}
    late: dict[Period, list[Earned]] = {}
    for row in rows:
        period = reported_in(row, known, first_weekday)
        (own if row.day in period else late).setdefault(period, []).append(row)
    return tuple(
        WeekReport(
            period,
            period.starts in closed,
            tuple(own.get(period, ())),
            tuple(late.get(period, ())),
        )
        for period in sorted({*own, *late})
    )


def in_currency(amount: Decimal, fx_rate: Decimal) -> Decimal:
    """Turn an amount into another currency at a dated rate (units of it for one), to the penny."""
    return to_penny(amount * fx_rate)
