"""Killing: web, worker and PostgreSQL ended at random moments, as a power cut ends them."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from types import TracebackType
from typing import Final, Self

from deploy import processes, servers
from deploy.servers import ports
from deploy.storm.ground import SET, Place

VICTIMS: Final = ("worker", "web", "postgres")
SHARE: Final = 0.7  # of the calm week's time, so that all kills fall into the longer one
PATIENCE: Final = 60.0  # seconds for somebody who was killed to be there to be killed again


class Storm:
    """So many kills within a time; the victims' shares are equal, order and moments are not."""

    def __init__(
        self, place: Place, *, kills: int, seed: int, within: float, say: Callable[[str, str], None]
    ) -> None:
        self.place, self.say = place, say
        self.dice = random.Random(seed)
        self.plan = [VICTIMS[n % len(VICTIMS)] for n in range(kills)]
        self.dice.shuffle(self.plan)
        moments = sorted(self.dice.uniform(0, SHARE * within) for _ in self.plan)
        # Counted from the kill before: coming back from that is no time of the week.
        self.pauses = [after - before for before, after in pairwise([0.0, *moments])]
        self.killed: Counter[str] = Counter()
        self._is_called_off = threading.Event()
        self._thread = threading.Thread(target=self._rage, name="storm", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_called_off.set()
        self._thread.join()

    @property
    def is_over(self) -> bool:
        """Whether every kill that was planned has happened."""
        return self.killed.total() == len(self.plan)

    def told(self) -> str:
        """Who was killed how often."""
        return ", ".join(f"{name} {self.killed[name]} times" for name in VICTIMS)

    def _rage(self) -> None:
        for pause, victim in zip(self.pauses, self.plan, strict=True):
            if self._is_called_off.wait(pause):
                return
            self.say("kill", f"{self.killed.total() + 1} of {len(self.plan)}: {victim}")
            self._kill(victim)
            self.killed[victim] += 1

    def _kill(self, victim: str) -> None:
        if victim == "postgres":
            servers.kill_postgres(SET)
            return
        process: processes.Process = getattr(self.place.running, victim)
        # It may be on its way back from the kill before.
        ports.wait(lambda: process.is_running, PATIENCE)
        if process.child is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.child.pid, signal.SIGKILL)


__all__ = ["VICTIMS", "Storm"]
