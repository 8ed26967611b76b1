"""What the tests of the books may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.books.trade import Trade

if TYPE_CHECKING:
    from tenants.backend.seats import Place


@pytest.fixture
def trade(db: None, places: dict[str, Place]) -> Trade:
    """An agency that begins to trade, rolled back after the test."""
    return Trade(places["agency"], places["partner"]).opens()


@pytest.fixture
def real_trade(places: dict[str, Place], django_db_blocker: Any) -> Iterator[Trade]:
    """An agency that begins to trade, in a database of this test alone, with real commits."""
    from tests.databases import of_its_own

    with django_db_blocker.unblock(), of_its_own():
        yield Trade(places["agency"], places["partner"]).opens()
