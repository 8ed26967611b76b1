"""Making: a server made ready in two steps, each of which may be repeated at any time.

`make_engine` as a superuser; `make_shared` as the owner, once settings stand. Firms are raised
after that, in `raising`.
"""

from __future__ import annotations

import psycopg
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from psycopg import sql

from tenants.backend.seats import SHARED_SCHEMA
from tenants.bootstrap import connections as own
from tenants.bootstrap import engine, grants, ways


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
    """Make or raise the tables of the shared schema and give the roles their rights there.

    Each table has a transaction of its own: who held several would stand in the way of those who
    are served meanwhile and take them in another order.
    """
    with own.alone(engine.LOCK), ways.pointed_at(SHARED_SCHEMA):
        _migrate_shared()
        with own.long_owner(lock_timeout="5s") as raw:
            tables = raw.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [SHARED_SCHEMA]
            ).fetchall()
            # What is sent together without a transaction is one.
            for text in (
                grants.for_shared(),
                *(grants.for_shared_table(name) for (name,) in tables),
            ):
                psycopg.ClientCursor(raw).execute(text.encode())


def _migrate_shared() -> None:
    # Django's command by itself: the library's of the same name goes through every schema.
    call_command(
        Migrate(), database=own.OWNER_ALIAS, run_syncdb=True, interactive=False, verbosity=0
    )
