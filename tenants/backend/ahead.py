"""Ahead: what goes to the server in one message with the next statement, and before it.

A message and its answer cost more than most statements in it. So what nobody waits for (the seat of
a transaction, a row that is only written) travels with the next question, or with the commit. The
server does them in order, and after the first that fails none of the rest: a wrong seat is left
before anything is asked in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import errors, generators, pq
from psycopg._queries import PostgresQuery
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGconn, PGresult

from tenants.backend.errors import WrongState
from tenants.backend.seats import Seat

FATAL = pq.ExecStatus.FATAL_ERROR
OFF = pq.PipelineStatus.OFF
BEGIN, COMMIT = b"BEGIN", b"COMMIT"

Send = Callable[[PGconn], None]


@dataclass(slots=True)
class Ahead:
    """What waits on one connection; `wrong` closes it when the server did not confirm a seat."""

    wrong: Callable[[], None]
    sends: list[Send] = field(default_factory=list)
    begins: bool = False  # a transaction begins with what waits
    ends: bool = False  # and ends with the next statement
    seats: list[tuple[int, Seat]] = field(default_factory=list)  # whose answer comes where

    def clear(self) -> None:
        """Forget all of it: it was for a transaction that is over."""
        self.sends.clear()
        self.seats.clear()
        self.begins = self.ends = False

    def sit(self, seat: Seat, begin: bytes) -> None:
        """Have a seat taken, in a transaction that begins with it where `begin` says how."""
        if begin:
            self.begins = True
            self.sends.append(_plain(begin))
        self.sends.extend(map(_plain, seat.statements))
        self.seats.append((len(self.sends) - 1, seat))

    def put(self, text: str, values: Sequence[Any], raw: Any) -> None:
        """Have a statement done; its values are put into words now."""
        query = PostgresQuery(Transformer(raw))
        query.convert(text, values)
        self.sends.append(_with_values(query))

    def go(self, raw: Any, last: bytes = b"") -> PQGen[list[PGresult]]:
        """Send what waits and a last statement, and give the last answer; raises the first error.

        A transaction that is to end with its first statement is ended.
        """
        sends, seats, ends = [*self.sends], [*self.seats], self.begins and self.ends and last
        self.clear()
        if not (sends or last):
            return []
        if last:
            sends.append(_plain(last))
        at = len(sends) - 1
        if ends:
            sends.append(_plain(COMMIT))
        answers = yield from _together(raw.pgconn, sends)
        confirmed = {place: seat.answer for place, seat in seats}
        for place, results in enumerate(answers):
            for result in results:
                if result.status == FATAL:
                    self._check(place in confirmed)
                    raise errors.error_from_result(result, encoding=raw.info.encoding)
            if place in confirmed:
                self._check(_told(results) != confirmed[place])
        return answers[at]

    def _check(self, is_wrong: bool) -> None:
        if is_wrong:
            self.wrong()
            raise WrongState("the server did not confirm the firm; the connection was closed")


def _plain(text: bytes) -> Send:
    return lambda pgconn: pgconn.send_query_params(text, None)


def _with_values(query: PostgresQuery) -> Send:
    text, values, kinds, forms = query.query, query.params, query.types, query.formats
    return lambda pgconn: pgconn.send_query_params(
        text, values, param_types=kinds, param_formats=forms
    )


def _told(results: Sequence[PGresult]) -> tuple[bytes | None, bytes | None]:
    """The role and the schema that the server says it is in."""
    last = results[-1]
    if last.status != pq.ExecStatus.TUPLES_OK:
        return None, None
    return last.get_value(0, 0), last.get_value(0, 1)


def _together(pgconn: PGconn, sends: Sequence[Send]) -> PQGen[list[list[PGresult]]]:
    """Send statements in one message and give the answers of each."""
    pgconn.enter_pipeline_mode()
    try:
        for send in sends:
            send(pgconn)
        pgconn.pipeline_sync()
        yield from generators.send(pgconn)
        answers: list[list[PGresult]] = []
        while len(answers) < len(sends):
            answers.append((yield from generators.fetch_many(pgconn)))
        yield from generators.fetch_many(pgconn)  # that the server is ready again
    except BaseException:
        if pgconn.status == pq.ConnStatus.OK:
            pgconn.finish()  # what it would still answer belongs to nobody
        raise
    pgconn.exit_pipeline_mode()
    return answers
