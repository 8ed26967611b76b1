"""Partner report: a week over all agencies, against one query on the table of published sums.

Measured over some of the fleet and over the whole of it.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import cycle
from typing import Any
from uuid import UUID

import psycopg
from django.apps import apps

from backline.directory import actions as directory
from backline.kernel import feed
from backline.kernel.actors import SYSTEM
from backline.kernel.models import Offset
from deploy.bench.books import firms, fleet, workweeks
from deploy.bench.measuring import Differs, Row, Work
from tenants import tenancy
from tenants.agencies import template
from tenants.agencies.models import Firm
from tenants.bootstrap import connections
from tenants.reports import queries, rolling

WORKERS = 8
AT = datetime(2026, 6, 12, 12, 0, tzinfo=UTC)
SUMS = ("invoiced", "paid_out", "margin")  # a week that has none of one does not name it
LATEST = 5.0  # seconds that what is published may be behind
BARE = """
SELECT f.name, w.* FROM reports_agencyweek w JOIN agencies_firm f ON f.id = w.agency_id
WHERE f.partner_id = %s AND w.week_starts_on = %s ORDER BY f.name, w.agency_id, w.currency
"""
_WITH_WEEKS: set[str] = set()


def prepare(agencies: int) -> Work:
    """A fleet whose every agency has paid and billed a week and published it."""
    fleet_ = fleet.of(agencies)
    _play(fleet_)
    partner, week = firms.partner(), workweeks.MONDAY

    def bare() -> int:
        """One query of a program that knows nothing of ours, on a connection that is kept."""
        with connection.transaction():
            return len(connection.execute(BARE, [partner, week]).fetchall())

    def ours() -> int:
        """As the partner's door asks for it, in the shared role."""
        with tenancy.shared():
            return len(queries.weeks(partner, week))

    connection = _as_owner()
    return Work(units=len(fleet_), floor=bare, ours=ours, agree=lambda: _agree(partner, week))


def _as_owner() -> psycopg.Connection[Any]:
    raw = psycopg.connect(**connections.parameters(connections.OWNER_ALIAS), autocommit=True)
    raw.execute("SET search_path = pub")
    return raw


# --- weeks for many -------------------------------------------------------------------------------


def _play(some: Sequence[Firm]) -> None:
    """Weeks for those that have none: played twice, then copied, and published by each."""
    new = [firm for firm in some if firm.schema not in _WITH_WEEKS]
    if not new:
        return
    sources = cycle(_played())
    for firm in new:
        _copy(next(sources), firm.schema)
        rolling.roll(firm.public_id, at=AT)
        _WITH_WEEKS.add(firm.schema)


@cache
def _played() -> tuple[str, ...]:
    """The schemas of two agencies that have paid and billed a week."""
    played = workweeks.agencies(WORKERS)
    for one in played:
        workweeks.works(one)
        workweeks.pays_and_bills(one)
    return tuple(tenancy.place(one.ref).schema for one in played)


def _copy(source: str, target: str) -> None:
    """All that one agency has become the books of another, but for its keys."""
    tables = _filled(source)  # also all that a new agency begins with
    gone = "".join(f'DELETE FROM "{target}".{table};' for table in tables)  # noqa: S608  # our names
    come = "".join(
        f'INSERT INTO "{target}".{table} ({columns})'  # noqa: S608  # our names
        f' SELECT {columns} FROM "{source}".{table};'
        for table, columns in tables.items()
    )
    unread = f"DELETE FROM \"{target}\".kernel_offset WHERE consumer = '{rolling.CONSUMER}'"  # noqa: S608
    with connections.owner() as raw:
        psycopg.ClientCursor(raw).execute((gone + come + unread).encode())


@cache
def _filled(schema: str) -> dict[str, str]:
    """The tables that hold anything, each with its columns as a statement lists them."""
    columns = {
        model._meta.db_table: ", ".join(
            f'"{field.column}"'
            for field in model._meta.local_concrete_fields
            if not field.generated
        )
        for model in apps.get_models(include_auto_created=True)
    }
    tables = [table for table in template.tables() if table != "kernel_sealingkey"]
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{schema}\".{table})"  # noqa: S608  # our names
        for table in tables
    )
    with connections.owner() as raw:
        found = {row[0] for row in psycopg.ClientCursor(raw).execute(asked.encode())}
    return {table: columns[table] for table in tables if table in found}


# --- what must hold ----------------------------------------------------------------------------


def _agree(partner: UUID, week: date) -> None:
    """The published sums are those of a loop over all books, and news are in them in time.

    The agencies of other rows are the partner's too, and are looked at like the rest.
    """
    with tenancy.shared():
        some = list(Firm.objects.filter(partner=partner, state="active").order_by("id"))
    for firm in some:
        _publish(firm)
    looped: dict[str, Decimal] = defaultdict(Decimal)
    for firm in some:
        with tenancy.firm(firm.public_id):
            for row in rolling.week_sums(AT.date()):
                if row["week_starts_on"] == week:
                    looped[row["currency"]] += sum(row.get(name, 0) for name in SUMS)
    with tenancy.shared():
        told = {
            row["currency"]: sum(row[name] for name in SUMS)
            for row in queries.totals(partner, week)
        }
    if told != looped or not looped:
        raise Differs(f"published {told}, and in the books {dict(looped)}")
    _must_be_in_time(some[-1])


def _publish(firm: Firm) -> None:
    """As whoever attends to a firm does it: what happened is numbered first."""
    numbered = 1
    while numbered:
        with tenancy.firm(firm.public_id):
            numbered = feed.number()
    rolling.roll(firm.public_id, at=AT)


def _must_be_in_time(firm: Firm) -> None:
    began = time.monotonic()
    with tenancy.firm(firm.public_id):
        new = directory.NewClient(legal_name="News", country="GB", currency="GBP")
        directory.add_clients([new], actor=SYSTEM, at=AT)
    with tenancy.firm(firm.public_id):
        feed.number()
        last = feed.last()
    rolling.roll(firm.public_id, at=AT + timedelta(seconds=1))
    with tenancy.firm(firm.public_id):
        seen = Offset.objects.get(consumer=rolling.CONSUMER).seq
    if seen < last or time.monotonic() - began > LATEST:
        raise Differs(f"what happened was not published within {LATEST} seconds")


ROW = Row(
    name="partner-report",
    what="a week over all agencies, against one query on the table of published sums",
    unit="agency",
    scale=200,
    goal=1 / 2,
    never_below=1 / 4,
    prepare=prepare,
    clock=time.perf_counter,
)
FLEET = replace(
    ROW, name="partner-report-fleet", what="the same over the whole fleet", scale=fleet.SIZE
)
