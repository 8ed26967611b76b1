"""Ways: what leads a schema from the migrations it has to the present ones, as plain SQL.

The statements are noted while Django runs them on one schema of many that stand alike, in a
transaction that is rolled back: what is noted is what was really run, and nothing was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, repeat, takewhile
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django_tenants.postgresql_backend.introspection import DatabaseSchemaIntrospection

from tenants.backend.seats import SHARED_SCHEMA, quoted
from tenants.bootstrap import connections as own
from tenants.bootstrap import grants

# Django ends a transaction after each migration; what was deferred until then is checked here.
SETTLE = "SET CONSTRAINTS ALL IMMEDIATE;\nSET CONSTRAINTS ALL DEFERRED;\n"

# What a schema's history comes to; two schemas that have the same migrations come to the same.
MARK = "count(*) || ' ' || bit_xor(hashtextextended(app || '.' || name, 0))"
# Django's executor takes its numbers from here, which plain SQL passes by: to open a sequence
# takes a schema as long as most migrations do.
CAUGHT_UP = """
SELECT setval(pg_get_serial_sequence('django_migrations', 'id'), max(id)) FROM django_migrations
"""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Migrations to run next: all at once as this text, or with none by Django's executor.

    It is the way of a schema whose history comes to `mark`, and of no other.
    """

    migrations: tuple[Key, ...]
    text: str | None
    is_last: bool
    mark: str


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


def next_stretch(schema: str, patience: str) -> Stretch:
    """What a schema, and each that stands like it, goes through next; it is left as it is."""
    with pointed_at(schema) as connection:
        executor = _executor(connection)
        mark = _asked(connection, f"SELECT {MARK} FROM {grants.HISTORY}")  # noqa: S608  # ours
        plan = [migration for migration, _ in executor.migration_plan(_targets(executor))]
        plain = list(takewhile(is_plain, plan))
        if plan and not plain:
            return Stretch(_keys(plan[:1]), None, len(plan) == 1, mark)
        text = _tried(executor, plain, patience) if plain else ""
        return Stretch(_keys(plain), text, len(plain) == len(plan), mark)


def take(schema: str, migrations: Sequence[Key], patience: str) -> None:
    """Run migrations in one schema with Django's own executor, which notes what it has done."""
    with pointed_at(schema) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [patience])
        _asked(connection, CAUGHT_UP)
        _executor(connection).migrate(list(migrations))


def take_all(schema: str) -> None:
    """Run every migration that a schema lacks with Django's own executor."""
    with pointed_at(schema) as connection:
        executor = MigrationExecutor(connection)
        executor.migrate(_targets(executor))


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


def _asked(connection: Any, question: str) -> Any:
    """The one answer to a question."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def stand(schemas: Iterable[str]) -> str:
    """The question for what each schema's history comes to."""
    return " UNION ALL ".join(
        f"SELECT '{schema}', {MARK} FROM {quoted(schema)}.{grants.HISTORY}"  # noqa: S608
        for schema in schemas
    )


def noted(migrations: Sequence[Key], mark: str) -> str:
    """The statements that note migrations in a history; of one that does not come to that mark the
    first asks for a row without its moment, which is refused.
    """
    moments = chain([f"CASE {MARK} WHEN '{mark}' THEN now() END"], repeat("now()"))
    return "".join(
        f"INSERT INTO {grants.HISTORY} (id, app, name, applied)"  # noqa: S608  # our own names
        f" SELECT max(id) + 1, '{app}', '{name}', {moment} FROM {grants.HISTORY};\n"
        for (app, name), moment in zip(migrations, moments, strict=False)
    )


def is_plain(migration: Migration) -> bool:
    """Whether a migration is the same SQL in every schema, and may share a transaction."""
    return bool(migration.atomic) and all(map(_is_sql, migration.operations))


def _is_sql(operation: Operation) -> bool:
    if isinstance(operation, SeparateDatabaseAndState):
        return all(map(_is_sql, operation.database_operations))
    return bool(operation.reduces_to_sql)


class Known(DatabaseSchemaIntrospection):  # type: ignore[misc]  # the library ships no types
    """Tells the one table that Django looks for among all firms' tables: its own, there already."""

    def table_names(self, *_: Any, **__: Any) -> list[str]:
        """The history of migrations."""
        return [grants.HISTORY]


def _executor(connection: Any) -> MigrationExecutor:
    """Django's executor, made without reading the names of every firm's tables."""
    usual, connection.introspection = connection.introspection, Known(connection)
    try:
        return MigrationExecutor(connection)
    finally:
        connection.introspection = usual


def _targets(executor: MigrationExecutor) -> list[Key]:
    labels = {name.rpartition(".")[2] for name in settings.TENANT_APPS}
    return [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] in labels]


def _keys(migrations: Iterable[Migration]) -> tuple[Key, ...]:
    return tuple((migration.app_label, migration.name) for migration in migrations)


def _tried(executor: MigrationExecutor, migrations: Sequence[Migration], patience: str) -> str:
    """The statements of migrations, run and undone."""
    graph = executor.loader.graph
    applied = [key for key in executor.loader.applied_migrations if key in graph.nodes]
    state = executor.loader.project_state(applied)
    _ = state.apps  # made once: each step then makes anew only what it changes
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
