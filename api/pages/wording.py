"""Wording: days, weeks and moments as a page says them, in the country's order and the firm's time.

Every function is pure; what the time is now is told.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from api.callers import ZONES
from api.pages import look
from backline.kernel.papers.wording import MINUS, day

__all__ = [
    "MINUS", "NONE", "amounts", "clock", "day", "due", "hours", "moment", "period", "role",
    "short_day", "spoken", "units", "weekday", "zone_of",
]  # fmt: skip

ROLES: Mapping[str, str] = {
    "partner_admin": "Partner admin",
    "ops_payroll": "Payroll",
    "ops_billing": "Billing",
    "ops_compliance": "Compliance",
    "owner": "Owner",
    "staff": "Staff",
    "auditor": "Auditor",
    "funder": "Funder",
    "integration": "Integration",
}
DAY = timedelta(days=1)
ISO_DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")
AMOUNT = re.compile(r"\b([0-9]+\.[0-9]{2}) (GBP|USD|EUR)\b")
NONE = "\N{EN DASH}"  # stands where there is no figure


def role(name: str) -> str:
    """A role as the office calls it."""
    return ROLES.get(name, name.replace("_", " ").capitalize())


def zone_of(country: str) -> ZoneInfo:
    """The time that a firm of this country lives by."""
    return ZoneInfo(ZONES.get(country, "UTC"))


def short_day(on: date, country: str) -> str:
    """A day without its year: 15 May, or May 15."""
    return f"{on:%B} {on.day}" if country == "US" else f"{on.day} {on:%B}"


def weekday(on: date, country: str) -> str:
    """A day with the name it has in the week: Friday 15 May."""
    return f"{on:%A}{',' if country == 'US' else ''} {short_day(on, country)}"


def period(starts: date, ends: date, country: str) -> str:
    """Both days of a period, both inside, with the year once."""
    if starts == ends:
        return day(starts, country)
    if country == "US":
        first = short_day(starts, country) if starts.year == ends.year else day(starts, country)
        return f"{first} to {day(ends, country)}"
    if starts.year != ends.year:
        return f"{day(starts, country)} to {day(ends, country)}"
    first = str(starts.day) if starts.month == ends.month else short_day(starts, country)
    return f"{first} to {day(ends, country)}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """The hour of a moment."""
    return f"{at.astimezone(zone):%H:%M}"


def moment(at: datetime, now: datetime, zone: ZoneInfo, country: str) -> str:
    """When something happened: today, yesterday, or the day, with its hour."""
    on, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    words = {0: "today", 1: "yesterday"}.get((today - on).days)
    named = words or (short_day if on.year == today.year else day)(on, country)
    return f"{named}, {clock(at, zone)}"


def due(at: datetime | None, now: datetime, zone: ZoneInfo, country: str) -> tuple[str, str]:
    """By when something is due, and how that feels: bad when it is today or over."""
    if at is None:
        return "", ""
    on, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    if at <= now:
        return f"Since {clock(at, zone) if on == today else short_day(on, country)}", "bad"
    if on == today:
        return f"Today {clock(at, zone)}", "bad"
    if on == today + DAY:
        return "Tomorrow", "wait"
    return short_day(on, country), ""


def hours(quantity: Decimal) -> str:
    """A quantity of time with two places."""
    return f"{quantity:.2f}"


def units(quantity: Decimal, unit: str) -> str:
    """A quantity with what it counts: 38.50 hours, 1 day."""
    if unit == "day":
        told = f"{quantity.normalize():f}"
        return f"{told} {'day' if quantity == 1 else 'days'}"
    return f"{hours(quantity)} {unit}s"


def amounts(by_currency: Mapping[str, Decimal]) -> list[str]:
    """Amounts of several currencies, each written, always in the same order; noughts beside a
    figure are left out.
    """
    ordered = sorted(by_currency.items())
    told = [one for one in ordered if one[1]] or ordered[:1]
    return [look.rounded_money(amount, currency) for currency, amount in told]


def spoken(text: str, country: str) -> str:
    """A sentence that a stage wrote with days and amounts as programs spell them, as people do."""
    text = ISO_DAY.sub(lambda found: _spoken_day(found[0], country), text)
    return AMOUNT.sub(lambda found: look.money(Decimal(found[1]), found[2]), text)


def _spoken_day(text: str, country: str) -> str:
    try:
        return day(date.fromisoformat(text), country)
    except ValueError:
        return text
