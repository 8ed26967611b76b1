"""Merging: two records of a source that turn out to be one person."""

from datetime import datetime
from uuid import UUID

from backline.assignments import actions as assignments
from backline.assignments.models import Assignment
from backline.desk import actions as desk
from backline.directory import actions as directory
from backline.integrations.actions.deciding import known_record
from backline.integrations.actions.sources import held
from backline.integrations.events import RecordTaken
from backline.integrations.models import SourceRecord
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid
from backline.kernel.events import record
from backline.payroll.models import Payslip

Status = Assignment.Status
BEFORE = (Status.PENDING, Status.CONFIRMED, Status.READY)


def merge(source: str, gone: str, into: str, *, actor: Actor, at: datetime) -> SourceRecord:
    """Let both keys of a source mean one worker; the one who was paid keeps history and tax
    identity, and where both were, a person decides.
    """
    row = held(source)
    first, second = (known_record(row, ("worker", each)) for each in (gone, into))
    if first.pk == second.pk:
        raise Invalid("same_worker", "Say two different records.", pointer="/into")
    if first.about is None or second.about is None:
        told = "One of them is no worker here yet; the other key may be sent alone."
        raise Conflict("not_applied_yet", told)
    if first.about == second.about:
        return first
    paid = set(
        Payslip.objects.filter(worker__in=[first.about, second.about])
        .values_list("worker_id", flat=True)
        .distinct()
    )
    if len(paid) > 1:
        raise Conflict(
            "both_were_paid",
            "Both were paid under their own tax identity: have payroll decide which one stays.",
        )
    stays = first.about if paid == {first.about} else second.about
    goes = second.about if stays == first.about else first.about
    _move_work(goes, stays, actor=actor, at=at)
    directory.change_worker(goes, {"state": "inactive"}, actor=actor, at=at)
    SourceRecord.objects.filter(about=goes).update(about=stays)
    first.about = stays
    fact = RecordTaken(
        subject=first.pk, source=source, record="worker", external_id=gone, outcome="updated",
        about=str(stays), codes=["merged"],
    )  # fmt: skip
    record([fact], actor=actor, at=at)
    return first


def cannot_merge(source: str, gone: str, into: str, *, actor: Actor, at: datetime) -> None:
    """Tell those who answer that two workers who were both paid are one person."""
    found = desk.Found(
        kind="workers_are_one",
        key=f"workers_are_one:{source}:{gone}:{into}"[:200],
        title=f"Workers {gone} and {into} of {source} are one person",
        detail="Both were paid: which tax identity stays is for payroll to decide.",
        about_kind="source_record",
        about=known_record(held(source), ("worker", gone)).pk,
        suggested="Pay only one of them from now on, and make the other inactive.",
    )
    desk.open_exceptions([found], actor=actor, at=at)


def _move_work(goes: UUID, stays: UUID, *, actor: Actor, at: datetime) -> None:
    """What did not begin is done by the one who stays; what began keeps who did it."""
    begun = Assignment.objects.filter(worker=goes).exclude(status=Status.CANCELLED)
    if begun.exclude(status__in=BEFORE).exists():
        told = "The one who would go has work that began: end it, then merge them."
        raise Conflict("work_began", told)
    for row in begun.order_by("id"):
        assignments.change_assignment(row.pk, {"worker_id": stays}, actor=actor, at=at)
