"""Milestones submitted, accepted on the client's evidence, or rejected; acceptance prices in the
same transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias, TypeVar
from uuid import UUID

from backline.assignments import queries
from backline.assignments.engagements import BY_MILESTONES
from backline.assignments.events import MilestoneAccepted, MilestoneRejected, MilestoneSubmitted
from backline.assignments.models import Assignment, Milestone
from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.kernel import documents, ids, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Forbidden, Invalid, Missing, Refusal, refuse_if
from backline.kernel.events import Fact, record
from backline.kernel.models import Document
from backline.kernel.outcomes import Outcome, in_order
from backline.kernel.papers import can_be_bound
from rulebook import milestones

Pricer = Callable[..., Mapping[UUID, UUID | Refusal]]
Papers: TypeAlias = Mapping[UUID, Document]
Asked = TypeVar("Asked")
Status = Milestone.Status
ONE = Decimal(1)
PDF = "application/pdf"
DECIDED = (
    "status", "decided_at", "decided_by", "decided_by_id", "reason", "evidence", "accepted_on",
    "accepted_share", "accepted_pay", "accepted_bill", "charge", "version",
)  # fmt: skip
_PRICERS: list[Pricer] = []


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone that is handed in as reached, and what there is to show for it."""

    milestone: UUID
    note: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the client accepted of a milestone, on which day, and the document that says so."""

    milestone: UUID
    document: UUID
    accepted_on: date
    share: Decimal = ONE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why the client did not accept a milestone, with what they wrote where that is kept."""

    milestone: UUID
    reason: str
    document: UUID | None = None


def price_milestones_with(pricer: Pricer) -> None:
    """Hand in the one thing that happens inside an acceptance: pricing, which may refuse."""
    if pricer not in _PRICERS:
        _PRICERS.append(pricer)


def submit(wanted: Sequence[Reached], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Hand milestones in as reached; one that is refused never stops the others."""
    asked = _by_milestone((one.milestone, one) for one in wanted)
    rows, refusals = _movable(asked, Status.SUBMITTED)
    fit = []
    for row in rows:
        refusal = _unfit(row.assignment)
        if refusal is None:
            fit.append(row)
        else:
            refusals[row.pk] = refusal
    for row in fit:
        row.status, row.note, row.version = Status.SUBMITTED, asked[row.pk].note, row.version + 1
        row.submitted_at, row.submitted_by, row.submitted_by_id = at, actor.as_json(), actor.id
        # an earlier rejection stays readable in the events
        row.decided_at, row.decided_by, row.decided_by_id = None, None, ""
        row.reason, row.evidence_id = "", None
    columns = ("note", "submitted_at", "submitted_by", "submitted_by_id", *DECIDED)
    Milestone.objects.bulk_update(fit, columns)
    facts = (
        MilestoneSubmitted(
            subject=row.pk,
            assignment=str(row.assignment_id),
            number=row.number,
            reason=row.note,
        )
        for row in fit
    )
    record(facts, actor=actor, at=at)
    return in_order(asked, refusals)


def accept(wanted: Sequence[Acceptance], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Accept milestones on the client's evidence, whole or in part: what is accepted is paid and
    billed, once, and nothing else of it.

    Whoever handed a milestone in cannot accept it. One that cannot be priced stays as it is.
    """
    asked = _by_milestone((one.milestone, one) for one in wanted)
    papers = _papers(one.document for one in asked.values())
    rows, refusals = _movable(asked, Status.ACCEPTED)
    today = directory.day_of(at)
    fit = []
    for row in rows:
        own = asked[row.pk]
        refusal = _another(row, actor) or _unacceptable(row, own, papers, today)
        if refusal is not None:
            refusals[row.pk] = refusal
            continue
        _take(row, own, actor, at)
        fit.append(row)
    for pricer in _PRICERS:
        posted = pricer(fit, actor=actor, at=at) if fit else {}
        for row in fit:
            charge = posted[row.pk]
            if isinstance(charge, Refusal):
                refusals[row.pk] = charge
            else:
                row.charge = charge
        fit = [row for row in fit if row.pk not in refusals]
    Milestone.objects.bulk_update(fit, DECIDED)
    record((_accepted(row) for row in fit), actor=actor, at=at)
    done = "The milestone was accepted."
    desk.close_for(
        [f"milestone_rejected:{row.pk}" for row in fit], resolution=done, actor=actor, at=at
    )
    partly = [row for row in fit if row.status == Status.PARTLY_ACCEPTED]
    desk.open_exceptions((_left_over(row) for row in partly), actor=actor, at=at)
    return in_order(asked, refusals)


def reject(wanted: Sequence[Rejection], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Note that the client did not accept milestones: nothing is paid or billed, and they are on
    somebody's desk until they are accepted or planned anew.
    """
    asked = _by_milestone((one.milestone, one) for one in wanted)
    papers = _papers(one.document for one in asked.values())
    rows, refusals = _movable(asked, Status.REJECTED)
    fit = []
    for row in rows:
        own = asked[row.pk]
        refusal = _another(row, actor)
        if refusal is None:
            faults = _of_document(row, own.document, papers)
            refusal = Invalid.of(faults) if faults else None
        if refusal is not None:
            refusals[row.pk] = refusal
            continue
        row.status, row.reason, row.evidence_id = Status.REJECTED, own.reason, own.document
        _decide(row, actor, at)
        fit.append(row)
    Milestone.objects.bulk_update(fit, DECIDED)
    facts: Iterable[Fact] = (
        MilestoneRejected(
            subject=row.pk,
            assignment=str(row.assignment_id),
            number=row.number,
            reason=row.reason,
        )
        for row in fit
    )
    record(facts, actor=actor, at=at)
    desk.open_exceptions((_rejected(row) for row in fit), actor=actor, at=at)
    return in_order(asked, refusals)


def _by_milestone(told: Iterable[tuple[UUID, Asked]]) -> dict[UUID, Asked]:
    """What is asked by milestone; raises Invalid where one is named twice."""
    asked: dict[UUID, Asked] = {}
    faults = []
    for n, (key, one) in enumerate(told):
        if key in asked:
            said = "This milestone is named twice."
            faults.append(Fault("named_twice", said, f"/milestones/{n}/milestone"))
        asked[key] = one
    refuse_if(faults)
    return asked


def _movable(wanted: Iterable[UUID], to: str) -> tuple[list[Milestone], dict[UUID, Refusal]]:
    """The locked milestones that may become `to`, and a refusal for each other."""
    keys = set(wanted)
    rows = list(
        Milestone.objects.select_for_update(of=("self",))
        .select_related("assignment")
        .filter(pk__in=keys)
        .order_by("id")
    )
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such milestone.")
        for key in keys - {row.pk for row in rows}
    }
    for row in rows:
        refusal = states.refused(row.status, to, Milestone.MOVES, "milestone")
        if refusal is not None:
            refusals[row.pk] = refusal
    return [row for row in rows if row.pk not in refusals], refusals


def _unfit(assignment: Assignment) -> Refusal | None:
    """Why nothing can be reached on an assignment; None where something can."""
    if assignment.status not in queries.WORKABLE:
        told = f"The assignment is {assignment.status}: nothing was worked on it."
        return Conflict("not_started", told, status=assignment.status)
    if assignment.engagement not in BY_MILESTONES:  # it was changed after the plan was made
        told = f"Only {', '.join(BY_MILESTONES)} can be paid by milestones."
        return Conflict("not_by_milestones", told, engagement=assignment.engagement)
    return None


def _papers(told: Iterable[UUID | None]) -> Papers:
    wanted = [key for key in told if key is not None]
    return Document.objects.in_bulk(wanted)


def _of_document(row: Milestone, document: UUID | None, papers: Papers) -> list[Fault]:
    """What is wrong with a document: it goes to the client with the invoice, so it is about this
    assignment or this client and nobody else.
    """
    if document is None:
        return []
    if document not in papers:
        return [Fault("not_found", "There is no such document.", "/document")]
    paper = papers[document]
    if paper.subject not in {row.assignment_id, row.assignment.client_id}:
        told = "This document is not about the assignment; keep it with the assignment's id."
        return [Fault("document_of_another", told, "/document")]
    if paper.media_type == PDF and not can_be_bound(documents.content(paper)):
        told = "This PDF is damaged or locked, and could not go with the invoice."
        return [Fault("document_unreadable", told, "/document")]
    return []


def _another(row: Milestone, actor: Actor) -> Refusal | None:
    """The refusal of whoever handed it in, or did the work; None for anybody else."""
    if actor.id in {row.submitted_by_id, ids.public("wrk", row.assignment.worker_id)}:
        told = "Who handed a milestone in cannot decide about it; ask another person."
        return Forbidden("second_person_needed", told)
    return None


def _unacceptable(row: Milestone, own: Acceptance, papers: Papers, today: date) -> Refusal | None:
    """Everything that is wrong with an acceptance; None where nothing is."""
    faults = _of_document(row, own.document, papers)
    if not row.assignment.starts_on <= own.accepted_on <= today:
        told = "It is accepted after the assignment began, and not in the future."
        faults.append(Fault("day_out_of_bounds", told, "/accepted_on"))
    if not 0 < own.share <= 1:
        told = "Say a share above 0 and up to 1; a milestone of which nothing counts is rejected."
        faults.append(Fault("share_out_of_bounds", told, "/share"))
    elif own.share < 1:
        if not own.reason.strip():
            told = "Say why only a part is accepted."
            faults.append(Fault("reason_missing", told, "/reason"))
        sides = (row.pay_amount, row.bill_amount)
        if not any(milestones.part(side, own.share) for side in sides if side is not None):
            told = "That part comes to nothing."
            faults.append(Fault("nothing_accepted", told, "/share"))
    return Invalid.of(faults) if faults else None


def _take(row: Milestone, own: Acceptance, actor: Actor, at: datetime) -> None:
    """Write down what was accepted; nothing is saved yet."""
    row.status = Status.ACCEPTED if own.share == 1 else Status.PARTLY_ACCEPTED
    row.reason, row.evidence_id = own.reason, own.document
    row.accepted_on, row.accepted_share = own.accepted_on, own.share
    row.accepted_pay, row.accepted_bill = (
        None if side is None else milestones.part(side, own.share)
        for side in (row.pay_amount, row.bill_amount)
    )
    _decide(row, actor, at)


def _decide(row: Milestone, actor: Actor, at: datetime) -> None:
    row.decided_at, row.decided_by, row.decided_by_id = at, actor.as_json(), actor.id
    row.version += 1


def _accepted(row: Milestone) -> MilestoneAccepted:
    return MilestoneAccepted(
        subject=row.pk,
        assignment=str(row.assignment_id),
        number=row.number,
        accepted_share=row.accepted_share or ONE,
        document=str(row.evidence_id),
        charge=str(row.charge),
        reason=row.reason,
    )


def _rejected(row: Milestone) -> desk.Found:
    return desk.Found(
        kind="milestone_rejected",
        key=f"milestone_rejected:{row.pk}",
        title=f"Milestone {row.number} was rejected: {row.name}",
        detail=row.reason,
        about_kind="milestone",
        about=row.pk,
        stops="money",
        at_stake=row.bill_amount or row.pay_amount,
        currency=row.bill_currency or row.pay_currency,
        evidence=[{"reason": row.reason, "number": row.number}],
        suggested="Have it mended and hand it in again, or plan it anew by a change order.",
    )


def _left_over(row: Milestone) -> desk.Found:
    whole, part = (
        (row.bill_amount, row.accepted_bill)
        if row.bill_amount
        else (row.pay_amount, row.accepted_pay)
    )
    return desk.Found(
        kind="milestone_partly_accepted",
        key=f"milestone_partly_accepted:{row.pk}",
        title=f"Milestone {row.number} was accepted in part: {row.name}",
        detail=row.reason,
        about_kind="milestone",
        about=row.pk,
        stops="money",
        at_stake=None if whole is None or part is None else whole - part,
        currency=row.bill_currency or row.pay_currency,
        evidence=[{"reason": row.reason, "accepted_share": str(row.accepted_share)}],
        suggested="Agree a change order that plans what was left.",
    )
