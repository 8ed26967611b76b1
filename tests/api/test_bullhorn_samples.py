"""Every record that Bullhorn's own SDK is tested with, through the door: each ends in a named
outcome. The files lie beside the project and are never copied into it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backline.kernel import ids
from tests.api.bills import drafts, final
from tests.api.office import inside
from tests.backline.payday import clock, employer, opened, payable, released, three
from tests.backline.week import attend, in_books
from tests.sources import at_work
from tests.wire import Wire

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared/data/ats/bullhorn"
OUTCOMES = {
    "created", "updated", "unchanged", "stale_ignored", "parked", "failed", "proposed",
    "tombstoned", "conflict",
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="no samples of Bullhorn's at ../shared/data/ats/bullhorn"
)


def entity_of(path: Path) -> str:
    return "".join(word.capitalize() for word in path.stem.split("-"))


def send(wire: Wire, path: Path) -> Any:
    entity = entity_of(path)
    return wire.call(
        "POST",
        "/v1/sources/bullhorn/deliveries",
        path.read_bytes(),
        query={"entity": entity},
        media="application/json",
    )


def test_every_sample_ends_in_a_named_outcome(person, us_agency, capsys):
    owner = person("owner", us_agency, "samples")
    owner.post("/v1/sources", {"name": "bullhorn", "kind": "bullhorn"}).done()
    told: dict[str, Counter[str]] = {}
    codes: Counter[str] = Counter()

    for path in sorted(SAMPLES.glob("*.json")):
        held = json.loads(path.read_text())
        count = len(held.get("data") or held.get("events"))
        reply = send(owner, path).done()
        results = reply["results"]
        assert len(results) == count
        assert {each["outcome"] for each in results} <= OUTCOMES
        for each in results:
            if each["outcome"] in ("failed", "parked"):
                assert each["problem"]["errors"]
                codes.update(fault["code"] for fault in each["problem"]["errors"])
        told[entity_of(path)] = Counter(each["outcome"] for each in results)

    with capsys.disabled():
        for entity, counts in told.items():
            sys.stdout.write(f"\n{entity:28}{dict(counts)}")
        sys.stdout.write(f"\n{dict(codes)}\n")


def confirmed_sample(owner: Wire) -> dict[str, Any]:
    """An approved placement of theirs, its missing facts supplied, as a confirmed assignment."""
    owner.post("/v1/sources", {"name": "bullhorn", "kind": "bullhorn"}).done()
    for path in sorted(SAMPLES.glob("*.json")):
        send(owner, path).done()
    samples = json.loads((SAMPLES / "placement.json").read_text())["data"]
    approved = {str(each["id"]) for each in samples if each["status"] == "Approved"}
    where = "/v1/sources/bullhorn/records"
    lacking = owner.every(where, record="placement", outcome="failed")
    assert approved <= {each["external_id"] for each in lacking}
    assert all(fault["source_field"] for each in lacking for fault in each["problem"]["errors"])

    settings = {"engagements": {"SU": "w2"}, "defaults": {"pay_frequency": "weekly"}}
    version = owner.get("/v1/sources/bullhorn").headers["ETag"]
    owner.patch("/v1/sources/bullhorn", {"settings": settings}, match=version).done()

    created = owner.every(where, record="placement", outcome="created")
    (made,) = (each for each in created if each["external_id"] in approved)
    confirmed = owner.post(f"/v1/assignments/{made['about']}/confirm").done()
    assert (confirmed["status"], confirmed["engagement"]) == ("confirmed", "w2")
    return {**confirmed.body, "external_id": made["external_id"]}


def test_an_approved_sample_reaches_payslip_and_invoice(person, us_agency, partner):
    clock(us_agency)
    people = three(us_agency, partner)
    owner = person("owner", us_agency, "samples")
    made = confirmed_sample(owner)
    worker, assignment = ids.parse("wrk", made["worker"]), made["id"]
    assert worker is not None
    for form in ("i9_section_1", "i9_section_2"):  # papers are another story
        owner.put(f"/v1/requirements/{form}", {"is_active": False}).done()

    def world() -> None:
        employer("US")
        payable([worker], uk=False)

    in_books(us_agency, world)
    at_work(us_agency, assignment)
    days = [{"worked_on": f"2026-06-0{day}", "quantity": "8"} for day in range(1, 6)]
    body = {"placement": {"external_id": made["external_id"]}, "starts_on": "2026-06-01",
            "entries": days, "submit": True, "source_version": 1}  # fmt: skip
    sheet = owner.put("/v1/sources/bullhorn/timesheets/T-1", body).done()["id"]
    owner.post(f"/v1/timesheets/{sheet}/approve", {}).done()
    attend(us_agency)

    run = opened(us_agency)
    paid = released(us_agency, people, run)
    (slip,) = people.preparer.every("/v1/pay-statements", run=run)
    billing = inside(partner, us_agency, "ops_billing", "bill")
    (draft,) = drafts(billing)
    issued = final(billing, us_agency, draft["id"])

    (agreed,) = owner.every(f"/v1/assignments/{assignment}/rates")
    pay, bill = (Decimal(agreed["rates"][0][side]["amount"]) for side in ("pay_rate", "bill_rate"))
    assert paid["state"] == "released"
    assert Decimal(slip["gross"]["amount"]) == 40 * pay
    assert Decimal(issued["net"]["amount"]) == 40 * bill
    assert issued["number"] == "INV-000001"
