"""Who plays in the stories: a clerk of an agency, one of an agency that looks just like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk
    from tenants.backend.seats import Place
    from tests.databases import Database


@pytest.fixture
def clerk(committed: Database, agency: Place, partner: Place) -> Clerk:
    """The clerk of an agency in Britain whose books are open."""
    return _started(agency, partner, "GB")


@pytest.fixture
def other(committed: Database, other_agency: Place, partner: Place) -> Clerk:
    """The clerk of an agency that looks just like it."""
    return _started(other_agency, partner, "GB")


@pytest.fixture
def us_clerk(committed: Database, us_agency: Place, partner: Place) -> Clerk:
    """The clerk of an agency in the United States."""
    return _started(us_agency, partner, "US")


def _started(place: Place, partner: Place, country: str) -> Clerk:
    from tests.clerk import clerk_of

    made = clerk_of(place, partner)
    made.starts(country)
    return made
