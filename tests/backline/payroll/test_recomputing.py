"""Every payslip can be worked out again from what is kept with it, years later."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.backline.payday import (
    BOB,
    CAT,
    TUESDAY,
    company,
    earns,
    opened,
    payable,
    staffed,
    through,
)
from tests.backline.week import ANN, attend, in_books, posts

pytestmark = pytest.mark.django_db


def run_of(place) -> None:
    """Calculate the weekly run of a firm."""
    from backline.kernel import ids
    from backline.payroll import actions

    run = ids.parse("run", opened(place))
    assert run is not None
    in_books(place, lambda: actions.calculate(run, actor=ANN, at=TUESDAY))
    attend(place)


def kept_and_recomputed(place) -> list[tuple[list[Any], list[Any]]]:
    """The lines of each payslip as they are kept, and as they come out again."""
    from backline.payroll import recomputing
    from backline.payroll.models import Payslip, PayslipLine

    columns = ("kind", "code", "label", "amount", "base", "rule", "source", "payee")

    def both():
        return [
            (
                list(PayslipLine.objects.filter(payslip=slip).order_by("n").values_list(*columns)),
                [
                    tuple(getattr(line, name) for name in columns)
                    for line in recomputing.recomputed(slip)
                ],
            )
            for slip in Payslip.objects.order_by("id")
        ]

    kept: list[tuple[list[Any], list[Any]]] = in_books(place, both)
    return kept


def test_british_payslips_come_out_again_as_they_were_kept(agency):

    from backline.assignments.models import Assignment
    from backline.directory import actions as directory
    from backline.directory.models import Order, TaxElection, Worker
    from backline.kernel import dated

    def world():
        some = staffed(agency, 3, earned={"pay": "812.37"})
        for worker in Worker.objects.all():
            worker.born_on = "1990-05-01"
            worker.save(update_fields=["born_on"])
        directory.register(
            "pension",
            reference="P1",
            facts={
                "arrangement": "relief_at_source",
                "basis": "qualifying",
                "worker": "0.05",
                "employer": "0.03",
                "payee": "Nest",
            },
            since=date(2026, 1, 1),
            actor=ANN,
            at=TUESDAY,
        )
        TaxElection.objects.create(
            worker_id=some[0].worker,
            kind="gb_student_loan",
            facts={"student_loan": "plan_2"},
            valid=dated.since(date(2026, 4, 6)),
            source="p45",
            set_at=TUESDAY,
            set_by=ANN.as_json(),
        )
        Order.objects.create(
            worker_id=some[1].worker,
            kind="gb.order.civil_debt",
            payee="Court Service",
            case_number="C1",
            priority=1,
            facts={"amount": "20.00", "protected": "300.00", "balance": "35.00"},
            valid=dated.since(date(2026, 1, 1)),
        )
        umbrella = company("umbrella")
        (post,) = posts(agency, workers=[some[2].worker])
        through(post, umbrella)
        Assignment.objects.filter(pk=post.assignment).update(engagement="umbrella")
        payable(companies=[umbrella])
        earns([post], "333.33")

    in_books(agency, world)
    run_of(agency)

    pairs = kept_and_recomputed(agency)

    assert len(pairs) == 4
    for kept, again in pairs:
        assert again == kept
    codes = {line[1] for kept, _ in pairs for line in kept}
    assert {"gb.paye", "gb.ni.worker", "gb.student_loan"} <= codes


def test_american_payslips_come_out_again_as_they_were_kept(us_agency):
    in_books(us_agency, lambda: staffed(us_agency, 2, country="US", earned={"pay": "1234.56"}))
    run_of(us_agency)

    for kept, again in kept_and_recomputed(us_agency):
        assert again == kept


def test_a_void_is_its_original_turned_round(agency):
    from backline.payroll import actions, recomputing
    from backline.payroll.models import PayRun, Payslip

    in_books(agency, lambda: staffed(agency))
    run_of(agency)

    def void():
        run = PayRun.objects.get(state="ready").pk
        actions.submit(run, actor=ANN, at=TUESDAY)
        actions.approve(run, actor=BOB, at=TUESDAY)
        actions.release(run, actor=CAT, at=TUESDAY)
        slip = Payslip.objects.get()
        actions.void(slip.pk, reason="wrong", actor=ANN, at=TUESDAY)
        copy = Payslip.objects.get(voids=slip)
        return recomputing.recomputed(slip), recomputing.recomputed(copy)

    first, second = in_books(agency, void)

    assert [line.amount + back.amount for line, back in zip(first, second, strict=True)] == [
        Decimal(0)
    ] * len(first)
