"""Clock: from clock times to hours, by real time passed, and to the parts of a day that pay more.

In New York on 8 March 2026 the clocks go forward: 22:00 to 06:00 is 7 hours, not 8.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import pairwise

from rulebook.hours import UnfitHours, Worked

HUNDREDTH = Decimal("0.01")
SECOND = timedelta(seconds=1)
MINUTES_IN_AN_HOUR = Decimal(60)


def _to(minutes: int, how: str) -> Callable[[Decimal], Decimal]:
    def rounded(passed: Decimal) -> Decimal:
        return (passed / minutes).quantize(Decimal(1), how) * minutes

    return rounded


# Each takes minutes and gives minutes. 29 CFR 785.48(b) allows the nearest five minutes, tenth and
# quarter of an hour; the last two are for agreements that favour one side.
ROUNDINGS: dict[str, Callable[[Decimal], Decimal]] = {
    "exact": lambda passed: passed,
    "nearest_minute": _to(1, ROUND_HALF_UP),
    "nearest_five_minutes": _to(5, ROUND_HALF_UP),
    "nearest_tenth": _to(6, ROUND_HALF_UP),
    "nearest_quarter": _to(15, ROUND_HALF_UP),
    "quarter_up": _to(15, ROUND_CEILING),
    "quarter_down": _to(15, ROUND_FLOOR),
}


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the week that is reported under a code of its own: nights, weekends, bank holidays.

    `weekdays` (Monday is 0) and `days` say when; neither means every day, unless the window is of
    dates alone (`is_dated`). `begins` and `ends` bound the clock; `ends` not after `begins` means
    into the next morning, both midnight the whole day.
    """

    code: str
    begins: time = time(0)
    ends: time = time(0)
    weekdays: frozenset[int] = frozenset()
    days: frozenset[date] = frozenset()
    is_dated: bool = False

    def on(self, day: date) -> bool:
        """Whether the window opens on a day."""
        if not self.weekdays and not self.days:
            return not self.is_dated
        return day in self.days or day.weekday() in self.weekdays


def hours_between(
    starts: datetime, ends: datetime, breaks_minutes: int = 0, rounding: str = "exact"
) -> Decimal:
    """Hours that really passed, less breaks, rounded by name, in hundredths.

    Raises UnfitHours for times without a zone, an end that is not after its start, and breaks that
    leave nothing.
    """
    if starts.tzinfo is None or ends.tzinfo is None:
        raise UnfitHours("A clock time needs its time zone.")
    if breaks_minutes < 0:
        raise UnfitHours("A break cannot be shorter than nothing.")
    # Two times of one zone subtract by the clock on the wall; only in UTC by the time that passed.
    passed = ends.astimezone(UTC) - starts.astimezone(UTC)
    minutes = Decimal(passed.days * 86400 + passed.seconds) / 60 - breaks_minutes
    if passed <= timedelta(0):
        raise UnfitHours("Work ends after it starts.")
    if minutes < 0:
        raise UnfitHours("The breaks are longer than the work.")
    if rounding not in ROUNDINGS:
        raise UnfitHours(f"There is no rounding called {rounding}.")
    return (ROUNDINGS[rounding](minutes) / MINUTES_IN_AN_HOUR).quantize(HUNDREDTH, ROUND_HALF_UP)


def clocked(line: Worked, rounding: str = "exact") -> Worked:
    """The line with its quantity taken from its clock times."""
    if line.starts is None or line.ends is None:
        raise UnfitHours("Clock times are needed to work out hours.")
    hours = hours_between(line.starts, line.ends, line.breaks_minutes, rounding)
    return replace(line, quantity=hours, unit="hour")


def in_zone(line: Worked, zone: tzinfo) -> Worked:
    """The line with its clock times as the clocks of its place of work showed them."""
    if line.starts is None or line.ends is None:
        return line
    return replace(line, starts=line.starts.astimezone(zone), ends=line.ends.astimezone(zone))


def by_day(line: Worked) -> tuple[Worked, ...]:
    """Cut a clocked line at midnight where it was worked, so that each day (and week) gets its own.

    The break is taken from the longer part. The parts add up to the line.
    """
    starts, ends = line.starts, line.ends
    if starts is None or ends is None or starts.date() == ends.date():
        return (line,)
    midnight = datetime.combine(starts.date() + timedelta(1), time(0), starts.tzinfo)
    if ends <= midnight:
        return (line,)
    before = hours_between(starts, midnight)
    whole = hours_between(starts, ends)
    on_break = whole - line.quantity
    if before >= whole - before:
        before -= min(on_break, before)
    first = replace(line, on=starts.date(), quantity=min(before, line.quantity), ends=midnight)
    rest = replace(
        line,
        on=midnight.date(),
        quantity=line.quantity - first.quantity,
        starts=midnight,
    )
    return (first, *by_day(rest)) if rest.quantity else (first,)


def by_window(lines: Sequence[Worked], windows: Sequence[Window]) -> tuple[Worked, ...]:
    """Report plain time inside a window under the window's code; of two windows the first one wins.

    Time without clock times falls into whole-day windows only. Breaks are taken in proportion, in
    hundredths, the odd hundredth from the last part; the parts add up to the line.
    """
    return tuple(part for line in lines for part in _parts(line, windows))


def _parts(line: Worked, windows: Sequence[Window]) -> list[Worked]:
    if line.unit != "hour" or line.code not in ("", "regular") or not windows:
        return [line]
    if line.starts is None or line.ends is None:
        whole = (w for w in windows if w.begins == w.ends == time(0) and w.on(line.on))
        found = next(whole, None)
        return [replace(line, code=found.code)] if found else [line]
    zone = line.starts.tzinfo
    starts, ends = line.starts.astimezone(UTC), line.ends.astimezone(UTC)
    spans = [
        (window.code, *span)
        for window in windows
        for span in _spans(window, line.starts, line.ends)
    ]
    edges = sorted({starts, ends, *(at for _, *span in spans for at in span if starts < at < ends)})
    seconds = Decimal((ends - starts) // SECOND)
    parts: list[Worked] = []
    left = line.quantity
    for begins, stops in pairwise(edges):
        code = next((c for c, opens, closes in spans if opens <= begins < closes), line.code)
        share = (line.quantity * ((stops - begins) // SECOND) / seconds).quantize(HUNDREDTH)
        share = left if stops == ends else min(share, left)
        left -= share
        parts.append(
            replace(
                line,
                code=code,
                quantity=share,
                starts=begins.astimezone(zone),
                ends=stops.astimezone(zone),
            )
        )
    return parts


def _spans(window: Window, starts: datetime, ends: datetime) -> list[tuple[datetime, datetime]]:
    """The moments a window opens and closes around some time, the evening before included."""
    zone = starts.tzinfo
    spans = []
    day = starts.date() - timedelta(1)
    while day <= ends.date():
        if window.on(day):
            closes = day if window.ends > window.begins else day + timedelta(1)
            spans.append(
                (
                    datetime.combine(day, window.begins, zone).astimezone(UTC),
                    datetime.combine(closes, window.ends, zone).astimezone(UTC),
                )
            )
        day += timedelta(1)
    return spans
