"""Making: a server made ready in three steps, each of which may be repeated at any time.

`make_engine` as a superuser; `make_shared` and `raise_firms` as the owner, once settings stand.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from tenants.agencies import template
from tenants.backend.seats import SHARED_SCHEMA, quoted
from tenants.bootstrap import connections as own
from tenants.bootstrap import engine, grants


def make_engine(url: str, database: str, *, app_password: str, owner_password: str) -> None:
    """Make the roles, the database, its schemas and the hardening, as that superuser."""
    with psycopg.connect(url, autocommit=True) as server:
        # Roles are the server's, so that two databases being made at once take turns.
        server.execute("SELECT pg_advisory_lock(%s)", [engine.LOCK])
        engine.make_roles(server, app_password=app_password, owner_password=owner_password)
        if not server.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [database]
        ).fetchone():
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(database)
                )
            )
        with own.superuser(url, database=database) as raw:
            engine.make_database(raw)
            engine.harden(raw)


def make_shared() -> None:
    """Make or raise the tables of the shared schema and give the roles their rights there."""
    migrate(SHARED_SCHEMA)
    with own.owner() as raw:
        tables = [
            row[0]
            for row in raw.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = %s", [SHARED_SCHEMA]
            )
        ]
        psycopg.ClientCursor(raw).execute(grants.for_shared(tables).encode())


def raise_firms() -> int:
    """Bring every firm's schema to the present release; returns how many were raised."""
    with own.owner() as raw:
        behind = [
            row[0]
            for row in raw.execute(
                "SELECT schema FROM pub.agencies_firm"
                " WHERE release <> '' AND release <> %s ORDER BY schema",
                [template.release()],
            )
        ]
    for schema in behind:
        _raise_firm(schema)
    return len(behind)


def _raise_firm(schema: str) -> None:
    migrate(schema)
    with own.owner() as raw:
        found = raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        tables = [row[0] for row in found]
        name = quoted(schema)
        text = f"REVOKE ALL ON ALL TABLES IN SCHEMA {name} FROM {name};\n" + grants.for_firm(
            schema, tables
        )
        psycopg.ClientCursor(raw).execute(text.encode())
        raw.execute(
            "UPDATE pub.agencies_firm SET release = %s WHERE schema = %s",
            [template.release(), schema],
        )


def migrate(schema: str) -> None:
    """Run Django's own migrations in one schema: the owner's backend can point anywhere."""
    connection: Any = connections[own.OWNER_ALIAS]
    connection.set_schema(schema, include_public=False)
    try:
        if schema == SHARED_SCHEMA:
            _migrate_shared()
            return
        executor = MigrationExecutor(connection)
        labels = {name.rpartition(".")[2] for name in settings.TENANT_APPS}
        executor.migrate([leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] in labels])
    finally:
        connection.close()
        connection.set_schema(SHARED_SCHEMA)


def _migrate_shared() -> None:
    # Django's command by itself: the library's of the same name goes through every schema.

    call_command(
        Migrate(), database=own.OWNER_ALIAS, run_syncdb=True, interactive=False, verbosity=0
    )
