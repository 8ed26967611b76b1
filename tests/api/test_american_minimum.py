"""The minimum wage across the sea, by the day worked: what is below it cannot be released."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.backline.payday import calculated, clock, employer, opened, payable, released, three
from tests.backline.week import approved, client_of, in_books, posts
from tests.callers import key_of, signed_in
from tests.wire import Wire

pytestmark = pytest.mark.django_db

ALASKA = ("US", "USD", "America/Anchorage")
# Alaska's minimum is 13.00 until 30 June 2026 and 14.00 from 1 July, a Wednesday
WEEK, AFTER = date(2026, 6, 29), datetime(2026, 7, 7, 9, 0, tzinfo=UTC)
FIVE_DAYS = ("8",) * 5


def alaskan(place, rate: str, *, since: date = WEEK):
    """A worker in Alaska at a firm that can pay there."""

    def world():
        employer("US")
        at = client_of(place, where=ALASKA, region="AK")
        made = [("regular", rate, "30.00")]
        (post,) = posts(place, at=at, engagement="w2", rates=made, starts_on=since)
        payable([post.worker], uk=False)
        return post

    post = in_books(place, world)
    body = {"authority": "state:AK", "reference": "1", "since": "2026-01-01"}
    owner = Wire(signed_in(place, "owner", "olive"))
    owner.post("/v1/registrations", body | {"facts": {"rate": "0.01"}}).done()
    clock(place, AFTER)
    return post


def test_pay_below_the_minimum_of_the_days_worked_cannot_be_released(
    us_agency, other_us_agency, partner
):
    """Sixteen hours at 13.00 and twenty-four at 14.00 are 544.00: 13.59 an hour makes 543.60 and is
    held, 13.60 makes 544.00 and is paid.
    """
    low, enough = alaskan(us_agency, "13.59"), alaskan(other_us_agency, "13.60")
    for place, post in ((us_agency, low), (other_us_agency, enough)):
        approved(Wire(key_of(place)), post, *FIVE_DAYS, starts_on=WEEK)
    people = three(us_agency, partner)

    run = opened(us_agency, AFTER)
    held = calculated(us_agency, people.preparer, run)

    told = {one["code"]: one["detail"] for one in held["blockers"]}
    assert sorted(told) == ["below_minimum_wage", "nothing_to_pay"]
    assert "below the minimum of 544.00" in told["below_minimum_wage"]
    assert people.preparer.post(f"/v1/pay-runs/{run}/submit").status == 409
    assert people.releaser.post(f"/v1/pay-runs/{run}/release", key="early").status == 409
    assert people.preparer.every("/v1/payments", run=run) == []

    theirs = three(other_us_agency, partner)
    done = released(other_us_agency, theirs, opened(other_us_agency, AFTER))
    assert done["gross"] == {"amount": "544.00", "currency": "USD"}


def test_late_time_is_held_to_the_minimum_of_its_own_days(us_agency, partner):
    """Monday and Tuesday of June at 13.00 are lawful, also when they are paid with July's."""
    post = alaskan(us_agency, "13.00")
    approved(Wire(key_of(us_agency)), post, "8", "8", starts_on=WEEK)
    people = three(us_agency, partner)

    run = opened(us_agency, datetime(2026, 7, 14, 9, 0, tzinfo=UTC))
    done = released(us_agency, people, run)

    assert done["starts_on"] == "2026-07-06"
    assert done["gross"] == {"amount": "208.00", "currency": "USD"}
