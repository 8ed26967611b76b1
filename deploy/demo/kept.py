"""What is kept of a play from one start of the demo to the next: whether it ended, and how."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from deploy.servers import Unavailable, homes
from deploy.servers.accounts import write_private

Left = Mapping[str, list[str]]  # by agency: what was left on purpose


@contextmanager
def alone(set_name: str) -> Iterator[None]:
    """Be the only demo of this set; raises Unavailable while another one runs."""
    with (homes.home(set_name) / "play.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            says = "This is running already; stop that one first."
            raise Unavailable(says) from None
        yield


def is_cut_off(set_name: str) -> bool:
    """Whether a play began here and never ended."""
    place = homes.home(set_name) / "play.json"
    return place.exists() and ended(set_name) is None


def begins(set_name: str) -> None:
    """Note that a play begins."""
    write_private(homes.home(set_name) / "play.json", "{}")


def ends(set_name: str, left: Left) -> None:
    """Note that a play ended, and what it left."""
    write_private(homes.home(set_name) / "play.json", json.dumps({"left": left}))


def ended(set_name: str) -> Left | None:
    """What an earlier play left, if one ended here."""
    try:
        told: dict[str, Left] = json.loads((homes.home(set_name) / "play.json").read_text() or "{}")
    except FileNotFoundError:
        return None
    return told.get("left")


def forget(set_name: str) -> None:
    """Forget that anything was played."""
    (homes.home(set_name) / "play.json").unlink(missing_ok=True)
