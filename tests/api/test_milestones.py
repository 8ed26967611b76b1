"""Statements of work: planned by milestones, paid and billed by what the client accepts.

A contract of 10,000.00 for the worker's company and 14,000.00 for the client, in quarters: 2,500.00
and 3,500.00 each. The company is registered for VAT: 3,000.00 is paid for one, 4,200.00 billed.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from backline.kernel import ids
from tests.api import office
from tests.api.bills import drafts, final, words_of
from tests.api.contracts import (
    PRICE,
    QUARTERS,
    SIGNED,
    accept,
    by_number,
    codes,
    planned,
    reject,
    signed,
    submit,
    world,
)
from tests.api.office import inside, read_one_by_one, settle
from tests.backline import payday
from tests.backline.payday import clock, money, opened, released, sums
from tests.backline.week import attend, client_of, exceptions, in_books, posts

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(agency, partner):
    clock(agency)
    return payday.three(agency, partner)


@pytest.fixture
def billing(agency, partner):
    return inside(partner, agency, "ops_billing", "bill")


@pytest.mark.capability("PY-07", "BL-14")
def test_a_quarter_accepted_is_paid_and_billed_and_a_rejected_one_is_not(
    agency, other_agency, people, billing, *, partner
):
    post = in_books(agency, lambda: world(agency))
    theirs = in_books(other_agency, lambda: world(other_agency))
    other = payday.three(other_agency, partner)
    clock(other_agency)
    steps, look_alikes = planned(people.approver, post), planned(other.approver, theirs)
    worth = {(row["pay"]["amount"], row["bill"]["amount"]) for row in steps.values()}
    assert (len(steps), worth) == (4, {("2500.00", "3500.00")})
    submit(people.preparer, steps[2], steps[3])
    submit(other.preparer, look_alikes[2])

    document = accepted_and_rejected(people, post, steps)

    (charge,) = people.preparer.every("/v1/charges", assignment=post.asg)
    assert (charge["kind"], charge["label"]) == ("milestone", "Milestone 2: Data")
    assert (charge["pay_amount"], charge["bill_amount"]) == (money("2500.00"), money("3500.00"))
    now = by_number(people.preparer, post)
    assert [now[n]["status"] for n in now] == ["planned", "accepted", "rejected", "planned"]
    assert (now[2]["charge"], now[2]["evidence"]) == (charge["id"], document)
    assert (now[3]["charge"], now[3]["reason"]) == (None, "the trial failed")
    paid_by_self_billing(agency, people)
    billed_with_evidence(agency, billing)
    assert (sums(agency)["5160"], sums(agency)["4000"]) == (Decimal("2500.00"), Decimal("-3500.00"))
    assert other.preparer.every("/v1/charges") == []
    (plan,) = read_one_by_one(people.approver, other.approver, "/v1/milestone-plans")
    kept = read_one_by_one(people.approver, other.approver, "/v1/milestones", sort="number")
    assert (plan["assignment"], [row["name"] for row in kept]) == (
        post.asg, [each["name"] for each in QUARTERS]
    )  # fmt: skip
    assert [row["id"] for row in kept] == [row["id"] for row in steps.values()]
    assert by_number(other.preparer, theirs)[2]["status"] == "submitted"
    assert other.approver.get(f"/v1/milestones/{steps[2]['id']}").status == 404


def accepted_and_rejected(people, post, steps):
    """The second accepted by the owner on what the client signed, once; the third rejected."""
    owner = people.approver
    document = signed(owner, post)
    wanted = {"milestone": steps[2]["id"], "document": document, "accepted_on": "2026-06-03"}
    assert accept(owner, wanted).done()["done"] == 1
    assert codes(accept(owner, wanted, key="again").done()) == [[("illegal_move", "")]]
    assert reject(owner, steps[3], "the trial failed")["done"] == 1
    return document


def paid_by_self_billing(agency, people):
    """The company gets a quarter, and VAT at a fifth, on paper that we make out for it."""
    wire, run = people.preparer, opened(agency)
    done = released(agency, people, run)
    (slip,) = wire.every("/v1/pay-statements", run=run)
    assert (slip["route"], slip["gross"], slip["vat"]) == (
        "sow",
        money("2500.00"),
        money("500.00"),
    )
    assert done["net"] == slip["net"] == money("3000.00")
    attend(agency)
    (payment,) = wire.every("/v1/payments", run=run)
    page = words_of(wire.get(f"/v1/payments/{payment['id']}/document").done().content)[0]
    assert all(said in page for said in ("Self-billed invoice", "Own Ltd", "2,500.00", "3,000.00"))


def billed_with_evidence(agency, billing):
    """The client is invoiced a quarter, and what it signed lies behind the invoice."""
    (draft,) = drafts(billing)
    issued = final(billing, agency, draft["id"])
    assert (issued["net"], issued["tax"]) == (money("3500.00"), money("700.00"))
    pages = words_of(billing.get(f"/v1/invoices/{issued['id']}/document").done().content)
    assert "Milestone 2: Data" in pages[0]
    assert SIGNED in " ".join(pages[1:])


@pytest.mark.capability("X-52", "BL-14")
def test_a_part_is_paid_and_billed_and_a_change_order_plans_the_rest(
    agency, other_agency, people, billing
):
    """Of the first quarter 0.6 is accepted: 1,500.00 and 2,100.00. The second is rejected. A change
    order makes the contract 9,000.00 and 12,600.00: 7,500.00 and 10,500.00 are left, in two halves.
    """
    post = in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    wire, owner = people.preparer, people.approver
    steps = planned(owner, post)
    submit(wire, steps[1], steps[2])
    document = signed(owner, post)
    part = {"milestone": steps[1]["id"], "document": document, "share": "0.6"}
    part["accepted_on"] = "2026-06-03"
    silent = accept(owner, part, key="silent").done()
    assert codes(silent) == [[("reason_missing", "/reason")]]
    accept(owner, part | {"reason": "two of five tables"}).done()
    reject(owner, steps[2], "not as agreed")
    (charge,) = wire.every("/v1/charges", assignment=post.asg)
    assert (charge["pay_amount"], charge["bill_amount"]) == (money("1500.00"), money("2100.00"))
    (left,) = exceptions(agency, "milestone_partly_accepted")
    (back,) = exceptions(agency, "milestone_rejected")
    assert (left["at_stake"], back["at_stake"]) == (Decimal("1400.00"), Decimal("3500.00"))

    where = f"/v1/assignments/{post.asg}/milestones/change-order"
    order = {
        "pay": money("9000.00"),
        "bill": money("12600.00"),
        "reason": "fewer tables",
        "milestones": [
            {"name": "Rest of the data", "share": "0.5"},
            {"name": "End", "share": "0.5"},
        ],
    }
    below = owner.post(where, order | {"pay": money("1000.00"), "bill": money("2000.00")})
    assert below.codes == [("price_below_accepted", "/pay"), ("price_below_accepted", "/bill")]
    assert len(by_number(owner, post)) == 4
    made = owner.post(where, order).done()

    assert (made["version"], made["pay"], made["reason"]) == (2, money("9000.00"), "fewer tables")
    now = by_number(wire, post)
    assert [row["status"] for row in now.values()] == [
        "partly_accepted",
        "superseded",
        "superseded",
        "superseded",
        "planned",
        "planned",
    ]
    assert [(now[n]["pay"], now[n]["bill"]) for n in (5, 6)] == [
        (money("3750.00"), money("5250.00"))
    ] * 2
    for kind in ("milestone_partly_accepted", "milestone_rejected"):
        assert [one["state"] for one in exceptions(agency, kind)] == ["resolved"]
    # what is superseded is never paid
    assert codes(submit(wire, now[2])) == [[("illegal_move", "")]]
    submit(wire, now[5])
    fifth = {"milestone": now[5]["id"], "document": document, "accepted_on": "2026-06-05"}
    accept(owner, fifth, key="five").done()

    run = opened(agency)
    done = released(agency, people, run)
    assert done["net"] == money("6300.00")  # 1,500.00 and 3,750.00, with VAT at a fifth
    attend(agency)
    nets = [row["net"] for row in drafts(billing)]
    assert nets == [money("7350.00")]  # 2,100.00 and 5,250.00
    assert exceptions(other_agency, "milestone_rejected") == []


def test_a_rejected_milestone_is_handed_in_again_and_then_counts_once(agency, people):
    post = in_books(agency, lambda: world(agency, ends_on=date(2026, 6, 5)))
    wire, owner = people.preparer, people.approver
    steps = planned(owner, post)
    submit(wire, steps[4])
    reject(owner, steps[4], "no manual")

    submit(wire, steps[4])
    rehearsed = owner.post(
        "/v1/milestones/accept",
        {"milestones": [{"milestone": steps[4]["id"], "document": signed(owner, post)}]},
        key="dry",
        query={"dry_run": "true"},
    ).done()
    assert (rehearsed["done"], wire.every("/v1/charges")) == (1, [])
    accept(owner, {"milestone": steps[4]["id"], "document": signed(owner, post)}).done()
    accept(owner, {"milestone": steps[4]["id"], "document": signed(owner, post)}).done()

    (charge,) = wire.every("/v1/charges")
    # accepted on 9 June, after its last day: it belongs to that day
    assert charge["worked_on"] == "2026-06-05"
    assert [one["state"] for one in exceptions(agency, "milestone_rejected")] == ["resolved"]
    settle(agency)
    events = [one["type"] for one in owner.get("/v1/events", subject=steps[4]["id"]).done()["data"]]
    assert events == [
        "milestone.submitted",
        "milestone.rejected",
        "milestone.submitted",
        "milestone.accepted",
    ]


def test_a_contractor_of_1099_is_paid_and_billed_by_milestones(
    us_agency, other_us_agency, *, partner
):
    """A thousand dollars in three: 333.34, 333.33, 333.33; the odd cent with the first."""
    people = payday.three(us_agency, partner)
    clock(us_agency)

    def contractor(place):
        payday.employer("US")
        at = client_of(place, where=("US", "USD", "America/Chicago"), region="TX")
        (post,) = posts(place, 1, at=at, engagement="1099")
        payday.payable([post.worker], uk=False)
        return post

    post = in_books(us_agency, lambda: contractor(us_agency))
    in_books(other_us_agency, lambda: contractor(other_us_agency))
    owner, wire = people.approver, people.preparer
    told = {
        "pay": money("1000.00", "USD"),
        "bill": money("1500.00", "USD"),
        "milestones": [{"name": f"Part {n}", "share": "0.333333"} for n in (1, 2, 3)],
    }
    owner.post(f"/v1/assignments/{post.asg}/milestones", told).done()
    steps = by_number(owner, post)
    assert [steps[n]["pay"]["amount"] for n in steps] == ["333.34", "333.33", "333.33"]
    assert {steps[n]["bill"]["amount"] for n in steps} == {"500.00"}
    submit(wire, steps[1])
    document = signed(owner, post)
    accept(owner, {"milestone": steps[1]["id"], "document": document, "accepted_on": "2026-06-04"})

    run = opened(us_agency)
    released(us_agency, people, run)

    (slip,) = wire.every("/v1/pay-statements", run=run)
    assert (slip["route"], slip["net"]) == ("1099", money("333.34", "USD"))
    attend(us_agency)
    billing = inside(partner, us_agency, "ops_billing", "bill")
    assert [row["net"] for row in drafts(billing)] == [money("500.00", "USD")]
    theirs = payday.three(other_us_agency, partner)
    assert theirs.preparer.every("/v1/charges") == theirs.preparer.every("/v1/milestones") == []


def test_a_contract_needs_no_hourly_rates(agency, people):
    """Confirmed on its plan alone: what is paid by what is accepted has no price of an hour."""
    owner = people.approver
    own = in_books(agency, lambda: ids.public("imy", payday.company("limited")))
    client = office.client(owner)
    facts = {
        "worker": office.worker(owner),
        "client": client,
        "engagement": "sow",
        "starts_on": "2026-06-01",
        "pay_frequency": "weekly",
        "site": office.site(owner, client),
        "approver": office.contact(owner, client),
        "intermediary": own,
    }
    asg = owner.post("/v1/assignments", facts).done()["id"]
    bare = owner.post(f"/v1/assignments/{asg}/confirm")
    assert bare.codes == [("rates_missing", "/rates")]
    told = PRICE | {"milestones": QUARTERS}
    owner.post(f"/v1/assignments/{asg}/milestones", told).done()
    pending = owner.every("/v1/milestones", assignment=asg)
    assert codes(submit(owner, pending[0])) == [[("not_started", "")]]
    assert owner.post(f"/v1/assignments/{asg}/confirm").done()["status"] == "confirmed"
