"""What is refused of milestones, each fault told, and nothing changed by it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.api.contracts import (
    PRICE,
    QUARTERS,
    accept,
    by_number,
    codes,
    planned,
    reject,
    sign_off,
    signed,
    submit,
    world,
)
from tests.api.office import paper
from tests.backline import payday
from tests.backline.payday import clock, money
from tests.backline.week import in_books, posts

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(agency, partner):
    clock(agency)
    return payday.three(agency, partner)


def test_whoever_handed_it_in_cannot_accept_it(agency, people):
    post = in_books(agency, lambda: world(agency))
    owner = people.approver
    steps = planned(owner, post)
    submit(owner, steps[1])
    document = signed(owner, post)

    refused = accept(owner, {"milestone": steps[1]["id"], "document": document}).done()
    rejected = reject(owner, steps[1], "mine")

    assert codes(refused) == codes(rejected) == [[("second_person_needed", "")]]
    assert by_number(owner, post)[1]["status"] == "submitted"
    assert owner.every("/v1/charges") == []


def test_a_plan_that_does_not_add_up_is_told_every_fault(agency, other_agency, people):
    post = in_books(agency, lambda: world(agency, ends_on=date(2026, 8, 31)))
    (hourly,) = in_books(other_agency, lambda: posts(other_agency))
    owner = people.approver
    where = f"/v1/assignments/{post.asg}/milestones"
    step = {"name": "One"}
    bad = owner.post(where, {
        "bill": money("100.00", "USD"),
        "milestones": [
            step | {"share": "0.5", "due_on": "2026-09-01"},
            step | {"pay": money("10.00")},
            step | {"share": "0.5", "bill": money("10.00", "USD")},
        ],
    })  # fmt: skip
    assert bad.codes == [
        ("currency_differs", "/bill/currency"),
        ("outside_assignment", "/milestones/0/due_on"),
        ("share_or_amounts", "/milestones/1"),
        ("side_without_price", "/milestones/1/pay"),
        ("share_or_amounts", "/milestones/2"),
    ]
    nothing = owner.post(where, {"milestones": [step | {"share": "1"}]})
    assert nothing.codes == [("side_missing", "/pay")]
    short = owner.post(where, PRICE | {"milestones": [step | {"share": "0.5"}]})
    assert short.codes == [("shares_differ", "/milestones")]
    sums_off = owner.post(where, {
        "pay": money("100.00"), "bill": money("200.00"),
        "milestones": [step | {"pay": money("60.00")}, step | {"pay": money("30.00")}],
    })  # fmt: skip
    assert sums_off.codes == [("amounts_differ", "/pay"), ("amounts_differ", "/bill")]
    empty = owner.post(where, {
        "bill": money("100.00"),
        "milestones": [step | {"bill": money("100.00")}, step | {"bill": money("0.00")}],
    })  # fmt: skip
    assert empty.codes == [("milestone_empty", "/milestones/1")]
    unknown = owner.post(
        f"/v1/assignments/{hourly.asg}/milestones", PRICE | {"milestones": QUARTERS}
    )
    assert unknown.status == 404
    none = owner.post(f"{where}/change-order", PRICE | {"milestones": QUARTERS, "reason": "x"})
    assert (none.status, none.code) == (409, "not_planned")
    assert owner.every("/v1/milestones") == owner.every("/v1/milestone-plans") == []

    planned(owner, post)
    twice = owner.post(where, PRICE | {"milestones": QUARTERS})
    assert (twice.status, twice.code) == (409, "planned_already")


def test_only_what_is_not_paid_by_the_hour_has_milestones(agency, people):
    (post,) = in_books(agency, lambda: posts(agency))
    refused = people.approver.post(
        f"/v1/assignments/{post.asg}/milestones", PRICE | {"milestones": QUARTERS}
    )
    assert (refused.status, refused.code) == (409, "not_by_milestones")


def test_an_engagement_that_was_changed_after_the_plan_is_not_paid_by_it(agency, people):
    post = in_books(agency, lambda: world(agency))
    steps = planned(people.approver, post)

    def employed():
        from backline.assignments.models import Assignment

        Assignment.objects.update(engagement="paye")

    in_books(agency, employed)
    refused = submit(people.preparer, steps[1])
    assert codes(refused) == [[("not_by_milestones", "")]]
    assert by_number(people.preparer, post)[1]["status"] == "planned"


def test_one_bad_acceptance_stops_no_other_and_changes_nothing(agency, other_agency, people):
    post = in_books(agency, lambda: world(agency))
    theirs = in_books(other_agency, lambda: world(other_agency))
    wire, owner = people.preparer, people.approver
    steps = planned(owner, post)
    submit(wire, *steps.values())
    document = signed(owner, post)
    worker = wire.get(f"/v1/assignments/{post.asg}").done()["worker"]
    passport = paper(owner, "passport.pdf", worker, sign_off("passport"))
    broken = paper(owner, "broken.pdf", post.asg)

    done = accept(
        owner,
        {
            "milestone": steps[1]["id"],
            "document": passport,
            "accepted_on": "2026-07-01",
            "share": "0",
        },
        {"milestone": steps[2]["id"], "document": broken},
        {"milestone": steps[3]["id"], "document": document},
        {"milestone": theirs.asg.replace("asg_", "mst_"), "document": document},
    ).done()

    assert codes(done) == [
        [
            ("document_of_another", "/document"),
            ("day_out_of_bounds", "/accepted_on"),
            ("share_out_of_bounds", "/share"),
        ],
        [("document_unreadable", "/document")],
        [],
        [("not_found", "")],
    ]
    assert len(wire.every("/v1/charges")) == 1
    assert [row["status"] for row in by_number(wire, post).values()] == [
        "submitted",
        "submitted",
        "accepted",
        "submitted",
    ]
    twice = accept(
        owner,
        {"milestone": steps[1]["id"], "document": document},
        {"milestone": steps[1]["id"], "document": document},
        key="twice",
    )
    assert twice.codes == [("named_twice", "/milestones/1/milestone")]
    early = accept(
        owner,
        {"milestone": steps[4]["id"], "document": document, "accepted_on": "2026-05-31"},
        key="early",
    ).done()
    assert codes(early) == [[("day_out_of_bounds", "/accepted_on")]]
    assert len(wire.every("/v1/charges")) == 1
