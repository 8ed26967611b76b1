"""Periods: half-open spans of days, weeks and the pay periods made of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
DAYS = tuple(DAY * n for n in range(7))


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `starts` up to, and not including, `ends`."""

    starts: date
    ends: date

    def __post_init__(self) -> None:
        if self.ends <= self.starts:
            raise ValueError("a period ends after it starts")

    def __contains__(self, day: date) -> bool:
        return self.starts <= day < self.ends

    def __len__(self) -> int:
        return (self.ends - self.starts).days

    def __iter__(self) -> Iterator[date]:
        return (self.starts + DAY * n for n in range(len(self)))

    @property
    def last_day(self) -> date:
        """The last day inside, as paper writes it."""
        return self.ends - DAY

    def overlap(self, other: "Period") -> "Period | None":
        """The days in both, or None when there are none."""
        starts, ends = max(self.starts, other.starts), min(self.ends, other.ends)
        return Period(starts, ends) if starts < ends else None


def week_starts(day: date, first_weekday: int = 0) -> date:
    """The first of the seven days around a day."""
    return day - DAYS[(day.weekday() - first_weekday) % 7]


def week_of(day: date, first_weekday: int = 0) -> Period:
    """The seven days around a day, beginning on `first_weekday` (Monday is 0)."""
    starts = week_starts(day, first_weekday)
    return Period(starts, starts + DAY * 7)


def month_of(day: date) -> Period:
    """The calendar month around a day."""
    starts = day.replace(day=1)
    return Period(starts, (starts + DAY * 31).replace(day=1))
