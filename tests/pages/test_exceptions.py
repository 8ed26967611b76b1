"""Exceptions: a desk's own inside a firm, counts outside; taken, given back, settled, put aside."""

from __future__ import annotations

import pytest


@pytest.fixture
def trouble(stage):
    """The one exception of our firm: Dan has no bank account."""
    from backline.desk.models import Trouble

    return stage.mine.read(Trouble.objects.get)


def state_of(world, trouble):
    from backline.desk.models import Trouble

    return world.read(lambda: Trouble.objects.get(pk=trouble.pk))


def test_the_desk_says_whom_it_is_about_and_what_is_at_stake(stage, browser, trouble):
    page = browser("owner").get(f"/exceptions/{trouble.public_id}").plain
    assert "Dan Abbott" in page
    assert "No approved bank account is known." in page
    assert "Stops pay" in page
    assert "£771.04" in page
    assert "Bank account missing" in page  # and not as programs spell it


def test_taking_it_on_shows_by_whom(stage, browser, trouble):
    nora, path = browser("owner"), f"/exceptions/{trouble.public_id}"
    assert nora.fill(path, "take").status == 303
    page = browser("staff").get(path).plain
    assert "Taken on by Nora Blake" in page
    assert "Make it free again" in page
    assert state_of(stage.mine, trouble).state == "taken"

    assert nora.fill(path, "release").status == 303
    assert state_of(stage.mine, trouble).state == "open"


def test_settling_takes_words_and_is_kept_with_them(stage, browser, trouble):
    nora, path = browser("owner"), f"/exceptions/{trouble.public_id}"
    refused = nora.fill(path, "resolve", reason="  ")
    assert refused.status == 422
    assert "Say how or why it is closed." in refused.plain
    assert nora.fill(path, "resolve", reason="Dan brought his account").status == 303

    closed = state_of(stage.mine, trouble)
    assert (closed.state, closed.resolution) == ("resolved", "Dan brought his account")
    page = nora.get(path).plain
    assert "Closed: Dan brought his account" in page
    assert "Resolve" not in page.replace("Resolved", "")
    assert "Inbox empty" in nora.get("/exceptions").plain


def test_a_second_click_changes_nothing(stage, browser, trouble):
    nora, path = browser("owner"), f"/exceptions/{trouble.public_id}"
    opened = nora.get(path)
    assert nora.send(opened, "dismiss", reason="known").status == 303
    before = state_of(stage.mine, trouble)
    again = nora.send(opened, "resolve", reason="another")
    assert again.status == 409
    after = state_of(stage.mine, trouble)
    assert (after.state, after.resolution, after.closed_at) == (
        "dismissed",
        "known",
        before.closed_at,
    )


def test_who_only_reads_is_offered_no_deed(stage, browser, trouble):
    ines, path = browser("auditor"), f"/exceptions/{trouble.public_id}"
    page = ines.get(path)
    assert page.status == 200
    assert 'value="resolve"' not in page.text
    values = page.carried | {"deed": "take"}
    assert ines.post(path, values).status == 403
    assert state_of(stage.mine, trouble).state == "open"


@pytest.mark.parametrize(
    ("show", "count"), [("", 1), ("mine", 0), ("due", 1), ("untaken", 1), ("nonsense", 1)]
)
def test_filters_show_what_they_say(stage, browser, trouble, show, count):
    page = browser("owner").get(f"/exceptions?show={show}")
    assert page.text.count(f"/exceptions/{trouble.public_id}") == count


def test_what_one_took_on_is_ones_own(stage, browser, trouble):
    nora = browser("owner")
    nora.fill(f"/exceptions/{trouble.public_id}", "take")
    assert "Mine 1" in nora.get("/exceptions").plain
    assert "Mine 0" in browser("staff").get("/exceptions").plain


def test_a_partner_outside_reads_counts_and_enters_by_a_reason(stage, browser, trouble):
    pat = browser("payroll")
    outside = pat.get("/exceptions")
    assert outside.plain.count("Pay run blocked £771 Payroll 1 open") == 2
    assert pat.get(f"/exceptions/{trouble.public_id}").status == 404

    path = f"/agencies/{stage.mine.place.ref}?next=/exceptions"
    hasty = pat.fill(path, reason="x")
    assert hasty.status == 422
    assert "Say why" in hasty.plain
    led = pat.fill(path, reason="Ticket 4711: Dan's account")
    assert (led.status, led.headers["Location"]) == (303, "/exceptions")

    inside = pat.get("/exceptions").plain
    assert "You act inside Acorn Staffing until" in inside
    assert "Ticket 4711: Dan's account" in inside
    assert "Dan Abbott" in inside


def test_inside_the_deed_names_the_person_and_for_whom(stage, browser, trouble):
    pat = browser("payroll", inside=stage.mine.place)
    pat.fill(f"/exceptions/{trouble.public_id}", "resolve", reason="account approved")
    closed = state_of(stage.mine, trouble)
    assert closed.closed_by["name"] == "Pat Lind"
    assert closed.closed_by["on_behalf_of"] == stage.partner.ref


def test_leaving_leads_back_to_the_partner(stage, browser):
    pat = browser("payroll", inside=stage.mine.place)
    page = pat.get("/")
    assert "Acorn Staffing" in page.plain
    assert pat.post("/leave", page.carried).status == 303
    assert "Northstar Partners" in pat.get("/").plain


def test_the_visit_of_one_agency_opens_no_other(stage, browser):
    from backline.desk.models import Trouble

    pat = browser("payroll", inside=stage.mine.place)
    other = stage.twin.read(lambda: Trouble.objects.get().public_id)
    assert pat.get(f"/exceptions/{other}").status == 404


def test_compliance_enters_too_but_reads_no_pay(stage, browser):
    colm = browser("compliance", inside=stage.mine.place)
    assert colm.get("/exceptions").status == 200
    assert colm.get("/pay-runs").status == 403


def test_nobody_enters_a_firm_that_is_not_theirs(stage, browser, places):
    pat = browser("payroll")
    for ref in (stage.partner.ref, "agy_01m8000000000000000000000a", "agy_nonsense"):
        assert pat.get(f"/agencies/{ref}").status == 404
    assert browser("owner").get(f"/agencies/{stage.mine.place.ref}").status == 403
