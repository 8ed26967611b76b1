"""The leak drills: each disturbs a connection that serves two firms in turn, and counts whose rows.

A drill knows a way to the database only by `Way`, so that the same drill runs behind our backend
and behind the stock one of django-tenants, which must fail it: one that cannot fail proves nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Protocol

import psycopg
from django.db import DatabaseError, connections, transaction
from django.db.utils import Error, InterfaceError

from backline.kernel.models import Counter
from tenants import tenancy
from tenants.backend.seats import Place

SWITCHES = int(os.environ.get("LEAK_SWITCHES", "1500"))
NAMES = ("agency", "other_agency")


@dataclass
class Tally:
    """What a drill saw: rows of the right firm, of the wrong one, and clean errors."""

    right: int = 0
    wrong: int = 0
    errors: int = 0
    said: set[str] = field(default_factory=set)

    def saw(self, wanted: int, found: set[int]) -> None:
        """Count one answer: the figure of the firm that was asked for, and no other."""
        if found == {wanted}:
            self.right += 1
        else:
            self.wrong += 1

    def failed(self, error: Exception) -> None:
        """Count one clean error."""
        self.errors += 1
        self.said.add(type(error.__cause__ or error).__name__)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.right + other.right,
            self.wrong + other.wrong,
            self.errors + other.errors,
            self.said | other.said,
        )


class Way(Protocol):
    """A way to the database: opens a firm, and reads whose rows are there."""

    alias: str

    def firm(self, name: str) -> AbstractContextManager[object]:
        """Open a firm by its name in this test."""

    def whose(self) -> set[int]:
        """The figures of the rows that are read now."""


@dataclass
class Ours:
    """Our tenancy, in front of our backend."""

    places: dict[str, Place]
    alias: str = "default"

    def firm(self, name: str) -> AbstractContextManager[object]:
        """One transaction in the firm's role."""
        return tenancy.firm(self.places[name].ref)

    def whose(self) -> set[int]:
        """Read the twins' rows."""
        return figures(self.alias)


@dataclass
class Stock:
    """The stock backend, as its documentation has it used."""

    places: dict[str, Place]
    alias: str = "owner"

    @contextmanager
    def firm(self, name: str) -> Iterator[object]:
        """Point the connection at the firm's schema."""
        connection: Any = connections[self.alias]
        connection.set_schema(self.places[name].schema)
        try:
            yield connection
        finally:
            connection.set_schema_to_public()

    def whose(self) -> set[int]:
        """Read the twins' rows."""
        return figures(self.alias)


def figures(alias: str) -> set[int]:
    """Whose rows are there: the twins' rows tell by their figure."""
    rows = Counter.objects.using(alias).filter(name__startswith="inv-")
    return set(rows.values_list("last", flat=True))


def switches(way: Way, number: int, tally: Tally, *, until_wrong: bool = False) -> Tally:
    """Open the two firms in turn on one connection and count whose rows come."""
    for n in range(number):
        which = n % 2
        try:
            with way.firm(NAMES[which]):
                tally.saw(which + 1, way.whose())
        except (Error, InterfaceError) as error:
            tally.failed(error)
        if until_wrong and tally.wrong:
            break
    return tally


# --- drills ------------------------------------------------------------------------------------


def cancel_storm(way: Way, url: str, *, until_wrong: bool = False) -> Tally:
    """Statements are cancelled at random moments, as timeouts and impatient people do."""
    stop, blows = threading.Event(), threading.Event()
    user = connections[way.alias].settings_dict["USER"]
    # Bursts, so that even the shortest statements are hit, and lulls, so that others come through.
    cancel = (
        "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity, generate_series(1, %s)"
        " WHERE usename = %s AND datname = current_database()"
    )

    def cancel_all() -> None:
        with psycopg.connect(url, autocommit=True) as raw:
            for burst in cycle((1, 20, 60, 3, 40, 7)):
                if stop.is_set():
                    return
                raw.execute(cancel, [burst, user])
                blows.set()

    storm = threading.Thread(target=cancel_all)
    storm.start()
    try:
        blows.wait(20)
        tally = switches(
            way, SWITCHES * (40 if until_wrong else 1), Tally(), until_wrong=until_wrong
        )
        for _ in range(20):  # on a busy machine the storm may have slept meanwhile
            if not tally.errors:
                switches(way, SWITCHES, tally, until_wrong=until_wrong)
        return tally
    finally:
        stop.set()
        storm.join(10)


def undone(way: Way, ending: Callable[[Any], None]) -> Tally:
    """A firm is opened, something ends its transaction unusually, and the connection goes on."""
    tally = Tally()
    for n in range(4):
        with suppress(Error, RuntimeError), way.firm(NAMES[(n + 1) % 2]):
            ending(connections[way.alias])
        switches(way, 2, tally)
        with suppress(Error), way.firm(NAMES[n % 2]):
            with suppress(Error, RuntimeError):
                ending(connections[way.alias])
            with suppress(Error):
                tally.saw(n % 2 + 1, way.whose())
    return tally


def by_hand(way: Way) -> Tally:
    """A cursor left over from one firm opens and ends a transaction by hand in the next."""
    tally = Tally()
    for n in range(4):
        with way.firm(NAMES[n % 2]):
            cursor = connections[way.alias].cursor()
            way.whose()
        which = (n + 1) % 2
        with way.firm(NAMES[which]):
            cursor.execute("BEGIN")
            tally.saw(which + 1, way.whose())
            cursor.execute("ROLLBACK")
            tally.saw(which + 1, way.whose())
    return tally


def threads(way: Way, number: int = 4, each: int = 40) -> Tally:
    """Threads interleave their firms, each waiting inside for another to come by."""
    tallies: list[Tally] = []
    gate = threading.Barrier(2)

    def work() -> None:
        tally = Tally()
        for n in range(each):
            which = n % 2
            try:
                with way.firm(NAMES[which]):
                    with suppress(threading.BrokenBarrierError):
                        gate.wait(0.05)
                    tally.saw(which + 1, way.whose())
            except Error as error:
                tally.failed(error)
        tallies.append(tally)
        connections[way.alias].close()

    crowd = [threading.Thread(target=work) for _ in range(number)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)
    return sum(tallies, Tally())


# --- endings -----------------------------------------------------------------------------------


def commit(connection: Any) -> None:
    """Nothing unusual."""
    figures(connection.alias)


def error(connection: Any) -> None:
    """A statement fails and the transaction with it."""
    connection.cursor().execute("SELECT 1/0")


def rollback(connection: Any) -> None:
    """The transaction is marked to be rolled back."""
    with transaction.atomic(connection.alias):
        figures(connection.alias)
        transaction.set_rollback(True, connection.alias)


def savepoint(connection: Any) -> None:
    """A savepoint is rolled back."""
    outer, inner = transaction.atomic(connection.alias), transaction.atomic(connection.alias)
    with suppress(DatabaseError), outer, inner:
        figures(connection.alias)
        connection.cursor().execute("SELECT 1/0")


def nested(connection: Any) -> None:
    """Savepoints within savepoints, the inner one rolled back after reading."""
    with transaction.atomic(connection.alias):
        savepoint(connection)
        figures(connection.alias)


def raw_rollback(connection: Any) -> None:
    """Somebody rolls back by hand, behind Django's back."""
    figures(connection.alias)
    connection.cursor().execute("ROLLBACK")


def raw_savepoint(connection: Any) -> None:
    """Somebody keeps savepoints by hand."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SAVEPOINT by_hand")
        figures(connection.alias)
        cursor.execute("ROLLBACK TO SAVEPOINT by_hand")


def raw_transaction(connection: Any) -> None:
    """Somebody opens and ends a transaction by hand, with the firm's first statement in between."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
    figures(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK")


def wandering(connection: Any) -> None:
    """Somebody takes another role for the session."""
    figures(connection.alias)
    connection.cursor().execute("SET ROLE bo_auth")


def closed(connection: Any) -> None:
    """The connection is closed in the middle."""
    figures(connection.alias)
    connection.close()


ENDINGS = (
    commit,
    error,
    rollback,
    savepoint,
    nested,
    raw_rollback,
    raw_savepoint,
    raw_transaction,
    wandering,
    closed,
)
