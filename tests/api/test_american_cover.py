"""Workers' compensation across the sea: work that the firm's carrier does not insure is refused
where it is assigned.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.api import office
from tests.callers import signed_in
from tests.wire import Wire

pytestmark = pytest.mark.django_db

CLERK, ROOFER = "8810", "5551"


def covered(place, *classes: str, state: str = "TX") -> Wire:
    """The owner of a firm whose carrier covers some classes of work in a state."""
    owner = Wire(signed_in(place, "owner"))
    facts = {"rate": "0.027", "workers_comp": dict.fromkeys(classes, "0.15")}
    body = {"authority": f"state:{state}", "reference": "1", "since": "2026-01-01"}
    owner.post("/v1/registrations", body | {"facts": facts}).done()
    return owner


def wanted(wire: Wire, code: str, **more: Any) -> dict[str, Any]:
    """A W-2 assignment in Texas in a class of work."""
    client = office.client(wire, country="US", currency="USD")
    where = {"country": "US", "time_zone": "America/Chicago", "region": more.pop("region", "TX")}
    return {
        "worker": office.worker(wire, country="US"),
        "client": client,
        "site": office.site(wire, client, **where),
        "engagement": "w2",
        "starts_on": "2026-06-01",
        "pay_frequency": "weekly",
        "rates": {"rates": [office.rate("30.00", "45.00", currency="USD")]},
        "workers_comp_class": code,
    } | more


@pytest.mark.capability("OU-08")
def test_a_roofer_is_refused_where_only_clerks_are_covered(us_agency, other_us_agency):
    """Class 5551 is roofing, 8810 clerical work. The look-alike's carrier covers both."""
    owner = covered(us_agency, CLERK)
    other = covered(other_us_agency, CLERK, ROOFER)

    refused = owner.post("/v1/assignments", wanted(owner, ROOFER))

    assert (refused.status, refused.codes) == (422, [("not_covered", "/workers_comp_class")])
    assert "class 5551 in TX" in refused["detail"]
    assert owner.every("/v1/assignments") == []
    assert other.post("/v1/assignments", wanted(other, ROOFER)).done()["status"] == "pending"
    assert owner.post("/v1/assignments", wanted(owner, CLERK)).done()["status"] == "pending"


def test_cover_is_of_a_state_and_a_day(us_agency):
    owner = covered(us_agency, CLERK, ROOFER)

    elsewhere = owner.post("/v1/assignments", wanted(owner, ROOFER, region="IL"))
    before = owner.post("/v1/assignments", wanted(owner, ROOFER, starts_on="2025-12-29"))

    assert elsewhere.codes == before.codes == [("not_covered", "/workers_comp_class")]
    assert owner.every("/v1/assignments") == []


def test_a_clerk_does_not_become_a_roofer_without_cover(us_agency):
    owner = covered(us_agency, CLERK)
    path = f"/v1/assignments/{owner.post('/v1/assignments', wanted(owner, CLERK)).done()['id']}"
    held = owner.get(path).done()

    reply = owner.patch(path, {"workers_comp_class": ROOFER}, match=held.headers["ETag"])

    assert reply.codes == [("not_covered", "/workers_comp_class")]
    assert owner.get(path).done().body == held.body


def test_a_contractor_is_not_the_firms_to_cover(us_agency):
    owner = covered(us_agency, CLERK)

    made = owner.post("/v1/assignments", wanted(owner, ROOFER, engagement="1099")).done()

    assert made["workers_comp_class"] == ROOFER
