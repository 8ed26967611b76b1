"""Linked: what the pages of a signed link share: who it was sent to, and the sheet day by day.

Whoever holds a link is taken for the one it was sent to, and can be nobody else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from api.pages import lost, wording
from backline.directory import queries as directory
from backline.directory.models import FirmRecord
from backline.kernel.errors import Missing
from backline.kernel.models import Link
from backline.timesheets.actions import Identity
from backline.timesheets.models import TimeEntry, Timesheet

WEEK: Final = timedelta(days=7)
ROOM: Final = 7  # days of a period that has a week before to look at
NOTHING: Final = Decimal("0.00")
UNKNOWN: Final = (
    "This address opens nothing. It may have been cut in two: open it from the message again."
)


def recipient(link: Link) -> Identity:
    """Who a link was sent to."""
    sent_to = link.recipient
    return Identity(sent_to.get("name", ""), sent_to.get("email", ""), sent_to.get("job_title", ""))


def must_be_for(link: Link, purpose: str) -> None:
    """Refuse a link that was made for another page, as if it were unknown."""
    if link.purpose != purpose:
        raise Missing("link_unknown", UNKNOWN)


def dead(request: HttpRequest) -> HttpResponse:
    """The page of a link that is not one of ours."""
    return lost.shown(request, 404, UNKNOWN)


def contact(firm: FirmRecord) -> dict[str, str]:
    """Whom the holder of a link can ask."""
    return {"name": firm.trading_name or firm.legal_name, "email": firm.email, "phone": firm.phone}


def day_of(at: datetime) -> date:
    """The firm's own day."""
    return directory.day_of(at)


def zone(sheet: Timesheet, firm: FirmRecord) -> ZoneInfo:
    """The time of the place of work, else the firm's."""
    site = sheet.assignment.site
    return ZoneInfo(site.time_zone if site else firm.time_zone)


def entries(sheet: Timesheet) -> dict[date, list[TimeEntry]]:
    """The time of a sheet, by day."""
    found: dict[date, list[TimeEntry]] = defaultdict(list)
    for row in TimeEntry.objects.filter(timesheet=sheet).order_by("worked_on", "id"):
        found[row.worked_on].append(row)
    return found


def last_week(sheet: Timesheet) -> Timesheet | None:
    """The same assignment's sheet of the week before; None for longer periods."""
    if (sheet.ends_on - sheet.starts_on).days >= ROOM:
        return None
    return (
        Timesheet.objects.filter(
            assignment=sheet.assignment_id,
            corrects__isnull=True,
            starts_on__lte=sheet.starts_on - timedelta(days=1),
            ends_on__gte=sheet.starts_on - WEEK,
        )
        .exclude(status=Timesheet.Status.VOIDED)
        .order_by("-starts_on")
        .first()
    )


def days(sheet: Timesheet) -> list[date]:
    """Every day of a sheet."""
    count = (sheet.ends_on - sheet.starts_on).days + 1
    return [sheet.starts_on + timedelta(days=n) for n in range(count)]


def week_beside(sheet: Timesheet, firm: FirmRecord) -> dict[str, Any]:
    """The days of a sheet beside last week's, and their totals, as `parts/week.html` shows them."""
    own, before = entries(sheet), last_week(sheet)
    earlier = entries(before) if before is not None else {}
    where = zone(sheet, firm)
    rows = [_row(day, own, earlier, firm.country, where) for day in days(sheet)]
    every = [entry for day in own.values() for entry in day]
    return {
        "days": rows,
        "has_last_week": before is not None,
        "total": {
            "hours": wording.units(sheet.total, sheet.unit),
            "last_week": wording.hours(before.total) if before is not None else "",
            "by_band": _bands(every),
        },
    }


def _row(
    day: date,
    own: Mapping[date, Sequence[TimeEntry]],
    earlier: Mapping[date, Sequence[TimeEntry]],
    country: str,
    where: ZoneInfo,
) -> dict[str, Any]:
    now, then = _sum(own.get(day, ())), _sum(earlier.get(day - WEEK, ()))
    bands = dict.fromkeys(band(entry.code) for entry in own.get(day, ()) if entry.code != "regular")
    details = filter(None, (_detail(entry, where) for entry in own.get(day, ())))
    return {
        "label": f"{day:%A}",
        "hours": wording.hours(now) if now else "",
        "detail": ", ".join([wording.short_day(day, country), *details]),
        "band": ", ".join(bands),
        "last_week": wording.hours(then) if then else "",
        "is_changed": bool(earlier) and now != then,
    }


def _detail(entry: TimeEntry, where: ZoneInfo) -> str:
    said = []
    if entry.started_at is not None and entry.ended_at is not None:
        clock = (
            f"{wording.clock(entry.started_at, where)} to {wording.clock(entry.ended_at, where)}"
        )
        said.append(clock)
        if entry.break_minutes:
            said.append(f"{entry.break_minutes} min break")
    if entry.note:
        said.append(entry.note)
    return ", ".join(said)


def band(code: str) -> str:
    """What kind of time an entry is, in words."""
    return code.replace("_", " ")


def _bands(every: Iterable[TimeEntry]) -> list[dict[str, str]]:
    sums: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for entry in every:
        sums[entry.code] += entry.quantity
    if set(sums) <= {"regular"}:
        return []
    return [
        {"label": band(code).capitalize(), "hours": wording.hours(amount)}
        for code, amount in sums.items()
    ]


def _sum(rows: Iterable[TimeEntry]) -> Decimal:
    return sum((row.quantity for row in rows), NOTHING)
