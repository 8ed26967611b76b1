"""The demo as a stranger starts it, and what becomes of its week when its processes are killed."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from deploy.demo import books

pytestmark = [pytest.mark.worker, pytest.mark.slow]

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 900  # seconds for a week on a machine that does other things as well
SEEDS = (1,)  # three deaths each; tests/deploy/test_storm.py adds PostgreSQL's
PLAY = "import sys; from deploy.demo import main; sys.exit(main(sys.argv[1:]))"
DEATHS: list[tuple[int, str]] = []  # of which seed, and who
KILLED = re.compile(r"gunicorn|celery.* worker")


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.endswith(("DATABASE_URL", "BROKER_URL")) and name != "DJANGO_SETTINGS_MODULE"
    }
    roots = f"{CHECKOUT / 'platform'}:{CHECKOUT}"
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=CHECKOUT,
        env={**environment, "PYTHONPATH": roots, "BACKLINE_SERVERS": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def played(folder: Path, *, seed: int | None = None) -> str:
    week = started(folder, "-c", PLAY, "--once", "--fast")
    said: list[str] = []
    with week:
        for line in week.stdout or ():
            said.append(line)
            if seed is not None and "opens its books" in line:
                threading.Thread(target=kill_at_random, args=(week, seed), daemon=True).start()
                seed = None
    told = "".join(said)
    assert week.returncode == 0, told[-4000:]
    return told


def kill_at_random(week: subprocess.Popen[str], seed: int) -> None:
    """End the web process or the worker as a power cut would, three times each at least."""
    dice = random.Random(seed)
    deaths = {"web": 0, "worker": 0}
    while week.poll() is None and min(deaths.values()) < 3:
        let_it_play(week, dice.uniform(1, 6))
        for process, command in children(week.pid):
            name = "web" if "gunicorn" in command else "worker"
            if dice.random() < 0.7:
                with suppress(ProcessLookupError):
                    os.killpg(process, signal.SIGKILL)
                deaths[name] += 1
                DEATHS.append((seed, name))


def let_it_play(week: subprocess.Popen[str], seconds: float) -> None:
    """Wait for the week to end, and no longer than so many seconds."""
    with suppress(subprocess.TimeoutExpired):
        week.wait(timeout=seconds)


def children(parent: int) -> list[tuple[int, str]]:
    """The web process and the worker of a demo, each the first of a group of its own."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            facts = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(facts[1]) == parent and KILLED.search(command):
            found.append((int(folder.name), command))
    return found


def read(folder: Path) -> dict[str, Any]:
    with started(folder, "-m", "deploy.demo.books", "demo-fast") as reader:
        told, _ = reader.communicate(timeout=PATIENCE)
    assert reader.returncode == 0, told[-2000:]
    return dict(json.loads(told))


@pytest.fixture(scope="module")
def places() -> Iterator[Path]:
    """A folder that the servers' own account can reach; pytest's own shuts others out."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="demo-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def undisturbed(places: Path) -> tuple[str, dict[str, Any]]:
    """What the demo said, and the books it left."""
    folder = places / "undisturbed"
    return played(folder), read(folder)


def test_a_stranger_sees_books_that_balance(undisturbed: tuple[str, dict[str, Any]]) -> None:
    told, found = undisturbed

    assert told.count("books balance") == 4
    assert "reconciliation breaks 0" in told
    assert all(any(line.startswith("posting") for line in lines) for lines in found.values())


def test_a_second_start_finds_the_same_week_and_plays_nothing_again(
    undisturbed: tuple[str, dict[str, Any]], places: Path
) -> None:
    told, found = undisturbed
    again = played(places / "undisturbed")

    assert again.count("was played before: 0 breaks") == 3
    for line in told.splitlines():
        if "books balance" in line or "left on purpose" in line or "%" in line:
            assert line in again
    assert books.differences(found, read(places / "undisturbed")) == []


def test_a_week_that_was_cut_off_begins_anew(
    undisturbed: tuple[str, dict[str, Any]], places: Path
) -> None:
    folder = places / "cut-off"
    with started(folder, "-c", PLAY, "--once", "--fast") as week:
        for line in week.stdout or ():
            if "confirms" in line:
                week.terminate()
                break
    assert week.returncode != 0

    assert "it begins anew" in played(folder)
    assert books.differences(undisturbed[1], read(folder)) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_week_whose_processes_are_killed_ends_with_the_same_books(
    undisturbed: tuple[str, dict[str, Any]], places: Path, seed: int
) -> None:
    folder = places / f"killed-{seed}"
    played(folder, seed=seed)

    assert {name for one, name in DEATHS if one == seed} == {"web", "worker"}
    assert books.differences(undisturbed[1], read(folder)) == []
