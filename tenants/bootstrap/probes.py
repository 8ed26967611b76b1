"""Probes: each wall is pushed at start, with the service's login; without one nothing starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.utils import Error
from psycopg import errors

from tenants.agencies import template
from tenants.backend.errors import NotInTransaction, NotSeated
from tenants.backend.seats import SHARED, SHARED_SCHEMA
from tenants.bootstrap import connections, engine, grants


class WallMissing(RuntimeError):
    """A wall does not stand; the service must not start."""


def require_walls() -> None:
    """Push every wall; raises WallMissing with a sentence for each that gave way."""
    found = missing()
    if found:
        raise WallMissing("The service does not start, for a wall is missing: " + " ".join(found))


def missing() -> list[str]:
    """The walls that gave way, a sentence each; empty when all stand."""
    with psycopg.connect(**connections.parameters(DEFAULT_DB_ALIAS)) as raw:
        found = [sentence for probe in IDLE for sentence in probe(raw)]
    return found + [sentence for probe in SEATED for sentence in probe()]


def _login(raw: psycopg.Connection) -> list[str]:
    row = raw.execute(
        "SELECT rolsuper OR rolinherit OR rolcreaterole OR rolcreatedb OR rolbypassrls"
        " OR rolreplication,"
        " EXISTS (SELECT 1 FROM pg_class WHERE relowner = r.oid),"
        " pg_has_role(current_user, 'bo_owner', 'MEMBER'), current_setting('search_path')"
        " FROM pg_roles r WHERE rolname = current_user"
    ).fetchone()
    if row is None:
        return ["The login is unknown to the server."]
    said = (
        (row[0], "The login of the service has rights of its own."),
        (row[1], "The login of the service owns tables."),
        (row[2], "The login of the service may become the owner."),
        (row[3] not in ("", '""'), "The login of the service has a search path."),
    )
    return [sentence for is_wrong, sentence in said if is_wrong]


def _reach(raw: psycopg.Connection) -> list[str]:
    row = raw.execute(
        "SELECT array(SELECT nspname::text FROM pg_namespace"
        "   WHERE nspname NOT LIKE 'pg\\_%%' AND nspname <> 'information_schema'"
        "   AND has_schema_privilege(current_user, oid, 'USAGE')),"
        " has_database_privilege('public', current_database(), 'TEMP'),"
        " has_schema_privilege('public', 'public', 'USAGE'),"
        " array(SELECT lanname::text FROM pg_language WHERE lanname IN ('plpgsql', 'sql')"
        "   AND has_language_privilege('public', oid, 'USAGE')),"
        " has_table_privilege('public', 'pg_catalog.pg_settings', 'UPDATE')"
    ).fetchone()
    assert row is not None  # noqa: S101  # a SELECT of expressions answers one row
    said = (
        (row[0], f"An idle connection sees into {', '.join(row[0])}."),
        (row[1], "Everybody may make temporary tables."),
        (row[2], "Everybody may use the schema public."),
        (row[3], f"Everybody may write functions in {', '.join(row[3])}."),
        (row[4], "Everybody may change settings through pg_settings."),
    )
    return [sentence for is_wrong, sentence in said if is_wrong]


def _functions(raw: psycopg.Connection) -> list[str]:
    open_ = engine.dangerous(raw)
    return [f"Everybody may call {', '.join(open_)}."] if open_ else []


def _shared_rows(raw: psycopg.Connection) -> list[str]:
    """What firms may read of the shared schema shows each its own rows alone, whoever asks."""
    rows = raw.execute(
        "SELECT c.relname::text, c.relrowsecurity AND c.relforcerowsecurity"
        " AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own')"
        " FROM pg_class c WHERE c.relnamespace = %s::regnamespace"
        " AND c.relkind IN ('r', 'p', 'v', 'm')"
        " AND (has_any_column_privilege(%s, c.oid, 'SELECT')"
        "   OR has_any_column_privilege(%s, c.oid, 'INSERT')"
        "   OR has_any_column_privilege(%s, c.oid, 'UPDATE'))",
        [SHARED_SCHEMA, *[grants.FIRMS] * 3],
    ).fetchall()
    return [f"Firms see each other's rows of {name}." for name, is_walled in rows if not is_walled]


def _names(raw: psycopg.Connection) -> list[str]:
    """No table name is both shared and a firm's, so a name never falls through to the other."""
    shared = raw.execute(
        "SELECT relname::text FROM pg_class"
        " WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p', 'v')",
        [SHARED_SCHEMA],
    )
    both = sorted({row[0] for row in shared} & set(template.tables()))
    return [f"Both a firm and the shared schema have {', '.join(both)}."] if both else []


def _firm_roles(raw: psycopg.Connection) -> list[str]:
    """A firm's role may not log in, owns nothing, and belongs to nothing but the firms' group."""
    rows = raw.execute(
        "SELECT r.rolname::text FROM pg_roles r"
        " WHERE r.rolname IN (SELECT nspname FROM pg_namespace) AND ("
        " r.rolcanlogin OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb"
        " OR EXISTS (SELECT 1 FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
        "            WHERE m.member = r.oid AND g.rolname <> %s)"
        " OR EXISTS (SELECT 1 FROM pg_namespace n WHERE n.nspowner = r.oid)"
        " OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid))",
        [grants.FIRMS],
    ).fetchall()
    return [f"The role of {name} may do more than work in its own books." for (name,) in rows]


IDLE: tuple[Callable[[Any], list[str]], ...] = (
    _login, _reach, _functions, _shared_rows, _names, _firm_roles,
)  # fmt: skip  # one line


def _refuses_without_firm() -> list[str]:
    try:
        with transaction.atomic():
            connection.cursor().execute("SELECT 1")
    except NotSeated:
        return []
    return ["A statement ran without a firm."]


def _refuses_without_transaction() -> list[str]:
    try:
        with _wrapper().seated(SHARED):
            connection.cursor().execute("SELECT 1")
    except NotInTransaction:
        return []
    return ["A statement ran without a transaction."]


def _refuses_two_statements() -> list[str]:
    return _refused("SELECT 1; SELECT 2", errors.SyntaxError, "Two statements ran in one call.")


def _refuses_another_role() -> list[str]:
    return _refused(
        "SELECT set_config('role', 'bo_auth', true)",
        errors.InsufficientPrivilege,
        "A statement changed its own role.",
    )


def _refused(statement: str, cause: type[BaseException], otherwise: str) -> list[str]:
    try:
        with _wrapper().seated(SHARED), transaction.atomic():
            connection.cursor().execute(statement)
    except Error as error:
        if isinstance(error.__cause__, cause):
            return []
        raise
    return [otherwise]


def _wrapper() -> Any:
    return connection


SEATED: tuple[Callable[[], list[str]], ...] = (
    _refuses_without_firm,
    _refuses_without_transaction,
    _refuses_two_statements,
    _refuses_another_role,
)
