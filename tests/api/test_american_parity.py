"""Equal pay across the sea: 720 hours at one client in Illinois, the first hour in New Jersey."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.backline.week import MONDAY, approved, attend, client_of, in_books, posts
from tests.callers import key_of, signed_in
from tests.wire import Wire

pytestmark = pytest.mark.django_db

CENTRAL = ("US", "USD", "America/Chicago")
TWENTY = ("regular", "20.00", "30.00")
SIX_TENS = ("10",) * 6
A_YEAR_BEFORE = date(2025, 6, 2)  # its Monday lies within the twelve months that end on 1 June 2026


@pytest.fixture
def us_wire(us_agency):
    return Wire(key_of(us_agency))


@pytest.fixture
def other_us_wire(other_us_agency):
    return Wire(key_of(other_us_agency))


def post_in(place, region: str, *, since: date = MONDAY, workers=()):
    """An assignment in a state at a client of its own."""

    def make():
        at = client_of(place, where=CENTRAL, region=region)
        return posts(
            place, at=at, engagement="w2", rates=[TWENTY], starts_on=since, workers=workers
        )[0]

    return in_books(place, make)


def works(wire, post, first: date, weeks: int) -> None:
    """Weeks of sixty hours, approved."""
    for n in range(weeks):
        approved(wire, post, *SIX_TENS, starts_on=first + timedelta(7 * n))


def due(place, wire: Wire) -> list[dict[str, Any]]:
    """The open exceptions about equal pay once everything has happened."""
    attend(place)
    return wire.every("/v1/exceptions", kind="parity_due", state="open")


@pytest.mark.capability("OU-09")
def test_hour_721_at_one_client_in_illinois_asks_for_equal_pay(
    us_agency, us_wire, other_us_agency, other_us_wire
):
    """Twelve weeks of sixty hours are 720 and owe nothing yet; the next hour does. Over two clients
    the same hours never do, and what is older than twelve months has dropped out.
    """
    first = MONDAY - timedelta(7 * 12)
    post = post_in(us_agency, "IL", since=first)
    works(us_wire, post, first, 12)
    assert due(us_agency, us_wire) == []
    approved(us_wire, post, "1")

    (told,) = due(us_agency, us_wire)
    assert told["about"] == post.asg
    assert told["evidence"][0]["hours_beyond"] == "1.00"

    two = post_in(other_us_agency, "IL", since=first)
    twin = post_in(other_us_agency, "IL", since=first, workers=[two.worker])
    works(other_us_wire, two, first, 6)
    works(other_us_wire, twin, first + timedelta(42), 6)
    approved(other_us_wire, twin, "1")
    assert due(other_us_agency, other_us_wire) == []


def test_hours_of_more_than_twelve_months_ago_drop_out(
    us_agency, us_wire, other_us_agency, other_us_wire
):
    """720 hours from 2 June 2025 and one on 1 June 2026 are 721; a week earlier, the first week's
    sixty are older than twelve months and 661 are left.
    """
    young = post_in(us_agency, "IL", since=A_YEAR_BEFORE)
    before = A_YEAR_BEFORE - timedelta(7)
    old = post_in(other_us_agency, "IL", since=before)
    for wire, post, first in ((us_wire, young, A_YEAR_BEFORE), (other_us_wire, old, before)):
        works(wire, post, first, 12)
        approved(wire, post, "1")

    assert len(due(us_agency, us_wire)) == 1
    assert due(other_us_agency, other_us_wire) == []

    # a week later the window has moved on: its first sixty hours are gone, and so is the trouble
    approved(us_wire, young, "1", starts_on=MONDAY + timedelta(7))
    assert due(us_agency, us_wire) == []


def test_new_jersey_asks_from_the_first_hour_until_their_pay_is_known_and_met(
    us_agency, us_wire, other_us_agency, other_us_wire
):
    post = post_in(us_agency, "NJ")
    texan = post_in(other_us_agency, "TX")
    approved(us_wire, post, "1")
    approved(other_us_wire, texan, "1")
    owner = Wire(signed_in(us_agency, "owner"))
    assert len(due(us_agency, us_wire)) == 1
    assert due(other_us_agency, other_us_wire) == []

    path = f"/v1/assignments/{post.asg}/equal-terms"
    more = {"code": "regular", "pay_rate": {"amount": "21.00", "currency": "USD"}}
    same = {"code": "regular", "pay_rate": {"amount": "20.00", "currency": "USD"}}
    owner.post(path, {"since": "2026-06-01", "rates": [more]}).done()
    assert len(due(us_agency, us_wire)) == 1  # they get 21.00, and 20.00 is paid

    owner.post(path, {"since": "2026-06-01", "rates": [same]}).done()
    assert due(us_agency, us_wire) == []


def test_what_somebody_dismissed_is_not_asked_about_again(us_agency, us_wire):
    post = post_in(us_agency, "NJ")
    approved(us_wire, post, "1")
    (told,) = due(us_agency, us_wire)
    owner = Wire(signed_in(us_agency, "owner"))

    body = {"reason": "Office work is not designated."}
    owner.post(f"/v1/exceptions/{told['id']}/dismiss", body).done()
    approved(us_wire, post, "1", starts_on=MONDAY + timedelta(7))

    assert due(us_agency, us_wire) == []
