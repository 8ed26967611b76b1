"""The clock of one firm: every hour that struck is played once, in order, however late and by whom.

What is started does what is due by then, not what is new: an hour whose worker died is played
again. Two workers take turns; the second finds it done. An hour is one transaction, and where a
start fails each has one of its own, so that one firm's many quiet hours cost little.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from backline.kernel.models import Offset
from tenants import tenancy

OFFSET = "clock"  # a reader of the clock, as consumers are readers of the feed
HOUR = timedelta(hours=1)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
HOURS_IN_A_DAY = 24
MOST_HOURS = HOURS_IN_A_DAY * 31  # after a longer sleep the clock is played from here
TAKE = "SELECT pg_try_advisory_xact_lock(hashtextextended('clock|' || current_user, 0))"

log = logging.getLogger(__name__)


def is_behind(at: datetime) -> bool:
    """Whether an hour struck that was not played; asked in the firm's books."""
    return _played() < _struck(at)


def play(firm: str, at: datetime) -> bool:
    """Play the hours that struck since the last one played; False when there were none for us."""
    with tenancy.firm(firm):
        played = _played()
    struck = _struck(at)
    first = max(played + 1, struck - MOST_HOURS) if played else struck
    for hour in range(first, struck + 1):
        # The last hour is played as of now, so that a clock moved into it misses nothing.
        moment = at if hour == struck else BEGINNING + hour * HOUR
        names = _due(hour, is_last=hour == struck)
        if (names or hour == struck) and not _play_hour(firm, hour, moment, names):
            return False
    return played < struck


def _due(hour: int, *, is_last: bool) -> list[str]:
    """What an hour starts: what runs every hour, and at a day's first hour, or as of now, the
    day's.
    """
    names = list(getattr(settings, "HOUR_STARTS", ()))
    if is_last or hour % HOURS_IN_A_DAY == 0:
        names += getattr(settings, "DAY_STARTS", ())
    return names


def _play_hour(firm: str, hour: int, moment: datetime, names: Sequence[str]) -> bool:
    try:
        with tenancy.firm(firm):
            if not _is_ours(hour):
                return False
            for name in names:
                import_string(name)(at=moment)
            Offset.objects.update_or_create(consumer=OFFSET, defaults={"seq": hour})
            return True
    except Exception:  # noqa: BLE001  # whose it was is found by starting each alone
        return _play_apart(firm, hour, moment, names)


def _play_apart(firm: str, hour: int, moment: datetime, names: Sequence[str]) -> bool:
    for name in names:
        try:
            with tenancy.firm(firm):
                if not _is_ours(hour):
                    return False
                import_string(name)(at=moment)
        except Exception:  # whatever it is, the others go on
            log.exception("start_failed", extra={"firm": firm, "consumer": name})
    with tenancy.firm(firm):
        if not _is_ours(hour):
            return False
        Offset.objects.update_or_create(consumer=OFFSET, defaults={"seq": hour})
    return True


def _is_ours(hour: int) -> bool:
    """Take this firm's clock for the transaction; False when a twin holds it or was faster."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE)
        is_free = cursor.fetchone()[0]
    return bool(is_free) and _played() < hour


def _struck(at: datetime) -> int:
    return (at - BEGINNING) // HOUR


def _played() -> int:
    found = Offset.objects.filter(consumer=OFFSET).values_list("seq", flat=True).first()
    return found or 0
