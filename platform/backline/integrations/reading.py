"""Reading: what a source sent about one record, as values that actions take, with every fault."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from backline.assignments.actions import NewRate, NewRates
from backline.assignments.engagements import COMPANY
from backline.directory.actions import checks
from backline.integrations.records import CONTACT_ROLES, KINDS, Field, Kind
from backline.kernel import ids
from backline.kernel.errors import Fault
from backline.timesheets.actions import NewEntry
from rulebook.hours import Agreed, UnfitHours
from rulebook.windows import check_windows

ABOUT = "@"  # what a mapping says about a record besides its fields
DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
ADDRESS = {
    "line1": 120, "line2": 120, "city": 80, "region": 40, "postal_code": 16, "country": 2,
}  # fmt: skip
OVERTIME = tuple(each.name for each in fields(Agreed))
OWN = frozenset({"external_id", "id", "source_version", "source_updated_at"})


class Unfit(ValueError):
    """A value that cannot be used: a code, a sentence, and where below the field, of each fault."""

    def __init__(self, code: str, detail: str, where: str = "") -> None:
        super().__init__(detail)
        self.faults = [Fault(code, detail, where)]

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "Unfit":
        """Unfit for several reasons at once."""
        made = cls(faults[0].code, faults[0].detail)
        made.faults = list(faults)
        return made

    def below(self, where: str) -> "Unfit":
        """The same, seen from further up."""
        return Unfit.of(
            [Fault(each.code, each.detail, f"{where}{each.pointer}") for each in self.faults]
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """Another record: by the source's key, by our id, or sent whole along with this one."""

    record: str
    external_id: str = ""
    id: str = ""
    body: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Read:
    """One record as it can be used: the values that were said, and what is wrong."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read(kind: Kind, body: Mapping[str, Any], defaults: Mapping[str, Any]) -> Read:
    """Read a record's body; what it leaves out is taken from the defaults where that may be."""
    found = Read()
    for each in kind.fields:
        if each.is_secret:
            continue
        raw = body.get(each.name)
        if raw in (None, "", [], {}) and each.may_default and each.name in defaults:
            raw = defaults[each.name]
        if raw in (None, "", [], {}):
            if each.is_required:
                found.faults.append(
                    Fault("required", f"{_said(kind, each)} is missing.", f"/{each.name}")
                )
            elif each.name in body:
                found.values[each.name] = EMPTY.get(each.kind)
            continue
        try:
            found.values[each.name] = READERS[each.kind](raw, each)
        except Unfit as no:
            found.faults += no.below(f"/{each.name}").faults
    found.faults += _together(kind, found.values)
    return found


def _said(kind: Kind, each: Field) -> str:
    return f"The {kind.name}'s {each.name.replace('_', ' ')}"


def _together(kind: Kind, values: Mapping[str, Any]) -> list[Fault]:
    """What several fields say together."""
    faults = []
    if kind.name == "site" and values.get("country") == "US" and not values.get("region"):
        faults.append(Fault("required", "A site in the US has its state.", "/region"))
    if kind.name != "placement":
        return faults
    first, last = values.get("starts_on"), values.get("ends_on")
    if first and last and last < first:
        faults.append(Fault("ends_before_start", "It ends before it starts.", "/ends_on"))
    if values.get("status") == "ended" and "starts_on" in values and last is None:
        faults.append(Fault("required", "A placement that has ended has a last day.", "/ends_on"))
    if values.get("engagement") in COMPANY and not values.get("intermediary"):
        told = f"Say which {values['engagement']} company it is."
        faults.append(Fault("company_missing", told, "/intermediary"))
    return faults


# --- one kind of value each ----------------------------------------------------------------------


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Unfit("not_a_string", "Write a string.")
    return raw.strip()


def _words(raw: Any, each: Field) -> str:
    text, longest = _text(raw), each.facts["longest"]
    if len(text) > longest:
        raise Unfit("max_length", f"Write at most {longest} characters.")
    return text


def _choice(raw: Any, each: Field) -> str:
    text = _text(raw)
    if text not in each.facts["words"]:
        raise Unfit("unknown_choice", f"Write one of: {', '.join(each.facts['words'])}.")
    return text


def _email(raw: Any, _: Field) -> str:
    text = _text(raw)
    for fault in checks.email(text):
        raise Unfit(fault.code, fault.detail)
    return text


def _country(raw: Any, _: Field) -> str:
    text = _text(raw).upper()
    if text not in checks.COUNTRIES:
        raise Unfit("country_unknown", f"Say {' or '.join(checks.COUNTRIES)}.")
    return text


def _currency(raw: Any, _: Field) -> str:
    text = _text(raw).upper()
    if text not in checks.CURRENCIES:
        raise Unfit("currency_unknown", f"Say {' or '.join(checks.CURRENCIES)}.")
    return text


def _zone(raw: Any, _: Field) -> str:
    try:
        return ZoneInfo(_text(raw)).key
    except (KeyError, ValueError, OSError):
        raise Unfit("time_zone_unknown", "Say a time zone such as Europe/London.") from None


def _day(raw: Any, _: Field | None = None) -> date:
    try:
        return date.fromisoformat(_text(raw))
    except ValueError:
        raise Unfit("invalid_day", "Write a day as YYYY-MM-DD.") from None


def _weekday(raw: Any, _: Field) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= 6:
        raise Unfit("out_of_bounds", "Write 0 (Monday) to 6 (Sunday).")
    return raw


def _flag(raw: Any, _: Field) -> bool:
    if not isinstance(raw, bool):
        raise Unfit("not_a_flag", "Write true or false.")
    return raw


def _address(raw: Any, _: Field) -> dict[str, str]:
    parts = _object(raw)
    told = {}
    for name, longest in ADDRESS.items():
        text = _text(parts.get(name) or "")
        if len(text) > longest:
            raise Unfit("max_length", f"Write at most {longest} characters.", f"/{name}")
        if text:
            told[name] = text
    return told


def _roles(raw: Any, _: Field) -> list[str]:
    for n, role in enumerate(_list(raw)):
        if role not in CONTACT_ROLES:
            told = f"Write one of: {', '.join(CONTACT_ROLES)}."
            raise Unfit("unknown_choice", told, f"/{n}")
    return list(raw)


def _overtime(raw: Any, _: Field) -> dict[str, Any]:
    parts = _object(raw)
    given = [name for name in OVERTIME if parts.get(name) is not None]
    told: dict[str, Any] = {name: format(_number(parts[name], f"/{name}"), "f") for name in given}
    if "windows" in parts:
        try:
            check_windows(parts["windows"])
        except UnfitHours as no:
            raise Unfit("window_unfit", str(no), "/windows") from None
        told["windows"] = parts["windows"]
    return told


def _object(raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise Unfit("not_an_object", "Write an object.")
    return raw


def _list(raw: Any) -> Sequence[Any]:
    if not isinstance(raw, list):
        raise Unfit("not_a_list", "Write a list.")
    return raw


def _number(raw: Any, where: str) -> Decimal:
    if not isinstance(raw, str) or not DECIMAL.fullmatch(raw):
        raise Unfit("invalid_decimal", 'Write a decimal such as "12.50".', where)
    return Decimal(raw)


# --- references ----------------------------------------------------------------------------------


def _reference(raw: Any, each: Field) -> Reference:
    record, parts = each.facts["record"], _object(raw)
    if isinstance(parts.get("id"), str):
        if ids.parse(KINDS[record].prefix, parts["id"]) is None:
            told = f"Write an id that begins with {KINDS[record].prefix}_."
            raise Unfit("invalid_id", told, "/id")
        return Reference(record, id=parts["id"])
    external = parts.get("external_id")
    if not isinstance(external, str) or not 0 < len(external) <= 80:
        raise Unfit("required", "Give its external_id (1 to 80 characters) or id.", "/external_id")
    whole = parts if set(parts) - OWN - {ABOUT} else None
    return Reference(record, external, body=whole)


# --- rates and time ------------------------------------------------------------------------------


def _rates(raw: Any, _: Field) -> list[NewRates]:
    """What holds from each day on; a rate without a currency takes the client's later on."""
    found = []
    for n, each in enumerate(_list(raw)):
        try:
            found.append(_agreement(_object(each)))
        except Unfit as no:
            raise no.below(f"/{n}") from None
        faults = found[-1].faults(f"/{n}/rates")
        if faults:
            raise Unfit.of(faults)
    days = [agreed.since for agreed in found]
    if len(set(days)) != len(days):
        raise Unfit("rates_twice", "Two sets of rates begin on the same day.")
    return sorted(found, key=lambda agreed: agreed.since)


def _agreement(parts: Mapping[str, Any]) -> NewRates:
    since = date.min if parts.get("since") is None else _at(lambda: _day(parts["since"]), "/since")
    rates: list[NewRate] = []
    currencies: dict[str, set[str]] = {"pay_rate": set(), "bill_rate": set()}
    for n, one in enumerate(_list(parts.get("rates") or [])):
        own = _object(one)
        prices = {}
        for side, spoken in currencies.items():
            prices[side], currency = _price(own.get(side), f"/rates/{n}/{side}")
            spoken.update({currency} if currency else ())
        code = _at(partial(_text, own.get("code") or ""), f"/rates/{n}/code")
        if code == "regular":
            _both(prices, f"/rates/{n}")
        unit = str(own.get("unit") or "hour")
        rates.append(NewRate(code[:20], prices["pay_rate"], prices["bill_rate"], unit))
    for side, spoken in currencies.items():
        if len(spoken) > 1:
            raise Unfit("two_currencies", f"Every {side} is in one currency.", "/rates")
    pay, bill = (next(iter(spoken), "") for spoken in currencies.values())
    return NewRates(
        since=since,
        rates=rates,
        pay_currency=pay or bill,
        bill_currency=bill or pay,
        overtime_billed=parts.get("overtime_billed") is not False,
        reason=str(parts.get("reason") or "")[:200],
    )


def _both(prices: Mapping[str, Decimal | None], where: str) -> None:
    """The regular rate of a placement has both sides: one alone is what goes wrong in the trade."""
    missing = [
        Fault("required", f"The regular {side.replace('_', ' ')} is missing.", f"{where}/{side}")
        for side in ("pay_rate", "bill_rate")
        if prices[side] is None
    ]
    if missing:
        raise Unfit.of(missing)


def _price(raw: Any, where: str) -> tuple[Decimal | None, str]:
    if raw is None:
        return None, ""
    if isinstance(raw, Mapping):
        amount, currency = raw.get("amount"), raw.get("currency")
        if currency not in checks.CURRENCIES:
            told = f"Say {' or '.join(checks.CURRENCIES)}."
            raise Unfit("currency_unknown", told, f"{where}/currency")
        return _rate(amount, where), str(currency)
    return _rate(raw, where), ""


def _rate(raw: Any, where: str) -> Decimal:
    number = _number(raw, where)
    if number != number.quantize(Decimal("0.0001")):
        raise Unfit("too_many_places", "Write at most 4 places after the point.", where)
    return number


def _entries(raw: Any, _: Field) -> list[NewEntry]:
    return [_at(partial(_entry, each), f"/{n}") for n, each in enumerate(_list(raw))]


def _entry(raw: Any) -> NewEntry:
    own = _object(raw)
    moments = {
        name: _at(partial(_instant, own[name]), f"/{name}")
        for name in ("started_at", "ended_at")
        if own.get(name)
    }
    quantity = own.get("quantity")
    minutes = own.get("break_minutes") or 0
    return NewEntry(
        worked_on=_at(lambda: _day(own.get("worked_on")), "/worked_on"),
        code=str(own.get("code") or "regular")[:20],
        unit=str(own.get("unit") or "hour"),
        quantity=None if quantity is None else _number(quantity, "/quantity"),
        started_at=moments.get("started_at"),
        ended_at=moments.get("ended_at"),
        break_minutes=minutes if isinstance(minutes, int) else 0,
        note=str(own.get("note") or "")[:200],
    )


def _instant(raw: Any) -> datetime:
    return datetime.fromisoformat(_text(raw))


def _at(make: Callable[[], Any], where: str) -> Any:
    """What is made, or its fault with the place it has further up."""
    try:
        return make()
    except Unfit as no:
        raise no.below(where) from None
    except ValueError:
        raise Unfit("invalid_instant", "Write a moment as 2026-01-05T09:00:00Z.", where) from None


READERS: dict[str, Callable[[Any, Field], Any]] = {
    "words": _words,
    "choice": _choice,
    "email": _email,
    "country": _country,
    "currency": _currency,
    "zone": _zone,
    "day": _day,
    "weekday": _weekday,
    "flag": _flag,
    "address": _address,
    "roles": _roles,
    "overtime": _overtime,
    "reference": _reference,
    "rates": _rates,
    "entries": _entries,
}
EMPTY: dict[str, Any] = {
    "words": "",
    "email": "",
    "choice": "",
    "zone": "",
    "address": {},
    "overtime": {},
    "roles": [],
}
