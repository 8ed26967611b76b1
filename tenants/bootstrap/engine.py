"""The engine's part of the walls: roles, schemas, and what everybody could do that nobody here may.

Written for PostgreSQL 16 and later, derived on 18. A function that runs text as SQL is a way round
a role, and the next version may bring another; so every volatile function of the engine is closed
but those listed here.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from tenants.backend.seats import SHARED_SCHEMA
from tenants.bootstrap.grants import FIRMS, SHARED_ROLES

OWNER = "bo_owner"
APP = "bo_app"
EXTENSIONS = "ext"
# No request and no step of a task may hold others up for longer; big work is cut into chunks.
PATIENCE = {
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
LOCK = 0x626F6F74  # "boot": two bootstraps on one database take turns

# Volatile functions that stay open: they make values, ask about this very session, or lock until
# the end of the transaction. Whatever else is volatile acts on the server or runs text as SQL.
OPEN = frozenset({
    "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7",
    "random", "random_normal", "setseed", "array_sample", "array_shuffle",
    "nextval", "currval", "lastval", "setval",
    "pg_advisory_xact_lock", "pg_try_advisory_xact_lock",
    "pg_advisory_xact_lock_shared", "pg_try_advisory_xact_lock_shared",
    "pg_is_in_recovery", "pg_xact_status", "txid_status", "pg_jit_available", "current_query",
    "pg_get_sequence_data", "pg_sequence_last_value",
})  # fmt: skip  # one line a reason

# Not volatile, and yet they run text as SQL, read whole schemas, or show what others do.
CLOSED = frozenset({
    "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema",
    "cursor_to_xml", "cursor_to_xmlschema",
    "table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema",
    "schema_to_xml", "schema_to_xmlschema", "schema_to_xml_and_xmlschema",
    "database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema",
    "ts_stat", "ts_rewrite", "set_config", "pg_stat_get_activity", "pg_stat_get_backend_activity",
    "pg_stat_get_backend_idset", "pg_stat_get_backend_pid",
    "pg_ls_dir", "pg_read_file", "pg_stat_file",
})  # fmt: skip  # one line a reason

DANGEROUS = """
SELECT p.oid::regprocedure::text
FROM pg_proc p
WHERE p.pronamespace = 'pg_catalog'::regnamespace
  AND p.prorettype <> ALL ('{trigger,event_trigger,internal,index_am_handler,table_am_handler,
                             tsm_handler,fdw_handler,language_handler}'::regtype[])
  AND NOT ('internal'::regtype = ANY (p.proargtypes::oid[]))
  AND ((p.provolatile = 'v' AND NOT p.proname = ANY (%(open)s)) OR p.proname = ANY (%(closed)s))
  AND EXISTS (
    SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE'
  )
ORDER BY 1
"""


def dangerous(raw: psycopg.Connection) -> list[str]:
    """The engine's functions that everybody may call and nobody should."""
    found = raw.execute(DANGEROUS, {"open": list(OPEN), "closed": list(CLOSED)})
    return [row[0] for row in found]


def make_roles(raw: psycopg.Connection, *, app_password: str, owner_password: str) -> None:
    """Make the roles, or put them right: two logins, the shared ones, the one firms belong to."""
    for role in (OWNER, APP, *SHARED_ROLES, FIRMS):
        if not raw.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            raw.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
    plain = "NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS"
    for role in (*SHARED_ROLES, FIRMS):
        raw.execute(f"ALTER ROLE {role} NOLOGIN NOINHERIT NOCREATEROLE {plain}")
    # The owner makes roles for new firms; the app's login may do nothing until it takes a role.
    for role, rights, password in (
        (OWNER, f"LOGIN INHERIT CREATEROLE {plain}", owner_password),
        (APP, f"LOGIN NOINHERIT NOCREATEROLE {plain}", app_password),
    ):
        raw.execute(
            sql.SQL("ALTER ROLE {} {} PASSWORD {}").format(
                sql.Identifier(role),
                sql.SQL(rights),
                sql.Literal(password),
            )
        )
        raw.execute(f"ALTER ROLE {role} SET timezone = 'UTC'")
        raw.execute(f"ALTER ROLE {role} SET search_path = ''")
    for setting, value in PATIENCE.items():
        raw.execute(f"ALTER ROLE {APP} SET {setting} = '{value}'")
    for role in SHARED_ROLES:
        raw.execute(f"GRANT {role} TO {APP} WITH INHERIT FALSE, SET TRUE")
    raw.execute(f"GRANT {FIRMS} TO {OWNER} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")


def make_database(raw: psycopg.Connection) -> None:
    """Close the database to all but the two logins; make the schemas of shared and extensions."""
    name = sql.Identifier(raw.info.dbname)
    for statement in (
        # No CONNECT, and no TEMP: a temporary table would shadow a real one.
        "REVOKE ALL ON DATABASE {} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {{}} TO {APP}",
        f"GRANT CONNECT, CREATE ON DATABASE {{}} TO {OWNER}",
    ):
        raw.execute(sql.SQL(statement).format(name))
    raw.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    raw.execute(f"CREATE SCHEMA IF NOT EXISTS {SHARED_SCHEMA} AUTHORIZATION {OWNER}")
    raw.execute(f"CREATE SCHEMA IF NOT EXISTS {EXTENSIONS}")
    raw.execute(f"GRANT USAGE ON SCHEMA {EXTENSIONS} TO {OWNER}")
    raw.execute(f"CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA {EXTENSIONS}")
    raw.execute(f"REVOKE ALL ON SCHEMA {SHARED_SCHEMA} FROM PUBLIC")


def harden(raw: psycopg.Connection) -> None:
    """Take from everybody what lets a statement change role, stall the server or signal others."""
    for function in dangerous(raw):
        raw.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
    # Migrations and dumps set their path; no request and no task runs as the owner.
    raw.execute(f"GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO {OWNER}")
    raw.execute("REVOKE UPDATE ON pg_catalog.pg_settings FROM PUBLIC")
    raw.execute("REVOKE USAGE ON LANGUAGE plpgsql, sql FROM PUBLIC")
    raw.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC")
