"""Hours: worked time into priced bands, each hour once, over the whole workweek of one worker.

An hour reported under a plain code is straight time until a rule lifts it: first the rules of the
day and place it was worked in, then those of the week, over all assignments and clients together.
Only straight hours count towards the next threshold, so nothing is lifted twice, and the later
hours are the ones lifted: overtime stays with the assignment on which it was worked.

    25 h at Acme, then 25 h at Bolt, weekly rule 40 at 1.5
        Acme  25 regular
        Bolt  15 regular, 10 overtime
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType

from rulebook.money import NOTHING, to_penny

STRAIGHT = Decimal(1)
DOUBLE = Decimal(2)
NO_HOURS = Decimal(0)
PLAIN = frozenset({"", "regular"})
NOT_WORKED = frozenset({"holiday", "sick", "vacation", "leave", "pto"})
PREMIUM = frozenset({"overtime", "double", "OT", "DT"})
DAYS_IN_A_WEEK = 7


class UnfitHours(ValueError):
    """Worked time that cannot be split: more than a week, less than nothing, a rate not known."""


@dataclass(frozen=True, slots=True)
class Worked:
    """One line of reported time of one worker; `code` is "regular" unless the worker named another.

    `quantity` is net of breaks. `place` (state or nation) selects the daily rules; `rate`, the
    straight rate for an hour, is needed only where a rule asks for it (Nevada).
    """

    assignment: str
    on: date
    code: str
    quantity: Decimal
    unit: str = "hour"
    starts: datetime | None = None
    ends: datetime | None = None
    breaks_minutes: int = 0
    place: str = ""
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Time of one assignment and day at one factor.

    `code` says what it became ("regular", "overtime", "double" or the code reported), `reported`
    the code whose agreed rate prices it. `premium` is true where law, agreement or code lifted it.
    """

    assignment: str
    on: date
    code: str
    quantity: Decimal
    unit: str
    factor: Decimal
    premium: bool
    reported: str = "regular"


@dataclass(frozen=True, slots=True)
class Tier:
    """Straight hours beyond `over` are paid at `factor` and called `code`."""

    over: Decimal
    factor: Decimal
    code: str = "overtime"


@dataclass(frozen=True, slots=True)
class DayRules:
    """What lifts hours within a day of one place.

    `seventh` replaces `daily` on the last of seven days worked in the week, when the week holds
    more than `seventh_needs` hours. `rate_below`: daily tiers hold only for a worker whose regular
    rate is less.
    """

    daily: tuple[Tier, ...] = ()
    seventh: tuple[Tier, ...] = ()
    seventh_needs: Decimal = NO_HOURS
    consecutive: tuple[Tier, ...] = ()
    rate_below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WeekRules:
    """How one workweek is split.

    `days` are by place; "" serves places not named. `not_worked` codes are paid but count nowhere;
    `premium` codes are already paid above straight time and credited as such. Every other code is
    straight time that may be lifted, unless `lifts` names the only codes that may. A promised bonus
    is spread over `spreads_bonus`: all_hours or straight_hours; "" where a week knows two ways.
    """

    weekly: tuple[Tier, ...] = ()
    days: Mapping[str, DayRules] = field(default_factory=lambda: MappingProxyType({}))
    not_worked: frozenset[str] = NOT_WORKED
    premium: frozenset[str] = PREMIUM
    lifts: frozenset[str] | None = None
    spreads_bonus: str = "all_hours"
    rule: str = ""
    source: str = ""

    def day(self, place: str) -> DayRules:
        """The rules of the day in a place."""
        return self.days.get(place) or self.days.get("") or NO_DAY_RULES


NO_DAY_RULES = DayRules()


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a line of time on its way to a band."""

    line: Worked
    quantity: Decimal
    counts: bool
    lifts: bool
    tier: Tier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What an agreement says of overtime: from which hour of the week and of the day it is paid at
    `factor`, from which at double, and by which factor the last of seven days worked is.
    """

    factor: Decimal = STRAIGHT
    weekly_over: Decimal | None = None
    daily_over: Decimal | None = None
    double_weekly_over: Decimal | None = None
    double_daily_over: Decimal | None = None
    seventh_factor: Decimal | None = None


def agreed_week(agreed: Agreed) -> WeekRules:
    """The rules of an agreement.

    Only plain time is lifted: hours reported under a code of their own keep its agreed rate, though
    they count towards the week.
    """
    day = DayRules(
        _agreed_tiers(agreed.daily_over, agreed.double_daily_over, agreed.factor),
        () if agreed.seventh_factor is None else (_seventh(agreed.seventh_factor),),
    )
    weekly = _agreed_tiers(agreed.weekly_over, agreed.double_weekly_over, agreed.factor)
    return WeekRules(weekly, MappingProxyType({"": day}), lifts=PLAIN)


def _agreed_tiers(
    over: Decimal | None, double_over: Decimal | None, factor: Decimal
) -> tuple[Tier, ...]:
    """One and a half, then double; from the same hour on, double alone."""
    found = []
    if over is not None and over != double_over:
        found.append(Tier(over, factor))
    if double_over is not None:
        found.append(Tier(double_over, DOUBLE, "double"))
    return tuple(sorted(found, key=lambda tier: tier.over))


def _seventh(factor: Decimal) -> Tier:
    return Tier(NO_HOURS, factor, "double" if factor >= DOUBLE else "overtime")


def into_bands(week: Sequence[Worked], rules: WeekRules) -> tuple[Band, ...]:
    """Split one worker's workweek, over all assignments and clients, into bands in order of work.

    Raises UnfitHours for time below zero, for days that do not fit in one week, and where a rule
    depends on a rate that is not given.
    """
    pieces = [_piece(line, rules) for line in _in_order(week)]
    lifted: list[_Piece] = []
    hours_of_week = sum((piece.quantity for piece in pieces if _is_time(piece)), NO_HOURS)
    days_worked = sorted({piece.line.on for piece in pieces if _was_at_work(piece, rules)})
    last_of_seven = days_worked[-1] if len(days_worked) == DAYS_IN_A_WEEK else None
    for (on, place), lines in groupby(pieces, lambda piece: (piece.line.on, piece.line.place)):
        day = rules.day(place)
        tiers = day.daily if _rate_lets(day, week, rules) else ()
        if day.seventh and on == last_of_seven and hours_of_week > day.seventh_needs:
            tiers = day.seventh
        lifted += _lift(lines, tiers)
    lifted = _lift_consecutive(lifted, rules)
    return _bands(_lift(lifted, rules.weekly), rules)


def _in_order(week: Sequence[Worked]) -> list[Worked]:
    """The lines by day, place and, where clocked, start; checked to be of one week."""
    if any(line.quantity < 0 for line in week):
        raise UnfitHours("Worked time cannot be less than nothing.")
    days = {line.on for line in week}
    if days and (max(days) - min(days)).days >= DAYS_IN_A_WEEK:
        raise UnfitHours("Overtime is worked out one workweek at a time.")
    if any(line.starts and line.starts.tzinfo is None for line in week):
        raise UnfitHours("A clock time needs its time zone.")
    # Within a day, lines of one place stay together; places follow each other as first worked.
    first: dict[tuple[date, str], int] = {}
    for n, line in enumerate(week):
        first.setdefault((line.on, line.place), n)
    return sorted(
        week,
        key=lambda line: (
            line.on,
            first[line.on, line.place],
            line.starts.timestamp() if line.starts else 0,
        ),
    )


def _piece(line: Worked, rules: WeekRules) -> _Piece:
    """A line as it enters: whether it counts towards thresholds, and whether it may be lifted."""
    counts = line.unit == "hour" and line.code not in rules.not_worked | rules.premium
    lifts = counts and (rules.lifts is None or line.code in rules.lifts)
    return _Piece(line, line.quantity, counts, lifts)


def _is_time(piece: _Piece) -> bool:
    return piece.line.unit == "hour"


def _was_at_work(piece: _Piece, rules: WeekRules) -> bool:
    return piece.quantity > 0 and piece.line.code not in rules.not_worked


def _rate_lets(day: DayRules, week: Sequence[Worked], rules: WeekRules) -> bool:
    """Say whether the week's regular rate is low enough for daily rules that ask (NRS 608.018)."""
    if day.rate_below is None:
        return True
    hours = [line for line in week if line.unit == "hour" and line.code not in rules.not_worked]
    if any(line.rate is None for line in hours):
        raise UnfitHours("This place's daily overtime depends on the rate, and a rate is missing.")
    return regular_rate([(line.quantity, line.rate or NOTHING) for line in hours]) < day.rate_below


def _lift(pieces: Iterable[_Piece], tiers: Sequence[Tier]) -> list[_Piece]:
    """Count straight hours in order and lift those beyond each tier, cutting lines at the edge."""
    if not tiers:
        return list(pieces)
    lifted: list[_Piece] = []
    sofar = NO_HOURS
    for piece in pieces:
        if not piece.counts or piece.tier:
            lifted.append(piece)
            continue
        for quantity, tier in _cut(sofar, piece.quantity, tiers):
            fits = piece.lifts and tier is not None
            lifted.append(replace(piece, quantity=quantity, tier=tier if fits else None))
        sofar += piece.quantity
    return lifted


def _cut(
    sofar: Decimal, quantity: Decimal, tiers: Sequence[Tier]
) -> list[tuple[Decimal, Tier | None]]:
    """Cut `quantity` hours that follow `sofar` at the edges of the tiers they cross."""
    ladder: list[tuple[Decimal, Tier | None]] = [(NO_HOURS, None)]
    ladder += [(tier.over, tier) for tier in tiers if tier.over > 0]
    if tiers[0].over == 0:
        ladder[0] = (NO_HOURS, tiers[0])
    parts: list[tuple[Decimal, Tier | None]] = []
    for n, (floor, tier) in enumerate(ladder):
        top = min(sofar + quantity, ladder[n + 1][0]) if n + 1 < len(ladder) else sofar + quantity
        part = top - max(sofar, floor)
        if part > 0:
            parts.append((part, tier))
    return parts or [(quantity, None)]


def _lift_consecutive(pieces: list[_Piece], rules: WeekRules) -> list[_Piece]:
    """Lift straight hours beyond so many worked in one stretch, even over midnight (Colorado)."""
    lifted: list[_Piece] = []
    stretch = NO_HOURS
    ended: datetime | None = None
    begun: Worked | None = None
    for piece in pieces:
        tiers = rules.day(piece.line.place).consecutive
        if piece.line is not begun and (ended is None or piece.line.starts != ended):
            stretch = NO_HOURS
        begun, ended = piece.line, piece.line.ends
        if not tiers or not piece.counts or piece.line.starts is None:
            lifted.append(piece)
        elif piece.tier:
            stretch += piece.quantity
            lifted.append(piece)
        else:
            for quantity, tier in _cut(stretch, piece.quantity, tiers):
                lifted.append(replace(piece, quantity=quantity, tier=tier if piece.lifts else None))
            stretch += piece.quantity
    return lifted


def _bands(pieces: Iterable[_Piece], rules: WeekRules) -> tuple[Band, ...]:
    """The pieces as bands; what agrees in everything but quantity is one band."""
    hours: dict[tuple[str, date, str, str, Decimal, bool, str], Decimal] = {}
    for piece in pieces:
        line, tier = piece.line, piece.tier
        reported = "regular" if line.code in PLAIN else line.code
        key = (
            line.assignment,
            line.on,
            tier.code if tier else reported,
            line.unit,
            tier.factor if tier else STRAIGHT,
            tier is not None or line.code in rules.premium,
            reported,
        )
        hours[key] = hours.get(key, NO_HOURS) + piece.quantity
    return tuple(
        Band(assignment, on, code, quantity, unit, factor, premium, reported)
        for (
            assignment,
            on,
            code,
            unit,
            factor,
            premium,
            reported,
        ), quantity in hours.items()
        if quantity
    )


def regular_rate(paid: Sequence[tuple[Decimal, Decimal]], extra: Decimal = NOTHING) -> Decimal:
    """The week's straight pay, with bonuses that belong to it, over all its hours; not rounded.

    `paid` is (hours, straight rate) for every assignment: 30 h at 18.00 and 20 h at 24.00 make
    20.40 (29 CFR 778.115). No hours make a rate of nothing.
    """
    hours = sum((quantity for quantity, _ in paid), NO_HOURS)
    if not hours:
        return NOTHING
    return (sum((quantity * rate for quantity, rate in paid), NOTHING) + extra) / hours


def premium_pay(rate: Decimal, hours: Decimal, factor: Decimal) -> Decimal:
    """What lifted hours earn on top of straight pay: half the regular rate at 1.5 (778.110)."""
    return to_penny(rate * hours * (factor - STRAIGHT))
