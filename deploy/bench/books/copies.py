"""Copies: the rows that a deed wrote, and what COPY takes to write the same into bare tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from tenants import tenancy
from tenants.agencies import template
from tenants.bootstrap import connections

FLOOR = "bench_floor"


@dataclass(frozen=True, slots=True)
class Rows:
    """What a deed wrote into one table."""

    schema: str
    table: str
    columns: str
    content: bytes

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.content.count(b"\n")


def moment() -> int:
    """The number of the next transaction: what is written from here on has it or a later one."""

    with connections.owner() as raw:
        row = raw.execute("SELECT txid_snapshot_xmax(txid_current_snapshot())").fetchone()
        return int(row[0]) if row else 0


def written_since(firm: str, since: int) -> list[Rows]:
    """The rows of a firm that a transaction after that moment wrote, table by table."""

    schema, found = tenancy.place(firm).schema, []
    with connections.owner() as raw:
        for table in template.tables():
            named = raw.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " AND attgenerated = ''",
                [f"{schema}.{table}"],
            ).fetchone()
            columns = str(named[0]) if named else ""
            which = f"{schema}.{table} WHERE xmin::text::bigint >= {since}"
            rows = f"COPY (SELECT {columns} FROM {which}) TO STDOUT"  # noqa: S608  # our own names
            with raw.cursor().copy(rows.encode()) as out:
                content = b"".join(bytes(part) for part in out)
            if content:
                found.append(Rows(schema, table, columns, content))
    return found


def make_floor(written: Sequence[Rows]) -> None:
    """Empty tables beside the firms' own, with the same columns, checks and indexes."""

    with connections.owner() as raw:
        for schema in sorted({one.schema for one in written}):
            raw.execute(f"CREATE SCHEMA {FLOOR}_{schema}".encode())
        for one in written:
            raw.execute(
                f"CREATE TABLE {FLOOR}_{one.schema}.{one.table}"
                f" (LIKE {one.schema}.{one.table} INCLUDING ALL)".encode()
            )


def empty_floor() -> None:
    """Take out what was copied before."""

    with connections.owner() as raw:
        tables = raw.execute(
            "SELECT string_agg(format('%%I.%%I', schemaname, tablename), ', ')"
            " FROM pg_tables WHERE schemaname LIKE %s",
            [f"{FLOOR}%"],
        ).fetchone()
        if tables and tables[0]:
            raw.execute(f"TRUNCATE {tables[0]}".encode())


def settle(firm: str) -> None:
    """Let the server look at a firm's tables, as it does by itself soon after a week is written."""

    with connections.owner() as raw:
        raw.execute(f"SET LOCAL search_path = {tenancy.place(firm).schema}".encode())
        raw.execute(f"ANALYZE {', '.join(template.tables())}".encode())


def copy(written: Sequence[Rows]) -> None:
    """The same rows by COPY, in one transaction and nothing else."""

    with connections.owner() as raw:
        for one in written:
            where = f"{FLOOR}_{one.schema}.{one.table} ({one.columns})"
            with raw.cursor().copy(f"COPY {where} FROM STDIN".encode()) as into:
                into.write(one.content)
