"""Bench: how fast it is, as ratios to a bare floor measured in the same run.

python3 manage.py bench                        every row
python3 manage.py bench --only gross-to-net    one of them
python3 manage.py bench --out bench.jsonl      and a line of JSON for each into a file

A row that cannot be measured says so in the table and in the file, and the others go on.
"""

import argparse
import json
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO

from deploy.bench import place
from deploy.bench.measuring import Failed, Measured, Row, measure

# Where each row is; those of `books` and `wire` need servers, and Django. Those among a thousand
# agencies come last: the server has so much to look after then that it would be in others' time.
ROWS = {
    "gross-to-net": "gross_to_net.ROW",
    "pay-and-bill": "books.pay_and_bill.ROW",
    "invoices": "books.invoices.ROW",
    "ledger": "books.entries.ROW",
    "fairness": "books.fairness.ROW",
    "memory-of-a-run": "books.memory_of_a_run.ROW",
    "list": "wire.lists.ROW",
    "tenancy-tax": "wire.walls.ROW",
    "create": "wire.creates.ROW",
    "time-to-invoice": "wire.invoices.ROW",
    "import": "wire.imports.ROW",
    "new-agency": "books.new_agency.COLD",
    "new-agency-fleet": "books.new_agency.FLEET",
    "new-agency-spare": "books.new_agency.SPARE",
    "release": "books.release.ROW",
    "partner-report": "books.partner_report.ROW",
    "partner-report-fleet": "books.partner_report.FLEET",
    "memory": "books.memory.ROW",
    "export": "books.export.ROW",
}


def main(words: Sequence[str]) -> int:
    """Measure the rows asked for, print the table, and keep each as a line of JSON."""
    asked = _asked(words)
    rows = {name: partial(_row, name, asked.dsn) for name in asked.only or ROWS}
    # Opened before anything is measured: hours later is no time to learn that it cannot be written.
    with asked.out.open("a", encoding="utf-8") if asked.out else nullcontext() as out:
        found = each(rows, asked.scale, out)
    sys.stdout.write(table(found))
    return 1 if any(isinstance(one, Failed) for one in found) else 0


def each(
    rows: Mapping[str, Callable[[], Row]], scale: int = 0, out: IO[str] | None = None
) -> list[Measured | Failed]:
    """What became of every row, one after the other; a fault of one is told and ends no other."""
    found: list[Measured | Failed] = []
    for name, row in rows.items():
        sys.stderr.write(f"{name} ...\n")
        one = _become_of(name, row, scale)
        found.append(one)
        if out is not None:
            out.write(json.dumps(one.as_json()) + "\n")
            out.flush()
    return found


def _become_of(name: str, row: Callable[[], Row], scale: int) -> Measured | Failed:
    try:
        return measure(row(), scale)
    except Exception as why:  # noqa: BLE001  # whatever it is, it is told, and is this row's alone
        sys.stderr.write("".join(traceback.format_exception(why)))
        place.tidy()
        return Failed(name, f"{type(why).__name__}: {why}")


def _row(name: str, dsn: str) -> Row:
    where, _, what = f"deploy.bench.{ROWS[name]}".rpartition(".")
    if "." in ROWS[name].removesuffix(".ROW") and "deploy.bench.books" not in sys.modules:
        place.stand(dsn)
    found: Row = getattr(import_module(where), what)
    return found


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", action="append", choices=list(ROWS), metavar="ROW")
    parser.add_argument("--scale", type=_units, default=0, help="how many units a row works on")
    parser.add_argument("--out", type=Path, help="a file that gets one line of JSON a row")
    parser.add_argument("--dsn", default="", help="a server to use, as its superuser; else our own")
    return parser.parse_args(list(words))


def _units(word: str) -> int:
    """How many units: one or more, or nothing was measured."""
    found = int(word)
    if found < 1:
        raise argparse.ArgumentTypeError(f"{word} is no number of units; give 1 or more.")
    return found


def table(rows: Sequence[Measured | Failed]) -> str:
    """The rows as a person reads them."""
    head = ("row", "of the floor", "quartiles", "goal", "floor", "ours", "cpu", "peak", "")
    body = [_line(one) for one in rows]
    widths = [max(len(row[n]) for row in (head, *body)) for n in range(len(head))]
    lines = (
        "  ".join(cell.ljust(widths[n]) for n, cell in enumerate(row)) for row in (head, *body)
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _line(one: Measured | Failed) -> tuple[str, ...]:
    if isinstance(one, Failed):
        return (one.name, *["-"] * 7, one.verdict)
    return (
        one.row.name,
        f"{one.ratio:.2f}",
        f"{one.low:.2f} .. {one.high:.2f}",
        f"{one.row.goal:.2f}",
        f"{one.floor / one.units * 1e6:.1f} {one.row.word} a {one.row.unit}",
        f"{one.ours / one.units * 1e6:.1f} {one.row.word}",
        f"{one.cpu_seconds:.1f} s",
        f"{one.peak_mib:.0f} MiB",
        one.verdict,
    )
