"""One row changed in a copy of a pack: exactly the cases that rest on it fail.

What rests on a row is known before anything is changed: by what the payslips say of themselves (a
line names its rule, its steps quote the rate), and by which figures were read while a case ran.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.rulebook

ROOT = Path(__file__).resolve().parents[2]
RULEBOOK = ROOT / "platform" / "rulebook"
BLOCK = "[[rule]]\n"
Seen = Mapping[str, Mapping[str, Any]]


class Change(NamedTuple):
    """A figure changed in one row; `says` is what a payslip made with it says, line or step."""

    file: str
    rule: str
    old: str
    new: str
    says: str


CHANGES = [
    Change(
        "gb/parameters/ni.toml", "ni.letters",
        'A = { who = "standard", main = "0.08"', 'A = { who = "standard", main = "0.88"',
        r"(^National Insurance A\n(.*\n)*|\bA: )[\d.]+ above .* at 8%",
    ),
    Change(
        "gb/parameters/ni.toml", "ni.employer", '"0.15"', '"0.95"',
        r"^Employer's .*\n(.*\n)*.* at 15%",
    ),
    Change(
        "gb/parameters/paye.toml", "paye.bands.scotland", '"0.21"', '"0.31"',
        r"\b(21|42|45|48)% of the rest(?![\s\S]*\nNot more than 50%)",
    ),
    Change(
        "gb/parameters/loans.toml", "loans.plan_2", '"29385"', '"99999999"',
        r"9% of that.*: [1-9][\d.]*$(?!\nOrders leave room for: 0)",
    ),
    Change(
        "us/parameters/federal.toml", "futa", 'gross = "0.06"', 'gross = "0.07"',
        r"at 0.6%: (?!0.00)",
    ),
    Change(
        "us/parameters/states/PA.toml", "PA.withholding", '"0.0307"', '"0.0407"',
        r" at 3.07%: (?!0.00)",
    ),
    Change(
        "us/parameters/states/PA.toml", "PA.philadelphia", '"0.0374"', '"0.0474"', r" at 3.74%"
    ),
]  # fmt: skip  # a change a line
# Rows of every kind, and not of payslips alone.
TAKEN_OUT = [
    ("gb/parameters/statutory.toml", "sick"),
    ("gb/parameters/chains.toml", "agency_weeks"),
    ("us/parameters/states/AK.toml", "AK.overtime"),
    ("us/parameters/states/GA.toml", "GA.withholding"),
]


@pytest.fixture(scope="module")
def as_it_is() -> Seen:
    """Every case with the rulebook as it is, what its payslip says and which figures it read."""
    return played(RULEBOOK.parent, "--read")


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Seen]]:
    """Every case with each of the copies, two at a time."""
    wanted = {
        **{named(change.file, change.rule): change for change in CHANGES},
        **{named(file, rule, "without "): None for file, rule in TAKEN_OUT},
    }

    def made(name: str) -> Seen:
        folder = tmp_path_factory.mktemp("copy")
        file, rule = name.removeprefix("without ").split(": ")
        copied(folder, file, rule, wanted[name])
        return played(folder)

    with ThreadPoolExecutor(2) as workers:
        yield dict(zip(wanted, workers.map(made, wanted), strict=True))


def named(file: str, rule: str, what: str = "") -> str:
    return f"{what}{file}: {rule}"


def copied(folder: Path, file: str, rule: str, change: Change | None) -> None:
    """A copy of the rulebook in a folder with the first row of a rule changed, or taken out."""
    place = folder / "rulebook"
    shutil.copytree(RULEBOOK, place, ignore=shutil.ignore_patterns("__pycache__"))
    path = place / "packs" / file
    head, *blocks = path.read_text("utf-8").split(BLOCK)
    n = next(n for n, block in enumerate(blocks) if f'id = "{rule}"\n' in block)
    if change is None:
        del blocks[n]
    else:
        assert blocks[n].count(change.old) == 1, f"{change.old} is not one figure of {rule}"
        blocks[n] = blocks[n].replace(change.old, change.new)
    path.write_text(BLOCK.join([head, *blocks]), "utf-8")


def played(source_root: Path, *words: str) -> Seen:
    """Every case played with the rulebook of a source root, in a process of its own."""
    work = subprocess.run(
        [sys.executable, "-m", "tests.rulebook.every_case", *words],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{source_root}:{ROOT}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip  # the command, then how it is run
    assert work.returncode == 0, work.stderr
    seen: Seen = json.loads(work.stdout)
    return seen


def lines_that_say(change: Change, told: Mapping[str, Any]) -> set[str]:
    """The codes of a payslip's lines that name the rule and say that its figure was used."""
    country = change.file[:2]
    return {
        code
        for code, _, label, rule, steps in told["lines"] or ()
        if rule.startswith(f"{country}.{change.rule}@")
        and re.search(change.says, "\n".join([label, *map(": ".join, steps)]), re.M)
    }


def amounts(told: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """A payslip's figures without a word."""
    return None if told["lines"] is None else [(code, amount) for code, amount, *_ in told["lines"]]


def test_with_the_rulebook_as_it_is_every_case_comes_out(as_it_is: Seen) -> None:
    assert len(as_it_is) >= 600
    assert not [name for name, told in as_it_is.items() if told["failed"]]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.rule)
def test_a_changed_rate_moves_exactly_the_payslips_that_say_they_were_made_with_it(
    change: Change, as_it_is: Seen, copies: Mapping[str, Seen]
) -> None:
    after = copies[named(change.file, change.rule)]

    moved = {name for name in as_it_is if amounts(as_it_is[name]) != amounts(after[name])}

    assert moved
    assert moved == {name for name in as_it_is if lines_that_say(change, as_it_is[name])}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.rule)
def test_a_changed_rate_fails_the_cases_that_expect_what_it_made_and_no_other(
    change: Change, as_it_is: Seen, copies: Mapping[str, Seen]
) -> None:
    after = copies[named(change.file, change.rule)]
    saying = {name: lines_that_say(change, told) for name, told in as_it_is.items()}

    failed = {name for name, told in after.items() if told["failed"]}

    expecting = {name for name in saying if saying[name] & set(as_it_is[name]["expected"])}
    assert expecting
    assert failed >= expecting
    # A case may also expect what follows from it: net pay, an order, a tax that deducts a tax.
    assert failed <= {name for name, lines in saying.items() if lines}


@pytest.mark.parametrize(("file", "rule"), TAKEN_OUT, ids=lambda word: word)
def test_a_row_taken_out_fails_exactly_the_cases_that_read_it(
    file: str, rule: str, as_it_is: Seen, copies: Mapping[str, Seen]
) -> None:
    after = copies[named(file, rule, "without ")]
    row = re.compile(rf"{file[:2]}\.{re.escape(rule)}@")
    first = min(filter(row.match, (one for told in as_it_is.values() for one in told["read"])))

    failed = {name for name, told in after.items() if told["failed"]}

    assert failed
    assert failed == {name for name, told in as_it_is.items() if first in told["read"]}
