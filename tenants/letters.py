"""Letters: messages of a firm leave outside any transaction: claimed, handed over, reported.

A claim holds for some minutes by the real clock, so two processes never send the same letter; one
that dies between handing over and reporting lets it be sent again, under the same key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from backline.desk import actions, queries
from backline.desk.models import Message
from backline.directory import queries as directory
from backline.integrations.gateways.letters import Attached, Outgoing, deliver
from backline.kernel import documents
from backline.kernel.actors import SYSTEM
from backline.kernel.errors import Missing
from backline.kernel.models import Document
from tenants import tenancy

AT_A_TIME = 20
CLAIMED_FOR = timedelta(minutes=5)
MARGIN = timedelta(minutes=1)  # nothing is handed over in the last minute of a claim
# How long to wait after each try that failed; after the last one a person must see to it.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 240))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that is ours to send, or why it cannot even be put together."""

    key: UUID
    attempts: int
    letter: Outgoing | None
    trouble: str = ""


def send_due(firm: str, *, at: datetime) -> bool:
    """Send what waits, a share at a time; True while more may be due.

    One that does not leave is tried again later, some times, and is then put on a desk.
    """
    until = now() + CLAIMED_FOR
    with tenancy.firm(firm):
        claimed = [
            _claimed(row)
            for row in actions.claim_messages(AT_A_TIME, now=now(), until=until)
        ]  # fmt: skip
    if not claimed:
        return False
    tried = [(one, _tried(one)) for one in claimed if now() < until - MARGIN]
    with tenancy.firm(firm):
        actions.sent([one.key for one, trouble in tried if not trouble], actor=SYSTEM, at=at)
        for one, trouble in tried:
            if trouble:
                again = now() + WAITS[one.attempts] if one.attempts < len(WAITS) else None
                actions.not_sent(one.key, trouble=trouble, again_at=again, actor=SYSTEM, at=at)
    return len(claimed) == AT_A_TIME


def is_due(*, at: datetime) -> bool:  # noqa: ARG001 - claims live by the real clock
    """Whether a message waits in the firm whose books are open, and may be sent now."""
    return queries.messages_due(now()).exists()


def now() -> datetime:
    """The real time, by which claims and waits are counted."""
    return datetime.now(UTC)


def _tried(one: Claimed) -> str:
    """Hand a letter over; returns what was in the way, or nothing."""
    if one.letter is None:
        return one.trouble
    try:
        deliver(one.letter)
    except Exception as error:  # noqa: BLE001  # whatever it is, the others still go
        return f"{type(error).__name__}: {error}"
    return ""


def _claimed(row: Message) -> Claimed:
    try:
        return Claimed(row.pk, row.attempts, _outgoing(row))
    except (Missing, OSError) as error:  # a paper that cannot be read must not keep the others here
        return Claimed(row.pk, row.attempts, None, f"{type(error).__name__}: {error}")


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
