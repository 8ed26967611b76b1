"""What people change about their own way in: the app, and the codes for the day it is gone."""

from datetime import timedelta
from typing import Any

import pytest

from tenants.access import factors
from tests.access.people import NOON, PASSWORD, Somebody
from tests.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LATER = NOON + timedelta(seconds=30)


@pytest.fixture
def wire(owner: Somebody) -> Wire:
    return owner.calls()


def tried(owner: Somebody, code: str) -> Any:
    asked = {"email": owner.email, "password": PASSWORD, "code": code}
    return Wire().post("/v1/sessions", asked)


def test_a_recovery_code_serves_once_in_place_of_a_code(owner, wire):
    codes = wire.post("/v1/me/recovery-codes").done()["codes"]
    assert (len(codes), len(set(codes))) == (10, 10)

    assert tried(owner, codes[0]).status == 201
    assert tried(owner, codes[0]).status == 401
    assert tried(owner, f"{codes[1][:4].lower()}-{codes[1][4:]}").status == 201


def test_recovery_codes_made_before_no_longer_serve(owner, wire):
    before = wire.post("/v1/me/recovery-codes").done()["codes"]
    wire.post("/v1/me/recovery-codes").done()

    assert tried(owner, before[0]).status == 401


def test_recovery_codes_are_of_one_person(owner, wire, payroller):
    codes = wire.post("/v1/me/recovery-codes").done()["codes"]

    assert tried(payroller, codes[0]).status == 401


def test_recovery_codes_ask_for_a_fresh_factor(wire, clock):
    clock.shift(300)

    assert wire.post("/v1/me/recovery-codes").code == "fresh_factor_required"


def test_a_lost_phone_is_replaced_with_a_recovery_code(owner, wire, clock):
    code = wire.post("/v1/me/recovery-codes").done()["codes"][0]
    clock.shift(30)
    wire = Wire(tried(owner, code).done()["token"])
    asked = {"password": PASSWORD, "code": owner.code(LATER)}
    new = wire.post("/v1/me/factor", asked).done()["totp_secret"]

    assert wire.post("/v1/me/factor/confirm", {"code": "000000"}).code == "code_refused"
    assert wire.get("/v1/me").status == 200
    shown = {"code": factors.code_at(new, LATER)}
    assert wire.post("/v1/me/factor/confirm", shown).status == 204
    assert wire.get("/v1/me").status == 401

    clock.shift(30)
    later = LATER + timedelta(seconds=30)
    assert tried(owner, owner.code(later)).status == 401
    assert tried(owner, factors.code_at(new, later)).status == 201


def test_an_app_is_not_changed_with_the_password_alone(wire):
    asked = {"password": PASSWORD, "code": "000000"}

    assert wire.post("/v1/me/factor", asked).status == 401
    assert wire.post("/v1/me/factor/confirm", {"code": "000000"}).code == "no_new_factor"


def test_guessing_codes_with_a_stolen_session_waits(wire):
    for _ in range(5):
        assert wire.post("/v1/sessions/refresh-factor", {"code": "000000"}).status == 422

    assert wire.post("/v1/sessions/refresh-factor", {"code": "000000"}).status == 429


def test_a_key_has_no_factor(wire):
    asked = {"name": "X", "scopes": ["me:read"]}
    key = Wire(wire.post("/v1/api-keys", asked).done()["token"])

    reply = key.post("/v1/sessions/refresh-factor", {"code": "000000"})
    assert (reply.status, reply.code) == (403, "person_required")
