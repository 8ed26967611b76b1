"""Questions to the desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from backline.desk.actions import OPEN
from backline.desk.models import Message, Responsibility, Trouble
from backline.desk.responsibilities import KINDS
from backline.kernel.statements import Slot


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for a kind of exception: as the firm decided, or as is proposed."""

    kind: str
    owner_role: str
    deputy_role: str
    hours: int
    is_own: bool


def responsibilities() -> list[Answering]:
    """Who answers for every kind of exception that is known, by kind."""
    own = {row.kind: row for row in Responsibility.objects.all()}
    found = []
    for kind in sorted(KINDS.keys() | own.keys()):
        row = own.get(kind)
        if row is not None:
            found.append(Answering(kind, row.owner_role, row.deputy_role, row.hours, is_own=True))
        else:
            role, hours = KINDS[kind]
            found.append(Answering(kind, role, "", hours, is_own=False))
    return found


def open_about(subjects: Iterable[UUID] | Slot) -> QuerySet[Trouble]:
    """What is open about these objects, soonest due first."""
    return Trouble.objects.filter(about__among=subjects, state__in=OPEN).order_by("due_at", "id")


def open_by_kind() -> list[dict[str, Any]]:
    """How many exceptions are open a kind and owner, and the money at stake a currency."""
    rows = (
        Trouble.objects.filter(state__in=OPEN)
        .values("kind", "owner_role", "currency")
        .annotate(count=Count("id"), at_stake=Sum("at_stake"))
        .order_by("kind", "owner_role", "currency")
    )
    return [dict(row) for row in rows]


def soonest() -> QuerySet[Trouble]:
    """Everything that is open, soonest due first."""
    return Trouble.objects.filter(state__in=OPEN).order_by("due_at", "id")


def overdue(at: datetime) -> QuerySet[Trouble]:
    """What should have been closed by now."""
    return Trouble.objects.filter(state__in=OPEN, due_at__lt=at).order_by("due_at", "id")


def messages_due(now: datetime) -> QuerySet[Message]:
    """Messages that have not left and that nobody is sending, oldest first; `now` is the real
    time.
    """
    is_free = Q(not_before__isnull=True) | Q(not_before__lte=now)
    return Message.objects.filter(is_free, state=Message.State.QUEUED).order_by("id")
