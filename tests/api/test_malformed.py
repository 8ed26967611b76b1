"""Whatever is sent, the answer is a problem that says what is wrong, and nothing is done."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from api.reading import json_object
from backline.kernel.errors import Refusal

DEED = "/v1/webhook-endpoints"
DEEP = b'{"url":' * 3000 + b"1" + b"}" * 3000

BODIES = {
    "nothing": (b"", 422, "required"),
    "half an object": (b'{"url":', 400, "body_not_json"),
    "a list": (b"[]", 400, "body_not_an_object"),
    "a word": (b'"x"', 400, "body_not_an_object"),
    "null": (b"null", 400, "body_not_an_object"),
    "a number": (b"1", 400, "body_not_an_object"),
    "two objects": (b"{}{}", 400, "body_not_json"),
    "invalid UTF-8": (b'{"url":"\xff"}', 400, "body_not_utf8"),
    "UTF-16": ('{"url":"x"}'.encode("utf-16"), 400, "body_not_utf8"),
    "a byte order mark": (b'\xef\xbb\xbf{"url":"x"}', 400, "body_not_json"),
    "a name twice": (b'{"url":"a","url":"b"}', 400, "name_twice"),
    "a name twice, deep": (b'{"url":{"a":1,"a":2}}', 400, "name_twice"),
    "NaN": (b'{"url":NaN}', 400, "not_a_number"),
    "Infinity": (b'{"url":-Infinity}', 400, "not_a_number"),
    "half a character": (rb'{"url":"\ud800"}', 400, "text_not_writable"),
    "half a character as a name": (rb'{"\udfff":1}', 400, "text_not_writable"),
    "NUL": (rb'{"url":"a\u0000b"}', 400, "text_not_writable"),
    "a raw control": (b'{"url":"a\x00b"}', 400, "body_not_json"),
    "nested too deep": (DEEP, 400, "body_too_deep"),
    "open brackets": (b"[" * 100_000, 400, "body_too_long"),
    "too many values": (b'{"events":[' + b"1," * 20_000 + b"1]}", 400, "body_too_long"),
    "too large": (b'{"url":"' + b"x" * 1_100_000 + b'"}', 413, "body_too_large"),
    "a huge number": (b'{"url":' + b"9" * 5000 + b"}", 400, "number_out_of_range"),
    "a huge exponent": (b'{"url":1e999999999}', 400, "number_out_of_range"),
    "an unknown field": (b'{"url":"https://a.example/","x":1}', 422, "unknown_field"),
    "an object for a word": (b'{"url":{}}', 422, "not_a_string"),
    "a number for a word": (b'{"url":1}', 422, "not_a_string"),
    "null for a word": (b'{"url":null}', 422, "null"),
    "a word for a list": (b'{"url":"https://a.example/","events":"x"}', 422, "not_a_list"),
    "a list too long": (
        b'{"url":"https://a.example/","events":[' + b'"a",' * 60 + b'"a"]}',
        422,
        "max_length",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_malformed_body_is_refused_by_name(wire, name):
    sent, status, code = BODIES[name]

    reply = wire.post(DEED, sent, media="application/json")

    assert (reply.status, reply.code) == (status, code)
    assert wire.get(DEED).done()["data"] == []


def test_every_fault_is_told_at_once(wire):
    reply = wire.post(DEED, {"url": 1, "description": 2, "events": [3, "a", None], "x/y~z": 4})

    assert reply.codes == [
        ("unknown_field", "/x~1y~0z"),
        ("not_a_string", "/url"),
        ("not_a_string", "/description"),
        ("not_a_string", "/events/0"),
        ("null", "/events/2"),
    ]


QUERIES = {
    "?nothing=1": [("unknown_parameter", "nothing")],
    "?limit=0": [("invalid_parameter", "limit")],
    "?limit=201": [("invalid_parameter", "limit")],
    "?limit=x&sort=y&fields=z&state=w": [
        ("unknown_field", "fields"),
        ("invalid_parameter", "limit"),
        ("invalid_parameter", "sort"),
        ("invalid_parameter", "state"),
    ],
    "?limit=1&limit=2": [("repeated_parameter", "limit")],
    "?cursor=": [("cursor_does_not_fit", "cursor")],
    "?cursor=AAAA": [("cursor_does_not_fit", "cursor")],
    "?cursor=%F0%9F%92%A9": [("cursor_does_not_fit", "cursor")],
    "?accepted_at[gte]=yesterday": [("invalid_parameter", "accepted_at[gte]")],
    "?accepted_at[gte]=2026-02-30T00:00:00Z": [("invalid_parameter", "accepted_at[gte]")],
    "?accepted_at[gt]=2026-01-01T00:00:00Z": [("unknown_parameter", "accepted_at[gt]")],
    "?kind=a%00b": [("text_not_writable", "kind")],
    "?dry_run=true": [("unknown_parameter", "dry_run")],
}


@pytest.mark.parametrize("query", QUERIES)
def test_every_wrong_parameter_is_told(wire, query):
    reply = wire.call("GET", f"/v1/operations{query}")

    assert reply.status == 422
    assert reply.codes == QUERIES[query]


def test_a_flood_of_parameters_is_refused(wire):
    assert wire.call(
        "GET", "/v1/operations?" + "&".join(f"a{n}=1" for n in range(5000))
    ).status in (
        400,
        422,
    )


@pytest.mark.parametrize(
    "path",
    [
        "/v1/operations/%ff",
        "/v1/operations/..",
        "/v1/operations/opn_" + "z" * 26,
        "/v1/operations/opn_" + "0" * 26,
        "/v1/operations/" + "x" * 3000,
        "/v1/operations/opn_1/items",
        "/v1//operations",
        "/v1/operations/",
    ],
)
def test_a_wrong_path_is_nothing(wire, path):
    assert wire.get(path).status == 404


def test_no_bytes_at_all_get_past_the_reader():
    """Random damage to a good body either reads as an object or is refused; nothing else."""
    chance = random.Random(7)
    good = b'{"a":[1,2.5,{"b":"\\u00e9\\ud83d\\ude00"}],"c":null,"d":"x"}'
    for _ in range(20_000):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(bad) + 1)
            kind = chance.random()
            if kind < 0.4:
                bad[place : place + 1] = bytes([chance.randrange(256)])
            elif kind < 0.7:
                del bad[place : place + chance.randint(1, 4)]
            else:
                bad[place:place] = chance.choice([b"[", b"{", b'"', b"\\", b"\\ud8", b"1e", b"-"])
        with suppress(Refusal):
            assert isinstance(json_object(bytes(bad)), dict)
