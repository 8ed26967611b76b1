"""Milestones planned: a contract's price shared out over its steps, and a change order that plans
what is not accepted anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F

from backline.assignments import queries
from backline.assignments.engagements import BY_MILESTONES
from backline.assignments.events import MilestonesPlanned, MilestoneSuperseded
from backline.assignments.models import Assignment, Milestone, MilestonePlan
from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Missing, refuse_if
from backline.kernel.events import Fact, record
from backline.kernel.models import Document
from rulebook import milestones
from rulebook.money import NOTHING, Money

SIDES = ("pay", "bill")
Status = Milestone.Status
FINAL = (Status.ACCEPTED, Status.PARTLY_ACCEPTED)
OPEN = (Status.PLANNED, Status.SUBMITTED, Status.REJECTED)
TROUBLES = ("milestone_rejected", "milestone_partly_accepted")


@dataclass(frozen=True, slots=True)
class NewMilestone:
    """A step: its share of what is planned, or what it pays and bills."""

    name: str
    share: Decimal | None = None
    pay: Money | None = None
    bill: Money | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """The whole price of a contract, for the worker, the client or both, and its steps."""

    pay: Money | None
    bill: Money | None
    milestones: Sequence[NewMilestone]
    document: UUID | None = None
    reason: str = ""


def plan(assignment: UUID, new: NewPlan, *, actor: Actor, at: datetime) -> MilestonePlan:
    """Share a contract's price out over its milestones, as the statement of work says."""
    row = _held(assignment)
    if MilestonePlan.objects.filter(assignment=row).exists():
        told = "This assignment has its milestones; a change order plans them anew."
        raise Conflict("planned_already", told)
    return _write(row, new, 1, [], actor=actor, at=at)


def replan(assignment: UUID, new: NewPlan, *, actor: Actor, at: datetime) -> MilestonePlan:
    """Plan what is not accepted anew, as a change order says; `new` names the contract's whole
    price, and steps for what is left of it.
    """
    row = _held(assignment)
    newest = MilestonePlan.objects.filter(assignment=row).order_by("-version").first()
    if newest is None:
        told = "Nothing is planned that a change order could change."
        raise Conflict("not_planned", told)
    known = list(Milestone.objects.select_for_update().filter(assignment=row).order_by("id"))
    made = _write(row, new, newest.version + 1, known, actor=actor, at=at)
    _supersede([one for one in known if one.status in OPEN], made, actor, at)
    partly = (one for one in known if one.status == Status.PARTLY_ACCEPTED)
    _close(partly, "A change order planned what was left.", actor, at)
    return made


def _held(assignment: UUID) -> Assignment:
    # no_key: an acceptance holds its milestone and then names the assignment in a charge
    held = Assignment.objects.select_for_update(of=("self",), no_key=True)
    found = held.select_related("client")
    row = found.filter(pk=assignment).first()
    if row is None:
        raise Missing("not_found", "There is no such assignment.")
    if row.status == Assignment.Status.CANCELLED:
        raise Conflict("illegal_move", "A cancelled assignment is final.", status=row.status)
    if row.engagement not in BY_MILESTONES:
        told = f"Only {', '.join(BY_MILESTONES)} can be paid by milestones."
        raise Conflict("not_by_milestones", told, engagement=row.engagement)
    return row


def _write(
    row: Assignment,
    new: NewPlan,
    version: int,
    known: Sequence[Milestone],
    *,
    actor: Actor,
    at: datetime,
) -> MilestonePlan:
    """Write a plan with its milestones, numbered on from those that are known."""
    refuse_if(_faults(row, new, known))
    made = MilestonePlan.objects.create(
        assignment=row,
        version=version,
        pay_price=new.pay.amount if new.pay else None,
        pay_currency=new.pay.currency if new.pay else "",
        bill_price=new.bill.amount if new.bill else None,
        bill_currency=new.bill.currency if new.bill else "",
        document_id=new.document,
        reason=new.reason,
        planned_at=at,
        planned_by=actor.as_json(),
    )
    pays, bills = (_amounts(new, side, _left(new, side, known)) for side in SIDES)
    last = max((one.number for one in known), default=0)
    steps = [
        Milestone(
            assignment=row,
            plan=made,
            number=last + n,
            name=step.name,
            due_on=step.due_on,
            pay_amount=pay,
            pay_currency=made.pay_currency,
            bill_amount=bill,
            bill_currency=made.bill_currency,
            created_at=at,
        )
        for n, (step, pay, bill) in enumerate(zip(new.milestones, pays, bills, strict=True), 1)
    ]
    Milestone.objects.bulk_create(steps)
    record([_planned(made, new, steps)], actor=actor, at=at)
    return made


def _planned(made: MilestonePlan, new: NewPlan, steps: Sequence[Milestone]) -> MilestonesPlanned:
    return MilestonesPlanned(
        subject=made.pk,
        assignment=str(made.assignment_id),
        version=made.version,
        pay={new.pay.currency: new.pay.amount} if new.pay else {},
        bill={new.bill.currency: new.bill.amount} if new.bill else {},
        milestones=[str(step.pk) for step in steps],
        reason=new.reason,
    )


def _supersede(rows: Sequence[Milestone], by: MilestonePlan, actor: Actor, at: datetime) -> None:
    keys = [row.pk for row in rows]
    Milestone.objects.filter(pk__in=keys).update(status=Status.SUPERSEDED, version=F("version") + 1)
    facts: list[Fact] = [
        MilestoneSuperseded(
            subject=row.pk,
            assignment=str(row.assignment_id),
            number=row.number,
            version=by.version,
            reason=by.reason,
        )
        for row in rows
    ]
    record(facts, actor=actor, at=at)
    _close(rows, "A change order planned it anew.", actor, at)


def _close(rows: Iterable[Milestone], told: str, actor: Actor, at: datetime) -> None:
    keys = [f"{kind}:{row.pk}" for row in rows for kind in TROUBLES]
    desk.close_for(keys, resolution=told, actor=actor, at=at)


# --- what is wrong with a plan -------------------------------------------------------------------


def _faults(row: Assignment, new: NewPlan, known: Sequence[Milestone]) -> list[Fault]:
    """Everything that is wrong with a plan, whichever step it is in."""
    found = []
    if new.pay is None and new.bill is None:
        told = "Say the price for the worker, the client or both."
        found.append(Fault("side_missing", told, "/pay"))
    if new.document is not None and not Document.objects.filter(pk=new.document).exists():
        found.append(Fault("not_found", "There is no such document.", "/document"))
    found += _of_currencies(row, new, known)
    shared = [step.share is not None for step in new.milestones]
    for n, step in enumerate(new.milestones):
        here = f"/milestones/{n}"
        own = step.pay is not None or step.bill is not None
        if own == (step.share is not None) or shared[n] != shared[0]:
            told = "Give every milestone a share, or every one its amounts."
            found.append(Fault("share_or_amounts", told, here))
        if step.due_on is not None and not (
            row.starts_on <= step.due_on <= (row.ends_on or step.due_on)
        ):
            told = "The day lies outside the assignment."
            found.append(Fault("outside_assignment", told, f"{here}/due_on"))
        found += _of_sides(new, step, here)
    # sums are only worth telling where the members make sense
    return found or _of_sums(new, known)


def _of_currencies(row: Assignment, new: NewPlan, known: Sequence[Milestone]) -> list[Fault]:
    """Where a price is in a currency that the assignment is not paid or billed in."""
    rates = queries.agreed_rates([row.pk]).get(row.pk, [])
    pays = {rate.pay_currency for rate in rates} or {directory.firm().currency}
    bills = {rate.bill_currency for rate in rates} or {row.client.currency}
    accepted = [one for one in known if one.status in FINAL]
    pays = {one.pay_currency for one in accepted if one.pay_currency} or pays
    bills = {one.bill_currency for one in accepted if one.bill_currency} or bills
    return [
        Fault(
            "currency_differs",
            f"This assignment's {side} is in {' or '.join(sorted(spoken))}.",
            f"/{side}/currency",
        )
        for side, price, spoken in (("pay", new.pay, pays), ("bill", new.bill, bills))
        if price is not None and price.currency not in spoken
    ]


def _of_sides(new: NewPlan, step: NewMilestone, here: str) -> list[Fault]:
    """Where a step's own amounts do not go with the contract's price."""
    if step.share is not None:
        return []
    found = []
    for side in SIDES:
        price, own = getattr(new, side), getattr(step, side)
        if own is not None and price is None:
            told = f"The contract has no price for the {side} side."
            found.append(Fault("side_without_price", told, f"{here}/{side}"))
        elif own is not None and own.currency != price.currency:
            told = f"The contract's {side} is in {price.currency}."
            found.append(Fault("currency_differs", told, f"{here}/{side}/currency"))
    return found


def _of_sums(new: NewPlan, known: Sequence[Milestone]) -> list[Fault]:
    """Where steps do not make up what is left of the price, or one of them is worth nothing."""
    found = []
    lefts = {side: _left(new, side, known) for side in SIDES}
    for side in SIDES:
        if lefts[side] < 0:
            told = f"More is accepted already: {-lefts[side]} above this price."
            found.append(Fault("price_below_accepted", told, f"/{side}"))
    shares = [step.share for step in new.milestones if step.share is not None]
    if shares and not milestones.are_whole(shares):
        told = f"The shares make up {sum(shares)}, not 1."
        found.append(Fault("shares_differ", told, "/milestones"))
    if found:
        return found
    sides = {side: _amounts(new, side, lefts[side]) for side in SIDES}
    for side in SIDES:
        planned = sum((one or NOTHING for one in sides[side]), NOTHING)
        if planned != lefts[side]:
            told = f"The milestones come to {planned}; {lefts[side]} are to be planned."
            found.append(Fault("amounts_differ", told, f"/{side}"))
    for n, (pay, bill) in enumerate(zip(sides["pay"], sides["bill"], strict=True)):
        if not pay and not bill:
            told = "A milestone is worth something to the worker or the client."
            found.append(Fault("milestone_empty", told, f"/milestones/{n}"))
    return found


def _left(new: NewPlan, side: str, known: Sequence[Milestone]) -> Decimal:
    """What of the price is to be planned: all that is not accepted."""
    price: Money | None = getattr(new, side)
    accepted = (getattr(one, f"accepted_{side}") or NOTHING for one in known)
    return milestones.left(price.amount if price else NOTHING, accepted)


def _amounts(new: NewPlan, side: str, left: Decimal) -> Sequence[Decimal | None]:
    """What each step is worth on a side; None where the contract has no such side."""
    if getattr(new, side) is None:
        return [None for _ in new.milestones]
    shares = [step.share for step in new.milestones]
    if shares and shares[0] is not None:
        return milestones.amounts(left, [share or NOTHING for share in shares])
    own = (getattr(step, side) for step in new.milestones)
    return [money.amount if money else NOTHING for money in own]
