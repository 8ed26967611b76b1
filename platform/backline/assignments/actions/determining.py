"""Status determined: whether work through an own company is inside the off-payroll rules."""

from datetime import date, datetime
from uuid import UUID

from backline.assignments.engagements import COMPANY
from backline.assignments.events import StatusDetermined
from backline.assignments.models import Assignment, Determination
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Missing, refuse_if
from backline.kernel.events import record
from backline.kernel.models import Document

OWN = "limited"


def determine(
    assignment: UUID,
    *,
    is_inside: bool,
    since: date,
    document: UUID | None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Determination:
    """Keep what the client's determination says of an assignment from a day; outside needs its
    statement on file, inside is paid with deductions from that day on.
    """
    row = Assignment.objects.select_for_update().filter(pk=assignment).first()
    if row is None:
        raise Missing("not_found", "There is no such assignment.")
    if COMPANY.get(row.engagement) != OWN:
        told = "Only work through a worker's own company is determined."
        raise Conflict("not_through_a_company", told, engagement=row.engagement)
    faults = []
    if document is None and not is_inside:
        told = "Outside the rules needs the client's status determination statement."
        faults.append(Fault("statement_missing", told, "/document"))
    if document is not None and not Document.objects.filter(pk=document).exists():
        faults.append(Fault("not_found", "There is no such document.", "/document"))
    refuse_if(faults)
    same = Determination.objects.filter(assignment=row, withdrawn=False)
    made = Determination.objects.create(
        assignment=row,
        valid=dated.since(since, dated.replace(same, since)),
        is_inside=is_inside,
        document_id=document,
        reason=reason,
        determined_at=at,
        determined_by=actor.as_json(),
    )
    fact = StatusDetermined(
        subject=row.pk, is_inside=is_inside, since=since.isoformat(), reason=reason
    )
    record([fact], actor=actor, at=at)
    return made
