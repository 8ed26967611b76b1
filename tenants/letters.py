"""Letters: messages of a firm leave outside any transaction: claimed, handed over, reported."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backline.desk import actions, queries
from backline.desk.models import Message
from backline.directory import queries as directory
from backline.integrations.gateways.letters import Attached, Outgoing, deliver
from backline.kernel import documents
from backline.kernel.actors import SYSTEM
from backline.kernel.models import Document
from tenants import tenancy

AT_A_TIME = 50
MOST_TRIES = 5


def send_due(firm: str, *, at: datetime) -> bool:
    """Send what waits, a share at a time; True while more is due. A process that dies in between
    sends again.

    The recipient's gateway can tell a repeat by the key, which never changes.
    """
    with tenancy.firm(firm):
        letters = [
            (row.pk, row.attempts, _outgoing(row)) for row in queries.messages_due(AT_A_TIME)
        ]
    sent: list[UUID] = []
    failed: list[tuple[UUID, int, str]] = []
    for key, attempts, letter in letters:
        try:
            deliver(letter)
            sent.append(key)
        except Exception as error:  # noqa: BLE001  # whatever it is, the others still go
            failed.append((key, attempts, f"{type(error).__name__}: {error}"))
    if letters:
        with tenancy.firm(firm):
            actions.sent(sent, actor=SYSTEM, at=at)
            for key, attempts, why in failed:
                final = attempts + 1 >= MOST_TRIES
                actions.not_sent(key, trouble=why, final=final, actor=SYSTEM, at=at)
    return len(sent) == AT_A_TIME


def is_due(*, at: datetime) -> bool:  # noqa: ARG001 - asked by the clock
    """Whether a message waits in the firm whose books are open."""
    return Message.objects.filter(state="queued").exists()


def _outgoing(row: Message) -> Outgoing:
    papers = Document.objects.filter(pk__in=row.attachments)
    return Outgoing(
        row.pk.hex,
        row.channel,
        row.to_name,
        row.to_address,
        row.subject_line,
        row.body,
        directory.firm().trading_name,
        [Attached(one.name, one.media_type, documents.content(one)) for one in papers],
    )
