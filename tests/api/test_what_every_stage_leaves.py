"""Events, operations, documents and the sandbox's clock: what every stage leaves behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backline.kernel import documents, feed, ids, operations
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict
from backline.kernel.ids import new_id
from tenants import tenancy
from tests.callers import key_of
from tests.wire import Wire

AT = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
CLERK = Actor("person", "psn_clerk", "Clara Clerk", "staff")
ENDPOINTS = "/v1/webhook-endpoints"


def numbered(place):
    """Give the events of a firm their places, as the worker does."""
    with tenancy.firm(place.ref):
        feed.number()


# --- events ---------------------------------------------------------------------------------------


def test_the_feed_is_read_in_order_and_without_gaps(wire, agency):
    for n in range(5):
        wire.post(ENDPOINTS, {"url": f"https://hooks.example.com/{n}"}).done()
    numbered(agency)

    seen, after = [], 0
    while True:
        page = wire.get("/v1/events", after=after, limit=2).done()
        seen += page["data"]
        after = page["last_seq"]
        if not page["has_more"]:
            break

    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert wire.get("/v1/events", after=after).done().body == {
        "data": [],
        "has_more": False,
        "last_seq": after,
    }


def test_an_event_says_who_did_what_to_which_object_and_in_which_call(wire, agency):
    reply = wire.post(ENDPOINTS, {"url": "https://hooks.example.com/"}).done()
    numbered(agency)

    (event,) = wire.get("/v1/events", type="endpoint.registered").done()["data"]

    assert event["subject"] == reply["id"]
    assert event["actor"]["kind"] == "key"
    assert event["request_id"] == reply.headers["Request-Id"]
    assert event["data"] == {"url": "https://hooks.example.com/"}


def test_events_are_asked_for_by_object(wire, agency):
    first = wire.post(ENDPOINTS, {"url": "https://hooks.example.com/1"}).done()["id"]
    wire.post(ENDPOINTS, {"url": "https://hooks.example.com/2"}).done()
    wire.post(f"{ENDPOINTS}/{first}/pause").done()
    numbered(agency)

    found = wire.get("/v1/events", subject=first).done()["data"]

    assert [event["type"] for event in found] == ["endpoint.registered", "endpoint.paused"]
    assert wire.get("/v1/events", subject="nothing").codes == [("invalid_id", "subject")]


def test_no_firm_reads_anothers_events(wire, other_wire, agency, other_agency):
    made = wire.post(ENDPOINTS, {"url": "https://hooks.example.com/"}).done()["id"]
    numbered(agency)
    numbered(other_agency)

    assert other_wire.get("/v1/events", subject=made).done()["data"] == []


def test_no_database_key_leaves(wire, agency):
    wire.post(ENDPOINTS, {"url": "https://hooks.example.com/"}).done()
    numbered(agency)

    told = wire.get("/v1/events").content.decode()

    from api.nouns import KEY

    assert KEY.search(told) is None


# --- operations -----------------------------------------------------------------------------------


@operations.runs("trial.count", chunk=2)
def count(_work, items):
    """Refuse the odd ones."""
    return [
        operations.Done(
            item.n, {"n": item.n}, Conflict("odd", "It is odd.") if item.n % 2 else None
        )
        for item in items
    ]


def test_an_operation_tells_its_progress_and_each_member(wire, agency):
    with tenancy.firm(agency.ref):
        made = operations.accept(
            "trial.count", key="k", refs=["a", "b", "c"], actor=CLERK, at=AT
        ).pk
    where = f"/v1/operations/{ids.public('opn', made)}"
    assert wire.get(where).done()["state"] == "pending"

    with tenancy.firm(agency.ref):
        operations.run_chunk(made, AT)
    halfway = wire.get(where).done()
    with tenancy.firm(agency.ref):
        operations.run_chunk(made, AT)
    ended = wire.get(where).done()

    assert (halfway["state"], halfway["done"], halfway["failed"]) == ("running", 1, 1)
    assert (ended["state"], ended["done"], ended["failed"]) == ("partially_succeeded", 2, 1)
    items = wire.get(f"{where}/items", limit=2).done()
    rest = wire.get(f"{where}/items", after=items["last_n"]).done()
    assert [item["state"] for item in items["data"] + rest["data"]] == ["done", "failed", "done"]
    assert items["data"][1]["outcome"]["errors"][0]["code"] == "odd"
    (failed,) = wire.get(f"{where}/items", state="failed").done()["data"]
    assert failed["ref"] == "b"


# --- documents ------------------------------------------------------------------------------------


def kept(place, **facts):
    """A document of this firm."""
    given: dict[str, Any] = {
        "kind": "payslip",
        "name": 'Löhne "5".pdf',
        "media_type": "application/pdf",
        "subject": new_id(),
    } | facts
    with tenancy.firm(place.ref):
        row = documents.keep(b"%PDF-1.7", actor=CLERK, at=AT, **given)
        return ids.public("doc", row.pk)


def test_a_document_is_fetched_as_it_was_kept(wire, agency):
    made = kept(agency)

    reply = wire.get(f"/v1/documents/{made}/content").done()

    assert reply.content == b"%PDF-1.7"
    assert reply.headers["Content-Type"] == "application/pdf"
    assert reply.headers["ETag"] == f'"{wire.get(f"/v1/documents/{made}").done()["sha256"]}"'
    said = reply.headers["Content-Disposition"]
    assert said == "attachment; filename=\"Lhne 5.pdf\"; filename*=UTF-8''L%C3%B6hne%20%225%22.pdf"
    assert "sandbox" in reply.headers["Content-Security-Policy"]


def test_a_document_of_another_firm_is_missing(other_wire, agency):
    made = kept(agency)

    assert other_wire.get(f"/v1/documents/{made}").status == 404
    assert other_wire.get(f"/v1/documents/{made}/content").status == 404


# --- the sandbox's clock --------------------------------------------------------------------------


def test_the_clock_of_a_sandbox_moves_forward_and_the_wire_follows(wire, agency):
    from tests.firms import FIRST_MORNING

    later = FIRST_MORNING + timedelta(days=3)
    moved = wire.post("/v1/sandbox/clock", {"now": later.isoformat()}).done()
    back = wire.post("/v1/sandbox/clock", {"now": FIRST_MORNING.isoformat()})
    made = wire.post(ENDPOINTS, {"url": "https://hooks.example.com/"}).done()["id"]

    assert moved["now"] == later.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (back.status, back.code) == (422, "clock_backwards")
    assert wire.get(f"{ENDPOINTS}/{made}").done()["made_at"] == moved["now"]


@pytest.mark.parametrize("scope", ["events:read", "operations:read"])
def test_a_clock_is_moved_only_by_who_may(db, agency, scope):
    assert (
        Wire(key_of(agency, scope))
        .post("/v1/sandbox/clock", {"now": "2027-01-01T00:00:00Z"})
        .status
        == 403
    )
