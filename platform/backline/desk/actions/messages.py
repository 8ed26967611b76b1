"""Letters written to people, claimed by whoever sends them, reported as sent or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from backline.desk.actions.troubles import Found, open_exceptions
from backline.desk.events import MessageFailed, MessageSent
from backline.desk.models import Message
from backline.kernel import copying
from backline.kernel.actors import Actor
from backline.kernel.events import plain, record
from backline.kernel.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail or text to write; `key` makes it once, `attachments` are ids of documents."""

    key: str
    kind: str
    to_address: str
    subject_line: str
    body: str
    channel: str = "email"
    to_name: str = ""
    about: UUID | None = None
    attachments: Sequence[UUID] = field(default=())


def write(letters: Iterable[Letter], *, at: datetime) -> list[UUID]:
    """Queue letters, each once by its key, to leave after this transaction; returns the ids
    of the new ones.
    """
    wanted = {letter.key: letter for letter in letters}
    known = set(Message.objects.filter(key__in=wanted).values_list("key", flat=True))
    rows = [
        (
            new_id(),
            letter.key,
            letter.channel,
            letter.kind,
            letter.to_name,
            letter.to_address,
            letter.subject_line[:200],
            letter.body,
            plain(list(letter.attachments)),
            letter.about,
            at,
            "queued",
            0,
            "",
        )
        for key, letter in wanted.items()
        if key not in known
    ]
    columns = (
        "id", "key", "channel", "kind", "to_name", "to_address", "subject_line", "body",
        "attachments", "about", "queued_at", "state", "attempts", "trouble",
    )  # fmt: skip
    copying.write(Message, columns, rows)
    return [row[0] for row in rows]


def claim_messages(most: int, *, now: datetime, until: datetime) -> list[Message]:
    """Take the next messages that wait, for ourselves alone until a moment of the real clock:
    a process that dies leaves them to others then.
    """
    is_free = Q(not_before__isnull=True) | Q(not_before__lte=now)
    rows = list(
        Message.objects.select_for_update(skip_locked=True)
        .filter(is_free, state=Message.State.QUEUED)
        .order_by("id")[:most]
    )
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(not_before=until)
    return rows


def sent(messages: Sequence[UUID], *, actor: Actor, at: datetime) -> None:
    """Report that messages left."""
    rows = list(
        Message.objects.select_for_update()
        .filter(pk__in=messages, state=Message.State.QUEUED)
        .order_by("id")
    )
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(state="sent", sent_at=at)
    record(
        (MessageSent(subject=row.pk, kind=row.kind, channel=row.channel) for row in rows),
        actor=actor,
        at=at,
    )


def not_sent(
    message: UUID, *, trouble: str, again_at: datetime | None, actor: Actor, at: datetime
) -> None:
    """Report that a message did not leave and when it is tried again, by the real clock; None: it
    was the last try, which opens an exception.
    """
    row = Message.objects.select_for_update().filter(pk=message, state="queued").first()
    if row is None:
        return
    row.attempts += 1
    row.trouble = trouble[:300]
    row.not_before = again_at
    row.state = Message.State.QUEUED if again_at else Message.State.FAILED
    row.save(update_fields=["attempts", "trouble", "state", "not_before"])
    if again_at:
        return
    fact = MessageFailed(subject=row.pk, kind=row.kind, channel=row.channel, trouble=row.trouble)
    record([fact], actor=actor, at=at)
    found = Found(
        kind="message_failed",
        key=f"message_failed:{row.pk}",
        title=f"A message to {row.to_name or row.to_address} could not be delivered",
        detail=row.trouble,
        about_kind="message",
        about=row.pk,
        suggested="Check the address and send it again.",
    )
    open_exceptions([found], actor=actor, at=at)
