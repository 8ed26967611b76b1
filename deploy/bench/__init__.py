"""Bench: how fast it is, as ratios to a bare floor measured in the same run.

python3 manage.py bench                        every row
python3 manage.py bench --only gross-to-net    one of them
python3 manage.py bench --out bench.jsonl      and a line of JSON for each into a file
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.bench import gross_to_net
from deploy.bench.measuring import Differs, Measured, measure

ROWS = {row.name: row for row in (gross_to_net.ROW,)}


def main(words: Sequence[str]) -> int:
    """Measure the rows asked for, print the table, and keep each as a line of JSON."""
    asked = _asked(words)
    found = []
    for name in asked.only or ROWS:
        sys.stderr.write(f"{name} ...\n")
        try:
            found.append(measure(ROWS[name], asked.scale))
        except Differs as why:
            sys.stderr.write(f"{name}: {why}\n")
            return 1
    sys.stdout.write(table(found))
    if asked.out:
        lines = (json.dumps(one.as_json()) + "\n" for one in found)
        asked.out.write_text("".join(lines), encoding="utf-8")
    return 0


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", action="append", choices=list(ROWS), metavar="ROW")
    parser.add_argument("--scale", type=int, default=0, help="how many units a row works on")
    parser.add_argument("--out", type=Path, help="a file to hold one line of JSON a row")
    return parser.parse_args(list(words))


def table(rows: Sequence[Measured]) -> str:
    """The rows as a person reads them."""
    head = ("row", "of the floor", "quartiles", "goal", "floor", "ours", "cpu", "peak", "")
    body = [
        (
            one.row.name,
            f"{one.ratio:.2f}",
            f"{one.low:.2f} .. {one.high:.2f}",
            f"{one.row.goal:.2f}",
            f"{one.floor / one.units * 1e6:.1f} us a {one.row.unit}",
            f"{one.ours / one.units * 1e6:.1f} us",
            f"{one.cpu_seconds:.1f} s",
            f"{one.peak_mib:.0f} MiB",
            one.verdict,
        )
        for one in rows
    ]
    widths = [max(len(row[n]) for row in (head, *body)) for n in range(len(head))]
    lines = (
        "  ".join(cell.ljust(widths[n]) for n, cell in enumerate(row)) for row in (head, *body)
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)
