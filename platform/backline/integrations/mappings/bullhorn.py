"""Bullhorn: its entities as its REST API answers them, as records of ours.

Its numbers are exact, its moments milliseconds, its words the customer's own. What a record lacks
is told with the field that should hold it there; nothing is guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backline.assignments.engagements import COMPANY
from backline.integrations.mappings import bullhorn_rates
from backline.integrations.mappings.understanding import (
    HIDDEN,
    Mapped,
    Understanding,
    key,
    key_in,
    moment,
    part,
    phone,
    state_code,
    text,
    zone_of,
)

VERSION = "1"
ABOUT = "@"
COUNTRIES = {"1": "US", "2359": "GB"}
CURRENCIES = {"US": "USD", "GB": "GBP"}
PERMANENT = ("permanent", "direct hire", "perm")
# Nobody at pay or bills needs these, and the law is strict about them: they are never kept.
NEVER_KEPT = frozenset(
    {
        "ssn", "taxid", "password", "dateofbirth", "gender", "ethnicity", "disability", "veteran",
        "maritalstatus", "nationality", "passport", "bankaccount", "accountnumber", "routingnumber",
        "username",
    }
)  # fmt: skip
STATUSES = {
    "approved": "approved", "accounts approved": "approved", "active": "approved",
    "completed": "ended", "ended": "ended", "terminated": "ended",
    "submitted": "pending", "pending": "pending", "draft": "pending",
    "requires approval": "pending", "cancelled": "cancelled", "canceled": "cancelled",
    "declined": "cancelled", "rejected": "cancelled", "withdrawn": "cancelled",
}  # fmt: skip


def sent(body: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The entity that a body names, if any, and the records in it, whatever envelope they have."""
    entity = text(body.get("entity") or body.get("entityName"))
    if isinstance(body.get("events"), list):
        return "Event", list(body["events"])
    data = body.get("data")
    if isinstance(data, list):
        return entity, list(data)
    if isinstance(data, Mapping):
        return entity, [data]
    if "entityEventType" in body:
        return "Event", [body]
    return entity, [{name: each for name, each in body.items() if name != "entity"}]


def kept(raw: Any) -> Any:
    """A payload as it may be kept: without what is hidden, secret or nobody's business here."""
    if isinstance(raw, Mapping):
        return {
            str(name): kept(each)
            for name, each in raw.items()
            if str(name).casefold() not in NEVER_KEPT and not _is_hidden(each)
        }
    if isinstance(raw, list):
        return [kept(each) for each in raw if not _is_hidden(each)]
    return raw


def _is_hidden(value: Any) -> bool:
    return isinstance(value, str) and HIDDEN in value


def records(entity: str, raw: Mapping[str, Any], how: Understanding) -> Sequence[Mapped]:
    """What a payload is here; the first is the record itself, others came inside it."""
    if entity in ENTITIES:
        return [ENTITIES[entity](raw, how)]
    if entity in bullhorn_rates.ENTITIES:
        return bullhorn_rates.ENTITIES[entity](raw, how)
    if entity == "Event":
        return [_event(raw)]
    told = f"{entity} is kept; nothing of it is needed for pay or bills."
    return [Mapped("", key(raw.get("id")), note=told)]


def _mapped(
    entity: str,
    raw: Mapping[str, Any],
    body: dict[str, Any],
    names: Mapping[str, str],
    problems: Sequence[Mapping[str, str]] = (),
) -> Mapped:
    """A record with its body, where each field stands there, and what was not understood."""
    if raw.get("isDeleted") is True:
        body = {"is_deleted": True}
    else:
        places = {f"/{name}": place for name, place in names.items()}
        body[ABOUT] = {
            "entity": entity, "is_part": True, "names": places, "problems": list(problems),
        }  # fmt: skip
    return Mapped(RECORDS[entity], key(raw.get("id")), body, moment(raw.get("dateLastModified")))


def _problem(pointer: str, code: str, detail: str) -> dict[str, str]:
    return {"pointer": pointer, "code": code, "detail": detail}


# --- people and companies ------------------------------------------------------------------------


def _candidate(raw: Mapping[str, Any], how: Understanding) -> Mapped:
    country = how.country(part(raw, "address"), COUNTRIES)
    body = _said(
        raw,
        {
            "given_name": ("firstName",),
            "family_name": ("lastName",),
            "email": ("email", "email2", "email3"),
        },
    )
    body |= _place(raw, country) | _phone(raw, country)
    names = {
        "given_name": "Candidate.firstName", "family_name": "Candidate.lastName",
        "email": "Candidate.email", "country": "Candidate.address.countryID",
        "address": "Candidate.address", "phone": "Candidate.mobile",
    }  # fmt: skip
    return _mapped("Candidate", raw, body, names)


def _corporation(raw: Mapping[str, Any], how: Understanding) -> Mapped:
    country = how.country(part(raw, "address"), COUNTRIES)
    body = _said(raw, {"legal_name": ("name",)})
    if country:
        body |= {"country": country, "currency": CURRENCIES.get(country, "")}
    address = part(raw, "billingAddress") or part(raw, "address")
    if address:
        body["billing_address"] = _address(address, country)
    names = {
        "legal_name": "ClientCorporation.name", "country": "ClientCorporation.address.countryID",
        "currency": "ClientCorporation.address.countryID",
    }  # fmt: skip
    return _mapped("ClientCorporation", raw, body, names)


def _contact(raw: Mapping[str, Any], how: Understanding) -> Mapped:
    country = how.country(part(raw, "address"), COUNTRIES)
    body = _said(raw, {"email": ("email", "email2", "email3"), "job_title": ("occupation",)})
    full = text(raw.get("name")) or " ".join(
        each for each in (text(raw.get("firstName")), text(raw.get("lastName"))) if each
    )
    body |= {"name": full} | _phone(raw, country)
    client = key_in(raw, "clientCorporation")
    if client:
        body["client"] = {"external_id": client}
    names = {
        "name": "ClientContact.name", "email": "ClientContact.email",
        "client": "ClientContact.clientCorporation",
    }  # fmt: skip
    return _mapped("ClientContact", raw, body, names)


def _said(raw: Mapping[str, Any], names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The words that a payload says; of several places the first that says anything."""
    body: dict[str, Any] = {}
    for ours, theirs in names.items():
        if any(name in raw for name in theirs):
            told = (text(raw.get(name)) for name in theirs)
            body[ours] = next((each for each in told if each), "")
    if "email" in body:  # several in one field: the first is the one to write to
        body["email"] = body["email"].replace(",", ";").split(";")[0].strip()
    return body


def _phone(raw: Mapping[str, Any], country: str) -> dict[str, str]:
    told = text(raw.get("mobile")) or text(raw.get("phone"))
    return {"phone": phone(told, country)} if "mobile" in raw or "phone" in raw else {}


def _place(raw: Mapping[str, Any], country: str) -> dict[str, Any]:
    address = part(raw, "address")
    found: dict[str, Any] = {"address": _address(address, country)} if address else {}
    return found | ({"country": country} if country else {})


def _address(address: Mapping[str, Any], country: str) -> dict[str, str]:
    told = {
        "line1": text(address.get("address1"))[:120],
        "line2": text(address.get("address2"))[:120],
        "city": text(address.get("city"))[:80],
        "region": text(address.get("state"))[:40],
        "postal_code": text(address.get("zip"))[:16],
        "country": country,
    }
    return {name: each for name, each in told.items() if each}


# --- places and jobs -----------------------------------------------------------------------------


def _location(raw: Mapping[str, Any], how: Understanding) -> Mapped:
    body = _said(raw, {"name": ("title",)}) | _site(part(raw, "address"), how)
    client = key_in(raw, "clientCorporation")
    if client:
        body["client"] = {"external_id": client}
    names = {
        "name": "Location.title", "client": "Location.clientCorporation",
        "country": "Location.address.countryID", "region": "Location.address.state",
        "time_zone": "Location.address.state",
    }  # fmt: skip
    return _mapped("Location", raw, body, names)


def _site(address: Mapping[str, Any], how: Understanding) -> dict[str, Any]:
    """What an address says of a place of work; a state tells its time zone."""
    country = how.country(address, COUNTRIES)
    region = state_code(text(address.get("state"))) if country == "US" else ""
    zone = zone_of(country, region) or how.default("time_zone") or ""
    told = {"country": country, "region": region, "time_zone": zone}
    body: dict[str, Any] = {name: each for name, each in told.items() if each}
    return body | {"address": _address(address, country)}


def _job(raw: Mapping[str, Any], how: Understanding) -> Mapped:
    """A job is no record of ours: it tells a placement its client, title and place of work."""
    body = _said(raw, {"job_title": ("title",), "cost_centre": ("costCenter",)})
    body["job_title"] = body.get("job_title", "")[:120]
    client, address = key_in(raw, "clientCorporation"), part(raw, "address")
    if client:
        body["client"] = {"external_id": client}
    if any(text(address.get(name)) for name in ("address1", "city", "state", "zip")):
        name = text(address.get("city")) or text(address.get("address1")) or "Site"
        body["site"] = {
            "external_id": f"job:{key(raw.get('id'))}", "name": name, **_site(address, how),
        }  # fmt: skip
    return _mapped("JobOrder", raw, body, {})


# --- placements ----------------------------------------------------------------------------------


def _placement(raw: Mapping[str, Any], how: Understanding) -> Mapped:
    problems: list[dict[str, str]] = []
    body: dict[str, Any] = {
        name: {"external_id": each} for name, each in _named(raw).items() if each
    }
    for ours, theirs in (("starts_on", "dateBegin"), ("ends_on", "dateEnd")):
        if theirs in raw:
            body[ours] = how.day(raw[theirs])
    body |= _said(raw, {"cost_centre": ("costCenter",)})
    body |= _status(raw, how, problems) | _engagement(raw, how, problems)
    if body.get("engagement") in COMPANY and key_in(raw, "vendorClientCorporation"):
        body["intermediary"] = _company(raw, body["engagement"])
    week = raw.get("workWeekStart")
    if isinstance(week, int) and 1 <= week <= 7:  # 1 is Sunday; 0 says nothing
        body["week_starts"] = (week + 5) % 7
    if text(raw.get("employmentType")).casefold() in PERMANENT:
        told = "A permanent placement is a fee, and no assignment with time to be paid."
        problems.append(_problem("/starts_on", "permanent_placement", told))
    rates, more = bullhorn_rates.of_placement(raw, how)
    body |= rates
    return _mapped("Placement", raw, body, NAMES, [*problems, *more])


def _company(raw: Mapping[str, Any], kind: str) -> dict[str, Any]:
    vendor = part(raw, "vendorClientCorporation")
    name = text(vendor.get("name"))[:120]
    own = {"kind": kind, "legal_name": name} if name else {}
    return {"external_id": key(vendor.get("id")), **own}


NAMES = {
    "worker": "Placement.candidate", "client": "Placement.jobOrder.clientCorporation",
    "approver": "Placement.approvingClientContact",
    "site": "Placement.location, or JobOrder.address", "starts_on": "Placement.dateBegin",
    "ends_on": "Placement.dateEnd", "status": "Placement.status",
    "engagement": "Placement.employeeType",
    "intermediary": "Placement.vendorClientCorporation",
    "pay_frequency": "no field of Bullhorn: the source's settings, defaults.pay_frequency",
    "rates": "Placement.payRate and Placement.clientBillRate",
    "rates/0/since": "Placement.dateEffective",
    "rates/0/rates/0/pay_rate": "Placement.payRate",
    "rates/0/rates/0/bill_rate": "Placement.clientBillRate",
}  # fmt: skip


def _named(raw: Mapping[str, Any]) -> dict[str, str]:
    """The records that a placement names, by their keys."""
    return {
        "worker": key_in(raw, "candidate"),
        "job": key_in(raw, "jobOrder"),
        "client": key_in(raw, "clientCorporation"),
        "approver": key_in(raw, "approvingClientContact")
        or key_in(raw, "backupApprovingClientContact"),
        "site": key_in(raw, "location"),
    }


def _status(
    raw: Mapping[str, Any], how: Understanding, problems: list[dict[str, str]]
) -> dict[str, str]:
    word = text(raw.get("status"))[:40]
    found = how.taken_for("statuses", word, STATUSES)
    if not found:  # "Approved (Aust)", "Completed - Satisfactory"
        starts = (name for name in STATUSES if word.casefold().startswith(f"{name} "))
        found = STATUSES.get(next(starts, ""), "")
    if not found:
        told = f"Bullhorn's status {word!r} is not known here: say what it means in the settings."
        problems.append(_problem("/status", "status_unknown", told))
    return {"status": found} if found else {}


def _engagement(
    raw: Mapping[str, Any], how: Understanding, problems: list[dict[str, str]]
) -> dict[str, str]:
    found, problem = bullhorn_rates.engagement(text(raw.get("employeeType")), how)
    if problem:
        problems.append(_problem("/engagement", "engagement_unknown", problem))
    return {"engagement": found} if found else {}


# --- events --------------------------------------------------------------------------------------

RECORDS = {
    "Candidate": "worker", "ClientCorporation": "client", "ClientContact": "contact",
    "Location": "site", "JobOrder": "job", "Placement": "placement",
    "PlacementChangeRequest": "change", "PlacementRateCard": "rate_card",
}  # fmt: skip


def _event(raw: Mapping[str, Any]) -> Mapped:
    """An event names what changed and not to what: only a deletion says all there is to say."""
    entity, name = text(raw.get("entityName")), key(raw.get("entityId"))
    if text(raw.get("entityEventType")) == "DELETED" and entity in RECORDS and name:
        told = moment(raw.get("eventTimestamp"))
        return Mapped(RECORDS[entity], name, {"is_deleted": True}, told)
    what = f"{entity or 'a record'} {name}".strip()
    return Mapped("", name, note=f"An event names no values: send {what} itself.")


ENTITIES: dict[str, Callable[[Mapping[str, Any], Understanding], Mapped]] = {
    "Candidate": _candidate,
    "ClientCorporation": _corporation,
    "ClientContact": _contact,
    "Location": _location,
    "JobOrder": _job,
    "Placement": _placement,
}
