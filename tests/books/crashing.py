"""Crashing: a deed killed at each of its statements, and what the books say before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.books.trade import Trade

TABLES = """
SELECT tablename FROM pg_tables
WHERE schemaname = current_schema() AND tablename <> 'django_migrations'
ORDER BY tablename
"""


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it and go on."""


@contextmanager
def killed_at(statement: int) -> Iterator[list[int]]:
    """Die at the n-th statement (COPY aside) of the block; tells how many there were."""
    seen = [0]

    def count(execute: Callable[..., Any], *args: Any) -> Any:
        seen[0] += 1
        if seen[0] == statement:
            raise Killed
        return execute(*args)

    with connection.execute_wrapper(count):
        yield seen


def digest(trade: Trade) -> tuple[str, ...]:
    """A hash of every row of the agency's and of the partner's books."""
    found = []
    for books in (trade.inside, trade.inside_partner):
        with books(), connection.cursor() as cursor:
            cursor.execute(TABLES)
            names = [row[0] for row in cursor.fetchall()]
            parts = " UNION ALL ".join(
                f"SELECT '{name}' || md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"
                for name in names
            )
            cursor.execute(f"SELECT string_agg(x, ',' ORDER BY x) FROM ({parts}) AS y (x)")
            found.append(str(cursor.fetchone()[0]))
    return tuple(found)


def survives(trade: Trade, deed: Callable[[], Any], *, step: int = 1) -> int:
    """Kill a deed at its statements, every `step`-th, until it comes through; nothing may be half
    done. Returns how often it was killed.
    """
    before = digest(trade)
    statement, kills = 1, 0
    while True:
        try:
            with killed_at(statement):
                deed()
        except Killed:
            kills += 1
            statement += step
            after = digest(trade)
            moved = [
                one.partition(",")[0][:60]
                for was, now in zip(before, after, strict=True)
                for one in set(now.split(",")) - set(was.split(","))
            ]
            assert moved == [], f"half done when killed at statement {statement - step}"
        else:
            return kills
