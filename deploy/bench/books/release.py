"""Release: one additive migration over the fleet, against its bare statement in every schema."""

import json
import time

import psycopg
from django.db.migrations import AddField
from django.db.migrations.loader import MigrationLoader

from deploy.bench.books import fleet
from deploy.bench.measuring import Differs, Row, Work
from tenants.agencies import template
from tenants.bootstrap import connections, raising, releases

BATCH = raising.BATCH
ALREADY = "bare"  # the column that the floor adds


def release(agencies: int) -> Work:
    """A fleet that stands one migration behind: the last one of ours that adds a column."""
    schemas = [firm.schema for firm in fleet.of(agencies)]
    app, name, table, column, kind = _newest()
    back = _back(table, column)
    _note(app, name)

    def yesterday() -> None:
        """Put every schema back."""
        _run(schemas, back)

    def bare() -> None:
        """The statement alone, as many schemas in a transaction as ours takes."""
        _run(schemas, f'ALTER TABLE "{{0}}".{table} ADD COLUMN {ALREADY} {kind} NULL;')

    def ours() -> None:
        """As a release does it: found out, run, noted, and rights compared."""
        found = raising.raise_firms()
        if (found.firms, found.failed) != (len(schemas), {}):
            raise Differs(str(found))

    def agree() -> None:
        """Every schema has both columns after it, of one type, and is of this release."""
        yesterday()
        bare()
        ours()
        with connections.owner() as raw:
            rows = raw.execute(
                "SELECT count(*) FROM pub.agencies_firm f JOIN information_schema.columns c"
                " ON c.table_schema = f.schema AND c.table_name = %s AND c.data_type = %s"
                " AND c.column_name = ANY (%s) WHERE f.schema = ANY (%s) AND f.release = %s",
                [table, kind, [column, ALREADY], schemas, template.release()],
            ).fetchone()
        if rows != (2 * len(schemas),):
            raise Differs(f"{len(schemas)} schemas, and {rows} columns")

    return Work(units=len(schemas), floor=bare, ours=ours, agree=agree, before=yesterday)


def _back(table: str, column: str) -> str:
    """What takes a schema back to before its column, and takes away what the floor has added."""
    gone = (
        f'ALTER TABLE "{{0}}".{table} DROP COLUMN IF EXISTS {column},'
        f" DROP COLUMN IF EXISTS {ALREADY};"
    )
    # Its rights are those of today, as a column more changes none.
    firm = "UPDATE pub.agencies_firm SET release = 'yesterday' || right(release, 32)"
    older = f" {firm} WHERE schema = '{{0}}';"
    return gone + older


def _note(app: str, name: str) -> None:
    """Note what a schema holds that stands one migration behind."""
    held = [key for key in template.migrations() if key != (app, name)]
    with connections.owner() as raw:
        raw.execute(releases.NOTED, ["yesterday" + template.rights(), json.dumps(held)])


def _newest() -> tuple[str, str, str, str, str]:
    """The migration that is taken back and done again: app, name, table, column and type."""
    loader = MigrationLoader(None)
    found = [
        (key, loader.graph.nodes[key].operations[0])
        for key in template.migrations()
        if len(loader.graph.nodes[key].operations) == 1
        and isinstance(loader.graph.nodes[key].operations[0], AddField)
        and loader.graph.nodes[key].operations[0].field.null
    ]
    ((app, name), added) = found[-1]
    table = f"{app}_{added.model_name_lower}"
    return app, name, table, added.name, added.field.db_type(template.Offline())


def _run(schemas: list[str], statement: str) -> None:
    with psycopg.connect(**connections.parameters(connections.OWNER_ALIAS)) as raw:
        for start in range(0, len(schemas), BATCH):
            text = "".join(statement.format(name) for name in schemas[start : start + BATCH])
            psycopg.ClientCursor(raw).execute(text.encode())
            raw.commit()


ROW = Row(
    name="release",
    what="one additive migration over the fleet, against its plain DDL in every schema",
    unit="agency",
    scale=fleet.SIZE,
    goal=1 / 5,
    never_below=1 / 20,
    prepare=release,
    clock=time.perf_counter,
    rounds=7,
)
