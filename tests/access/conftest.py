"""Callers for the tests of access, at a noon that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tenants.backend.seats import Place
from tests.access.people import NOON, Somebody, enrolled


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The real clock, standing at noon."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def owner(agency: Place) -> Somebody:
    """The owner of the agency."""
    return enrolled(agency, "owner", "olive@acorn.example", name="Olive Owner")


@pytest.fixture
def payroller(partner: Place) -> Somebody:
    """Somebody of the partner who prepares pay."""
    return enrolled(partner, "ops_payroll", "paula@northstar.example", name="Paula Payroll")
