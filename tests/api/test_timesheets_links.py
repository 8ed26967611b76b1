"""Links: what a holder is shown, who may answer, and that they answer once; reminders that carry
them.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.backline.week import MONDAY, attend, exceptions, in_books, posts, sheet

pytestmark = pytest.mark.django_db

MEG = {"name": "Meg Moss", "email": "meg@widgets.example", "job_title": "Shift Manager"}


@pytest.fixture
def post(agency):
    return in_books(agency, lambda: posts(agency))[0]


@pytest.fixture(autouse=True)
def twin(other_agency):
    """The same assignment at the agency that looks alike."""
    return in_books(other_agency, lambda: posts(other_agency))[0]


def letters(place):
    from backline.desk.models import Message

    return in_books(place, lambda: list(Message.objects.order_by("id")))


def token_in(letter):
    line = next(line for line in letter.body.splitlines() if "/a/" in line or "/w/" in line)
    return line.rpartition("/")[2]


def handed_in(place, wire, post):
    """A sheet that was handed in, and the token that its approver was sent."""
    sent = wire.post("/v1/timesheets", sheet(post, "8")).done()["id"]
    attend(place)
    return sent, token_in(letters(place)[-1])


@pytest.mark.capability("TC-05")
def test_a_client_approves_from_the_mail_once_and_looking_never_approves(
    agency, wire, other_wire, stranger, post
):
    sent, token = handed_in(agency, wire, post)
    assert "http://testserver/a/" in letters(agency)[-1].body

    for _ in range(2):
        seen = stranger.get(f"/v1/links/{token}").done()
    stranger.call("HEAD", f"/v1/links/{token}")
    assert (seen["asks"], seen["state"], seen["recipient_name"]) == ("approve", "open", "Meg Moss")
    assert (seen["timesheet"]["worker_name"], seen["timesheet"]["total"]) == ("Ada Byron", "8.00")
    assert wire.get(f"/v1/timesheets/{sent}").done()["status"] == "submitted"

    forwarded = stranger.post(f"/v1/links/{token}/approve", MEG | {"email": "x@elsewhere.example"})
    assert forwarded.codes == [("identity_differs", "/email")]
    done = stranger.post(f"/v1/links/{token}/approve", MEG).done()
    assert done["status"] == "approved"

    again = stranger.post(f"/v1/links/{token}/approve", MEG)
    assert (again.status, again.code) == (409, "link_used")
    seen = stranger.get(f"/v1/links/{token}").done()
    assert (seen["state"], seen["timesheet"]["status"]) == ("used", "approved")
    assert len(wire.every("/v1/charges", code="regular")) == 1
    assert other_wire.every("/v1/timesheets") == []


@pytest.mark.capability("TC-06")
def test_the_approver_is_kept_with_the_decision_and_a_stranger_is_noted(
    agency, other_agency, wire, stranger, post
):
    sent, token = handed_in(agency, wire, post)
    before = wire.get(f"/v1/timesheets/{sent}").done().body

    for wrong in (
        {"email": "mag@widgets.example"},
        {"name": "Mag Moss"},
        {"job_title": "Owner"},
    ):
        (name,) = wrong
        reply = stranger.post(f"/v1/links/{token}/approve", MEG | wrong)
        assert (reply.status, reply.codes) == (422, [("identity_differs", f"/{name}")])

    assert wire.get(f"/v1/timesheets/{sent}").done().body == before
    noted = refusals(agency)
    assert [(event["facts"]["given_email"], event["facts"]["code"]) for event in noted] == [
        ("mag@widgets.example", "identity_differs"),
        ("meg@widgets.example", "identity_differs"),
        ("meg@widgets.example", "identity_differs"),
    ]
    done = stranger.post(f"/v1/links/{token}/approve", MEG | {"name": " meg  MOSS "}).done()
    decided = wire.get(f"/v1/timesheets/{sent}").done()
    assert decided["decided_by"] == {
        "kind": "link",
        "id": decided["approver"],
        "role": "approver",
        "on_behalf_of": "",
        "name": "meg  MOSS",
        "email": "meg@widgets.example",
        "job_title": "Shift Manager",
    }
    assert decided["decided_at"] == done["answered_at"]
    assert refusals(other_agency) == []


def refusals(place):
    from backline.kernel.models import Event

    rows = Event.objects.filter(name="timesheet.approval_refused").order_by("id")
    return in_books(place, lambda: list(rows.values("facts", "actor")))


def test_who_keeps_guessing_loses_the_link(agency, wire, stranger, post):
    _, token = handed_in(agency, wire, post)

    for n in range(5):
        wrong = stranger.post(f"/v1/links/{token}/approve", MEG | {"email": f"{n}@x.example"})
        assert wrong.code == "identity_differs"

    reply = stranger.post(f"/v1/links/{token}/approve", MEG)
    assert (reply.status, reply.code) == (409, "link_withdrawn")


def test_an_approver_sends_a_period_back_by_the_link(agency, wire, stranger, post):
    sent, token = handed_in(agency, wire, post)

    silent = stranger.post(f"/v1/links/{token}/reject", MEG | {"reason": " "})
    assert silent.status == 422
    stranger.post(f"/v1/links/{token}/reject", MEG | {"reason": "left at two"}).done()

    back = wire.get(f"/v1/timesheets/{sent}").done()
    assert (back["status"], back["reject_reason"]) == ("rejected", "left at two")
    mend = token_in(letters(agency)[-1])
    seen = stranger.get(f"/v1/links/{mend}").done()
    assert (seen["asks"], seen["timesheet"]["reject_reason"]) == ("enter", "left at two")
    ada = {"name": "Ada Byron", "email": "ada0@example.com"}
    hours = {"entries": sheet(post, "6")["entries"]}
    assert stranger.post(f"/v1/links/{mend}/enter", ada | hours).done()["status"] == "submitted"
    again = stranger.post(f"/v1/links/{mend}/enter", ada | hours)
    assert (again.status, again.code) == (409, "link_used")


def test_a_link_to_time_that_has_changed_since_is_refused(agency, wire, stranger, post):
    sent, token = handed_in(agency, wire, post)
    wire.post(f"/v1/timesheets/{sent}/recall", {}).done()
    wire.post("/v1/timesheets", sheet(post, "9")).done()

    assert stranger.get(f"/v1/links/{token}").done()["state"] == "withdrawn"
    reply = stranger.post(f"/v1/links/{token}/approve", MEG)

    assert (reply.status, reply.code) == (409, "link_withdrawn")
    assert wire.get(f"/v1/timesheets/{sent}").done()["status"] == "submitted"


def test_a_doubtful_week_is_not_taken_by_link_and_the_link_stays(agency, wire, stranger, post):
    made = wire.post("/v1/timesheets", sheet(post, submit=False)).done()["id"]
    wire.post("/v1/timesheets/chase", {"timesheets": [made]}).done()
    token = token_in(letters(agency)[-1])
    ada = {"name": "Ada Byron", "email": "ada0@example.com"}

    typed = {"entries": sheet(post, "17")["entries"]}
    refused = stranger.post(f"/v1/links/{token}/enter", ada | typed)
    assert refused.codes[0][0] == "day_too_long"

    hours = {"entries": sheet(post, "7")["entries"]}
    assert stranger.post(f"/v1/links/{token}/enter", ada | hours).done()["total"] == "7.00"


def test_a_link_serves_one_purpose_and_its_own_firm(agency, other_agency, wire, stranger, post):
    _, token = handed_in(agency, wire, post)

    assert stranger.post(f"/v1/links/{token}/enter", MEG | {"entries": []}).code == "link_unknown"
    for odd in ("nonsense", token[:-1], token.replace(".", "~"), token + "x"):
        reply = stranger.get(f"/v1/links/{odd}")
        assert (reply.status, reply.code) == (404, "link_unknown")
    theirs = token.replace(agency.ref, other_agency.ref)
    assert stranger.post(f"/v1/links/{theirs}/approve", MEG).status == 404


def test_a_link_ends_after_two_weeks(agency, wire, owner, stranger, post):
    _, token = handed_in(agency, wire, post)

    owner.post("/v1/sandbox/clock", {"now": "2026-06-16T09:00:00Z"}).done()

    assert stranger.get(f"/v1/links/{token}").done()["state"] == "expired"
    reply = stranger.post(f"/v1/links/{token}/approve", MEG)
    assert (reply.status, reply.code) == (409, "link_expired")


# --- reminders -----------------------------------------------------------------------------------


@pytest.mark.capability("TC-09")
def test_one_call_chases_fifty_overdue_weeks_and_tells_each_delivery(
    agency, other_agency, wire, owner, other_wire
):
    many = in_books(agency, lambda: posts(agency, 50))
    open_sheets(wire)
    wire.post("/v1/timesheets", sheet(many[0], "8")).done()
    owner.post("/v1/sandbox/clock", {"now": "2026-06-08T09:00:00Z"}).done()
    late = wire.every("/v1/timesheets/overdue", limit=200)
    assert len(late) == 50
    assert {(row["held_by"], row["chases"], row["last_chased_at"]) for row in late} == {
        ("worker", 0, None), ("approver", 0, None),
    }  # fmt: skip
    letters_before = len(letters(agency))

    sent = {"timesheets": [row["id"] for row in late], "channel": "sms"}
    reply = wire.post("/v1/timesheets/chase", sent).done()
    wire.post("/v1/timesheets/chase", sent | {"channel": "email"}).done()

    assert (reply["done"], reply["refused"]) == (50, 0)
    written = letters(agency)[letters_before:]
    assert [letter.channel for letter in written] == ["sms"] * 50 + ["email"] * 50
    one = wire.get(f"/v1/timesheets/{late[0]['id']}").done()
    assert [(row["n"], row["channel"], row["delivery"]) for row in one["chases"]] == [
        (1, "sms", "queued"), (2, "email", "queued"),
    ]  # fmt: skip
    deliver(agency, [letter.id for letter in written[:50]])
    one = wire.get(f"/v1/timesheets/{late[0]['id']}").done()
    assert [row["delivery"] for row in one["chases"]] == ["sent", "queued"]
    again = wire.every("/v1/timesheets/overdue", limit=200)
    assert {(row["chases"], row["last_chased_at"]) for row in again} == {
        (2, "2026-06-08T09:00:00Z")
    }
    assert {letter.to_address for letter in letters(other_agency)} == set()


def open_sheets(wire):
    wire.post("/v1/timesheets/open-due", {}).done()


def deliver(place, messages):
    from backline.desk import actions
    from backline.kernel.actors import SYSTEM
    from tests.backline.week import AT

    in_books(place, lambda: actions.sent(messages, actor=SYSTEM, at=AT))


def test_who_holds_it_up_is_written_to_and_who_cannot_be_reached_is_named(agency, wire, post):
    draft, submitted, approved = in_books(agency, lambda: posts(agency, 3))
    open_sheets(wire)
    wire.post("/v1/timesheets", sheet(submitted, "8")).done()
    done = wire.post("/v1/timesheets", sheet(approved, "8")).done()["id"]
    wire.post(f"/v1/timesheets/{done}/approve", {}).done()
    silence(agency, post.worker)
    rows = {row["assignment"]: row["id"] for row in wire.every("/v1/timesheets")}
    before = len(letters(agency))

    asked = [rows[one.asg] for one in (draft, submitted, approved, post)]
    reply = wire.post("/v1/timesheets/chase", {"timesheets": asked}).done()

    codes = [row["problem"] and row["problem"]["code"] for row in reply["results"]]
    assert codes == [None, None, "nobody_to_chase", "unreachable"]
    assert [letter.to_address for letter in letters(agency)[before:]] == [
        "ada0@example.com",
        "meg@widgets.example",
    ]


def silence(place, worker) -> None:
    from backline.directory.models import Worker

    in_books(place, lambda: Worker.objects.filter(pk=worker).update(email=""))


def test_nobody_is_chased_for_another_agencys_sheets(agency, wire, other_wire, twin):
    theirs = other_wire.post("/v1/timesheets", sheet(twin, "8", submit=False)).done()["id"]

    reply = wire.post("/v1/timesheets/chase", {"timesheets": [theirs]}).done()

    assert reply["results"][0]["problem"]["code"] == "not_found"
    assert other_wire.get(f"/v1/timesheets/{theirs}").done()["chases"] == []


def test_the_overdue_list_holds_no_week_that_is_not_over(agency, wire, post):
    wire.post(
        "/v1/timesheets", sheet(post, "8", starts_on=MONDAY + timedelta(7), submit=False)
    ).done()

    assert wire.every("/v1/timesheets/overdue") == []
    assert exceptions(agency, "timesheet_overdue") == []
