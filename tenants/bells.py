"""Bells: messages to the broker, sent beside the work, so that a broker that is away delays nobody.

A bell that cannot be sent is dropped: the round finds what is due. One that waits is not doubled.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable

from celery import current_app

from tenants import sealed, turns

ATTEND, PROVISION = "tenants.attend", "tenants.provision"
REST = 0.01  # seconds after which it looks again: many calls in one moment ring once
LAST_SECONDS = 2.0  # how long a process that ends waits for its last bells

log = logging.getLogger(__name__)


class Bells:
    """Sends one bell after the other from a thread of its own, started by the first."""

    def __init__(self, send: Callable[[str, str, str], None]) -> None:
        self._send = send
        self._start_over()
        os.register_at_fork(after_in_child=self._start_over)
        atexit.register(self.wait, LAST_SECONDS)

    def _start_over(self) -> None:
        """A forked process inherits neither the thread nor what its parent had yet to send."""
        self._changed = threading.Condition()
        self._waiting: dict[tuple[str, str], str] = {}
        self._is_sending = False
        self._thread: threading.Thread | None = None

    def ring(self, task: str, firm: str, key: str) -> None:
        """Have a bell sent soon, once for all who ask before it goes."""
        with self._changed:
            self._waiting.setdefault((task, firm), key)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="bells", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until all is sent; False when the time was not enough."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._is_sending), seconds)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._is_sending = False
                self._changed.notify_all()
            time.sleep(REST)
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                rung, self._waiting = self._waiting, {}
                self._is_sending = True
            for (task, firm), key in rung.items():
                try:
                    self._send(task, firm, key)
                except Exception:  # whatever the broker has, the next bell is another try
                    log.exception("bell_lost", extra={"firm": firm, "task": task})


def _send(task: str, firm: str, key: str) -> None:
    if not turns.may_ring(task, firm):
        return  # it is heard after what was just committed, whoever rang
    message = {"firm": firm, "key": key, "seal": sealed.of(task, firm, key)}
    # A retry would outlast the round.
    try:
        current_app.tasks[task].apply_async(kwargs=message, retry=False)
    except Exception:
        turns.forget_bell(task, firm)
        raise


BELLS = Bells(_send)


def ring(task: str, firm: str, key: str) -> None:
    """Have a task's bell rung for a firm."""
    BELLS.ring(task, firm, key)
