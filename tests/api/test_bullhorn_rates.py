"""Bullhorn's rates: on placements, in change requests and on cards, in any order, both sides at
once.
"""

from __future__ import annotations

import random

import pytest

from tests import bullhorn
from tests.bullhorn import (
    CHANGE,
    PLACEMENT,
    SOURCE,
    WHOLE,
    agreed,
    connect,
    ms,
    one,
    send,
    send_all,
)  # fmt: skip
from tests.callers import key_of
from tests.wire import Wire

RECORDS = f"{SOURCE}/records"


@pytest.fixture
def ats(us_agency, person) -> Wire:
    """Bullhorn, connected, with a key that may do all a key may."""
    connect(person("owner", us_agency, "olive"))
    return Wire(key_of(us_agency))


@pytest.mark.parametrize("first", ["placement", "change"])
def test_a_change_request_moves_both_rates_from_its_day(ats, first):
    send_all(ats, "Candidate", "ClientCorporation", "ClientContact", "JobOrder")
    pair = [("Placement", PLACEMENT), ("PlacementChangeRequest", CHANGE)]
    for entity, body in pair if first == "placement" else reversed(pair):
        send(ats, entity, body)

    (made,) = ats.every("/v1/assignments")
    assert agreed(ats, made["id"]) == [
        ("2026-06-01", [("regular", "18.50", "26.75")]),
        ("2026-06-10", [("regular", "19.25", "27.80")]),
    ]
    assert {each["outcome"] for each in ats.every(RECORDS, record="change")} <= {
        "created", "updated", "unchanged",
    }  # fmt: skip


def test_two_effective_days_are_an_exception_and_not_two_halves(ats):
    placement = send_all(ats)["Placement"]
    torn = CHANGE | {"dateClientEffective": ms("2026-06-15T00:00")}

    told = one(send(ats, "PlacementChangeRequest", torn))

    assert (told["outcome"], told["problem"]["code"]) == ("failed", "rate_dates_differ")
    assert "2026-06-10" in told["problem"]["detail"]
    assert "2026-06-15" in told["problem"]["detail"]
    assert len(agreed(ats, placement["id"])) == 1
    (exception,) = ats.every("/v1/exceptions", state="open")
    assert exception["kind"] == "rate_dates_differ"
    mended = CHANGE | {"dateLastModified": ms("2026-06-04T16:30")}
    assert one(send(ats, "PlacementChangeRequest", mended))["outcome"] == "updated"
    assert len(agreed(ats, placement["id"])) == 2
    assert ats.every("/v1/exceptions", state="open") == []


def test_a_change_request_that_is_not_approved_changes_nothing(ats):
    placement = send_all(ats)["Placement"]

    waits = one(send(ats, "PlacementChangeRequest", CHANGE | {"requestStatus": "Pending"}))

    assert (waits["outcome"], waits["problem"]["code"]) == ("parked", "change_not_approved")
    assert len(agreed(ats, placement["id"])) == 1


def test_a_stop_ends_the_assignment(ats):
    placement = send_all(ats)["Placement"]
    stop = {"id": 62, "placement": {"id": 51}, "requestType": "Stop", "requestStatus": "Approved",
            "payRate": 0, "dateEnd": ms("2026-07-03T00:00"),
            "dateLastModified": ms("2026-06-29T08:00")}  # fmt: skip

    assert one(send(ats, "PlacementChangeRequest", stop))["outcome"] == "updated"

    assert ats.get(f"/v1/assignments/{placement['id']}").done()["ends_on"] == "2026-07-03"


@pytest.mark.parametrize("seed", range(5))
def test_a_rate_card_in_parts_is_put_together_in_any_order(ats, seed):
    parts = [
        *WHOLE,
        ("PlacementRateCard", bullhorn.card()),
        ("PlacementRateCardLineGroup", bullhorn.group()),
        ("PlacementRateCardLine", bullhorn.line(91, "REG", "20.00", "29.00")),
        ("PlacementRateCardLine", bullhorn.line(92, "OT", "30.00", "43.50")),
    ]
    random.Random(seed).shuffle(parts)
    for entity, body in parts:
        send(ats, entity, body)

    (made,) = ats.every("/v1/assignments")
    assert agreed(ats, made["id"]) == [
        ("2026-06-01", [("regular", "18.50", "26.75")]),
        ("2026-07-01", [("overtime", "30.00", "43.50"), ("regular", "20.00", "29.00")]),
    ]
    assert {each["outcome"] for each in ats.every(RECORDS)} <= {"created", "updated", "unchanged"}
    assert ats.every("/v1/exceptions", state="open") == []


def test_a_rate_card_sent_whole_with_its_lines_inside_is_the_same(ats):
    send_all(ats)
    group = bullhorn.group() | {
        "placementRateCardLines": {"total": 1, "data": [bullhorn.line(91, "REG", "20", "29")]}
    }
    card = bullhorn.card() | {"placementRateCardLineGroups": {"total": 1, "data": [group]}}

    send(ats, "PlacementRateCard", card)

    (made,) = ats.every("/v1/assignments")
    assert agreed(ats, made["id"])[1] == ("2026-07-01", [("regular", "20.00", "29.00")])
