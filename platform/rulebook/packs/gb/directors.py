"""Directors: National Insurance on the year's pay to date.

Under the annual method every payment is worked out on pay to date against annual limits, less what
was paid. Under the alternative method a director is paid as others are until the last payment of
the year, which is worked out the annual way and settles the difference.

    appointed 2026-10-15: 52 - 27 whole weeks = 25 weeks; PT 12,570 x 25 / 52 = 6,043.27, so 6,044
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import cast

from rulebook.lines import Step, percent
from rulebook.money import NOTHING
from rulebook.packs.gb import law
from rulebook.packs.gb.ni import Limits, NiTable, Slice, ni_round, table_with
from rulebook.packs.gb.taxyear import starts_on

WEEKS = 52


@dataclass(frozen=True, slots=True)
class LetterPay:
    """A director's pay and contributions of the year so far under one letter."""

    letter: str
    earnings: Decimal
    worker: Decimal
    employer: Decimal


def weeks_left(appointed_on: date | None, day: date) -> int:
    """Weeks of the tax year from an appointment made in it; all 52 for one made before."""
    begins = starts_on(day)
    if appointed_on is None or appointed_on <= begins:
        return WEEKS
    return max(WEEKS - (appointed_on - begins).days // 7, 1)


@lru_cache(maxsize=4096)
def annual_table(letter: str, weeks: int, day: date) -> NiTable:
    """The bands of a letter for a whole year, or for the weeks left of it."""
    limits = cast(Limits, law.figure("ni.limits", day).value)
    return table_with({name: _limit(by, weeks) for name, by in limits.items()}, letter, day)


def _limit(by: Mapping[str, Decimal], weeks: int) -> Decimal:
    year = by["year"]
    if weeks == WEEKS:
        return year
    if year % WEEKS == 0:
        return by["week"] * weeks
    return (year * weeks / WEEKS).quantize(Decimal(1), ROUND_CEILING)


def between(slices: tuple[Slice, ...], since: Decimal, until: Decimal) -> Decimal:
    """The contribution on the part of the year's pay from `since` to `until`, band by band."""
    parts = parts_between(slices, since, until)
    return sum((ni_round((high - low) * rate) for low, high, rate in parts), NOTHING)


def parts_between(
    slices: tuple[Slice, ...], since: Decimal, until: Decimal
) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    """The bands that pay from `since` to `until` falls into: from where, to where, the share."""
    for band in slices:
        low = max(since, band.since)
        high = until if band.until is None else min(until, band.until)
        if high > low:
            yield low, high, band.rate


def due(
    letters: tuple[LetterPay, ...], weeks: int, day: date
) -> dict[str, tuple[Decimal, Decimal]]:
    """What each letter's pay of the year owes (worker, employer); letters fill bands in order."""
    owed, filled = {}, NOTHING
    for paid in in_order(letters, day):
        table = annual_table(paid.letter, weeks, day)
        until = filled + paid.earnings
        owed[paid.letter] = (
            between(table.worker, filled, until),
            between(table.employer, filled, until),
        )
        filled = until
    return owed


def in_order(letters: tuple[LetterPay, ...], day: date) -> list[LetterPay]:
    """A director's letters in the order in which they fill the bands of the year."""
    order = cast(tuple[str, ...], law.figure("ni.director_order", day).value)
    return sorted(letters, key=lambda item: order.index(item.letter))


@dataclass(frozen=True, slots=True)
class Settled:
    """A director's year so far: earned, owed and paid (worker, employer)."""

    earned: Decimal
    owed: tuple[Decimal, Decimal]
    paid: tuple[Decimal, Decimal]

    @property
    def worker(self) -> Decimal:
        """What the worker owes with this payment; negative is given back."""
        return self.owed[0] - self.paid[0]

    @property
    def employer(self) -> Decimal:
        """What the employer owes with this payment; negative is given back."""
        return self.owed[1] - self.paid[1]


def settled(year: tuple[LetterPay, ...], weeks: int, day: date) -> Settled:
    """Set what the year's pay owes against what has been paid."""
    owed = due(year, weeks, day).values()
    return Settled(
        sum((one.earnings for one in year), NOTHING),
        (sum((one[0] for one in owed), NOTHING), sum((one[1] for one in owed), NOTHING)),
        (sum((one.worker for one in year), NOTHING), sum((one.employer for one in year), NOTHING)),
    )


def steps(
    year: tuple[LetterPay, ...], weeks: int, day: date, found: Settled
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Say in words how a director's contributions came about, the worker's and the employer's."""
    limits = "annual limits" if weeks == WEEKS else f"limits for {weeks} weeks"
    earned = Step(f"Director: pay of the year against {limits}", f"{found.earned:.2f}")
    bands = (_bands_said(year, weeks, day, whose) for whose in ("worker", "employer"))
    worker, employer = (
        (
            earned,
            *said,
            Step("Owed on the year so far", f"{owed:.2f}"),
            Step("Less paid so far", f"{paid:.2f}"),
            Step("This payment", f"{owed - paid:.2f}"),
        )
        for said, owed, paid in zip(bands, found.owed, found.paid, strict=True)
    )
    return worker, employer


def _bands_said(year: tuple[LetterPay, ...], weeks: int, day: date, whose: str) -> Iterator[Step]:
    filled = NOTHING
    for paid in in_order(year, day):
        table = annual_table(paid.letter, weeks, day)
        slices = table.worker if whose == "worker" else table.employer
        until = filled + paid.earnings
        for low, high, rate in parts_between(slices, filled, until):
            says = f"{paid.letter}: {high - low:.2f} above {low:.2f}, at {percent(rate)}"
            yield Step(says, f"{ni_round((high - low) * rate)}")
        filled = until
