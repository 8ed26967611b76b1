"""Rights: what firms' roles may do to their tables, compared with the file and put right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg

from tenants.agencies import template
from tenants.backend.seats import quoted
from tenants.bootstrap import grants

# By name, for a scan of the catalog would grow with the number of firms.
HELD = """
SELECT n.nspname::text, c.relname::text,
  array(SELECT lower(a.privilege_type) FROM aclexplode(c.relacl) a WHERE a.grantee = r.oid),
  array(SELECT p.attname::text || ' ' || lower(a.privilege_type)
        FROM pg_attribute p, aclexplode(p.attacl) a
        WHERE p.attrelid = c.oid AND p.attacl IS NOT NULL AND a.grantee = r.oid)
FROM pg_namespace n
JOIN pg_roles r ON r.rolname = n.nspname
CROSS JOIN unnest(%(tables)s::text[]) AS t(name)
JOIN pg_class c ON c.relname = t.name AND c.relnamespace = n.oid
WHERE n.nspname = ANY (%(schemas)s)
"""


def put_right(raw: psycopg.Connection[Any], schemas: Sequence[str]) -> None:
    """Give each firm's role what the file says where it holds something else."""
    text = "".join(
        f"REVOKE ALL ON {quoted(schema)}.{quoted(table)} FROM {quoted(schema)};\n"
        + grants.for_firm_table(schema, table)
        for schema, table in wrong(raw, schemas)
    )
    if text:
        psycopg.ClientCursor(raw).execute(text.encode())


def wrong(raw: psycopg.Connection[Any], schemas: Sequence[str]) -> list[tuple[str, str]]:
    """The tables, by schema and name, on which a firm's role holds more or less than the file."""
    tables = template.tables()
    wanted = {table: _told(grants.of_firm_table(table)) for table in tables}
    return [
        (schema, table)
        for schema, table, whole, columns in raw.execute(
            HELD, {"tables": tables, "schemas": list(schemas)}
        )
        if (frozenset(whole), frozenset(columns)) != wanted[table]
    ]


def _told(rights: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Rights of the file as the catalog tells them: those to the table, and those to columns."""
    whole = {right for right in rights if "(" not in right}
    columns = {
        f"{column.strip()} {right.partition('(')[0].strip()}"
        for right in rights
        if "(" in right
        for column in right.partition("(")[2].rstrip(")").split(",")
    }
    return frozenset(whole), frozenset(columns)
