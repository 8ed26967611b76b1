"""Pages: every record that stays is shown once, whatever happens between two pages."""

from __future__ import annotations

import random

import pytest

ENDPOINTS = "/v1/webhook-endpoints"


def made(wire, count):
    """So many endpoints, oldest first."""
    sent = ({"url": f"https://hooks.example.com/{n}"} for n in range(count))
    return [wire.post(ENDPOINTS, body).done()["id"] for body in sent]


def test_pages_follow_one_another(wire):
    keys = made(wire, 7)

    first = wire.get(ENDPOINTS, limit=3).done()
    second = wire.call("GET", first["next"]).done()
    last = wire.get(ENDPOINTS, limit=3, cursor=second["next_cursor"]).done()

    assert [len(page["data"]) for page in (first, second, last)] == [3, 3, 1]
    assert (last["has_more"], last["next_cursor"], last["next"]) == (False, None, None)
    seen = [row["id"] for page in (first, second, last) for row in page["data"]]
    assert seen == list(reversed(keys))
    assert first.headers["Link"] == f'<{first["next"]}>; rel="next"'
    assert "Link" not in last.headers


def test_the_order_is_turned_round_on_request(wire):
    keys = made(wire, 3)

    assert [row["id"] for row in wire.every(ENDPOINTS, sort="id", limit=2)] == keys


def test_a_cursor_fits_only_what_it_was_made_for(wire, other_wire):
    made(wire, 3)
    cursor = wire.get(ENDPOINTS, limit=1).done()["next_cursor"]

    wrong = [
        wire.get(ENDPOINTS, limit=1, cursor=cursor, sort="id"),
        wire.get(ENDPOINTS, limit=1, cursor=cursor, state="active"),
        wire.get("/v1/webhook-deliveries", limit=1, cursor=cursor),
        wire.get(ENDPOINTS, limit=1, cursor=cursor[:-4] + "AAAA"),
    ]

    assert {(reply.status, reply.code) for reply in wrong} == {(422, "cursor_does_not_fit")}
    assert wire.get(ENDPOINTS, limit=2, cursor=cursor).status == 200
    assert other_wire.get(ENDPOINTS, limit=1, cursor=cursor).done()["data"] == []


def test_what_stays_is_seen_once_while_others_come_and_go(wire):
    stays = set(made(wire, 12))
    chance = random.Random(3)
    goes = set(chance.sample(sorted(stays), 4))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = wire.get(ENDPOINTS, limit=2, **cursor).done()
        seen += [row["id"] for row in page["data"]]
        if goes:
            wire.delete(f"{ENDPOINTS}/{goes.pop()}")
        made(wire, 1)
        if not page["has_more"]:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert len(seen) == len(set(seen))
    still_there = {row["id"] for row in wire.every(ENDPOINTS)} & stays
    assert still_there <= set(seen)


def test_a_filter_takes_several_values(wire):
    keys = made(wire, 2)
    wire.post(f"{ENDPOINTS}/{keys[0]}/pause").done()

    def states(*values):
        return sorted(row["state"] for row in wire.every(ENDPOINTS, state=list(values)))

    assert states("active") == ["active"]
    assert states("active", "paused") == ["active", "paused"]


def test_only_the_fields_that_are_named_come_along(wire):
    made(wire, 1)

    (row,) = wire.get(ENDPOINTS, fields="url,state").done()["data"]

    assert set(row) == {"id", "url", "state"}


@pytest.mark.parametrize("count", [0, 3])
def test_a_list_costs_the_same_however_long_it_is(wire, count, django_assert_num_queries):
    made(wire, count)
    wire.get(ENDPOINTS).done()

    with django_assert_num_queries(6):  # a look at the key, a page; savepoints stand in for BEGIN
        wire.get(ENDPOINTS).done()
