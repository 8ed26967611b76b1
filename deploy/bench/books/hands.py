"""Hands: worker processes as a deployment has them, each with a firm of its own to serve."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from django.db import connections

from deploy import collecting
from deploy.bench.books.workweeks import Agency
from deploy.bench.measuring import used


class Hands:
    """One process an agency: they work at the same time, and each keeps what it remembers."""

    def __init__(self, some: Sequence[Agency]) -> None:
        """Start them; a connection is nobody's but the process's that opened it."""
        self._some = some
        connections.close_all()
        fork = get_context("fork")
        self._hands = [
            ProcessPoolExecutor(1, mp_context=fork, initializer=collecting.settle) for _ in some
        ]
        for hand in self._hands:
            hand.submit(len, ()).result()

    def do(self, deed: Callable[[Agency], None]) -> None:
        """Have every agency's own process do this with it, and wait for all."""
        told = [
            hand.submit(_done, deed, one) for hand, one in zip(self._hands, self._some, strict=True)
        ]
        for one, hand in zip(self._some, told, strict=True):
            one.weeks = hand.result()

    def used(self) -> tuple[float, float]:
        """The processor seconds of all of them, and the greatest peak of memory in MiB."""
        told = [hand.submit(used).result() for hand in self._hands]
        return sum(cpu for cpu, _ in told), max(peak for _, peak in told)

    def rest(self) -> None:
        """End them."""
        for hand in self._hands:
            hand.shutdown()


def _done(deed: Callable[[Agency], None], one: Agency) -> int:
    deed(one)
    return one.weeks
