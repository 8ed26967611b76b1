"""Signing in: two steps, one answer for whatever is wrong, and on to where one was going."""

from __future__ import annotations

import pytest

from tests.callers import PASSWORD
from tests.pages.browsers import Browser


def test_two_steps_lead_to_the_first_page(stage):
    nora = stage.people["owner"]
    browser = Browser()
    second = browser.fill("/sign-in", email=nora.email, password=PASSWORD)
    assert "Your code" in second.plain
    assert "backline-session" not in browser.client.cookies

    done = browser.send(second, code=nora.code())
    assert (done.status, done.headers["Location"]) == (303, "/")
    assert browser.get("/").status == 200


def test_a_code_typed_with_a_space_is_taken(stage):
    nora = stage.people["owner"]
    browser = Browser()
    second = browser.fill("/sign-in", email=nora.email, password=PASSWORD)
    code = nora.code()
    assert browser.send(second, code=f"{code[:3]} {code[3:]}").status == 303


def test_whatever_is_wrong_looks_the_same(stage):
    """Nobody learns whether the address exists, nor which of three things was wrong."""
    nora, seen = stage.people["owner"], set()
    for email, password, code in (
        (nora.email, PASSWORD, "000000"),
        (nora.email, "a wrong sentence altogether", nora.code()),
        ("nobody@nowhere.example", "a wrong sentence altogether", "000000"),
    ):
        browser = Browser()
        second = browser.fill("/sign-in", email=email, password=password)
        assert second.status == 200
        answer = browser.send(second, code=code)
        seen.add((answer.status, answer.plain))
    ((status, words),) = seen
    assert status == 401
    assert "The e-mail, the password or the code is not right." in words


def test_the_password_never_comes_back(stage):
    nora, browser = stage.people["owner"], Browser()
    second = browser.fill("/sign-in", email=nora.email, password=PASSWORD)
    wrong = browser.send(second, code="000000")
    assert PASSWORD not in second.text + wrong.text


def test_a_code_does_not_work_twice(stage):
    nora = stage.people["owner"]
    code = nora.code()
    first, second = Browser(), Browser()
    answers = []
    for browser in (first, second):
        step = browser.fill("/sign-in", email=nora.email, password=PASSWORD)
        answers.append(browser.send(step, code=code).status)
    assert answers == [303, 401]


def test_too_many_tries_are_told_to_wait(stage):
    nora, browser = stage.people["owner"], Browser()
    for _ in range(6):
        answer = browser.fill("/sign-in", email=nora.email, password="a wrong sentence altogether")
    assert answer.status == 429
    assert "Too many tries" in answer.plain


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/pay-runs", "/pay-runs"),
        ("/?week=2026-06-01", "/?week=2026-06-01"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/v1/me", "/"),
        ("/sign-out", "/"),
    ],
)
def test_one_is_led_on_to_our_own_pages_alone(stage, asked, led_to):
    nora, browser = stage.people["owner"], Browser()
    second = browser.fill(f"/sign-in?next={asked}", email=nora.email, password=PASSWORD)
    assert browser.send(second, code=nora.code()).headers["Location"] == led_to


def test_who_belongs_to_two_firms_chooses_one(stage, places):
    from backline.kernel import ids
    from backline.kernel.actors import SYSTEM
    from tenants import tenancy
    from tenants.access.models import Membership, Person
    from tests.pages.world import NOW, key_of

    nora = stage.people["owner"]
    with tenancy.shared():
        person = Person.objects.get(email=nora.email)
        own = Membership.objects.get(person=person)
        Membership.objects.create(
            person=person,
            firm_id=key_of(places["other_agency"]),
            email="nora2@acorn.example",
            name=own.name,
            role="auditor",
            state=own.state,
            invited_at=NOW,
            invited_by=SYSTEM.as_json(),
            joined_at=NOW,
        )
    browser = Browser()
    second = browser.fill("/sign-in", email=nora.email, password=PASSWORD)
    third = browser.send(second, code=nora.code())
    assert "Which firm?" in third.plain

    other = ids.public("agy", key_of(places["other_agency"]))
    assert browser.send(third, firm=other).status == 303
    assert "Auditor" in browser.get("/").plain


def test_signing_out_ends_the_session_and_the_visit(stage, browser):
    pat = browser("payroll", inside=stage.mine.place)
    kept = {name: cookie.value for name, cookie in pat.client.cookies.items()}
    assert pat.post("/sign-out", pat.get("/").carried).status == 303

    for name, value in kept.items():
        pat.client.cookies[name] = value
    assert pat.get("/").status == 303


def test_signing_in_gives_the_form_another_token(stage):
    nora, browser = stage.people["owner"], Browser()
    second = browser.fill("/sign-in", email=nora.email, password=PASSWORD)
    before = browser.client.cookies["csrftoken"].value
    browser.send(second, code=nora.code())
    assert browser.client.cookies["csrftoken"].value != before
