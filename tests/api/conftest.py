"""Callers for the tests of the frame: a key of each look-alike agency, a person, and a stranger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backline.kernel import ids
from backline.kernel.actors import Actor
from tenants import tenancy
from tenants.access import actions, factors
from tenants.access.roles import INTEGRATION, scopes_of, within
from tenants.tenancy import Place
from tests.wire import Wire

OWNER = Actor("person", "psn_owner", "Olive Owner", "owner")
PASSWORD = "a long sentence nobody says"


def key_of(place: Place, *scopes: str) -> str:
    """A key of this firm with these scopes; with all a key may hold, if none is named."""
    firm = ids.parse("agy", place.ref)
    assert firm is not None
    with tenancy.firm(place.ref):
        held = scopes or tuple(sorted(within(scopes_of(INTEGRATION), firm_kind=place.kind)))
        return actions.issue(
            firm=firm, name="ATS", scopes=held, actor=OWNER, at=datetime.now(UTC)
        ).text


def signed_in(place: Place, role: str) -> str:
    """The token of somebody of this role who has just shown both factors."""
    firm = ids.parse("agy", place.ref)
    assert firm is not None
    now = datetime.now(UTC)
    email = f"{role}@{place.schema.replace('_', '')}.example"
    with tenancy.shared():
        made = actions.enrol(
            firm=firm,
            email=email,
            name=role.title(),
            role=role,
            password=PASSWORD,
            actor=OWNER,
            at=now - timedelta(days=1),
        )
    with tenancy.signing_in():
        code = factors.code_at(made.secret, now)
        return actions.sign_in(email=email, password=PASSWORD, code=code, firm=firm, at=now).token


@pytest.fixture
def wire(db: None, agency: Place) -> Wire:
    """An integration of the agency that may do all a key may."""
    return Wire(key_of(agency))


@pytest.fixture
def other_wire(db: None, other_agency: Place) -> Wire:
    """The same of the agency that looks alike."""
    return Wire(key_of(other_agency))


@pytest.fixture
def owner(db: None, agency: Place) -> Wire:
    """The owner of the agency, both factors just shown."""
    return Wire(signed_in(agency, "owner"))


@pytest.fixture
def stranger(db: None) -> Wire:
    """Somebody without any credential."""
    return Wire()
