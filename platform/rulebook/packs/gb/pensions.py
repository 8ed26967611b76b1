"""Workplace pensions: who is enrolled, what goes in, and where it meets tax.

qualifying earnings, monthly, pay 2,000.00, 5% and 3%: 2,000 - 520 = 1,480 counts;
worker 74.00 (relief at source: 59.20 from pay, 14.80 claimed by the scheme), employer 44.40
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import NamedTuple, cast

from rulebook.lines import Step, percent
from rulebook.money import NOTHING, PENNY, to_penny
from rulebook.packs.gb import law
from rulebook.packs.gb.taxyear import months_after

ARRANGEMENTS = ("relief_at_source", "net_pay", "salary_sacrifice")
BASES = ("qualifying", "set_1", "set_2", "set_3")
STATES = ("assess", "postponed", "active", "opted_out", "left")


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a firm's scheme takes: the arrangement, the pay it counts, both shares."""

    arrangement: str
    basis: str
    worker: Decimal
    employer: Decimal


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits of one pay interval, the share paid under relief at source, and where from."""

    trigger: Decimal
    lower: Decimal
    upper: Decimal
    paid_by_worker: Decimal
    rule: str
    source: str


class Contribution(NamedTuple):
    """What one payment puts in.

    `from_pay` is taken after tax, `before_tax` leaves taxable pay, `given_up` leaves pay
    altogether; `employer` includes what was given up.
    """

    counted: Decimal = NOTHING
    from_pay: Decimal = NOTHING
    before_tax: Decimal = NOTHING
    given_up: Decimal = NOTHING
    employer: Decimal = NOTHING


NO_CONTRIBUTION = Contribution()
# A contribution out of its parts in their order, in half the time of giving them one by one.
contribution_of: Callable[[tuple[Decimal, Decimal, Decimal, Decimal, Decimal]], Contribution] = (
    partial(tuple.__new__, Contribution)
)


@lru_cache(maxsize=4096)
def thresholds(interval: str, day: date) -> Thresholds:
    """The limits for a pay interval on a day."""
    held = law.figure("pension.lower", day)
    return Thresholds(
        law.table("pension.trigger", day)[interval],
        law.table("pension.lower", day)[interval],
        law.table("pension.upper", day)[interval],
        law.amount("pension.relief_at_source", day),
        held.version,
        held.source,
    )


@lru_cache(maxsize=4096)
def too_low(basis: str, worker: Decimal, employer: Decimal, day: date) -> bool:
    """Whether the shares fall short of the least the law allows for a basis."""
    if basis == "qualifying":
        least = law.table("pension.minimum", day)
    else:
        by_set = cast(dict[str, dict[str, Decimal]], law.figure("pension.certified", day).value)
        least = by_set[basis]
    return employer < least["employer"] or worker + employer < least["total"]


def age_on(born_on: date, day: date) -> int:
    """Whole years lived on a day."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


@lru_cache(maxsize=65536)
def state_pension_day(born_on: date, day: date) -> date:
    """The day someone reaches State Pension age, by the law of `day`."""
    rows = cast(
        tuple[tuple[date, Decimal, Decimal], ...], law.figure("pension.state_age", day).value
    )
    _, years, months = [row for row in rows if row[0] <= born_on][-1]
    return months_after(born_on, int(years) * 12 + int(months))


@lru_cache(maxsize=65536)
def by_age(born_on: date, day: date) -> str:
    """What an age on a payday allows for: enrolment ("eligible"), joining, or "outside"."""
    ages = law.table("pension.ages", day)
    age = age_on(born_on, day)
    if age < ages["joining_from"] or age >= ages["joining_before"]:
        return "outside"
    old_enough = age >= ages["enrolled_from"] and day < state_pension_day(born_on, day)
    return "eligible" if old_enough else "non_eligible"


def category(pay: Decimal, born_on: date, day: date, limits: Thresholds) -> str:
    """What the law calls a worker for this payment: eligible, non_eligible, entitled or outside."""
    found = by_age(born_on, day)
    if found == "outside":
        return found
    if pay <= limits.lower:
        return "entitled"
    return found if pay >= limits.trigger else "non_eligible"


def contribute(scheme: Scheme, limits: Thresholds, pay: Decimal, basic: Decimal) -> Contribution:
    """What goes in for a payment; `basic` is the part of pay that certified sets 1 and 2 count."""
    if scheme.basis == "qualifying":
        counted = (pay if pay < limits.upper else limits.upper) - limits.lower
        if counted <= 0:
            return NO_CONTRIBUTION
    else:
        counted = pay if scheme.basis == "set_3" else basic
    worker = (counted * scheme.worker).quantize(PENNY, ROUND_HALF_UP)
    employer = (counted * scheme.employer).quantize(PENNY, ROUND_HALF_UP)
    if scheme.arrangement == "relief_at_source":
        paid = (worker * limits.paid_by_worker).quantize(PENNY, ROUND_HALF_UP)
        return contribution_of((counted, paid, NOTHING, NOTHING, employer))
    if scheme.arrangement == "net_pay":
        return contribution_of((counted, NOTHING, worker, NOTHING, employer))
    return contribution_of((counted, NOTHING, NOTHING, worker, employer + worker))


def steps(
    scheme: Scheme, limits: Thresholds, put_in: Contribution, share: Decimal
) -> tuple[Step, ...]:
    """Say in words how a worker's or an employer's contribution came about."""
    between = (
        f", between {limits.lower:.2f} and {limits.upper:.2f}"
        if scheme.basis == "qualifying"
        else ""
    )
    whole = to_penny(put_in.counted * share)
    said = [
        Step(f"Pay that counts{between}", f"{put_in.counted:.2f}"),
        Step(f"{percent(share)} of that", f"{whole:.2f}"),
    ]
    if share == scheme.worker and put_in.from_pay != whole and put_in.from_pay:
        paid = percent(limits.paid_by_worker)
        said.append(
            Step(f"{paid} from net pay, the scheme claims the rest", f"{put_in.from_pay:.2f}")
        )
    if share == scheme.employer and put_in.given_up:
        said.append(Step("With the pay given up", f"{put_in.employer:.2f}"))
    return tuple(said)
