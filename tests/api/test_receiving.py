"""How a call is received: who is calling, whether they may, and in which form."""

from __future__ import annotations

from secrets import token_hex

import pytest
from django.test import Client

from backline.kernel import ids
from tests.callers import key_of
from tests.wire import Wire

LIST = "/v1/operations"
DEED = "/v1/webhook-endpoints"


def test_a_key_reads_its_own_firm(wire):
    assert wire.get(LIST).done()["data"] == []


def test_a_stranger_is_told_how_to_say_who_is_calling(stranger):
    reply = stranger.get(LIST)

    assert (reply.status, reply.code) == (401, "not_authenticated")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["x", "sbo_live_abc_def_ghi", "é", "a b", "\x01", "x" * 5000])
def test_a_token_that_is_none_of_ours_is_unknown(db, token):
    assert Wire(token).get(LIST).status == 401


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "bearer", "", "Token x"])
def test_a_header_that_carries_no_token_is_unknown(stranger, header):
    assert stranger.call("GET", LIST, headers={"Authorization": header}).status == 401


def test_a_key_without_the_scope_is_refused_by_name(agency, db):
    reply = Wire(key_of(agency, "workers:read")).get(LIST)

    assert (reply.status, reply.code) == (403, "scope_missing")
    assert reply["errors"][0]["scope"] == "operations:read"


def test_an_agency_header_must_agree(wire, agency, other_agency):
    agreed = wire.call("GET", LIST, headers={"Agency": agency.ref})
    mixed_up = wire.call("GET", LIST, headers={"Agency": other_agency.ref})

    assert agreed.status == 200
    assert (mixed_up.status, mixed_up.code) == (403, "agency_mismatch")


def test_an_id_of_another_firm_looks_like_an_unknown_one(wire, other_wire):
    made = other_wire.post(DEED, {"url": "https://hooks.example.com/in"}).done()["id"]
    unknown = ids.public("whe", ids.new_id())
    malformed = "whe_nothing"

    answers = [wire.get(f"{DEED}/{key}") for key in (made, unknown, malformed, "asg_1", "%00")]

    assert {answer.status for answer in answers} == {404}
    told = [dict(answer.body) for answer in answers]
    for each in told:
        del each["instance"], each["request_id"]
    assert all(each == told[0] for each in told)


def test_an_address_where_nothing_is_answers_a_problem(wire):
    assert wire.get("/v1/nothing").code == "no_such_address"


def test_a_method_that_is_not_taken_names_those_that_are(wire):
    reply = wire.call("PUT", "/v1/nothing")
    assert reply.status == 404

    answer = wire.client.put(LIST, headers={"Authorization": f"Bearer {wire.token}"})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.json()["code"] == "method_not_allowed"


def test_head_is_get_without_its_body(wire):
    answer = wire.client.head(LIST, headers={"Authorization": f"Bearer {wire.token}"})

    assert (answer.status_code, answer.content) == (200, b"")


def test_options_names_the_methods(wire):
    assert wire.client.options(DEED).headers["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize("accept", ["application/json", "application/*", "*/*", "text/html, */*"])
def test_json_is_given_to_whoever_takes_it(wire, accept):
    assert wire.call("GET", LIST, headers={"Accept": accept}).status == 200


def test_a_form_that_is_not_offered_is_refused(wire):
    reply = wire.call("GET", LIST, headers={"Accept": "application/xml"})

    assert (reply.status, reply.code) == (406, "form_not_offered")


@pytest.mark.parametrize(
    "media",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "x"],
)
def test_a_body_in_another_form_is_refused(wire, media):
    reply = wire.post(DEED, b"{}", media=media)

    assert (reply.status, reply.code) == (415, "media_type_not_taken")


def test_a_patch_names_the_form_it_takes(wire):
    made = wire.post(DEED, {"url": "https://hooks.example.com/in"}).done()["id"]

    reply = wire.patch(f"{DEED}/{made}", b"{}", media="application/json", match="*")

    assert reply.status == 415
    assert reply.headers["Accept-Patch"] == "application/merge-patch+json"


def test_every_answer_names_its_request_and_is_not_stored(wire, stranger):
    for reply in (wire.get(LIST), stranger.get(LIST), wire.get("/v1/nothing")):
        assert reply.headers["Request-Id"].startswith("req_")
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert stranger.get(LIST)["request_id"].startswith("req_")


def test_a_read_record_is_not_sent_twice(wire):
    made = wire.post(DEED, {"url": "https://hooks.example.com/in"}).done()["id"]
    first = wire.get(f"{DEED}/{made}").done()

    again = wire.call("GET", f"{DEED}/{made}", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status, again.content) == (304, b"")


def test_a_body_with_a_get_is_refused(wire):
    assert wire.call("GET", LIST, b"{}").code == "body_not_expected"


def test_how_many_calls_are_left_is_told(wire):
    reply = wire.get(LIST).done()

    assert reply.headers["RateLimit-Policy"] == '"key";q=1200;w=60'
    assert reply.headers["RateLimit"].startswith('"key";r=1199;t=')


def test_a_caller_past_the_limit_is_told_when_to_come_back(wire, other_wire, settings):
    settings.LIMITS = {"key": (3, 60)}
    replies = [wire.get(LIST) for _ in range(4)]

    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert replies[-1].code == "too_many_requests"
    assert 1 <= int(replies[-1].headers["Retry-After"]) <= 21
    assert other_wire.get(LIST).status == 200


def test_whoever_keeps_guessing_is_slowed_down(db, settings):
    settings.LIMITS = {"address": (2, 60)}
    guesser = Wire("guess", Client(raise_request_exception=False))
    guesser.client.defaults["REMOTE_ADDR"] = f"2001:db8::{token_hex(2)}"

    assert [guesser.get(LIST).status for _ in range(3)] == [401, 401, 429]
