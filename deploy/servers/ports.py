"""Free ports of the loopback, and patience."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

STANDARD_PORTS = {5432, 5433, 6379, 6380}
TRIES = 5


def offer(before: str | None) -> Iterator[int]:
    """Offer the port used before, if nobody took it, and then free ones."""
    for candidate in (int(before or 0), *([0] * TRIES)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            # As the servers do: what is left of a former owner's talks is in nobody's way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", candidate))
            port = probe.getsockname()[1]
            if port in STANDARD_PORTS:
                continue
            probe.close()
            yield port


def is_free(port: int) -> bool:
    """Whether a server could listen there."""
    return next(offer(str(port))) == port


def wait(answers: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again until the answer is yes or the time is up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answers():
            return True
        time.sleep(0.02)
    return answers()
