"""Two at the same moment about one milestone: it is charged once, or planned anew, never both."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from backline.kernel.outcomes import one
from rulebook.money import Money
from tests.books.together import TRIES, at_once, one_did, raised
from tests.books.trade import Trade, person

PRICE = Decimal("1000.00")


def contract(trade: Trade) -> tuple[UUID, UUID]:
    """An assignment with one milestone that was handed in."""
    from backline.assignments import actions as assignments
    from backline.assignments.models import Assignment, Milestone
    from backline.directory import actions as directory

    job = trade.engages(trade.client())
    with trade.inside():
        own = directory.NewIntermediary(kind="limited", legal_name="Own Ltd")
        company = one(directory.add_intermediaries([own], **trade.told))
        Assignment.objects.filter(pk=job).update(engagement="sow", intermediary=company)
        assignments.plan(job, planned("Whole"), **trade.told)
        step = Milestone.objects.get(assignment=job)
        one(assignments.submit([assignments.Reached(step.pk)], **trade.told))
    return job, step.pk


def planned(name: str, price: Decimal = PRICE) -> Any:
    from backline.assignments import actions as assignments

    steps = [assignments.NewMilestone(name, share=Decimal(1))]
    money = Money(price, "GBP")
    return assignments.NewPlan(pay=money, bill=money, milestones=steps, reason="agreed")


def evidence(trade: Trade, job: UUID) -> UUID:
    from backline.kernel import documents

    with trade.inside():
        kept = documents.keep(
            b"yes",
            kind="evidence",
            name="accepted.txt",
            media_type="text/plain",
            subject=job,
            **trade.told,
        )
        return UUID(str(kept.pk))


def accepts(trade: Trade, step: UUID, document: UUID, who: str) -> Any:
    from backline.assignments import actions as assignments

    with trade.inside():
        own = assignments.Acceptance(step, document, trade.at.date())
        return one(assignments.accept([own], actor=person(who), at=trade.at))


def test_two_acceptances_of_a_milestone(real_trade: Trade) -> None:
    from backline.charges.models import Charge

    trade = real_trade
    for _ in range(TRIES):
        job, step = contract(trade)
        document = evidence(trade, job)
        both = (partial(accepts, trade, step, document, who) for who in ("bob", "cat"))
        one_did(at_once(*both))
        with trade.inside():
            (charge,) = Charge.objects.filter(assignment=job)
            assert (charge.pay_amount, charge.bill_amount) == (PRICE, PRICE)


def test_an_acceptance_and_a_change_order(real_trade: Trade) -> None:
    """Whichever is first: what is charged and what is planned add up to the contract's price."""
    from backline.assignments import actions as assignments
    from backline.assignments.models import Milestone
    from backline.charges.models import Charge

    trade, more = real_trade, Decimal("1500.00")

    def changes(job: UUID) -> Any:
        with trade.inside():
            return assignments.replan(job, planned("More", more), **trade.told)

    for _ in range(TRIES):
        job, step = contract(trade)
        document = evidence(trade, job)
        found = at_once(partial(accepts, trade, step, document, "bob"), partial(changes, job))
        assert len(raised(found)) <= 1, found
        assert not isinstance(found[1], Exception), found
        with trade.inside():
            charged = sum(row.pay_amount for row in Charge.objects.filter(assignment=job))
            steps = Milestone.objects.filter(assignment=job, status="planned")
            assert charged + sum(row.pay_amount for row in steps) == more
            assert charged in (0, PRICE)
