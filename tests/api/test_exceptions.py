"""The desk over the wire: exceptions taken, given back and ended, and who answers for what."""

from __future__ import annotations

import pytest

from tests.api import office


@pytest.fixture
def inside(db, partner, agency):
    """Somebody of the partner's inside the agency."""
    return lambda role, name="": office.inside(partner, agency, role, name)


@pytest.fixture
def found(wire, agency, owner):
    """An open exception: an assignment that lacks its papers."""
    key = office.assignment(wire)
    wire.post(f"/v1/assignments/{key}/confirm").done()
    office.settle(agency)
    (row,) = owner.get("/v1/exceptions", kind="missing_form").done()["data"]
    return row


def test_an_exception_says_what_whose_and_by_when(wire, found):
    assert found["about"].startswith("asg_")
    assert (found["state"], found["stops"]) == ("open", "start")
    assert found["owner_role"] == "ops_compliance"
    assert found["due_at"] > found["opened_at"]
    assert found["suggested"]
    for query in ({"state": "open"}, {"about": found["about"]}, {"stops": ["start", "pay"]}):
        rows = wire.get("/v1/exceptions", **query).done()["data"]
        assert [row["id"] for row in rows] == [found["id"]]
    assert wire.get("/v1/exceptions", state="resolved").done()["data"] == []
    assert wire.get("/v1/exceptions", sort="due_at").done()["data"][0]["id"] == found["id"]


def test_one_takes_it_gives_it_back_another_ends_it(owner, inside, found):
    path = f"/v1/exceptions/{found['id']}"
    first, second = inside("ops_compliance", "cora"), inside("ops_payroll", "pat")

    taken = first.post(f"{path}/take").done()
    assert (taken["state"], taken["taken_by"]["name"]) == ("taken", "cora")
    late = second.post(f"{path}/take")
    assert (late.status, late.code) == (409, "illegal_move")
    assert first.post(f"{path}/release").done()["taken_by"] is None
    second.post(f"{path}/take").done()
    done = second.post(f"{path}/resolve", {"resolution": "He starts next week"}).done()

    assert (done["state"], done["resolution"]) == ("resolved", "He starts next week")
    assert done["closed_by"]["name"] == "pat"
    for deed, body in (("take", None), ("dismiss", {"reason": "again"})):
        assert second.post(f"{path}/{deed}", body).code == "illegal_move"
    assert owner.get(path).done()["resolution"] == "He starts next week"


def test_nothing_is_ended_without_a_word(owner, found):
    path = f"/v1/exceptions/{found['id']}"

    for deed in ("resolve", "dismiss"):
        for body in ({}, {"reason": " ", "resolution": " "}):
            assert owner.post(f"{path}/{deed}", body).status == 422
    assert owner.get(path).done()["state"] == "open"


def test_a_key_reads_exceptions_and_ends_none(wire, found):
    path = f"/v1/exceptions/{found['id']}"

    assert wire.get(path).done()["id"] == found["id"]
    assert wire.post(f"{path}/dismiss", {"reason": "x"}).code == "scope_missing"
    assert wire.get(path).done()["state"] == "open"


def test_many_are_ended_at_once_and_an_unknown_one_stops_no_other(owner, other_wire, found):
    from backline.kernel import ids

    unknown = ids.public("exc", ids.new_id())
    body = {"exceptions": [unknown, found["id"]], "reason": "Nobody is coming"}

    told = owner.post("/v1/exceptions/dismiss", body).done()

    assert [each["outcome"] for each in told["results"]] == ["refused", "done"]
    assert owner.get(f"/v1/exceptions/{found['id']}").done()["state"] == "dismissed"
    assert other_wire.get(f"/v1/exceptions/{found['id']}").status == 404


def test_the_same_trouble_is_open_once_and_opens_again_after_it_was_ended(
    wire, agency, owner, found
):
    worker = wire.get(f"/v1/assignments/{found['about']}").done()["worker"]
    wire.patch(f"/v1/assignments/{found['about']}", {"job_title": "Fitter"}, match="*").done()
    office.settle(agency)
    assert len(owner.get("/v1/exceptions", kind="missing_form").done()["data"]) == 1

    office.file_papers(wire, found["about"], worker)
    office.settle(agency)
    assert owner.get(f"/v1/exceptions/{found['id']}").done()["state"] == "resolved"


# --- who answers ----------------------------------------------------------------------------------


def test_the_firm_decides_who_answers_and_what_is_open_goes_there(owner, wire, found):
    rows = {row["kind"]: row for row in owner.get("/v1/responsibilities").done()["data"]}
    assert rows["missing_form"]["owner_role"] == "ops_compliance"
    assert rows["missing_form"]["is_own"] is False

    body = {"owner_role": "staff", "deputy_role": "owner", "hours": 4}
    decided = owner.put("/v1/responsibilities/missing_form", body).done()

    assert decided.body == {"kind": "missing_form", "is_own": True, **body}
    assert wire.get(f"/v1/exceptions/{found['id']}").done()["owner_role"] == "staff"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("nothing_known", {"owner_role": "staff", "hours": 4}, 404),
        ("missing_form", {"owner_role": "janitor", "hours": 4}, 422),
        ("missing_form", {"owner_role": "staff", "hours": 0}, 422),
        ("missing_form", {"hours": 4}, 422),
    ],
)
def test_a_responsibility_that_cannot_be_is_refused(owner, kind, body, status):
    before = owner.get("/v1/responsibilities").done().body

    assert owner.put(f"/v1/responsibilities/{kind}", body).status == status
    assert owner.get("/v1/responsibilities").done().body == before
