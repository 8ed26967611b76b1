"""Grants: the data file read into statements, for a firm's schema and for the shared one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from tenants.backend.seats import SHARED_SCHEMA, quoted

FILE = Path(__file__).with_name("grants.toml")
FIRMS = "bo_firm"  # every firm's role is a member; what firms may read in pub is granted to it
SHARED_ROLES = ("bo_shared", "bo_auth", "bo_report")
_IN_SHARED = ", ".join((*SHARED_ROLES, FIRMS))
READ_AND_ADD = ("select", "insert")


@dataclass(frozen=True, slots=True)
class SharedTable:
    """What each role may do to one shared table, and which rows are a firm's own."""

    rights: Mapping[str, tuple[str, ...]]
    own: str = ""


@cache
def _read() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text())


def of_firm_table(table: str) -> tuple[str, ...]:
    """What a firm's role may do to one of its own tables."""
    return (*READ_AND_ADD, *_read()["firm"].get(table, ()))


def of_shared_table(table: str) -> SharedTable:
    """What the roles may do to one shared table; the exact name stands above a pattern."""
    listed: Mapping[str, Any] = _read()["shared"]
    found = listed.get(table)
    if found is None:
        found = next((listed[name] for name in listed if fnmatchcase(table, name)), None)
    if found is None:
        return SharedTable({"bo_shared": READ_AND_ADD})
    rights = {role: tuple(found[role]) for role in SHARED_ROLES if found.get(role)}
    if found.get("firm"):
        rights[FIRMS] = tuple(found["firm"])
    return SharedTable(rights, found.get("own", ""))


def listed_firm_tables() -> frozenset[str]:
    """The firm tables that the file names, so that a test can refuse a name that no table has."""
    return frozenset(_read()["firm"])


def columns(rights: Iterable[str]) -> frozenset[str]:
    """The columns that rights name one by one."""
    named = (right.partition("(")[2].rstrip(")") for right in rights if "(" in right)
    return frozenset(column.strip() for names in named for column in names.split(","))


def for_firm(schema: str, tables: Iterable[str]) -> str:
    """The statements that give one firm's role its rights in its own schema, and nothing else."""
    where, role = quoted(schema), quoted(schema)
    names = sorted(tables)
    # Named one by one: to find "all tables" of a schema, the server reads those of every firm.
    every = ", ".join(f"{where}.{quoted(table)}" for table in names)
    reading = f"GRANT USAGE ON SCHEMA {where} TO {role};\n"
    more = "".join(_more(schema, table) for table in names)
    return f"{reading}GRANT {', '.join(READ_AND_ADD)} ON {every} TO {role};\n{more}"


def for_firm_table(schema: str, table: str) -> str:
    """The statements that give one firm's role its rights to one of its tables."""
    where, role = f"{quoted(schema)}.{quoted(table)}", quoted(schema)
    return "".join(f"GRANT {right} ON {where} TO {role};\n" for right in of_firm_table(table))


def _more(schema: str, table: str) -> str:
    where, role = f"{quoted(schema)}.{quoted(table)}", quoted(schema)
    rights = of_firm_table(table)[len(READ_AND_ADD) :]
    return "".join(f"GRANT {right} ON {where} TO {role};\n" for right in rights)


def for_shared() -> str:
    """The statements that let the shared roles and the firms into the shared schema."""
    pub = quoted(SHARED_SCHEMA)
    return (
        f"GRANT USAGE ON SCHEMA {pub} TO {_IN_SHARED};\n"
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {pub} TO bo_shared, bo_auth;\n"
    )


def for_shared_table(table: str) -> str:
    """The statements that give the roles what they may do to one shared table, and no more."""
    name, wanted = f"{quoted(SHARED_SCHEMA)}.{quoted(table)}", of_shared_table(table)
    lines = [f"REVOKE ALL ON {name} FROM {_IN_SHARED};"]
    lines += [
        f"GRANT {', '.join(rights)} ON {name} TO {role};" for role, rights in wanted.rights.items()
    ]
    lines += [f"DROP POLICY IF EXISTS {policy} ON {name};" for policy in ("own", "several")]
    return "\n".join([*lines, *_rows(name, wanted.own)])


def _rows(name: str, own: str) -> list[str]:
    if not own:
        return [f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;"]
    others = ", ".join((*SHARED_ROLES, "bo_owner"))
    return [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;",
        f"CREATE POLICY own ON {name} TO {FIRMS} USING ({own}) WITH CHECK ({own});",
        f"CREATE POLICY several ON {name} TO {others} USING (true) WITH CHECK (true);",
    ]
