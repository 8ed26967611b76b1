"""However many sheets one call decides on, it asks the database as often; others' sheets stay."""

from __future__ import annotations

import pytest

from backline.kernel import copying
from tests.backline.week import in_books, posts, sheet

pytestmark = pytest.mark.django_db
FEW, MANY = 10, 40
DEEDS = {  # what is said, of sheets that stand how, and how they stand after it
    "submit": ({}, "draft", "submitted"),
    "approve": ({}, "submitted", "approved"),
    "reject": ({"reason": "Eight hours, not nine."}, "submitted", "rejected"),
    "void": ({}, "draft", "voided"),
    "not-worked": ({"reason": "The works were shut."}, "draft", "not_worked"),
}


@pytest.fixture(autouse=True)
def _many(monkeypatch):
    """Ten are many: none go with a question."""
    monkeypatch.setattr(copying, "FEW", FEW - 1)


def sheets(place, wire, count: int, state: str, *hours: str) -> list[str]:
    """So many sheets, drafts or handed in."""
    some = in_books(place, lambda: posts(place, count))
    sent = [sheet(one, *hours, submit=state == "submitted") for one in some]
    done = wire.post("/v1/timesheets/batch", {"timesheets": sent}).done()
    return [row["id"] for row in done["results"]]


@pytest.mark.parametrize("deed", DEEDS)
def test_a_set_of_any_size_asks_as_often(agency, other_agency, wire, other_wire, deed):
    said, before, after = DEEDS[deed]
    hours = () if deed == "not-worked" else ("8", "8", "8", "8", "8")
    keys = sheets(agency, wire, 1 + FEW + MANY, before, *hours)
    sheets(other_agency, other_wire, 2, before, *hours)

    alone, few, many = (
        wire.post(f"/v1/timesheets/{deed}", {"timesheets": some} | said).done()
        for some in (keys[:1], keys[1 : 1 + FEW], keys[1 + FEW :])
    )

    assert [reply["done"] for reply in (alone, few, many)] == [1, FEW, MANY]
    assert {row["status"] for row in wire.every("/v1/timesheets")} == {after}
    assert {row["status"] for row in other_wire.every("/v1/timesheets")} == {before}
    assert many.counted == few.counted, (alone.counted, few.counted, many.asked)
