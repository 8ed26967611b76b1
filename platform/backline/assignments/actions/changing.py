"""Assignments changed: dates, people, papers; an extension wakes an ended one."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.assignments.events import AssignmentChanged, BillingReferenceSet
from backline.assignments.models import Assignment, BillingReference
from backline.directory.models import Contact, Intermediary, Site
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Conflict, Fault, Missing, refuse_if
from backline.kernel.events import record

AFTER_START = frozenset({"worker_id", "client_id", "engagement"})


def change_assignment(
    assignment: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Assignment:
    """Change an assignment; who works for whom and how engaged is fixed once it started.

    A later end wakes an ended assignment; an end in the past is allowed and ends it with the next
    tick.
    """
    row = Assignment.objects.select_for_update().filter(pk=assignment).first()
    if row is None:
        raise Missing("not_found", "There is no such assignment.")
    if row.status == Assignment.Status.CANCELLED:
        raise Conflict("illegal_move", "A cancelled assignment is final.", status=row.status)
    own = dict(wanted)
    refuse_if(_faults(row, own))
    fixed = sorted(name for name in AFTER_START & own.keys() if own[name] != getattr(row, name))
    if fixed and row.status in {Assignment.Status.ACTIVE, Assignment.Status.ENDED}:
        raise Conflict(
            "started_already", f"After the start these stay as they are: {', '.join(fixed)}."
        )
    ends_on = own.get("ends_on", row.ends_on)
    if row.status == Assignment.Status.ENDED and (ends_on is None or ends_on >= at.date()):
        own["status"] = Assignment.Status.ACTIVE
    changes = change(row, own)
    if changes:
        record([AssignmentChanged(subject=row.pk, changes=changes)], actor=actor, at=at)
    return row


def set_billing_reference(
    assignment: UUID,
    *,
    since: date,
    po_number: str,
    cost_centre: str,
    project: str = "",
    actor: Actor,
    at: datetime,
) -> BillingReference:
    """Bill an assignment under a purchase order and cost centre from a day; what held before
    ends there.
    """
    if not Assignment.objects.filter(pk=assignment).exists():
        raise Missing("not_found", "There is no such assignment.")
    same = BillingReference.objects.filter(assignment_id=assignment, withdrawn=False)
    row = BillingReference.objects.create(
        assignment_id=assignment,
        valid=dated.since(since, dated.replace(same, since)),
        po_number=po_number,
        cost_centre=cost_centre,
        project=project,
    )
    fact = BillingReferenceSet(
        subject=assignment,
        since=since.isoformat(),
        po_number=po_number,
        cost_centre=cost_centre,
    )
    record([fact], actor=actor, at=at)
    return row


def _faults(row: Assignment, own: Mapping[str, Any]) -> list[Fault]:
    faults = []
    starts_on, ends_on = own.get("starts_on", row.starts_on), own.get("ends_on", row.ends_on)
    if ends_on is not None and ends_on < starts_on:
        faults.append(Fault("ends_before_start", "It ends before it starts.", "/ends_on"))
    client = own.get("client_id", row.client_id)
    for name, model in (("site", Site), ("approver", Contact)):
        key = own.get(f"{name}_id")
        if key is not None and not model._default_manager.filter(pk=key, client=client).exists():
            faults.append(
                Fault("not_found", f"There is no such {name} at this client.", f"/{name}")
            )
    company = own.get("intermediary_id", row.intermediary_id)
    engagement = own.get("engagement", row.engagement)
    if engagement in {"umbrella", "limited"}:
        known = company and Intermediary.objects.filter(pk=company, kind=engagement).exists()
        if not known:
            faults.append(
                Fault("company_missing", f"Say which {engagement} company it is.", "/intermediary")
            )
    return faults
