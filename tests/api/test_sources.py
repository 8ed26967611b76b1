"""One push from an ATS: what it makes, what it changes, and what the same push does again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sources import placement

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
