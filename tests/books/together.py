"""Together: deeds done by real threads at the same moment, each on a connection of its own.

BOOKS_TRIES says how often each race is run.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

from backline.kernel.errors import Conflict

TRIES = int(os.environ.get("BOOKS_TRIES", "6"))


def at_once(*deeds: Callable[[], Any], patience: float = 60.0) -> list[Any]:
    """Do them at the same moment; returns what each returned or raised, in their order."""
    found: list[Any] = [TimeoutError("still at it")] * len(deeds)
    start = threading.Barrier(len(deeds))

    def run(n: int) -> None:
        try:
            start.wait(10)
            found[n] = deeds[n]()
        except Exception as error:  # noqa: BLE001  # told to the test, which judges it
            found[n] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[n], daemon=True) for n in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience)
    return found


def raised(found: Sequence[Any]) -> list[Exception]:
    """What went wrong among the outcomes."""
    return [one for one in found if isinstance(one, Exception)]


def one_did(found: list[Any], *noes: type[Exception]) -> None:
    """One came through, and everybody else was refused cleanly."""
    others = raised(found)
    assert len(others) == len(found) - 1, found
    assert all(isinstance(no, noes or (Conflict,)) for no in others), others
