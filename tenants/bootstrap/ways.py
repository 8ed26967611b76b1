"""Ways: what leads a schema from the migrations it has to the present ones, as plain SQL.

The statements are noted while Django runs them on one schema of many that stand alike, in a
transaction that is rolled back: what is noted is what was really run, and nothing was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation

from tenants.backend.seats import SHARED_SCHEMA
from tenants.bootstrap import connections as own
from tenants.bootstrap.releases import Key

# Django ends a transaction after each migration; what was deferred until then is checked here.
SETTLE = "SET CONSTRAINTS ALL IMMEDIATE;\nSET CONSTRAINTS ALL DEFERRED;\n"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Migrations to run next: all at once as this text, or with none by Django's executor."""

    migrations: tuple[Key, ...]
    text: str | None
    is_last: bool


class Noting(DatabaseSchemaEditor):
    """Runs statements as Django does, and notes them."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection, atomic=True)
        self.noted: list[str] = []

    def execute(self, sql: Any, params: Any = ()) -> None:
        """Note a statement with its values written in, then run it."""
        text = str(sql) if params is None else self.connection.ops.compose_sql(str(sql), params)
        self.noted.append(f"{text.rstrip().rstrip(';')};\n")
        super().execute(text, None)


class Executor(MigrationExecutor):
    """Django's executor, for a schema of which others know what it holds and are told what it was
    given.
    """

    def __init__(self, connection: Any, held: Iterable[Key], note: Callable[[], object]) -> None:
        # Not Django's way to begin: it reads a table of the schema's.
        self.connection, self.note, self.progress_callback = connection, note, None
        self.loader = MigrationLoader(None)
        self.loader.applied_migrations = dict.fromkeys(held)  # type: ignore[assignment]  # its keys count

    def plan(self) -> list[Migration]:
        """What the schema lacks, in order."""
        labels = {name.rpartition(".")[2] for name in settings.TENANT_APPS}
        leaves = [leaf for leaf in self.loader.graph.leaf_nodes() if leaf[0] in labels]
        return [migration for migration, _ in self.migration_plan(leaves)]

    def state(self) -> Any:
        """The models as the schema has them."""
        graph = self.loader.graph
        found = self.loader.project_state(
            [key for key in self.loader.applied_migrations if key in graph.nodes]
        )
        _ = found.apps  # made once: each step then makes anew only what it changes
        return found

    def record_migration(self, migration: Migration) -> None:  # type: ignore[override]  # noqa: ARG002  # as Django calls it
        """Have it noted, in the migration's own transaction where that can be."""
        self.note()


def next_stretch(schema: str, held: Iterable[Key], patience: str) -> Stretch:
    """What a schema that holds these goes through next, and each like it; it is left as it is."""
    with pointed_at(schema) as connection:
        executor = Executor(connection, held, _nobody)
        plan = executor.plan()
        plain = list(takewhile(is_plain, plan))
        if plan and not plain:
            return Stretch(_keys(plan[:1]), None, len(plan) == 1)
        text = _tried(executor, plain, patience) if plain else ""
        return Stretch(_keys(plain), text, len(plain) == len(plan))


def take(
    schema: str, held: Iterable[Key], patience: str, note: Callable[[psycopg.Connection], object]
) -> None:
    """Run the next migration in one schema with Django's own executor; `note` is told by the
    connection that ran it.
    """
    with pointed_at(schema) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [patience])
        executor = Executor(connection, held, lambda: note(connection.connection))
        executor.apply_migration(executor.state(), executor.plan()[0])


def take_all(schema: str) -> None:
    """Run every migration in an empty schema with Django's own executor; nobody is told."""
    with pointed_at(schema) as connection:
        executor = Executor(connection, (), _nobody)
        state = executor.state()
        for migration in executor.plan():
            state = executor.apply_migration(state, migration)


def _nobody() -> None:
    """Nobody is to be told."""


@contextmanager
def pointed_at(schema: str) -> Iterator[Any]:
    """The owner's connection of Django's, looking into one schema and nothing else."""
    connection: Any = connections[own.OWNER_ALIAS]
    connection.set_schema(schema, include_public=False)
    try:
        yield connection
    finally:
        connection.close()
        connection.set_schema(SHARED_SCHEMA)


def is_plain(migration: Migration) -> bool:
    """Whether a migration is the same SQL in every schema, and may share a transaction."""
    return bool(migration.atomic) and all(map(_is_sql, migration.operations))


def _is_sql(operation: Operation) -> bool:
    if isinstance(operation, SeparateDatabaseAndState):
        return all(map(_is_sql, operation.database_operations))
    return bool(operation.reduces_to_sql)


def _keys(migrations: Iterable[Migration]) -> tuple[Key, ...]:
    return tuple((migration.app_label, migration.name) for migration in migrations)


def _tried(executor: Executor, migrations: Sequence[Migration], patience: str) -> str:
    """The statements of migrations, run and undone."""
    state = executor.state()
    texts = []
    with transaction.atomic(using=own.OWNER_ALIAS):
        with executor.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
        for migration in migrations:
            editor = Noting(executor.connection)
            with editor:
                state = migration.apply(state, editor)
            texts.append("".join(editor.noted))
        transaction.set_rollback(True, using=own.OWNER_ALIAS)
    return SETTLE.join(texts)
