"""Building: a firm's schema, role, tables and rights, made as the owner in one transaction."""

from __future__ import annotations

import secrets

import psycopg

from tenants.agencies import template
from tenants.backend.seats import quoted
from tenants.bootstrap import connections, grants, releases
from tenants.bootstrap.engine import APP

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class NotAsBuilt(RuntimeError):
    """A schema of that name exists that was not made for this firm."""


def new_schema() -> str:
    """A name that tells nothing, for a schema and its role; chosen once and never changed."""
    return "t_" + "".join(secrets.choice(LETTERS) for _ in range(16))


def build(schema: str) -> str:
    """Make a registered firm's books and note it, in one transaction; again changes nothing.

    Returns the release that they are made for.
    """
    with connections.owner() as raw:
        row = raw.execute(
            "SELECT release FROM pub.agencies_firm WHERE schema = %s FOR UPDATE",
            [schema],
        ).fetchone()
        if row is None:
            raise NotAsBuilt(f"{schema} is not registered")
        if row[0]:
            return str(row[0])
        make(raw, schema)
        raw.execute(
            "UPDATE pub.agencies_firm SET release = %s WHERE schema = %s",
            [releases.note_present(raw), schema],
        )
    return template.release()


def make(raw: psycopg.Connection, schema: str) -> None:
    """Make role, schema, tables and rights; nothing of it shows before the transaction ends."""
    name = quoted(schema)
    # As roles are the server's, one may be left of a database that is gone.
    if not raw.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [schema]).fetchone():
        raw.execute(f"CREATE ROLE {name} NOLOGIN INHERIT")
    text = (
        f"CREATE SCHEMA {name}; SET LOCAL search_path = {name};\n"
        f"{template.text()}\n"
        f"{grants.for_firm(schema, template.tables())}\n"
        "RESET search_path;\n"
        # Last: until the transaction ends, nobody else on the server can be made one of the firms.
        f"GRANT {name} TO {APP} WITH INHERIT FALSE, SET TRUE;\n"
        f"GRANT {grants.FIRMS} TO {name} WITH INHERIT TRUE, SET FALSE;\n"
    )
    # One message: the simple protocol takes many statements, and this text is ours alone.
    psycopg.ClientCursor(raw).execute(text.encode())


def drop(raw: psycopg.Connection, schema: str) -> None:
    """Drop a schema and its role, table by table so that the locks of one step stay few."""
    name = quoted(schema)
    for (table,) in raw.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]
    ).fetchall():
        raw.execute(f"DROP TABLE IF EXISTS {name}.{quoted(table)} CASCADE")
    raw.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
    if raw.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [schema]).fetchone():
        raw.execute(f"DROP OWNED BY {name}")
        raw.execute(f"DROP ROLE {name}")
