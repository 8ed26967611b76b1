"""Understanding: one system's words, numbers and days as they are meant, and what was not
understood.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from backline.integrations.mappings.places import COUNTRY_NAMES, STATE_CODES, STATE_ZONES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HIDDEN = "**CONFIDENTIAL**"
LONGEST_TEXT = 2000
OPEN_END = 2999  # how an open end is spelled there
LAST_MOMENT = 253_402_300_799_000  # milliseconds to the end of the year 9999
DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one payload is here: a record with its key and body, or nothing that is needed."""

    record: str
    external_id: str
    body: Mapping[str, Any] = field(default_factory=dict)
    updated_at: datetime | None = None
    parent: str = ""
    note: str = ""  # why it is kept and nothing more, where it is no record


@dataclass(frozen=True, slots=True)
class Understanding:
    """How a firm has a source's words understood: its zone, and the settings of the source."""

    zone: str = "UTC"
    settings: Mapping[str, Any] = field(default_factory=dict)

    def taken_for(self, table: str, word: str, known: Mapping[str, str]) -> str:
        """What a word is taken for: by the firm's own table, else by ours; empty where unknown."""
        own = self.settings.get(table) or {}
        told = {str(name).casefold(): str(each) for name, each in own.items()}
        return told.get(word.casefold(), known.get(word.casefold(), ""))

    def day(self, value: Any) -> str | None:
        """A day: from milliseconds in the source's zone, or as spelled; None for an open end."""
        if isinstance(value, bool) or value is None:
            return None
        if isinstance(value, int):
            if not 0 <= value <= LAST_MOMENT:
                return None
            moment = EPOCH + timedelta(milliseconds=value)
            found = moment.astimezone(ZoneInfo(self.zone)).date()
        else:
            read = DAY.match(str(value).strip())
            if read is None:
                return None
            try:
                found = date(int(read[1]), int(read[2]), int(read[3]))
            except ValueError:
                return None
        return None if found.year >= OPEN_END else found.isoformat()

    def country(self, address: Mapping[str, Any], known: Mapping[str, str]) -> str:
        """The country of an address: by code, by name, by the system's own number."""
        code = text(address.get("countryCode")).upper()
        if code in COUNTRY_NAMES.values():
            return code
        named = COUNTRY_NAMES.get(text(address.get("countryName")).casefold(), "")
        number = text(address.get("countryID"))
        return self.taken_for("countries", number, known) or named

    def default(self, name: str) -> Any:
        """What the firm said is meant where the source says nothing."""
        return (self.settings.get("defaults") or {}).get(name)


def text(value: Any) -> str:
    """Words, trimmed; the first of a list; nothing for what is hidden or is no word."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list):
        return ""
    told = str(value).strip()[:LONGEST_TEXT]
    return "" if HIDDEN in told else told


def number(value: Any) -> Decimal | None:
    """An exact number; never by way of a float. None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < Decimal(10) ** 12 else None


def price(value: Any) -> str | None:
    """A price as it is spelled here, four places; zero, as 0E-10, is no price."""
    found = number(value)
    if found is None or found == 0:
        return None
    rounded = found.quantize(Decimal("0.0001"))
    return format(found if rounded != found else rounded.normalize() + 0, "f")


def moment(value: Any) -> datetime | None:
    """A moment from milliseconds."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LAST_MOMENT:
        return None
    return EPOCH + timedelta(milliseconds=value)


def part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within a payload; empty where it is none."""
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def key(value: Any) -> str:
    """A key of the source: a number or a word of at most 80 characters."""
    told = text(value)
    return told if len(told) <= 80 else ""


def key_in(raw: Mapping[str, Any], name: str) -> str:
    """The key of a record that a payload names."""
    return key(part(raw, name).get("id"))


def many(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The records of a to-many field that came along, bare or as {total, data}."""
    found = raw.get(name)
    if isinstance(found, Mapping):
        found = found.get("data")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def state_code(told: str) -> str:
    """A state of the US by its two letters, from its name or its letters."""
    upper = told.upper()
    return upper if upper in STATE_ZONES else STATE_CODES.get(told.casefold(), "")


def zone_of(country: str, region: str) -> str:
    """The time zone of a place, where its country or state has mainly one."""
    return "Europe/London" if country == "GB" else STATE_ZONES.get(region, "")


def phone(told: str, country: str) -> str:
    """A telephone number in its international form, where the country tells it; else as it is."""
    digits = DIGITS.sub("", told)
    if told.startswith("+") or not digits:
        return f"+{digits}" if digits else ""
    if country == "US" and len(digits) == 10:
        return f"+1{digits}"
    if country == "US" and len(digits) == 11 and digits[0] == "1":
        return f"+{digits}"
    if country == "GB" and digits.startswith("0") and len(digits) in (10, 11):
        return f"+44{digits[1:]}"
    return told[:40]
