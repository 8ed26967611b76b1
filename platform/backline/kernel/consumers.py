"""Consumers: each reads the whole feed once, in order, in sets, and remembers how far it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db import connection

from backline.kernel import feed
from backline.kernel.events import Fact, Told
from backline.kernel.models import Offset

Reaction = Callable[[Sequence[Told]], None]

# Readers that nobody holds, behind an end of the feed before which nothing of what they want lies:
# moved there in one statement, which looks once at what is new for all of them. What a twin moved
# on meanwhile is looked at again, and never moved back.
STEP_OVER = """
WITH newest AS MATERIALIZED (
    SELECT name, max(seq) AS seq FROM kernel_feed WHERE seq > %s AND seq <= %s GROUP BY name
)
UPDATE kernel_offset o SET seq = %s
WHERE o.seq < %s AND o.consumer IN (
    SELECT consumer FROM kernel_offset WHERE consumer = ANY (%s::text[])
    ORDER BY consumer FOR UPDATE SKIP LOCKED
) AND NOT EXISTS (
    SELECT 1 FROM unnest(%s::text[], %s::text[]) AS wanted (reader, name)
    JOIN newest ON newest.name = wanted.name
    WHERE wanted.reader = o.consumer AND newest.seq > o.seq
)
RETURNING o.consumer
"""
FAR = 50_000  # places: a reader further behind takes sets of its own, and is not looked ahead for


@dataclass(slots=True)
class Consumer:
    """One reader of the feed with its reactions, each for some names (None: for all); one that
    nobody needs now passes everything over.
    """

    name: str
    reactions: list[tuple[frozenset[str] | None, Reaction]] = field(default_factory=list)
    is_needed: Callable[[], bool] = lambda: True

    @property
    def names(self) -> frozenset[str] | None:
        """The names of the events that any reaction wants; None for all."""
        wanted = [names for names, _ in self.reactions]
        return None if None in wanted else frozenset().union(*filter(None, wanted))

    def takes(self, name: str) -> tuple[Reaction, ...]:
        """The reactions that want an event of this name."""
        return tuple(
            reaction for names, reaction in self.reactions if names is None or name in names
        )


CONSUMERS: dict[str, Consumer] = {}
_GIVEN_UP: list[Callable[[str, Told, str], None]] = []


def add(
    consumer: str,
    names: frozenset[str] | None,
    reaction: Reaction,
    is_needed: Callable[[], bool] | None = None,
) -> None:
    """Let a consumer react to events of these names (None: all), as long as `is_needed`, if it is
    given, says so; adding the same function twice adds it once.
    """
    own = CONSUMERS.setdefault(consumer, Consumer(consumer))
    own.is_needed = is_needed or own.is_needed
    if all(known is not reaction for _, known in own.reactions):
        own.reactions.append((names, reaction))


def reacts_to(*facts: type[Fact]) -> Callable[[Reaction], Reaction]:
    """Register a function of a stage's reactions.py for these facts; it takes sets in order."""

    def register(reaction: Reaction) -> Reaction:
        stage = reaction.__module__.split(".")[1]
        add(stage, frozenset(fact.name for fact in facts), reaction)
        return reaction

    return register


def run(name: str, limit: int = 2000) -> int:
    """Let one consumer take the next set, in this transaction; returns how many events it passed.

    Returns 0 when it is up to date or a twin holds it. An error leaves the offset where it was:
    take the set again one by one (limit=1), and `give_up` the one that cannot be taken.
    """
    consumer = CONSUMERS[name]

    def react(events: Sequence[Told]) -> None:
        for reactions, members in groupby(events, key=lambda event: consumer.takes(event.name)):
            told = list(members)
            for reaction in reactions:
                reaction(told)

    return run_with(name, consumer.names, react, limit, consumer.is_needed)


def run_with(
    name: str,
    names: frozenset[str] | None,
    reaction: Reaction,
    limit: int = 1000,
    is_needed: Callable[[], bool] = lambda: True,
) -> int:
    """Let a reader, also one above the stages, take the next set of these names (None for all) with
    a function of its own; returns how many events it passed, wanted or not.
    """
    offset = _locked(name)
    if offset is None:
        return 0
    events, upto = feed.stretch(offset.seq, limit, names, is_needed)
    if events:
        reaction(events)
    return _move(offset, upto)


def is_behind(name: str, names: frozenset[str] | None = None) -> bool:
    """Whether a reader has events before it, of these names if any are given."""
    seen = Offset.objects.filter(consumer=name).values_list("seq", flat=True).first() or 0
    if names is None:
        return feed.last() > seen
    return bool(feed.after(seen, 1, names))


def give_up(name: str, why: str, names: frozenset[str] | None = None) -> None:
    """Pass over the next event (of these names, for a reader above the stages), which the consumer
    cannot take, telling those who watch for that.
    """
    offset = _locked(name)
    if offset is None:
        return
    wanted = CONSUMERS[name].names if name in CONSUMERS else names
    events, upto = feed.stretch(offset.seq, 1, wanted)
    for told in events:
        for watch in _GIVEN_UP:
            watch(name, told, why)
    _move(offset, upto)


def when_given_up(watch: Callable[[str, Told, str], None]) -> None:
    """Have a function told of (consumer, event, why) whenever an event is passed over."""
    if watch not in _GIVEN_UP:
        _GIVEN_UP.append(watch)


def behind() -> dict[str, int]:
    """How many places each consumer is behind the end of the feed."""
    end = feed.last()
    offsets = dict(Offset.objects.values_list("consumer", "seq"))
    return {name: end - offsets.get(name, 0) for name in CONSUMERS}


def late() -> list[str]:
    """The consumers with something to read, in their order; those that want nothing of what is new
    are moved past it at once.
    """
    end = feed.last()
    places = {name: places for name, places in behind().items() if places}
    near = [name for name in places if places[name] <= FAR]
    wanted = [(reader, name) for reader in near for name in CONSUMERS[reader].names or ()]
    if not wanted:
        return list(places)
    readers, names = (list(column) for column in zip(*wanted, strict=True))
    # where the last of them is, or a little before it
    start = end - max(places[reader] for reader in readers)
    with connection.cursor() as cursor:
        cursor.execute(STEP_OVER, [start, end, end, end, sorted({*readers}), readers, names])
        passed = {name for (name,) in cursor.fetchall()}
    return [name for name in places if name not in passed]


def _locked(name: str) -> Offset | None:
    held = Offset.objects.select_for_update(skip_locked=True).filter(consumer=name)
    found = held.first()
    if found is None:
        Offset.objects.bulk_create([Offset(consumer=name)], ignore_conflicts=True)
        found = held.first()  # None again when a twin holds it
    return found


def _move(offset: Offset, upto: int) -> int:
    """Note how far a reader is; returns how many places that is further."""
    passed = upto - offset.seq
    if passed:
        offset.seq = upto
        offset.save(update_fields=["seq"])
    return passed
