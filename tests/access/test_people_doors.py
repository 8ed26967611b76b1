"""People over HTTP: invited, joining with both factors, changing role, leaving."""

import re
from datetime import timedelta

import pytest

from backline.desk.models import Message
from backline.kernel.models import Event
from tenants import tenancy
from tenants.access import factors
from tests.access.people import NOON, PASSWORD, Somebody, enrolled
from tests.wire import Wire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SALLY = {"email": "Sally@acorn.example", "name": "Sally Staff", "role": "staff"}


@pytest.fixture
def wire(owner: Somebody) -> Wire:
    return owner.calls()


def mailed(agency) -> str:
    """The token of the last invitation that was mailed."""
    with tenancy.firm(agency.ref):
        letter = Message.objects.filter(kind="invitation").latest("queued_at")
    found = re.search(r"/join/(\S+)", letter.body)
    assert found
    return found[1]


def accepting(token: str, **given: str):
    asked = {"token": token, "password": "sally has a long sentence"} | given
    return Wire().post("/v1/invitations/accept", asked)


def test_somebody_new_joins_with_a_password_and_a_code(wire, agency):
    invited = wire.post("/v1/people", SALLY).done()
    assert (invited["state"], invited["email"]) == ("invited", "sally@acorn.example")
    token = mailed(agency)

    first = accepting(token).done()
    assert first["state"] == "code_needed"
    assert first["totp_uri"].startswith("otpauth://totp/")
    code = factors.code_at(first["totp_secret"], NOON)
    assert accepting(token, code="000000").status == 401
    second = accepting(token, code=code).done()
    assert (second["state"], second["totp_secret"]) == ("joined", None)

    read = wire.get(f"/v1/people/{invited['id']}").done()
    assert (read["state"], read["joined_at"]) == ("active", "2026-06-01T12:00:00Z")
    assert accepting(token).status == 404


def test_the_invitation_is_mailed_and_not_told_to_the_one_who_invites(wire, agency):
    invited = wire.post("/v1/people", SALLY).done()

    assert mailed(agency) not in str(invited.body)
    assert mailed(agency) not in str(wire.get("/v1/people").body)


def test_somebody_known_joins_another_firm_with_what_they_have(wire, agency, payroller):
    wire.post("/v1/people", SALLY | {"email": payroller.email, "role": "auditor"}).done()
    token = mailed(agency)

    assert accepting(token, password="somebody elses long sentence").status == 401
    joined = accepting(token, password=PASSWORD, code=payroller.code()).done()
    assert (joined["state"], joined["totp_secret"]) == ("joined", None)


def test_an_invitation_does_not_overwrite_a_person(wire, agency, payroller):
    wire.post("/v1/people", SALLY | {"email": payroller.email, "role": "auditor"}).done()

    assert accepting(mailed(agency)).status == 401
    assert payroller.calls().get("/v1/me").status == 200


def test_an_invitation_ends_after_a_week(wire, agency, clock):
    wire.post("/v1/people", SALLY).done()
    clock.shift(timedelta(days=7))

    assert accepting(mailed(agency)).code == "invitation_unknown"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"email": "sally"}, ("email_invalid", "/email")),
        ({"role": "partner_admin"}, ("role_unknown", "/role")),
        ({"role": "integration"}, ("unknown_value", "/role")),
    ],
)
def test_a_wrong_invitation_is_refused(wire, changed, fault):
    reply = wire.post("/v1/people", SALLY | changed)

    assert reply.status == 422
    assert [pointer for _, pointer in reply.codes] == [fault[1]]


def test_nobody_is_invited_twice(wire):
    wire.post("/v1/people", SALLY).done()

    assert wire.post("/v1/people", SALLY).code == "already_member"


def test_a_changed_role_holds_from_the_next_call(wire, agency):
    staff = enrolled(agency, "staff", "sally@acorn.example")
    theirs = staff.calls()
    member = wire.get("/v1/people", email="sally@acorn.example")["data"][0]
    assert "timesheets:write" in theirs.get("/v1/me")["scopes"]

    wire.patch(f"/v1/people/{member['id']}", {"role": "auditor"}).done()
    assert "timesheets:write" not in theirs.get("/v1/me")["scopes"]


def test_who_is_ended_is_out_at_once(wire, agency):
    staff = enrolled(agency, "staff", "sally@acorn.example").calls()
    member = wire.get("/v1/people", email="sally@acorn.example")["data"][0]

    wire.post(f"/v1/people/{member['id']}/end", {"reason": "Left us"}).done()
    assert staff.get("/v1/me").status == 401


def test_the_last_owner_stays(wire):
    me = wire.get("/v1/people", role="owner")["data"][0]["id"]

    assert wire.post(f"/v1/people/{me}/end", {}).code == "last_head"
    assert wire.patch(f"/v1/people/{me}", {"role": "staff"}).code == "last_head"


def test_a_twin_firm_neither_sees_nor_ends_them(wire, other_agency):
    me = wire.get("/v1/people", role="owner")["data"][0]["id"]
    twin = enrolled(other_agency, "owner", "oscar@acorn.example").calls()

    assert [each["email"] for each in twin.get("/v1/people")["data"]] == ["oscar@acorn.example"]
    assert twin.get(f"/v1/people/{me}").status == 404
    assert twin.post(f"/v1/people/{me}/end", {}).status == 404


def test_every_change_leaves_an_event(wire, agency):
    wire.post("/v1/people", SALLY).done()
    token = mailed(agency)
    code = factors.code_at(accepting(token)["totp_secret"], NOON)
    accepting(token, code=code).done()
    member = wire.get("/v1/people", role="staff")["data"][0]["id"]
    wire.patch(f"/v1/people/{member}", {"role": "auditor"}).done()
    wire.post(f"/v1/people/{member}/end", {"reason": "Left us"}).done()

    with tenancy.firm(agency.ref):
        rows = Event.objects.filter(name__startswith="person.").order_by("recorded_at")
        told = [(event.name, event.actor["name"], event.changes, event.reason) for event in rows]
    assert told == [
        ("person.invited", "Olive Owner", {}, ""),
        ("person.joined", "Sally Staff", {}, ""),
        ("person.role_changed", "Olive Owner", {"role": ["staff", "auditor"]}, ""),
        ("person.left", "Olive Owner", {}, "Left us"),
    ]
