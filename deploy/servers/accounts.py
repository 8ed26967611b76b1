"""Who the servers run as: PostgreSQL refuses root, and so do we."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path


class Unavailable(Exception):
    """A server could not be started; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class Account:
    """Who the servers run as: ourselves, or an unprivileged account when we are root."""

    name: str
    uid: int
    gid: int
    is_switched: bool

    def run(
        self, command: Sequence[object], *, outlives: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, with a bare environment, in a folder all can enter.

        What is started and outlives the command would hold a pipe open, so it gets none.
        """
        return subprocess.run(
            [str(part) for part in command],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if outlives else subprocess.PIPE,
            stderr=subprocess.DEVNULL if outlives else subprocess.STDOUT,
            user=self.uid if self.is_switched else None,
            group=self.gid if self.is_switched else None,
            extra_groups=[] if self.is_switched else None,
            text=True,
            check=False,
        )

    def folder(self, path: Path) -> Path:
        """Make a folder that only this account can enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.is_switched:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)
        return path

    def file(self, path: Path, text: str) -> Path:
        """Write a file that only this account can read."""
        write_private(path, text)
        if self.is_switched:
            os.chown(path, self.uid, self.gid)
        return path


def account() -> Account:
    """Choose whom the servers run as."""
    ours = os.geteuid()
    try:
        if ours:
            return Account(pwd.getpwuid(ours).pw_name, ours, os.getegid(), is_switched=False)
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return Account(name, entry.pw_uid, entry.pw_gid, is_switched=True)
    except KeyError:
        raise Unavailable(f"initdb needs a name for the account {ours}; it has none.") from None
    raise Unavailable("As root the servers need the account postgres or nobody; there is neither.")


def write_private(path: Path, text: str) -> None:
    """Write a file anew that only its owner can read."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
