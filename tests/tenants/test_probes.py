"""What can somebody do who gets a text of his own into a statement of one firm? Nothing beyond it.

The statements run as the product would run them: in a firm's transaction, through Django's cursor.
"""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import Error

from tenants import tenancy
from tenants.bootstrap import engine, probes
from tests.tenants.conftest import below

# {other} is the neighbour's schema, which is also its role. 2 is what only its rows hold.
INJECTED = {
    "another schema by name": 'SELECT last FROM "{other}".kernel_counter',
    "stacked statements": "SELECT 1; SET ROLE {other}; SELECT last FROM {other}.kernel_counter",
    "stacked statements after a reset": "RESET ROLE; SET ROLE {other}; SELECT 2",
    "set_config and a query as XML": (
        "SELECT set_config('role', '{other}', false),"
        " query_to_xml('select last from {other}.kernel_counter', true, false, '')"
    ),
    "set_config alone": "SELECT set_config('role', '{other}', true)",
    "set_config for the path": "SELECT set_config('search_path', '{other}', true)",
    "a query as XML": "SELECT query_to_xml('set role {other}', true, false, '')",
    "a table as XML": "SELECT table_to_xml('{other}.kernel_counter', true, false, '')",
    "a schema as XML": "SELECT schema_to_xml('{other}', true, false, '')",
    "a cursor as XML": "SELECT cursor_to_xml('c', 1, true, false, '')",
    "the database as XML": "SELECT database_to_xml(true, false, '')",
    "word statistics": "SELECT * FROM ts_stat('select last from {other}.kernel_counter')",
    "a rewritten search": "SELECT ts_rewrite('a'::tsquery, 'select ''a''::tsquery')",
    "settings by update": "UPDATE pg_settings SET setting = '{other}' WHERE name = 'role'",
    "a block of plpgsql": "DO $$ BEGIN EXECUTE 'SET ROLE {other}'; END $$",
    "a function in SQL": "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a function in plpgsql": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'"
    ),
    "a table": "CREATE TABLE mine AS SELECT 1",
    "a temporary table": "CREATE TEMP TABLE kernel_counter (name text)",
    "a table in public": "CREATE TABLE public.mine (n int)",
    "a view": "CREATE VIEW mine AS SELECT 1",
    "a program": "COPY kernel_counter FROM PROGRAM 'id'",
    "a file of the server": "SELECT pg_read_file('/etc/passwd')",
    "a folder of the server": "SELECT pg_ls_dir('/')",
    "a large object": "SELECT lo_from_bytea(0, 'x')",
    "a large object from a file": "SELECT lo_import('/etc/passwd')",
    "a word to others": "SELECT pg_notify('c', 'x')",
    "a long sleep": "SELECT pg_sleep(0)",
    "a lock that outlives the transaction": "SELECT pg_advisory_lock(1)",
    "cancelling others": "SELECT pg_cancel_backend(1)",
    "ending others": "SELECT pg_terminate_backend(1)",
    "what others do": "SELECT query FROM pg_stat_activity",
    "what others lock": "SELECT * FROM pg_locks",
    "an exported snapshot": "SELECT pg_export_snapshot()",
    "words into the journal": "SELECT pg_logical_emit_message(true, 'a', 'b')",
    "passwords": "SELECT passwd FROM pg_shadow",
    "roles with passwords": "SELECT rolpassword FROM pg_authid",
    "a new role": "CREATE ROLE mine",
    "a grant to oneself": "GRANT {other} TO CURRENT_USER",
    "the owner's role": "SET ROLE bo_owner",
    "a session of the owner": "SET SESSION AUTHORIZATION bo_owner",
    "the registry of all": "UPDATE pub.agencies_firm SET name = 'mine'",
    "people": "SELECT * FROM pub.access_person",
    "sessions": "SELECT * FROM pub.access_session",
    "an extension": "CREATE EXTENSION dblink",
    "the migrations": "DELETE FROM django_migrations",
}


@pytest.mark.parametrize("text", INJECTED.values(), ids=INJECTED.keys())
def test_an_injected_statement_is_denied(twins, text):
    statement = text.format(other=twins["other_agency"].schema)
    with pytest.raises(Error) as denied, tenancy.firm(twins["agency"].ref):
        connection.cursor().execute(statement)
    assert isinstance(
        denied.value.__cause__,
        psycopg.errors.InsufficientPrivilege
        | psycopg.errors.SyntaxError  # several statements in one call
        | psycopg.errors.InvalidSchemaName
        | psycopg.errors.UndefinedFile,
    ), denied.value


def test_stacked_statements_are_refused_with_parameters_and_without(twins):
    for parameters in (None, [], [1]):
        text = "SELECT 1; SELECT 2" if not parameters else "SELECT %s; SELECT 2"
        with pytest.raises(Error, match="multiple commands"), tenancy.firm(twins["agency"].ref):
            connection.cursor().execute(text, parameters)


def test_a_named_cursor_takes_one_statement(twins):
    with (
        pytest.raises(Error, match=r"syntax error|multiple commands"),
        tenancy.firm(twins["agency"].ref),
        connection.chunked_cursor() as cursor,
    ):
        cursor.execute("SELECT 1; SELECT 2")


def test_copy_goes_into_ones_own_table_and_no_other(twins):
    """Writing in bulk works behind the same walls."""
    with tenancy.firm(twins["agency"].ref):
        with connection.cursor().copy("COPY kernel_counter (name, last) FROM STDIN") as copy:
            copy.write_row(("by copy", 7))
        with connection.cursor() as cursor:
            cursor.execute("SELECT last FROM kernel_counter WHERE name = 'by copy'")
            assert cursor.fetchone() == (7,)
    theirs = f'COPY "{twins["other_agency"].schema}".kernel_counter (name, last) FROM STDIN'
    denied = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with denied, tenancy.firm(twins["agency"].ref), connection.cursor().copy(theirs):
        pass


def test_one_sees_who_else_is_there_only_by_opaque_names(twins):
    """The catalog cannot be hidden; so the names in it say nothing."""
    with tenancy.firm(twins["agency"].ref), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")
        names = {row[0] for row in cursor}
    assert names >= {twins["other_agency"].schema}
    assert all(name[2:].isalnum() and len(name) == 18 for name in names)


# --- final rows --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table",
    ["kernel_event", "kernel_feed", "kernel_document", "ledger_entry", "ledger_posting",
     "charges_charge", "payroll_paymentfile", "collections_allocation", "funding_settlement"],
)  # fmt: skip  # a list of words
@pytest.mark.parametrize("deed", ["UPDATE {0} SET id = id", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_what_is_final_is_neither_changed_nor_deleted(twins, table, deed):
    statement = deed.format(table).replace(
        "SET id = id", "SET seq = seq" if "feed" in table else "SET id = id"
    )
    with pytest.raises(Error, match="permission denied"), tenancy.firm(twins["agency"].ref):
        connection.cursor().execute(statement)


def test_where_somebody_is_paid_is_never_edited(twins):
    with pytest.raises(Error, match="permission denied"), tenancy.firm(twins["agency"].ref):
        connection.cursor().execute("UPDATE directory_bankaccount SET account_last = '0000'")


# --- the walls are pushed at every start -------------------------------------------------------


def test_all_walls_stand(committed):
    assert probes.missing() == []
    probes.require_walls()


@pytest.mark.parametrize(
    ("breach", "repair", "said"),
    [
        (
            "GRANT EXECUTE ON FUNCTION query_to_xml(text, boolean, boolean, text) TO PUBLIC",
            "REVOKE EXECUTE ON FUNCTION query_to_xml(text, boolean, boolean, text) FROM PUBLIC",
            "query_to_xml",
        ),
        (
            "GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO PUBLIC",
            "REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM PUBLIC",
            "changed its own role",
        ),
        (
            "GRANT UPDATE ON pg_settings TO PUBLIC",
            "REVOKE UPDATE ON pg_settings FROM PUBLIC",
            "pg_settings",
        ),
        (
            "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC",
            "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC",
            "plpgsql",
        ),
        (
            "GRANT USAGE ON SCHEMA public TO PUBLIC",
            "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
            "public",
        ),
        ("GRANT USAGE ON SCHEMA pub TO bo_app", "REVOKE USAGE ON SCHEMA pub FROM bo_app", "idle"),
        (
            "ALTER TABLE pub.agencies_firm DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE pub.agencies_firm ENABLE ROW LEVEL SECURITY",
            "agencies_firm",
        ),
        (
            "GRANT SELECT ON pub.access_person TO bo_firm",
            "REVOKE SELECT ON pub.access_person FROM bo_firm",
            "access_person",
        ),
        ("CREATE TABLE pub.ledger_entry ()", "DROP TABLE pub.ledger_entry", "ledger_entry"),
    ],
)
def test_a_wall_that_is_missing_is_told(superuser, breach, repair, said):
    superuser.execute(breach)
    try:
        found = probes.missing()
        assert any(said in sentence for sentence in found), found
        with pytest.raises(probes.WallMissing):
            probes.require_walls()
    finally:
        superuser.execute(repair)
    assert probes.missing() == []


def test_hardening_again_changes_nothing(superuser):
    assert engine.dangerous(superuser) == []
    engine.harden(superuser)
    engine.make_database(superuser)
    assert probes.missing() == []


def test_the_service_login_has_no_function_that_changes_settings(committed):
    with below() as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute("SELECT set_config('timezone', 'Europe/London', false)")


def test_a_probe_leaves_the_connection_as_it_was(committed):
    probes.require_walls()
    assert not tenancy.is_open()
    assert not connection.in_atomic_block
    with tenancy.shared(), transaction.atomic():
        pass
