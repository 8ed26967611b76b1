"""Hands: worker processes as a deployment has them, each with firms of its own to serve."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from django.db import connections

from deploy import collecting
from deploy.bench.books.workweeks import Agency, each
from deploy.bench.measuring import used


class Hands:
    """A process for each share of the agencies: they work at the same time, and each keeps what it
    remembers.
    """

    def __init__(self, shares: Sequence[Sequence[Agency]]) -> None:
        """Start them; a connection is nobody's but the process's that opened it."""
        self._shares = shares
        connections.close_all()
        fork = get_context("fork")
        self._hands = [
            ProcessPoolExecutor(1, mp_context=fork, initializer=collecting.settle) for _ in shares
        ]
        for hand in self._hands:
            hand.submit(len, ()).result()

    def do(self, deed: Callable[[Agency], None]) -> None:
        """Have every process do this with its agencies, one after the other, and wait for all."""
        told = [
            hand.submit(_done, deed, share)
            for hand, share in zip(self._hands, self._shares, strict=True)
        ]
        for share, hand in zip(self._shares, told, strict=True):
            for one, weeks in zip(share, hand.result(), strict=True):
                one.weeks = weeks

    def used(self) -> tuple[float, float]:
        """The processor seconds of all of them, and the greatest peak of memory in MiB."""
        told = [hand.submit(used).result() for hand in self._hands]
        return sum(cpu for cpu, _ in told), max(peak for _, peak in told)

    def rest(self) -> None:
        """End them."""
        for hand in self._hands:
            hand.shutdown()


def _done(deed: Callable[[Agency], None], share: Sequence[Agency]) -> list[int]:
    each(share, deed)
    return [one.weeks for one in share]
