"""Time decided: approved, sent back, given to another, declared empty, corrected, voided."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.backline.week import (
    ANN,
    AT,
    MONDAY,
    approved,
    attend,
    client_of,
    exceptions,
    in_books,
    posts,
    sheet,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(agency):
    return in_books(agency, lambda: posts(agency))[0]


@pytest.fixture(autouse=True)
def twin(other_agency):
    """The same assignment at the agency that looks alike."""
    return in_books(other_agency, lambda: posts(other_agency))[0]


def letters(place, kind):
    from backline.desk.models import Message

    return in_books(place, lambda: list(Message.objects.filter(kind=kind).order_by("id")))


# --- approved ------------------------------------------------------------------------------------


def test_an_approval_prices_both_sides(wire, other_wire, post):
    done = approved(wire, post, "8", "8")

    charges = wire.every("/v1/charges", timesheet=done["id"])
    work = [row for row in charges if row["code"] == "regular"]
    assert [row["pay_amount"]["amount"] for row in work] == ["120.00", "120.00"]
    assert [row["bill_amount"]["amount"] for row in work] == ["168.00", "168.00"]
    assert {row["agreement"] for row in work} == {work[0]["agreement"]}
    assert done["status"] == "approved"
    assert other_wire.every("/v1/charges") == []


def test_a_week_cannot_be_approved_twice(wire, post):
    done = approved(wire, post, "8")
    before = wire.every("/v1/charges")

    again = wire.post(f"/v1/timesheets/{done['id']}/approve", {})

    assert (again.status, again.code) == (409, "illegal_move")
    assert wire.every("/v1/charges") == before


def test_the_same_click_twice_under_one_key_is_one_click(wire, post):
    sent = wire.post("/v1/timesheets", sheet(post, "8")).done()["id"]

    first = wire.post(f"/v1/timesheets/{sent}/approve", {}, key="click").done()
    second = wire.post(f"/v1/timesheets/{sent}/approve", {}, key="click").done()

    assert second.body == first.body
    assert second.headers["Idempotent-Replayed"] == "true"


def test_who_may_only_read_may_not_approve(agency, wire, post, person):
    from tests.callers import key_of
    from tests.wire import Wire

    sent = wire.post("/v1/timesheets", sheet(post, "8")).done()["id"]
    reader = Wire(key_of(agency, "timesheets:read"))

    for caller in (reader, person("auditor")):
        reply = caller.post(f"/v1/timesheets/{sent}/approve", {})
        assert (reply.status, reply.code) == (403, "scope_missing")
    assert wire.get(f"/v1/timesheets/{sent}").done()["status"] == "submitted"


def test_a_client_that_wants_an_order_gets_no_approval_without_one(agency, wire):
    post = in_books(agency, lambda: posts(agency, at=client_of(agency, po_required=True)))[0]
    sent = wire.post("/v1/timesheets", sheet(post, "8")).done()["id"]

    refused = wire.post(f"/v1/timesheets/{sent}/approve", {})
    assert refused.codes == [("po_required", "/po_number")]
    assert wire.every("/v1/charges") == []

    done = wire.post(f"/v1/timesheets/{sent}/approve", {"po_number": "PO-7"}).done()
    assert done["po_number"] == "PO-7"
    assert {row["po_number"] for row in wire.every("/v1/charges")} == {"PO-7"}


def test_many_are_approved_and_one_that_cannot_be_never_stops_the_others(agency, wire):
    good, bare = in_books(agency, lambda: posts(agency, 2))
    sent = [wire.post("/v1/timesheets", sheet(one, "8")).done()["id"] for one in (good, bare)]
    strange = sheet(bare, "8", submit=False, starts_on=MONDAY + timedelta(7))
    strange["entries"][0]["code"] = "night"
    sent.append(wire.post("/v1/timesheets", strange | {"submit": True}).done()["id"])

    reply = wire.post("/v1/timesheets/approve", {"timesheets": [*sent, "tsh_" + "0" * 26]}).done()

    codes = [row["problem"] and row["problem"]["code"] for row in reply["results"]]
    assert codes == [None, None, "rate_missing", "not_found"]
    (fault,) = reply["results"][2]["problem"]["errors"]
    assert (fault["timesheet"], fault["worked_on"]) == (sent[2], "2026-06-08")
    assert [wire.get(f"/v1/timesheets/{key}").done()["status"] for key in sent] == [
        "approved", "approved", "submitted",
    ]  # fmt: skip


def test_more_than_a_hundred_are_accepted_and_done_in_chunks(agency, other_agency, wire):
    many = in_books(agency, lambda: posts(agency, 130))
    for part in (many[:100], many[100:]):
        wire.post("/v1/timesheets/batch", {"timesheets": [sheet(p, "8") for p in part]}).done()
    keys = [row["id"] for row in wire.every("/v1/timesheets", limit=200)]

    reply = wire.post("/v1/timesheets/approve", {"timesheets": [*keys, keys[0]]}).done()
    assert (reply.status, reply["kind"], reply["total"]) == (202, "timesheets.approve", 130)
    attend(agency)

    done = wire.get(f"/v1/operations/{reply['id']}").done()
    assert (done["state"], done["done"]) == ("succeeded", 130)
    assert len(wire.every("/v1/timesheets", status="approved", limit=200)) == 130
    again = wire.post("/v1/timesheets/approve", {"timesheets": keys}).done()
    attend(agency)
    failed = wire.get(f"/v1/operations/{again['id']}").done()
    assert (failed["state"], failed["failed"]) == ("failed", 130)


# --- sent back -----------------------------------------------------------------------------------


@pytest.mark.capability("TC-08")
def test_rejected_time_goes_back_with_its_reason_and_its_history_is_kept(
    agency, other_agency, wire, post
):
    sent = wire.post("/v1/timesheets", sheet(post, "8", "8")).done()["id"]

    silent = wire.post(f"/v1/timesheets/{sent}/reject", {"reason": "  "})
    assert silent.status == 422
    back = wire.post(f"/v1/timesheets/{sent}/reject", {"reason": "Tuesday was 6 hours"}).done()

    assert (back["status"], back["reject_reason"]) == ("rejected", "Tuesday was 6 hours")
    (letter,) = letters(agency, "timesheet_rejected")
    assert letter.to_address == "ada0@example.com"
    assert "Tuesday was 6 hours" in letter.body
    assert "/w/" in letter.body
    (found,) = exceptions(agency, "timesheet_rejected")
    assert (found["owner_role"], found["state"], found["stops"]) == ("staff", "open", "pay")

    mended = {"entries": sheet(post, "8", "6")["entries"]}
    wire.put(f"/v1/timesheets/{sent}/entries", mended).done()
    wire.post(f"/v1/timesheets/{sent}/submit", {}).done()
    wire.post(f"/v1/timesheets/{sent}/approve", {}).done()

    assert exceptions(agency, "timesheet_rejected")[0]["state"] == "resolved"
    names = [
        event["name"] for event in history(agency, sent) if event["name"].startswith("timesheet.")
    ]
    assert names == [
        "timesheet.entered", "timesheet.submitted", "timesheet.rejected", "timesheet.entered",
        "timesheet.submitted", "timesheet.approved",
    ]  # fmt: skip
    assert letters(other_agency, "timesheet_rejected") == []
    assert exceptions(other_agency, "timesheet_rejected") == []


def history(place, timesheet):
    from backline.kernel import ids
    from backline.kernel.models import Event

    key = ids.parse("tsh", timesheet)
    return in_books(
        place,
        lambda: list(
            Event.objects.filter(subject__in=[key]).order_by("id").values("name", "facts")
        ),
    )


# --- given to another ----------------------------------------------------------------------------


@pytest.mark.capability("TC-13", "X-55")
def test_the_former_approvers_link_is_dead_and_the_new_ones_lives(
    agency, wire, other_wire, stranger, post
):
    from backline.directory import actions as directory
    from backline.kernel import ids

    sent = wire.post("/v1/timesheets", sheet(post, "8")).done()["id"]
    attend(agency)
    old = token_in(letters(agency, "timesheet_approval")[-1])
    new = directory.NewContact(client=post.client, name="Noa Nash", email="noa@widgets.example")
    made = in_books(agency, lambda: directory.add_contacts([new], actor=ANN, at=AT))[0].id
    approver = ids.public("con", made)

    done = wire.post(f"/v1/timesheets/{sent}/reassign", {"approver": approver}).done()
    attend(agency)

    assert done["approver"] == approver
    assert stranger.get(f"/v1/links/{old}").done()["state"] == "withdrawn"
    assert stranger.get(f"/v1/links/{old}").done()["timesheet"] is None
    meg = {"name": "Meg Moss", "email": "meg@widgets.example", "job_title": "Shift Manager"}
    refused = stranger.post(f"/v1/links/{old}/approve", meg)
    assert (refused.status, refused.code) == (409, "link_withdrawn")
    letter = letters(agency, "timesheet_approval")[-1]
    assert letter.to_address == "noa@widgets.example"
    noa = {"name": "Noa Nash", "email": "noa@widgets.example"}
    answer = stranger.post(f"/v1/links/{token_in(letter)}/approve", noa).done()
    assert answer["status"] == "approved"
    elsewhere = other_wire.post(f"/v1/timesheets/{sent}/reassign", {"approver": approver})
    assert elsewhere.status == 404


def token_in(letter):
    line = next(line for line in letter.body.splitlines() if "/a/" in line or "/w/" in line)
    return line.rpartition("/")[2]


def test_nobody_of_another_client_is_made_the_approver(agency, wire, post):
    from backline.kernel import ids

    stranger_there = in_books(agency, lambda: client_of(agency))[1]
    sent = wire.post("/v1/timesheets", sheet(post, "8")).done()

    reply = wire.post(
        f"/v1/timesheets/{sent['id']}/reassign", {"approver": ids.public("con", stranger_there)}
    )

    assert (reply.status, reply.codes) == (404, [("not_found", "/approver")])
    assert wire.get(f"/v1/timesheets/{sent['id']}").done()["approver"] == sent["approver"]


# --- empty weeks ---------------------------------------------------------------------------------


@pytest.mark.capability("TC-12")
def test_an_empty_week_is_declared_nobody_is_chased_and_the_clock_knows_why(
    agency, wire, other_wire, post
):
    from backline.timesheets import queries
    from rulebook.packs.gb import agencyweeks

    for caller in (wire, other_wire):
        caller.post("/v1/timesheets/open-due", {"on": "2026-06-08"}).done()
        assert len(caller.every("/v1/timesheets")) == 2
    approved(wire, post, "8")
    empty = wire.every("/v1/timesheets", starts_on="2026-06-08")[0]["id"]

    odd = wire.post(f"/v1/timesheets/{empty}/not-worked", {"counts_as": "hangover"})
    assert odd.status == 422
    done = wire.post(
        f"/v1/timesheets/{empty}/not-worked", {"counts_as": "sickness", "reason": "flu"}
    ).done()

    assert (done["status"], done["not_worked_as"]) == ("not_worked", "sickness")
    chased = wire.post("/v1/timesheets/chase", {"timesheets": [empty]}).done()
    assert chased["results"][0]["problem"]["code"] == "nobody_to_chase"
    days, absences = in_books(agency, lambda: queries.at_client(post.worker, post.client))
    clock = agencyweeks.clock(
        days, [agencyweeks.Absence(*absence) for absence in absences], date(2026, 6, 14)
    )
    assert [(week.how, week.count) for week in clock.weeks] == [("worked", 1), ("sickness", 1)]
    assert {row["status"] for row in other_wire.every("/v1/timesheets")} == {"draft"}


def test_time_that_turned_up_after_all_takes_the_declaration_back(wire, post):
    made = wire.post("/v1/timesheets", sheet(post, "8", submit=False)).done()["id"]
    wire.post(f"/v1/timesheets/{made}/not-worked", {}).done()

    again = wire.post("/v1/timesheets", sheet(post, "4")).done()

    assert (again["id"], again["status"], again["not_worked_as"]) == (made, "submitted", "")


def test_only_an_untouched_draft_is_voided(wire, post):
    made = wire.post("/v1/timesheets", sheet(post, "8")).done()["id"]
    assert wire.post(f"/v1/timesheets/{made}/void", {}).code == "illegal_move"
    wire.post(f"/v1/timesheets/{made}/recall", {}).done()

    assert wire.post(f"/v1/timesheets/{made}/void", {}).done()["status"] == "voided"
    again = wire.post("/v1/timesheets", sheet(post, "8")).done()
    assert again["id"] != made


def test_time_whose_approver_has_left_goes_to_the_assignments_own(agency, wire, post):
    from backline.assignments.models import Assignment
    from backline.directory import actions as directory
    from backline.directory.models import Contact
    from backline.kernel import ids

    made = wire.post("/v1/timesheets", sheet(post, "8", submit=False)).done()
    new = directory.NewContact(client=post.client, name="Noa Nash", email="noa@widgets.example")
    noa = in_books(agency, lambda: directory.add_contacts([new], actor=ANN, at=AT))[0].id
    in_books(agency, lambda: Assignment.objects.update(approver=noa))
    in_books(agency, lambda: Contact.objects.filter(pk=post.contact).update(state="inactive"))

    sent = wire.post(f"/v1/timesheets/{made['id']}/submit", {}).done()

    assert sent["approver"] == ids.public("con", noa)
