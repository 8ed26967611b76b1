"""Every record that Bullhorn's own SDK is tested with, through the door: each ends in a named
outcome. The files lie beside the project and are never copied into it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

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


def test_an_approved_sample_reaches_a_confirmed_assignment(person, us_agency):
    owner = person("owner", us_agency, "samples")
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

    made = owner.every(where, record="placement", outcome="created")
    assert made
    for each in made:
        assert each["external_id"] in approved
        confirmed = owner.post(f"/v1/assignments/{each['about']}/confirm").done()
        assert (confirmed["status"], confirmed["engagement"]) == ("confirmed", "w2")
