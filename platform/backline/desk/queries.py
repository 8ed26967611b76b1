"""Questions to the desk."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from backline.desk.actions import OPEN
from backline.desk.models import Message, Trouble


def open_about(subjects: Iterable[UUID]) -> QuerySet[Trouble]:
    """What is open about these objects, soonest due first."""
    return Trouble.objects.filter(about__in=list(subjects), state__in=OPEN).order_by("due_at", "id")


def open_by_kind() -> list[dict[str, Any]]:
    """How many exceptions are open a kind and owner, and the money at stake a currency."""
    rows = (
        Trouble.objects.filter(state__in=OPEN)
        .values("kind", "owner_role", "currency")
        .annotate(count=Count("id"), at_stake=Sum("at_stake"))
        .order_by("kind", "owner_role", "currency")
    )
    return [dict(row) for row in rows]


def overdue(at: datetime) -> QuerySet[Trouble]:
    """What should have been closed by now."""
    return Trouble.objects.filter(state__in=OPEN, due_at__lt=at).order_by("due_at", "id")


def messages_due(limit: int) -> QuerySet[Message]:
    """Messages that have not left, oldest first, locked for the one who sends them."""
    return (
        Message.objects.select_for_update(skip_locked=True)
        .filter(state="queued")
        .order_by("id")[:limit]
    )
