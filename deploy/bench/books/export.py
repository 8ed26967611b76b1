"""Export: one agency whole among many, against COPY TO of its tables into one file."""

import time
import zipfile
from datetime import UTC, datetime
from tempfile import TemporaryFile

import psycopg

from deploy.bench.books import fleet, workweeks
from deploy.bench.measuring import Differs, Row, Work
from tenants import exporting, tenancy
from tenants.bootstrap import connections

MANIFEST = "manifest.json"
WORKERS = 500


def prepare(workers: int) -> Work:
    """A fleet, and in it an agency with so many workers that has paid and billed a week."""
    fleet.of(fleet.SIZE)
    # No other row asks for this number, so it meets nobody's weeks.
    one, _ = workweeks.agencies(2 * workers + 1)
    for play in (workweeks.works, workweeks.pays_and_bills):
        workweeks.each([one], play)
    schema = tenancy.place(one.ref).schema

    def bare() -> int:
        """Each table as the server writes it, all into one file, and nothing else."""
        with (
            psycopg.connect(**connections.parameters(connections.OWNER_ALIAS)) as raw,
            TemporaryFile() as file,
        ):
            for table in exporting.tables():
                asked = f'COPY "{schema}".{table} TO STDOUT (FORMAT csv, HEADER)'
                with raw.cursor().copy(asked.encode()) as rows:
                    for row in rows:
                        file.write(row)
            return file.tell()

    def ours() -> int:
        """As the owner gets it: in the firm's role, as of one moment, with hashes."""
        with TemporaryFile() as file:
            exporting.write(one.ref, file, at=datetime.now(UTC))
            with zipfile.ZipFile(file) as made:
                return sum(part.file_size for part in made.infolist() if part.filename != MANIFEST)

    def agree() -> None:
        """Both take the same bytes."""
        floor, own = bare(), ours()
        if floor != own:
            raise Differs(f"{floor} bytes by COPY, {own} in the export.")

    return Work(units=one.count, floor=bare, ours=ours, agree=agree)


ROW = Row(
    name="export",
    what="an agency whole, as of one moment and hashed, against COPY TO of its tables",
    unit="worker",
    scale=WORKERS,
    goal=1 / 2,
    never_below=1 / 4,
    prepare=prepare,
    clock=time.perf_counter,
    rounds=9,
)
