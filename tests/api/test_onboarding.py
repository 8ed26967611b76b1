"""Onboarding over the wire: what must be on file, what is, and what waits for it."""

from __future__ import annotations

import base64
from datetime import datetime

import pytest

from tests.api import office
from tests.callers import key_of, signed_in
from tests.wire import Wire

CHECKED = {"requirement": "right_to_work", "source": "office", "dated_on": "2026-05-29"}


@pytest.fixture
def officer(db, partner, agency):
    """Who keeps papers in order."""
    return office.inside(partner, agency, "ops_compliance")


def status(wire, key):
    """Where an assignment stands."""
    return wire.get(f"/v1/assignments/{key}").done()["status"]


def clearance(wire, key):
    """What is missing for an assignment, by code."""
    told = wire.get(f"/v1/assignments/{key}/clearance").done()
    return {item["requirement"]: item for item in told["missing"]}


def morning(place, day):
    """Let the clock play five in the morning of a day."""
    from backline.kernel.actors import SYSTEM
    from backline.onboarding import actions
    from tenants import tenancy

    at = datetime.fromisoformat(f"{day}T04:30:00+00:00")
    with tenancy.firm(place.ref):
        actions.chase_expiring(actor=SYSTEM, at=at)


def confirmed(wire, place, **more):
    """A confirmed assignment."""
    key = office.assignment(wire, **more)
    wire.post(f"/v1/assignments/{key}/confirm").done()
    office.settle(place)
    return key


# --- the gate -------------------------------------------------------------------------------------


def test_a_missing_paper_blocks_the_start_by_its_name_until_it_is_filed(wire, agency, officer):
    key = confirmed(wire, agency)
    worker = wire.get(f"/v1/assignments/{key}").done()["worker"]

    assert status(wire, key) == "confirmed"
    told = wire.get(f"/v1/assignments/{key}/clearance").done()
    assert told["is_cleared_to_start"] is False
    (found,) = officer.get("/v1/exceptions", kind="missing_form", about=key).done()["data"]
    assert (found["state"], found["stops"], found["owner_role"]) == (
        "open",
        "start",
        "ops_compliance",
    )
    assert "Right to work checked" in found["title"]

    office.file_papers(wire, key, worker)
    office.settle(agency)

    assert status(wire, key) in {"ready", "active"}
    closed = officer.get(f"/v1/exceptions/{found['id']}").done()
    assert (closed["state"], closed["closed_by"]["kind"]) == ("resolved", "system")


@pytest.mark.capability("OU-01")
def test_a_us_worker_starts_when_the_last_paper_is_there(db, us_agency, partner):
    wire = Wire(key_of(us_agency))
    owner = Wire(signed_in(us_agency, "owner", "olga"))
    for code, title in (
        ("policies", "Policies acknowledged"),
        ("direct_deposit", "Direct deposit"),
    ):
        more = {"title": title, "blocks": ["start"], "when": {"engagement": ["w2"]}}
        owner.put(f"/v1/requirements/{code}", more).done()
    key = in_illinois(wire, us_agency)
    worker = wire.get(f"/v1/assignments/{key}").done()["worker"]
    assert {"i9_section_1", "policies", "direct_deposit"} <= clearance(wire, key).keys()

    for code in ("i9_section_1", "policies"):
        wire.post("/v1/evidence", CHECKED | {"requirement": code, "about": worker}).done()
    office.settle(us_agency)
    assert status(wire, key) == "confirmed"
    (found,) = owner.get("/v1/exceptions", kind="missing_form").done()["data"]
    assert found["title"] == "Missing: Direct deposit"  # it says what is missing now

    deposit = CHECKED | {"requirement": "direct_deposit", "about": worker}
    wire.post("/v1/evidence", deposit).done()
    office.settle(us_agency)
    assert status(wire, key) in {"ready", "active"}


def in_illinois(wire, place, **more):
    """A confirmed W-2 assignment in Illinois."""
    return confirmed(
        wire,
        place,
        client=office.client(wire, country="US", currency="USD"),
        worker=office.worker(wire, country="US"),
        where={"country": "US", "region": "IL", "time_zone": "America/Chicago"},
        engagement="w2",
        rates={"rates": [office.rate("18.00", "27.00", currency="USD")]},
        **more,
    )


@pytest.mark.capability("OU-02")
def test_the_i9_clock_runs_three_business_days_warns_the_day_before_and_is_late(db, us_agency):
    wire, owner = Wire(key_of(us_agency)), Wire(signed_in(us_agency, "owner", "olga"))
    thursday = "2026-06-04"
    key = in_illinois(wire, us_agency, starts_on=thursday)
    worker = wire.get(f"/v1/assignments/{key}").done()["worker"]
    office.settle(us_agency)

    item = clearance(wire, key)["i9_section_2"]
    assert (item["due_on"], item["reason"], item["clock"]) == ("2026-06-09", "due", "running")
    morning(us_agency, "2026-06-05")
    assert owner.get("/v1/exceptions", kind="form_due").done()["data"] == []
    morning(us_agency, "2026-06-08")
    (due,) = owner.get("/v1/exceptions", kind="form_due").done()["data"]
    assert (due["about"], due["state"]) == (worker, "open")
    assert due["evidence"][0]["state"] == "warning"
    morning(us_agency, "2026-06-10")
    late = owner.get(f"/v1/exceptions/{due['id']}").done()
    assert (late["evidence"][0]["state"], late["stops"]) == ("late", "pay")

    held = office.paper(wire, "i9.pdf", worker)
    section = CHECKED | {"requirement": "i9_section_2", "about": worker, "document": held}
    reverify = section | {"expires_on": "2026-07-15"}
    wire.post("/v1/evidence", reverify).done()
    office.settle(us_agency)
    assert owner.get(f"/v1/exceptions/{due['id']}").done()["state"] == "resolved"
    for code in ("i9_section_1",):
        wire.post("/v1/evidence", CHECKED | {"requirement": code, "about": worker}).done()
    morning(us_agency, "2026-06-20")
    (again,) = owner.get("/v1/exceptions", kind="evidence_expiring").done()["data"]
    assert "2026-07-15" in again["title"]  # the day of re-verification is tracked


@pytest.mark.capability("OK-04")
def test_the_key_information_comes_before_the_terms_and_anew_with_another_umbrella(
    wire, agency, officer
):
    company = {"kind": "umbrella", "legal_name": "Brolly Ltd", "approved_from": "2026-01-01"}
    brolly = wire.post("/v1/intermediaries", company).done()["id"]
    other = wire.post("/v1/intermediaries", company | {"legal_name": "Canopy Ltd"}).done()["id"]
    key = confirmed(wire, agency, engagement="umbrella", intermediary=brolly)
    terms = CHECKED | {"requirement": "terms_agreed", "about": key}

    early = wire.post("/v1/evidence", terms)
    assert early.codes == [("comes_after", "/requirement")]
    three = office.paper(wire, "kid.pdf", key, pages(3))
    kid = CHECKED | {"requirement": "key_information", "about": key}
    assert wire.post("/v1/evidence", kid | {"document": three}).codes == [
        ("too_many_pages", "/document")
    ]
    assert officer.get("/v1/evidence").done()["data"] == []

    wire.post("/v1/evidence", kid | {"document": office.paper(wire, "k.pdf", key, pages(2))}).done()
    wire.post("/v1/evidence", terms).done()
    assert clearance(wire, key).keys() & {"key_information", "terms_agreed"} == set()
    wire.patch(f"/v1/assignments/{key}", {"intermediary": other}, match="*").done()
    assert clearance(wire, key).keys() >= {"key_information", "terms_agreed"}


def pages(count):
    """A PDF of so many pages."""
    from io import BytesIO

    from pypdf import PdfWriter

    made, written = PdfWriter(), BytesIO()
    for _ in range(count):
        made.add_blank_page(595, 842)
    made.write(written)
    return base64.b64encode(written.getvalue()).decode()


# --- papers come, go and lapse --------------------------------------------------------------------


def test_a_withdrawn_paper_holds_what_has_not_started(wire, agency, officer):
    key = confirmed(wire, agency, starts_on="2026-06-15")
    worker = wire.get(f"/v1/assignments/{key}").done()["worker"]
    office.file_papers(wire, key, worker)
    office.settle(agency)
    assert status(wire, key) == "ready"

    (paper,) = officer.get("/v1/evidence", worker=worker).done()["data"]
    path = f"/v1/evidence/{paper['id']}/withdraw"
    assert wire.post(path, {"reason": "forged"}).status == 403
    officer.post(path, {"reason": "forged"}).done()
    again = officer.post(path, {"reason": "forged"})
    office.settle(agency)

    assert (again.status, again.code) == (409, "illegal_move")
    assert status(wire, key) == "confirmed"
    (found,) = officer.get("/v1/exceptions", kind="missing_form", state="open").done()["data"]
    assert found["about"] == key


def test_a_lapsed_paper_holds_what_has_not_started(wire, agency, officer):
    key = confirmed(wire, agency, starts_on="2026-06-15")
    office.file_papers(wire, key, right_to_work={"expires_on": "2026-06-05"})
    office.settle(agency)
    assert status(wire, key) == "ready"

    morning(agency, "2026-06-05")
    assert status(wire, key) == "ready"  # its last day is a good one
    morning(agency, "2026-06-06")

    assert status(wire, key) == "confirmed"


@pytest.mark.capability("OK-01")
def test_a_lapsed_right_to_work_stops_new_work_and_whoever_pays_sees_it(
    wire, agency, officer, partner
):
    worker = office.worker(wire)
    key = confirmed(wire, agency, worker=worker)
    office.file_papers(wire, key, worker, right_to_work={"expires_on": "2026-06-05"})
    office.settle(agency)
    assert status(wire, key) == "ready"
    start(agency, "2026-06-01")
    morning(agency, "2026-06-06")

    assert status(wire, key) == "active"  # what runs is not broken off by a date
    monday = {"worked_on": "2026-06-01", "quantity": "8.00"}
    week = {"assignment": key, "starts_on": "2026-06-01", "entries": [monday]}
    wire.post("/v1/timesheets", week).done()
    payroll = office.inside(partner, agency, "ops_payroll")
    (found,) = payroll.get("/v1/exceptions", about=key, state="open").done()["data"]
    assert found["title"] == "Missing: Right to work checked"
    assert found["evidence"][0]["reason"] == "expired"
    wire.post("/v1/sandbox/clock", {"now": "2026-06-08T08:00:00Z"}).done()
    new = confirmed(wire, agency, worker=worker, starts_on="2026-06-15")
    for requirement in ("key_information", "terms_agreed"):
        held = office.paper(wire, about=new)
        body = CHECKED | {"requirement": requirement, "about": new, "document": held}
        wire.post("/v1/evidence", body).done()
    office.settle(agency)
    assert status(wire, new) == "confirmed"
    assert payroll.get(f"/v1/assignments/{new}/clearance").done()["is_cleared_to_start"] is False


def start(place, day):
    """Let the clock play a morning."""
    from backline.assignments import tasks
    from tenants import tenancy

    with tenancy.firm(place.ref):
        tasks.follow_the_days(at=datetime.fromisoformat(f"{day}T06:00:00+00:00"))


@pytest.mark.capability("OK-21")
def test_notices_go_out_at_30_14_and_1_day_and_stop_on_receipt(wire, agency, officer):
    worker = office.worker(wire, email="ada@example.com")
    key = confirmed(wire, agency, worker=worker)
    office.file_papers(wire, key, worker, right_to_work={"expires_on": "2026-07-31"})
    office.settle(agency)

    sent = {}
    for day in ("2026-06-30", "2026-07-01", "2026-07-02", "2026-07-17", "2026-07-18"):
        morning(agency, day)
        sent[day] = letters(agency)
    assert sent == {
        "2026-06-30": 0, "2026-07-01": 1, "2026-07-02": 1, "2026-07-17": 2, "2026-07-18": 2,
    }  # fmt: skip
    (found,) = officer.get("/v1/exceptions", kind="evidence_expiring").done()["data"]
    assert found["state"] == "open"

    held = office.paper(wire, "new.pdf", worker)
    newer = CHECKED | {"about": worker, "document": held, "expires_on": "2028-07-31"}
    wire.post("/v1/evidence", newer).done()
    office.settle(agency)
    for day in ("2026-07-30", "2026-07-31", "2026-08-01"):
        morning(agency, day)

    assert letters(agency) == 2
    assert officer.get(f"/v1/exceptions/{found['id']}").done()["state"] == "resolved"


def letters(place):
    """How many notices were written."""
    from backline.desk.models import Message
    from tenants import tenancy

    with tenancy.firm(place.ref):
        return Message.objects.filter(kind="evidence_expiring").count()


@pytest.mark.parametrize(
    ("facts", "code", "pointer"),
    [
        ({"requirement": "unheard_of"}, "not_found", "/requirement"),
        ({"document": None}, "document_missing", "/document"),
        ({"dated_on": "2030-01-01"}, "dated_ahead", "/dated_on"),
        ({"expires_on": "2026-05-01"}, "expires_before_date", "/expires_on"),
        ({"source": " "}, "blank", "/source"),
    ],
)
def test_a_paper_that_cannot_count_is_refused(wire, officer, facts, code, pointer):
    worker = office.worker(wire)
    body = CHECKED | {"about": worker, "document": office.paper(wire, about=worker)} | facts

    reply = wire.post("/v1/evidence", body)

    assert reply.status in {404, 422}
    assert (code, pointer) in reply.codes
    assert officer.get("/v1/evidence").done()["data"] == []


def test_a_paper_about_somebody_of_another_agency_is_about_nobody(wire, other_wire):
    theirs = office.worker(other_wire)
    held = office.paper(wire)

    reply = wire.post("/v1/evidence", CHECKED | {"about": theirs, "document": held})

    assert (reply.status, reply.codes) == (404, [("not_found", "/about")])
    foreign = office.paper(other_wire)
    mine = CHECKED | {"about": office.worker(wire), "document": foreign}
    assert ("not_found", "/document") in wire.post("/v1/evidence", mine).codes


@pytest.mark.capability("OU-13")
def test_a_workers_whole_file_is_one_call(wire, agency, officer, other_wire):
    key = confirmed(wire, agency)
    worker = wire.get(f"/v1/assignments/{key}").done()["worker"]
    office.file_papers(wire, key, worker)
    stranger = office.assignment(wire)
    office.file_papers(wire, stranger)
    loose = office.paper(wire, "cv.pdf", worker, pages(1))

    told = officer.get(f"/v1/workers/{worker}/file").done()

    assert {row["requirement"] for row in told["evidence"]} == {
        "right_to_work", "key_information", "terms_agreed",
    }  # fmt: skip
    for row in told["evidence"]:
        assert (row["source"], row["dated_on"]) == ("office", "2026-05-29")
        assert len(row["sha256"]) == (0 if row["requirement"] == "terms_agreed" else 64)
        assert row["worker"] == worker or row["assignment"] == key
    assert loose in {row["id"] for row in told["documents"]}
    assert len(told["documents"]) == 3
    content = officer.get(f"/v1/documents/{loose}/content").done()
    assert content.headers["ETag"].strip('"') in {row["sha256"] for row in told["documents"]}
    assert other_wire.get(f"/v1/workers/{worker}/file").status in {403, 404}
