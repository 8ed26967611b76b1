"""What many records of a source ask of the database: no more than one, each by its own outcome."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.sources import at_work, placement

BATCHES = "/v1/sources/hawk/batches"
MORE = 12  # questions that a set may ask more than one thing of it


@pytest.fixture(autouse=True)
def hawk(person, other_agency) -> None:
    """The same ATS connected to both agencies."""
    for owner in (person("owner"), person("owner", other_agency, "other")):
        owner.post("/v1/sources", {"name": "hawk", "kind": "api"}).done()


def whole(n: int, **more: Any) -> dict[str, Any]:
    """A placement that brings all along: a worker, client, approver and site of its own."""
    made = placement(**more)
    for name, letter in (("worker", "C"), ("client", "K"), ("approver", "M"), ("site", "S")):
        made[name]["external_id"] = f"{letter}-{n}"
    made["worker"]["email"] = f"ada{n}@example.com"
    return {"record": "placement", "external_id": f"P-{n}", **made}


def sheet(n: int, week: int = 0, **more: Any) -> dict[str, Any]:
    """A day's time on the n-th placement."""
    day = str(date(2026, 6, 1) + timedelta(weeks=week))
    own = {"record": "timesheet", "external_id": f"T-{n}-{week}", "source_version": 1}
    entries = [{"worked_on": day, "quantity": "8"}]
    return (
        own | {"placement": {"external_id": f"P-{n}"}, "starts_on": day, "entries": entries} | more
    )


def sent(wire, *items: dict[str, Any]) -> Any:
    return wire.post(BATCHES, {"items": list(items)}).done()


def outcomes(reply) -> list[str]:
    return [each["result"]["outcome"] if each["result"] else "" for each in reply["items"]]


def grows(one: Any, many: Any) -> bool:
    """Whether many records asked more than one and a few questions."""
    return bool(many.counted > one.counted + MORE)


def ready(wire, place, count: int) -> None:
    """Let the work of these placements have begun."""
    for n in range(count):
        about = wire.get(f"/v1/sources/hawk/placements/P-{n}").done()["about"]
        wire.post(f"/v1/assignments/{about}/confirm").done()
        at_work(place, about)


def test_placements_that_are_new_and_the_same_again(wire, other_wire):
    one, many = sent(wire, whole(0)), sent(wire, *(whole(n) for n in range(1, 21)))
    again = sent(wire, whole(0)), sent(wire, *(whole(n) for n in range(1, 21)))

    assert set(outcomes(one) + outcomes(many)) == {"created"}
    assert {each for reply in again for each in outcomes(reply)} == {"unchanged"}
    assert not grows(one, many)
    assert not grows(*again)
    for noun in ("workers", "clients", "sites", "assignments"):
        assert len(wire.every(f"/v1/{noun}")) == 21
        assert other_wire.every(f"/v1/{noun}") == []
    paid = {row["worker"] for row in wire.every("/v1/assignments")}
    assert paid == {row["id"] for row in wire.every("/v1/workers")}


def test_placements_that_share_what_they_bring_make_it_once(wire):
    items = [{**whole(0), "external_id": f"P-{n}"} for n in range(5)]
    dearer = {**whole(0, source_version=2), "external_id": "P-0", "job_title": "Welder"}

    reply = sent(wire, *items, dearer)

    assert outcomes(reply) == ["created"] * 5 + ["updated"]
    assert [len(wire.every(f"/v1/{noun}")) for noun in ("workers", "clients", "sites")] == [1] * 3
    titles = [row["job_title"] for row in wire.every("/v1/assignments", sort="id")]
    assert sorted(titles) == ["Fitter"] * 4 + ["Welder"]


def test_time_on_many_placements(wire, other_wire, agency):
    sent(wire, *(whole(n) for n in range(12)))
    ready(wire, agency, 12)

    one = sent(wire, sheet(0))
    many = sent(wire, *(sheet(n) for n in range(1, 12)))
    weeks = sent(wire, sheet(0, 1), sheet(0, 2), sheet(0, 2, external_id="T-twice"))

    assert not grows(one, many)
    assert set(outcomes(many)) == {"created"}
    assert outcomes(weeks)[:2] == ["created", "created"]
    sheets = wire.every("/v1/timesheets")
    assert [row["total"] for row in sheets] == ["8.00"] * 14
    assert len({(row["assignment"], row["starts_on"]) for row in sheets}) == 14
    assert other_wire.every("/v1/timesheets") == []


def test_each_fault_stays_its_own_among_many(wire):
    items = [whole(n) for n in range(10)]
    del items[3]["rates"]
    items[5]["engagement"] = "w2"
    items[7]["worker"] = {"external_id": "C-nobody"}
    items[8]["client"]["currency"] = "XXX"

    reply = sent(wire, *items)

    assert (reply["done"], reply["refused"]) == (7, 3)
    parked = {n for n, each in enumerate(outcomes(reply)) if each == "parked"}
    refused = {each["index"]: each["problem"] for each in reply["items"] if each["problem"]}
    assert (parked, set(refused)) == ({7}, {3, 5, 8})
    assert [refused[n]["errors"][0]["pointer"] for n in (3, 5)] == ["/rates", "/engagement"]
    assert len(wire.every("/v1/assignments")) == 6
    kinds = [row["kind"] for row in wire.every("/v1/exceptions", state="open")]
    assert sorted(kinds) == ["source_record_failed", "source_record_parked"]


def test_many_that_waited_are_applied_with_what_they_waited_for(wire, other_wire):
    waiting = [whole(n) | {"worker": {"external_id": f"C-{n}"}} for n in range(12)]
    workers = [
        {"record": "worker", **whole(n)["worker"], "source_version": 1} for n in range(12)
    ]  # fmt: skip
    parked = sent(wire, waiting[0]), sent(wire, *waiting[1:])
    sent(other_wire, *waiting)
    assert {each for reply in parked for each in outcomes(reply)} == {"parked"}

    came = sent(wire, workers[0]), sent(wire, *workers[1:])

    assert not grows(*parked)
    assert not grows(*came)
    assert len(wire.every("/v1/assignments")) == 12
    assert wire.every("/v1/exceptions", state="open") == []
    assert other_wire.every("/v1/assignments") == []
    assert len(other_wire.every("/v1/exceptions", state="open")) == 12


def test_what_changes_what_stands_is_changed_by_itself(wire, other_wire):
    for each in (wire, other_wire):
        sent(each, *(whole(n) for n in range(10)))
    theirs = other_wire.every("/v1/assignments")
    welders = [whole(n, source_version=2, job_title="Welder") for n in range(10)]

    one, many = sent(wire, welders[0]), sent(wire, *welders[1:])

    assert set(outcomes(one) + outcomes(many)) == {"updated"}
    assert many.counted <= one.counted + MORE + 8 * 10  # eight more each
    assert {row["job_title"] for row in wire.every("/v1/assignments")} == {"Welder"}
    assert other_wire.every("/v1/assignments") == theirs
