"""Does the server's catalog say what grants.toml says, table by table and right by right?"""

from __future__ import annotations

import pytest
from django.apps import apps

from tenants.agencies import template
from tenants.bootstrap import grants

RIGHTS = ("select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain")


def table_rights(superuser, schema: str, role: str) -> set[tuple[str, str]]:
    """What a role may do to whole tables of a schema, by itself or by what it belongs to."""
    rows = superuser.execute(
        "SELECT c.relname::text, p.verb FROM pg_class c, unnest(%s::text[]) AS p(verb)"
        " WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')"
        " AND has_table_privilege(%s, c.oid, p.verb)",
        [list(RIGHTS), schema, role],
    )
    return {(table, right) for table, right in rows}


def column_rights(superuser, schema: str, role: str) -> set[tuple[str, str]]:
    """Which columns a role may change one by one."""
    rows = superuser.execute(
        "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a"
        "   ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p')"
        " AND has_column_privilege(%s, c.oid, a.attnum, 'update')"
        " AND NOT has_table_privilege(%s, c.oid, 'update')",
        [schema, role, role],
    )
    return {(table, column) for table, column in rows}


def split(table: str, wanted: tuple[str, ...]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The rights to a table in the file, as whole rights and as columns."""
    whole = {(table, right) for right in wanted if "(" not in right}
    columns = {(table, column) for column in grants.columns(wanted)}
    return whole, columns


def test_the_file_names_tables_and_columns_that_exist():
    """Needs no server: the models know."""
    known = {
        model._meta.db_table: {field.column for field in model._meta.local_concrete_fields}
        for model in apps.get_models(include_auto_created=True)
    }
    listed = grants.listed_firm_tables()
    assert listed <= set(template.tables())
    unknown = {
        table: grants.columns(grants.of_firm_table(table)) - known[table] for table in listed
    }
    assert {table: columns for table, columns in unknown.items() if columns} == {}


def test_a_key_without_a_constraint_points_to_what_no_role_may_take_away():
    """Lines written by the thousand skip the server's look at a parent that stays for ever: the
    rights hold what a constraint would.
    """
    loose = [
        field
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if field.is_relation and not getattr(field, "db_constraint", True)
    ]
    assert loose
    for field in loose:
        parent = field.related_model
        assert parent is not None
        table, key = parent._meta.db_table, parent._meta.pk.column
        wanted = grants.of_firm_table(table)
        assert not {"update", "delete"} & set(wanted), f"{field} needs its constraint"
        assert (table, key) not in split(table, wanted)[1], f"{field} needs its constraint"


def test_every_constraint_and_index_that_a_model_declares_stands_in_a_firms_schema(
    committed, places, superuser
):
    """A declaration that no migration carried out would hold nothing."""
    standing = superuser.execute(
        "SELECT conname FROM pg_constraint WHERE connamespace = %(schema)s::text::regnamespace"
        " UNION SELECT indexname FROM pg_indexes WHERE schemaname = %(schema)s::text",
        {"schema": places["agency"].schema},
    ).fetchall()
    declared = {
        named.name
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in template.tables()
        for named in (*model._meta.constraints, *model._meta.indexes)
    }
    assert declared
    assert declared - {name for (name,) in standing} == set()


def test_a_firms_role_may_do_what_the_file_says_and_no_more(committed, places, superuser):
    schema = places["agency"].schema
    whole: set[tuple[str, str]] = set()
    columns: set[tuple[str, str]] = set()
    for table in template.tables():
        more, fewer = split(table, grants.of_firm_table(table))
        whole, columns = whole | more, columns | fewer
    assert table_rights(superuser, schema, places["agency"].role) == whole
    assert column_rights(superuser, schema, places["agency"].role) == columns


@pytest.mark.parametrize("role", [*grants.SHARED_ROLES, grants.FIRMS])
def test_a_shared_role_may_do_what_the_file_says_and_no_more(committed, superuser, role):
    whole: set[tuple[str, str]] = set()
    columns: set[tuple[str, str]] = set()
    tables = superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'pub'")
    for (table,) in tables.fetchall():
        more, fewer = split(table, tuple(grants.of_shared_table(table).rights.get(role, ())))
        whole, columns = whole | more, columns | fewer
    assert table_rights(superuser, "pub", role) == whole
    assert column_rights(superuser, "pub", role) == columns


def test_no_role_but_its_own_reaches_a_firms_books(committed, places, superuser):
    own = {place.schema: place.role for place in places.values()}
    rows = superuser.execute(
        "SELECT n.nspname::text, r.rolname::text FROM pg_namespace n, pg_roles r"
        " WHERE n.nspname = ANY (%s) AND NOT r.rolsuper AND r.rolname !~ '^pg_'"
        " AND has_schema_privilege(r.oid, n.oid, 'USAGE')",
        [list(own)],
    ).fetchall()
    reaching = {(schema, role) for schema, role in rows if role != "bo_owner"}
    assert reaching == set(own.items())


def test_no_firms_table_names_a_firm_or_a_type_of_content(committed, places, superuser):
    """A schema is one firm's whole set of books; what is in it need not say whose it is."""
    rows = superuser.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s"
        " AND column_name ~ '^(agency|tenant|firm|schema|content_type)(_id|_name)?$'",
        [places["agency"].schema],
    ).fetchall()
    assert rows == []


def test_no_table_is_both_shared_and_a_firms(committed, superuser):
    shared = {
        row[0]
        for row in superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'pub'")
    }
    assert shared & set(template.tables()) == set()


def test_public_is_empty(committed, superuser):
    rows = superuser.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    )
    assert rows.fetchall() == []


def test_no_table_has_a_trigger_of_ours(committed, superuser):
    """Sharding by schema refuses row triggers; what must hold is held by constraints and grants."""
    rows = superuser.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").fetchall()
    assert rows == []
