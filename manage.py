#!/usr/bin/env python3
"""Every command of Backline; builds its own environment first. Try: python3 manage.py demo

Standard library only, here and in what is imported before the environment stands.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent
ENVIRONMENT = CHECKOUT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
MARK = ENVIRONMENT / "backline.json"
LOCKS = {
    name: CHECKOUT / "deploy" / f"{name}.lock" for name in ("requirements", "requirements-dev")
}
FOR_ENGINEERS = {
    "test", "spec", "check", "lock", "makemigrations", "bench", "storm", "law", "independent",
}  # fmt: skip

ADVICE = "On Debian: apt-get install python3-venv"
USAGE = """Backline, the back office of staffing agencies.

  python3 manage.py demo [--once] [--fast] [--reset]   play a pay week and serve the site
  python3 manage.py test [what pytest takes]           run every test
  python3 manage.py spec [--check]                     write openapi/, or say whether it is current
  python3 manage.py independent                        make the other calculators' environment
  python3 manage.py law [--check]                      write which law is held, or compare
  python3 manage.py bench [--only ROW] [--out FILE]    how fast it is, against a bare floor
  python3 manage.py storm [--workers N] [--kills N]    a week whose processes are killed, compared
  python3 manage.py up | down                          start or stop the demo's own servers
  python3 manage.py lock                               write deploy/*.lock anew
  python3 manage.py COMMAND                            any command of Django's, servers running
"""


class Impossible(Exception):
    """The environment cannot be built; the message is the one sentence that says why."""


def main() -> int:
    """Build the environment if need be, go on inside it, and do what was asked."""
    words = sys.argv[1:]
    if not words or words[0] in {"-h", "--help", "help"}:
        sys.stdout.write(USAGE)
        return 0
    if sys.version_info < (3, 11):  # noqa: UP036  # it is this Python that has to say so
        sys.stderr.write("Backline needs Python 3.11 or newer.\n")
        return 1
    try:
        stand(for_engineers=words[0] in FOR_ENGINEERS)
    except Impossible as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    if Path(sys.prefix).resolve() != ENVIRONMENT.resolve():
        os.chdir(CHECKOUT)
        os.execv(PYTHON, [str(PYTHON), str(CHECKOUT / "manage.py"), *words])
    for source_root in (CHECKOUT / "platform", CHECKOUT):
        sys.path.insert(0, str(source_root))
    from deploy import commands

    return commands.run(words)


# --- the environment ---------------------------------------------------------------------------


def stand(*, for_engineers: bool) -> None:
    """Make the environment hold what the lock lists; costs nothing when it does already."""
    if _is_current(for_engineers):
        return
    (CHECKOUT / ".local").mkdir(exist_ok=True)
    with (CHECKOUT / ".local" / "environment.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(for_engineers):
            _build(LOCKS["requirements-dev" if for_engineers or _had_all() else "requirements"])


def _read_mark() -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        found: dict[str, str] = json.loads(MARK.read_text())
        if PYTHON.exists() and found.get("checkout") == str(CHECKOUT):
            return found
    return {}


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _is_current(for_engineers: bool) -> bool:
    # The engineers' lock holds all that the product's holds.
    enough = ["requirements-dev"] if for_engineers else ["requirements", "requirements-dev"]
    return _read_mark().get("digest") in [_digest(LOCKS[name]) for name in enough]


def _had_all() -> bool:
    return _read_mark().get("lock") == "requirements-dev.lock"


def _build(lock: Path) -> None:
    began = time.monotonic()
    count = sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())
    _say(f"environment        installing {count} packages into .venv")
    pip = _empty_environment()
    _install(pip, lock, count)
    site = next((ENVIRONMENT / "lib").glob("python3.*")) / "site-packages"
    # Tools that are not started from here, such as a type checker, find the packages by this.
    (site / "backline.pth").write_text(f"{CHECKOUT}\n{CHECKOUT / 'platform'}\n")
    mark = {"checkout": str(CHECKOUT), "lock": lock.name, "digest": _digest(lock)}
    MARK.write_text(json.dumps(mark))
    _say(f"environment        {count} packages, {time.monotonic() - began:.0f} s")


def _empty_environment() -> list[str]:
    """Make .venv unless it stands; give the command that is pip for it."""
    inside = [str(PYTHON), "-m", "pip"]
    if not (PYTHON.exists() and (_read_mark() or _works([*inside, "--version"]))):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        make = [sys.executable, "-m", "venv", str(ENVIRONMENT)]
        # Debian's Python cannot fill an environment with pip until python3-venv is installed.
        if not _works(make) and not _works([*make, "--clear", "--without-pip"]):
            raise Impossible(f"This Python cannot make an environment. {ADVICE}")
    for pip in (inside, [sys.executable, "-m", "pip", "--python", str(PYTHON)]):
        if _works([*pip, "--version"]):
            return pip
    raise Impossible(f"This Python has neither ensurepip nor pip. {ADVICE}")


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _install(pip: list[str], lock: Path, count: int) -> None:
    command = [
        *pip,
        "install",
        "--require-hashes",
        "--no-deps",
        "--no-input",
        "--progress-bar",
        "off",
    ]
    environment = {
        **os.environ,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    with subprocess.Popen(
        [*command, "-r", str(lock)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as work:  # fmt: skip  # the command, then how it is run
        last: list[str] = []
        found = 0
        for line in work.stdout or ():
            last = [*last[-15:], line]
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                found += 1
                _show(f"environment        {found}/{count} packages found")
            elif line.startswith("Installing collected"):
                _show(f"environment        {count} packages found, unpacking them")
    _show("")
    if work.returncode:
        raise Impossible(
            "".join(last)
            + f"pip could not install {lock.relative_to(CHECKOUT)}; its last words are above."
        )


def _say(line: str) -> None:
    _show("")
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _show(line: str) -> None:
    """Show a line that the next one replaces; nothing where the screen is a file."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
