"""A file of time: as many statements for a long one as for a short one, and sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backline.kernel import copying
from tests.backline.week import MONDAY, in_books, posts

pytestmark = pytest.mark.django_db


def file_of(some, weeks=1, hours="8"):
    """Five days a week of everybody's time."""
    days = [MONDAY + timedelta(7 * week + day) for week in range(weeks) for day in range(5)]
    told = [f"{post.asg},{day},{hours}\n" for post in some for day in days]
    return "assignment,worked_on,quantity\n" + "".join(told)


def imported(wire, file, **more):
    return wire.post("/v1/timesheets/import", file, media="text/csv", **more).done()


def totals(wire):
    return sorted(row["total"] for row in wire.every("/v1/timesheets"))


def test_a_longer_file_asks_the_database_no_more(agency, wire, monkeypatch):
    monkeypatch.setattr(copying, "FEW", 1)  # both are many: neither goes with a question
    many = in_books(agency, lambda: posts(agency, 12))
    imported(wire, file_of(many[:1]))  # what is asked once a process

    asked = []
    for some, weeks in ((many[1:6], 1), (many[6:], 8)):
        with CaptureQueriesContext(connection) as found:
            assert imported(wire, file_of(some, weeks))["refused"] == 0
        asked.append(len(found))

    assert asked[0] == asked[1]


def test_a_file_sent_again_replaces_what_it_brought(agency, other_agency, wire, other_wire):
    some = in_books(agency, lambda: posts(agency, 3))
    in_books(other_agency, lambda: posts(other_agency, 3))

    first = imported(wire, file_of(some, weeks=2))
    again = imported(wire, file_of(some, weeks=2))
    corrected = imported(wire, file_of(some[:1], hours="7.25"))

    assert (first["done"], again["done"], corrected["done"]) == (30, 30, 5)
    assert [row["id"] for row in again["results"]] == [row["id"] for row in first["results"]]
    assert totals(wire) == ["36.25"] + ["40.00"] * 5
    (sheet,) = [row for row in wire.every("/v1/timesheets") if row["total"] == "36.25"]
    assert [day["quantity"] for day in wire.get(f"/v1/timesheets/{sheet['id']}")["entries"]] == [
        "7.25"
    ] * 5
    assert other_wire.every("/v1/timesheets") == []


def test_the_same_call_again_is_answered_as_before_and_does_nothing(agency, wire):
    some = in_books(agency, lambda: posts(agency, 3))
    first = imported(wire, file_of(some), key="file-1")
    before = wire.every("/v1/timesheets")

    again = imported(wire, file_of(some), key="file-1")

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert wire.every("/v1/timesheets") == before


def test_days_that_do_not_follow_each_other_come_together_by_week(agency, wire):
    some = in_books(agency, lambda: posts(agency, 2))
    head, *told = file_of(some, weeks=2).splitlines(keepends=True)

    reply = imported(wire, head + "".join(told[::3] + told[1::3] + told[2::3]))

    assert (reply["done"], reply["refused"]) == (20, 0)
    assert totals(wire) == ["40.00"] * 4
