"""A week whose web process, worker and PostgreSQL are killed: do its books come out the same?"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.storm.killing import VICTIMS

pytestmark = [pytest.mark.worker, pytest.mark.slow]

CHECKOUT = Path(__file__).resolve().parents[2]
RAGE = "import sys; from deploy.storm import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def place() -> Iterator[str]:
    """A folder that the servers' own account can reach; pytest's own shuts others out."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="storm-") as folder:
        Path(folder).chmod(0o755)
        yield folder


def test_a_week_in_a_storm_of_kills_ends_with_the_books_of_a_calm_one(place: str) -> None:
    # Both countries, more sheets than one call does at once, three kills in each of four stages.
    told = raged(place, "--workers", "240", "--kills", "12")

    assert told.returncode == 0, told.stdout[-4000:]
    assert "the books are the same: 240 workers, 12 kills" in told.stdout
    assert "killed were " + ", ".join(f"{name} 4 times" for name in VICTIMS) in told.stdout
    assert "240 payslips, 240 payments" in told.stdout


def raged(place: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.endswith(("DATABASE_URL", "BROKER_URL")) and name != "DJANGO_SETTINGS_MODULE"
    }
    roots = f"{CHECKOUT / 'platform'}:{CHECKOUT}"
    return subprocess.run(
        [sys.executable, "-c", RAGE, *words],
        cwd=CHECKOUT,
        env={**environment, "PYTHONPATH": roots, "BACKLINE_SERVERS": place},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
