"""Raising: the schemas of all firms brought to the present release, many in one go.

Firms of one release hold the same and have the same way to go. Its statements are noted once and
run schema by schema as plain SQL, in batches of one transaction: the tables, the rights and the
registry's rows of a batch are kept together or not at all, so this may be killed anywhere and
called again. What is no plain SQL is taken by Django's executor, one firm at a time; on the way
from one release to the next, firms are of what they hold by then. A firm whose tables somebody
holds is come back to; one that cannot be raised is named and keeps what it has, and nobody is let
into its books until it is raised.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db.utils import Error as DjangoError
from psycopg import errors

from tenants.agencies import template
from tenants.backend.seats import quoted
from tenants.bootstrap import connections as own
from tenants.bootstrap import releases, rights, ways

BATCH = 50
AT_ONCE = 1_000
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
    with own.owner() as raw:
        releases.note_present(raw)
        if not _behind(raw):
            return Raised()
    with own.alone(LOCK, lambda: tell("another release is running; this one waits for it")) as raw:
        behind = _behind(raw)
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


def _behind(raw: Owner) -> list[str]:
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

    def go_through(self, schemas: Iterable[str]) -> None:
        """Take all of these to their end, a stretch at a time, those that stand alike together."""
        waiting = sorted(schemas)
        for start in range(0, len(waiting), AT_ONCE):
            left = set(waiting[start : start + AT_ONCE])
            # A connection remembers every table it has seen, so it is kept for so many firms.
            with own.long_owner(lock_timeout=PATIENCE) as raw:
                self._learn(raw, left)
                while left := left - self.held.keys() - self.failed.keys():
                    for release, alike in _groups(raw, left):
                        left -= self._go_on(raw, release, alike)

    def _learn(self, raw: Owner, schemas: Set[str]) -> None:
        """Note what firms hold of whose release that was not noted yet."""
        for schema, release in _not_noted(raw, schemas):
            try:
                _move_history(raw, schema, release)
            except Exception as error:  # noqa: BLE001  # what it is is told with the firm
                self._note(schema, error)

    def _go_on(self, raw: Owner, release: str, alike: Sequence[str]) -> set[str]:
        """Take schemas of one release over the next stretch; the ones whose end it was."""
        held = releases.held(raw, release)
        stretch = self._stretch(alike, held)
        ended: set[str] = set()
        if stretch is None:
            return ended
        self._say(stretch, alike)
        after = [*held, *stretch.migrations]
        step = _Step(
            stretch,
            held,
            release,
            template.release() if stretch.is_last else releases.note_between(raw, release, after),
        )
        for start in range(0, len(alike), self.batch):
            gone = self._go(raw, step, alike[start : start + self.batch])
            if stretch.is_last:
                self.done += len(gone)
                ended.update(gone)
                self.tell(f"{self.done} of {self.total} firms raised")
        return ended

    def _say(self, stretch: ways.Stretch, schemas: Sequence[str]) -> None:
        names = ", ".join(".".join(key) for key in stretch.migrations) or "rights alone"
        how = "one by one" if stretch.text is None else "as plain SQL"
        self.tell(f"{len(schemas)} firms, {how}: {names}")

    def _stretch(self, alike: Sequence[str], held: Sequence[releases.Key]) -> ways.Stretch | None:
        """What these go through next, tried on the first of them that nobody holds."""
        for schema in alike[:TRIED]:
            try:
                return ways.next_stretch(schema, held, PATIENCE)
            except Exception as error:  # noqa: BLE001  # what they are is told with the firm
                kept = self._note(schema, error)
            if kept is self.failed:  # what fails on one would fail on all
                break
        kept.update(dict.fromkeys(alike, kept[schema]))
        return None

    def _go(self, raw: Owner, step: _Step, schemas: Sequence[str]) -> list[str]:
        """Take a batch over a stretch, and where it cannot go together one by one."""
        try:
            if step.stretch.text is not None:
                _take(raw, step, step.stretch.text, schemas)
                return list(schemas)
            if len(schemas) == 1:
                _take_apart(step, schemas[0])
                return list(schemas)
        except Exception as error:  # noqa: BLE001  # a data step may raise anything; the others go on
            if len(schemas) == 1:
                self._note(schemas[0], error)
                return []
        return [schema for one in schemas for schema in self._go(raw, step, [one])]

    def _note(self, schema: str, error: Exception) -> dict[str, str]:
        """Remember what went wrong with a firm: what passes is tried again, the rest is not."""
        cause = error.__cause__ if isinstance(error, DjangoError) else error
        if isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None:
            raise error  # the server is gone, and no firm is at fault
        kept = self.held if isinstance(cause, PASSING) else self.failed
        kept[schema] = str(error).strip().partition("\n")[0] or type(error).__name__
        return kept


@dataclass(frozen=True, slots=True)
class _Step:
    """A stretch of the way, and the releases between which it leads; `held` is before it."""

    stretch: ways.Stretch
    held: Sequence[releases.Key]
    before: str
    after: str


def _groups(raw: Owner, schemas: Set[str]) -> list[tuple[str, list[str]]]:
    """Schemas by what they hold."""
    return raw.execute(
        "SELECT release, array_agg(schema::text ORDER BY schema) FROM pub.agencies_firm"
        " WHERE schema = ANY (%s) GROUP BY release ORDER BY release",
        [list(schemas)],
    ).fetchall()


def _not_noted(raw: Owner, schemas: Set[str]) -> list[tuple[str, str]]:
    """Schemas, and their releases, of which nobody has noted what they hold."""
    return raw.execute(
        "SELECT schema, release FROM pub.agencies_firm f WHERE schema = ANY (%s) AND NOT EXISTS"
        " (SELECT FROM pub.agencies_release r WHERE r.name = f.release) ORDER BY schema",
        [list(schemas)],
    ).fetchall()


def _move_history(raw: Owner, schema: str, release: str) -> None:
    """Note what a schema holds, from the table in which each told it for itself once."""
    table = f"{quoted(schema)}.django_migrations"
    with raw.transaction():
        rows = raw.execute(f"SELECT app, name FROM {table}").fetchall()  # noqa: S608  # ours
        _is_now(raw, [schema], release, releases.note_between(raw, release, rows))
        raw.execute(f"DROP TABLE {table}")


def _is_now(raw: Owner, schemas: Sequence[str], before: str, after: str) -> None:
    """Note that schemas of one release are of another; refuses where one is not of the first."""
    noted = raw.execute(
        "UPDATE pub.agencies_firm SET release = %s WHERE schema = ANY (%s) AND release = %s",
        [after, list(schemas), before],
    )
    if noted.rowcount != len(schemas):
        raise RuntimeError(f"it is no longer of release {before!r}")


def _take(raw: Owner, step: _Step, statements: str, schemas: Sequence[str]) -> None:
    """Take schemas over a stretch of plain SQL, in one transaction."""
    text = "".join(f"SET LOCAL search_path = {quoted(schema)};\n{statements}" for schema in schemas)
    with raw.transaction():
        # One message: the simple protocol takes many statements, and this text is ours alone.
        psycopg.ClientCursor(raw).execute(text.encode())
        if _rights_unsure(step, statements):
            rights.put_right(raw, schemas)
        _is_now(raw, schemas, step.before, step.after)


def _rights_unsure(step: _Step, statements: str) -> bool:
    """Whether rights may not be those of the file: of other rights, or with new tables.

    To compare every right of a firm takes longer than most releases do.
    """
    others = not step.before.endswith(template.rights())
    return "CREATE TABLE" in statements or (step.stretch.is_last and others)


def _take_apart(step: _Step, schema: str) -> None:
    """Take one schema over a migration that Django's executor runs."""

    def note(raw: Owner) -> None:
        rights.put_right(raw, [schema])
        _is_now(raw, [schema], step.before, step.after)

    ways.take(schema, step.held, PATIENCE, note)
