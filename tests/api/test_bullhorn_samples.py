"""Every record that Bullhorn's own SDK is tested with, through the door: each ends in a named
outcome. The files lie beside the project and are never copied into it.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.wire import Wire

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared/data/ats/bullhorn"
WORDS = {
    "client-corporation": "ClientCorporation",
    "client-contact": "ClientContact",
    "job-order": "JobOrder",
}
OUTCOMES = {
    "created", "updated", "unchanged", "stale_ignored", "parked", "failed", "proposed",
    "tombstoned", "source_version_conflict",
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
            print(f"\n{entity:28}", dict(counts), end="")
        print("\n", dict(codes))
