"""Deeds on many records: named or found, accepted, cut off between chunks, and read one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api import sets
from backline.kernel import operations
from tests.api.office import inside
from tests.api.test_collections import JULY, billed, receipt
from tests.backline.payday import clock, money
from tests.backline.week import AT, MONDAY, approved, attend, in_books, posts, sheet

pytestmark = pytest.mark.django_db
APPROVE = "/v1/timesheets/approve"
SUBMITTED = {"where": {"status": "submitted"}}
CHUNK = 50


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of fifty, so that a hundred and twenty members are three."""
    runner, _ = operations.RUNNERS["timesheets.approve"]
    monkeypatch.setitem(operations.RUNNERS, "timesheets.approve", (runner, CHUNK))


def handed_in(place, wire, count: int) -> list[str]:
    """So many sheets that wait for approval."""
    some = in_books(place, lambda: posts(place, count))
    for first in range(0, count, 100):
        sent = {"timesheets": [sheet(one, "8") for one in some[first : first + 100]]}
        wire.post("/v1/timesheets/batch", sent).done()
    return [row["id"] for row in wire.every("/v1/timesheets", limit=200, sort="id")]


def one_chunk(place, operation: str, *, dies: bool = False) -> None:
    """Let a worker do the next chunk; one that dies does so with everything written."""
    from backline.kernel import ids

    key = ids.parse("opn", operation)
    assert key

    def work() -> None:
        operations.run_chunk(key, AT)
        if dies:
            raise KeyboardInterrupt

    if dies:
        with pytest.raises(KeyboardInterrupt):
            in_books(place, work)
    else:
        in_books(place, work)


def items(wire, operation: str, **query):
    """Every member of an operation with its result, page by page."""
    found, after = [], -1
    while True:
        where = f"/v1/operations/{operation}/items"
        page = wire.get(where, after=after, limit=40, **query).done()
        found += page["data"]
        if not page["has_more"]:
            return found
        after = page["last_n"]


def test_a_set_that_was_found_is_done_in_chunks_and_goes_on_after_a_kill(
    agency, other_agency, wire, other_wire, small_chunks
):
    keys = handed_in(agency, wire, 120)
    handed_in(other_agency, other_wire, 2)
    wire.post(f"/v1/timesheets/{keys[119]}/reject", {"reason": "Not hers"}).done()
    body = {"timesheets": [*reversed(keys), keys[0]]}

    taken = wire.post(APPROVE, body, key="friday").done()
    assert (taken.status, taken["kind"], taken["total"]) == (202, "timesheets.approve", 120)
    assert wire.post(APPROVE, body, key="friday").done()["id"] == taken["id"]

    one_chunk(agency, taken["id"])
    told = wire.get(f"/v1/operations/{taken['id']}").done()
    assert (told["state"], told["done"], told["failed"]) == ("running", CHUNK - 1, 1)

    one_chunk(agency, taken["id"], dies=True)
    assert wire.get(f"/v1/operations/{taken['id']}").done().body == told.body
    assert len(wire.every("/v1/timesheets", status="approved", limit=200)) == CHUNK - 1
    assert len(wire.every("/v1/charges", code="regular", limit=200)) == CHUNK - 1

    attend(agency)
    told = wire.get(f"/v1/operations/{taken['id']}").done()
    assert (told["state"], told["done"], told["failed"]) == ("partially_succeeded", 119, 1)
    rows = items(wire, taken["id"])
    assert [row["ref"] for row in rows] == list(reversed(keys))
    assert [row["n"] for row in rows] == list(range(120))
    (failed,) = items(wire, taken["id"], state="failed")
    assert failed["ref"] == keys[119]
    assert [fault["code"] for fault in failed["outcome"]["errors"]] == ["illegal_move"]
    charged = [row["timesheet"] for row in wire.every("/v1/charges", code="regular", limit=200)]
    assert sorted(charged) == sorted(keys[:119])  # each once

    assert {row["status"] for row in other_wire.every("/v1/timesheets")} == {"submitted"}
    assert other_wire.get(f"/v1/operations/{taken['id']}").status == 404
    assert other_wire.get(f"/v1/operations/{taken['id']}/items").status == 404


def test_a_few_that_were_found_are_done_at_once(agency, other_agency, wire, other_wire):
    keys = handed_in(agency, wire, 3)
    handed_in(other_agency, other_wire, 3)
    where = {"status": ["submitted", "draft"], "starts_on[gte]": MONDAY.isoformat()}

    done = wire.post(APPROVE, {"where": where, "po_number": "PO-1"}).done()
    again = wire.post(APPROVE, SUBMITTED).done()

    assert (done.status, done["done"], done["refused"]) == (207, 3, 0)
    assert [row["id"] for row in done["results"]] == keys
    assert again["results"] == []
    assert {row["status"] for row in other_wire.every("/v1/timesheets")} == {"submitted"}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ("set_unclear", "/timesheets")),
        ({"where": {}}, ("not_an_object", "/where")),
        ({"where": "all"}, ("not_an_object", "/where")),
        ({"where": {"colour": "red"}}, ("unknown_field", "/where/colour")),
        ({"where": {"limit": "1"}}, ("unknown_field", "/where/limit")),
        ({"where": {"status": "sent"}}, ("invalid_parameter", "/where/status")),
        ({"where": {"status": 1}}, ("not_text", "/where/status")),
        ({"where": {"status": []}}, ("not_text", "/where/status")),
        ({"where": {"starts_on[gte]": "May"}}, ("invalid_parameter", "/where/starts_on[gte]")),
    ],
)
def test_a_set_that_is_not_clear_is_refused_and_nothing_is_done(agency, wire, body, fault):
    handed_in(agency, wire, 1)
    assert wire.post(APPROVE, body).codes == [fault]
    both = {"timesheets": ["tsh_" + "0" * 26], **SUBMITTED}
    assert wire.post(APPROVE, both).codes == [("set_unclear", "/timesheets")]
    assert {row["status"] for row in wire.every("/v1/timesheets")} == {"submitted"}


def test_more_than_can_be_accepted_at_once_is_refused_whole(agency, wire, monkeypatch):
    handed_in(agency, wire, 3)
    monkeypatch.setattr(sets, "MOST", 2)
    assert wire.post(APPROVE, SUBMITTED).codes == [("set_too_large", "/where")]
    assert wire.every("/v1/operations") == []
    assert {row["status"] for row in wire.every("/v1/timesheets")} == {"submitted"}


def test_sheets_are_priced_again_and_one_that_is_refused_is_undone_alone(agency, wire, owner):
    from tenants import attending

    good, late = in_books(agency, lambda: posts(agency, 2))
    paid = approved(wire, good, "8")["id"]
    draft = wire.post("/v1/timesheets", sheet(late, "8", submit=False)).done()["id"]
    waits = wire.post("/v1/timesheets", sheet(late, "8", starts_on=MONDAY + timedelta(7))).done()[
        "id"
    ]
    rates = [{"code": "regular", "pay_rate": money("15.00"), "bill_rate": money("23.00")}]
    body = {"since": MONDAY.isoformat(), "rates": rates}
    owner.post(f"/v1/assignments/{late.asg}/rates", body, key="1").done()
    attend(agency)

    sent = {"timesheets": [paid, draft, waits], "reason": "Agreed anew"}
    taken = owner.post("/v1/timesheets/reprice", sent, key="again").done()
    for _ in range(4):
        attending.attend(agency.ref)

    told = wire.get(f"/v1/operations/{taken['id']}").done()
    assert (told["state"], told["done"], told["failed"]) == ("partially_succeeded", 2, 1)
    (failed,) = items(wire, taken["id"], state="failed")
    assert failed["ref"] == draft
    assert [fault["code"] for fault in failed["outcome"]["errors"]] == ["illegal_move"]
    assert wire.get(f"/v1/timesheets/{waits}").done()["rates_version"] == 2
    assert wire.get(f"/v1/timesheets/{draft}").done()["rates_version"] is None
    refused = owner.post("/v1/timesheets/reprice", {"timesheets": [paid], "reason": "  "})
    assert refused.status == 422


def test_waiting_receipts_are_matched_together(agency, other_agency, partner):
    clock(agency, JULY)
    billing = inside(partner, agency, "ops_billing", "cash")
    early = [receipt(billing, f"EARLY {n}", "120.00", f"INV-00000{n}").done() for n in (1, 2)]
    billed(agency, ["100.00"])
    unknown = "rcp_" + "0" * 26

    named = {"receipts": [early[0]["id"], unknown]}
    done = billing.post("/v1/receipts/match", named).done()
    found = billing.post("/v1/receipts/match", {"where": {"state": "unmatched"}}).done()

    assert [row["outcome"] for row in done["results"]] == ["done", "refused"]
    assert done["results"][1]["problem"]["code"] == "not_found"
    states = {row["bank_reference"]: row["state"] for row in billing.every("/v1/receipts")}
    assert states == {"EARLY 1": "applied", "EARLY 2": "unmatched"}
    assert [row["id"] for row in found["results"]] == [early[1]["id"]]
    theirs = inside(partner, other_agency, "ops_billing", "till")
    told = theirs.post("/v1/receipts/match", {"receipts": [early[1]["id"]]}).done()
    assert told["refused"] == 1


def test_one_waiting_receipt_is_matched_once_there_is_what_it_pays(agency, other_agency, partner):
    clock(agency, JULY)
    billing = inside(partner, agency, "ops_billing", "cash")
    theirs = inside(partner, other_agency, "ops_billing", "till")
    early = receipt(billing, "EARLY", "120.00", "INV-000001").done()
    where = f"/v1/receipts/{early['id']}"
    nothing = billing.post(f"{where}/match").done()
    assert (nothing["state"], nothing["allocations"]) == ("unmatched", [])
    for place in (agency, other_agency):
        billed(place, ["100.00"])

    strange = theirs.post(f"{where}/match")
    found = billing.post(f"{where}/match").done()
    again = billing.post(f"{where}/match").done()

    assert strange.status == 404
    assert (found["state"], found["because"], found["unapplied"]) == (
        "applied", "exact", money("0.00"),
    )  # fmt: skip
    (part,) = found["allocations"]
    assert part["amount"] == money("120.00")
    assert again.body == found.body == billing.get(where).done().body
    (paid,) = billing.every("/v1/invoices")
    (owed,) = theirs.every("/v1/invoices")
    assert (paid["open_amount"], owed["open_amount"]) == (money("0.00"), money("120.00"))
    assert theirs.every("/v1/allocations") == []
