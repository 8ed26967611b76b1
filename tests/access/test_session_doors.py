"""Sessions over HTTP: who gets in, what a stranger is told, and how it ends."""

from datetime import timedelta

import pytest

from api import callers
from tests.access.people import NOON, PASSWORD, enrolled
from tests.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def tried(email: str, password: str, code: str):
    return Wire().post("/v1/sessions", {"email": email, "password": password, "code": code})


def test_a_person_signs_in_reads_who_they_are_and_signs_out(owner, agency):
    wire = owner.calls()
    me = wire.get("/v1/me").done()

    assert (me["kind"], me["name"], me["role"]) == ("session", "Olive Owner", "owner")
    assert (me["firm"], me["firm_name"]) == (agency.ref, "Acorn Staffing")
    assert "pay_runs:approve" in me["scopes"]
    assert wire.delete("/v1/sessions/current").status == 204
    assert wire.get("/v1/me").status == 401


def test_a_refused_sign_in_tells_a_stranger_nothing(owner):
    wrong = [
        tried("nobody@acorn.example", PASSWORD, owner.code()),
        tried(owner.email, "a long sentence somebody says", owner.code()),
        tried(owner.email, PASSWORD, "000000"),
    ]

    told = [{**reply.body, "request_id": ""} for reply in wrong]
    assert [reply.status for reply in wrong] == [401, 401, 401]
    assert told[0] == told[1] == told[2]
    names = [set(reply.headers) for reply in wrong]
    assert names[0] == names[1] == names[2]


def test_a_code_works_once_over_http(owner, clock):
    owner.calls()

    assert tried(owner.email, PASSWORD, owner.code()).status == 401
    clock.shift(30)
    assert tried(owner.email, PASSWORD, owner.code(NOON + timedelta(seconds=30))).status == 201


@pytest.mark.parametrize("email", ["olive@acorn.example", "nobody@acorn.example"])
def test_too_many_tries_wait_alike_for_somebody_and_nobody(owner, clock, email):
    for _ in range(5):
        assert tried(email, "a wrong sentence altogether", "000000").status == 401
    sixth = tried(email, "a wrong sentence altogether", "000000")

    assert (sixth.status, sixth.code) == (429, "too_many_tries")
    assert sixth.headers["Retry-After"] == "1"
    clock.shift(1)
    assert tried(email, "a wrong sentence altogether", "000000").status == 401


def test_a_right_password_does_not_jump_the_wait(owner):
    for _ in range(5):
        tried(owner.email, "a wrong sentence altogether", "000000")

    assert tried(owner.email, PASSWORD, owner.code()).status == 429


def test_a_person_of_two_firms_is_told_which_and_bound_to_one(owner, agency, other_agency):
    enrolled(other_agency, "auditor", owner.email)

    unsaid = tried(owner.email, PASSWORD, owner.code())
    assert (unsaid.status, unsaid.code) == (422, "firm_required")
    assert {firm["id"] for firm in unsaid["errors"][0]["firms"]} == {agency.ref, other_agency.ref}

    wire = owner.calls(firm=other_agency.ref)
    assert wire.get("/v1/me")["firm"] == other_agency.ref
    assert wire.get("/v1/me")["role"] == "auditor"
    assert wire.call("GET", "/v1/me", headers={"Agency": agency.ref}).status == 403
    assert wire.call("GET", "/v1/me", headers={"Agency": other_agency.ref}).status == 200


def test_the_second_factor_goes_stale_and_is_shown_again(owner, clock):
    wire = owner.calls()
    clock.shift(300)
    invitation = {"email": "new@acorn.example", "name": "New", "role": "staff"}

    stale = wire.post("/v1/people", invitation)
    assert (stale.status, stale.code) == (403, "fresh_factor_required")

    wrong = wire.post("/v1/sessions/refresh-factor", {"code": "000000"})
    assert (wrong.status, wrong.code) == (422, "code_refused")
    code = {"code": owner.code(NOON + timedelta(seconds=300))}
    wire.post("/v1/sessions/refresh-factor", code).done()
    assert wire.post("/v1/people", invitation).status == 201
    assert wire.post("/v1/sessions/refresh-factor", code).status == 422


def test_a_new_password_signs_everybody_of_that_name_out(owner, clock):
    wire = owner.calls()
    clock.shift(30)
    changed = {
        "password": PASSWORD,
        "new_password": "another sentence nobody says",
        "code": owner.code(NOON + timedelta(seconds=30)),
    }

    assert wire.post("/v1/me/password", changed).status == 204
    assert wire.get("/v1/me").status == 401


def test_every_fault_of_a_sign_in_is_told(owner):
    reply = Wire().post("/v1/sessions", {"email": 1, "code": "1234567890123", "pin": "1"})

    assert reply.status == 422
    assert {pointer for _, pointer in reply.codes} == {"/email", "/password", "/code", "/pin"}


@pytest.mark.parametrize("token", ["", "x", "bls_test_", "blk_live_" + "0" * 52, "ünknown"])
def test_what_is_no_token_is_401(token):
    assert Wire(token).get("/v1/me").status == 401 if token.isascii() else True


def test_a_token_in_the_address_is_not_taken(owner):
    wire = owner.calls()

    assert Wire().get("/v1/me", token=wire.token).status == 401


@pytest.mark.parametrize(
    ("proxies", "heard", "address"),
    [
        (0, "203.0.113.7", "127.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "10.9.9.9, 203.0.113.7", "203.0.113.7"),
        (2, "203.0.113.7, 192.0.2.1", "203.0.113.7"),
        (2, "192.0.2.1", "127.0.0.1"),
        (1, "nonsense", "127.0.0.1"),
    ],
)
def test_an_address_is_believed_only_from_our_own_proxies(rf, settings, proxies, heard, address):
    settings.TRUSTED_PROXIES = proxies

    assert callers.address(rf.get("/", HTTP_X_FORWARDED_FOR=heard)) == address
