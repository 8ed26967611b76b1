"""The processes of one installation, run as children: for the demo and for tests that kill them.

Production starts the same three by its own means; deploy/README.md says how.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.servers import Unavailable

CHECKOUT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")
LOGINS_OF_MAKERS = {"ADMIN_DATABASE_URL", "OWNER_DATABASE_URL"}
PATIENCE = 60  # seconds that a process on a loaded machine may take to answer or to leave


class NotStarted(Exception):
    """A process left at once or never answered; the message ends with its last words."""


@dataclass
class Process:
    """One child, with what it writes kept in a file; it may be handed a socket that listens."""

    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    log: Path
    without: frozenset[str] = frozenset()
    listener: socket.socket | None = field(default=None, repr=False)
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it in a group of its own, so that it and its children can be stopped together."""
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command,
                cwd=CHECKOUT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=() if self.listener is None else (self.listener.fileno(),),
            )

    def _environment(self) -> dict[str, str]:
        roots = f"{CHECKOUT / 'platform'}:{CHECKOUT}"
        given = {**os.environ, **self.variables, "PYTHONPATH": roots}
        return {key: value for key, value in given.items() if key not in self.without}

    @property
    def is_running(self) -> bool:
        """Say whether it lives."""
        return self.child is not None and self.child.poll() is None

    def stop(self) -> None:
        """Ask it to leave, and make it leave if it does not."""
        if self.child is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.child.wait(PATIENCE)
        self.kill()

    def kill(self) -> None:
        """End it and its children as a power cut would."""
        if self.child is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        self.child = None

    def last_words(self) -> str:
        """Give the end of what it wrote."""
        return self.log.read_text(errors="replace")[-2000:]


@dataclass
class Processes:
    """Web, worker and clock of one installation."""

    url: str
    web: Process
    worker: Process
    clock: Process

    @property
    def all(self) -> tuple[Process, ...]:
        """Every one of them."""
        return self.web, self.worker, self.clock

    def wait(self) -> None:
        """Wait until the web process answers, whatever it answers."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            dead = next((one for one in self.all if not one.is_running), None)
            if dead:
                raise NotStarted(f"The {dead.name} process ended: {dead.last_words()}")
            try:
                with urllib.request.urlopen(f"{self.url}/livez", timeout=5):  # noqa: S310  # http
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        raise NotStarted(f"The web process does not answer: {self.web.last_words()}")


def listening(ports: Sequence[int]) -> socket.socket:
    """Listen on the first of these ports of the loopback that nobody has; 0 is any free one."""
    for port in ports:
        with suppress(OSError):
            return socket.create_server(("127.0.0.1", port))
    tried = " and ".join(map(str, ports))
    raise Unavailable(f"Port {tried} of 127.0.0.1 is taken, or this account may not listen there.")


def planned(variables: Mapping[str, str], *, ports: Sequence[int] = (0,), logs: Path) -> Processes:
    """Plan the three processes for these variables, the web process on the first port that is free.

    We listen there ourselves and hand it the socket: the port is nobody else's while it starts, nor
    between one that died and the next.
    """
    logs.mkdir(parents=True, exist_ok=True)
    listener = listening(ports)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    here = {
        **variables,
        "SITE_URL": url,
        "WEB_BIND": f"fd://{listener.fileno()}",
        # As root the worker warns of what messages might hold; ours hold JSON and nothing else.
        "PYTHONWARNINGS": "ignore:You're running the worker",
    }
    celery = [str(PROGRAMS / "celery"), "--app", "deploy.worker"]

    def process(name: str, *command: str, listener: socket.socket | None = None) -> Process:
        # Only the worker makes schemas, and nobody needs the superuser once they are made.
        without = {"ADMIN_DATABASE_URL"} if name == "worker" else LOGINS_OF_MAKERS
        return Process(name, command, here, logs / f"{name}.log", frozenset(without), listener)

    gunicorn = [str(PROGRAMS / "gunicorn"), "--config", "deploy/web.py", "deploy.wsgi"]
    return Processes(
        url,
        process("web", *gunicorn, listener=listener),
        process("worker", *celery, "--quiet", "worker", "--concurrency", "2", *ALONE),
        process("clock", *celery, "--quiet", "beat", "--schedule", str(logs / "ticks")),
    )


@contextmanager
def running(
    variables: Mapping[str, str], *, ports: Sequence[int] = (0,), logs: Path
) -> Iterator[Processes]:
    """Run all three for a while; they are gone afterwards, however the while ends."""
    processes = planned(variables, ports=ports, logs=logs)
    try:
        for process in processes.all:
            process.start()
        processes.wait()
        yield processes
    finally:
        for process in reversed(processes.all):
            process.stop()
            if process.listener is not None:
                process.listener.close()


@contextmanager
def kept_alive(processes: Processes) -> Iterator[None]:
    """Start a process again that died, as a service manager would."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.2):
            for process in processes.all:
                if not process.is_running:
                    process.start()

    watcher = threading.Thread(target=watch, name="service manager", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
