"""What is out of the ordinary on a payslip: two routes, pay below nothing, refunds, orders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.backline.payday import (
    calculated,
    clock,
    company,
    earns,
    money,
    opened,
    payable,
    released,
    staffed,
    sums,
    three,
    through,
)
from tests.backline.week import in_books, posts

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(agency, partner):
    """Preparer, approver and releaser of the agency's runs."""
    clock(agency)
    return three(agency, partner)


def amount(told) -> Decimal:
    """The figure of money on the wire."""
    return Decimal(told["amount"])


def test_construction_is_deducted_from_where_nobody_was_verified(agency, people):
    def world():
        some = staffed(agency, 1, engagement="cis", earned={"pay": "900.00"})
        earns(some, "300.00", None, key="bricks", code="materials", paid_as="expense")

    in_books(agency, world)
    run = opened(agency)

    released(agency, people, run)

    (slip,) = people.preparer.every("/v1/pay-statements", run=run)
    assert (slip["route"], slip["gross"], slip["taken"], slip["net"]) == (
        "cis",
        money("1200.00"),
        money("270.00"),  # three tenths of what is not materials
        money("930.00"),
    )
    (owed,) = people.preparer.every("/v1/liabilities", run=run)
    assert (owed["payee"], owed["kind"], owed["amount"]) == ("HMRC", "gb.cis", money("270.00"))
    assert sums(agency)["5160"] == Decimal("1200.00")


def test_one_worker_is_employed_and_through_an_umbrella_in_one_week(agency, people):
    from backline.assignments.models import Assignment

    def world():
        (first,) = staffed(agency, 1)
        (second,) = posts(agency, workers=[first.worker])
        umbrella = company("umbrella")
        through(second, umbrella)
        Assignment.objects.filter(pk=second.assignment).update(engagement="umbrella")
        payable(companies=[umbrella])
        earns([second], "200.00")

    in_books(agency, world)
    run = opened(agency)

    released(agency, people, run)

    slips = people.preparer.every("/v1/pay-statements", run=run)
    assert sorted((row["route"], row["gross"]["amount"]) for row in slips) == [
        ("paye", "600.00"),
        ("umbrella", "200.00"),
    ]
    payments = people.preparer.every("/v1/payments", run=run)
    assert len(payments) == 2
    assert [row["amount"] for row in payments if row["intermediary"]] == [money("240.00")]


def test_a_contractor_below_nothing_waits_and_holds_nobody(agency, people):
    def world():
        some = staffed(agency, 2, engagement="cis")
        earns([some[0]], "-700.00", None, key="back", kind="adjustment")

    in_books(agency, world)
    run = opened(agency)

    ready = calculated(agency, people.preparer, run)

    assert (ready["state"], ready["payslips"]) == ("ready", 1)
    assert [one["code"] for one in ready["blockers"]] == ["negative_pay"]


def test_tax_that_was_taken_too_much_comes_back(agency, people):
    from backline.payroll.models import OpeningFigure

    def world():
        (post,) = staffed(agency, 1)
        for key, figure in (
            ("gb.pay", "6000.00"),
            ("gb.taxable", "6000.00"),
            ("gb.tax", "1500.00"),
        ):
            OpeningFigure.objects.create(
                worker_id=post.worker, tax_year="2026-27", key=key, amount=Decimal(figure)
            )

    in_books(agency, world)
    run = opened(agency)

    done = released(agency, people, run)

    (slip,) = people.preparer.every("/v1/pay-statements", run=run)
    lines = people.preparer.get(f"/v1/pay-statements/{slip['id']}").done()["lines"]
    tax = next(line for line in lines if line["code"] == "gb.paye")
    assert amount(tax["amount"]) < 0
    assert amount(done["net"]) > amount(done["gross"]) - 100
    (owed,) = [
        row for row in people.preparer.every("/v1/liabilities", run=run) if row["kind"] == "gb.paye"
    ]
    assert owed["amount"] == tax["amount"]
    (payment,) = people.preparer.every("/v1/payments", run=run)
    assert payment["amount"] == slip["net"]


def test_orders_wait_for_their_payee_and_are_owed_to_it(agency, people):
    from backline.directory.models import Order
    from backline.kernel import dated

    def world():
        (post,) = staffed(agency, 1)
        return Order.objects.create(
            worker_id=post.worker,
            kind="maintenance",
            payee="",
            priority=1,
            facts={"amount": "20.00", "protected": "300.00"},
            valid=dated.since(date(2026, 1, 1)),
        ).pk

    order = in_books(agency, world)
    run = opened(agency)
    waits = calculated(agency, people.preparer, run)
    assert "order_incomplete" in [one["code"] for one in waits["blockers"]]
    in_books(
        agency,
        lambda: Order.objects.filter(pk=order).update(payee="Court Service", case_number="C1"),
    )

    released(agency, people, run)

    owed = people.preparer.every("/v1/liabilities", run=run, payee="Court Service")
    assert [row["amount"] for row in owed] == [money("20.00")]
    due = people.preparer.get("/v1/dues").done()["data"]
    assert "Court Service" in {row["payee"] for row in due}
    key = owed[0]["id"]
    people.preparer.post("/v1/liabilities/pay", {"liabilities": [key]}).done()
    again = people.preparer.post("/v1/liabilities/pay", {"liabilities": [key]}).done()
    assert again["done"] == 1
    assert "2225" not in sums(agency)


@pytest.mark.capability("OU-11")
@pytest.mark.parametrize("lacking", ["case_number", "payee"])
def test_an_order_without_case_number_or_payee_holds_that_worker_only(
    agency, other_agency, people, lacking
):
    from backline.kernel import ids

    both = in_books(agency, lambda: staffed(agency, 2))
    in_books(other_agency, lambda: staffed(other_agency, 2))
    wire = people.preparer
    owing = ids.public("wrk", both[0].worker)
    order = {
        "worker": owing, "kind": "maintenance", "priority": 1, "since": "2026-01-01",
        "payee": "HMCTS Centralised", "case_number": "MB/123", "facts": {"amount": "20.00"},
    }  # fmt: skip
    known = order.pop(lacking)
    held = wire.post("/v1/orders", order).done()
    assert held["is_complete"] is False
    run = opened(agency)

    waits = calculated(agency, wire, run)

    assert [(one["code"], one["worker"]) for one in waits["blockers"]] == [
        ("order_incomplete", owing)
    ]
    drafts = wire.every("/v1/pay-statements", run=run)
    assert [row["worker"] for row in drafts] == [ids.public("wrk", both[1].worker)]

    tag = wire.get(f"/v1/orders/{held['id']}").headers["ETag"]
    wire.patch(f"/v1/orders/{held['id']}", {lacking: known}, match=tag).done()
    released(agency, people, run)

    slips = {row["worker"]: row for row in wire.every("/v1/pay-statements", run=run)}
    assert len(slips) == 2
    (owed,) = wire.every("/v1/liabilities", run=run, payee="HMCTS Centralised")
    assert owed["amount"] == money("20.00")
    assert wire.get("/v1/orders", worker=owing).done()["data"][0]["case_number"] == "MB/123"
