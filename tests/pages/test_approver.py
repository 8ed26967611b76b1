"""The approver's link: opening it decides nothing; one person, one week, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.pages.browsers import Browser
from tests.pages.world import FIRST, NOW, OFFICE, move_clock

COLIN = {"email": "colin@pennine.example"}


@pytest.fixture
def token(stage):
    """A link to Chloe's week, sent to Colin Braithwaite."""
    return stage.mine.link("Chloe")


def sheet_of(world, name="Chloe"):
    from backline.timesheets.models import Timesheet

    return world.read(lambda: Timesheet.objects.get(pk=world.sheets[name]))


def test_the_page_shows_the_week_beside_the_one_before(stage, token):
    page = Browser().get(f"/a/{token}").plain
    assert "Approve a week Chloe Novak Packer, Pennine Foods" in page
    assert "Monday 8 June, 06:00 to 14:30, 30 min break 8.00 8.00" in page
    assert "Approve 40.00 hours" in page
    assert "Your work e-mail The address that this link was sent to." in page
    assert "colin@pennine.example" not in page
    assert "payroll@acorn.example" in page


def test_approving_prices_the_week_and_says_by_whom(stage, token):
    from backline.charges.models import Charge

    browser, path = Browser(), f"/a/{token}"
    assert browser.fill(path, "approve", **COLIN).status == 303
    sheet = sheet_of(stage.mine)
    assert sheet.status == "approved"
    assert sheet.decided_by["kind"] == "link"
    assert sheet.decided_by["name"] == "Colin Braithwaite"
    assert sheet.decided_by["email"] == "colin@pennine.example"
    charges = stage.mine.read(lambda: Charge.objects.filter(timesheet=sheet.pk).count())
    assert charges

    page = browser.get(path)
    assert page.status == 200
    assert "Approved Chloe Novak, 8 to 14 June 2026: 40.00 hours" in page.plain
    assert "<form" not in page.text


def test_a_second_click_changes_nothing(stage, token):
    browser = Browser()
    opened = browser.get(f"/a/{token}")
    assert browser.send(opened, "approve", **COLIN).status == 303
    before = sheet_of(stage.mine)
    for deed in ("approve", "reject"):
        again = browser.send(opened, deed, reason="changed my mind", **COLIN)
        assert again.status == 409
        assert "Approved Chloe Novak" in again.plain
    after = sheet_of(stage.mine)
    assert (after.status, after.decided_at, after.version) == (
        "approved",
        before.decided_at,
        before.version,
    )


def test_sending_back_takes_words_and_reaches_the_worker(stage, token):
    from backline.desk.models import Message

    browser, path = Browser(), f"/a/{token}"
    empty = browser.fill(path, "reject", reason="  ", **COLIN)
    assert empty.status == 422
    assert "Say what is wrong" in empty.plain
    assert sheet_of(stage.mine).status == "submitted"
    assert browser.fill(path, "reject", reason="Friday ended at 12:00", **COLIN).status == 303

    sheet = sheet_of(stage.mine)
    assert (sheet.status, sheet.reject_reason) == ("rejected", "Friday ended at 12:00")
    assert "Sent back Chloe Novak" in browser.get(path).plain
    letter = stage.mine.read(lambda: Message.objects.get(kind="timesheet_rejected"))
    assert letter.to_address == "chloe@workers.example"
    assert "/w/" in letter.body


def test_asking_decides_nothing_and_lands_on_the_desk_once(stage, token):
    from backline.desk.models import Trouble

    browser, path = Browser(), f"/a/{token}"
    for _ in range(2):
        assert browser.fill(path, "query", reason="Was Friday a half day?", **COLIN).status == 303
    assert sheet_of(stage.mine).status == "submitted"
    trouble = stage.mine.read(lambda: Trouble.objects.get(kind="disputed_hours"))
    assert (trouble.state, trouble.detail) == ("open", "Was Friday a half day?")
    page = browser.get(path).plain
    assert "You asked: Was Friday a half day?" in page
    assert "Approve 40.00 hours" in page

    assert browser.fill(path, "approve", **COLIN).status == 303
    closed = stage.mine.read(lambda: Trouble.objects.get(kind="disputed_hours"))
    assert closed.state == "resolved"


def test_a_purchase_order_is_asked_for_where_the_client_wants_one(stage, token):
    from backline.directory import actions as directory

    with stage.mine.books():
        terms = directory.NewTerms(since=FIRST, po_required=True)
        directory.agree_terms(stage.mine.client, terms, **OFFICE, at=NOW)
    browser, path = Browser(), f"/a/{token}"
    assert "Purchase order number" in browser.get(path).plain
    refused = browser.fill(path, "approve", **COLIN)
    assert refused.status == 422
    assert "This client wants a purchase order number." in refused.plain
    assert browser.fill(path, "approve", po_number="PO-4401", **COLIN).status == 303
    assert sheet_of(stage.mine).po_number == "PO-4401"


@pytest.mark.capability("TC-06")
def test_a_forwarded_link_is_refused_to_a_colleague_and_the_try_is_kept(stage, token):
    from backline.kernel.models import Event

    refused = Browser().fill(f"/a/{token}", "approve", name="Mallory", email="mal@pennine.example")
    assert refused.status == 422
    assert "This is not whom the link was sent to." in refused.plain
    assert sheet_of(stage.mine).status == "submitted"
    tries = stage.mine.read(
        lambda: [row.facts for row in Event.objects.filter(name="timesheet.approval_refused")]
    )
    assert [facts["given_email"] for facts in tries] == ["mal@pennine.example"]

    assert Browser().fill(f"/a/{token}", "approve", **COLIN).status == 303
    sheet = sheet_of(stage.mine)
    who = sheet.decided_by
    assert (who["name"], who["email"]) == ("Colin Braithwaite", "colin@pennine.example")
    assert "job_title" in who
    assert sheet.decided_at is not None


def test_a_link_dies_when_another_person_is_to_approve(stage, token):
    from backline.directory import actions as directory
    from backline.kernel.outcomes import one
    from backline.timesheets import actions

    told = {**OFFICE, "at": NOW}
    with stage.mine.books():
        other = directory.NewContact(
            client=stage.mine.client, name="Dora Lane", email="dora@pennine.example"
        )
        contact = one(directory.add_contacts([other], **told))
        actions.reassign(stage.mine.sheets["Chloe"], approver=contact, **told)
    page = Browser().get(f"/a/{token}")
    assert page.status == 410
    assert "This link is no longer needed" in page.plain
    assert "Chloe" not in page.plain


def test_a_week_that_changed_is_not_approved_by_the_old_link(stage, token):
    from backline.timesheets import actions

    browser = Browser()
    opened = browser.get(f"/a/{token}")
    told = {**OFFICE, "at": NOW}
    with stage.mine.books():
        actions.recall([stage.mine.sheets["Chloe"]], **told)
        actions.submit([stage.mine.sheets["Chloe"]], **told)
    answer = browser.send(opened, "approve")
    assert answer.status == 409
    assert sheet_of(stage.mine).status == "submitted"
    assert "no longer needed" in answer.plain


def test_a_link_runs_out(stage, token):
    browser = Browser()
    opened = browser.get(f"/a/{token}")
    move_clock(stage.mine.place, NOW + timedelta(days=15))
    page = browser.get(f"/a/{token}")
    assert (page.status, "This link has run out" in page.plain) == (410, True)
    assert "Chloe" not in page.plain
    assert browser.send(opened, "approve", **COLIN).status == 409
    assert sheet_of(stage.mine).status == "submitted"


@pytest.mark.parametrize("spoilt", ["cut", "swapped", "empty", "of nobody"])
def test_a_link_that_is_not_ours_opens_nothing(stage, token, spoilt):
    other = {
        "cut": token[:-4],
        "swapped": token[:-1] + ("a" if token[-1] != "a" else "b"),
        "empty": "x",
        "of nobody": "agy_1.2.3~sig",
    }[spoilt]
    page = Browser().get(f"/a/{other}")
    assert page.status == 404
    assert "This address opens nothing." in page.plain


def test_a_workers_link_approves_nothing(stage):
    token = stage.mine.link("Dan")
    assert Browser().get(f"/a/{token}").status == 404
    browser = Browser()
    browser.get("/sign-in")
    given = {
        "csrfmiddlewaretoken": browser.client.cookies["csrftoken"].value,
        "deed": "approve",
    }
    assert browser.post(f"/a/{token}", given).status == 404


def test_links_of_look_alike_firms_decide_each_their_own(stage):
    mine, twin = stage.mine.link("Chloe"), stage.twin.link("Chloe")
    assert Browser().fill(f"/a/{mine}", "approve", **COLIN).status == 303
    assert sheet_of(stage.mine).status == "approved"
    assert sheet_of(stage.twin).status == "submitted"
    assert Browser().fill(f"/a/{twin}", "reject", reason="No", **COLIN).status == 303
    assert sheet_of(stage.mine).status == "approved"
    assert sheet_of(stage.twin).status == "rejected"


def test_a_suspended_firm_answers_no_link(stage, token):
    from backline.kernel.actors import SYSTEM
    from tenants import tenancy
    from tenants.agencies import actions
    from tests.pages.world import key_of

    with tenancy.shared():
        actions.suspend(key_of(stage.mine.place), reason="a test", actor=SYSTEM, at=NOW)
    assert Browser().get(f"/a/{token}").status == 404
