"""Requirements: what work calls for, what is on file, and what its lack stands in the way of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from types import MappingProxyType

import pytest

from rulebook.calendars import business_day
from rulebook.requirements import (
    BILL,
    PAY,
    START,
    Evidence,
    Requirement,
    clearance,
    expiring,
    i9_section_2,
    notice_due,
    packet,
)

pytestmark = pytest.mark.rulebook

MONDAY = date(2026, 9, 14)
PERMIT = Requirement("right_to_work", "Right to work")
TEMP = {"country": "GB", "engagement": "paye"}


def when(**facts: str) -> Mapping[str, frozenset[str]]:
    return MappingProxyType({fact: frozenset(values.split()) for fact, values in facts.items()})


def federal_business_day(day: date, n: int) -> date:
    return business_day(day, n, "us.federal_reserve")


def test_a_start_with_one_paper_missing_is_blocked_by_its_name() -> None:
    needed = [PERMIT, Requirement("terms_agreed", "Terms agreed")]
    cleared = clearance(needed, TEMP, [Evidence("e1", "right_to_work", MONDAY)], MONDAY)
    assert [standing.requirement.label for standing in cleared.blocking(START)] == ["Terms agreed"]
    supplied = [Evidence("e1", "right_to_work", MONDAY), Evidence("e2", "terms_agreed", MONDAY)]
    assert clearance(needed, TEMP, supplied, MONDAY).is_cleared(START)


def test_each_requirement_blocks_only_its_own_steps() -> None:
    needed = [
        replace(PERMIT, blocks=frozenset({START, PAY})),
        Requirement("po", "PO", blocks=frozenset({BILL})),
    ]
    cleared = clearance(needed, TEMP, [], MONDAY)
    assert [
        [row.requirement.code for row in cleared.blocking(step)] for step in (START, PAY, BILL)
    ] == [
        ["right_to_work"],
        ["right_to_work"],
        ["po"],
    ]


def test_a_requirement_applies_where_all_its_conditions_hold() -> None:
    needed = Requirement(
        "sds", "SDS", when=when(engagement="psc", client_size="medium large public")
    )
    cases = [
        ({"engagement": "psc", "client_size": "large"}, True),
        ({"engagement": "psc", "client_size": "small"}, False),
        ({"engagement": "paye", "client_size": "large"}, False),
        ({"engagement": "psc"}, False),
    ]
    for facts, applies in cases:
        assert needed.applies(facts, MONDAY) is applies


def test_a_requirement_is_asked_for_from_its_day_until_its_last() -> None:
    needed = replace(PERMIT, since=MONDAY, until=MONDAY + timedelta(7))
    asked = [needed.applies({}, MONDAY + timedelta(days)) for days in (-1, 0, 6, 7)]
    assert asked == [False, True, True, False]


def test_evidence_holds_through_its_last_day_and_lapses_the_day_after() -> None:
    permit = Evidence("e1", "right_to_work", MONDAY, expires_on=MONDAY + timedelta(9))
    for days, reason in ((-1, "missing"), (0, "met"), (9, "met"), (10, "expired")):
        (standing,) = clearance([PERMIT], {}, [permit], MONDAY + timedelta(days)).standings
        assert standing.reason == reason


def test_a_requirement_may_shorten_the_life_of_a_paper() -> None:
    yearly = Requirement("agreement", "Self-billing agreement", valid_days=365)
    paper = Evidence("e1", "agreement", date(2026, 1, 1), expires_on=date(2030, 1, 1))
    assert yearly.good_until(paper) == date(2026, 12, 31)


def test_the_paper_that_holds_longest_is_the_one_that_counts() -> None:
    papers = [
        Evidence("old", "right_to_work", date(2025, 1, 1), expires_on=MONDAY),
        Evidence("new", "right_to_work", date(2026, 1, 1), expires_on=MONDAY + timedelta(300)),
    ]
    (standing,) = clearance([PERMIT], {}, papers, MONDAY).standings
    assert standing.evidence is papers[1]


def test_a_rejected_paper_does_not_count_and_says_so() -> None:
    paper = Evidence("e1", "right_to_work", MONDAY, is_rejected=True)
    (standing,) = clearance([PERMIT], {}, [paper], MONDAY).standings
    assert (standing.reason, standing.blocks(START)) == ("rejected", True)


def test_evidence_for_one_client_does_not_serve_another() -> None:
    vetted = Evidence("e1", "vetting", MONDAY, scope=MappingProxyType({"client": "Acme"}))
    needed = [Requirement("vetting", "Site vetting")]
    assert clearance(needed, {"client": "Acme"}, [vetted], MONDAY).is_cleared(START)
    assert not clearance(needed, {"client": "Bolt"}, [vetted], MONDAY).is_cleared(START)


def test_what_expires_is_listed_soonest_first_with_notices_on_their_days() -> None:
    needed = [PERMIT, Requirement("licence", "Licence"), Requirement("terms", "Terms")]
    papers = [
        Evidence("e1", "right_to_work", MONDAY, expires_on=MONDAY + timedelta(30)),
        Evidence("e2", "licence", MONDAY, expires_on=MONDAY + timedelta(14)),
        Evidence("e3", "terms", MONDAY),
    ]
    found = expiring(clearance(needed, {}, papers, MONDAY), within_days=30)
    assert [(row.requirement.code, row.days_left) for row in found] == [
        ("licence", 14),
        ("right_to_work", 30),
    ]
    ends = MONDAY + timedelta(30)
    due = [notice_due(ends, MONDAY + timedelta(days)) for days in (0, 1, 16, 29, 30)]
    assert due == [30, None, 14, 1, None]


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 9, 10), "running"),
        (date(2026, 9, 13), "running"),
        (date(2026, 9, 14), "warning"),
        (date(2026, 9, 15), "warning"),
        (date(2026, 9, 16), "late"),
    ],
)
def test_a_start_on_thursday_has_section_2_due_on_tuesday(on: date, state: str) -> None:
    duty = i9_section_2(date(2026, 9, 10), on, federal_business_day)
    assert (duty.due_on, duty.warn_on, duty.state) == (date(2026, 9, 15), date(2026, 9, 14), state)


def test_a_holiday_moves_section_2_and_a_late_form_stays_late() -> None:
    started = date(2026, 9, 3)  # the Thursday before Labor Day, Monday 7 September
    check = partial(i9_section_2, started, date(2026, 9, 20), federal_business_day)
    assert check().due_on == date(2026, 9, 9)
    assert check(completed_on=date(2026, 9, 9)).state == "done"
    assert check(completed_on=date(2026, 9, 10)).state == "done_late"


def test_what_may_follow_the_start_blocks_only_once_it_is_late() -> None:
    facts = {"country": "US", "engagement": "w2", "region": "TX"}
    started = date(2026, 9, 10)
    for on, reason, blocks in ((15, "due", False), (16, "missing", True)):
        cleared = clearance(
            packet("US"),
            facts,
            [],
            date(2026, 9, on),
            started_on=started,
            business_days=federal_business_day,
        )
        (section_2,) = [row for row in cleared.standings if row.requirement.code == "i9_section_2"]
        assert (section_2.reason, section_2.due_on, section_2.blocks(PAY)) == (
            reason,
            date(2026, 9, 15),
            blocks,
        )


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (
            {"engagement": "paye"},
            "right_to_work key_information terms_agreed starter_declaration bank_account",
        ),
        (
            {"engagement": "psc", "client_size": "large", "invoicing": "self_bill"},
            "right_to_work key_information terms_agreed bank_account sds company_documents "
            "self_billing_agreement",
        ),
        (
            {"engagement": "umbrella"},
            "right_to_work key_information terms_agreed bank_account umbrella_approved",
        ),
    ],
)
def test_each_uk_route_has_its_own_papers(facts: dict[str, str], codes: str) -> None:
    cleared = clearance(packet("GB"), facts, [], MONDAY)
    assert [row.requirement.code for row in cleared.standings] == codes.split()


def test_each_us_route_and_state_has_its_own_papers() -> None:
    def asked(**facts: str) -> list[str]:
        cleared = clearance(packet("US"), facts, [], MONDAY)
        return [row.requirement.code for row in cleared.standings]

    w2 = ["i9_section_1", "i9_section_2", "w4"]
    assert asked(engagement="w2", region="TX") == [*w2, "bank_account"]
    assert asked(engagement="w2", region="CA") == [*w2, "wage_notice", "bank_account"]
    assert asked(engagement="1099", region="TX") == [
        "w9",
        "contractor_classification",
        "bank_account",
    ]


def test_a_missing_tax_form_never_holds_pay() -> None:
    for country, engagement, form in (("GB", "paye", "starter_declaration"), ("US", "w2", "w4")):
        cleared = clearance(packet(country), {"engagement": engagement}, [], MONDAY)
        (standing,) = [row for row in cleared.standings if row.requirement.code == form]
        assert not any(standing.blocks(step) for step in (START, PAY, BILL))


def test_every_requirement_names_its_source() -> None:
    assert all(item.source for country in ("GB", "US") for item in packet(country))
