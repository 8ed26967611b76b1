"""Raising: the schemas of all firms brought to the present release, many in one go.

Firms that have the same migrations have the same way to go. Its statements are noted once and run
schema by schema as plain SQL, in batches of one transaction: the tables, the history, the rights
and the registry's row of a batch are kept together or not at all, so this may be killed anywhere
and called again. Firms of one release are taken to have the same migrations; the statement that
notes new ones refuses where that is not so, and the histories of those firms are read. What is no
plain SQL is taken by Django's executor, one firm at a time. A firm whose tables somebody holds is
come back to; one that cannot be raised is named and keeps its release, and nobody is let into its
books until it is raised.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db.utils import Error as DjangoError
from psycopg import errors

from tenants.agencies import template
from tenants.backend.seats import quoted
from tenants.bootstrap import connections as own
from tenants.bootstrap import grants, rights, ways

BATCH = 50
AT_ONCE = 1_000
ASKED_AT_ONCE = 50  # to plan one question over more takes longer than several of them
# While a batch waits for one firm's tables, it holds those of the others.
PATIENCE = "1s"
TRIED = 5  # firms, of those that stand alike, on which the way is tried
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds before those that were held are tried again
LOCK = 0x72616973  # "rais": two releases on one database take turns
PASSING = (
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.QueryCanceled,
    errors.SerializationFailure,
    errors.OutOfMemory,  # also what is said when the server has no lock left
)

Tell = Callable[[str], None]
Owner = psycopg.Connection[Any]


@dataclass(slots=True)
class Raised:
    """How many firms were raised, and why each other one was not, by its schema."""

    firms: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """What came of it, as a person reads it."""
        lines = [f"{self.firms} firms were raised to this release"]
        lines += [f"{schema} was not raised: {why}" for schema, why in sorted(self.failed.items())]
        return "\n".join(lines)


def raise_firms(
    tell: Tell = lambda _: None, *, batch: int = BATCH, pauses: Sequence[float] = PAUSES
) -> Raised:
    """Bring every firm's schema to the present release; `tell` hears how far it is."""
    if not _behind():
        return Raised()
    with own.alone(LOCK, lambda: tell("another release is running; this one waits for it")):
        behind = _behind()
        work = _Work(tell, batch, len(behind))
        work.go_through(behind)
        for pause in pauses:
            if not work.held:
                break
            tell(f"{len(work.held)} firms are in use; they are tried again in {pause} s")
            time.sleep(pause)
            again, work.held = list(work.held), {}
            work.go_through(again)
        return Raised(work.done, work.failed | work.held)


def _behind() -> list[str]:
    with own.owner() as raw:
        rows = raw.execute(
            "SELECT schema FROM pub.agencies_firm"
            " WHERE release <> '' AND release <> %s ORDER BY schema",
            [template.release()],
        )
        return [row[0] for row in rows]


@dataclass(slots=True)
class _Work:
    """One run over the fleet: what is done, what is to be tried again, what has failed."""

    tell: Tell
    batch: int
    total: int
    done: int = 0
    held: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)  # those that are not like others of their release

    def go_through(self, schemas: Iterable[str]) -> None:
        """Take all of these to their end, a stretch at a time, those that stand alike together."""
        waiting = sorted(schemas)
        for start in range(0, len(waiting), AT_ONCE):
            left = set(waiting[start : start + AT_ONCE])
            # A connection remembers every table it has seen, so it is kept for so many firms.
            with own.long_owner(lock_timeout=PATIENCE) as raw:
                while left:
                    for alike in _groups(raw, left, self.apart):
                        left -= self._go_on(raw, alike)
                    left -= self.held.keys() | self.failed.keys()

    def _go_on(self, raw: Owner, alike: Sequence[str]) -> set[str]:
        """Take schemas that stand alike over the next stretch; the ones whose end it was."""
        stretch = self._stretch(alike)
        ended: set[str] = set()
        if stretch is None:
            return ended
        self._say(stretch, alike)
        for start in range(0, len(alike), self.batch):
            some = self._alike(raw, stretch, alike[start : start + self.batch])
            gone = self._go(raw, stretch, some) if some else []
            if stretch.is_last:
                self.done += len(gone)
                ended.update(gone)
                self.tell(f"{self.done} of {self.total} firms raised")
        return ended

    def _say(self, stretch: ways.Stretch, schemas: Sequence[str]) -> None:
        names = ", ".join(".".join(key) for key in stretch.migrations) or "rights alone"
        how = "one by one" if stretch.text is None else "as plain SQL"
        self.tell(f"{len(schemas)} firms, {how}: {names}")

    def _stretch(self, alike: Sequence[str]) -> ways.Stretch | None:
        """What these go through next, tried on the first of them that nobody holds."""
        for schema in alike[:TRIED]:
            try:
                return ways.next_stretch(schema, PATIENCE)
            except Exception as error:  # noqa: BLE001  # what they are is told with the firm
                kept = self._note(schema, error)
            if kept is self.failed:  # what fails on one would fail on all
                break
        kept.update(dict.fromkeys(alike, kept[schema]))
        return None

    def _alike(self, raw: Owner, stretch: ways.Stretch, schemas: Sequence[str]) -> Sequence[str]:
        """Those whose history is the stretch's, where no statement of it would refuse the others;
        the others are remembered.
        """
        if stretch.text and stretch.migrations:
            return schemas
        marks = dict(_marks(raw, schemas))
        self.apart.update(schema for schema in schemas if marks[schema] != stretch.mark)
        return [schema for schema in schemas if schema not in self.apart]

    def _go(self, raw: Owner, stretch: ways.Stretch, schemas: Sequence[str]) -> list[str]:
        """Take a batch over a stretch, and where it cannot go together one by one."""
        try:
            if stretch.text is not None:
                _take(raw, stretch, schemas)
                return list(schemas)
            if len(schemas) == 1:
                _take_apart(raw, stretch, schemas[0])
                return list(schemas)
        except Exception as error:  # noqa: BLE001  # a data step may raise anything; the others go on
            if len(schemas) == 1:
                if schemas[0] not in self.apart and _is_unlike(error):
                    self.apart.add(schemas[0])
                else:
                    self._note(schemas[0], error)
                return []
        return [schema for one in schemas for schema in self._go(raw, stretch, [one])]

    def _note(self, schema: str, error: Exception) -> dict[str, str]:
        """Remember what went wrong with a firm: what passes is tried again, the rest is not."""
        cause = error.__cause__ if isinstance(error, DjangoError) else error
        if isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None:
            raise error  # the server is gone, and no firm is at fault
        kept = self.held if isinstance(cause, PASSING) else self.failed
        kept[schema] = str(error).strip().partition("\n")[0] or type(error).__name__
        return kept


def _groups(raw: Owner, schemas: Set[str], apart: Set[str]) -> list[list[str]]:
    """Schemas that have the same migrations, together: of each release one is asked for all, and of
    those apart each for itself.
    """
    rows = raw.execute(
        "SELECT array_agg(schema::text ORDER BY schema) FROM pub.agencies_firm"
        " WHERE schema = ANY (%s) GROUP BY release",
        [list(schemas - apart)],
    )
    alike = {some[0]: some for (some,) in rows} | {schema: [schema] for schema in schemas & apart}
    found: dict[str, list[str]] = defaultdict(list)
    for schema, mark in _marks(raw, sorted(alike)):
        found[mark] += alike[schema]
    return list(found.values())


def _marks(raw: Owner, schemas: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Schemas with what their histories come to."""
    for start in range(0, len(schemas), ASKED_AT_ONCE):
        asked = ways.stand(schemas[start : start + ASKED_AT_ONCE])
        yield from raw.execute(asked.encode())


def _is_unlike(error: Exception) -> bool:
    """Whether a history was not what the stretch is for."""
    return (
        isinstance(error, errors.NotNullViolation)
        and error.diag.table_name == grants.HISTORY
        and error.diag.column_name == "applied"
    )


def _take(raw: Owner, stretch: ways.Stretch, schemas: Sequence[str]) -> None:
    """Take schemas over a stretch of plain SQL, in one transaction."""
    history = ways.noted(stretch.migrations, stretch.mark) if stretch.migrations else ""
    text = "".join(
        # The history first: it refuses what this is no way for.
        f"SET LOCAL search_path = {quoted(schema)};\n{history}{stretch.text}"
        for schema in schemas
    )
    with raw.transaction():
        # One message: the simple protocol takes many statements, and this text is ours alone.
        psycopg.ClientCursor(raw).execute(text.encode())
        unsure = _rights_unsure(raw, stretch, schemas)
        if unsure:
            rights.put_right(raw, unsure)
        if stretch.is_last:
            raw.execute(
                "UPDATE pub.agencies_firm SET release = %s WHERE schema = ANY (%s)",
                [template.release(), list(schemas)],
            )


def _rights_unsure(raw: Owner, stretch: ways.Stretch, schemas: Sequence[str]) -> list[str]:
    """The schemas whose rights may not be those of the file: of other rights, or with new tables.

    To compare every right of a firm takes longer than most releases do.
    """
    if "CREATE TABLE" in (stretch.text or ""):
        return list(schemas)
    if not stretch.is_last:
        return []
    rows = raw.execute(
        "SELECT schema FROM pub.agencies_firm WHERE schema = ANY (%s) AND right(release, %s) <> %s",
        [list(schemas), len(template.rights()), template.rights()],
    )
    return [row[0] for row in rows]


def _take_apart(raw: Owner, stretch: ways.Stretch, schema: str) -> None:
    """Take one schema over a stretch that Django's executor runs, in transactions of its own."""
    ways.take(schema, stretch.migrations, PATIENCE)
    with raw.transaction():
        rights.put_right(raw, [schema])
    if stretch.is_last:
        _take(raw, ways.Stretch((), "", is_last=True, mark=""), [schema])
