"""The board: published sums for a partner, the books for an agency, no more than a role may see."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection

from tests.pages.world import PEOPLE


def test_a_partner_sees_every_agency_side_by_side(stage, browser):
    page = browser("admin").get("/").plain
    assert page.count("Acorn Staffing GB · 2 workers") == 2
    assert "4 of 8" in page  # two of four sheets, twice
    assert "8 to 14 June 2026" in page
    assert "Paid Friday 26 June" in page
    assert "No figures for this week yet: Acorn Staffing of Texas" in page


def test_a_partner_sees_no_worker_and_opens_no_books(stage, browser, monkeypatch):
    from tenants import tenancy

    admin = browser("admin")
    opened: list[str] = []
    real = tenancy.firm

    def noted(name):
        opened.append(name)
        return real(name)

    monkeypatch.setattr(tenancy, "firm", noted)
    for path in ("/", "/exceptions", "/pay-runs", f"/agencies/{stage.mine.place.ref}"):
        page = admin.get(path)
        assert page.status == 200
        assert not [given for given, family, *_ in PEOPLE if given in page.plain.split()]
        assert not re.search(r"(wrk|asg|exc|pay)_[0-9a-z]{26}", page.text)
    assert opened == []


def test_the_board_shows_the_week_that_is_asked_for(stage, browser):
    admin = browser("admin")
    page = admin.get("/?week=2026-06-03")
    assert "1 to 7 June 2026" in page.plain
    assert "Released" in page.plain
    assert 'href="/?week=2026-05-25"' in page.text
    assert 'href="/?week=2026-06-08"' in page.text


@pytest.mark.parametrize("week", ["", "yesterday", "2026-13-40", "0001-01-01", "9999-12-31", "%00"])
def test_a_week_that_is_none_is_the_usual_one(stage, browser, week):
    admin = browser("admin")
    assert "8 to 14 June 2026" in admin.get(f"/?week={week}").plain


def test_an_owner_sees_the_books_of_the_own_agency(stage, browser):
    page = browser("owner").get("/").plain
    assert "2 of 4" in page
    assert page.count("GB · 2 workers") == 1
    assert "Margin" in page
    assert "£1,167" in page  # two people's week with its holiday
    assert "A worker cannot be paid in this run" in page


def test_published_sums_and_books_say_the_same(stage, browser):
    """What the partner reads of an agency is what its owner reads, to the pound."""
    steps = [
        re.search(r"Acorn Staffing GB · .*?Headroom \S+ of \S+", browser(who).get("/").plain)
        for who in ("admin", "owner")
    ]
    assert steps[0] is not None
    assert steps[1] is not None
    assert steps[0][0] == steps[1][0]


def test_staff_see_neither_pay_nor_margin_nor_funding(stage, browser):
    sam = browser("staff")
    page = sam.get("/").plain
    assert "To invoice" in page
    for word in ("Gross pay", "Margin", "Headroom", "Fund", "Approve by", "Pay runs"):
        assert word not in page
    assert sam.get("/pay-runs").status == 403


def test_an_auditor_sees_and_does_nothing(stage, browser):
    ines = browser("auditor")
    assert ines.get("/").status == 200
    assert "Margin" in ines.get("/").plain


def test_over_the_limit_is_told(stage, browser):
    from decimal import Decimal

    from tenants import tenancy
    from tenants.reports.models import AgencyPosition
    from tests.pages.world import key_of

    with tenancy.shared():
        AgencyPosition.objects.filter(agency=key_of(stage.mine.place)).update(
            headroom=Decimal(-500), in_use=Decimal(4500)
        )
    page = browser("admin").get("/").plain
    assert "1 over the limit" in page
    assert "more is advanced than may be" in page


def test_a_penny_over_the_limit_is_no_alarm(stage, browser):
    """Advances are rounded one by one and the limit as a whole; the board counts whole pounds."""
    from decimal import Decimal

    from tenants import tenancy
    from tenants.reports.models import AgencyPosition
    from tests.pages.world import key_of

    with tenancy.shared():
        AgencyPosition.objects.filter(agency=key_of(stage.mine.place)).update(
            headroom=Decimal("-0.01"), in_use=Decimal("4500.00")
        )
    page = browser("admin").get("/").plain
    assert "over the limit" not in page
    assert "more is advanced than may be" not in page


def test_two_currencies_are_never_added(stage, browser):
    from decimal import Decimal

    from tenants import tenancy
    from tenants.reports.models import AgencyWeek
    from tests.pages.world import NOW, SECOND, key_of

    with tenancy.shared():
        AgencyWeek.objects.create(
            agency_id=key_of(stage.twin.place),
            week_starts_on=SECOND,
            currency="USD",
            workers=3,
            bill=Decimal("9000.00"),
            pay=Decimal("6000.00"),
            margin=Decimal("2100.00"),
            seq=1,
            as_of=NOW,
        )
    page = browser("admin").get("/").plain
    assert "Gross pay £2,335 and $6,000" in page
    assert re.search(r"Margin £\d+ and \$2,100", page)


def test_the_board_asks_as_much_of_many_agencies_as_of_one(stage, browser, places):
    from tenants import tenancy
    from tenants.reports.models import AgencyPosition, AgencyWeek
    from tests.pages.world import NOW, SECOND, key_of

    admin = browser("admin")
    before = statements(admin)
    texas = key_of(places["us_agency"])
    with tenancy.shared():
        AgencyWeek.objects.create(
            agency_id=texas, week_starts_on=SECOND, currency="USD", seq=1, as_of=NOW
        )
        AgencyPosition.objects.create(agency_id=texas, currency="USD", seq=1, as_of=NOW)
    assert "Acorn Staffing of Texas US" in admin.get("/").plain
    assert statements(admin) == before


def statements(browser, path="/"):
    """How many statements a page takes."""
    asked = []

    def note(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        browser.get(path)
    return len(asked)


@pytest.mark.capability("PT-02")
def test_the_counters_are_the_sum_of_the_agencies(stage, browser):
    """A partner's day at a glance: every counter is what the agencies' own boards add up to."""
    mine, twin = (figures(browser(who).get("/").plain) for who in ("owner", "twin_owner"))
    whole = figures(browser("admin").get("/").plain)
    assert whole["sheets"] == (mine["sheets"][0] * 2, mine["sheets"][1] * 2)
    for name in ("pay", "invoice", "headroom"):
        # each board rounds to whole pounds
        assert abs(whole[name] - mine[name] - twin[name]) <= 1


def figures(page):
    """The figures on top of a board."""
    sheets = re.search(r"Sheets approved (\d+) of (\d+)", page)
    assert sheets is not None
    found: dict[str, Any] = {"sheets": (int(sheets[1]), int(sheets[2]))}
    for name, label in (
        ("pay", "Gross pay"),
        ("invoice", "To invoice"),
        ("headroom", "Headroom now"),
    ):
        amount = re.search(rf"{label} £([\d,]+)", page)
        assert amount is not None
        found[name] = int(amount[1].replace(",", ""))
    return found


@pytest.mark.capability("PT-24")
def test_who_reads_the_partners_reports_can_fetch_no_person(stage, browser):
    """Sums are read; of the workers behind them neither page nor door tells the partner's staff."""
    from backline.kernel import ids
    from tests.callers import signed_in
    from tests.wire import Wire

    wire = Wire(signed_in(stage.partner, "auditor", "Otto"))
    week = wire.get("/v1/partner/reports/week", week_starts_on="2026-06-08").done()
    assert {row["agency_name"]: row["workers"] for row in week["agencies"]} == {"Acorn Staffing": 2}
    worker = ids.public("wrk", stage.mine.workers["Ada"])
    assert worker not in str(week.body)
    assert "Okonkwo" not in str(week.body)
    assert wire.get(f"/v1/workers/{worker}").status == 404
    assert wire.every("/v1/workers") == []
    assert wire.every("/v1/pay-statements") == []
    assert "Okonkwo" not in browser("admin").get("/").text
