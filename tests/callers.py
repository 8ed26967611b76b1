"""Who calls in the tests: a key of each look-alike agency, people by role, and a stranger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.wire import Wire

PASSWORD = "a long sentence nobody says"


def key_of(place: Place, *scopes: str) -> str:
    """A key of this firm with these scopes; with all that a key may hold, if none is named."""
    from backline.kernel import ids
    from backline.kernel.actors import Actor
    from tenants import tenancy
    from tenants.access import actions, roles

    firm = ids.parse("agy", place.ref)
    assert firm is not None
    all_of_it = roles.within(roles.scopes_of(roles.INTEGRATION), firm_kind=place.kind)
    owner = Actor("person", "psn_owner", "Olive Owner", "owner")
    with tenancy.firm(place.ref):
        return actions.issue(
            firm=firm,
            name="ATS",
            scopes=scopes or sorted(all_of_it),
            actor=owner,
            at=datetime.now(UTC),
        ).text


def signed_in(place: Place, role: str, name: str = "") -> str:
    """The token of somebody of this role who has just shown both factors."""
    from backline.kernel import ids
    from backline.kernel.actors import SYSTEM
    from tenants import tenancy
    from tenants.access import actions, factors

    firm = ids.parse("agy", place.ref)
    assert firm is not None
    now = datetime.now(UTC)
    email = f"{name or role}@{place.schema.replace('_', '')}.example".lower()
    with tenancy.shared():
        made = actions.enrol(
            firm=firm,
            email=email,
            name=name or role.replace("_", " ").title(),
            role=role,
            password=PASSWORD,
            actor=SYSTEM,
            at=now - timedelta(days=1),
        )
    with tenancy.signing_in():
        code = factors.code_at(made.secret, now)
        return actions.sign_in(email=email, password=PASSWORD, code=code, firm=firm, at=now).token


@pytest.fixture
def wire(db: None, agency: Place) -> Wire:
    """An integration of the agency that may do all a key may."""
    from tests.wire import Wire

    return Wire(key_of(agency))


@pytest.fixture
def other_wire(db: None, other_agency: Place) -> Wire:
    """The same of the agency that looks alike."""
    from tests.wire import Wire

    return Wire(key_of(other_agency))


@pytest.fixture
def person(db: None, agency: Place) -> Callable[..., Wire]:
    """Make somebody of a role who has just shown both factors: person("owner")."""
    from tests.wire import Wire

    def make(role: str, place: Place = agency, name: str = "") -> Wire:
        return Wire(signed_in(place, role, name))

    return make


@pytest.fixture
def owner(person: Callable[..., Wire]) -> Wire:
    """The owner of the agency, both factors just shown."""
    return person("owner")


@pytest.fixture
def stranger(db: None) -> Wire:
    """Somebody without any credential."""
    from tests.wire import Wire

    return Wire()
