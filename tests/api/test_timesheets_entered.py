"""Time reported: whole periods, lines of a file, doubtful time, and who reported it."""

from __future__ import annotations

import pytest

from tests.backline.week import exceptions, in_books, posts, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(agency):
    return in_books(agency, lambda: posts(agency))[0]


def test_a_period_is_written_down_and_says_by_whom(wire, post):
    reply = wire.post("/v1/timesheets", sheet(post, "8", "7.5", submit=False), key="a").done()

    assert reply.status == 201
    assert (reply["status"], reply["total"]) == ("draft", "15.50")
    assert [entry["quantity"] for entry in reply["entries"]] == ["8.00", "7.50"]
    assert reply["entered_by"]["kind"] == "key"
    assert wire.get(f"/v1/timesheets/{reply['id']}").done().body == reply.body
