"""Bullhorn's own shapes through the door: what they become, what they lack, and how it is told."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests import bullhorn
from tests.bullhorn import (
    CHANGE,
    CORPORATION,
    PLACEMENT,
    SETTINGS,
    SOURCE,
    WHERE,
    WHOLE,
    agreed,
    connect,
    ms,
    one,
    send,
    send_all,
)  # fmt: skip
from tests.callers import key_of
from tests.wire import Wire

RECORDS = f"{SOURCE}/records"


@pytest.fixture
def owner(person, us_agency):
    """The owner of the agency across the sea."""
    return person("owner", us_agency, "olive")


@pytest.fixture
def ats(us_agency, owner) -> Wire:
    """Bullhorn, connected, with a key that may do all a key may."""
    connect(owner)
    return Wire(key_of(us_agency))


def test_five_entities_become_an_assignment_that_can_be_confirmed(ats):
    ended = send_all(ats)

    assert [each["outcome"] for each in ended.values()] == ["created"] * 5
    made = ats.get(f"/v1/assignments/{ended['Placement']['id']}").done()
    assert (made["engagement"], made["starts_on"], made["ends_on"]) == (
        "w2",
        "2026-06-01",
        "2026-08-28",
    )
    assert (made["job_title"], made["week_starts"], made["pay_frequency"]) == (
        "Packer",
        6,
        "weekly",
    )
    assert agreed(ats, made["id"]) == [("2026-06-01", [("regular", "18.50", "26.75")])]
    site = ats.get(f"/v1/sites/{made['site']}").done()
    assert (site["region"], site["time_zone"]) == ("IL", "America/Chicago")
    worker = ats.get(f"/v1/workers/{made['worker']}").done()
    assert (worker["email"], worker["phone"]) == ("tess@example.com", "+13125550147")
    assert worker["tax_id_last"] == ""
    assert ats.post(f"/v1/assignments/{made['id']}/confirm").done()["status"] == "confirmed"


def test_the_order_of_arrival_does_not_matter(ats):
    for entity, body in reversed(WHOLE):
        send(ats, entity, body)

    (made,) = ats.every("/v1/assignments")
    assert made["job_title"] == "Packer"
    outcomes = {each["outcome"] for each in ats.every(RECORDS)}
    assert outcomes == {"created"}
    assert ats.every("/v1/exceptions", state="open") == []


def test_what_is_hidden_or_secret_is_never_kept(ats):
    told = send_all(ats, "Candidate")["Candidate"]

    kept = ats.get(f"/v1/deliveries/{told['delivery']}").done()
    text = kept.content.decode()
    for secret in ("CONFIDENTIAL", "987-65-4320", "swordfish", "631152000000"):
        assert secret not in text
    assert kept["body"]["firstName"] == "Tess"


def test_the_same_again_changes_nothing_and_an_older_one_is_ignored(ats):
    send_all(ats)

    assert one(send(ats, "Placement", PLACEMENT))["outcome"] == "unchanged"
    late = PLACEMENT | {"dateLastModified": ms("2026-05-24T09:00"), "dateEnd": None}
    assert one(send(ats, "Placement", late))["outcome"] == "stale_ignored"
    newer = PLACEMENT | {
        "dateLastModified": ms("2026-06-02T09:00"),
        "dateEnd": ms("2026-12-31T00:00"),
    }
    told = one(send(ats, "Placement", newer))
    assert told["outcome"] == "updated"
    assert ats.get(f"/v1/assignments/{told['id']}").done()["ends_on"] == "2026-12-31"


ENVELOPES = {
    "one entity, named beside it": {"entity": "ClientCorporation", **CORPORATION},
    "one entity under data": {"data": CORPORATION},
    "a list under data": {"total": 1, "start": 0, "count": 1, "data": [CORPORATION]},
    "a bare list": [CORPORATION],
}


@pytest.mark.parametrize("form", ENVELOPES)
def test_every_envelope_of_theirs_is_taken(ats, form):
    body = ENVELOPES[form]
    query = {} if "beside" in form else {"entity": "ClientCorporation"}

    reply = ats.call("POST", WHERE, body, query=query).done()

    assert one(reply)["outcome"] == "created"
    assert ats.every("/v1/clients")[0]["currency"] == "USD"


def test_what_has_no_name_is_refused_and_what_is_not_needed_is_kept(ats):
    assert ats.post(WHERE, CORPORATION).codes == [("entity_missing", "/entity")]
    assert ats.post(WHERE, {"data": []}).status == 422

    told = one(send(ats, "EarnCode", {"id": 5, "code": "REG"}))

    assert (told["outcome"], told["record"]) == ("unchanged", None)
    assert told["note"]
    assert ats.get(f"/v1/deliveries/{told['delivery']}").done()["body"]["code"] == "REG"


# --- what is missing -----------------------------------------------------------------------------

LACKING: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "an unknown employee type": (
        {"employeeType": "SU"},
        {("engagement_unknown", "Placement.employeeType")},
    ),
    "no rates": (
        {"payRate": None, "clientBillRate": 0},
        {("required", "Placement.payRate and Placement.clientBillRate")},
    ),
    "one rate of two": ({"clientBillRate": None}, {("required", "Placement.clientBillRate")}),
    "an unknown status": ({"status": "Onboarded"}, {("status_unknown", "Placement.status")}),
    "no approver": (
        {"approvingClientContact": None},
        {("required", "Placement.approvingClientContact")},
    ),
    "no first day": ({"dateBegin": None}, {("required", "Placement.dateBegin")}),
    "everything at once": (
        {"dateBegin": "", "employeeType": "", "approvingClientContact": {}},
        {
            ("required", "Placement.dateBegin"),
            ("required", "Placement.employeeType"),
            ("required", "Placement.approvingClientContact"),
        },
    ),
    "rates that begin late": (
        {"dateEffective": ms("2026-06-15T00:00"), "dateClientEffective": ms("2026-06-15T00:00")},
        {("rates_start_late", "Placement.dateEffective")},
    ),
    "a permanent placement": (
        {"employmentType": "Permanent"},
        {("permanent_placement", "Placement.dateBegin")},
    ),
    "a yearly salary": (
        {"salaryUnit": "Yearly"},
        {("rate_unit_unknown", "Placement.payRate and Placement.clientBillRate")},
    ),
}


@pytest.mark.parametrize("what", LACKING)
def test_each_missing_fact_is_named_with_the_field_that_should_hold_it(ats, what):
    change, expected = LACKING[what]
    send_all(ats, "Candidate", "ClientCorporation", "ClientContact", "JobOrder")

    told = one(send(ats, "Placement", PLACEMENT | change))

    assert told["outcome"] == "failed"
    faults = {(each["code"], each["source_field"]) for each in told["problem"]["errors"]}
    assert faults == expected
    (exception,) = ats.every("/v1/exceptions", state="open")
    assert (exception["kind"], exception["owner_role"]) == ("source_record_failed", "staff")
    assert ats.every("/v1/assignments") == []
    mended = PLACEMENT | {"dateLastModified": ms("2026-06-02T09:00")}
    assert one(send(ats, "Placement", mended))["outcome"] == "created"
    assert ats.every("/v1/exceptions", state="open") == []


def test_a_missing_fact_may_be_supplied_and_the_record_applies(ats, owner):
    send_all(ats)
    lacking = PLACEMENT | {"id": 52, "employeeType": "SU", "approvingClientContact": None}
    assert one(send(ats, "Placement", lacking))["outcome"] == "failed"

    facts = {"engagement": "w2", "approver": {"external_id": "31"}}
    supplied = ats.patch("/v1/sources/bullhorn/placements/52", facts).done()

    assert supplied["outcome"] == "created"
    made = ats.get(f"/v1/assignments/{supplied['id']}").done()
    assert made["engagement"] == "w2"
    assert made["approver"] == ats.every("/v1/contacts")[0]["id"]
    newer = lacking | {"dateLastModified": ms("2026-06-05T09:00"), "dateEnd": None}
    assert one(send(ats, "Placement", newer))["outcome"] == "updated"


def test_words_are_understood_once_the_firm_says_what_they_mean(ats, owner):
    send_all(ats, "Candidate", "ClientCorporation", "ClientContact", "JobOrder")
    told = one(send(ats, "Placement", PLACEMENT | {"employeeType": "SU"}))
    again = ats.post(f"/v1/deliveries/{told['delivery']}/remap").done()
    assert (told["outcome"], again["outcome"]) == ("failed", "failed")

    version = owner.get("/v1/sources/bullhorn").headers["ETag"]
    change = {"settings": {"engagements": {"su": "w2"}}}
    owner.patch("/v1/sources/bullhorn", change, match=version).done()

    assert ats.every("/v1/assignments")[0]["engagement"] == "w2"
    assert ats.post(f"/v1/deliveries/{told['delivery']}/remap").done()["outcome"] == "unchanged"
    assert owner.get("/v1/sources/bullhorn").done()["settings"]["defaults"] == SETTINGS["defaults"]


def test_a_placement_waits_until_the_ats_approves_it(ats):
    send_all(ats, "Candidate", "ClientCorporation", "ClientContact", "JobOrder")

    waits = one(send(ats, "Placement", PLACEMENT | {"status": "Submitted"}))

    assert (waits["outcome"], waits["problem"]["code"]) == ("parked", "placement_not_approved")
    assert ats.every("/v1/exceptions", state="open") == []
    approved = PLACEMENT | {
        "status": "Approved (Chicago)",
        "dateLastModified": ms("2026-05-26T00:00"),
    }
    assert one(send(ats, "Placement", approved))["outcome"] == "created"


# --- events and deletions ------------------------------------------------------------------------


def test_an_event_is_a_hint_and_a_deletion_is_not(ats):
    placement = send_all(ats)["Placement"]
    moment = ms("2026-06-30T00:00")
    events = [
        {"eventId": "a", "entityName": "Placement", "entityId": 51, "entityEventType": "UPDATED",
         "updatedProperties": ["payRate"], "eventTimestamp": moment},
        {"eventId": "b", "entityName": "Placement", "entityId": 51, "entityEventType": "DELETED",
         "eventTimestamp": moment},
    ]  # fmt: skip

    reply = ats.post(WHERE, {"requestId": 2, "events": events}).done()

    hint, deletion = reply["results"]
    assert (hint["outcome"], "send Placement 51 itself" in hint["note"]) == ("unchanged", True)
    assert deletion["outcome"] == "updated"
    assert ats.get(f"/v1/assignments/{placement['id']}").done()["status"] == "cancelled"


def test_another_agency_sees_nothing_of_it(ats, wire, person):
    told = send_all(ats)

    assert wire.get(f"/v1/deliveries/{told['Placement']['delivery']}").status == 404
    assert wire.get(WHERE).status == 404
    assert wire.every("/v1/workers") == []


# --- ugly data -----------------------------------------------------------------------------------

UGLY: list[Any] = [
    None, True, 0, -1, 10**17, "", " ", "x" * 500, "**CONFIDENTIAL**", [], {}, [[]], [{}],
    {"id": {}}, {"id": []}, {"id": -5}, {"data": "x"}, {"total": 3, "data": [None, 1, []]},
    "2999-12-31", "2020-1-1", "0000-00-00", "0E-10", "NaN", "1e400", "-12.5", 253402300800000,
]  # fmt: skip


ENTITIES = (*(name for name, _ in WHOLE), "PlacementChangeRequest", "PlacementRateCard",
            "PlacementRateCardLine", "Location", "Event")  # fmt: skip


@pytest.mark.parametrize("entity", ENTITIES)
def test_nothing_that_is_sent_is_dropped_or_breaks_anything(ats, entity):
    chance = random.Random(entity)
    good = dict(WHOLE).get(entity) or {
        "PlacementChangeRequest": CHANGE,
        "PlacementRateCard": bullhorn.card(),
        "PlacementRateCardLine": bullhorn.line(91, "REG", "20", "29"),
    }.get(entity, {"id": 1, "title": "Works", "address": {"countryID": 1, "state": "IL"}})
    records: list[Any] = []
    for n in range(40):
        record: Any = dict(good) | {"id": 1000 + n}
        for name in chance.sample(sorted(record), k=min(3, len(record))):
            record[name] = chance.choice(UGLY)
        records.append(record)
    records += [None, 5, "x", [], {}]

    reply = ats.call("POST", WHERE, {"data": records}, query={"entity": entity})

    assert reply.status == 207, reply.body
    assert len(reply["results"]) == len(records)
    for each in reply["results"]:
        if each["outcome"] in ("failed", "parked"):
            assert all(fault["code"] and fault["detail"] for fault in each["problem"]["errors"])
