"""Every door and every role: opened exactly as the matrix says, and named in it."""

import pytest

from api.door import DOORS, PARAMETER, Door
from api.urls import load
from backline.kernel.actors import SYSTEM
from backline.kernel.ids import new_id, public
from tenants import tenancy
from tenants.access import actions, roles
from tests.access.people import NOON, enrolled, key_of
from tests.wire import Wire

load()
GUARDED = sorted((door for door in DOORS.values() if door.role != "public"), key=lambda d: d.path)
VISITING = ("partner_admin", "ops_payroll", "ops_billing", "ops_compliance")
SIGNED_IN = ("owner", "staff", "auditor", "funder")


def address(door: Door) -> str:
    """A path of this door that leads to no record."""
    words = {"int": "1", "day": "2026-06-01", "": "unknown"}

    def filled(found) -> str:
        prefix = found[2] or ""
        return words.get(prefix) or public(prefix, new_id())

    return PARAMETER.sub(filled, door.path)


def is_open(door: Door, wire: Wire) -> bool:
    """Whether this caller passes; what lies behind is for other tests."""
    answer = wire.client.generic(
        door.method,
        address(door),
        b'{"nothing": "of this name"}',
        content_type=door.takes[0],
        headers={"Authorization": f"Bearer {wire.token}"},
    )
    refused = answer.status_code == 403 and b'"scope_missing"' in answer.content
    assert answer.status_code < 500, answer.content
    assert answer.status_code != 401, answer.content
    return not refused


def must_agree(wire: Wire, role: str, firm_kind: str) -> None:
    held = roles.within(roles.scopes_of(role), firm_kind=firm_kind)
    limited = roles.limited_scopes_of(role)
    wrong = [
        f"{door.method} {door.path} ({door.scope})"
        for door in GUARDED
        if is_open(door, wire) != (door.scope in held or (door.own and door.scope in limited))
    ]
    assert wrong == []


@pytest.mark.parametrize("door", GUARDED, ids=lambda door: door.operation)
def test_every_door_names_a_function_of_the_matrix(door: Door):
    assert door.scope in roles.ALL_SCOPES


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
class TestEveryRoleAtEveryDoor:
    """What AU-02 asks: one test for each role and each route."""

    pytestmark = pytest.mark.capability("AU-02")

    @pytest.mark.parametrize("role", SIGNED_IN)
    def test_of_the_agency(self, agency, role):
        must_agree(enrolled(agency, role, f"{role}@acorn.example").calls(), role, "agency")

    @pytest.mark.parametrize("role", [*VISITING, "auditor"])
    def test_of_the_partner_at_home(self, partner, role):
        wire = enrolled(partner, role, f"{role}@northstar.example").calls()
        must_agree(wire, role, "partner")

    @pytest.mark.parametrize("role", VISITING)
    def test_of_the_partner_inside_an_agency(self, partner, agency, role):
        wire = enrolled(partner, role, f"{role}@northstar.example").calls()
        where = f"/v1/partner/agencies/{agency.ref}/act"
        visit = wire.post(where, {"reason": "Ticket 4711: a question"}).done()
        must_agree(Wire(visit["token"]), role, "agency")

    @pytest.mark.parametrize("kind", ["agency", "partner"])
    def test_of_a_key_that_holds_all_it_may(self, places, kind):
        place = places[kind]
        held = roles.within(roles.scopes_of(roles.INTEGRATION), firm_kind=kind)
        with tenancy.firm(place.ref):
            key = actions.issue(
                firm=key_of(place), name="All", scopes=sorted(held), actor=SYSTEM, at=NOON
            )
        must_agree(Wire(key.text), roles.INTEGRATION, kind)


@pytest.mark.django_db
def test_without_a_credential_every_door_is_shut():
    for door in GUARDED:
        answer = Wire().client.generic(door.method, address(door))
        assert answer.status_code == 401, door.operation
