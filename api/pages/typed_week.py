"""A typed week: what a worker wrote into the rows of a sheet, read into entries or named faults."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from api.pages import linked
from backline.timesheets.actions import NewEntry
from backline.timesheets.models import TimeEntry, Timesheet

QUANTITY: Final = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,2}))?")
CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?")
MINUTES: Final = re.compile(r"[0-9]{1,4}")
LONGEST: Final = 8
DAY: Final = timedelta(days=1)
FIELDS: Final = ("hours", "starts", "ends", "unpaid")
Held = Mapping[date, Sequence[TimeEntry]]


@dataclass(slots=True)
class Typed:
    """What was typed, day by day; the entries it comes to, whose day each is, what is wrong."""

    said: dict[date, dict[str, str]]
    by: str = "hours"
    entries: list[NewEntry] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    faults: dict[date, str] = field(default_factory=dict)

    def place(self, day: date) -> str:
        """Where the row of a day is on the page."""
        return f"#{'starts' if self.by == 'clock' else 'hours'}-{day.isoformat()}"

    def add(self, day: date, entry: NewEntry) -> None:
        """One more entry of a day."""
        self.entries.append(entry)
        self.days.append(day)


def mode(sheet: Timesheet, *helds: Held) -> str:
    """How the rows of a sheet ask: by days, by the clock where it was used before, or by hours."""
    if sheet.unit == "day":
        return "days"
    clocked = any(
        entry.started_at is not None for held in helds for own in held.values() for entry in own
    )
    return "clock" if clocked else "hours"


def is_fixed(own: Sequence[TimeEntry], by: str) -> bool:
    """Whether a day holds what a row cannot ask for: several lines, pieces, hours among clocks."""
    if not own:
        return False
    is_counted = own[0].started_at is None
    return len(own) > 1 or own[0].unit == "unit" or (by == "clock" and is_counted)


def read(
    form: Mapping[str, str], sheet: Timesheet, held: Held, *, by: str, zone: ZoneInfo
) -> Typed:
    """Read the rows of a form; a day that is fixed is kept as it is."""
    days = linked.days(sheet)
    typed = Typed({day: _said(form, day) for day in days}, by)
    for day in days:
        own = held.get(day, ())
        if is_fixed(own, by):
            for entry in own:
                typed.add(day, copied(entry, day, zone))
            continue
        code = own[0].code if own else "regular"
        note = own[0].note if own else ""
        read_day = _clocked if by == "clock" else _counted
        found = read_day(typed.said[day], day, sheet.unit, zone)
        if isinstance(found, str):
            typed.faults[day] = found
        elif found is not None:
            typed.add(day, _named(found, code, note))
    return typed


def copied(entry: TimeEntry, day: date, zone: ZoneInfo) -> NewEntry:
    """An entry as it is, on a day; a clocked one at the same hours of that day."""
    if entry.started_at is None or entry.ended_at is None:
        return NewEntry(
            worked_on=day,
            code=entry.code,
            unit=entry.unit,
            quantity=entry.quantity,
            note=entry.note,
        )
    over = day - entry.worked_on
    return NewEntry(
        worked_on=day,
        code=entry.code,
        unit=entry.unit,
        started_at=_shifted(entry.started_at, over, zone),
        ended_at=_shifted(entry.ended_at, over, zone),
        break_minutes=entry.break_minutes,
        note=entry.note,
    )


def same_again(sheet: Timesheet, before: Held, zone: ZoneInfo) -> list[NewEntry]:
    """Last week's time on this week's days, as far as they lie in the period."""
    days = set(linked.days(sheet))
    return [
        copied(entry, day + linked.WEEK, zone)
        for day, own in sorted(before.items())
        if day + linked.WEEK in days
        for entry in own
    ]


def _said(form: Mapping[str, str], day: date) -> dict[str, str]:
    return {name: form.get(f"{name}-{day.isoformat()}", "").strip()[:LONGEST] for name in FIELDS}


def _counted(
    said: Mapping[str, str], day: date, unit: str, _zone: ZoneInfo
) -> NewEntry | str | None:
    text = said["hours"]
    if not text:
        return None
    quantity = _quantity(text, unit)
    if quantity is None:
        return f"Write {unit}s as a number, such as {'1 or 0.5' if unit == 'day' else '7.5'}."
    return NewEntry(worked_on=day, unit=unit, quantity=quantity) if quantity else None


def _quantity(text: str, unit: str) -> Decimal | None:
    """7.5, 7,5, or in hours also 7:30."""
    if found := QUANTITY.fullmatch(text):
        return Decimal(f"{found[1]}.{found[2] or 0}")
    found = CLOCK.fullmatch(text) if unit == "hour" else None
    if found is None or int(found[2]) % 3:
        return None  # a number of minutes that no two places say exactly is not rounded here
    return int(found[1]) + Decimal(found[2]) / 60


def _clocked(
    said: Mapping[str, str], day: date, unit: str, zone: ZoneInfo
) -> NewEntry | str | None:
    starts, ends, unpaid = said["starts"], said["ends"], said["unpaid"]
    if not starts and not ends:
        return "Give from and to, or leave the break out too." if unpaid else None
    began, ended = _clock(starts), _clock(ends)
    if began is None or ended is None:
        return "Give both from and to, such as 06:00 and 14:30."
    if unpaid and not MINUTES.fullmatch(unpaid):
        return "Give the break in minutes."
    last = day + DAY if ended <= began else day  # a night shift ends on the next day
    return NewEntry(
        worked_on=day,
        unit=unit,
        started_at=datetime.combine(day, began, zone),
        ended_at=datetime.combine(last, ended, zone),
        break_minutes=int(unpaid or 0),
    )


def _clock(text: str) -> time | None:
    found = CLOCK.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def _named(entry: NewEntry, code: str, note: str) -> NewEntry:
    return NewEntry(
        worked_on=entry.worked_on,
        code=code,
        unit=entry.unit,
        quantity=entry.quantity,
        started_at=entry.started_at,
        ended_at=entry.ended_at,
        break_minutes=entry.break_minutes,
        note=note,
    )


def _shifted(at: datetime, over: timedelta, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    return datetime.combine(local.date() + over, local.timetz().replace(tzinfo=None), zone)
