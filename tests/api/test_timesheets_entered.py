"""Time reported: whole periods, lines of a file, doubtful time, and who reported it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.backline.week import (
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


def clocked(day: str, started: str, ended: str, minutes: int = 0) -> dict[str, object]:
    return {
        "worked_on": day,
        "started_at": f"{day}T{started}+01:00",
        "ended_at": f"{day}T{ended}+01:00",
        "break_minutes": minutes,
    }


@pytest.mark.capability("TC-01")
def test_the_agency_and_the_worker_report_time_and_it_says_who_did(
    agency, other_agency, wire, other_wire, stranger
):
    first, second = in_books(agency, lambda: posts(agency, 2))
    in_books(other_agency, lambda: posts(other_agency, 2))
    wire.post("/v1/timesheets/open-due", {}).done()

    by_agency = wire.post("/v1/timesheets", sheet(first, "8", "7.5")).done()
    (waiting,) = wire.every("/v1/timesheets", assignment=second.asg)
    token = link_to(agency, wire, waiting["id"])
    hours = {"entries": sheet(second, "6")["entries"]}
    stranger.post(f"/v1/links/{token}/enter", hours | ADA).done()
    by_worker = wire.get(f"/v1/timesheets/{waiting['id']}").done()

    assert by_agency["entered_by"]["kind"] == by_agency["submitted_by"]["kind"] == "key"
    assert (by_worker["status"], by_worker["total"]) == ("submitted", "6.00")
    assert by_worker["submitted_by"] == {
        "kind": "link",
        "id": by_worker["worker"],
        "name": "Ada Byron 1",
        "role": "worker",
        "on_behalf_of": "",
    }
    assert {row["status"] for row in other_wire.every("/v1/timesheets")} <= {"draft"}


ADA = {"name": "Ada Byron 1", "email": "ada1@example.com"}


def link_to(place, wire, timesheet):
    """Chase a sheet and read the link from the mail it sent."""
    from backline.desk.models import Message

    wire.post("/v1/timesheets/chase", {"timesheets": [timesheet]}).done()
    body = in_books(place, lambda: Message.objects.order_by("-id").first()).body
    return next(line for line in body.splitlines() if "/w/" in line or "/a/" in line).split("/")[-1]


@pytest.mark.capability("TC-02")
def test_hours_by_the_clock_and_days_in_quarters(agency, other_agency, wire, other_wire):
    hourly = in_books(agency, lambda: posts(agency))[0]
    daily = in_books(agency, lambda: posts(agency, time_unit="day"))[0]
    in_books(other_agency, lambda: posts(other_agency))

    by_clock = {
        "assignment": hourly.asg,
        "starts_on": "2026-06-01",
        "entries": [clocked("2026-06-01", "08:00:00", "16:30:00", 30)],
    }
    reply = wire.post("/v1/timesheets", by_clock).done()
    assert (reply["total"], reply["entries"][0]["break_minutes"]) == ("8.00", 30)

    quarter = sheet(daily, "0.25", submit=False)
    quarter["entries"][0]["unit"] = "day"
    assert wire.post("/v1/timesheets", quarter).done()["total"] == "0.25"

    third = sheet(daily, "0.3", submit=False)
    third["entries"][0]["unit"] = "day"
    assert wire.post("/v1/timesheets", third).codes == [("day_parts", "/entries/0/quantity")]

    on_hourly = sheet(hourly, "0.25", submit=False)
    on_hourly["entries"][0]["unit"] = "day"
    refused = wire.post("/v1/timesheets", on_hourly)
    assert refused.codes == [("unit_differs", "/entries/0/unit")]
    assert wire.every("/v1/timesheets", assignment=hourly.asg)[0]["total"] == "8.00"
    assert other_wire.every("/v1/timesheets") == []


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"worked_on": "2026-06-09", "quantity": "8"}, "outside_period"),
        ({"worked_on": "2026-06-01"}, "required"),
        ({"worked_on": "2026-06-01", "quantity": "8", "break_minutes": 30}, "break_without_clock"),
        ({"worked_on": "2026-06-01", "started_at": "2026-06-01T08:00:00Z"}, "clock_half"),
        (clocked("2026-06-01", "16:00:00", "08:00:00"), "clock_unfit"),
        (clocked("2026-06-01", "08:00:00", "09:00:00", 90), "clock_unfit"),
        (clocked("2026-06-01", "08:00:00", "09:00:00") | {"worked_on": "2026-06-02"},
         "clock_on_another_day"),
        (clocked("2026-06-01", "08:00:00", "09:00:00") | {"quantity": "1"}, "quantity_and_clock"),
    ],
)  # fmt: skip
def test_time_that_cannot_be_is_refused_and_nothing_is_kept(wire, post, entry, code):
    sent = {"assignment": post.asg, "starts_on": "2026-06-01", "entries": [entry]}

    reply = wire.post("/v1/timesheets", sent)

    assert (reply.status, reply.codes[0][0]) == (422, code)
    assert wire.every("/v1/timesheets") == []


def test_every_fault_of_a_sheet_is_told_at_once(wire, post):
    sent = sheet(post, "8", "8")
    sent["entries"][0]["worked_on"] = "2026-07-01"
    sent["entries"][1] |= {"unit": "day"}

    assert {code for code, _ in wire.post("/v1/timesheets", sent).codes} == {
        "outside_period",
        "unit_differs",
    }


def test_clock_times_are_never_reported_twice(wire, post):
    sent = sheet(post, submit=False)
    sent["entries"] = [
        clocked("2026-06-01", "08:00:00", "12:00:00"),
        clocked("2026-06-01", "11:00:00", "15:00:00"),
    ]

    assert wire.post("/v1/timesheets", sent).codes == [("clock_overlaps", "/entries/1/started_at")]


def test_the_same_external_id_with_the_same_time_changes_nothing(wire, post):
    sent = sheet(post, "8", external_id="T-1")
    first = wire.post("/v1/timesheets", sent).done()

    again = wire.post("/v1/timesheets", sent).done()
    other = wire.post("/v1/timesheets", sheet(post, "9", external_id="T-1"))
    elsewhere = wire.post(
        "/v1/timesheets", sheet(post, "8", external_id="T-1", starts_on=MONDAY + timedelta(7))
    )

    assert again.body == first.body
    assert (other.status, other.code) == (409, "illegal_move")
    assert (elsewhere.status, elsewhere.code) == (409, "external_id_taken")


def test_a_batch_keeps_what_is_good_and_names_what_is_not(agency, wire):
    first, second, third = in_books(agency, lambda: posts(agency, 3))
    bad = sheet(second, "8")
    bad["entries"][0]["worked_on"] = "2026-07-01"
    unknown = sheet(third, "8") | {"assignment": "asg_" + "0" * 26}
    twin = sheet(first, "4")

    reply = wire.post(
        "/v1/timesheets/batch", {"timesheets": [sheet(first, "8"), bad, unknown, twin, {}]}
    ).done()

    assert reply.status == 207
    assert (reply["done"], reply["refused"]) == (1, 4)
    codes = [result["problem"] and result["problem"]["code"] for result in reply["results"]]
    assert codes == [None, "outside_period", "not_found", "sheet_twice", "required"]
    assert [row["total"] for row in wire.every("/v1/timesheets")] == ["8.00"]


def test_many_sheets_are_accepted_and_done_by_and_by(agency, wire):
    many = in_books(agency, lambda: posts(agency, 120))
    sent = [sheet(post, "8") for post in many]

    reply = wire.post("/v1/timesheets/batch", {"timesheets": sent}, key="many").done()
    assert reply.status == 202
    attend(agency)

    done = wire.get(f"/v1/operations/{reply['id']}").done()
    assert (done["state"], done["done"], done["failed"]) == ("succeeded", 120, 0)
    rows = wire.every("/v1/timesheets", status="submitted", limit=200)
    assert len(rows) == 120


def test_lines_of_a_file_become_periods_and_a_bad_period_is_left_alone(agency, wire):
    first, second = in_books(agency, lambda: posts(agency, 2))
    file = (
        "assignment,worked_on,quantity,code\n"
        f"{first.asg},2026-06-01,8,regular\n"
        f"{first.asg},2026-06-02,7.5,regular\n"
        f"{second.asg},2026-06-01,8,regular\n"
        f"{second.asg},2026-06-02,-8,regular\n"
        f"{second.asg},2026-05-02,8,regular\n"
        f"{second.asg},2026-06-09,6,regular\n"
    )

    reply = wire.post("/v1/timesheets/import", file, media="text/csv").done()

    assert (reply["done"], reply["refused"]) == (3, 3)
    told = [(row["line"], row["problem"] and row["problem"]["code"]) for row in reply["results"]]
    assert told == [
        (2, None), (3, None), (4, "period_refused"), (5, "invalid_decimal"),
        (6, "outside_assignment"), (7, None),
    ]  # fmt: skip
    totals = {row["assignment"]: row["total"] for row in wire.every("/v1/timesheets")}
    assert totals == {first.asg: "15.50", second.asg: "6.00"}


def test_a_line_without_a_readable_day_holds_the_whole_assignment(agency, wire, post):
    file = f"assignment,worked_on,quantity\n{post.asg},2026-06-01,8\n{post.asg},someday,8\n"

    reply = wire.post("/v1/timesheets/import", file, media="text/csv").done()

    assert [row["outcome"] for row in reply["results"]] == ["refused", "refused"]
    assert wire.every("/v1/timesheets") == []


def test_a_dry_run_of_a_file_keeps_nothing(agency, wire, post):
    file = f"assignment,worked_on,quantity\n{post.asg},2026-06-01,8\n"

    reply = wire.post("/v1/timesheets/import?dry_run=true", file, media="text/csv").done()

    assert (reply["done"], reply["refused"]) == (1, 0)
    assert wire.every("/v1/timesheets") == []


@pytest.mark.capability("TC-25")
def test_400_hours_typed_for_40_trip_and_may_be_overridden_with_a_reason(
    agency, other_agency, wire, owner, other_wire
):
    ada, ben = in_books(agency, lambda: posts(agency, 2))
    in_books(other_agency, lambda: posts(other_agency, 2))
    days = ["24.5"] + ["16"] * 5
    typed = wire.post("/v1/timesheets", sheet(ada, *days, submit=False)).done()["id"]

    refused = wire.post(f"/v1/timesheets/{typed}/submit", {})
    assert refused.status == 422
    assert [code for code, _ in refused.codes] == ["week_too_long", "day_too_long"]
    assert all(fault["overridable"] for fault in refused.body["errors"])
    (found,) = exceptions(agency, "timesheet_validation")
    assert (found["state"], found["owner_role"]) == ("open", "ops_payroll")

    accept = {"overrides": ["week_too_long", "day_too_long"], "reason": "double shifts, seen"}
    by_key = wire.post(f"/v1/timesheets/{typed}/submit", accept)
    assert (by_key.status, by_key.code) == (403, "scope_missing")
    silent = owner.post(f"/v1/timesheets/{typed}/submit", accept | {"reason": ""})
    assert silent.codes == [("reason_missing", "/reason")]
    done = owner.post(f"/v1/timesheets/{typed}/submit", accept).done()
    assert done["status"] == "submitted"
    assert done["overrides"][0]["reason"] == "double shifts, seen"
    assert exceptions(agency, "timesheet_validation")[0]["state"] == "resolved"

    fatal = owner.post("/v1/timesheets", sheet(ben, "400") | accept)
    # the doubt that was overridden is gone, the one that nobody can override is not
    assert [code for code, _ in fatal.codes] == ["more_than_a_day"]
    assert not fatal.body["errors"][-1]["overridable"]
    assert wire.every("/v1/timesheets", assignment=ben.asg) == []
    assert exceptions(other_agency, "timesheet_validation") == []


@pytest.mark.capability("TC-23")
def test_sheets_are_there_by_themselves_also_after_an_extension(
    agency, other_agency, wire, owner, other_wire
):
    on = MONDAY + timedelta(21)
    post = in_books(agency, lambda: posts(agency, starts_on=MONDAY, ends_on=date(2026, 6, 10)))[0]
    in_books(other_agency, lambda: posts(other_agency, ends_on=date(2026, 6, 10)))
    play_clock(agency, on)
    assert weeks(wire) == [("2026-06-01", "2026-06-07"), ("2026-06-08", "2026-06-10")]

    known = wire.get(f"/v1/assignments/{post.asg}").done()
    wire.patch(
        f"/v1/assignments/{post.asg}", {"ends_on": "2026-07-05"}, match=known.headers["ETag"]
    ).done()
    play_clock(agency, on)

    assert weeks(wire) == [
        ("2026-06-01", "2026-06-07"),
        ("2026-06-08", "2026-06-14"),  # the one that was cut short is whole again
        ("2026-06-15", "2026-06-21"),
        ("2026-06-22", "2026-06-28"),
    ]
    assert other_wire.every("/v1/timesheets") == []


def weeks(wire):
    rows = wire.every("/v1/timesheets", sort="starts_on")
    return [(row["starts_on"], row["ends_on"]) for row in rows]


def play_clock(place, on):
    """What the clock starts on the morning of a day."""
    from datetime import UTC, datetime, time

    from backline.assignments.tasks import follow_the_days as assignments
    from backline.timesheets.tasks import follow_the_days as timesheets

    at = datetime.combine(on, time(9), UTC)
    in_books(place, lambda: assignments(at=at))
    in_books(place, lambda: timesheets(at=at))
    attend(place)


def test_an_extension_after_the_week_was_handed_in_opens_the_rest_of_it(agency, wire):
    post = in_books(agency, lambda: posts(agency, ends_on=date(2026, 6, 3)))[0]
    wire.post("/v1/timesheets", sheet(post, "8", "8", "8")).done()
    known = wire.get(f"/v1/assignments/{post.asg}").done()
    wire.patch(
        f"/v1/assignments/{post.asg}", {"ends_on": "2026-06-30"}, match=known.headers["ETag"]
    ).done()

    rest = sheet(post, "8", starts_on=date(2026, 6, 4))
    wire.post("/v1/timesheets", rest).done()

    assert weeks(wire) == [("2026-06-01", "2026-06-03"), ("2026-06-04", "2026-06-07")]


def test_a_sheet_behind_a_new_end_is_voided_when_it_is_empty(agency, wire):
    post = in_books(agency, lambda: posts(agency))[0]
    play_clock(agency, MONDAY + timedelta(14))
    wire.post("/v1/timesheets", sheet(post, "8", starts_on=MONDAY + timedelta(14), submit=False))
    known = wire.get(f"/v1/assignments/{post.asg}").done()

    wire.patch(
        f"/v1/assignments/{post.asg}", {"ends_on": "2026-06-05"}, match=known.headers["ETag"]
    ).done()
    attend(agency)

    rows = wire.every("/v1/timesheets", sort="starts_on")
    assert [(row["ends_on"], row["status"]) for row in rows] == [
        ("2026-06-05", "draft"),
        ("2026-06-14", "voided"),
        ("2026-06-21", "draft"),  # it holds time, so somebody has to look at it
    ]


def test_entries_of_one_sheet_are_replaced_whole_until_it_is_handed_in(wire, post):
    made = wire.post("/v1/timesheets", sheet(post, "8", submit=False)).done()["id"]

    one = {"entries": [{"worked_on": "2026-06-02", "quantity": "4"}]}
    assert wire.put(f"/v1/timesheets/{made}/entries", one).done()["total"] == "4.00"
    wire.post(f"/v1/timesheets/{made}/submit", {}).done()
    late = wire.put(f"/v1/timesheets/{made}/entries", one)
    assert (late.status, late.code) == (409, "illegal_move")

    wire.post(f"/v1/timesheets/{made}/recall", {}).done()
    assert wire.put(f"/v1/timesheets/{made}/entries", {"entries": []}).done()["total"] == "0.00"


def test_a_week_cannot_be_reported_for_an_assignment_that_may_not_start(agency, wire, post):
    from backline.assignments.models import Assignment

    in_books(agency, lambda: Assignment.objects.update(status="confirmed"))

    reply = wire.post("/v1/timesheets", sheet(post, "8"))

    assert (reply.status, reply.code) == (409, "assignment_not_ready")


def test_a_week_named_by_its_first_day_is_found_though_work_began_within_it(agency, wire):
    post = in_books(agency, lambda: posts(agency, starts_on=date(2026, 6, 3)))[0]
    sent = sheet(post, "", "", "8")

    reply = wire.post("/v1/timesheets", sent).done()

    assert (reply["starts_on"], reply["ends_on"]) == ("2026-06-03", "2026-06-07")


def test_the_other_agencys_sheets_do_not_exist_here(agency, other_agency, wire, other_wire):
    ours = in_books(agency, lambda: posts(agency))[0]
    theirs = in_books(other_agency, lambda: posts(other_agency))[0]
    approved(other_wire, theirs, "8")
    hidden = other_wire.every("/v1/timesheets")[0]["id"]

    assert wire.get(f"/v1/timesheets/{hidden}").status == 404
    assert wire.post(f"/v1/timesheets/{hidden}/approve", {}).status == 404
    assert wire.post("/v1/timesheets", sheet(theirs, "8")).status == 404
    many = wire.post("/v1/timesheets/void", {"timesheets": [hidden]}).done()
    assert many["results"][0]["problem"]["code"] == "not_found"
    assert wire.post("/v1/timesheets", sheet(ours, "8")).done()["status"] == "submitted"


def test_clients_have_terms(agency):
    """The builder of these tests makes what it says."""
    assert len(in_books(agency, lambda: client_of(agency))) == 3
