"""Measuring: the bare floor and ours in turn, A B A B, in one run; a ratio, never a bare time."""

import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

ROUNDS = 15
SAID = 120  # letters of a fault in the table; the whole of it is told when it happens


def used() -> tuple[float, float]:
    """The processor seconds of this process, and its peak of memory in MiB."""
    return time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(frozen=True, slots=True)
class Work:
    """What a row does: the floor and ours, each over the same units; `agree` raises Differs.

    `before` makes a round ready and is not timed; `after` clears away what the row had running.
    `used` says what ours has used up to now: processor seconds, and its peak of memory in MiB.
    """

    units: int
    floor: Callable[[], object]
    ours: Callable[[], object]
    agree: Callable[[], None]
    before: Callable[[], object] = lambda: None
    after: Callable[[], object] = lambda: None
    used: Callable[[], tuple[float, float]] = used


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the bench: `goal` and `never_below` are shares of the floor's speed.

    `prepare` takes how many units to work on. `clock` is the processor's time unless a row waits
    for somebody else.
    """

    name: str
    what: str
    unit: str
    scale: int
    goal: float
    never_below: float
    prepare: Callable[[int], Work]
    clock: Callable[[], float] = time.process_time
    rounds: int = ROUNDS
    word: str = "us"  # of what the clock counts in millions, as MiB of a memory


class Differs(Exception):
    """Floor and ours do not come to the same, so their speed says nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a row came to; times are seconds for all units of one round, medians of the rounds."""

    row: Row
    units: int
    rounds: int
    floor: float
    ours: float
    ratio: float
    low: float
    high: float
    cpu_seconds: float
    peak_mib: float

    @property
    def verdict(self) -> str:
        """Whether the goal is reached."""
        if self.ratio >= self.row.goal:
            return "reached"
        return "below the goal" if self.ratio >= self.row.never_below else "below the least"

    def as_json(self) -> dict[str, object]:
        """The row as one line of a file."""
        return {
            "row": self.row.name,
            "what": self.row.what,
            "unit": self.row.unit,
            "units": self.units,
            "rounds": self.rounds,
            "goal": self.row.goal,
            "never_below": self.row.never_below,
            "ratio": round(self.ratio, 4),
            "ratio_quartiles": [round(self.low, 4), round(self.high, 4)],
            "floor_microseconds": round(self.floor / self.units * 1e6, 3),
            "ours_microseconds": round(self.ours / self.units * 1e6, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "peak_mib": round(self.peak_mib, 1),
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class Failed:
    """A row that could not be measured, and what was raised instead."""

    name: str
    why: str

    @property
    def verdict(self) -> str:
        """What was raised, in one line."""
        return f"failed: {' '.join(self.why.split())[:SAID]}"

    def as_json(self) -> dict[str, object]:
        """The row as one line of a file."""
        return {"row": self.name, "verdict": "failed", "raised": self.why}


def measure(row: Row, scale: int = 0) -> Measured:
    """Run a row; raises Differs unless both sides come to the same."""
    work = row.prepare(scale or row.scale)
    try:
        work.agree()
        began, _ = work.used()
        pairs = _rounds(row, work)
        cpu, peak = work.used()
    finally:
        work.after()
    ratios = [floor / ours for floor, ours in pairs]
    low, _, high = quantiles(ratios, n=4)
    return Measured(
        row,
        work.units,
        row.rounds,
        median(floor for floor, _ in pairs),
        median(ours for _, ours in pairs),
        median(ratios),
        low,
        high,
        cpu - began,
        peak,
    )


def _rounds(row: Row, work: Work) -> list[tuple[float, float]]:
    gc.collect()
    gc.disable()  # what one side leaves behind is not cleared away in the other's time
    try:
        return [_round(row, work) for _ in range(row.rounds)]
    finally:
        gc.enable()


def _round(row: Row, work: Work) -> tuple[float, float]:
    work.before()
    return _timed(row, work.floor), _timed(row, work.ours)


def _timed(row: Row, side: Callable[[], object]) -> float:
    began = row.clock()
    side()
    took = row.clock() - began
    gc.collect()
    return took
