"""Bullhorn's shapes in the tests, all invented: a candidate, a company, a job, a placement, and
what changes it.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from tests.wire import Reply, Wire

CHICAGO = ZoneInfo("America/Chicago")
SOURCE = "/v1/sources/bullhorn"
WHERE = f"{SOURCE}/deliveries"
SETTINGS = {"defaults": {"pay_frequency": "weekly"}}


def ms(text: str, zone: ZoneInfo = CHICAGO) -> int:
    """A moment as Bullhorn writes it: milliseconds of somebody's clock."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1000


CANDIDATE: dict[str, Any] = {
    "id": 11,
    "firstName": "Tess",
    "lastName": "Tamer",
    "middleName": "",
    "email": "",
    "email2": "tess@example.com; other@example.com",
    "mobile": "",
    "phone": "(312) 555-0147",
    "address": {"address1": "9 Lake St", "address2": "", "city": "Chicago", "state": "Illinois",
                "zip": "60601", "countryID": 1},
    "ssn": "**CONFIDENTIAL**",
    "taxID": "987-65-4320",
    "dateOfBirth": 631152000000,
    "password": "swordfish",
    "employeeType": "W2",
    "isDeleted": False,
    "dateLastModified": ms("2026-05-20T10:00"),
}  # fmt: skip
CORPORATION: dict[str, Any] = {
    "id": 21,
    "name": "Lakeside Foods Inc",
    "status": "Active Account",
    "address": {"address1": "1 Pier", "city": "Chicago", "state": "IL", "zip": "60611",
                "countryID": 1},
    "workWeekStart": 0,
}  # fmt: skip
CONTACT: dict[str, Any] = {
    "id": 31,
    "firstName": "Max",
    "lastName": "Manager",
    "email": "max@example.com",
    "occupation": "Shift lead",
    "clientCorporation": {"id": 21, "name": "Lakeside Foods Inc"},
    "isDeleted": False,
}
JOB: dict[str, Any] = {
    "id": 41,
    "title": "Packer",
    "clientCorporation": {"id": 21},
    "address": {"address1": "1 Pier", "city": "Chicago", "state": "Illinois", "zip": "60611",
                "countryID": 1},
    "costCenter": "PACK-7",
    "isDeleted": False,
}  # fmt: skip
PLACEMENT: dict[str, Any] = {
    "id": 51,
    "candidate": {"id": 11, "firstName": "Tess", "lastName": "Tamer"},
    "jobOrder": {"id": 41, "title": "Packer"},
    "approvingClientContact": {"id": 31},
    "status": "Approved",
    "employmentType": ["Contract"],
    "employeeType": "W2",
    "dateBegin": ms("2026-06-01T00:00"),
    "dateEnd": ms("2026-08-28T23:59"),
    "dateEffective": ms("2026-06-01T00:00"),
    "dateClientEffective": ms("2026-06-01T00:00"),
    "payRate": "18.50",
    "clientBillRate": "26.75",
    "overtimeRate": "0E-10",
    "clientOvertimeRate": 0,
    "salaryUnit": "Per Hour",
    "workWeekStart": 1,
    "costCenter": "",
    "dateLastModified": ms("2026-05-25T09:00"),
}
CHANGE: dict[str, Any] = {
    "id": 61,
    "placement": {"id": 51},
    "requestType": "Pay Rate Change",
    "requestStatus": "Approved",
    "payRate": "19.25",
    "clientBillRate": "27.80",
    "salaryUnit": "Per Hour",
    "dateEffective": ms("2026-06-10T00:00"),
    "dateClientEffective": ms("2026-06-10T00:00"),
    "dateApproved": ms("2026-06-03T16:30"),
    "dateLastModified": ms("2026-06-03T16:30"),
}
WHOLE = (
    ("Candidate", CANDIDATE),
    ("ClientCorporation", CORPORATION),
    ("ClientContact", CONTACT),
    ("JobOrder", JOB),
    ("Placement", PLACEMENT),
)
EARN = {"REG": {"id": 1, "code": "REG"}, "OT": {"id": 2, "code": "OT"}}


def card(id_: int = 71, since: str = "2026-07-01") -> dict[str, Any]:
    """A rate card without its groups, as a truncated to-many field leaves it."""
    return {
        "id": id_,
        "placement": {"id": 51},
        "effectiveDate": since,
        "effectiveEndDate": "2999-12-31",
        "versionID": 700 + id_,
        "placementRateCardLineGroups": {"total": 1, "data": []},
        "dateLastModified": ms("2026-06-20T12:00"),
    }


def group(id_: int = 81, card_id: int = 71) -> dict[str, Any]:
    """A group of lines of a card."""
    return {"id": id_, "isBase": True, "placementRateCard": {"id": card_id}}


def line(id_: int, code: str, pay: str, bill: str, group_id: int = 81) -> dict[str, Any]:
    """A line of a card."""
    dollars = {"id": 166, "alphabeticCode": "USD"}
    return {
        "id": id_,
        "earnCode": EARN.get(code, {"id": 9, "code": code}),
        "payRate": pay,
        "billRate": bill,
        "payCurrencyUnit": dollars,
        "billCurrencyUnit": dollars,
        "placementRateCardLineGroup": {"id": group_id},
    }


def connect(owner: Wire) -> None:
    """Connect Bullhorn, in Chicago, whose word holds for rates."""
    body = {"name": "bullhorn", "kind": "bullhorn", "time_zone": "America/Chicago"}
    owner.post("/v1/sources", body | {"settings": SETTINGS}).done()
    owners = [{"record": "placement", "field": "rates", "owner": "source"}]
    owner.put(f"{SOURCE}/ownership", {"owners": owners}, match="*").done()


def numbered(body: Any) -> bytes:
    """JSON in which a rate such as "18.50" is a number, as Bullhorn sends it."""
    text = json.dumps(body)
    for name in ("payRate", "clientBillRate", "billRate", "overtimeRate"):
        for part in text.split(f'"{name}": "')[1:]:
            value = part.split('"')[0]
            text = text.replace(f'"{name}": "{value}"', f'"{name}": {value}')
    return text.encode()


def send(ats: Wire, entity: str, *records: Any) -> Reply:
    """Deliver records as the answer to a search holds them."""
    body = {"total": len(records), "start": 0, "count": len(records), "data": list(records)}
    return ats.call(
        "POST", WHERE, numbered(body), query={"entity": entity}, media="application/json"
    ).done()


def one(reply: Reply) -> dict[str, Any]:
    (result,) = reply["results"]
    return dict(result)


def send_all(ats: Wire, *kinds: str) -> dict[str, dict[str, Any]]:
    return {
        entity: one(send(ats, entity, body))
        for entity, body in WHOLE
        if not kinds or entity in kinds
    }


def agreed(ats: Wire, assignment: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
    rows = ats.every(f"/v1/assignments/{assignment}/rates", withdrawn="false")
    return sorted(
        (
            row["since"],
            sorted(
                (r["code"], r["pay_rate"]["amount"], r["bill_rate"]["amount"]) for r in row["rates"]
            ),
        )
        for row in rows
    )
