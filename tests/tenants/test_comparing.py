"""Is a schema found that is not what the template makes, whatever was done to it?"""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from tenants.bootstrap import comparing

# What was done to the schema and to its role, and the one difference by kind and name.
DEEDS = {
    "a column more": (
        "ALTER TABLE {s}.desk_trouble ADD extra integer",
        "ALTER TABLE {s}.desk_trouble DROP extra",
        ("column", "desk_trouble.extra"),
    ),
    "a column that may be empty": (
        "ALTER TABLE {s}.kernel_counter ALTER last DROP NOT NULL",
        "ALTER TABLE {s}.kernel_counter ALTER last SET NOT NULL",
        ("column", "kernel_counter.last"),
    ),
    "a column of another type": (
        "ALTER TABLE {s}.onboarding_requirement ALTER over_months TYPE bigint",
        "ALTER TABLE {s}.onboarding_requirement ALTER over_months TYPE smallint",
        ("column", "onboarding_requirement.over_months"),
    ),
    "a constraint more": (
        "ALTER TABLE {s}.kernel_counter ADD CONSTRAINT odd CHECK (last < 1000000)",
        "ALTER TABLE {s}.kernel_counter DROP CONSTRAINT odd",
        ("constraint", "kernel_counter.odd"),
    ),
    "an index more": (
        "CREATE INDEX odd ON {s}.kernel_counter (last)",
        "DROP INDEX {s}.odd",
        ("index", "kernel_counter.odd"),
    ),
    "a table more": (
        "CREATE TABLE {s}.odd (id integer)",
        "DROP TABLE {s}.odd",
        ("table", "odd"),
    ),
    "a right more": (
        "GRANT DELETE ON {s}.ledger_entry TO {s}",
        "REVOKE DELETE ON {s}.ledger_entry FROM {s}",
        ("rights", "ledger_entry"),
    ),
    "a right on one column more": (
        "GRANT UPDATE (amount) ON {s}.ledger_entry TO {s}",
        "REVOKE UPDATE (amount) ON {s}.ledger_entry FROM {s}",
        ("rights", "ledger_entry"),
    ),
    "a right of somebody else's": (
        "GRANT SELECT ON {s}.ledger_entry TO bo_shared",
        "REVOKE SELECT ON {s}.ledger_entry FROM bo_shared",
        ("table", "ledger_entry"),
    ),
    "another role that may enter": (
        "GRANT USAGE ON SCHEMA {s} TO bo_shared",
        "REVOKE USAGE ON SCHEMA {s} FROM bo_shared",
        ("schema", "{s}"),
    ),
    "another owner": (
        "ALTER TABLE {s}.kernel_counter OWNER TO bo_super",
        "ALTER TABLE {s}.kernel_counter OWNER TO bo_owner",
        ("table", "kernel_counter"),
    ),
    "an older release": (
        "UPDATE pub.agencies_firm SET release = reverse(release) WHERE schema = '{s}'",
        "UPDATE pub.agencies_firm SET release = reverse(release) WHERE schema = '{s}'",
        ("release", ""),
    ),
    "a schema that nobody registered": (
        "CREATE SCHEMA t_nobodys",
        "DROP SCHEMA t_nobodys",
        ("schema", "t_nobodys"),
    ),
}


def test_what_the_template_made_differs_in_nothing(twins, capsys):
    assert comparing.differences() == []
    call_command("compare")
    assert capsys.readouterr().out == "Every schema is what the template makes.\n"


@pytest.mark.parametrize("deed", DEEDS, ids=str)
def test_one_altered_schema_among_all_is_found(twins, superuser, capsys, deed):
    schema = twins["agency"].schema
    done, undone, (kind, name) = DEEDS[deed]
    superuser.execute(done.format(s=schema))
    try:
        (found,) = comparing.differences()
        with pytest.raises(CommandError, match="1 differences") as refused:
            call_command("compare")
    finally:
        superuser.execute(undone.format(s=schema))
    assert (found.kind, found.name) == (kind, name.format(s=schema))
    assert found.schema == (schema if name != "t_nobodys" else name)
    assert refused.value.returncode == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["schema", "what", "name", "here", "template"]
    assert printed[1].startswith(found.schema)
    assert comparing.differences() == []
