"""What a source sends later: extension, termination, another engagement, a cancellation, whole
histories in any order.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.sources import at_work, placement, rates

PATH = "/v1/sources/hawk/placements/P-1"
BATCHES = "/v1/sources/hawk/batches"


@pytest.fixture
def owner(person):
    """The owner of the agency."""
    return person("owner")


@pytest.fixture
def hawk(owner) -> dict[str, Any]:
    """An ATS whose word holds for rates and engagement as well."""
    owner.post("/v1/sources", {"name": "hawk", "kind": "api"}).done()
    version = owner.get("/v1/sources/hawk/ownership").headers["ETag"]
    owners = [
        {"record": "placement", "field": name, "owner": "source"}
        for name in ("rates", "engagement", "engagement_since")
    ]
    body = owner.put("/v1/sources/hawk/ownership", {"owners": owners}, match=version).done().body
    return dict(body)


@pytest.fixture
def twin(person, other_agency) -> None:
    """The same ATS at the agency that looks alike."""
    other = person("owner", other_agency, "other")
    other.post("/v1/sources", {"name": "hawk", "kind": "api"}).done()
    owners = [{"record": "placement", "field": "rates", "owner": "source"}]
    other.put("/v1/sources/hawk/ownership", {"owners": owners}, match="*").done()


def begun(wire, place, **more: Any) -> str:
    """A placement whose assignment was confirmed and began."""
    made = wire.put(PATH, placement(**more)).done()
    wire.post(f"/v1/assignments/{made['id']}/confirm").done()
    at_work(place, made["id"], "ended" if "ends_on" in more else "active")
    return str(made["id"])


@pytest.mark.capability("PL-03")
def test_a_placement_that_ended_long_ago_can_still_be_changed(wire, other_wire, hawk, agency):
    assignment = begun(wire, agency, starts_on="2026-03-02", ends_on="2026-04-17")
    assert wire.get(f"/v1/assignments/{assignment}").done()["status"] == "ended"
    later = placement(
        source_version=2,
        starts_on="2026-03-02",
        ends_on="2026-07-31",
        rates=rates(("2026-03-02", "15.00", "21.00"), ("2026-04-01", "15.50", "21.75")),
    )

    reply = wire.put(PATH, later).done()

    assert reply["outcome"] == "updated"
    now = wire.get(f"/v1/assignments/{assignment}").done()
    assert (now["ends_on"], now["status"]) == ("2026-07-31", "active")
    stopped = wire.put(PATH, later | {"source_version": 3, "ends_on": "2026-06-05"}).done()
    assert stopped["outcome"] == "updated"
    assert wire.get(f"/v1/assignments/{assignment}").done()["ends_on"] == "2026-06-05"
    assert len(wire.every(f"/v1/assignments/{assignment}/rates")) == 2
    assert other_wire.every("/v1/assignments") == []


def test_who_works_for_whom_stays_once_it_began(wire, hawk, agency):
    begun(wire, agency)
    other = placement()["worker"] | {"external_id": "C-2", "given_name": "Eve"}

    reply = wire.put(PATH, placement(source_version=2, worker=other, starts_on="2026-06-02"))

    assert {code for code, _ in reply.codes} == {"started_already"}
    assert {where for _, where in reply.codes} == {"/worker", "/starts_on"}
    assert len(wire.every("/v1/workers")) == 1


def test_another_order_number_holds_from_the_day_it_is_heard(wire, hawk, agency):
    assignment = begun(wire, agency, po_number="PO-1")

    wire.put(PATH, placement(source_version=2, po_number="PO-2")).done()

    rows = wire.every(f"/v1/assignments/{assignment}/billing-references", withdrawn="false")
    assert rows[-1]["po_number"] in {"PO-1", "PO-2"}
    assert {row["po_number"] for row in rows} >= {"PO-2"}


def test_what_the_source_no_longer_says_is_emptied_and_what_it_never_said_is_not(wire, hawk):
    made = wire.put(PATH, placement(consultant="Kim", job_title="Fitter")).done()
    where = f"/v1/assignments/{made['id']}"
    version = wire.get(where).headers["ETag"]
    wire.patch(where, {"service_line": "Engineering"}, match=version).done()

    wire.put(PATH, placement(source_version=2, job_title=None)).done()

    now = wire.get(where).done()
    assert (now["consultant"], now["job_title"], now["service_line"]) == ("", "", "Engineering")


# --- cancelled -----------------------------------------------------------------------------------


def test_what_did_not_begin_is_cancelled_with_the_source(wire, hawk):
    made = wire.put(PATH, placement()).done()

    gone = wire.put(PATH, placement(source_version=2, status="cancelled")).done()

    assert gone["outcome"] == "updated"
    assert wire.get(f"/v1/assignments/{made['id']}").done()["status"] == "cancelled"
    again = wire.call("DELETE", PATH, query={"source_version": 3}).done()
    assert again["outcome"] == "unchanged"


def test_work_that_was_done_is_not_undone_by_a_cancellation(wire, hawk, agency):
    assignment = begun(wire, agency)

    reply = wire.call("DELETE", PATH, query={"source_version": 2}).done()

    assert (reply["outcome"], reply["problem"]["code"]) == (
        "tombstoned",
        "cancelled_with_open_work",
    )
    assert wire.get(f"/v1/assignments/{assignment}").done()["status"] == "active"
    (told,) = wire.every("/v1/exceptions", kind="source_tombstoned", state="open")
    assert told["owner_role"] == "owner"


# --- another engagement --------------------------------------------------------------------------


def test_another_engagement_from_a_day_is_another_assignment_from_that_day(
    wire, owner, hawk, agency
):
    first = begun(wire, agency)
    company = {"external_id": "U-1", "kind": "umbrella", "legal_name": "Canopy Ltd"}
    body = placement(
        source_version=2,
        engagement="umbrella",
        engagement_since="2026-06-15",
        intermediary=company,
    )
    without = {name: each for name, each in body.items() if name != "engagement_since"}
    assert wire.put(PATH, without).codes == [("engagement_since_missing", "/engagement_since")]

    reply = wire.put(PATH, body).done()

    assert (reply["outcome"], reply["id"] != first) == ("updated", True)
    old, new = (wire.get(f"/v1/assignments/{key}").done() for key in (first, reply["id"]))
    assert (old["engagement"], old["ends_on"]) == ("paye", "2026-06-14")
    assert (new["engagement"], new["starts_on"], new["status"]) == (
        "umbrella",
        "2026-06-15",
        "pending",
    )
    assert new["intermediary"] is not None
    assert wire.put(PATH, body | {"source_version": 3}).done()["outcome"] == "unchanged"
    more = body | {"source_version": 4, "ends_on": "2026-08-31"}
    assert wire.put(PATH, more).done()["outcome"] == "updated"
    assert wire.get(f"/v1/assignments/{reply['id']}").done()["ends_on"] == "2026-08-31"
    assert wire.get(f"/v1/assignments/{first}").done()["ends_on"] == "2026-06-14"


# --- many at once --------------------------------------------------------------------------------


def item(n: int, **more: Any) -> dict[str, Any]:
    body = placement(**more)
    body["worker"] |= {"external_id": f"C-{n}", "email": f"w{n}@example.com"}
    return {"record": "placement", "external_id": f"P-{n}", **body}


@pytest.mark.capability("PL-06")
def test_the_good_ones_of_a_hundred_are_kept_and_the_bad_ones_named(wire, other_wire, hawk):
    bad: dict[int, dict[str, Any]] = {
        7: {"pay_frequency": "hourly"},
        30: {"starts_on": None},
        99: {"rates": None},
    }
    sent = [item(n, **bad.get(n, {})) for n in range(100)]

    reply = wire.post(BATCHES, {"items": sent}).done()

    assert (reply["done"], reply["refused"]) == (97, 3)
    refused = {each["index"]: each["problem"] for each in reply["items"] if each["problem"]}
    assert {n: no["errors"][0]["pointer"] for n, no in refused.items()} == {
        7: "/pay_frequency",
        30: "/starts_on",
        99: "/rates",
    }
    assert len(wire.every("/v1/assignments", limit=100)) == 97

    mended = wire.post(BATCHES, {"items": [item(n) for n in (7, 30, 99)]}).done()
    assert [each["result"]["outcome"] for each in mended["items"]] == ["created"] * 3
    again = wire.post(BATCHES, {"items": [item(n) for n in range(100)]}).done()
    assert {each["result"]["outcome"] for each in again["items"]} == {"unchanged"}
    assert len(wire.every("/v1/clients")) == 1
    assert other_wire.every("/v1/assignments") == []


def test_a_batch_in_any_order_is_taken_by_what_needs_what(wire, hawk):
    own = placement()
    keys = {name: {"external_id": own[name]["external_id"]} for name in ("worker", "client")}
    items = [
        {"record": "placement", "external_id": "P-1", **placement(**keys)},
        {"record": "worker", **own["worker"], "source_version": 1},
        {"record": "client", **own["client"], "source_version": 1},
    ]

    reply = wire.post(BATCHES, {"items": items}).done()

    assert [each["result"]["outcome"] for each in reply["items"]] == ["created"] * 3
    dry = wire.call("POST", BATCHES, {"items": [item(9)]}, query={"dry_run": "true"}).done()
    assert dry["items"][0]["result"]["outcome"] == "created"
    assert len(wire.every("/v1/assignments")) == 1


# --- any order -----------------------------------------------------------------------------------


def history(chance: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Everything that a source said of one placement and those in it, each with its version."""
    said = []
    for version in range(1, 7):
        body = placement(source_version=version, source_updated_at=f"2026-06-0{version}T09:00:00Z")
        body["worker"]["phone"] = f"+44 20 7946 000{version}"
        body["job_title"] = chance.choice(["Fitter", "Welder", "Painter"])
        body["ends_on"] = chance.choice([None, "2026-08-31", "2026-12-24"])
        body["consultant"] = chance.choice(["Kim", "Sam", None])
        days = [
            "2026-06-01",
            *chance.sample(["2026-06-08", "2026-06-17", "2026-07-01"], k=version // 2),
        ]
        body["rates"] = rates(
            *(
                (day, f"{14 + n + version}.00", f"{20 + n + version}.00")
                for n, day in enumerate(sorted(days))
            )
        )
        said.append((PATH, {name: each for name, each in body.items() if each is not None}))
    for version in (2, 5):
        worker = {
            name: each for name, each in placement()["worker"].items() if name != "external_id"
        }
        worker |= {
            "source_updated_at": f"2026-06-0{version}T12:00:00Z",
            "family_name": f"Byron{version}",
        }
        said.append(("/v1/sources/hawk/workers/C-1", worker))
    return said


def state(wire) -> dict[str, Any]:
    """What the books say in the end, without ids and moments."""
    (made,) = wire.every("/v1/assignments")
    (worker,) = wire.every("/v1/workers")
    days = [f"2026-{month:02}-{day:02}" for month in (6, 7) for day in (1, 8, 17, 24)]
    agreed = wire.every(f"/v1/assignments/{made['id']}/rates", withdrawn="false")
    by_day = {}
    for day in days:
        (held,) = (
            row
            for row in agreed
            if row["since"] <= day and (row["until"] is None or day < row["until"])
        )
        by_day[day] = [(r["code"], r["pay_rate"], r["bill_rate"]) for r in held["rates"]]
    names = ("job_title", "ends_on", "consultant", "status")
    return {
        **{name: made[name] for name in names},
        "worker": (worker["family_name"], worker["phone"]),
        "rates": by_day,
    }


@pytest.mark.parametrize("seed", range(4))
def test_a_whole_history_ends_the_same_in_any_order_and_however_often(
    twin, hawk, wire, other_wire, seed
):
    chance = random.Random(seed)
    said = history(chance)
    for where, body in said:
        wire.put(where, body).done()
    shuffled = said * 2
    chance.shuffle(shuffled)

    for where, body in shuffled:
        other_wire.put(where, body).done()

    assert state(other_wire) == state(wire)


# --- how a source is -----------------------------------------------------------------------------


@pytest.mark.capability("PL-22")
def test_a_source_that_falls_silent_is_told_to_who_looks_after_it(wire, owner, hawk, agency):
    from backline.desk.models import Message
    from backline.integrations import tasks
    from tenants import tenancy

    version = owner.get("/v1/sources/hawk").headers["ETag"]
    change = {"contact_email": "ida@example.com", "settings": {"expects_every_minutes": 30}}
    owner.patch("/v1/sources/hawk", change, match=version).done()
    wire.put(PATH, placement(site={"external_id": "S-404"})).done()
    heard = datetime.fromisoformat(owner.get("/v1/sources/hawk").done()["last_heard_at"])

    with tenancy.firm(agency.ref):
        tasks.watch_sources(at=heard + timedelta(minutes=59))
        assert not Message.objects.exists()
        for minutes in (60, 90):
            tasks.watch_sources(at=heard + timedelta(minutes=minutes))
        (letter,) = Message.objects.all()

    assert letter.to_address == "ida@example.com"
    assert "1 of its records wait" in letter.body
    (told,) = wire.every("/v1/exceptions", kind="source_silent", state="open")
    assert told["owner_role"] == "owner"
    assert wire.get("/v1/sources/hawk/health").done()["backlog"] == 1


def test_a_failed_record_is_written_to_the_contact_once_a_day(wire, owner, hawk, agency):
    from backline.desk.models import Message
    from tenants import tenancy

    version = owner.get("/v1/sources/hawk").headers["ETag"]
    owner.patch("/v1/sources/hawk", {"contact_email": "ida@example.com"}, match=version).done()
    for n in range(3):
        wire.put(f"/v1/sources/hawk/placements/P-{n}", placement(pay_frequency=None))

    with tenancy.firm(agency.ref):
        assert [row.to_address for row in Message.objects.all()] == ["ida@example.com"]


@pytest.mark.capability("X-59")
def test_what_was_missed_while_the_integration_was_down_is_found_and_brought_by_file(wire, hawk):
    for n in range(3):
        wire.put(f"/v1/sources/hawk/placements/P-{n}", item_body(n)).done()
    listed = [
        {"record": "placement", "external_id": f"P-{n}", "source_version": 1 + (n == 1)}
        for n in (1, 2, 3)
    ]

    body = {"records": listed, "is_complete": True}
    report = wire.post("/v1/sources/hawk/reconciliations", body).done()

    assert [(each["external_id"], each["how"]) for each in report["drift"]] == [
        ("P-1", "behind"),
        ("P-3", "missing"),
        ("P-0", "extra"),
    ]
    missed = [item(1, source_version=2, job_title="Welder"), item(3)]
    wire.post(BATCHES, {"items": missed}).done()
    report = wire.post("/v1/sources/hawk/reconciliations", {"records": listed}).done()
    assert report["drift"] == []


def item_body(n: int) -> dict[str, Any]:
    return {name: each for name, each in item(n).items() if name not in ("record", "external_id")}


@pytest.mark.capability("X-58")
def test_two_candidates_that_are_one_become_one_worker(wire, other_wire, hawk):
    first = wire.put(PATH, placement()).done()
    twin = placement()["worker"] | {"external_id": "C-9", "phone": "+44 20 7946 0009"}
    second = wire.put("/v1/sources/hawk/placements/P-2", placement(worker=twin)).done()
    assert len(wire.every("/v1/workers")) == 2

    merged = wire.post("/v1/sources/hawk/workers/C-9/merge", {"into": "C-1"}).done()

    one, other = (wire.get(f"/v1/assignments/{each['id']}").done() for each in (first, second))
    assert one["worker"] == other["worker"] == merged["about"]
    assert [each["id"] for each in wire.every("/v1/workers", state="active")] == [one["worker"]]
    third = wire.put("/v1/sources/hawk/placements/P-3", placement(worker={"external_id": "C-9"}))
    assert wire.get(f"/v1/assignments/{third.done()['id']}").done()["worker"] == one["worker"]
    again = wire.put(PATH, placement()).done()
    assert (again["outcome"], len(wire.every("/v1/assignments"))) == ("unchanged", 3)
    assert other_wire.every("/v1/workers") == []
