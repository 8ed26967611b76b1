"""Ahead: what goes to the server in one message with the next statement, and before it.

A message and its answer cost more than most statements in it. So what nobody waits for (the seat of
a transaction, a row that is only written) travels with the next question, or with the commit. The
server does them in order, and after the first that fails none of the rest: a wrong seat is left
before anything is asked in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NoReturn

from psycopg import errors, generators, pq
from psycopg._queries import PostgresQuery
from psycopg.abc import PQGen
from psycopg.abc import Transformer as Words
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGconn, PGresult

from tenants.backend.errors import WrongState
from tenants.backend.ready import Asked, Ready, Step, bound, plain
from tenants.backend.seats import Seat

FATAL = pq.ExecStatus.FATAL_ERROR
SQLSTATE = pq.DiagnosticField.SQLSTATE
COMMIT = plain(b"COMMIT")
# A table whose columns changed under a statement that is kept, and one that is not kept after all.
STALE = (b"0A000", b"26000")


@dataclass(slots=True)
class Ahead:
    """What waits on one connection; `wrong` closes it when the server did not confirm a seat.

    What is `ready` there is used again; None behind a pooler that would not know it.
    """

    wrong: Callable[[], None]
    ready: Ready | None = None
    steps: list[Step] = field(default_factory=list)
    begins: bool = False  # a transaction begins with what waits
    ends: bool = False  # and ends with the next statement
    role: str = ""  # of the seat that was taken last
    _words: Words | None = None

    def clear(self) -> None:
        """Forget all of it: it was for a transaction that is over."""
        if self.steps:
            self._undo(self.steps)
            self.steps.clear()
        self.begins = self.ends = False

    def sit(self, seat: Seat, begin: bytes) -> None:
        """Have a seat taken, in a transaction that begins with it where `begin` says how."""
        if begin:
            self.begins = True
            self.steps.append(_begin(begin))
        self.steps.extend(_sitting(seat))
        self.role = seat.role

    def put(self, text: str, values: Sequence[Any], raw: Any) -> None:
        """Have a statement done; its values are put into words now."""
        self._add(text, values, raw, None)

    def ask(self, text: str, values: Sequence[Any], raw: Any) -> Asked:
        """Have a question asked; its values are put into words now."""
        asked = Asked()
        self._add(text, values, raw, asked)
        return asked

    def _add(self, text: str, values: Sequence[Any], raw: Any, asked: Asked | None) -> None:
        query = PostgresQuery(self._words_of(raw))
        query.convert(text, values)
        ready = self.ready
        self.steps += ready.steps(self.role, query, asked) if ready else [bound(query, asked)]

    def rows(self, told: PGresult, raw: Any) -> list[tuple[Any, ...]]:
        """The rows of an answer, its values read as a cursor reads them."""
        words = self._words_of(raw)
        words.set_pgresult(told)
        found: list[tuple[Any, ...]] = words.load_rows(0, told.ntuples, tuple)
        return found

    def _words_of(self, raw: Any) -> Words:
        """What puts values into words, and words into values, on this connection."""
        if self._words is None:
            self._words = Transformer(raw)
        return self._words

    def go(self, raw: Any, last: Sequence[Step] = ()) -> PQGen[list[PGresult]]:
        """Send what waits and a last statement, and give the last answer; raises the first error.

        A transaction that is to end with its first statement is ended.
        """
        steps = [*self.steps, *last]
        self.steps.clear()
        if not steps:
            return []
        ends = self.begins and self.ends and (last or steps[-1].asked is not None)
        self.begins = self.ends = False
        at = len(steps) - 1
        if ends:
            steps.append(COMMIT)
        done = 0
        try:
            answers = yield from _together(raw.pgconn, [step.send for step in steps])
            for step, results in zip(steps, answers, strict=True):
                for result in results:
                    if result.status == FATAL:
                        self._fail(step, result, raw)
                if step.seat is not None:
                    self._check(_told(results) != step.seat.answer)
                if step.asked is not None:
                    step.asked.told = results[-1]
                done += 1
        finally:
            if done < len(steps):
                self._undo(steps[done:])
        return answers[at]

    def _fail(self, step: Step, result: PGresult, raw: Any) -> NoReturn:
        self._check(step.seat is not None)
        if step.is_kept and result.error_field(SQLSTATE) in STALE:
            self.wrong()
            raise errors.OperationalError("a statement that was kept is stale; the connection ends")
        raise errors.error_from_result(result, encoding=raw.info.encoding)

    def _check(self, is_wrong: bool) -> None:
        if is_wrong:
            self.wrong()
            raise WrongState("the server did not confirm the firm; the connection was closed")

    def _undo(self, steps: Sequence[Step]) -> None:
        """What was to be made ready by these is not."""
        for step in steps:
            if step.makes is not None and self.ready is not None:
                self.ready.forget(step.makes)


@cache
def _begin(text: bytes) -> Step:
    return plain(text)


@cache
def _sitting(seat: Seat) -> tuple[Step, ...]:
    *first, last = map(plain, seat.statements)
    return (*first, Step(last.send, seat=seat))


def _told(results: Sequence[PGresult]) -> tuple[bytes | None, bytes | None]:
    """The role and the schema that the server says it is in."""
    last = results[-1]
    if last.status != pq.ExecStatus.TUPLES_OK:
        return None, None
    return last.get_value(0, 0), last.get_value(0, 1)


def _together(
    pgconn: PGconn, sends: Sequence[Callable[[PGconn], None]]
) -> PQGen[list[list[PGresult]]]:
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
