"""Pay runs on a page: three people, a fresh code, and exactly the figures that were shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backline.kernel import ids
from backline.kernel.actors import Actor
from backline.kernel.papers.wording import MINUS
from tests.pages.world import APPROVER, NOW, PREPARER


@pytest.fixture
def path(stage):
    """The page of the run that waits for approval."""
    return f"/pay-runs/{ids.public('run', stage.mine.run)}"


def run_of(world):
    from backline.payroll.models import PayRun

    return world.read(lambda: PayRun.objects.get(pk=world.run))


def calculated(world, *, by=PREPARER):
    """Work the run out and hand it in anew."""
    from backline.kernel import operations
    from backline.payroll import actions

    with world.books():
        operation = actions.calculate(world.run, actor=by, at=NOW)
        while operations.run_chunk(operation.pk, NOW):
            pass
        actions.submit(world.run, actor=by, at=NOW)


def approve_another_hour(world):
    """Chloe's week comes in after all, so that the figures are others."""
    from backline.payroll import actions as payroll
    from backline.timesheets import actions

    with world.books():
        actions.approve([world.sheets["Chloe"]], actor=APPROVER, at=NOW)
        payroll.reject(world.run, reason="Chloe is in", actor=APPROVER, at=NOW)
    calculated(world)


def test_the_page_shows_what_a_second_person_needs(stage, browser, path):
    page = browser("owner").get(path).plain
    assert "Check Pat Lind, today, 10:30" in page
    assert "another person, by Wednesday 24 June" in page
    assert f"Net pay £1,112.66 {MINUS}£681.70 on last time" in page
    assert "1 worker cannot be paid yet Dan Abbott: No approved bank account is known." in page
    assert "Chloe Novak paid £551.38 last time Not this time" in page
    assert "Ben Carter N-401 32.00 h £566.63 £540.66 £670.98" in page


def test_the_owner_approves_with_a_fresh_code(stage, browser, path):
    nora = browser("owner")
    seen = run_of(stage.mine).digest
    assert nora.fill(path, "approve", code=stage.people["owner"].code()).status == 303
    run = run_of(stage.mine)
    assert (run.state, run.approved_digest) == ("approved", seen)
    page = nora.get(path).plain
    assert "Nora Blake" in page
    assert "Take the approval back" in page


def test_without_a_fresh_code_nothing_is_approved(stage, browser, path):
    nora = browser("owner")
    used = stage.people["owner"]
    for code in ("", "000000", "12345678901234567890"):
        answer = nora.fill(path, "approve", code=code)
        assert answer.status == 422
        assert "The code was not right" in answer.plain
    assert run_of(stage.mine).state == "submitted"
    assert nora.fill(path, "approve", code=used.code()).status == 303


def test_a_code_that_signed_in_does_not_approve_as_well(stage, browser, path):
    from tests.pages.browsers import Browser

    nora, somebody = Browser(), stage.people["owner"]
    code = somebody.code()
    step = nora.fill("/sign-in", email=somebody.email, password="a long sentence nobody says")
    assert nora.send(step, code=code).status == 303
    assert nora.fill(path, "approve", code=code).status == 422
    assert run_of(stage.mine).state == "submitted"


def test_other_figures_than_those_shown_are_not_approved(stage, browser, path):
    """The page was opened, the run was worked out again, and then the button is pressed."""
    nora = browser("owner")
    opened = nora.get(path)
    approve_another_hour(stage.mine)

    answer = nora.send(opened, "approve", code=stage.people["owner"].code())
    assert answer.status == 409
    assert "The figures have changed" in answer.plain
    assert run_of(stage.mine).state == "submitted"
    assert nora.send(answer, "approve", code=stage.people["owner"].code()).status == 303
    assert run_of(stage.mine).state == "approved"


def test_without_the_fingerprint_nothing_is_approved(stage, browser, path):
    nora = browser("owner")
    values = nora.get(path).form("approve")[1]
    for seen in ("", "0" * 64):
        given = values | {"seen": seen, "deed": "approve", "code": stage.people["owner"].code()}
        assert nora.post(path, given).status == 409
    assert run_of(stage.mine).state == "submitted"


def test_a_second_click_approves_nothing_again(stage, browser, path):
    nora = browser("owner")
    opened = nora.get(path)
    assert nora.send(opened, "approve", code=stage.people["owner"].code()).status == 303
    before = run_of(stage.mine)
    again = nora.send(opened, "approve", code=stage.people["owner"].code())
    assert again.status == 409
    after = run_of(stage.mine)
    assert (after.version, after.approved_at) == (before.version, before.approved_at)


def test_sending_back_takes_a_reason(stage, browser, path):
    nora = browser("owner")
    answer = nora.fill(path, "reject", code=stage.people["owner"].code(), reason=" ")
    assert answer.status == 422
    assert "Say why the run is rejected." in answer.plain
    sent = nora.fill(path, "reject", code=stage.people["owner"].code(), reason="Ben is short a day")
    assert sent.status == 303
    run = run_of(stage.mine)
    assert (run.state, run.reject_reason) == ("rejected", "Ben is short a day")
    assert "Sent back: Ben is short a day" in nora.get(path).plain


def test_three_people_pay_a_week(stage, browser, path):
    from backline.payroll.models import PaymentFile, Payslip

    nora, rita = browser("owner"), browser("admin", inside=stage.mine.place)
    assert 'value="approve"' not in rita.get(path).text
    nora.fill(path, "approve", code=stage.people["owner"].code())
    opened = rita.get(path)
    assert "Release £1,112.66" in opened.plain
    assert rita.send(opened, "release", code=stage.people["admin"].code()).status == 303

    run = run_of(stage.mine)
    assert run.state == "released"
    with stage.mine.books():
        assert set(Payslip.objects.filter(run=run.pk).values_list("run__is_final", flat=True)) == {
            True
        }
        file = PaymentFile.objects.get(run=run.pk)
    page = rita.get(path)
    assert file.sha256 in page.plain
    assert "Bank file" in page.plain

    again = rita.send(opened, "release", code=stage.people["admin"].code())
    assert again.status == 409
    assert stage.mine.read(lambda: PaymentFile.objects.filter(run=run.pk).count()) == 1


def test_who_prepared_is_told_that_another_approves_and_releases(stage, browser, path):
    from backline.payroll import actions

    pat = browser("payroll", inside=stage.mine.place)
    person = Actor("person", _id_of(stage.people["payroll"]), "Pat Lind", "ops_payroll")
    with stage.mine.books():
        actions.reject(stage.mine.run, reason="again", actor=APPROVER, at=NOW)
    calculated(stage.mine, by=person)
    waits = pat.get(path)
    assert "You prepared this pay run, so another person approves it." in waits.plain
    assert 'name="code"' not in waits.text

    with stage.mine.books():
        actions.approve(stage.mine.run, actor=APPROVER, at=NOW)
    waits = pat.get(path)
    assert "You prepared this pay run, so another person releases it." in waits.plain
    given = waits.carried | {
        "deed": "release",
        "seen": run_of(stage.mine).digest,
        "code": stage.people["payroll"].code(),
    }
    assert pat.post(path, given).status == 403
    assert run_of(stage.mine).state == "approved"


def test_a_page_never_approves_for_a_role_that_may_not(stage, browser, path):
    for who, inside in (("auditor", None), ("payroll", stage.mine.place)):
        somebody = browser(who, inside=inside)
        page = somebody.get(path)
        assert 'value="approve"' not in page.text
        given = page.carried | {
            "deed": "approve",
            "seen": run_of(stage.mine).digest,
            "code": stage.people[who].code(),
        }
        assert somebody.post(path, given).status == 403
    assert run_of(stage.mine).state == "submitted"


def test_pay_is_worked_out_again_and_handed_in_from_the_page(stage, browser, path):
    from backline.kernel import operations

    nora, pat = browser("owner"), browser("payroll", inside=stage.mine.place)
    nora.fill(path, "reject", code=stage.people["owner"].code(), reason="once more")
    assert pat.fill(path, "calculate").status == 303
    waiting = pat.get(path)
    assert "Every payslip is being worked out." in waiting.plain
    assert 'hx-trigger="every 2s"' in waiting.text
    with stage.mine.books():
        while (due := operations.next_due()) is not None:
            operations.run_chunk(due, NOW)
    assert pat.fill(path, "submit").status == 303
    assert run_of(stage.mine).state == "submitted"


def test_after_the_last_day_of_approval_it_is_told_what_to_do(stage, browser, path):
    from tests.pages.world import move_clock

    nora = browser("owner")
    move_clock(stage.mine.place, NOW + timedelta(days=10))
    answer = nora.fill(path, "approve", code=stage.people["owner"].code())
    assert answer.status == 409
    assert "give it another pay day" in answer.plain


def test_papers_are_fetched_and_it_is_kept_by_whom(stage, browser):
    from backline.kernel.models import Event
    from backline.payroll.models import PaymentFile, Payslip

    with stage.mine.books():
        slip = Payslip.objects.filter(run=stage.mine.paid).order_by("id")[0].public_id
        file = PaymentFile.objects.get(run=stage.mine.paid).public_id
    paid = f"/pay-runs/{ids.public('run', stage.mine.paid)}"
    nora = browser("owner")
    paper = nora.client.get(f"{paid}/statements/{slip}")
    assert (paper.status_code, paper.headers["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF")
    assert "attachment" in paper.headers["Content-Disposition"]

    assert nora.get(f"{paid}/files/{file}").status == 403
    pat = browser("payroll", inside=stage.mine.place)
    fetched = pat.client.get(f"{paid}/files/{file}")
    assert fetched.content.startswith(b"VOL1")
    with stage.mine.books():
        readers = Event.objects.filter(name__endswith=".fetched").order_by("id")
        assert [row.actor["name"] for row in readers] == ["Nora Blake", "Pat Lind"]


def test_a_draft_has_no_paper_yet(stage, browser, path):
    from backline.payroll.models import Payslip

    with stage.mine.books():
        slip = Payslip.objects.filter(run=stage.mine.run)[0].public_id
    assert browser("owner").get(f"{path}/statements/{slip}").status == 404


def test_the_page_takes_as_many_statements_for_many_as_for_few(stage, browser, path):
    from tests.pages.test_board import statements

    nora = browser("owner")
    few = statements(nora, path)
    approve_another_hour(stage.mine)
    assert statements(nora, path) == few


def _id_of(somebody):
    from tenants import tenancy
    from tenants.access.models import Person

    with tenancy.shared():
        return Person.objects.get(email=somebody.email).public_id
