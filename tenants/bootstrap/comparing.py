"""Comparing: whether every firm's schema is what the template makes, by the server's own catalog.

The template's schema is made and undone in one transaction, so nothing is left of it; its columns,
constraints and indexes are then held against those of each firm, and its rights against the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from tenants.agencies import template
from tenants.backend.seats import quoted
from tenants.bootstrap import connections as own
from tenants.bootstrap import rights

SCRATCH = "t_compared"
Thing = tuple[str, str]  # its kind, and its name with its table's in front
Catalog = Mapping[Thing, str]
Owner = psycopg.Connection[Any]

# By the tables' names: a scan of the catalog for one schema would read those of all firms. What is
# NOT NULL stands with its column; the server names such a constraint as the column was once called.
ASKED = """
WITH held AS (
  SELECT c.oid, c.relname::text AS name, pg_get_userbyid(c.relowner)::text AS owner,
    array_to_string(array(
      SELECT DISTINCT coalesce(pg_get_userbyid(nullif(a.grantee, 0)), 'everybody')
      FROM aclexplode(c.relacl) a
      WHERE a.grantee <> c.relowner AND a.grantee <> coalesce(to_regrole(%(role)s)::oid, 0)
    ), ', ') AS others
  FROM unnest(%(tables)s::text[]) AS t(name)
  JOIN pg_class c ON c.relname = t.name AND c.relnamespace = %(schema)s::regnamespace
)
SELECT 'table', name, concat_ws(', open to ', 'owned by ' || owner, nullif(others, ''))
FROM held
UNION ALL
SELECT 'column', held.name || '.' || a.attname,
  concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
    CASE a.attidentity WHEN 'd' THEN 'identity' WHEN 'a' THEN 'identity always' END,
    CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END,
    'default ' || pg_get_expr(d.adbin, d.adrelid))
FROM held JOIN pg_attribute a ON a.attrelid = held.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
UNION ALL
SELECT 'constraint', held.name || '.' || k.conname, pg_get_constraintdef(k.oid)
FROM held JOIN pg_constraint k ON k.conrelid = held.oid AND k.contype <> 'n'
UNION ALL
SELECT 'index', held.name || '.' || i.indexrelid::regclass::text,
  concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'invalid' END)
FROM held JOIN pg_index i ON i.indrelid = held.oid
UNION ALL
SELECT 'trigger', held.name || '.' || g.tgname, 'fires'
FROM held JOIN pg_trigger g ON g.tgrelid = held.oid AND NOT g.tgisinternal
"""
RELATIONS = """
SELECT n.nspname::text, c.relname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT c.relname = ANY (%(tables)s) ORDER BY 1, 2
"""
REACHING = """
SELECT n.nspname::text, array(
  SELECT coalesce(pg_get_userbyid(nullif(a.grantee, 0)), 'everybody') || ' ' || a.privilege_type
  FROM aclexplode(n.nspacl) a WHERE a.grantee <> n.nspowner ORDER BY 1)
FROM pg_namespace n WHERE n.nspname = ANY (%(schemas)s)
"""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing that is not as the template makes it; empty where it is not there at all."""

    schema: str
    kind: str
    name: str
    here: str
    template: str


def differences() -> list[Difference]:
    """What differs in any firm's schema from what the template makes."""
    with own.long_owner(lock_timeout="5s") as raw:
        releases = dict(raw.execute("SELECT schema, release FROM pub.agencies_firm").fetchall())
        found = list(_registry(raw, releases))
        behind = {schema for schema, one in releases.items() if one not in ("", template.release())}
        present = sorted(
            releases.keys()
            - behind
            - {schema for schema, one in releases.items() if not one}
            - {one.schema for one in found}
        )
        found += [
            Difference(schema, "release", "", releases[schema][:12], template.release()[:12])
            for schema in behind
        ]
        wanted = _of_template(raw)
        for schema in present:
            found += _compared(schema, _of(raw, schema), wanted)
        found += _rights(raw, present)
        return sorted(found)


def table(found: Iterable[Difference]) -> str:
    """Differences as a person reads them."""
    rows = [("schema", "what", "name", "here", "template")]
    rows += [
        (one.schema, one.kind, one.name, one.here or "-", one.template or "-") for one in found
    ]
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    return "".join(
        "  ".join((*(cell.ljust(widths[n]) for n, cell in enumerate(row[:4])), row[4])).rstrip()
        + "\n"
        for row in rows
    )


def _registry(raw: Owner, releases: Mapping[str, str]) -> Iterator[Difference]:
    """Schemas that the registry does not know, and firms without the schema they should have."""
    rows = raw.execute(r"SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 't\_%'")
    standing = {row[0] for row in rows}
    for schema in standing - releases.keys():
        yield Difference(schema, "schema", schema, "not registered", "")
    for schema in {name for name, release in releases.items() if release} - standing:
        yield Difference(schema, "schema", schema, "", "registered")


def _of_template(raw: Owner) -> Catalog:
    """What the template makes, in a schema that is gone again."""
    with raw.transaction(force_rollback=True):
        text = f"CREATE SCHEMA {SCRATCH}; SET LOCAL search_path = {SCRATCH};\n{template.text()}"
        psycopg.ClientCursor(raw).execute(text.encode())
        return _read(raw, SCRATCH)


def _of(raw: Owner, schema: str) -> Catalog:
    with raw.transaction():
        raw.execute(f"SET LOCAL search_path = {quoted(schema)}")
        return _read(raw, schema)


def _read(raw: Owner, schema: str) -> Catalog:
    tables = template.tables()
    rows = raw.execute(ASKED, {"schema": schema, "role": quoted(schema), "tables": tables})
    # The path leads here, so most names come without the schema's; an index is told with it.
    return {(kind, name): told.replace(f"{schema}.", "") for kind, name, told in rows}


def _compared(schema: str, here: Catalog, wanted: Catalog) -> list[Difference]:
    return [
        Difference(schema, *thing, here.get(thing, ""), wanted.get(thing, ""))
        for thing in here.keys() | wanted.keys()
        if here.get(thing) != wanted.get(thing)
    ]


def _rights(raw: Owner, schemas: list[str]) -> Iterator[Difference]:
    """Who may enter each schema, tables that are too many, and rights that are not the file's."""
    tables = template.tables()
    for schema, name in raw.execute(RELATIONS, {"schemas": schemas, "tables": tables}):
        yield Difference(schema, "table", name, "is there", "")
    for schema, held in raw.execute(REACHING, {"schemas": schemas}):
        told = ", ".join(held)
        if told != f"{schema} USAGE":
            yield Difference(schema, "schema", schema, told, f"{schema} USAGE")
    for schema, name in rights.wrong(raw, schemas):
        yield Difference(schema, "rights", name, "other", "as in grants.toml")
