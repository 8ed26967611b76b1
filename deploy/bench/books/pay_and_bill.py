"""Pay and bill: approved time to payslips, invoices and books, against COPY of the same rows."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backline.invoicing.models import Invoice
from backline.ledger import queries as ledger
from backline.payroll.models import Payslip
from deploy.bench.books import workweeks
from deploy.bench.books.workweeks import Agency
from deploy.bench.measuring import Differs, Row, Work
from tenants import tenancy
from tenants.agencies import template
from tenants.bootstrap import connections

FLOOR = "bench_floor"


@dataclass(frozen=True, slots=True)
class Rows:
    """What a week wrote into one table."""

    schema: str
    table: str
    columns: str
    content: bytes


def prepare(count: int) -> Work:
    """So many workers, half of them on each side of the sea."""
    some = workweeks.agencies(count)
    written: list[Rows] = []
    return Work(
        units=count,
        floor=lambda: _copy(written),
        ours=lambda: workweeks.each(some, workweeks.pays_and_bills),
        agree=lambda: _first_week(some, written),
        before=lambda: _next_week(some),
    )


def _first_week(some: Sequence[Agency], written: list[Rows]) -> None:
    """Play a week, see that it ended as it must, and keep the rows that it wrote."""
    workweeks.each(some, workweeks.works)
    before = _moment()
    workweeks.each(some, workweeks.pays_and_bills)
    for one in some:
        _must_be_whole(one)
        written += _written_since(one, before)
    _make_floor(written)


def _must_be_whole(one: Agency) -> None:

    with one.books():
        slips = Payslip.objects.filter(is_final=True).count()
        left = Invoice.objects.exclude(state="finalized").count()
        if slips != one.count or left or ledger.out_of_balance(date(2100, 1, 1)):
            raise Differs(f"{one.country}: {slips} payslips of {one.count}, {left} open drafts.")


def _next_week(some: Sequence[Agency]) -> None:

    workweeks.each(some, workweeks.works)
    with connections.owner() as raw:
        tables = raw.execute(
            "SELECT string_agg(format('%%I.%%I', schemaname, tablename), ', ')"
            " FROM pg_tables WHERE schemaname LIKE %s",
            [f"{FLOOR}%"],
        ).fetchone()
        if tables and tables[0]:
            raw.execute(f"TRUNCATE {tables[0]}".encode())


def _moment() -> int:

    with connections.owner() as raw:
        row = raw.execute("SELECT txid_snapshot_xmax(txid_current_snapshot())").fetchone()
        return int(row[0]) if row else 0


def _written_since(one: Agency, since: int) -> list[Rows]:
    """The rows of an agency that a transaction after that moment wrote, table by table."""

    schema, found = tenancy.place(one.ref).schema, []
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


def _make_floor(written: Sequence[Rows]) -> None:
    """Empty tables beside the agencies' own, with the same columns, checks and indexes."""

    with connections.owner() as raw:
        for schema in sorted({one.schema for one in written}):
            raw.execute(f"CREATE SCHEMA {FLOOR}_{schema}".encode())
        for one in written:
            raw.execute(
                f"CREATE TABLE {FLOOR}_{one.schema}.{one.table}"
                f" (LIKE {one.schema}.{one.table} INCLUDING ALL)".encode()
            )


def _copy(written: Sequence[Rows]) -> None:
    """The same rows by COPY, in one transaction and nothing else."""

    with connections.owner() as raw:
        for one in written:
            where = f"{FLOOR}_{one.schema}.{one.table} ({one.columns})"
            with raw.cursor().copy(f"COPY {where} FROM STDIN".encode()) as into:
                into.write(one.content)


ROW = Row(
    name="pay-and-bill",
    what="a week of approved time to payslips, invoices, ledger and feed, against COPY of its rows",
    unit="worker",
    scale=2000,
    goal=0.5,
    never_below=0.25,
    prepare=prepare,
    clock=time.perf_counter,
    rounds=3,
)
