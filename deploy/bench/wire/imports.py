"""Imports: lines of time by the API, checked one by one, beside COPY of the same entries into the
same table: with its key, its index, its checks and its foreign key to the sheets, which are there.

What ours writes besides (the sheets, their events, the answer that is kept) is not in the floor.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count, cycle
from types import SimpleNamespace
from uuid import UUID

import psycopg

from backline.kernel import ids
from deploy.bench.books import workweeks
from deploy.bench.measuring import Differs, Row, Work
from deploy.bench.wire import calling
from tenants import tenancy
from tenants.bootstrap import connections

PATH, CSV = "/v1/timesheets/import", "text/csv"
A_CALL = 50_000  # lines that one call takes
DAYS, WORKERS = 5, 500
TABLE, FLOOR = "timesheets_timeentry", "bench_import"
COLUMNS = "timesheet_id, worked_on, code, unit, quantity, started_at, ended_at, break_minutes, note"
NUMBERS = count(1)
HOURS = ("7.50", "8.00", "8.25", "6.00", "9.75", "10.00", "4.50")  # a day, one after the other
REFERENCES = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid = %s::regclass
"""


class Files:
    """The files of one round after the other: every assignment's next weeks, five days each."""

    def __init__(self, assignments: Sequence[UUID], lines: int) -> None:
        self.names = [ids.public("asg", key) for key in assignments]
        self.weeks = max(1, lines // (len(self.names) * DAYS))
        self.next = 0
        self.ready: list[bytes] = []
        self.hours = cycle(HOURS)

    @property
    def lines(self) -> int:
        """How many a round has."""
        return self.weeks * len(self.names) * DAYS

    def make(self) -> None:
        """Write the next round's files, as many as it takes calls."""
        told = list(self._lines())
        self.next += self.weeks
        self.ready = [
            "\n".join(("assignment,worked_on,quantity", *told[at : at + A_CALL])).encode()
            for at in range(0, len(told), A_CALL)
        ]

    def _lines(self) -> Iterator[str]:
        for week in range(self.next, self.next + self.weeks):
            monday = workweeks.MONDAY + timedelta(days=7 * week)
            days = [(monday + timedelta(days=day)).isoformat() for day in range(DAYS)]
            for name in self.names:
                for day in days:
                    yield f"{name},{day},{next(self.hours)}"


def prepare(lines: int) -> Work:
    """So many lines on each side."""
    agency = workweeks.Agency("GB", WORKERS, key="import")
    workweeks.begins(agency)
    schema = tenancy.place(agency.ref).schema
    files = Files(agency.assignments, lines)
    caller = calling.ours(agency.ref, ["timesheets:write", "timesheets:read"])
    written: list[bytes] = []
    raw = psycopg.connect(**connections.parameters(connections.OWNER_ALIAS), autocommit=True)
    calling.ALSO_WATCHED.append(SimpleNamespace(connection=raw))

    def ready() -> None:
        files.make()
        raw.execute(f"TRUNCATE {FLOOR}.{TABLE}".encode())

    return Work(
        units=files.lines,
        floor=lambda: _copy(raw, written),
        ours=lambda: _sends(caller, files),
        agree=lambda: _agree(caller, files, schema, written),
        before=ready,
    )


def _sends(caller: calling.Caller, files: Files) -> None:
    with calling.served():
        for file in files.ready:
            caller.send(PATH, file, CSV, key=f"file-{next(NUMBERS)}")


def _agree(caller: calling.Caller, files: Files, schema: str, written: list[bytes]) -> None:
    """Every line is kept, a bad one is told by its line, and the same call again changes nothing.

    The entries that were kept are what the floor copies.
    """
    files.make()
    _sends(caller, files)
    named, day = files.names[0], workweeks.MONDAY + timedelta(days=7 * files.next)
    bad = f"assignment,worked_on,quantity\n{named},{day},8.00\n{named},{day},eight\n".encode()
    first, again = (caller.send(PATH, bad, CSV, key="bad").body for _ in range(2))
    told = [(line["line"], line["outcome"]) for line in first["results"]]
    if told != [(2, "refused"), (3, "refused")]:
        raise Differs(f"A bad line was answered with {told}.")
    if first != again:
        raise Differs("The same call again was answered otherwise.")
    with connections.owner() as raw:
        rows = f"COPY (SELECT {COLUMNS} FROM {schema}.{TABLE}) TO STDOUT"  # noqa: S608  # our own names
        with raw.cursor().copy(rows.encode()) as out:
            written.append(b"".join(bytes(part) for part in out))
        _same_table(raw, schema)
    if written[0].count(b"\n") != files.lines:
        raise Differs(f"{written[0].count(bytes(10))} of {files.lines} lines were kept.")


def _same_table(raw: psycopg.Connection, schema: str) -> None:
    """The product's table once more, with all that it holds its rows to."""
    raw.execute(f"CREATE SCHEMA {FLOOR}".encode())
    raw.execute(f"CREATE TABLE {FLOOR}.{TABLE} (LIKE {schema}.{TABLE} INCLUDING ALL)".encode())
    for name, rule in raw.execute(REFERENCES, [f"{schema}.{TABLE}"]).fetchall():
        raw.execute(f"ALTER TABLE {FLOOR}.{TABLE} ADD CONSTRAINT {name} {rule}".encode())


def _copy(raw: psycopg.Connection, written: Sequence[bytes]) -> None:
    where = f"COPY {FLOOR}.{TABLE} ({COLUMNS}) FROM STDIN"
    with raw.transaction(), raw.cursor().copy(where.encode()) as into:
        into.write(written[0])


ROW = Row(
    name="import",
    what="lines of time as CSV by the API, each checked and answered, against COPY of the entries"
    " alone into the same table with its constraints",
    unit="line",
    scale=100_000,
    goal=0.3,
    never_below=0.12,
    prepare=prepare,
    clock=calling.busy,
    rounds=3,
)
