"""Killing: web, worker and PostgreSQL ended at random moments, as a power cut ends them."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from deploy import processes, servers
from deploy.servers import ports
from deploy.storm.ground import SET, Place
from deploy.storm.week import STAGES

VICTIMS: Final = ("worker", "web", "postgres")
SHARE: Final = 0.9  # of the time that a stage took in calm, so that its kills fall into it
PATIENCE: Final = 60.0  # seconds for somebody who was killed to be there to be killed again


class Storm:
    """So many kills, shared out over stages and victims; their order and moments are dice."""

    def __init__(
        self,
        place: Place,
        *,
        kills: int,
        seed: int,
        calm: Mapping[str, float],
        say: Callable[[str, str], None],
    ) -> None:
        self.place, self.say = place, say
        self.dice = random.Random(seed)
        self.calm = calm
        victims = [VICTIMS[n % len(VICTIMS)] for n in range(kills)]
        self.dice.shuffle(victims)
        self.plan = {stage: victims[n :: len(STAGES)] for n, stage in enumerate(STAGES)}
        self.kills = kills
        self._entered = {stage: threading.Event() for stage in STAGES}
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
        for entered in self._entered.values():
            entered.set()
        self._thread.join()

    @property
    def is_over(self) -> bool:
        """Whether every kill that was planned has happened."""
        return self.killed.total() == self.kills

    def told(self) -> str:
        """Who was killed how often."""
        return ", ".join(f"{name} {self.killed[name]} times" for name in VICTIMS)

    def enters(self, stage: str) -> None:
        """Learn that somebody has come to this stage of the week: its kills begin."""
        self._entered[stage].set()

    def ends(self) -> None:
        """Wait for the kills that the week was too quick for: its books must stand them too."""
        self._thread.join()

    def _rage(self) -> None:
        for stage, victims in self.plan.items():
            self._entered[stage].wait()
            for victim in victims:
                # Counted from the kill before: coming back from that is no time of the week.
                pause = self.dice.uniform(0, SHARE * self.calm[stage] / len(victims))
                if self._is_called_off.wait(pause):
                    return
                told = f"{self.killed.total() + 1} of {self.kills}: {victim}, in {stage}"
                self.say("kill", told)
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
