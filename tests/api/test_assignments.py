"""Assignments over the wire: agreed, confirmed, changed, and priced for both sides at once."""

from __future__ import annotations

import pytest

from tests.api import office


@pytest.fixture
def inside(db, partner, agency):
    """Somebody of the partner's inside the agency."""
    return lambda role, name="": office.inside(partner, agency, role, name)


def read(wire, key):
    """An assignment as it stands."""
    return wire.get(f"/v1/assignments/{key}").done()


# --- added ----------------------------------------------------------------------------------------


@pytest.mark.capability("PL-12")
@pytest.mark.parametrize(
    ("engagement", "country", "company", "papers"),
    [
        ("paye", "GB", "", {"right_to_work", "key_information", "terms_agreed"}),
        ("umbrella", "GB", "umbrella", {"right_to_work", "key_information", "terms_agreed"}),
        ("limited", "GB", "limited", {"right_to_work", "terms_agreed", "company_documents"}),
        ("sow", "GB", "limited", {"right_to_work", "statement_of_work", "company_documents"}),
        ("cis", "GB", "", {"right_to_work", "cis_verification", "key_information"}),
        ("w2", "US", "", {"i9_section_1"}),
        ("1099", "US", "", {"w9", "contractor_classification"}),
    ],
)
def test_each_engagement_asks_for_its_own_papers(wire, engagement, country, company, papers):
    currency = "GBP" if country == "GB" else "USD"
    more = {}
    if company:
        facts = {"kind": company, "legal_name": "Brolly Ltd"}
        more["intermediary"] = wire.post("/v1/intermediaries", facts).done()["id"]
    key = office.assignment(
        wire,
        client=office.client(wire, country=country, currency=currency),
        engagement=engagement,
        where={"country": country, "region": "IL" if country == "US" else ""},
        rates={"rates": [office.rate("15.00", "21.00", currency=currency)]},
        **more,
    )

    told = wire.get(f"/v1/assignments/{key}/clearance").done()

    blocking = {item["requirement"] for item in told["missing"] if item["blocks"]}
    assert papers <= blocking
    assert told["is_cleared_to_start"] is (engagement == "1099")


def test_what_an_assignment_cannot_be_is_told_field_by_field(wire):
    other = office.client(wire, legal_name="Others Ltd")
    site = office.site(wire, other)
    body = {
        "worker": office.worker(wire),
        "client": office.client(wire),
        "engagement": "umbrella",
        "starts_on": "2026-06-01",
        "ends_on": "2026-05-01",
        "pay_frequency": "weekly",
        "site": site,
        "rates": {"since": "2026-06-08", "rates": [office.rate("15.00", "21.00", "night")]},
    }

    reply = wire.post("/v1/assignments", body)

    assert reply.status == 422
    assert set(reply.codes) == {
        ("regular_rate_missing", "/rates"),
        ("ends_before_start", "/ends_on"),
        ("rates_start_late", "/rates/since"),
        ("not_found", "/site"),
        ("company_missing", "/intermediary"),
    }
    assert wire.get("/v1/assignments").done()["data"] == []


def test_an_engagement_belongs_to_its_country(wire):
    body = {"worker": office.worker(wire), "client": office.client(wire), "engagement": "w2",
            "starts_on": "2026-06-01", "pay_frequency": "weekly"}  # fmt: skip

    reply = wire.post("/v1/assignments", body)

    assert reply.codes == [("engagement_of_another_country", "/engagement")]


# --- confirmed ------------------------------------------------------------------------------------


@pytest.mark.capability("PL-05")
def test_nothing_starts_before_the_agreement_is_complete_and_confirmed(wire, agency):
    client = office.client(wire)
    body = {"worker": office.worker(wire), "client": client, "engagement": "paye",
            "starts_on": "2026-06-01", "pay_frequency": "weekly"}  # fmt: skip
    key = wire.post("/v1/assignments", body).done()["id"]
    path = f"/v1/assignments/{key}"

    bare = wire.post(f"{path}/confirm")
    assert (bare.status, [code for code, _ in bare.codes]) == (
        409,
        ["rates_missing", "site_missing", "approver_missing"],
    )
    week = {"assignment": key, "starts_on": "2026-06-01", "entries": []}
    early = wire.post("/v1/timesheets", week)
    assert (early.status, early.code) == (409, "assignment_not_ready")
    assert [code for code, _ in early.codes[1:5]] == [
        "rates_missing", "site_missing", "approver_missing", "not_confirmed",
    ]  # fmt: skip
    papers = {fault.get("requirement") for fault in early["errors"]}
    assert papers >= {"right_to_work", "key_information", "terms_agreed"}
    assert (read(wire, key)["status"], wire.every("/v1/timesheets")) == ("pending", [])

    full = office.assignment(wire)
    office.settle(agency)
    assert read(wire, full)["status"] == "pending"  # nobody confirms by waiting
    wire.post(f"/v1/assignments/{full}/confirm").done()
    office.file_papers(wire, full)
    office.settle(agency)
    assert read(wire, full)["status"] in {"ready", "active"}
    again = wire.post(f"/v1/assignments/{full}/confirm")
    assert (again.status, again.code) == (409, "illegal_move")


def test_many_are_confirmed_at_once_and_the_bad_stop_no_other(wire, other_wire):
    good, theirs = office.assignment(wire), office.assignment(other_wire)

    told = wire.post("/v1/assignments/confirm", {"assignments": [theirs, good]}).done()

    assert [each["outcome"] for each in told["results"]] == ["refused", "done"]
    assert told["results"][0]["problem"]["code"] == "not_found"
    assert read(other_wire, theirs)["status"] == "pending"


def test_only_what_has_not_begun_is_cancelled(wire, agency):
    key = office.assignment(wire)
    wire.post(f"/v1/assignments/{key}/confirm").done()
    office.file_papers(wire, key)
    office.settle(agency)

    late = office.assignment(wire, starts_on="2026-07-01")
    cancelled = wire.post(f"/v1/assignments/{late}/cancel", {"reason": "no budget"}).done()
    started = wire.post(f"/v1/assignments/{key}/cancel", {"reason": "no budget"})

    assert cancelled["status"] == "cancelled"
    if read(wire, key)["status"] == "active":
        assert (started.status, started.code) == (409, "illegal_move")
    gone = wire.patch(f"/v1/assignments/{late}", {"job_title": "x"}, match="*")
    assert (gone.status, gone.code) == (409, "illegal_move")


# --- changed --------------------------------------------------------------------------------------


def test_who_works_for_whom_stays_once_it_started(wire, agency):
    key = office.assignment(wire)
    wire.post(f"/v1/assignments/{key}/confirm").done()
    office.file_papers(wire, key)
    office.settle(agency)
    start(agency)
    assert read(wire, key)["status"] == "active"

    path = f"/v1/assignments/{key}"
    for body in ({"worker": office.worker(wire)}, {"starts_on": "2026-06-02"}):
        reply = wire.patch(path, body, match="*")
        assert (reply.status, reply.code) == (409, "started_already")
    ended = wire.patch(path, {"ends_on": "2026-06-30"}, match="*").done()
    assert ended["ends_on"] == "2026-06-30"


def start(place, day="2026-06-02"):
    """Let the clock play a morning."""
    from datetime import datetime

    from backline.assignments import tasks
    from tenants import tenancy

    with tenancy.firm(place.ref):
        tasks.follow_the_days(at=datetime.fromisoformat(f"{day}T06:00:00+00:00"))


def test_an_ended_assignment_is_woken_by_a_later_end(wire, agency):
    key = office.assignment(wire, ends_on="2026-06-05")
    wire.post(f"/v1/assignments/{key}/confirm").done()
    office.file_papers(wire, key)
    office.settle(agency)
    start(agency)
    start(agency, "2026-06-06")
    assert read(wire, key)["status"] == "ended"

    longer = wire.patch(f"/v1/assignments/{key}", {"ends_on": "2026-07-31"}, match="*").done()

    assert longer["status"] == "active"


def test_people_of_another_client_are_not_named_on_an_assignment(wire):
    key = office.assignment(wire)
    stranger = office.contact(wire, office.client(wire, legal_name="Others Ltd"))
    path = f"/v1/assignments/{key}"

    assert wire.patch(path, {"approver": stranger}, match="*").codes == [("not_found", "/approver")]
    moved = wire.patch(path, {"client": office.client(wire)}, match="*")
    assert set(moved.codes) == {("not_found", "/site"), ("not_found", "/approver")}
    cleared = wire.patch(path, {"site": None, "approver": None}, match="*").done()
    assert (cleared["site"], cleared["approver"]) == (None, None)


# --- rates ----------------------------------------------------------------------------------------


def test_an_assignment_has_as_many_rates_as_were_agreed(wire):
    codes = ("regular", "overtime", "weekend", "night", "standby")
    rates = [office.rate("15.1234", "21.4321", code) for code in codes]

    key = office.assignment(wire, rates={"rates": rates})

    (agreed,) = wire.get(f"/v1/assignments/{key}/rates").done()["data"]
    assert [row["code"] for row in agreed["rates"]] == list(codes)
    assert agreed["rates"][0]["pay_rate"] == office.money("15.1234")


def test_rates_from_a_wednesday_end_those_before_and_keep_them(wire, owner):
    key = office.assignment(wire)
    path = f"/v1/assignments/{key}/rates"

    new = {"since": "2026-06-03", "rates": [office.rate("16.00", "22.50")], "reason": "a rise"}
    made = owner.post(path, new).done()["agreement"]
    same_day = new | {"rates": [office.rate("16.50", "23.00")]}
    replaced = owner.post(path, same_day).done()["agreement"]

    assert (made["version"], replaced["version"]) == (2, 3)
    rows = {row["version"]: row for row in wire.get(path).done()["data"]}
    assert (rows[1]["since"], rows[1]["until"]) == ("2026-06-01", "2026-06-03")
    assert (rows[2]["withdrawn"], rows[3]["supersedes"]) == (True, rows[2]["id"])


@pytest.mark.parametrize(
    ("rates", "code", "pointer"),
    [
        ([office.rate("15.00", "21.00", "night")], "regular_rate_missing", "/rates"),
        ([office.rate("15.00", "21.00")] * 2, "rate_twice", "/rates/1/code"),
        ([{"code": "regular"}], "rate_empty", "/rates/0"),
        ([office.rate("-1", "21.00")], "invalid_amount", "/rates/0/pay_rate/amount"),
        (
            [office.rate("1", "2"), office.rate("1", "2", "night", "USD")],
            "two_currencies",
            "/rates",
        ),
        ([{"code": "regular", "pay_rate": {"amount": 15, "currency": "GBP"}}],
         "amount_is_a_number", "/rates/0/pay_rate/amount"),
    ],
)  # fmt: skip
def test_rates_that_cannot_be_are_refused(wire, owner, rates, code, pointer):
    key = office.assignment(wire)

    reply = owner.post(f"/v1/assignments/{key}/rates", {"since": "2026-06-03", "rates": rates})

    assert reply.status == 422
    assert (code, pointer) in reply.codes
    assert len(wire.get(f"/v1/assignments/{key}/rates").done()["data"]) == 1


@pytest.mark.capability("PL-09")
def test_a_change_of_one_side_is_caught_with_its_margin_and_closes_by_itself(wire, owner):
    key = office.assignment(wire)
    path = f"/v1/assignments/{key}/rates"

    owner.post(path, {"since": "2026-06-08", "rates": [office.rate("17.00", "21.00")]}).done()

    (found,) = owner.get("/v1/exceptions", kind="one_sided_rate_change").done()["data"]
    assert (found["about"], found["state"], found["owner_role"]) == (key, "open", "owner")
    assert "6.0000 to 4.0000" in found["detail"]
    owner.post(path, {"since": "2026-06-08", "rates": [office.rate("17.00", "23.80")]}).done()
    closed = owner.get(f"/v1/exceptions/{found['id']}").done()
    assert closed["state"] == "resolved"


def test_a_key_agrees_no_rates(wire):
    key = office.assignment(wire)

    reply = wire.post(f"/v1/assignments/{key}/rates", {"rates": [office.rate("1.00", "99.00")]})

    assert (reply.status, reply.code) == (403, "scope_missing")


def test_a_dry_run_tells_what_new_rates_change_and_keeps_nothing(wire, owner):
    key = office.assignment(wire)
    path = f"/v1/assignments/{key}/rates"

    told = owner.post(
        path,
        {"since": "2026-06-03", "rates": [office.rate("16.00", "22.00")]},
        query={"dry_run": "true"},
    ).done()

    assert told["effect"] == {"pay": None, "bill": None, "weeks": []}  # nothing was priced yet
    assert told.headers["Dry-Run"] == "true"
    assert len(wire.get(path).done()["data"]) == 1


def test_the_order_an_assignment_is_billed_under_changes_mid_way(wire):
    key = office.assignment(wire, po_number="PO-1", cost_centre="CC-1", project="North")
    path = f"/v1/assignments/{key}/billing-references"

    wire.post(path, {"since": "2026-06-15", "po_number": "PO-2"}).done()

    rows = wire.get(path).done()["data"]
    assert [(row["po_number"], row["since"], row["until"]) for row in rows] == [
        ("PO-2", "2026-06-15", None),
        ("PO-1", "2026-06-01", "2026-06-15"),
    ]
