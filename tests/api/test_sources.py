"""One push from an ATS: what it makes, what it changes, and what the same push does again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.sources import at_work, placement, rates

PATH = "/v1/sources/hawk/placements/P-1"


@pytest.fixture
def owner_of(person, agency, other_agency):
    """The owner of either agency."""
    return {"agency": person("owner"), "other": person("owner", other_agency, "other")}


@pytest.fixture
def hawk(owner_of) -> dict[str, Any]:
    """The same ATS, connected to both agencies that look alike."""
    return {
        name: one.post("/v1/sources", {"name": "hawk", "kind": "api"}).done().body
        for name, one in owner_of.items()
    }


def books(wire) -> dict[str, int]:
    return {
        noun: len(wire.every(f"/v1/{noun}"))
        for noun in ("workers", "clients", "contacts", "sites", "assignments")
    }


@pytest.mark.capability("PL-01")
def test_one_push_makes_five_records_and_the_same_push_again_none(wire, other_wire, hawk):
    first = wire.put(PATH, placement()).done()
    again = wire.put(PATH, placement()).done()

    assert (first.status, first["outcome"]) == (201, "created")
    assert (again.status, again["outcome"], again["id"]) == (200, "unchanged", first["id"])
    assert books(wire) == dict.fromkeys(books(wire), 1)
    assert books(other_wire) == dict.fromkeys(books(wire), 0)
    made = wire.get(f"/v1/assignments/{first['id']}").done()
    assert (made["job_title"], made["status"]) == ("Fitter", "pending")
    assert made["worker"] == wire.get("/v1/workers").done()["data"][0]["id"]
    (agreed,) = wire.get(f"/v1/assignments/{first['id']}/rates").done()["data"]
    assert agreed["rates"][0]["bill_rate"] == {"amount": "21.00", "currency": "GBP"}


@pytest.mark.capability("PL-02")
@pytest.mark.parametrize(
    ("drop", "pointer"),
    [
        (("worker",), "/worker"),
        (("worker", "given_name"), "/worker/given_name"),
        (("worker", "family_name"), "/worker/family_name"),
        (("worker", "email"), "/worker/email"),
        (("worker", "country"), "/worker/country"),
        (("worker", "external_id"), "/worker/external_id"),
        (("client",), "/client"),
        (("client", "legal_name"), "/client/legal_name"),
        (("client", "currency"), "/client/currency"),
        (("approver",), "/approver"),
        (("approver", "name"), "/approver/name"),
        (("site",), "/site"),
        (("site", "time_zone"), "/site/time_zone"),
        (("engagement",), "/engagement"),
        (("starts_on",), "/starts_on"),
        (("pay_frequency",), "/pay_frequency"),
        (("rates",), "/rates"),
        (("rates", 0, "rates", 0, "pay_rate"), "/rates/0/rates/0/pay_rate"),
        (("rates", 0, "rates", 0, "bill_rate"), "/rates/0/rates/0/bill_rate"),
        (("source_version",), "/source_version"),
    ],
)
def test_each_missing_field_is_named_and_nothing_is_half_made(wire, hawk, drop, pointer):
    body = placement()
    place: Any = body
    for step in drop[:-1]:
        place = place[step]
    del place[drop[-1]]

    reply = wire.put(PATH, body)

    assert reply.status == 422
    assert [where for _, where in reply.codes] == [pointer]
    assert books(wire) == dict.fromkeys(books(wire), 0)
    assert wire.put(PATH, placement()).done()["outcome"] == "created"


def test_all_that_is_missing_is_named_at_once(wire, hawk):
    body = placement(engagement=None, pay_frequency=None)
    del body["worker"]["email"], body["site"]["time_zone"]

    reply = wire.put(PATH, body)

    assert {where for _, where in reply.codes} == {
        "/engagement", "/pay_frequency", "/worker/email", "/site/time_zone",
    }  # fmt: skip


def test_what_was_refused_is_remembered_and_forgotten_once_it_is_applied(wire, hawk):
    wire.put(PATH, placement(pay_frequency=None))

    held = wire.get(PATH).done()
    assert (held["outcome"], held["problem"]["errors"][0]["pointer"]) == (
        "failed",
        "/pay_frequency",
    )
    assert wire.get("/v1/sources/hawk/health").done()["backlog"] == 1
    (told,) = wire.every("/v1/exceptions", kind="source_record_failed", state="open")
    assert told["about"] == held["id"]

    wire.put(PATH, placement()).done()

    assert wire.get("/v1/sources/hawk/health").done()["state"] == "healthy"
    assert wire.every("/v1/exceptions", kind="source_record_failed", state="open") == []


# --- order --------------------------------------------------------------------------------------


def test_the_newer_version_wins_whatever_arrives_first(wire, hawk):
    wire.put(PATH, placement(source_version=3, job_title="Welder")).done()

    late = wire.put(PATH, placement(source_version=2, job_title="Painter")).done()
    moved = wire.put(PATH, placement(source_version=4, job_title="Welder")).done()

    assert (late.status, late["outcome"]) == (200, "stale_ignored")
    assert (moved["outcome"], moved["source_version"]) == ("unchanged", "4")
    (made,) = wire.every("/v1/assignments")
    assert made["job_title"] == "Welder"
    counts = wire.get("/v1/sources/hawk/health").done()["last_day"]
    assert {each["outcome"]: each["count"] for each in counts}["stale_ignored"] == 1


def test_one_version_that_says_two_things_is_a_conflict(wire, hawk):
    wire.put(PATH, placement()).done()

    reply = wire.put(PATH, placement(job_title="Painter"))

    assert (reply.status, reply.code) == (409, "source_version_conflict")
    assert wire.every("/v1/assignments")[0]["job_title"] == "Fitter"
    assert wire.every("/v1/exceptions", kind="source_version_conflict", state="open")
    kept = wire.every("/v1/sources/hawk/deliveries", outcome="conflict")
    whole = wire.get(f"/v1/deliveries/{kept[0]['id']}").done()
    assert whole["body"]["job_title"] == "Painter"


def test_a_moment_orders_where_there_is_no_version(wire, hawk):
    newer = placement(source_version=None, source_updated_at="2026-06-02T10:00:00Z")
    older = placement(source_version=None, source_updated_at="2026-06-02T09:59:59Z")

    assert wire.put(PATH, newer).done()["outcome"] == "created"
    assert wire.put(PATH, older | {"job_title": "Painter"}).done()["outcome"] == "stale_ignored"


def test_a_dry_run_tells_and_makes_nothing(wire, hawk):
    reply = wire.call("PUT", PATH, placement(), query={"dry_run": "true"}).done()

    assert (reply["outcome"], reply.headers["Dry-Run"]) == ("created", "true")
    assert books(wire) == dict.fromkeys(books(wire), 0)


# --- what did not arrive yet ---------------------------------------------------------------------


def bare() -> dict[str, Any]:
    keys = {
        name: placement()[name]["external_id"] for name in ("worker", "client", "approver", "site")
    }
    return placement(**{name: {"external_id": key} for name, key in keys.items()})


def parts() -> dict[str, dict[str, Any]]:
    own = placement()
    found = {
        "clients/K-1": own["client"],
        "workers/C-1": own["worker"],
        "contacts/M-1": own["approver"] | {"client": {"external_id": "K-1"}},
        "sites/S-1": own["site"] | {"client": {"external_id": "K-1"}},
    }
    for each in found.values():
        each["source_version"] = 1
        del each["external_id"]
    return found


def test_what_names_others_waits_and_applies_by_itself(wire, other_wire, hawk):
    reply = wire.put(PATH, bare()).done()

    assert (reply.status, reply["outcome"]) == (202, "parked")
    assert {each["record"] for each in reply["waits_for"]} == {
        "worker",
        "client",
        "contact",
        "site",
    }
    (told,) = wire.every("/v1/exceptions", kind="source_record_parked", state="open")
    opened, due = (datetime.fromisoformat(told[name]) for name in ("opened_at", "due_at"))
    assert due - opened == timedelta(minutes=15)

    for where, body in parts().items():
        other_wire.put(f"/v1/sources/hawk/{where}", body).done()
    assert other_wire.every("/v1/assignments") == []
    outcomes = [
        wire.put(f"/v1/sources/hawk/{where}", body).done()["outcome"]
        for where, body in reversed(parts().items())
    ]

    assert outcomes == ["parked", "parked", "created", "created"]
    (made,) = wire.every("/v1/assignments")
    assert wire.get(PATH).done()["about"] == made["id"]
    assert wire.every("/v1/exceptions", kind="source_record_parked", state="open") == []


def test_our_own_ids_may_be_named(wire, hawk):
    client = wire.post("/v1/clients", {"legal_name": "W", "country": "GB", "currency": "GBP"})
    body = placement(client={"id": client.done()["id"]})

    made = wire.put(PATH, body).done()

    assert wire.get(f"/v1/assignments/{made['id']}").done()["client"] == client["id"]


def test_an_approver_of_another_client_is_refused(wire, hawk):
    wire.put(PATH, placement()).done()
    body = placement(client={"external_id": "K-2", "legal_name": "Other", "country": "GB",
                             "currency": "GBP"}, approver={"external_id": "M-1"})  # fmt: skip
    wire.put("/v1/sources/hawk/clients/K-2", {"legal_name": "Other", "country": "GB",
                                              "currency": "GBP", "source_version": 1})  # fmt: skip

    reply = wire.put("/v1/sources/hawk/placements/P-2", body)

    assert ("of_another_client", "/approver") in reply.codes


# --- later changes ------------------------------------------------------------------------------


def set_owners(owner, **owners: str):
    version = owner.get("/v1/sources/hawk/ownership").headers["ETag"]
    body = {
        "owners": [
            {"record": "placement", "field": name, "owner": each} for name, each in owners.items()
        ]
    }
    return owner.put("/v1/sources/hawk/ownership", body, match=version).done()


@pytest.mark.capability("PL-04")
def test_a_field_belongs_to_one_system_and_the_other_is_told_whose_it_is(wire, hawk, owner_of):
    owner = owner_of["agency"]
    set_owners(owner, rates="source", job_title="platform")
    made = wire.put(PATH, placement()).done()
    where = f"/v1/assignments/{made['id']}"

    change = {"rates": placement()["rates"][0]["rates"], "since": "2026-06-08"}
    refused = owner.post(f"{where}/rates", change)
    version = owner.get(where).headers["ETag"]
    ended = owner.patch(where, {"ends_on": "2026-09-30"}, match=version)
    version = owner.get(where).headers["ETag"]
    named = owner.patch(where, {"job_title": "Welder"}, match=version).done()
    pushed = wire.put(PATH, placement(source_version=2, job_title="Painter")).done()
    again = wire.put(PATH, placement(source_version=3, job_title="Painter")).done()

    assert (refused.status, refused.codes) == (409, [("field_owned_by_source", "/rates")])
    assert refused.body["errors"][0]["owner"] == "hawk"
    assert ended.status == 200  # the source never said an end
    assert named["job_title"] == "Welder"
    assert (pushed["outcome"], pushed["ignored_fields"]) == ("unchanged", ["job_title"])
    assert again["ignored_fields"] == []
    assert wire.get(where).done()["job_title"] == "Welder"
    told = wire.get(f"/v1/provenance/{made['id']}").done()["fields"]
    (origin,) = (each for each in told if each["field"] == "rates")
    assert (origin["owner"], origin["source"], origin["source_version"]) == ("source", "hawk", "2")


def test_who_owns_what_is_decided_by_one_person_at_a_time(owner_of, hawk):
    owner = owner_of["agency"]
    version = owner.get("/v1/sources/hawk/ownership").headers["ETag"]
    body = {"owners": [{"record": "worker", "field": "email", "owner": "platform"}]}

    assert owner.put("/v1/sources/hawk/ownership", body).status == 428
    assert owner.put("/v1/sources/hawk/ownership", body, match=version).status == 200
    assert owner.put("/v1/sources/hawk/ownership", body, match=version).status == 412
    wrong = {"owners": [{"record": "worker", "field": "shoe_size", "owner": "platform"}]}
    reply = owner.put("/v1/sources/hawk/ownership", wrong, match="*")
    assert reply.codes == [("field_unknown", "/owners/0/field")]


def confirmed(wire) -> str:
    made = wire.put(PATH, placement()).done()
    return str(wire.post(f"/v1/assignments/{made['id']}/confirm").done()["id"])


def agreed(wire, assignment: str) -> list[tuple[str, str, str]]:
    rows = wire.every(f"/v1/assignments/{assignment}/rates", withdrawn="false")
    return sorted(
        (row["since"], rate["pay_rate"]["amount"], rate["bill_rate"]["amount"])
        for row in rows
        for rate in row["rates"]
    )


@pytest.mark.capability("PL-08")
def test_pay_and_bill_change_together_from_a_day_within_the_week(wire, owner_of, hawk):
    set_owners(owner_of["agency"], rates="source")
    assignment = confirmed(wire)
    both = rates(("2026-06-01", "15.00", "21.00"), ("2026-06-10", "16.00", "22.50"))

    reply = wire.put(PATH, placement(source_version=2, rates=both)).done()

    assert reply["outcome"] == "updated"
    assert agreed(wire, assignment) == [
        ("2026-06-01", "15.00", "21.00"),
        ("2026-06-10", "16.00", "22.50"),
    ]
    taken_back = placement(source_version=3, rates=rates(("2026-06-01", "15.00", "21.00")))
    wire.put(PATH, taken_back).done()
    assert agreed(wire, assignment)[1] == ("2026-06-10", "15.00", "21.00")


def test_rates_that_may_only_be_proposed_wait_for_a_person(wire, owner_of, hawk):
    owner = owner_of["agency"]
    assignment = confirmed(wire)
    more = rates(("2026-06-01", "15.00", "21.00"), ("2026-06-08", "16.00", "22.50"))

    reply = wire.put(PATH, placement(source_version=2, rates=more, job_title="Welder")).done()

    assert (reply["outcome"], list(reply["proposed"])) == ("proposed", ["rates"])
    assert agreed(wire, assignment) == [("2026-06-01", "15.00", "21.00")]
    assert wire.get(f"/v1/assignments/{assignment}").done()["job_title"] == "Welder"
    assert wire.every("/v1/exceptions", kind="source_proposal", state="open")

    assert owner.post(f"{PATH}/accept").done()["outcome"] == "updated"
    assert agreed(wire, assignment)[1] == ("2026-06-08", "16.00", "22.50")
    assert wire.every("/v1/exceptions", kind="source_proposal", state="open") == []
    assert owner.post(f"{PATH}/accept").code == "nothing_proposed"


def test_what_was_declined_is_not_proposed_again(wire, owner_of, hawk):
    assignment = confirmed(wire)
    more = rates(("2026-06-01", "15.00", "21.00"), ("2026-06-08", "16.00", "22.50"))
    wire.put(PATH, placement(source_version=2, rates=more)).done()

    declined = owner_of["agency"].post(f"{PATH}/decline", {"reason": "not agreed"}).done()
    again = wire.put(PATH, placement(source_version=3, rates=more, job_title="Welder")).done()

    assert (declined["outcome"], again["outcome"]) == ("unchanged", "unchanged")
    assert len(agreed(wire, assignment)) == 1
    assert wire.every("/v1/exceptions", kind="source_proposal", state="open") == []


def test_no_day_is_guessed_for_new_rates_of_work_that_goes_on(wire, owner_of, hawk, agency):
    set_owners(owner_of["agency"], rates="source")
    at_work(agency, confirmed(wire))
    dearer = rates(("2026-06-01", "16.00", "22.50"))
    del dearer[0]["since"]

    reply = wire.put(PATH, placement(source_version=2, rates=dearer))

    assert reply.codes == [("since_missing", "/rates/0/since")]


@pytest.mark.capability("PL-10")
def test_the_side_that_is_left_out_is_solved_from_what_lies_between(wire, owner_of, hawk):
    owner = owner_of["agency"]
    sides = {"code": "regular", "pay_rate": {"amount": "16.00", "currency": "GBP"}}
    solved = placement(rates=[{"rates": [sides | {"markup_share": "0.25"}]}])
    made = wire.put(PATH, solved).done()
    where = f"/v1/assignments/{made['id']}/rates"
    bill = {"amount": "21.00", "currency": "GBP"}

    def agree(since: str, **rate: Any) -> dict[str, Any]:
        body = {"since": since, "rates": [{"code": "regular", **rate}]}
        reply = owner.post(where, body).done()
        return dict(reply["agreement"]["rates"][0])

    first = wire.get(where).done()["data"][0]["rates"][0]
    markup_moves = agree("2026-06-08", pay_rate=sides["pay_rate"], bill_rate=bill)
    pay_moves = agree("2026-06-15", markup_share="0.25", bill_rate=bill)
    spread = agree("2026-06-22", pay_rate=sides["pay_rate"],
                   spread={"amount": "3.50", "currency": "GBP"})  # fmt: skip

    assert (first["bill_rate"]["amount"], first["markup_share"]) == ("20.00", "0.25")
    assert (markup_moves["pay_rate"]["amount"], markup_moves["markup_share"]) == ("16.00", "0.3125")
    assert (pay_moves["pay_rate"]["amount"], pay_moves["markup_share"]) == ("16.80", "0.25")
    assert spread["bill_rate"]["amount"] == "19.50"
    body = {"rates": [{"code": "regular", **sides, "bill_rate": bill, "markup_share": "0.25"}]}
    assert owner.post(where, body).codes == [("two_facts_needed", "/rates/0/markup_share")]
