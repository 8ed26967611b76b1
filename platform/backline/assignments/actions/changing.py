"""Assignments changed: dates, people, papers; an extension wakes an ended one."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.assignments.covers import Covers
from backline.assignments.engagements import COMPANY
from backline.assignments.events import AssignmentChanged, BillingReferenceSet
from backline.assignments.models import Assignment, BillingReference
from backline.directory import queries as directory
from backline.directory.actions.checks import settled
from backline.directory.models import Client, Contact, Intermediary, Site, Worker
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Conflict, Fault, Missing, refuse_if
from backline.kernel.events import record

AFTER_START = frozenset({"worker_id", "client_id", "engagement", "starts_on"})

CHECKED = (
    "starts_on", "ends_on", "client_id", "site_id", "approver_id", "intermediary_id", "engagement",
    "workers_comp_class",
)  # fmt: skip
COVERED = frozenset({"workers_comp_class", "site_id", "engagement"})


def change_assignment(
    assignment: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Assignment:
    """Change an assignment; who works for whom, how engaged and since when is fixed once it
    started.

    A later end wakes an ended assignment; an end in the past is allowed and ends it with the next
    tick.
    """
    row = Assignment.objects.select_for_update().filter(pk=assignment).first()
    if row is None:
        raise Missing("not_found", "There is no such assignment.")
    if row.status == Assignment.Status.CANCELLED:
        raise Conflict("illegal_move", "A cancelled assignment is final.", status=row.status)
    own = settled(row, wanted)
    refuse_if(_faults(row, own))
    own = {name: each for name, each in own.items() if each != getattr(row, name)}
    fixed = sorted(name.removesuffix("_id") for name in AFTER_START & own.keys())
    if fixed and row.status in {Assignment.Status.ACTIVE, Assignment.Status.ENDED}:
        raise Conflict(
            "started_already", f"After the start these stay as they are: {', '.join(fixed)}."
        )
    ends_on = own.get("ends_on", row.ends_on)
    if row.status == Assignment.Status.ENDED and (
        ends_on is None or ends_on >= directory.day_of(at)
    ):
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
    now = {name: own.get(name, getattr(row, name)) for name in CHECKED}
    faults = []
    if now["ends_on"] is not None and now["ends_on"] < now["starts_on"]:
        faults.append(Fault("ends_before_start", "It ends before it starts.", "/ends_on"))
    for name, model in (("worker", Worker), ("client", Client)):
        key = own.get(f"{name}_id")
        if key is not None and not model._default_manager.filter(pk=key).exists():
            faults.append(Fault("not_found", f"There is no such {name}.", f"/{name}"))
    if own.keys() & {"client_id", "site_id", "approver_id"}:
        faults += _of_others(now)
    if own.keys() & {"engagement", "intermediary_id"} and now["engagement"] in COMPANY:
        kind, company = COMPANY[now["engagement"]], now["intermediary_id"]
        if not company or not Intermediary.objects.filter(pk=company, kind=kind).exists():
            told = f"Say which {kind} company it is."
            faults.append(Fault("company_missing", told, "/intermediary"))
    if own.keys() & COVERED:
        place = Site.objects.filter(pk=now["site_id"]).first() if now["site_id"] else None
        code = now["workers_comp_class"]
        faults += Covers().faults(now["engagement"], place, code, now["starts_on"])
    return faults


def _of_others(now: Mapping[str, Any]) -> list[Fault]:
    """A site or an approver must be the client's own, also when the client changes."""
    faults = []
    for name, model in (("site", Site), ("approver", Contact)):
        key = now[f"{name}_id"]
        own = model._default_manager.filter(pk=key, client=now["client_id"])
        if key is not None and not own.exists():
            told = f"There is no such {name} at this client."
            faults.append(Fault("not_found", told, f"/{name}"))
    return faults
