"""What the pages brought along, over the API: a question about a week, a week that is kept."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.wire import Wire

COLIN = {
    "name": "Colin Braithwaite",
    "email": "colin@pennine.example",
    "job_title": "Shift manager",
}
DAN = {"name": "Dan Abbott", "email": "dan@workers.example"}
DAY = {"worked_on": "2026-06-08", "quantity": "7.50"}


def test_a_question_is_asked_over_the_api_and_decides_nothing(stage):
    from backline.desk.models import Trouble

    wire, path = Wire(), f"/v1/links/{stage.mine.link('Chloe')}"
    asked = wire.post(f"{path}/question", {**COLIN, "reason": "Was Friday a half day?"}).done()
    assert asked["status"] == "submitted"
    trouble = stage.mine.read(lambda: Trouble.objects.get(kind="disputed_hours"))
    assert (trouble.detail, trouble.owner_role) == ("Was Friday a half day?", "staff")

    again = wire.post(f"{path}/question", {**COLIN, "reason": "And Monday?"}).done()
    assert again["status"] == "submitted"
    open_ = stage.mine.read(lambda: list(Trouble.objects.filter(kind="disputed_hours").values()))
    assert [row["detail"] for row in open_] == ["And Monday?"]
    assert wire.get(path).done()["state"] == "open"


def test_sending_back_answers_a_question_as_well(stage):
    from backline.desk.models import Trouble

    wire, path = Wire(), f"/v1/links/{stage.mine.link('Chloe')}"
    wire.post(f"{path}/question", {**COLIN, "reason": "Was Friday a half day?"}).done()
    wire.post(f"{path}/reject", {**COLIN, "reason": "It was"}).done()
    trouble = stage.mine.read(lambda: Trouble.objects.get(kind="disputed_hours"))
    assert trouble.state == "resolved"


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({**COLIN, "reason": ""}, 422, "blank"),
        ({**COLIN, "email": "mallory@x.example", "reason": "?"}, 422, "identity_differs"),
        ({**COLIN}, 422, "required"),
    ],
)
def test_a_question_takes_words_and_the_right_person(stage, given, status, code):
    reply = Wire().post(f"/v1/links/{stage.mine.link('Chloe')}/question", given)
    assert (reply.status, code in str(reply.body)) == (status, True)


def test_time_that_is_decided_is_not_asked_about(stage):
    wire, path = Wire(), f"/v1/links/{stage.mine.link('Chloe')}"
    wire.post(f"{path}/approve", COLIN).done()
    late = wire.post(f"{path}/question", {**COLIN, "reason": "Was it?"})
    assert (late.status, late.code) == (409, "link_used")


def test_a_week_is_kept_over_the_api_without_being_sent(stage):
    from backline.timesheets.models import Timesheet

    wire, path = Wire(), f"/v1/links/{stage.mine.link('Dan')}"
    for _ in range(2):
        kept = wire.put(f"{path}/entries", {**DAN, "entries": [DAY]}).done()
        assert (kept["status"], kept["total"]) == ("draft", "7.50")
    sheet = stage.mine.read(lambda: Timesheet.objects.get(pk=stage.mine.sheets["Dan"]))
    assert (sheet.status, sheet.total) == ("draft", Decimal("7.50"))
    assert wire.get(path).done()["state"] == "open"
    sent = wire.post(f"{path}/enter", {**DAN, "entries": [DAY]}).done()
    assert sent["status"] == "submitted"


def test_an_approvers_link_keeps_no_time(stage):
    path = f"/v1/links/{stage.mine.link('Chloe')}/entries"
    assert Wire().put(path, {**COLIN, "entries": [DAY]}).status == 404
