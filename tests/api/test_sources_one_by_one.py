"""What a source sent, read, supplied and deleted by the source's own key, kind by kind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sources import at_work, placement

PARTS = {  # by the source's key: what it is of ours, and a field that the source does not say
    "clients/K-1": ("clients", "reference", "ACC-7"),
    "contacts/M-1": ("contacts", "phone", "+44 20 7946 0002"),
    "sites/S-1": ("sites", "locality", "Leeds"),
    "workers/C-1": ("workers", "reference", "W-7"),
}


@pytest.fixture
def hawk(person, agency, other_agency, wire, other_wire):
    """The same ATS connected to both agencies, where the same placement arrived."""
    for owner in (person("owner"), person("owner", other_agency, "other")):
        owner.post("/v1/sources", {"name": "hawk", "kind": "api"}).done()
    for each in (wire, other_wire):
        each.put("/v1/sources/hawk/placements/P-1", placement(source_version=5)).done()


@pytest.mark.usefixtures("hawk")
@pytest.mark.parametrize("where", PARTS)
def test_a_record_is_read_and_supplied_by_the_key_of_its_source(wire, other_wire, where):
    noun, field, said = PARTS[where]
    path = f"/v1/sources/hawk/{where}"
    before = other_wire.get(path).done().body

    told = wire.get(path).done()
    supplied = wire.patch(path, {field: said}).done()

    assert (told["external_id"], told["outcome"]) == (where.partition("/")[2], "created")
    assert (supplied["outcome"], supplied["id"]) == ("updated", told["about"])
    assert wire.get(path).done()["supplied"] == {field: said}
    assert wire.get(f"/v1/{noun}/{told['about']}").done()[field] == said
    assert other_wire.get(path).done().body == before
    assert other_wire.get(f"/v1/{noun}/{before['about']}").done()[field] != said


@pytest.mark.usefixtures("hawk")
@pytest.mark.parametrize("where", PARTS)
def test_a_record_that_its_source_deleted_stays_and_says_so(wire, other_wire, where):
    path = f"/v1/sources/hawk/{where}"
    about = wire.get(path).done()["about"]

    gone = wire.call("DELETE", path, query={"source_version": 6}).done()
    old = wire.call("DELETE", path, query={"source_version": 3}).done()

    assert (gone["outcome"], old["outcome"]) == ("tombstoned", "stale_ignored")
    assert wire.get(path).done()["outcome"] == "tombstoned"
    assert wire.get(f"/v1/{PARTS[where][0]}/{about}").done()["id"] == about
    assert other_wire.get(path).done()["outcome"] == "created"


@pytest.mark.usefixtures("hawk")
@pytest.mark.parametrize("where", ["contacts/M-1", "sites/S-1"])
def test_a_record_is_changed_by_who_read_it_as_it_stands(wire, other_wire, where):
    noun, field, said = PARTS[where]
    about = wire.get(f"/v1/sources/hawk/{where}").done()["about"]
    theirs = other_wire.get(f"/v1/sources/hawk/{where}").done()["about"]
    path = f"/v1/{noun}/{about}"
    tag = wire.get(path).done().headers["ETag"]

    changed = wire.patch(path, {field: said}, match=tag).done()
    late = wire.patch(path, {field: "later"}, match=tag)

    assert (changed[field], late.status) == (said, 412)
    assert wire.get(path).done()[field] == said
    assert other_wire.get(f"/v1/{noun}/{theirs}").done()[field] != said


# --- companies ------------------------------------------------------------------------------------

COMPANY = {"kind": "umbrella", "legal_name": "Brolly Ltd", "source_version": 5}
WHERE = "/v1/sources/hawk/intermediaries/I-1"


@pytest.mark.usefixtures("hawk")
def test_a_company_is_sent_read_supplied_and_deleted_by_the_key_of_its_source(wire, other_wire):
    made = wire.put(WHERE, COMPANY).done()
    again = wire.put(WHERE, COMPANY).done()
    old = wire.put(WHERE, COMPANY | {"legal_name": "Old Ltd", "source_version": 4}).done()
    other_kind = wire.put(WHERE, COMPANY | {"kind": "limited", "source_version": 6})
    told = wire.get(WHERE).done()
    supplied = wire.patch(WHERE, {"email": "pay@brolly.example"}).done()

    assert (made.status, made["outcome"]) == (201, "created")
    assert (again["outcome"], old["outcome"]) == ("unchanged", "stale_ignored")
    assert (other_kind.status, other_kind.codes) == (422, [("another_kind", "/kind")])
    assert (told["about"], told["external_id"]) == (made["id"], "I-1")
    assert (supplied["outcome"], supplied["id"]) == ("updated", made["id"])
    (held,) = wire.every("/v1/intermediaries")
    assert (held["id"], held["kind"]) == (made["id"], "umbrella")
    assert (held["legal_name"], held["email"]) == ("Brolly Ltd", "pay@brolly.example")
    assert (other_wire.get(WHERE).status, other_wire.every("/v1/intermediaries")) == (404, [])

    stranger = other_wire.patch(WHERE, {"email": "not@theirs.example"})
    gone = wire.call("DELETE", WHERE, query={"source_version": 7}).done()

    assert stranger.status == 404
    assert gone["outcome"] == "tombstoned"
    assert wire.get(WHERE).done()["outcome"] == "tombstoned"
    assert wire.every("/v1/intermediaries") == [held]


@pytest.mark.usefixtures("hawk")
def test_a_placement_that_names_a_company_waits_until_it_is_sent(wire, other_wire):
    named = placement(
        engagement="umbrella", intermediary={"external_id": "I-1"}, source_version=1,
        worker=placement()["worker"] | {"external_id": "C-2", "email": "eve@example.com"},
    )  # fmt: skip
    for each in (wire, other_wire):
        assert each.put("/v1/sources/hawk/placements/P-2", named).done()["outcome"] == "parked"

    company = wire.put(WHERE, COMPANY).done()

    record = wire.get("/v1/sources/hawk/placements/P-2").done()
    assert record["outcome"] == "created"
    work = wire.get(f"/v1/assignments/{record['about']}").done()
    assert work["intermediary"] == company["id"]
    assert other_wire.get("/v1/sources/hawk/placements/P-2").done()["outcome"] == "parked"


# --- time -----------------------------------------------------------------------------------------

SHEET = {
    "placement": {"external_id": "P-1"},
    "starts_on": "2026-06-01",
    "entries": [{"worked_on": "2026-06-01", "quantity": "8"}],
    "source_version": 1,
}
TIME = "/v1/sources/hawk/timesheets/T-1"


@pytest.mark.usefixtures("hawk")
def test_time_is_supplied_and_deleted_by_the_key_of_its_source(
    wire, other_wire, agency, other_agency
):
    for each, place in ((wire, agency), (other_wire, other_agency)):
        work = each.get("/v1/sources/hawk/placements/P-1").done()["about"]
        each.post(f"/v1/assignments/{work}/confirm").done()
        at_work(place, work)
        each.put(TIME, SHEET).done()
    theirs = other_wire.get(TIME).done().body

    supplied = wire.patch(TIME, {"po_number": "PO-9"}).done()

    sheet = wire.get(f"/v1/timesheets/{supplied['id']}").done()
    assert (supplied["outcome"], supplied["id"]) == ("updated", wire.get(TIME).done()["about"])
    assert (sheet["po_number"], sheet["total"], sheet["status"]) == ("PO-9", "8.00", "draft")
    assert wire.get(TIME).done()["supplied"] == {"po_number": "PO-9"}

    said = wire.put(TIME, SHEET | {"po_number": "PO-1", "source_version": 2}).done()
    gone = wire.call("DELETE", TIME, query={"source_version": 3}).done()
    late = wire.put(TIME, SHEET | {"source_version": 2}).done()

    assert (said["outcome"], gone["outcome"]) == ("updated", "tombstoned")
    assert late["outcome"] == "stale_ignored"
    kept = wire.get(f"/v1/timesheets/{supplied['id']}").done()
    assert (kept["po_number"], kept["total"]) == ("PO-1", "8.00")
    assert other_wire.get(TIME).done().body == theirs
    assert other_wire.get(f"/v1/timesheets/{theirs['about']}").done()["po_number"] == ""


# --- what a source proposes -----------------------------------------------------------------------


PROPOSED = {  # by the source's key: the kind of record, what it is of ours, a field, other words
    "clients/K-1": ("client", "clients", "legal_name", "Gadgets Ltd"),
    "contacts/M-1": ("contact", "contacts", "name", "Max Manager"),
    "intermediaries/I-1": ("intermediary", "intermediaries", "legal_name", "Gamp Ltd"),
    "sites/S-1": ("site", "sites", "name", "Yard"),
    "workers/C-1": ("worker", "workers", "given_name", "Eve"),
}


def body_of(where: str) -> dict[str, Any]:
    """The record as the placement brought it, in a newer version."""
    if where == "intermediaries/I-1":
        return COMPANY | {"source_version": 6}
    brought = placement()
    kind = PROPOSED[where][0]
    body = {**brought["approver" if kind == "contact" else kind], "source_version": 6}
    del body["external_id"]
    if kind in ("contact", "site"):
        body["client"] = {"external_id": "K-1"}
    return body


@pytest.mark.usefixtures("hawk")
@pytest.mark.parametrize("deed", ["accept", "decline"])
@pytest.mark.parametrize("where", PROPOSED)
def test_what_a_source_may_only_propose_is_accepted_or_declined(
    wire, other_wire, where, deed, *, person, other_agency
):
    kind, noun, field, said = PROPOSED[where]
    path = f"/v1/sources/hawk/{where}"
    owners = {"owners": [{"record": kind, "field": field, "owner": "proposal"}]}
    owner, other = person("owner", name="more"), person("owner", other_agency, "others")
    for each in (owner, other):
        each.put("/v1/sources/hawk/ownership", owners, match="*").done()
    for each in (wire, other_wire):
        each.put(WHERE, COMPANY).done()
        told = each.put(path, body_of(where) | {field: said}).done()
        assert (told["outcome"], list(told["proposed"])) == ("proposed", [field])
    ours, theirs = (each.get(path).done()["about"] for each in (wire, other_wire))
    before = wire.get(f"/v1/{noun}/{ours}").done()[field]
    assert before != said
    asked = {"kind": "source_proposal", "state": "open"}
    assert len(wire.every("/v1/exceptions", **asked)) == 1
    body = {"reason": "it is right as it is"} if deed == "decline" else None

    by_key = wire.post(f"{path}/{deed}", body)
    done = owner.post(f"{path}/{deed}", body).done()

    assert (by_key.status, by_key.code) == (403, "scope_missing")
    assert done["outcome"] == ("updated" if deed == "accept" else "unchanged")
    after = said if deed == "accept" else before
    assert wire.get(f"/v1/{noun}/{ours}").done()[field] == after
    assert wire.every("/v1/exceptions", **asked) == []
    assert owner.post(f"{path}/{deed}", body).code == "nothing_proposed"
    again = wire.put(path, body_of(where) | {field: said, "source_version": 7}).done()
    assert again["outcome"] == "unchanged"
    assert other_wire.get(f"/v1/{noun}/{theirs}").done()[field] == before
    assert other_wire.get(path).done()["outcome"] == "proposed"
    assert len(other_wire.every("/v1/exceptions", **asked)) == 1
