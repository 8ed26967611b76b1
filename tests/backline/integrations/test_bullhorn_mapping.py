"""Bullhorn's words, numbers and days as we understand them; pure, so every trap is tried."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backline.integrations.mappings import bullhorn, bullhorn_rates
from backline.integrations.mappings.understanding import (
    Understanding,
    many,
    number,
    phone,
    price,
    state_code,
    text,
    zone_of,
)

HOW = Understanding("America/Chicago")


@pytest.mark.parametrize(
    ("zone", "value", "day"),
    [
        ("America/Chicago", 1780290000000, "2026-06-01"),  # midnight there
        ("UTC", 1780290000000, "2026-06-01"),
        ("America/Los_Angeles", 1780290000000, "2026-05-31"),
        ("Pacific/Auckland", 1780290000000, "2026-06-01"),
        ("Europe/London", 1774742400000, "2026-03-29"),  # the night the clocks go forward
        ("UTC", "2020-1-1", "2020-01-01"),
        ("UTC", "2026-06-01T23:59:59Z", "2026-06-01"),
        ("UTC", "2999-12-31", None),
        ("UTC", 32503593600000, None),  # the year 2999 in milliseconds
        ("UTC", "", None),
        ("UTC", None, None),
        ("UTC", True, None),
        ("UTC", "2026-02-30", None),
        ("UTC", 10**18, None),
        ("UTC", -1, None),
    ],
)
def test_a_moment_becomes_a_day_where_the_source_is(zone, value, day):
    assert Understanding(zone).day(value) == day


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        (11, "11"),
        (Decimal("18.50"), "18.5"),
        (Decimal("21.333333"), "21.333333"),
        (Decimal("0E-10"), None),
        (0, None),
        (Decimal("-203.3697"), "-203.3697"),
        ("19.25", "19.25"),
        ("", None),
        ("eleven", None),
        ("NaN", None),
        ("1e400", None),
        (None, None),
        (True, None),
        ([], None),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_a_price_is_exact_and_nothing_is_no_price(value, spelled):
    assert price(value) == spelled


def test_words_come_bare_or_listed_and_what_is_hidden_does_not_come():
    assert text([" Contract "]) == "Contract"
    assert text("**CONFIDENTIAL**") == text({}) == text(None) == text([]) == text(True) == ""
    assert text(5) == "5"
    assert number("**CONFIDENTIAL**") is None
    assert many({"lines": {"total": 9, "data": [{"id": 1}, 5]}}, "lines") == [{"id": 1}]


def test_places_are_known_by_letters_and_by_name():
    assert (state_code("Illinois"), state_code("il"), state_code("Bavaria")) == ("IL", "IL", "")
    assert zone_of("US", "AZ") == "America/Phoenix"
    assert zone_of("GB", "") == "Europe/London"
    assert HOW.country({"countryID": 1}, bullhorn.COUNTRIES) == "US"
    assert HOW.country({"countryCode": "gb", "countryID": 1}, bullhorn.COUNTRIES) == "GB"
    assert HOW.country({"countryID": 77}, bullhorn.COUNTRIES) == ""
    own = Understanding("UTC", {"countries": {"77": "GB"}})
    assert own.country({"countryID": 77}, bullhorn.COUNTRIES) == "GB"


@pytest.mark.parametrize(
    ("told", "country", "spelled"),
    [
        ("(312) 555-0147", "US", "+13125550147"),
        ("1-312-555-0147", "US", "+13125550147"),
        ("020 7946 0001", "GB", "+442079460001"),
        ("+44 20 7946 0001", "US", "+442079460001"),
        ("ext. 12", "US", "ext. 12"),
        ("", "GB", ""),
    ],
)
def test_a_telephone_number_is_spelled_for_the_world_where_its_country_is_known(
    told, country, spelled
):
    assert phone(told, country) == spelled


@pytest.mark.parametrize(("theirs", "ours"), [(1, 6), (2, 0), (7, 5)])
def test_their_week_begins_on_a_sunday_called_one(theirs, ours):
    (found,) = bullhorn.records("Placement", {"id": 1, "workWeekStart": theirs}, HOW)
    assert found.body["week_starts"] == ours


def test_a_week_that_begins_on_no_day_says_nothing():
    (found,) = bullhorn.records("Placement", {"id": 1, "workWeekStart": 0}, HOW)
    assert "week_starts" not in found.body


WORDS = st.sampled_from(
    ["", "W2", "Approved", "**CONFIDENTIAL**", "2999-12-31", "0E-10", "Per Hour", "x" * 300]
)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.decimals(allow_nan=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["id", "data", "total", "name", "countryID"]), inner),
    max_leaves=6,
)  # fmt: skip
NAMES = st.sampled_from(
    [
        "id", "candidate", "jobOrder", "payRate", "clientBillRate", "dateBegin", "dateEnd",
        "status", "employeeType", "employmentType", "address", "firstName", "lastName", "email",
        "name", "clientCorporation", "placement", "requestType", "requestStatus", "earnCode",
        "isDeleted", "dateLastModified", "workWeekStart", "salaryUnit", "dateEffective",
        "dateClientEffective", "placementRateCardLineGroups", "placementRateCardLines",
        "entityName", "entityId", "entityEventType", "versionID", "effectiveDate",
    ]
)  # fmt: skip
ENTITIES = st.sampled_from([*bullhorn.ENTITIES, *bullhorn_rates.ENTITIES, "Event", "Sendout"])


@settings(max_examples=400)
@given(ENTITIES, st.dictionaries(NAMES, VALUES, max_size=8))
def test_whatever_is_sent_becomes_something_that_can_be_kept(entity, raw):
    found = bullhorn.records(entity, bullhorn.kept(raw), HOW)

    assert found
    for each in found:
        assert len(each.external_id) <= 80
        assert "CONFIDENTIAL" not in json.dumps(each.body)
        assert each.record or each.note
