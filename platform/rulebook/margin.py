"""Margin: what is left of a bill after pay and what pay costs, along any dimension, by week."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from rulebook.money import NOTHING, shared_out, to_penny
from rulebook.periods import Period, week_of
from rulebook.rates import FOUR_PLACES, Ref

Key = TypeVar("Key", bound=Ref)

EXPECTED, ACTUAL = "expected", "actual"


@dataclass(frozen=True, slots=True)
class Earned:
    """What one charge brings: its bill, its pay and the burden on it, in pennies of one currency.

    `burden_is` says whether the burden is expected or actual. `posted_at` is when it was
    charged, `day` the day of the work.
    """

    charge: Ref
    assignment: Ref
    client: Ref
    worker: Ref
    day: date
    posted_at: datetime
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


def actual_burden(cost: Decimal, pays: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    """Share a payslip's employer cost out over its charges by their pay; no penny is lost."""
    refs = list(pays)
    if not refs:
        return {}
    return dict(zip(refs, shared_out(cost, [pays[ref] for ref in refs]), strict=True))


def split(row: Earned, shares: Mapping[Key, Decimal]) -> tuple[Earned, ...]:
    """Share one charge out over consultants by their shares of it, every figure to the hundredth.

    The parts add up to the charge; the first consultant gets the odd penny.
    """
    weights = list(shares.values())
    figures = [shared_out(figure, weights) for figure in (row.bill, row.pay, row.burden, row.hours)]
    return tuple(
        replace(row, consultant=consultant, bill=bill, pay=pay, burden=burden, hours=hours)
        for consultant, bill, pay, burden, hours in zip(shares, *figures, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Week:
    """A reported week, and the moment it was closed (None while it is open)."""

    period: Period
    closed_at: datetime | None


def reported_in(row: Earned, weeks: Iterable[Week], first_weekday: int = 0) -> Period:
    """The week a charge is reported in: that of its work, or an open one when that was closed.

    A charge posted after its week was closed falls in the first later week still open just then.
    """
    closed = {week.period.starts: week.closed_at for week in weeks}
    period = week_of(row.day, first_weekday)
    while True:
        closed_at = closed.get(period.starts)
        if closed_at is None or row.posted_at <= closed_at:
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
    closed = {week.period.starts for week in known if week.closed_at is not None}
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


def billed_in(row: Earned, bill: Decimal, fx_rate: Decimal) -> Earned:
    """The same charge with its bill turned into the currency of the pay, to the penny.

    `fx_rate` is the dated rate: units of the pay currency for one of the bill's.
    """
    return replace(row, bill=to_penny(bill * fx_rate))
