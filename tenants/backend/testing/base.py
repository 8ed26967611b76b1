"""The wrapper for tests that roll back: firms change inside the transaction that is the test's."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from tenants.backend import base
from tenants.backend.errors import SeatChanged
from tenants.backend.seats import Seat


class DatabaseWrapper(base.DatabaseWrapper):
    """The real wrapper, but what the test opened does not count as a transaction."""

    @property
    def _in_test(self) -> bool:
        """The outermost blocks are the test's own; Django marks them."""
        blocks: list[Any] = self.atomic_blocks
        return bool(blocks) and bool(blocks[0]._from_testcase)

    def _ours(self) -> int:
        """How many blocks are not the test's."""
        blocks: list[Any] = self.atomic_blocks
        return sum(not block._from_testcase for block in blocks)

    def _may_sit(self) -> None:
        if not self._in_test:
            super()._may_sit()
        elif self.seat is not None or self._ours():
            raise SeatChanged("a firm is already open here")

    def _depth(self) -> int:
        return max(self._ours() - 1, 0) if self._in_test else super()._depth()

    def _may_move(self, seat: Seat) -> bool:
        # Every seat was checked when it was taken; on the server they share the test's transaction.
        return self._in_test or super()._may_move(seat)

    @contextmanager
    def as_of_one_moment(self) -> Iterator[None]:
        """The test's transaction began before, and stays as it is."""
        with nullcontext() if self._in_test else super().as_of_one_moment():
            yield

    def check_constraints(self, table_names: Iterable[str] | None = None) -> None:
        """Check deferred constraints at the end of a test, where no firm is open."""
        if self.seat is None and self._in_test:
            with self.wrap_database_errors:
                self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                self.connection.execute("SET CONSTRAINTS ALL DEFERRED")
            return
        super().check_constraints(table_names)
