"""The employment intermediaries report: whom HMRC is told of each quarter, and whom not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.backline import payday
from tests.backline.payday import clock, money, opened, released
from tests.backline.week import in_books, posts

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 7, 6)
TUESDAY = datetime(2026, 7, 14, 9, tzinfo=UTC)


def world(place):
    """One worker of each British way of being paid, a week of 600.00 behind each."""
    from backline.assignments import actions as assignments
    from backline.assignments.models import Assignment
    from tests.backline.week import TOLD

    payday.employer()
    ways = ("paye", "umbrella", "limited", "inside", "cis")
    umbrella, own, other = (
        payday.company(kind, legal_name=name)
        for kind, name in (("umbrella", "Clear Ltd"), ("limited", "Own"), ("limited", "Inside"))
    )
    some = dict(zip(ways, posts(place, 5), strict=True))
    for way, firm in (("umbrella", umbrella), ("limited", own), ("inside", other)):
        payday.through(some[way], firm)
    for way, post in some.items():
        engagement = "limited" if way == "inside" else way
        Assignment.objects.filter(pk=post.assignment).update(engagement=engagement)
    assignments.determine(
        some["inside"].assignment,
        is_inside=True,
        since=date(2026, 6, 1),
        document=None,
        reason="works under direction",
        **TOLD,
    )
    workers = [some[way].worker for way in ("paye", "inside", "cis")]
    payday.payable(workers, companies=[umbrella, own, other])
    payday.earns(list(some.values()), on=MONDAY)


@pytest.mark.capability("OK-19")
def test_a_quarter_names_those_without_tax_taken_here_and_may_be_nil(agency, other_agency, partner):
    in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    clock(agency)
    people = payday.three(agency, partner)
    released(agency, people, opened(agency, TUESDAY))
    wire = people.preparer

    told = wire.get("/v1/intermediary-reports/2026-10-05").done()

    span = (told["starts_on"], told["ends_on"], told["due_on"])
    assert span == ("2026-07-06", "2026-10-05", "2026-11-05")
    lines = {line["route"]: line for line in told["lines"]}
    # PAYE here is left out, and so is whose fee was taxed here as deemed pay
    assert sorted(lines) == ["cis", "limited", "umbrella"]
    assert {route: line["reason"] for route, line in lines.items()} == {
        "cis": "A",
        "limited": "D",
        "umbrella": "F",
    }
    assert {line["paid"]["amount"] for line in lines.values()} == {"600.00"}
    assert lines["umbrella"]["company_name"] == "Clear Ltd"
    assert lines["limited"]["company_name"] == "Own"
    assert lines["cis"]["intermediary"] is None
    assert told["paid"] == money("1800.00")
    assert not told["is_nil"]

    before = wire.get("/v1/intermediary-reports/2026-07-05").done()
    assert (before["is_nil"], before["lines"], before["due_on"]) == (True, [], "2026-08-05")
    wrong = wire.get("/v1/intermediary-reports/2026-09-30")
    assert wrong.codes == [("not_a_quarter_end", "/quarter")]
    # the look-alike has paid nobody yet: its report is nil
    clock(other_agency)
    theirs = payday.three(other_agency, partner).preparer
    assert theirs.get("/v1/intermediary-reports/2026-10-05").done()["is_nil"]
