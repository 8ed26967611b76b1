"""independent: make the environment of other people's tax calculators, apart from ours.

They are asked at test time alone (`python3 manage.py test -m independent`) and never by the
product: they work out a year's liability in binary floats, not a payslip.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LOCK = CHECKOUT / "deploy" / "independent.lock"
ENVIRONMENT = CHECKOUT / ".local" / "independent"
PYTHON = ENVIRONMENT / "bin" / "python"
MARK = ENVIRONMENT / "independent.sha256"


def main(_words: Sequence[str]) -> int:
    """Make the environment unless it stands as locked; gives what pip ended with."""
    if stands():
        sys.stdout.write(f"{ENVIRONMENT.relative_to(CHECKOUT)} stands as locked\n")
        return 0
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
    options = ["--require-hashes", "--no-deps", "--no-input", "--quiet"]
    ended = subprocess.run(
        [str(PYTHON), "-m", "pip", "install", *options, "-r", str(LOCK)],
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}, check=False,
    ).returncode  # fmt: skip  # the command, then how it is run
    if not ended:
        MARK.write_text(_digest())
        sys.stdout.write(f"{ENVIRONMENT.relative_to(CHECKOUT)} made\n")
    return ended


def stands() -> bool:
    """Whether the environment holds what the lock lists."""
    return PYTHON.exists() and MARK.exists() and MARK.read_text() == _digest()


def _digest() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()
