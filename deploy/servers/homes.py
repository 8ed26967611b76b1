"""Where a set of servers keeps its data, its state and its secrets."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from deploy.servers.accounts import Unavailable, write_private

CHECKOUT = Path(__file__).resolve().parent.parent.parent
State = dict[str, dict[str, str]]


def base() -> Path:
    """Find or make the folder that holds every set of servers of this checkout."""
    given = os.environ.get("BACKLINE_SERVERS")
    if given:
        folder = Path(given)
    elif os.geteuid() == 0:
        digest = hashlib.sha256(f"{CHECKOUT}{_mark(CHECKOUT)}".encode()).hexdigest()[:12]
        folder = Path("/var/tmp") / f"backline-{digest}"  # noqa: S108  # ownership is checked below
    else:
        folder = CHECKOUT / ".local" / "servers"
    folder.mkdir(parents=True, mode=0o711, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Unavailable(
            f"{folder} belongs to somebody else; set BACKLINE_SERVERS to a folder of your own."
        )
    folder.chmod(0o711)
    return folder


def _mark(checkout: Path) -> str:
    """Find or make what tells this checkout from a deleted one that stood at the same path."""
    place = checkout / ".local" / "mark"
    place.parent.mkdir(exist_ok=True)
    with place.open("a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)  # of two first starts one writes and the other reads
        mark.seek(0)
        kept = mark.read()
        if not kept:
            kept = secrets.token_hex(8)
            mark.write(kept)
    return kept


def home(name: str) -> Path:
    """Find or make the home of one named set."""
    if not name.replace("-", "").replace("_", "").isalnum():
        raise Unavailable(f"{name!r} cannot name a set of servers: use letters, digits, - and _.")
    folder = base() / name
    folder.mkdir(mode=0o711, exist_ok=True)
    folder.chmod(0o711)
    return folder


@contextlib.contextmanager
def alone(name: str) -> Iterator[Path]:
    """Hold the set's lock, so that of several starters one starts and the others attach."""
    place = home(name)
    with (place / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def read(place: Path) -> State:
    """Read what is known of a set."""
    try:
        state: State = json.loads((place / "state.json").read_text())
    except FileNotFoundError:
        return {}
    return state


def write(place: Path, state: State) -> None:
    """Write what is known of a set, whole or not at all."""
    fresh = place / "state.json.new"
    write_private(fresh, json.dumps(state, indent=1))
    fresh.replace(place / "state.json")


def secret(name: str, what: str) -> str:
    """Give the secret of that name kept with this set, making it on first use."""
    with alone(name) as place:
        state = read(place)
        kept = state.setdefault("secrets", {})
        if what not in kept:
            kept[what] = secrets.token_urlsafe(48)
            write(place, state)
        return kept[what]
