"""Forgetting who came in: sessions and visits that ended long ago, in slices.

How long is data with a day, as for a firm's own rows: kernel/retention.toml. No firm's role may
delete them, or whoever came in could take the trace away: the clock asks while signing in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from backline.kernel import forgetting
from tenants.access.models import ActingToken, Session


def forget(*, at: datetime, most: int = forgetting.SLICE) -> dict[str, int]:
    """Delete a slice of what need not be kept any more; how many rows of each kind."""
    return forgetting.forget(at=at, most=most, among=OLDER)


def _visits(before: datetime) -> "QuerySet[Any]":
    return ActingToken.objects.filter(expires_at__lt=before).order_by("expires_at")


def _sessions(before: datetime) -> "QuerySet[Any]":
    """Sessions that no visit says any more that it came from."""
    visits = ActingToken.objects.filter(session=OuterRef("pk"))
    return Session.objects.filter(~Exists(visits), ends_at__lt=before).order_by("ends_at")


# A visit goes before the session that it came from.
OLDER: Final[Mapping[str, forgetting.Older]] = {"visit": _visits, "session": _sessions}
