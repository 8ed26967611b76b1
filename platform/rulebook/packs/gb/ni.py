"""National Insurance: each band by itself, rounded as HMRC rounds.

letter, paid   pay       worker                     employer
A, weekly        785.50  543.50 at 8% =  43.48      689.50 at 15% = 103.425, down to 103.42
B, fortnightly 1,995.00  1,450 at 1.85% = 26.825    1,741 at 15% + 61 at 15% = 261.15 + 9.15
                         (26.82) + 61 at 2% (1.22)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_DOWN, Decimal
from functools import lru_cache
from typing import NamedTuple, TypeAlias, TypeVar, cast

from rulebook.lines import Step, percent
from rulebook.money import NOTHING, PENNY
from rulebook.packs.gb import law

# What is kept of a letter's year, in the order a payslip adds to it.
KEPT = ("earnings", "at_lel", "to_pt", "to_uel", "worker", "employer")
THREE_PLACES = Decimal("0.001")
Limits = Mapping[str, Mapping[str, Decimal]]
Letter = Mapping[str, object]
Bands = tuple[Decimal, Decimal, Decimal]
Kept = TypeVar("Kept")
Six: TypeAlias = tuple[Kept, Kept, Kept, Kept, Kept, Kept]


class Slice(NamedTuple):
    """A band of pay and the share taken of it; `until` None has no end."""

    since: Decimal
    until: Decimal | None
    rate: Decimal


@dataclass(frozen=True, slots=True)
class NiTable:
    """What one letter and one pay interval fix."""

    letter: str
    label: str
    employer_label: str
    lel: Decimal
    pt: Decimal
    uel: Decimal
    worker: tuple[Slice, ...]
    employer: tuple[Slice, ...]
    rule: str
    source: str
    employer_rule: str
    employer_source: str


def ni_round(amount: Decimal) -> Decimal:
    """Drop what follows the third decimal; then half a penny, or less, goes down."""
    return amount.quantize(THREE_PLACES, ROUND_DOWN).quantize(PENNY, ROUND_HALF_DOWN)


def contribution(slices: tuple[Slice, ...], pay: Decimal) -> Decimal:
    """Add up the shares of the bands that pay reaches, each rounded by itself."""
    owed = NOTHING
    for since, until, rate in slices:
        if pay <= since:
            break
        share = ((pay if until is None or pay < until else until) - since) * rate
        owed += share.quantize(THREE_PLACES, ROUND_DOWN).quantize(PENNY, ROUND_HALF_DOWN)
    return owed


def keys(letter: str) -> Six[str]:
    """The keys under which a letter's year is kept."""
    earnings, at_lel, to_pt, to_uel, worker, employer = (f"gb.ni.{letter}.{name}" for name in KEPT)
    return earnings, at_lel, to_pt, to_uel, worker, employer


def letters(day: date) -> Mapping[str, Letter]:
    """The letters in use on a day."""
    return cast(Mapping[str, Letter], law.figure("ni.letters", day).value)


@lru_cache(maxsize=8192)
def ni_table(letter: str, interval: str, pay_on: date) -> NiTable:
    """Prepare the bands of a letter for week, two_weeks, four_weeks, month or year."""
    limits = cast(Limits, law.figure("ni.limits", pay_on).value)
    return table_with({name: by[interval] for name, by in limits.items()}, letter, pay_on)


def table_with(limit: Mapping[str, Decimal], letter: str, day: date) -> NiTable:
    """Prepare the bands of a letter over the given limits."""
    held = law.figure("ni.letters", day)
    terms = cast(Mapping[str, Letter], held.value)[letter]
    shared = law.figure("ni.employer", day)
    share = cast(Decimal, shared.value)
    main, upper = cast(Decimal, terms["main"]), cast(Decimal, terms["upper"])
    pt, uel = limit["PT"], limit["UEL"]
    worker = (Slice(pt, uel, main), Slice(uel, None, upper)) if upper else ()
    employer: tuple[Slice, ...] = ()
    starts = cast(str, terms["employer_from"])
    if starts == "ST":
        employer = (Slice(limit["ST"], limit["UST"], share), Slice(limit["UST"], None, share))
    elif starts != "none":
        employer = (Slice(limit[starts], None, share),)
    limits_held = law.figure("ni.limits", day)
    label = f"National Insurance {letter}"
    return NiTable(
        letter,
        label,
        f"Employer's {label}",
        limit["LEL"],
        pt,
        uel,
        worker,
        employer,
        held.version,
        limits_held.source,
        shared.version,
        shared.source,
    )


def banded(table: NiTable, pay: Decimal) -> Bands:
    """Pay at the LEL, from there to the PT, from there to the UEL, as HMRC is told them."""
    if pay < table.lel:
        return NOTHING, NOTHING, NOTHING
    if pay <= table.pt:
        return table.lel, pay - table.lel, NOTHING
    return table.lel, table.pt - table.lel, (pay if pay < table.uel else table.uel) - table.pt


def steps(slices: tuple[Slice, ...], pay: Decimal) -> tuple[Step, ...]:
    """Say in words what each band came to."""
    said = []
    for band in slices:
        if pay <= band.since:
            break
        top = pay if band.until is None or pay < band.until else band.until
        inside = top - band.since
        ends = "" if band.until is None else f" up to {band.until:.2f}"
        said.append(
            Step(
                f"{inside:.2f} above {band.since:.2f}{ends}, at {percent(band.rate)}",
                f"{ni_round(inside * band.rate)}",
            )
        )
    return tuple(said) or (Step("Pay does not reach the first limit", "0.00"),)
