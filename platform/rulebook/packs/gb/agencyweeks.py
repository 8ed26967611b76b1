"""Agency weeks: the clock of twelve weeks to equal treatment.

Weeks are runs of seven days from the first day worked in a role for a hirer, through whatever
agency. Any work in a week counts the week. A gap stops the clock; one that is too long sets it back
to nothing.

    12 weeks with an hour each from Monday 6 April 2026: equal treatment from Monday 29 June
    6 weeks away for any reason: the clock stops and goes on; 7 weeks away: it starts again
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from rulebook.packs.gb import law
from rulebook.periods import Period

WEEK = timedelta(days=7)
# How an absence bears on the clock: it goes on, or it stops (for as long as the law allows).
GOES_ON = frozenset({"pregnancy", "maternity", "adoption", "paternity"})
STOPS_ANY_LENGTH = frozenset({"leave", "shutdown", "strike"})
STOPS_FOR_A_TIME = frozenset({"sickness", "jury"})
REASONS = GOES_ON | STOPS_ANY_LENGTH | STOPS_FOR_A_TIME


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away for a reason that the law knows, between or after days worked."""

    reason: str
    days: Period


@dataclass(frozen=True, slots=True)
class AgencyWeek:
    """One week of the clock: `how` is worked, gap or an absence's reason; `count` after it."""

    starts_on: date
    how: str
    count: int


@dataclass(frozen=True, slots=True)
class AgencyClock:
    """Where the clock stands, each week that led there, and since when treatment is equal."""

    weeks: tuple[AgencyWeek, ...]
    parity: tuple[tuple[date, date | None], ...]

    @property
    def count(self) -> int:
        """Qualifying weeks so far."""
        return self.weeks[-1].count if self.weeks else 0

    def is_equal_on(self, day: date) -> bool:
        """Whether a day worked is paid and treated as the hirer's own people are."""
        return any(since <= day and (until is None or day < until) for since, until in self.parity)


def clock(worked_on: Iterable[date], absences: Iterable[Absence], until: date) -> AgencyClock:
    """Run the clock over all days worked up to a day, in whatever order they became known.

    Days through another agency, for a linked hirer or in a linked role belong among `worked_on`.
    Raises ValueError for a reason that the law does not know.
    """
    away = list(absences)
    if unknown := sorted({one.reason for one in away} - REASONS):
        raise ValueError(f"not a reason that bears on the clock: {', '.join(unknown)}")
    left = sorted({day for day in worked_on if day <= until})
    weeks: list[AgencyWeek] = []
    parity: list[tuple[date, date | None]] = []
    while left:
        begun = left[0]
        run, ended = _run(begun, set(left), away, until)
        weeks.extend(run)
        needed = int(law.table("agency_weeks", begun)["qualifying"])
        done = next((week.starts_on + WEEK for week in run if week.count == needed), None)
        if done is not None:
            parity.append((done, ended))
        left = [day for day in left if ended is not None and day >= ended]
    return AgencyClock(tuple(weeks), tuple(parity))


def _run(
    begun: date, worked: set[date], away: list[Absence], until: date
) -> tuple[list[AgencyWeek], date | None]:
    """One run of the clock, up to the end or to the day after the gap that broke it."""
    limits = law.table("agency_weeks", begun)
    weeks: list[AgencyWeek] = []
    lasted: dict[str, int] = {}
    count, starts = 0, begun
    while starts <= until:
        days = Period(starts, starts + WEEK)
        how = _how(days, worked, away)
        if how == "worked" or how in GOES_ON:
            count += 1
            lasted = {}
        elif how not in STOPS_ANY_LENGTH:
            lasted[how] = lasted.get(how, 0) + 1
            if lasted[how] > limits["any_reason" if how == "gap" else how]:
                weeks.append(AgencyWeek(starts, how, 0))
                return weeks, days.ends
        weeks.append(AgencyWeek(starts, how, count))
        starts += WEEK
    return weeks, None


def _how(days: Period, worked: set[date], away: list[Absence]) -> str:
    if any(day in worked for day in days):
        return "worked"
    for absence in away:
        if absence.days.overlap(days) is not None:
            return absence.reason
    return "gap"
