"""The wrapper around one connection: seats each transaction once, verified, and refuses the rest.

Why it is safe to reuse a connection: role and path are SET LOCAL, so the end of the transaction,
however it comes, puts the server back to a login that may do nothing. No flag of ours is trusted:
libpq's own view of the transaction is asked each time. It costs no round trip: BEGIN, seat and
check travel in one message with the first statement, and where the check fails the server does not
do the statement.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base as postgresql
from psycopg import IsolationLevel, pq
from psycopg.abc import AdaptContext, PQGen
from psycopg.adapt import AdaptersMap, Transformer
from psycopg.types.datetime import TimestamptzLoader

from tenants.backend.ahead import COMMIT, Ahead
from tenants.backend.errors import NotInTransaction, NotSeated, SeatChanged
from tenants.backend.ready import Ready, plain
from tenants.backend.seats import Seat

IDLE = pq.TransactionStatus.IDLE
ACTIVE = pq.TransactionStatus.ACTIVE
IN_TRANSACTION = pq.TransactionStatus.INTRANS
IN_ERROR = pq.TransactionStatus.INERROR


class OneStatement:
    """Always the extended protocol: one call is one statement, with or without parameters."""

    _conn: Any

    def _execute_send(self, query: Any, **how: Any) -> None:
        super()._execute_send(query, **how | {"force_extended": True})  # type: ignore[misc]  # a mixin

    def _start_query(self, query: Any = None) -> PQGen[None]:
        """Have what waits done first: a COPY, say, goes in no message with others."""
        if self._conn.ahead.steps:
            yield from self._conn.ahead.go(self._conn)
        yield from super()._start_query(query)  # type: ignore[misc]  # a mixin


class ServerBindingCursor(OneStatement, postgresql.ServerBindingCursor):
    """A cursor that sends its parameters apart from the statement."""


class ClientBindingCursor(OneStatement, postgresql.Cursor):
    """A cursor that writes its parameters into the statement, which goes in one message with what
    waits to be done before.
    """

    def _execute_gen(self, query: Any, params: Any = None, **how: Any) -> PQGen[None]:
        if self._conn.ahead.steps and not how.get("binary"):
            yield from self._go(query, params)
        else:
            yield from super()._execute_gen(query, params, **how)  # type: ignore[misc]  # a mixin

    def _go(self, query: Any, params: Any) -> PQGen[None]:
        own: Any = self
        own._reset()
        own._tx = Transformer(own)
        asked = own._convert_query(query, params)
        own._query, own._last_query = asked, query
        results = yield from self._conn.ahead.go(self._conn, [plain(asked.query)])
        own._check_results(results)
        own._set_results(results)


class ServerSideCursor(OneStatement, postgresql.ServerSideCursor):
    """A cursor that the server keeps, and that gives some rows at a time."""

    def __del__(self) -> None:
        """One that was left open ends with its transaction: nothing to warn of."""


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """One connection, which may do nothing until a seat is taken and a transaction is open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seat: Seat | None = None  # taken by tenancy for a block
        self._next: Seat | None = None  # the second half of a pair, granted once
        self._owner: Seat | None = None  # the seat this transaction belongs to
        self._applied: Seat | None = None  # the seat the server confirmed in this transaction
        self._booting = False
        self._is_short = False  # each statement is a transaction by itself
        self._firms: set[str] = set()  # whose tables the server's side of this connection knows

    # --- taking a seat -------------------------------------------------------------------------

    @contextmanager
    def seated(self, seat: Seat, *, is_short: bool = False) -> Iterator[None]:
        """Take a seat for the block; refuses where one is taken or a transaction is open.

        Where it `is_short`, each statement is a transaction, over with its answer.
        """
        self._may_sit()
        self._renew_for(seat)
        before, self.seat = self.seat, seat
        self._is_short = is_short and not self.in_atomic_block
        try:
            yield
        finally:
            self.seat, self._is_short = before, False
            self._next = None

    def _renew_for(self, seat: Seat) -> None:
        """Begin a connection anew that has served many firms.

        The server remembers each table that a connection has seen, some two MiB a firm, for as long
        as it lasts.
        """
        if not seat.is_a_firms or self.in_atomic_block:
            return
        if len(self._firms | {seat.role}) > settings.FIRMS_A_CONNECTION:
            self.close()
        self._firms.add(seat.role)

    def _may_sit(self) -> None:
        if self.seat is not None:
            raise SeatChanged("a firm is already open here")
        if self.in_atomic_block:
            raise SeatChanged("a transaction is already open here")

    def grant_next(self, seat: Seat) -> None:
        """Let this transaction change once to this seat: the second half of a pair."""
        if self.seat is None or self._next is not None:
            raise SeatChanged("only the first half of a pair can be followed by a second")
        self._next = seat

    @contextmanager
    def moved(self, seat: Seat) -> Iterator[None]:
        """Move to the granted seat; refuses any other, and inside a savepoint."""
        if self._next != seat or not self.in_atomic_block or self._depth() != 0:
            raise SeatChanged("this transaction was not granted that firm")
        before, self.seat = self.seat, seat
        try:
            yield
        finally:
            self.seat = before

    @contextmanager
    def as_of_one_moment(self) -> Iterator[None]:
        """Have each transaction of the block see one moment, and write nothing."""
        self.ensure_connection()
        raw = self.connection
        before = raw.isolation_level, raw.read_only
        raw.isolation_level, raw.read_only = IsolationLevel.REPEATABLE_READ, True
        try:
            yield
        finally:
            if not raw.closed:
                raw.isolation_level, raw.read_only = before

    def _depth(self) -> int:
        return len(self.savepoint_ids)

    # --- every cursor passes here --------------------------------------------------------------

    def _cursor(self, name: str | None = None) -> Any:
        if self._booting:
            return super()._cursor(name)  # type: ignore[misc]  # the stubs leave it out
        if self.seat is None:
            raise NotSeated("no firm is open on this connection")
        cursor = super()._cursor(name)  # type: ignore[misc]  # the stubs leave it out
        self._sit(self.seat)
        return cursor

    def _sit(self, seat: Seat) -> None:
        raw = self.connection
        if raw is None or raw.autocommit:
            raise NotInTransaction("a statement outside a transaction")
        status = raw.pgconn.transaction_status  # libpq's own view: no round trip, and never stale
        if status == IN_ERROR:
            return  # the server refuses all but the way out
        if self._applied == seat and (status in (IN_TRANSACTION, ACTIVE) or raw.ahead.begins):
            return
        if self._owner is not None and self._owner != seat and not self._may_move(seat):
            raise SeatChanged("another firm was opened inside this transaction")
        self._apply(seat, begins=status == IDLE and not raw.ahead.begins)

    def _may_move(self, seat: Seat) -> bool:
        return self._next == seat

    def _apply(self, seat: Seat, *, begins: bool) -> None:
        raw = self.connection
        if raw.pgconn.pipeline_status != pq.PipelineStatus.OFF:
            raise NotInTransaction("a pipeline opened before the first statement")
        if begins:
            raw.ahead.clear()
        # BEGIN goes along, so that seating costs no round trip of its own. The text is ours alone.
        raw.ahead.sit(seat, raw._get_tx_start_command() if begins else b"")
        raw.ahead.ends = begins and self._is_short
        self._applied = self._owner = seat

    def put_off(self, text: str, values: Sequence[Any]) -> None:
        """Have a statement done before the next one, in one message with it, or with the commit.

        Nobody is told how many rows it wrote; what is wrong with it is raised by that message.
        """
        self._seated().put(text, values, self.connection)

    def ask(self, text: str, values: Sequence[Any]) -> Callable[[], list[tuple[Any, ...]]]:
        """Have a question asked with the next one, in one message; what is given gives its rows,
        and has it asked where nothing was asked in between.

        The server keeps it planned, for it is asked again and again.
        """
        asked = self._seated().ask(text, values, self.connection)
        raw = self.connection

        def rows() -> list[tuple[Any, ...]]:
            if asked.told is None:
                self.send()
            if asked.told is None:
                raise NotInTransaction("a question of a transaction that is over")
            found: list[tuple[Any, ...]] = raw.ahead.rows(asked.told, raw)
            return found

        return rows

    def _seated(self) -> Ahead:
        """What goes ahead of the next statement, in the seat that is taken."""
        if self.seat is None:
            raise NotSeated("no firm is open on this connection")
        self.validate_no_broken_transaction()
        self.close_if_health_check_failed()
        self.ensure_connection()
        self._sit(self.seat)
        ahead: Ahead = self.connection.ahead
        return ahead

    def send(self) -> None:
        """Have what was put off done now."""
        raw = self.connection
        if raw is not None and raw.ahead.steps:
            with self.wrap_database_errors, raw.lock:
                raw.wait(raw.ahead.go(raw))

    # --- what undoes a seat --------------------------------------------------------------------

    def _forget(self) -> None:
        self._applied = self._owner = None
        if self.connection is not None:
            self.connection.ahead.clear()

    def _set_autocommit(self, autocommit: bool) -> None:
        raw = self.connection
        if raw is not None and raw.pgconn.transaction_status == IDLE:
            raw._autocommit = autocommit  # all that the driver does, once it has made sure of that
        else:
            super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs leave it out
        self._forget()

    def _commit(self) -> None:
        raw = self.connection
        try:
            if raw is not None and raw.ahead.steps:
                self._commit_all()
            elif raw is None or raw.pgconn.transaction_status != IDLE:
                super()._commit()  # type: ignore[misc]  # the stubs leave it out
        finally:
            self._forget()

    def _commit_all(self) -> None:
        """Have what waits done, and committed, by one message."""
        raw = self.connection
        raw.ahead.ends = False
        with self.wrap_database_errors, raw.lock:
            raw.wait(raw.ahead.go(raw, [COMMIT]))

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # the stubs leave it out
        finally:
            self._forget()

    def savepoint_rollback(self, sid: str) -> None:
        """Roll back to a savepoint; a seat taken after it is undone, so it is taken again."""
        self.connection.ahead.clear()  # all that waits came after it
        try:
            super().savepoint_rollback(sid)
        finally:
            self._applied = None

    def close(self) -> None:
        """Close the connection."""
        self._forget()
        self._firms.clear()
        super().close()

    # --- connecting ----------------------------------------------------------------------------

    def get_connection_params(self) -> dict[str, Any]:
        """Connect with cursors that send one statement a call."""
        params: dict[str, Any] = super().get_connection_params()
        binds = params["cursor_factory"] is postgresql.ServerBindingCursor
        params["cursor_factory"] = ServerBindingCursor if binds else ClientBindingCursor
        params["context"] = _reads_moments(params["context"])
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection on which nothing waits."""
        raw: Any = super().get_new_connection(conn_params)
        raw.ahead = Ahead(self.close, Ready() if self.settings_dict.get("KEEPS_READY") else None)
        return raw

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that reads moments as the connection does; Django would give it a reader in
        Python.
        """
        if name is None:
            return self.connection.cursor()
        cursor: Any = ServerSideCursor
        return cursor(self.connection, name=name, scrollable=False)

    def is_usable(self) -> bool:
        """Say whether the server has not hung up: a look at the socket, no round trip.

        To a connection that waits for a question a server says nothing but that it leaves.
        """
        raw = self.connection
        if raw is None or raw.closed:
            return False
        said, _, _ = select.select([raw.pgconn.socket], [], [], 0)
        return not said

    def init_connection_state(self) -> None:
        """Let Django look at the server's version and zone before anybody is seated."""
        self._forget()
        self._booting = True
        try:
            super().init_connection_state()
        finally:
            self._booting = False


def _reads_moments(context: AdaptContext) -> AdaptContext:
    """Django's way of reading values, but moments by the driver's own compiled reader.

    Django reads them in Python to give them its zone; the session's zone is UTC, and so is ours.
    """
    own = AdaptersMap(context.adapters)
    own.register_loader("timestamptz", TimestamptzLoader)
    return own
