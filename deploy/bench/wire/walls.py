"""Walls: the same list by the same key, with and without what keeps agencies apart."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql import base as postgresql
from psycopg import pq

from deploy.bench.measuring import Differs, Row, Work
from deploy.bench.wire import bare, calling, lists
from tenants import tenancy
from tenants.backend.seats import SHARED_SCHEMA

OPEN = "open"
MOST_MORE = 1  # round trips


class Kept(postgresql.ServerBindingCursor):
    """The driver's own way of having statements kept."""

    def execute(self, query: Any, params: Any = None, **_how: Any) -> Any:
        """Have it kept from the first time on."""
        return super().execute(query, params, prepare=True)  # type: ignore[misc]  # the stubs leave it out


class Open(postgresql.DatabaseWrapper):
    """The stock connection: one agency's schema is its path for ever, and nobody is seated."""

    def seated(self, _seat: object, *, is_short: bool = False) -> AbstractContextManager[None]:  # noqa: ARG002  # ours
        """Nothing is done."""
        return nullcontext()

    def again(self) -> Any:
        """A cursor whose statements the server keeps planned: that is no wall."""
        self.ensure_connection()
        own: Any = Kept
        return super()._prepare_cursor(own(self.connection))  # type: ignore[misc]  # the stubs leave it out


def prepare(calls: int) -> Work:
    """So many calls of each side; both are our whole application and its two transactions."""
    ref = lists.agency("walls")
    caller = calling.ours(ref, ["clients:read"])
    bare.reaches(OPEN, tenancy.place(ref).schema, SHARED_SCHEMA)
    settings = {**connections.databases[OPEN], "CONN_HEALTH_CHECKS": True}
    settings["OPTIONS"] = {**settings["OPTIONS"], "prepare_threshold": 5}
    apart = Open(settings, OPEN)
    calling.ALSO_WATCHED.append(apart)

    def reads() -> None:
        with calling.served():
            for _ in range(calls):
                caller.get(lists.PATH)

    def openly() -> None:
        with _instead(apart):
            reads()

    return Work(units=calls, floor=openly, ours=reads, agree=lambda: _agree(caller, apart))


@contextmanager
def _instead(other: Any) -> Iterator[None]:
    """Let everything go over another connection."""
    own = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = own


def _agree(caller: calling.Caller, apart: Any) -> None:
    """The same page, for at most one round trip more."""
    page, trips = _watched(lambda: caller.get(lists.PATH).body)
    with _instead(apart):
        same, fewer = _watched(lambda: caller.get(lists.PATH).body)
    if page != same or len(page["data"]) != bare.PAGE:
        raise Differs("The page is another one without the walls.")
    if trips > fewer + MOST_MORE:
        raise Differs(f"The walls cost {trips} round trips instead of {fewer}.")


def _watched(read: Callable[[], Any]) -> tuple[Any, int]:
    """What was read, the second time, and how often the server said that it is ready again."""
    read()
    raw = cast(Any, connection).connection.pgconn
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        with told.open("w") as file:
            raw.trace(file.fileno())
            raw.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
            page = read()
            raw.untrace()
        return page, told.read_text(encoding="utf-8", errors="replace").count("ReadyForQuery")


ROW = Row(
    name="tenancy-tax",
    what="50 clients by the same doors, with the walls, against a stock connection to one schema",
    unit="call",
    scale=200,
    goal=0.95,
    never_below=0.9,
    prepare=prepare,
    clock=calling.busy,
    rounds=15,
)
