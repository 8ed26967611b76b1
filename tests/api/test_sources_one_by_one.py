"""What a source sent, read, supplied and deleted by the source's own key, kind by kind."""

from __future__ import annotations

import pytest

from tests.sources import placement

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
