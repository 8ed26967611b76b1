"""Watching: a source that is silent for longer than it usually is, told to those who answer."""

from datetime import datetime

from backline.desk import actions as desk
from backline.integrations import queries
from backline.integrations.models import Source
from backline.kernel.actors import Actor


def watch(*, actor: Actor, at: datetime) -> int:
    """Tell of every source that was silent for twice its usual gap, and take back what was told
    of those that were heard again; returns how many are silent.
    """
    silent = 0
    for row in Source.objects.order_by("name"):
        silence = queries.waiting_too_long(row, at)
        key = f"source_silent:{row.name}"
        if silence is None:
            desk.close_for([key], resolution="It was heard again.", actor=actor, at=at)
            continue
        silent += 1
        minutes = int(silence.total_seconds()) // 60
        backlog = queries.backlog(row)
        told = f"{row.name} was last heard {minutes} minutes ago; {backlog} of its records wait."
        found = desk.Found(
            kind="source_silent",
            key=key,
            title=f"{row.name} is silent",
            detail=f"{told} Changes made there do not reach pay or bills.",
            about_kind="source",
            about=row.pk,
            suggested="Check its credentials and its own log; until then send files or batches.",
        )
        desk.open_exceptions([found], actor=actor, at=at)
        if row.contact_email and row.last_heard_at is not None:
            letter = desk.Letter(
                key=f"source_silent:{row.name}:{row.last_heard_at.isoformat()}",
                kind="source_silent",
                to_address=row.contact_email,
                subject_line=f"{row.name} is silent",
                body=f"{told}\nChanges made there do not reach pay or bills until it is heard.",
                about=row.pk,
            )
            desk.write([letter], at=at)
    return silent
