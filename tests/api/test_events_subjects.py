"""What an event is about can be fetched by the id that it gives."""

from __future__ import annotations

from functools import partial

import pytest

from tests.backline.week import approved, in_books, posts

pytestmark = pytest.mark.django_db
READ = {"worker": "/v1/workers", "assignment": "/v1/assignments", "timesheet": "/v1/timesheets"}
OF = {
    "charges.posted": "worker",
    "rates.agreed": "assignment",
    "assignment.confirmed": "assignment",
    "timesheet.approved": "timesheet",
}


def test_the_subject_of_an_event_is_read_by_its_id_and_by_nobody_else(
    agency, other_agency, wire, other_wire
):
    for place, caller in ((agency, wire), (other_agency, other_wire)):
        (post,) = in_books(place, partial(posts, place, 1))
        approved(caller, post, "8", "8")
        in_books(place, _numbered)

    for name, noun in OF.items():
        events = wire.get("/v1/events", type=name).done()["data"]
        assert events, name
        for event in events:
            path = f"{READ[noun]}/{event['subject']}"
            assert wire.get(path).done()["id"] == event["subject"]
            assert other_wire.get(path).status == 404


def test_what_a_fact_is_about_is_a_kind_of_record(db):
    from api import nouns
    from backline.kernel.events import FACTS

    told = {kind.noun for kind in FACTS.values() if kind.noun}
    assert "worker" in told
    assert told <= nouns.prefixes().keys()


def _numbered() -> None:
    from backline.kernel import feed

    feed.number()
