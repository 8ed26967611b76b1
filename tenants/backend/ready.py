"""Ready: statements that the server keeps planned on one connection, for they are asked again.

Planning a statement takes the server longer than doing it. A name belongs to one role and one
text, so that going from firm to firm plans nothing anew; under another role or path the server
itself would look up every table again before it used what it kept.
"""

from collections.abc import Callable
from dataclasses import dataclass

from psycopg._queries import PostgresQuery
from psycopg.pq.abc import PGconn, PGresult

from tenants.backend.seats import Seat

MOST = 300  # statements; each is some tens of KiB of the server's memory
LASTS = 5_000  # uses; what was planned while a table was small is planned anew

Send = Callable[[PGconn], None]
Key = tuple[str, bytes, tuple[int, ...]]


@dataclass(slots=True, eq=False)
class Asked:
    """A question that was put, and what was told of it."""

    told: PGresult | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is sent: it may confirm a seat, make a statement ready, or use one that is;
    it may be a question whose answer somebody comes for.
    """

    send: Send
    seat: Seat | None = None
    makes: Key | None = None
    is_kept: bool = False
    asked: Asked | None = None


def plain(text: bytes) -> Step:
    """A statement without values."""
    return Step(lambda pgconn: pgconn.send_query_params(text, None))


def bound(query: PostgresQuery, asked: Asked | None = None) -> Step:
    """A statement with its values apart."""
    text, values, kinds, forms = query.query, query.params, query.types, query.formats
    return Step(
        lambda pgconn: pgconn.send_query_params(
            text, values, param_types=kinds, param_formats=forms
        ),
        asked=asked,
    )


class Ready:
    """The statements of one connection by their names."""

    def __init__(self) -> None:
        self._names: dict[Key, bytes] = {}
        self._made = 0
        self._uses = 0

    def steps(self, role: str, query: PostgresQuery, asked: Asked | None = None) -> list[Step]:
        """What has a statement done by its name, and first what gives it the name."""
        key, steps = (role, query.query, query.types), []
        self._uses += 1
        if len(self._names) >= MOST or self._uses > LASTS:
            self._names.clear()
            self._uses = 0
            steps.append(plain(b"DEALLOCATE ALL"))
        name = self._names.get(key)
        if name is None:
            self._made += 1
            name = self._names[key] = b"s%d" % self._made
            steps.append(_making(name, query, key))
        steps.append(_using(name, query, asked))
        return steps

    def forget(self, key: Key) -> None:
        """A statement was not made ready after all."""
        self._names.pop(key, None)


def _making(name: bytes, query: PostgresQuery, key: Key) -> Step:
    text, kinds = query.query, query.types
    return Step(lambda pgconn: pgconn.send_prepare(name, text, param_types=kinds), makes=key)


def _using(name: bytes, query: PostgresQuery, asked: Asked | None) -> Step:
    values, forms = query.params, query.formats
    return Step(
        lambda pgconn: pgconn.send_query_prepared(name, values, param_formats=forms),
        is_kept=True,
        asked=asked,
    )
