"""API keys over HTTP: shown once, bound to one firm, never able to do what only a person does."""

from datetime import timedelta
from typing import Any

import pytest

from backline.kernel.ids import new_id
from tenants import tenancy
from tenants.access import tokens
from tenants.access.models import ApiKey
from tenants.access.roles import ALL_SCOPES, INTEGRATION, scopes_of, within
from tests.access.people import NOON, Somebody, enrolled, key_of
from tests.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def wire(owner: Somebody) -> Wire:
    return owner.calls()


def issued(wire: Wire, *scopes: str, **more: object) -> Any:
    asked = {"name": "Bullhorn", "scopes": scopes or ["workers:read", "me:read"], **more}
    return wire.post("/v1/api-keys", asked).done().body


def test_a_key_is_shown_once_and_works(wire, agency):
    made = issued(wire)
    me = Wire(made["token"]).get("/v1/me").done()

    assert (me["kind"], me["firm"], me["role"]) == ("key", agency.ref, "integration")
    assert me["scopes"] == ["me:read", "workers:read"]
    assert me["id"] == made["api_key"]["id"]
    assert made["token"] not in str(wire.get("/v1/api-keys").body)
    assert made["api_key"]["shown"] == made["token"][:21] + "_…"


@pytest.mark.parametrize("scope", sorted(ALL_SCOPES - scopes_of(INTEGRATION)))
def test_no_key_is_given_what_only_a_person_does(wire, scope):
    reply = wire.post("/v1/api-keys", {"name": "X", "scopes": ["me:read", scope]})

    assert reply.status == 422
    assert [pointer for _, pointer in reply.codes] == ["/scopes/1"]
    assert wire.get("/v1/api-keys")["data"] == []


def test_a_scope_that_exists_at_the_partner_is_not_given_by_an_agency(wire):
    reply = wire.post("/v1/api-keys", {"name": "X", "scopes": ["partner_reports:read"]})

    assert (reply.status, reply.code) == (422, "scope_not_for_keys")


def test_a_row_that_says_more_than_a_key_may_hold_opens_nothing_more(agency):
    with tenancy.firm(agency.ref):
        token = tokens.new(tokens.KEY, livemode=False)
        ApiKey.objects.create(
            firm_id=key_of(agency),
            name="Forged",
            series=new_id(),
            key=token.number,
            digest=token.digest,
            scopes=sorted(ALL_SCOPES),
            livemode=False,
            made_by={},
            made_at=NOON,
            expires_at=NOON + timedelta(days=1),
        )

    held = set(Wire(token.text).get("/v1/me").done()["scopes"])
    assert held == within(scopes_of(INTEGRATION), firm_kind="agency")


def test_a_revoked_key_is_refused_from_the_next_call(wire):
    made = issued(wire)
    key = Wire(made["token"])
    assert key.get("/v1/me").status == 200

    assert wire.delete(f"/v1/api-keys/{made['api_key']['id']}").status == 204
    assert wire.delete(f"/v1/api-keys/{made['api_key']['id']}").status == 204
    refused = key.get("/v1/me")
    assert (refused.status, refused.code) == (401, "credential_unknown")


def test_a_rolled_key_works_beside_its_follower_until_the_overlap_ends(wire, clock):
    old = issued(wire)
    where = f"/v1/api-keys/{old['api_key']['id']}/roll"
    new = wire.post(where, {"overlap_hours": 1}).done()

    assert new["api_key"]["scopes"] == old["api_key"]["scopes"]
    assert Wire(old["token"]).get("/v1/me").status == 200
    assert Wire(new["token"]).get("/v1/me").status == 200
    third = wire.post(where, {"overlap_hours": 1})
    assert (third.status, third.code) == (409, "roll_under_way")
    clock.shift(3600)
    assert Wire(old["token"]).get("/v1/me").status == 401
    assert Wire(new["token"]).get("/v1/me").status == 200


def test_a_key_rolled_without_overlap_ends_at_once(wire):
    old = issued(wire)
    wire.post(f"/v1/api-keys/{old['api_key']['id']}/roll", {"overlap_hours": 0}).done()

    assert Wire(old["token"]).get("/v1/me").status == 401


def test_a_key_ends_on_its_day(wire, clock):
    made = issued(wire, lasts_days=1)
    clock.shift(24 * 3600)

    assert Wire(made["token"]).get("/v1/me").status == 401


def test_a_key_lasts_a_year_at_most(wire):
    reply = wire.post("/v1/api-keys", {"name": "X", "scopes": ["me:read"], "lasts_days": 366})

    assert [pointer for _, pointer in reply.codes] == ["/lasts_days"]


def test_a_key_works_only_from_its_addresses(wire):
    here = issued(wire, addresses=["127.0.0.0/8"])
    there = issued(wire, addresses=["203.0.113.0/24", "2001:db8::/32"])

    assert Wire(here["token"]).get("/v1/me").status == 200
    refused = Wire(there["token"]).get("/v1/me")
    assert (refused.status, refused.code) == (403, "address_not_allowed")


def test_what_is_no_address_is_refused(wire):
    asked = {"name": "X", "scopes": ["me:read"], "addresses": ["10.0.0.1", "everywhere"]}

    assert wire.post("/v1/api-keys", asked).codes == [("address_invalid", "/addresses/1")]


def test_a_key_makes_no_keys(wire):
    key = Wire(issued(wire, *sorted(within(scopes_of(INTEGRATION), firm_kind="agency")))["token"])

    reply = key.post("/v1/api-keys", {"name": "X", "scopes": ["me:read"]})
    assert (reply.status, reply.code) == (403, "scope_missing")


def test_a_key_of_one_agency_is_refused_for_its_twin(wire, other_agency):
    key = issued(wire)["token"]

    reply = Wire(key).call("GET", "/v1/me", headers={"Agency": other_agency.ref})
    assert (reply.status, reply.code) == (403, "agency_mismatch")


def test_a_twin_neither_sees_nor_ends_anothers_keys(wire, other_agency):
    made = issued(wire)
    twin = enrolled(other_agency, "owner", "oscar@acorn.example").calls()
    unknown = twin.delete("/v1/api-keys/apk_" + "0" * 26)

    assert twin.get("/v1/api-keys")["data"] == []
    refused = twin.delete(f"/v1/api-keys/{made['api_key']['id']}")
    assert (refused.status, refused.code) == (unknown.status, unknown.code) == (404, "not_found")
    assert Wire(made["token"]).get("/v1/me").status == 200


def test_a_key_of_a_suspended_agency_is_refused(wire, agency):
    from tenants.agencies.models import Firm

    key = Wire(issued(wire)["token"])
    with tenancy.shared():
        Firm.objects.filter(schema=agency.schema).update(state="suspended")

    assert key.get("/v1/me").status == 401


def test_issuing_and_revoking_leave_an_event_each(wire, agency):
    from backline.kernel.models import Event

    made = issued(wire)
    wire.delete(f"/v1/api-keys/{made['api_key']['id']}")
    with tenancy.firm(agency.ref):
        told = list(Event.objects.filter(name__startswith="api_key.").order_by("recorded_at"))

    assert [event.name for event in told] == ["api_key.issued", "api_key.revoked"]
    assert told[0].actor["name"] == "Olive Owner"
    assert made["token"].split("_")[3] not in str(told[0].facts)
