"""Does attending a firm let its own consumers, operations and clock go on, and no other's?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from backline.kernel import consumers, feed, here, operations
from backline.kernel.actors import SYSTEM
from backline.kernel.events import Fact, record
from backline.kernel.models import Event, Feed, Offset, Operation, OperationItem
from tenants import attending, clock, tasks, tenancy
from tenants.agencies import actions
from tenants.agencies.models import Firm
from tests.firms import FIRMS

NOON = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _alone(twins, settings) -> Iterator[None]:
    # What the stages and the API start is proved beside them.
    settings.HOUR_STARTS = settings.DAY_STARTS = settings.OUTWARD = settings.OUTWARD_DUE = []
    yield
    assert not tenancy.is_open()


class Happened(Fact):
    """Something in a test."""

    name = "test.happened"


class Stubborn(Fact):
    """Something that a consumer cannot take."""

    name = "test.stubborn"


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str]]]:
    """A consumer that notes whose events it heard, and cannot take a stubborn one."""
    said: list[tuple[str, str]] = []

    def hear(events) -> None:
        if any(event.name == "test.stubborn" for event in events):
            raise ZeroDivisionError
        said.extend((here.firm(), str(event.subject)) for event in events)

    consumers.add("hearing", frozenset({"test.happened", "test.stubborn"}), hear)
    yield said
    del consumers.CONSUMERS["hearing"]


def happen(firm: str, *facts: type[Fact]) -> list[str]:
    subjects = [uuid4() for _ in facts]
    with tenancy.firm(firm):
        record(
            [fact(subject=subject) for fact, subject in zip(facts, subjects, strict=True)],
            actor=SYSTEM,
            at=NOON,
        )
    return [str(subject) for subject in subjects]


def test_attending_lets_every_consumer_hear_its_own_firm(twins, heard):
    mine = happen(twins["agency"].ref, Happened, Happened)
    theirs = happen(twins["other_agency"].ref, Happened)
    assert attending.is_due(twins["agency"].ref)
    tasks.attend(twins["agency"].ref)
    assert [said for said in heard if said[1] in mine] == [(twins["agency"].ref, s) for s in mine]
    assert not [said for said in heard if said[1] in theirs]
    assert not attending.is_due(twins["agency"].ref)


def test_what_a_consumer_cannot_take_is_set_aside_and_the_rest_goes_on(twins, heard):
    given_up: list[str] = []
    consumers.when_given_up(lambda name, told, why: given_up.append(f"{name} {told.name} {why}"))
    ref = twins["agency"].ref
    before = happen(ref, Happened)
    happen(ref, Stubborn)
    after = happen(ref, Happened)
    tasks.attend(ref)
    assert {subject for _, subject in heard} >= {*before, *after}
    assert given_up == ["hearing test.stubborn ZeroDivisionError"]
    consumers._GIVEN_UP.pop()


def test_the_feed_has_no_gap_and_every_event_once(twins):
    ref = twins["agency"].ref
    happen(ref, Happened, Happened, Happened)
    tasks.attend(ref)
    with tenancy.firm(ref):
        places = list(Feed.objects.order_by("seq").values_list("seq", flat=True))
        assert places == list(range(1, len(places) + 1))
        assert len(places) == Event.objects.count()
        assert not feed.is_waiting()


@pytest.fixture
def runner() -> Iterator[list[str]]:
    """Treats chunks of two; the third member cannot be treated."""
    done: list[str] = []

    def run(work, items):
        if any(item.ref == "3" for item in items):
            raise ZeroDivisionError
        done.extend(item.ref for item in items)
        return [operations.Done(item.n, item.ref) for item in items]

    operations.runs("test.run", chunk=2)(run)
    yield done
    del operations.RUNNERS["test.run"]


def test_an_operation_is_done_chunk_by_chunk_and_what_cannot_be_done_is_told(twins, runner):
    ref = twins["agency"].ref
    with tenancy.firm(ref):
        operation = operations.accept(
            "test.run", key=str(uuid4()), refs=["1", "2", "3", "4", "5"], actor=SYSTEM, at=NOON
        )
    assert attending.is_due(ref)
    tasks.attend(ref)
    with tenancy.firm(ref):
        operation.refresh_from_db()
        states = dict(OperationItem.objects.filter(operation=operation).values_list("ref", "state"))
    assert operation.state == Operation.State.PARTIALLY_SUCCEEDED
    assert states == {"1": "done", "2": "done", "3": "failed", "4": "done", "5": "done"}
    assert sorted(runner) == ["1", "2", "4", "5"]


STRUCK: list[tuple[str, datetime]] = []


def strike(*, at: datetime) -> None:
    """What the clock starts in these tests."""
    STRUCK.append((here.firm(), at))


def test_a_clock_that_is_moved_plays_the_hours_between(twins, settings):
    settings.HOUR_STARTS = [f"{__name__}.strike"]
    ref = twins["other_agency"].ref
    tasks.attend(ref)
    STRUCK.clear()
    with tenancy.shared():
        firm = Firm.objects.get(schema=twins["other_agency"].schema)
        assert firm.clock is not None
        moved = firm.clock.replace(hour=11, minute=30)
        actions.set_clock(firm.pk, clock=moved, actor=SYSTEM, at=NOON)
    tasks.attend(ref)
    assert [at.hour for _, at in STRUCK] == [9, 10, 11]
    assert STRUCK[-1] == (ref, moved)
    tasks.attend(ref)
    assert len(STRUCK) == 3
    with tenancy.firm(ref):
        assert Offset.objects.filter(consumer=clock.OFFSET).exists()


def test_what_a_day_starts_is_played_once_a_day_and_as_of_now(twins, settings):
    settings.DAY_STARTS = [f"{__name__}.strike"]
    ref = twins["us_agency"].ref
    tasks.attend(ref)
    STRUCK.clear()
    with tenancy.shared():
        firm = Firm.objects.get(schema=twins["us_agency"].schema)
        assert firm.clock is not None
        moved = firm.clock.replace(hour=10, minute=15) + timedelta(days=2)
        actions.set_clock(firm.pk, clock=moved, actor=SYSTEM, at=NOON)
    tasks.attend(ref)
    assert [at.hour for _, at in STRUCK] == [0, 0, 10]
    assert STRUCK[-1] == (ref, moved)


def test_the_round_rings_firms_with_something_due_and_no_others(twins, heard, monkeypatch):
    for name in FIRMS:
        tasks.attend(twins[name].ref)
    rung: list[str] = []
    monkeypatch.setattr(tasks.attend, "ring", lambda firm, key="": rung.append(firm))
    happen(twins["agency"].ref, Happened)
    rung.clear()
    tasks.sweep()
    assert rung == [twins["agency"].ref]


def test_a_commit_that_leaves_something_to_do_rings(twins, monkeypatch):
    rung: list[str] = []
    monkeypatch.setattr(tasks.attend, "ring", lambda firm, key="": rung.append(firm))
    happen(twins["agency"].ref, Happened, Happened)
    assert rung == [twins["agency"].ref]
