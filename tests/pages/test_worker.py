"""The worker's link: a week typed, saved, handed in; own payslips and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.pages.browsers import Browser
from tests.pages.world import APPROVER, NOW, move_clock

COPIED = (
    "run_id", "worker_id", "country", "tax_year", "pay_on", "currency", "gross", "taken", "net",
    "employer_cost", "situation", "pack",
)  # fmt: skip
MONDAY, TUESDAY = "2026-06-08", "2026-06-09"


@pytest.fixture
def path(stage):
    """Dan's page; his week is empty."""
    return f"/w/{stage.mine.link('Dan')}"


def hours_of(world, name="Dan"):
    from backline.timesheets.models import TimeEntry, Timesheet

    with world.books():
        sheet = Timesheet.objects.get(pk=world.sheets[name])
        entries = TimeEntry.objects.filter(timesheet=sheet).order_by("worked_on", "id")
        days = {entry.worked_on.isoformat(): entry.quantity for entry in entries}
        return sheet.status, days


def test_the_page_asks_for_seven_days(stage, path):
    page = Browser().get(path)
    assert page.text.count('inputmode="decimal"') == 7
    assert "8 to 14 June 2026 Team leader, Pennine Foods Not sent yet" in page.plain
    assert "Next pay day Friday 26 June If your week is approved in time" in page.plain


def test_saving_keeps_the_week_without_sending_it(stage, path):
    browser = Browser()
    typed = {f"hours-{MONDAY}": "8", f"hours-{TUESDAY}": "7,5", "hours-2026-06-10": "7:30"}
    assert browser.fill(path, "save", **typed).status == 303
    status, days = hours_of(stage.mine)
    assert status == "draft"
    assert list(days.values()) == [Decimal("8.00"), Decimal("7.50"), Decimal("7.50")]
    page = browser.get(path)
    assert 'value="7.50"' in page.text
    assert "Total 23.00 hours" in page.plain


def test_what_is_emptied_is_gone(stage, path):
    browser = Browser()
    browser.fill(path, "save", **{f"hours-{MONDAY}": "8", f"hours-{TUESDAY}": "8"})
    browser.fill(path, "save", **{f"hours-{TUESDAY}": ""})
    assert list(hours_of(stage.mine)[1]) == [MONDAY]


def test_same_as_last_week_copies_its_days(stage, path):
    browser = Browser()
    assert browser.fill(path, "same").status == 303
    status, days = hours_of(stage.mine)
    assert status == "draft"
    assert list(days.values()) == [Decimal("8.00")] * 5
    assert "Total 40.00 hours" in browser.get(path).plain


def test_sending_hands_the_week_in(stage, path):
    browser = Browser()
    assert browser.fill(path, "submit", **{f"hours-{MONDAY}": "8"}).status == 303
    assert hours_of(stage.mine)[0] == "submitted"
    page = browser.get(path)
    assert page.status == 200
    assert "With Pennine Foods" in page.plain
    assert 'value="submit"' not in page.text


def test_a_second_click_changes_nothing(stage, path):
    browser = Browser()
    opened = browser.get(path)
    assert browser.send(opened, "submit", **{f"hours-{MONDAY}": "8"}).status == 303
    for deed in ("submit", "save", "same"):
        again = browser.send(opened, deed, **{f"hours-{MONDAY}": "4"})
        assert again.status == 409
    assert hours_of(stage.mine) == ("submitted", {MONDAY: Decimal("8.00")})


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("eight", "Write hours as a number, such as 7.5."),
        ("-8", "Write hours as a number"),
        ("8.123", "Write hours as a number"),
        ("7:31", "Write hours as a number"),
        ("1e3", "Write hours as a number"),
        ("٨", "Write hours as a number"),
    ],
)
def test_what_cannot_be_read_is_named_at_its_day(stage, path, typed, told):
    browser = Browser()
    answer = browser.fill(path, "submit", **{f"hours-{MONDAY}": "8", f"hours-{TUESDAY}": typed})
    assert answer.status == 422
    assert f"Tuesday: {told}" in answer.plain
    assert f'href="#hours-{TUESDAY}"' in answer.text
    assert f'id="hours-{MONDAY}" name="hours-{MONDAY}" value="8"' in answer.text
    assert hours_of(stage.mine) == ("draft", {})


def test_doubtful_hours_are_not_sent(stage, path):
    answer = Browser().fill(path, "submit", **{f"hours-{MONDAY}": "40"})
    assert answer.status == 422
    assert "are more than a day has" in answer.plain
    assert hours_of(stage.mine) == ("draft", {})


def test_an_empty_week_is_not_sent(stage, path):
    answer = Browser().fill(path, "submit")
    assert answer.status == 422
    assert "No time is reported" in answer.plain


def test_days_outside_the_week_are_not_taken(stage, path):
    browser = Browser()
    values = browser.get(path).form("save")[1]
    given = values | {"deed": "save", f"hours-{MONDAY}": "8", "hours-2026-06-20": "8"}
    assert browser.post(path, given).status == 303
    assert list(hours_of(stage.mine)[1]) == [MONDAY]


def test_a_week_by_the_clock_is_typed_by_the_clock(stage):
    """Chloe clocks: her page asks from when to when, and a night shift ends on the next day."""
    from backline.timesheets import actions
    from backline.timesheets.models import TimeEntry

    with stage.mine.books():
        actions.reject([stage.mine.sheets["Chloe"]], reason="Friday", actor=APPROVER, at=NOW)
    path, browser = f"/w/{stage.mine.link('Chloe')}", Browser()
    page = browser.get(path)
    assert "Sent back: Friday" in page.plain
    assert f'name="starts-{MONDAY}" value="06:00"' in page.text

    half = browser.send(page, "submit", **{f"ends-{MONDAY}": ""})
    assert half.status == 422
    assert "Monday: Give both from and to" in half.plain
    night = {f"starts-{MONDAY}": "22:00", f"ends-{MONDAY}": "06:00", f"unpaid-{MONDAY}": "30"}
    assert browser.send(page, "submit", **night).status == 303
    status, days = hours_of(stage.mine, "Chloe")
    assert (status, days[MONDAY]) == ("submitted", Decimal("7.50"))
    with stage.mine.books():
        first = TimeEntry.objects.filter(timesheet=stage.mine.sheets["Chloe"]).order_by("id")[0]
    assert first.started_at
    assert first.ended_at
    assert first.ended_at - first.started_at == timedelta(hours=8)


def test_a_day_of_several_lines_is_shown_and_kept(stage, path):
    from backline.timesheets import actions
    from backline.timesheets.actions import NewEntry

    with stage.mine.books():
        sheet = stage.mine.sheets["Dan"]
        lines = [
            NewEntry(
                worked_on=NOW.date() - timedelta(days=7), quantity=Decimal(quantity), code=code
            )
            for quantity, code in (("6", "regular"), ("2", "night"))
        ]
        actions.set_entries(sheet, lines, actor=APPROVER, at=NOW)
    browser = Browser()
    page = browser.get(path)
    assert "8 June, several lines 8.00" in page.plain
    assert f'name="hours-{MONDAY}"' not in page.text
    assert browser.send(page, "save", **{f"hours-{TUESDAY}": "8"}).status == 303
    from backline.timesheets.models import TimeEntry

    kept = stage.mine.read(
        lambda: list(
            TimeEntry.objects.filter(timesheet=sheet).order_by("id").values_list("code", "quantity")
        )
    )
    assert kept == [
        ("regular", Decimal("6.00")),
        ("night", Decimal("2.00")),
        ("regular", Decimal("8.00")),
    ]


# --- payslips ------------------------------------------------------------------------------------


def slip_of(world, name):
    from backline.payroll.models import Payslip

    return world.read(lambda: Payslip.objects.get(run=world.paid, worker=world.workers[name]))


@pytest.fixture
def chloes(stage):
    """Chloe's page, with the payslip of the week before."""
    from backline.timesheets import actions

    with stage.mine.books():
        actions.recall([stage.mine.sheets["Chloe"]], actor=APPROVER, at=NOW)
    return f"/w/{stage.mine.link('Chloe')}"


def test_own_payslips_are_listed_and_fetched(stage, chloes):
    slip = slip_of(stage.mine, "Chloe")
    page = Browser().get(chloes)
    assert "19 June 2026" in page.plain
    assert "£551.38" in page.plain
    paper = Browser().client.get(f"{chloes}/payslips/{slip.public_id}")
    assert (paper.status_code, paper.headers["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF")


def test_a_payslip_of_somebody_else_is_not_there(stage, chloes):
    unknown = Browser().get(f"{chloes}/payslips/pay_01m8000000000000000000000a")
    for world, name in ((stage.mine, "Ada"), (stage.twin, "Chloe")):
        other = Browser().get(f"{chloes}/payslips/{slip_of(world, name).public_id}")
        assert (other.status, other.plain) == (unknown.status, unknown.plain) == (404, other.plain)


def test_a_draft_payslip_is_not_there(stage, path):
    from backline.payroll.models import Payslip

    with stage.mine.books():
        draft = Payslip.objects.filter(run=stage.mine.run)[0].public_id
    assert Browser().get(f"{path}/payslips/{draft}").status == 404
    assert "No payslips yet" in Browser().get(path).plain


def test_payslips_are_gone_with_the_link(stage, chloes):
    slip = slip_of(stage.mine, "Chloe")
    browser = Browser()
    assert browser.fill(chloes, "submit").status == 303  # used, and still to be read
    assert "£551.38" in browser.get(chloes).plain
    move_clock(stage.mine.place, NOW + timedelta(days=15))
    page = browser.get(chloes)
    assert page.status == 200
    assert "£551.38" not in page.plain
    assert browser.get(f"{chloes}/payslips/{slip.public_id}").status == 404


def test_who_read_a_payslip_is_kept(stage, chloes):
    from backline.kernel.models import Event

    slip = slip_of(stage.mine, "Chloe")
    Browser().client.get(f"{chloes}/payslips/{slip.public_id}")
    event = stage.mine.read(lambda: Event.objects.get(name="pay_statement.fetched"))
    assert (event.actor["kind"], event.actor["name"]) == ("link", "Chloe Novak")


def test_the_workers_of_a_company_see_no_paper_of_the_company(stage, chloes):
    """A remittance names everybody whom the company employs, so none is offered here."""
    from backline.directory import actions as directory
    from backline.kernel.outcomes import one
    from backline.payroll.models import Payslip
    from tests.pages.world import HIRED, OFFICE

    slip = slip_of(stage.mine, "Chloe")
    with stage.mine.books():
        company = directory.NewIntermediary(kind="umbrella", legal_name="Parasol Way Ltd")
        key = one(directory.add_intermediaries([company], **OFFICE, at=HIRED))
        told = {name: getattr(slip, name) for name in COPIED}
        remitted = Payslip.objects.create(intermediary_id=key, route="umbrella", **told)
    page = Browser().get(chloes)
    assert slip.public_id in page.text
    assert remitted.public_id not in page.text
    assert Browser().get(f"{chloes}/payslips/{remitted.public_id}").status == 404


def test_an_approvers_link_is_no_workers_page(stage):
    assert Browser().get(f"/w/{stage.mine.link('Chloe')}").status == 404
