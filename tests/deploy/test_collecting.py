"""A process that serves does not look through its own program again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from deploy import collecting


@pytest.fixture
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_there_is_left_alone_and_what_comes_is_cleared_away(as_before):
    class Held:
        count = 0

        def __init__(self) -> None:
            self.me = self
            Held.count += 1

        def __del__(self) -> None:
            Held.count -= 1

    collecting.settle()
    for _ in range(3 * collecting.NEW):
        Held()

    assert gc.get_freeze_count() > 0
    assert Held.count < 2 * collecting.NEW
