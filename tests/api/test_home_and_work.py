"""Home and work across the sea: which state and town withholds, what a certificate changes and
from when.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.backline.payday import calculated, earns, employer, opened, payable, released, three
from tests.backline.week import client_of, in_books, posts
from tests.callers import signed_in
from tests.wire import Wire

pytestmark = pytest.mark.django_db

EASTERN = ("US", "USD", "America/New_York")
NEXT_MONDAY, NEXT_TUESDAY = date(2026, 6, 8), datetime(2026, 6, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def owner(us_agency):
    return Wire(signed_in(us_agency, "owner", "olive"))


@pytest.fixture
def other_owner(other_us_agency):
    return Wire(signed_in(other_us_agency, "owner", "olive"))


def commuter(place, owner: Wire, town: str = "Philadelphia") -> Any:
    """A worker who lives in Camden, New Jersey, and earned 1,000.00 at a site in Pennsylvania; the
    firm is registered in both states.
    """

    def world():
        from backline.directory.models import Site

        employer("US")
        at = client_of(place, where=EASTERN, region="PA")
        Site.objects.update(locality=town)
        (post,) = posts(place, at=at, engagement="w2")
        payable([post.worker], uk=False)
        earns([post], "1000.00", "1400.00", currency="USD")
        return post

    post = in_books(place, world)
    for state, rate in (("PA", "0.03822"), ("NJ", "0.026825")):
        body = {"authority": f"state:{state}", "reference": "1", "since": "2026-01-01"}
        owner.post("/v1/registrations", body | {"facts": {"rate": rate}}).done()
    path = f"/v1/workers/{worker_of(post)}"
    match = owner.get(path).done().headers["ETag"]
    lives = {"line1": "1 Cooper St", "city": "Camden", "region": "NJ", "country": "US"}
    owner.patch(path, {"address": lives}, match=match).done()
    return post


def worker_of(post) -> str:
    from backline.kernel import ids

    return ids.public("wrk", post.worker)


def certify(owner: Wire, post, state: str = "PA", since: str = "2026-01-01", **more: Any) -> None:
    """A certificate of non-residence of a state, from a day."""
    facts = {"nonresident_certificate": True}
    body = {"kind": f"us_state:{state}", "facts": facts, "since": since, "source": "REV-419"}
    owner.post(f"/v1/workers/{worker_of(post)}/tax-elections", body | more).done()


def withheld(wire: Wire, run: str) -> dict[str, str]:
    """What states and towns take on a run's only statement."""
    (slip,) = wire.every("/v1/pay-statements", run=run)
    lines = wire.get(f"/v1/pay-statements/{slip['id']}").done()["lines"]
    return {
        line["code"]: line["amount"]["amount"]
        for line in lines
        if line["code"].startswith(("us.sit.", "us.local."))
    }


def again(post) -> None:
    """The same work in the week after."""
    earns([post], "1000.00", "1400.00", on=NEXT_MONDAY, key="second", currency="USD")


# 1,000.00 a week, single. Pennsylvania: 3.07 %, 30.70. New Jersey, rate A of NJ-WT: 15.29 and 6.1 %
# of what is over 769, 15.29 + 14.09 = 29.38. Philadelphia, nonresident: 3.43 %, 34.30.
@pytest.mark.capability("OU-04")
def test_withholding_follows_home_and_work_and_the_certificate(
    us_agency, other_us_agency, owner, other_owner, partner
):
    """Home New Jersey, work in Philadelphia. Without a certificate Pennsylvania withholds, and of
    New Jersey's smaller tax nothing is left after the credit; with one New Jersey alone does. The
    city has no agreement with anybody: its tax stands either way.
    """
    commuter(us_agency, owner)
    certified = commuter(other_us_agency, other_owner)
    certify(other_owner, certified)

    found = {}
    for place in (us_agency, other_us_agency):
        run, wire = opened(place), three(place, partner).preparer
        assert calculated(place, wire, run)["blockers"] == []
        found[place] = withheld(wire, run)

    city = {"us.local.PA.PHILADELPHIA": "34.30"}
    assert found[us_agency] == {"us.sit.PA": "30.70", "us.sit.NJ": "0.00"} | city
    assert found[other_us_agency] == {"us.sit.NJ": "29.38"} | city


def test_a_town_that_taxes_no_wages_takes_none(us_agency, owner, partner):
    commuter(us_agency, owner, "Harrisburg")
    run, wire = opened(us_agency), three(us_agency, partner).preparer

    calculated(us_agency, wire, run)

    assert withheld(wire, run) == {"us.sit.PA": "30.70", "us.sit.NJ": "0.00"}


@pytest.mark.capability("OU-05")
def test_an_election_moves_the_tax_to_the_home_state_from_its_pay_date(
    us_agency, other_us_agency, owner, other_owner, partner
):
    """The certificate stands from 15 June: what is paid on the 12th is Pennsylvania's, what is paid
    on the 18th New Jersey's. The look-alike's worker elects nothing.
    """
    post, twin = commuter(us_agency, owner, ""), commuter(other_us_agency, other_owner, "")
    certify(owner, post, since="2026-06-15")

    found = {}
    for place, own in ((us_agency, post), (other_us_agency, twin)):
        people = three(place, partner)
        first = opened(place)
        assert released(place, people, first)["pay_on"] == "2026-06-12"
        in_books(place, lambda: again(own))  # noqa: B023
        second = opened(place, NEXT_TUESDAY)
        assert (
            released(place, people, second)["pay_on"] == "2026-06-18"
        )  # the 19th is a holiday of the Federal Reserve
        found[place] = [withheld(people.preparer, run) for run in (first, second)]

    before, after = {"us.sit.PA": "30.70", "us.sit.NJ": "0.00"}, {"us.sit.NJ": "29.38"}
    assert found[us_agency] == [before, after]
    assert found[other_us_agency] == [before, before]


def test_wages_inside_and_outside_a_town_of_one_pay_are_not_guessed_at(us_agency, owner, partner):
    post = commuter(us_agency, owner)

    def elsewhere():
        at = client_of(us_agency, where=EASTERN, region="PA")
        earns(posts(us_agency, at=at, engagement="w2", workers=[post.worker]), currency="USD")

    in_books(us_agency, elsewhere)
    run, wire = opened(us_agency), three(us_agency, partner).preparer

    told = calculated(us_agency, wire, run)["blockers"]

    assert {one["code"] for one in told} == {"nothing_to_pay", "local_wages_mixed"}


def test_a_certificate_of_states_without_an_agreement_keeps_the_worker_from_being_paid(
    us_agency, owner, partner
):
    post = commuter(us_agency, owner, "")
    certify(owner, post, state="NY")
    run, wire = opened(us_agency), three(us_agency, partner).preparer

    told = calculated(us_agency, wire, run)["blockers"]

    assert {one["code"] for one in told} == {"nothing_to_pay", "no_reciprocity"}
    assert wire.every("/v1/pay-statements", run=run) == []
