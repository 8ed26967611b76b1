"""Is the feed whole and in order whoever writes meanwhile, and does no reader miss or repeat?"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from backline.kernel import consumers, feed
from backline.kernel.actors import SYSTEM
from backline.kernel.events import Fact, record
from backline.kernel.models import Event, Feed, Offset
from tenants import attending, tenancy
from tests.books.together import at_once, raised

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.databases import Database

NOON = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
READER, DEAF = "books_reader", "books_deaf"


class Said(Fact):
    """Something was said in a test."""

    name = "test.said"


@pytest.fixture
def read() -> Iterator[list[UUID]]:
    """What a reader of the feed has read, in the order it did."""
    found: list[UUID] = []
    consumers.add(
        READER, frozenset({"test.said"}), lambda told: found.extend(e.subject for e in told)
    )
    yield found
    del consumers.CONSUMERS[READER]


@pytest.fixture(autouse=True)
def _outside_is_away(settings: Any) -> None:
    settings.CLOCK_STARTS = settings.OUTWARD = settings.OUTWARD_DUE = []


def say(place: Place, *subjects: UUID) -> None:
    with tenancy.firm(place.ref):
        record([Said(subject=subject) for subject in subjects], actor=SYSTEM, at=NOON)


def say_and_fail(place: Place, *subjects: UUID) -> None:
    with tenancy.firm(place.ref):
        record([Said(subject=subject) for subject in subjects], actor=SYSTEM, at=NOON)
        raise ZeroDivisionError


def reads_on(place: Place) -> None:
    with tenancy.firm(place.ref):
        feed.number()
    with tenancy.firm(place.ref):
        while consumers.run(READER, limit=3):
            pass


def places(place: Place) -> dict[str, int]:
    """How far each reader of a firm is."""
    with tenancy.firm(place.ref):
        return dict(Offset.objects.values_list("consumer", "seq"))


def test_what_a_slow_transaction_commits_late_is_read_all_the_same(
    committed: Database, agency: Place, read: list[UUID]
) -> None:
    slow, quick, later = uuid4(), uuid4(), uuid4()
    has_written, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with tenancy.firm(agency.ref):
            record([Said(subject=slow)], actor=SYSTEM, at=NOON)
            has_written.set()
            may_commit.wait(20)

    def meanwhile() -> None:
        assert has_written.wait(20)
        try:
            say(agency, quick)  # a later transaction, committed earlier
            reads_on(agency)
            assert slow not in read
            assert read[-1] == quick
        finally:
            may_commit.set()

    assert raised(at_once(slowly, meanwhile)) == []
    say(agency, later)
    reads_on(agency)
    assert read[-3:] == [quick, slow, later]


def test_who_wants_nothing_of_what_is_new_is_moved_past_it_and_who_wants_something_reads_it(
    committed: Database, agency: Place, other_agency: Place, read: list[UUID]
) -> None:
    consumers.add(DEAF, frozenset({"test.unsaid"}), lambda told: pytest.fail(f"read {told}"))
    try:
        for place in (agency, other_agency):
            reads_on(place)
            with tenancy.firm(place.ref):
                consumers.run(DEAF)
        before, said = places(other_agency), uuid4()
        say(agency, said)
        with tenancy.firm(agency.ref):
            feed.number()
        with tenancy.firm(agency.ref):
            late = consumers.late()

        assert READER in late
        assert DEAF not in late
        now = places(agency)
        assert now[DEAF] == now[READER] + 1
        assert places(other_agency) == before
        reads_on(agency)
        assert read[-1] == said
        with tenancy.firm(agency.ref):
            assert READER not in consumers.late()
    finally:
        del consumers.CONSUMERS[DEAF]


def test_a_reader_that_a_twin_holds_is_neither_moved_nor_waited_for(
    committed: Database, agency: Place, read: list[UUID]
) -> None:
    consumers.add(DEAF, frozenset({"test.unsaid"}), lambda told: pytest.fail(f"read {told}"))
    is_held, may_end, found = threading.Event(), threading.Event(), []

    def holds() -> None:
        with tenancy.firm(agency.ref):
            Offset.objects.select_for_update().get(consumer=DEAF)
            is_held.set()
            may_end.wait(20)

    def looks() -> None:
        assert is_held.wait(20)
        try:
            with tenancy.firm(agency.ref):
                found.extend(consumers.late())
        finally:
            may_end.set()

    try:
        reads_on(agency)
        with tenancy.firm(agency.ref):
            consumers.run(DEAF)
        before = places(agency)[DEAF]
        say(agency, uuid4())
        with tenancy.firm(agency.ref):
            feed.number()
        assert raised(at_once(holds, looks)) == []
        assert DEAF in found
        assert places(agency)[DEAF] == before
    finally:
        del consumers.CONSUMERS[DEAF]
        reads_on(agency)


def test_writers_that_roll_back_leave_no_gap_and_nobody_is_lost(
    committed: Database, agency: Place, read: list[UUID]
) -> None:
    kept: dict[int, list[UUID]] = {n: [] for n in range(4)}
    lost: list[UUID] = []
    done = threading.Event()
    left = [len(kept)]

    def writes(n: int) -> None:
        chance = random.Random(n)  # a seed, so that a failure comes again
        for _ in range(15):
            subjects = [uuid4() for _ in range(chance.randint(1, 3))]
            if chance.random() < 0.3:
                with pytest.raises(ZeroDivisionError):
                    say_and_fail(agency, *subjects)
                lost.extend(subjects)
            else:
                say(agency, *subjects)
                kept[n].extend(subjects)
        left[0] -= 1
        if not left[0]:
            done.set()

    def numbers() -> None:
        while not done.is_set():
            reads_on(agency)

    before = len(read)
    deeds = [*(lambda n=n: writes(n) for n in kept), numbers, numbers]
    assert raised(at_once(*deeds)) == []
    reads_on(agency)

    with tenancy.firm(agency.ref):
        places = list(Feed.objects.order_by("seq").values_list("seq", flat=True))
        assert places == list(range(1, len(places) + 1))
        assert len(places) == Event.objects.count()
    everything = [one for own in kept.values() for one in own]
    assert sorted(map(str, read[before:])) == sorted(map(str, everything))
    assert not set(lost) & set(read)
    for own in kept.values():  # what one writer said after another thing is read after it
        assert [one for one in read if one in set(own)] == own


def test_an_event_that_cannot_be_taken_is_passed_over_onto_a_desk(
    committed: Database, agency: Place, read: list[UUID]
) -> None:
    from backline.desk.models import Trouble

    poison, before, after = uuid4(), uuid4(), uuid4()

    def refuse(told: Any) -> None:
        if any(event.subject == poison for event in told):
            raise ZeroDivisionError

    consumers.add("books_refuser", frozenset({"test.said"}), refuse)
    say(agency, before, poison, after)
    try:
        attending.attend(agency.ref)
    finally:
        del consumers.CONSUMERS["books_refuser"]
    assert read[-3:] == [before, poison, after]  # one reader's trouble is no other's
    with tenancy.firm(agency.ref):
        (trouble,) = Trouble.objects.filter(kind="consumer_gave_up", about=poison)
        assert trouble.state == "open"
        assert not consumers.is_behind(READER)


def test_the_servers_trouble_is_no_events_fault(
    committed: Database, agency: Place, read: list[UUID]
) -> None:
    """A deadlock, a lock held too long: the same event can be taken a moment later."""
    from backline.desk.models import Trouble

    tries: list[int] = []

    def stumble(told: Any) -> None:
        tries.append(len(told))
        if len(tries) < 4:
            raise OperationalError("deadlock detected")

    consumers.add("books_stumbler", frozenset({"test.said"}), stumble)
    subject = uuid4()
    say(agency, subject)
    try:
        for _ in range(4):
            attending.attend(agency.ref)
    finally:
        del consumers.CONSUMERS["books_stumbler"]
    with tenancy.firm(agency.ref):
        assert not Trouble.objects.filter(kind="consumer_gave_up", about=subject).exists()
    assert len(tries) >= 4


def test_what_the_facility_cannot_follow_is_passed_over_onto_a_desk(real_trade: Any) -> None:
    from backline.collections.events import AllocationMade
    from backline.desk.models import Trouble

    trade = real_trade
    trade.agrees_funding()
    job = trade.engages(trade.client())
    broken = uuid4()
    with trade.inside():
        fact = AllocationMade(
            subject=broken,
            receipt="",
            invoice="no invoice at all",
            amount=1,  # type: ignore[arg-type]
            currency="GBP",
            kind="payment",
            held_by="partner",
            is_funded=False,
        )
        record([fact], actor=SYSTEM, at=NOON)
    invoice = trade.bills(job, "1000.00")
    trade.catches_up()
    assert trade.advance(invoice).state == "advanced"
    with trade.inside():
        assert Trouble.objects.filter(kind="consumer_gave_up", about=broken).count() == 1
    assert trade.breaks() == []
