"""Feed: committed events put into one order without gaps, and read from there."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache

from django.db import connection

from backline.kernel import statements
from backline.kernel.actors import Actor
from backline.kernel.events import Told
from backline.kernel.models import Feed

# Under the sequencer's lock: number what is committed and not yet numbered, in one statement, so
# that the
# look at the table and the horizon of undecided transactions are one snapshot. What lies below the
# horizon
# is decided for ever and never looked at again. Each event is looked up by itself (LATERAL): the
# feed grows for ever, and reading all of it to place a few would grow with it.
NUMBER = """
WITH fresh AS (
    SELECT e.id, e.name, row_number() OVER (ORDER BY e.transaction, e.id) AS n
    FROM kernel_event e
    LEFT JOIN LATERAL (SELECT f.seq FROM kernel_feed f WHERE f.event_id = e.id LIMIT 1) f ON true
    WHERE e.transaction >= %s::xid8 AND f.seq IS NULL
), fed AS (
    INSERT INTO kernel_feed (seq, event_id, name) SELECT %s + n, id, name FROM fresh RETURNING seq
)
SELECT count(*), pg_snapshot_xmin(pg_current_snapshot())::text FROM fed
"""


# Ordered, so that the few events above the horizon are found by their index: the server cannot
# know how few they are, and would look through all that ever happened.
WAITING = """
SELECT EXISTS (
    SELECT 1 FROM (
        SELECT e.id, e.name FROM kernel_event e
        WHERE e.transaction
            >= coalesce((SELECT decided_below FROM kernel_sequencer WHERE id = 1), '0')
        ORDER BY e.transaction
    ) e
    LEFT JOIN LATERAL (SELECT f.seq FROM kernel_feed f WHERE f.event_id = e.id LIMIT 1) f ON true
    WHERE f.seq IS NULL AND (%s::text[] IS NULL OR e.name = ANY (%s::text[]))
)
"""


HELD = "SELECT last_seq, decided_below::text FROM kernel_sequencer WHERE id = 1 FOR UPDATE"

# A reader steps over the names that it does not want in the feed itself, and looks up each event
# that it wants by itself: both tables grow for ever, and a join of them would grow with them.
AFTER = """
SELECT f.seq, e.id, e.name, e.subject, e.at, e.actor::text, e.facts::text
FROM (
    SELECT seq, event_id FROM kernel_feed
    WHERE seq > %s AND (%s::text[] IS NULL OR name = ANY (%s::text[]))
    ORDER BY seq LIMIT %s
) f
CROSS JOIN LATERAL (SELECT * FROM kernel_event WHERE id = f.event_id LIMIT 1) e
ORDER BY f.seq
"""


_LAST = statements.columns(lambda: Feed.objects.order_by("-seq").values_list("seq")[:1])


def is_waiting(names: frozenset[str] | None = None) -> bool:
    """Whether a committed event, of these names if any are given, has no place in the feed yet."""
    wanted = None if names is None else sorted(names)
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [wanted, wanted])
        return bool(cursor.fetchone()[0])


def number() -> int:
    """Give every committed event its place in the feed; returns how many were placed. Waits for a
    twin.
    """
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        found = cursor.fetchone()
        if found is None:
            cursor.execute(
                "INSERT INTO kernel_sequencer (id, last_seq, decided_below)"
                " VALUES (1, 0, '0'::xid8) ON CONFLICT (id) DO NOTHING"
            )
            cursor.execute(HELD)
            found = cursor.fetchone()
        last, below = found
        cursor.execute(NUMBER, [below, last])
        placed, horizon = cursor.fetchone()
        if placed or horizon != below:
            cursor.execute(
                "UPDATE kernel_sequencer SET last_seq = %s, decided_below = %s::xid8 WHERE id = 1",
                [last + placed, horizon],
            )
    return int(placed)


def after(seq: int, limit: int, names: frozenset[str] | None = None) -> Sequence[Told]:
    """The events behind a place in the feed, in order, at most `limit`; None for all names."""
    wanted = None if names is None else sorted(names)
    with connection.cursor() as cursor:
        cursor.execute(AFTER, [seq, wanted, wanted, limit])
        return [
            Told(place, key, name, subject, at, _actor(actor), statements.from_json(facts))
            for place, key, name, subject, at, actor, facts in cursor.fetchall()
        ]


@lru_cache(64)
def _actor(told: str) -> Actor:
    """Whoever did it: a week's events have few."""
    return Actor(**json.loads(told))


def stretch(
    seq: int,
    limit: int,
    names: frozenset[str] | None,
    is_needed: Callable[[], bool] = lambda: True,
) -> tuple[Sequence[Told], int]:
    """The next events of these names behind a place, at most `limit`, and the place up to which
    there are no others; none at all for a reader that is not needed.
    """
    # the end is read first: what is numbered meanwhile, or wanted from now on, is not passed over
    end = last()
    if end <= seq or not is_needed():
        return [], end
    events = [one for one in after(seq, limit, names) if one.seq <= end]
    return events, events[-1].seq if len(events) == limit else end


def last() -> int:
    """The place of the newest numbered event; 0 for none."""
    return next((seq for (seq,) in _LAST()), 0)
