"""The week's deeds done by hand, in a real browser, with real commits; each page is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core import mail

from backline.kernel import ids
from tests.pages import live
from tests.pages.world import NOW, OFFICE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.pages.browsers import Somebody
    from tests.pages.conftest import Stage

pytestmark = pytest.mark.browser


def test_an_approver_follows_the_mailed_link_on_a_phone(committed_stage: Stage, settings) -> None:
    """Staff chase Chloe's week; the mail leaves; its link approves, once."""
    from backline.timesheets import actions
    from backline.timesheets.models import Timesheet
    from tenants import letters

    world, found = committed_stage.mine, []
    with live.serving() as address, live.browsing() as browser:
        settings.STAGE, settings.SITE_URL = "demo", address
        mail.outbox.clear()
        with world.books():
            actions.chase([world.sheets["Chloe"]], **OFFICE, at=NOW)
        letters.send_due(world.place.ref, at=NOW)
        with live.window(browser, size="phone") as page:
            page.goto(f"{address}/dev/mail/?to=colin")
            found += live.everywhere(page, "mailbox")
            page.click("text=Hours of Chloe Novak")
            found += live.everywhere(page, "mail")
            page.click(".letter a")
            page.wait_for_url("**/a/**")
            link = page.url
            page.click("summary")
            page.fill("#email", "colin@pennine.example")
            page.fill("#reason", "Was Friday a half day?")
            page.click("text=Ask about it")
            page.wait_for_selector("text=You asked:")
            found += live.everywhere(page, "approve-asked")
            page.click("text=Something is not right")
            page.fill("#email", "colin@pennine.example")
            page.fill("#reason", "   ")
            page.click("text=Send it back")
            page.wait_for_selector(".problem")
            found += live.everywhere(page, "approve-problem")
            page.click("text=Approve 40.00 hours")
            page.wait_for_selector(".done")
            assert page.inner_text("h1") == "Approved"
            found += live.everywhere(page, "approved")
            page.goto(link)
            assert page.query_selector("form") is None
    assert found == []
    sheet = world.read(lambda: Timesheet.objects.get(pk=world.sheets["Chloe"]))
    assert (sheet.status, sheet.decided_by["name"]) == ("approved", "Colin Braithwaite")


def test_a_worker_enters_a_week_on_a_phone(committed_stage: Stage) -> None:
    from backline.timesheets.models import Timesheet

    world, found = committed_stage.mine, []
    token = world.link("Dan")
    with (
        live.serving() as address,
        live.browsing() as browser,
        live.window(browser, size="phone") as page,
    ):
        page.goto(f"{address}/w/{token}")
        page.click("text=Same as last week")
        page.wait_for_selector("text=40.00 hours")
        page.fill("#hours-2026-06-12", "eight")
        page.click("text=Send for approval")
        page.wait_for_selector(".problem")
        found += live.everywhere(page, "worker-problem")
        page.fill("#hours-2026-06-12", "6.5")
        page.click("text=Save")
        page.wait_for_selector("text=38.50 hours")
        page.click("text=Send for approval")
        page.wait_for_selector("text=With Pennine Foods")
        found += live.everywhere(page, "worker-sent")
    assert found == []
    sheet = world.read(lambda: Timesheet.objects.get(pk=world.sheets["Dan"]))
    assert (sheet.status, str(sheet.total)) == ("submitted", "38.50")


def test_pay_is_approved_and_released_by_two_people(committed_stage: Stage) -> None:
    """The owner opens the board and approves; somebody of the partner enters, and lets it go."""
    from backline.payroll.models import PaymentFile, PayRun

    world, people = committed_stage.twin, committed_stage.people
    with live.serving() as address, live.browsing() as browser:
        with live.window(browser) as page:
            live.signs_in(page, address, people["twin_owner"])
            found = approves(page, people["twin_owner"])
        with live.window(browser) as page:
            live.signs_in(page, address, people["admin"])
            run = f"/pay-runs/{ids.public('run', world.run)}"
            page.goto(f"{address}/agencies/{world.place.ref}?next={run}")
            found += releases(page, people["admin"])
    assert found == []
    assert world.read(lambda: PayRun.objects.get(pk=world.run).state) == "released"
    assert world.read(lambda: PaymentFile.objects.filter(run=world.run).count()) == 1


def approves(page: Page, nora: Somebody) -> list[str]:
    """From the board to the run, a wrong code, a right one."""
    assert page.inner_text("h1") == "8 to 14 June 2026"
    page.click("a.step:has-text('Approve')")
    page.click("text=Weekly PAYE, 8 to 14 June 2026")
    page.fill("#code", "000000")
    page.click("button:has-text('Approve this pay run')")
    page.wait_for_selector("text=The code was not right")
    found = live.everywhere(page, "pay-run-problem")
    page.fill("#code", nora.code())
    page.click("button:has-text('Approve this pay run')")
    page.wait_for_selector("text=Take the approval back")
    return found + live.everywhere(page, "pay-run-approved")


def releases(page: Page, rita: Somebody) -> list[str]:
    """In by a reason, the money out with a code, the bank's file fetched, and out again."""
    page.fill("#reason", "no")
    page.click("text=Enter for an hour")
    page.wait_for_selector(".problem")
    found = live.everywhere(page, "enter-problem")
    page.fill("#reason", "Release of the weekly pay")
    page.click("text=Enter for an hour")
    page.wait_for_selector("text=You act inside Acorn Staffing")
    found += live.everywhere(page, "pay-run-release")
    page.fill("#code", rita.code())
    page.click("button:has-text('Release £1,112.66')")
    page.wait_for_selector("text=Bank file")
    found += live.everywhere(page, "pay-run-released")
    with page.expect_download() as download:
        page.click("text=Fetch it")
    assert download.value.path().read_bytes().startswith(b"VOL1")
    page.click("text=Leave")
    page.wait_for_selector("text=Northstar Partners")
    return found


def test_an_exception_is_taken_on_and_settled(committed_stage: Stage) -> None:
    from backline.desk.models import Trouble

    world, found = committed_stage.mine, []
    with live.serving() as address, live.browsing() as browser, live.window(browser) as page:
        live.signs_in(page, address, committed_stage.people["owner"])
        page.click("text=Exceptions")
        page.click("text=A worker cannot be paid in this run")
        page.click("text=Take it on")
        page.wait_for_selector("text=Taken on by Nora Blake")
        found += live.everywhere(page, "exception-taken")
        page.click("button:has-text('Resolve')")
        page.wait_for_selector(".problem")
        found += live.everywhere(page, "exception-problem")
        page.fill("#reason", "Dan brought his account")
        page.click("button:has-text('Resolve')")
        page.wait_for_selector("text=Closed: Dan brought his account")
        found += live.everywhere(page, "exception-closed")
    assert found == []
    trouble = world.read(lambda: Trouble.objects.get(kind="pay_run_blocked"))
    assert (trouble.state, trouble.closed_by["name"]) == ("resolved", "Nora Blake")


def test_a_run_that_is_worked_out_shows_its_figures_by_itself(committed_stage: Stage) -> None:
    """The page asks again while the worker calculates; nobody reloads it."""
    from backline.kernel import operations
    from backline.payroll import actions
    from tests.pages.world import APPROVER, PREPARER

    world = committed_stage.mine
    with world.books():
        actions.reject(world.run, reason="again", actor=APPROVER, at=NOW)
        actions.calculate(world.run, actor=PREPARER, at=NOW)
    with live.serving() as address, live.browsing() as browser, live.window(browser) as page:
        live.signs_in(page, address, committed_stage.people["owner"].forgets())
        page.goto(f"{address}/pay-runs/{ids.public('run', world.run)}")
        page.wait_for_selector("text=Every payslip is being worked out.")
        assert live.everywhere(page, "pay-run-calculating") == []
        with world.books():
            while (due := operations.next_due()) is not None:
                operations.run_chunk(due, NOW)
        page.wait_for_selector("text=It waits to be handed in by whoever prepares pay.")
