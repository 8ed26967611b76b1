"""Does a letter leave once, however many processes attend, and is one that cannot leave told?"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

import pytest
from django.core.mail.backends.base import BaseEmailBackend

from tests.books.together import at_once, raised

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.databases import Database

AT = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)


class Post(BaseEmailBackend):
    """A post office that refuses what goes to nowhere, and may let its first callers meet."""

    left: ClassVar[list[str]] = []
    lock: ClassVar[threading.Lock] = threading.Lock()
    meeting: ClassVar[threading.Barrier | None] = None

    def send_messages(self, messages: Any) -> int:
        """Take letters."""
        if Post.meeting is not None:
            Post.meeting.wait(10)
            Post.meeting = None
        for message in messages:
            if message.to[0].startswith("nowhere"):
                raise ConnectionRefusedError("no such place")
            with Post.lock:
                Post.left.append(message.to[0])
        return len(messages)


@pytest.fixture(autouse=True)
def _post(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Post"
    Post.left.clear()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the real clock of letters go on by so many minutes."""
    from tenants import letters

    real = letters.now

    def go(minutes: int) -> None:
        monkeypatch.setattr(letters, "now", lambda: real() + timedelta(minutes=minutes))

    return go


def written(place: Place, *addresses: str, attachments: tuple[Any, ...] = ()) -> None:
    from backline.desk import actions as desk
    from tenants import tenancy

    with tenancy.firm(place.ref):
        desk.write(
            [
                desk.Letter(
                    key=str(uuid4()),
                    kind="test",
                    to_address=address,
                    subject_line="s",
                    body="b",
                    attachments=attachments,
                )
                for address in addresses
            ],
            at=AT,
        )


def test_two_processes_send_each_letter_once(committed: Database, agency: Place) -> None:
    from tenants import letters

    wanted = [f"{n}@example.com" for n in range(30)]
    written(agency, *wanted)
    Post.meeting = threading.Barrier(2)  # both hold letters before either hands one over
    found = at_once(*[lambda: letters.send_due(agency.ref, at=AT)] * 2)

    assert raised(found) == []
    while letters.send_due(agency.ref, at=AT):
        pass
    assert sorted(Post.left) == sorted(wanted)


def test_what_a_dead_process_had_in_hand_is_sent_after_its_claim(
    committed: Database, agency: Place, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants import letters

    def dies(letter: object) -> None:
        raise SystemExit

    written(agency, "one@example.com")
    with monkeypatch.context() as patch:
        patch.setattr(letters, "deliver", dies)
        with pytest.raises(SystemExit):
            letters.send_due(agency.ref, at=AT)
    assert not letters.send_due(agency.ref, at=AT)
    assert Post.left == []
    later(6)
    letters.send_due(agency.ref, at=AT)
    assert Post.left == ["one@example.com"]


def test_a_late_report_changes_nothing_about_what_another_sent(
    committed: Database, agency: Place, later: Any
) -> None:
    from backline.desk import actions as desk
    from backline.desk.models import Message
    from backline.kernel.actors import SYSTEM
    from tenants import letters, tenancy

    written(agency, "slow@example.com")
    real = letters.now()
    with tenancy.firm(agency.ref):
        (mine,) = desk.claim_messages(1, now=real, until=real + timedelta(minutes=5))
    later(6)
    letters.send_due(agency.ref, at=AT)
    with tenancy.firm(agency.ref):
        desk.not_sent(mine.pk, trouble="late", again_at=None, actor=SYSTEM, at=AT)
        assert Message.objects.get(pk=mine.pk).state == "sent"
    assert Post.left == ["slow@example.com"]


def test_a_letter_that_cannot_leave_waits_longer_each_time_and_then_is_on_a_desk(
    committed: Database, agency: Place, later: Any
) -> None:
    from backline.desk.models import Message, Trouble
    from tenants import letters, tenancy

    written(agency, "nowhere@example.com", "somewhere@example.com")
    letters.send_due(agency.ref, at=AT)
    assert Post.left == ["somewhere@example.com"]
    assert not letters.send_due(agency.ref, at=AT)  # not again at once

    passed = 0
    for minutes in (1, 5, 30, 240):
        passed += minutes
        later(passed + 1)
        letters.send_due(agency.ref, at=AT)
    with tenancy.firm(agency.ref):
        row = Message.objects.get(to_address="nowhere@example.com")
        assert (row.state, row.attempts) == ("failed", 5)
        trouble = Trouble.objects.get(kind="message_failed", about=row.pk)
        assert "no such place" in trouble.detail
    later(10_000)
    letters.send_due(agency.ref, at=AT)
    assert Post.left == ["somewhere@example.com"]


def test_a_letter_whose_paper_is_lost_keeps_no_other_from_leaving(
    committed: Database, agency: Place
) -> None:
    from django.core.files.storage import default_storage

    from backline.desk.models import Message
    from backline.kernel import documents
    from backline.kernel.actors import SYSTEM
    from tenants import letters, tenancy

    with tenancy.firm(agency.ref):
        paper = documents.keep(
            b"paper",
            kind="test",
            name="paper.txt",
            media_type="text/plain",
            subject=None,
            actor=SYSTEM,
            at=AT,
        )
        default_storage.delete(paper.path)
    written(agency, "lost@example.com", attachments=(paper.pk,))
    written(agency, "whole@example.com")
    letters.send_due(agency.ref, at=AT)
    assert Post.left == ["whole@example.com"]
    with tenancy.firm(agency.ref):
        assert Message.objects.get(to_address="lost@example.com").attempts == 1
