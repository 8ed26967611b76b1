"""Questions about submitted time: asked by whoever is to approve it, answered by the office;
nothing is decided by one.
"""

from datetime import datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.desk import queries as desks
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid
from backline.timesheets.actions.approving import QUESTION
from backline.timesheets.actions.moving import one_held
from backline.timesheets.models import Timesheet


def question(timesheet: UUID, *, words: str, actor: Actor, at: datetime) -> Timesheet:
    """Put a question about submitted time on somebody's desk; the sheet waits as it did.

    The same question again changes nothing; another one takes its place.
    """
    if not words.strip():
        raise Invalid("reason_missing", "Say what you want to know.", pointer="/reason")
    row = one_held(timesheet)
    if row.status != Timesheet.Status.SUBMITTED:
        told = "Only time that waits for approval can be asked about."
        raise Conflict("illegal_move", told, status=row.status)
    worker = row.assignment.worker
    found = desk.Found(
        kind=QUESTION,
        key=f"{QUESTION}:{row.pk}",
        title=f"Question about the hours of {worker.given_name} {worker.family_name}",
        detail=words.strip(),
        about_kind="timesheet",
        about=row.pk,
        stops="pay",
        evidence=[{"asked_by": actor.name or actor.id, "total": str(row.total), "unit": row.unit}],
        suggested="Answer them; the link they hold still lets them decide.",
    )
    desk.open_exceptions([found], actor=actor, at=at)
    return row


def asked(timesheet: UUID) -> str:
    """The question about a sheet that nobody has answered yet, or nothing."""
    open_ = desks.open_about([timesheet]).filter(kind=QUESTION)
    return open_.values_list("detail", flat=True).first() or ""
