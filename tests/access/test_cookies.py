"""People at their browsers: two steps, a cookie for one firm, and a visit beside it."""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from api import people
from api.errors import Refused, Unknown
from backline.kernel.errors import Forbidden, Missing
from tests.access.people import PASSWORD, key_of
from tests.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


class Browser:
    """A browser that keeps cookies."""

    def __init__(self):
        self.cookies = SimpleCookie()
        self.request = RequestFactory().post("/sign-in")

    def answered(self, response: HttpResponse) -> None:
        self.cookies.update(response.cookies)
        kept = {name: each.value for name, each in self.cookies.items() if each.value}
        self.request.COOKIES = kept

    def signs_in(self, somebody, **given: str) -> None:
        response = HttpResponse()
        shown = {"email": somebody.email, "code": somebody.code()} | given
        people.sign_in(self.request, response, **shown)
        self.answered(response)

    @property
    def person(self) -> Any:
        return people.person_of(self.request)


def test_a_person_signs_in_in_two_steps(owner, agency):
    browser = Browser()
    proof = people.begin(browser.request, email=owner.email, password=PASSWORD)
    assert not browser.person
    browser.signs_in(owner, proof=proof)
    person = browser.person

    assert (person.firm, person.actor.name) == (agency.ref, "Olive Owner")
    cookie = browser.cookies["backline-session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


def test_with_tls_the_cookie_is_of_this_host_alone(owner, settings):
    settings.SESSION_COOKIE_SECURE = True
    browser = Browser()
    browser.signs_in(owner, password=PASSWORD)

    cookie = browser.cookies["__Host-session"]
    assert (cookie["secure"], cookie["domain"]) == (True, "")
    assert browser.person


@pytest.mark.parametrize("email", ["olive@acorn.example", "nobody@acorn.example"])
def test_the_first_step_does_not_tell_whether_the_password_was_right(owner, email):
    browser = Browser()
    right = people.begin(browser.request, email=owner.email, password=PASSWORD)
    wrong = people.begin(browser.request, email=email, password="a wrong sentence altogether")

    assert len(right) == len(wrong)
    with pytest.raises(Unknown):
        browser.signs_in(owner, proof=wrong)


def test_a_proof_is_of_one_person_and_five_minutes(owner, payroller, clock):
    browser = Browser()
    proof = people.begin(browser.request, email=owner.email, password=PASSWORD)
    with pytest.raises(Unknown):
        browser.signs_in(payroller, proof=proof)
    clock.shift(301)
    with pytest.raises(Unknown):
        browser.signs_in(owner, proof=proof)


def test_a_cookies_token_is_not_taken_in_a_header_nor_the_other_way_round(owner, payroller):
    browser = Browser()
    browser.signs_in(owner, password=PASSWORD)
    wire = payroller.calls()

    assert Wire(browser.cookies["backline-session"].value).get("/v1/me").status == 401
    browser.request.COOKIES = {"backline-session": wire.token}
    assert browser.person is None


def test_too_many_tries_wait_on_a_page_too(owner):
    browser = Browser()
    for _ in range(5):
        people.begin(browser.request, email=owner.email, password="a wrong sentence altogether")

    with pytest.raises(Refused) as refusal:
        people.begin(browser.request, email=owner.email, password=PASSWORD)
    assert refusal.value.status == 429


def test_a_visit_lies_beside_the_session_and_leaving_returns_to_it(payroller, partner, agency):
    browser, response = Browser(), HttpResponse()
    browser.signs_in(payroller, password=PASSWORD)
    people.enter(response, browser.person, agency=key_of(agency), reason="Ticket 4711: a question")
    browser.answered(response)
    assert (browser.person.kind, browser.person.firm) == ("acting", agency.ref)

    response = HttpResponse()
    people.leave(response, browser.person)
    browser.answered(response)
    assert (browser.person.kind, browser.person.firm) == ("session", partner.ref)

    response = HttpResponse()
    people.leave(response, browser.person)
    browser.answered(response)
    assert browser.person is None


def test_an_agency_of_nobody_is_not_entered(payroller, partner):
    browser = Browser()
    browser.signs_in(payroller, password=PASSWORD)

    with pytest.raises(Missing):
        people.enter(
            HttpResponse(), browser.person, agency=key_of(partner), reason="Ticket 4711: why"
        )


def test_a_page_asks_for_a_fresh_factor_as_the_api_does(owner, clock):
    browser = Browser()
    browser.signs_in(owner, password=PASSWORD)
    people.may(browser.person, "pay_runs:approve")
    clock.shift(300)

    with pytest.raises(Refused) as refusal:
        people.may(browser.person, "pay_runs:approve")
    assert refusal.value.code == "fresh_factor_required"
    with pytest.raises(Forbidden):
        people.may(browser.person, "pay_runs:release")
