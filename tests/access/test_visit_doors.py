"""The partner's staff inside an agency: never without a reason, never for long, always seen."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from backline.kernel.ids import new_id
from backline.kernel.models import Event
from tenants import tenancy
from tenants.access.models import ActingToken
from tests.access.people import NOON, Somebody, enrolled, key_of
from tests.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
REASON = "Ticket 4711: the pay run of week 22 is blocked"


def entering(wire: Wire, agency, **asked: object):
    return wire.post(f"/v1/partner/agencies/{agency.ref}/act", asked)


@pytest.fixture
def wire(payroller: Somebody) -> Wire:
    """Paula of the partner, signed in there."""
    return payroller.calls()


@pytest.fixture
def visit(wire, agency):
    """Paula inside the agency."""
    return entering(wire, agency, reason=REASON).done().body


@pytest.mark.capability("PT-16", "AU-08")
def test_staff_enter_with_a_reason_for_an_hour_and_the_agency_reads_of_it(
    wire, agency, owner, clock
):
    for reason in ({}, {"reason": ""}, {"reason": "  x  "}, {"reason": "because  \n  "}):
        assert entering(wire, agency, **reason).status == 422
    visit = entering(wire, agency, reason=REASON).done()
    inside = Wire(visit["token"]).get("/v1/me").done()

    assert (inside["kind"], inside["firm"], inside["role"]) == ("acting", agency.ref, "ops_payroll")
    assert inside["expires_at"] == "2026-06-01T13:00:00Z"

    read = owner.calls().get("/v1/access-log").done()["data"]
    assert [(entry["person_name"], entry["reason"]) for entry in read] == [
        ("Paula Payroll", REASON)
    ]
    assert read[0]["partner_name"] == "Northstar Partners"
    told = owner_reads_events(agency)
    assert [(event.name, event.reason) for event in told] == [("agency.entered", REASON)]
    assert told[0].actor["on_behalf_of"] == inside["on_behalf_of"]

    clock.shift(3600)
    assert Wire(visit["token"]).get("/v1/me").status == 401


def owner_reads_events(agency) -> list[Event]:
    with tenancy.firm(agency.ref):
        return list(Event.objects.filter(name__startswith="agency.").order_by("recorded_at"))


def test_a_visit_that_is_refused_leaves_nothing(wire, agency):
    entering(wire, agency, reason="short")

    assert owner_reads_events(agency) == []
    with tenancy.firm(agency.ref):
        assert not ActingToken.objects.exists()


def test_the_twin_agency_reads_nothing_of_it(visit, other_agency):
    twin = enrolled(other_agency, "owner", "oscar@acorn.example").calls()

    assert twin.get("/v1/access-log")["data"] == []
    assert twin.get(f"/v1/access-log/{visit['id']}").status == 404


def test_a_visit_to_one_agency_opens_no_other(visit, other_agency):
    inside = Wire(visit["token"])

    reply = inside.call("GET", "/v1/me", headers={"Agency": other_agency.ref})
    assert (reply.status, reply.code) == (403, "agency_mismatch")


def test_inside_an_agency_nothing_of_the_partner_is_open(visit, agency):
    inside = Wire(visit["token"])

    assert not [scope for scope in inside.get("/v1/me")["scopes"] if scope.startswith("agencies:")]
    assert entering(inside, agency, reason=REASON).code == "scope_missing"


def test_the_person_is_the_same_inside_and_outside(wire, visit):
    assert Wire(visit["token"]).get("/v1/me")["id"] == wire.get("/v1/me")["id"]


def test_a_visit_is_as_fresh_as_the_session_it_came_from(wire, agency, clock, payroller):
    clock.shift(240)
    visit = entering(wire, agency, reason=REASON).done()

    assert visit["fresh_until"] == "2026-06-01T12:05:00Z"
    clock.shift(120)
    code = {"code": payroller.code(at=NOON.replace(minute=6))}
    fresh = Wire(visit["token"]).post("/v1/sessions/refresh-factor", code).done()
    assert fresh["fresh_until"] == "2026-06-01T12:11:00Z"
    assert Wire(visit["token"]).get("/v1/me")["fresh_until"] == "2026-06-01T12:11:00Z"
    assert wire.get("/v1/me")["fresh_until"] == "2026-06-01T12:05:00Z"


def test_leaving_ends_the_visit_and_not_the_session(wire, visit, agency):
    inside = Wire(visit["token"])
    assert inside.delete("/v1/sessions/current").status == 204

    assert inside.get("/v1/me").status == 401
    assert wire.get("/v1/me").status == 200
    assert [event.name for event in owner_reads_events(agency)] == [
        "agency.entered",
        "agency.left",
    ]


def test_signing_out_ends_every_visit(wire, visit):
    wire.delete("/v1/sessions/current")

    assert Wire(visit["token"]).get("/v1/me").status == 401


def test_losing_the_role_ends_the_visit(visit, partner):
    from tenants.access.models import Membership

    with tenancy.firm(partner.ref):
        Membership.objects.filter(firm=key_of(partner)).update(role="auditor")

    assert Wire(visit["token"]).get("/v1/me").status == 401


@pytest.mark.parametrize("asked", [{"minutes": 61}, {"minutes": 0}, {"minutes": "60"}])
def test_nobody_stays_longer_than_an_hour(wire, agency, asked):
    assert entering(wire, agency, reason=REASON, **asked).status == 422


def test_a_short_visit_ends_early(wire, agency, clock):
    visit = entering(wire, agency, reason=REASON, minutes=5).done()
    clock.shift(300)

    assert Wire(visit["token"]).get("/v1/me").status == 401


def test_the_partner_is_not_entered_as_if_it_were_an_agency(wire, partner):
    assert entering(wire, partner, reason=REASON).status == 404


def test_an_unknown_agency_and_one_that_is_suspended_are_not_entered(wire, agency):
    from tenants.agencies.models import Firm

    unknown = wire.post(f"/v1/partner/agencies/agy_{'0' * 26}/act", {"reason": REASON})
    with tenancy.shared():
        Firm.objects.filter(schema=agency.schema).update(state="suspended")
    closed = entering(wire, agency, reason=REASON)

    assert (unknown.status, unknown.code) == (closed.status, closed.code) == (404, "not_found")


def test_an_owner_enters_no_agency(owner, agency, other_agency):
    wire = owner.calls()

    assert entering(wire, agency, reason=REASON).code == "scope_missing"
    assert entering(wire, other_agency, reason=REASON).code == "scope_missing"


@pytest.mark.parametrize(
    "wrong", [{"reason": "   "}, {"expires_at": NOON + timedelta(hours=2)}], ids=["why", "long"]
)
def test_the_database_keeps_no_visit_without_a_reason_or_of_two_hours(visit, agency, wrong):
    with tenancy.firm(agency.ref):
        row = ActingToken.objects.get()
    kept = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    another = ActingToken(**kept | {"id": new_id(), "key": "x" * 12} | wrong)

    with pytest.raises(IntegrityError), tenancy.firm(agency.ref):
        another.save(force_insert=True)
