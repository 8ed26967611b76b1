"""The partner's doors: an agency made, funded, handed its cash and settled, over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.backline.test_a_british_week import LATER
from tests.callers import key_of, signed_in
from tests.facility.test_a_funded_invoice import TERMS, billed
from tests.wire import Wire

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.databases import Database

LOCKBOX = {
    "bank_reference": "LOCKBOX-7",
    "amount": {"amount": "1197.00", "currency": "GBP"},
    "received_on": "2026-06-09",
    "remittance": "INV-000001",
}


@pytest.mark.capability("PT-15")
def test_an_agency_is_made_in_one_call_and_a_repeat_finishes_it(
    committed: Database, partner: Place
) -> None:
    pia = Wire(signed_in(partner, "partner_admin", "maker"))
    wanted = {
        "reference": "north",
        "name": "North Staffing",
        "country": "GB",
        "sandbox": True,
        "clock": "2026-06-01T08:00:00Z",
        "owner": {"email": "olive@north.example", "name": "Olive"},
    }
    first = pia.post("/v1/partner/agencies", wanted).done()
    again = pia.post("/v1/partner/agencies", wanted).done()

    assert first["state"] == "active"
    assert again["id"] == first["id"]
    other = pia.post("/v1/partner/agencies", {**wanted, "country": "US"})
    assert (other.status, other.code) == (409, "order_differs")
    listed = [one["id"] for one in pia.every("/v1/partner/agencies")]
    assert listed.count(first["id"]) == 1


def test_the_agencies_of_a_partner_are_told_to_nobody_else(
    committed: Database, agency: Place
) -> None:
    ats = Wire(key_of(agency))
    assert ats.get("/v1/partner/agencies").status == 403
    assert ats.post("/v1/partner/agencies", {"name": "Mine"}).status == 403


@pytest.mark.capability("FU-01", "FU-15")
def test_an_invoice_is_funded_paid_and_settled_in_both_books(
    committed: Database, agency: Place, other_agency: Place, partner: Place
) -> None:
    from tenants import attending, tenancy

    pia = Wire(signed_in(partner, "partner_admin", "pia"))
    bea = Wire(signed_in(partner, "ops_billing"))
    moved = Wire(key_of(agency)).post("/v1/sandbox/clock", {"now": LATER.isoformat()}).done()
    assert moved["now"].startswith("2026-06-09")
    with tenancy.firm(agency.ref):
        billed(agency)
    attending.attend(agency.ref)
    here = f"/v1/partner/agencies/{agency.ref}"
    position = pia.get(f"{here}/funding").done()
    assert position["moved"]["advanced"] == "1077.30"

    handed = bea.post(f"{here}/receipts", {"receipts": [LOCKBOX]}, key="lockbox-7").done()
    assert [one["outcome"] for one in handed["results"]] == ["done"]
    told_again = bea.post(f"{here}/receipts", {"receipts": [LOCKBOX]}, key="lockbox-7b").done()
    assert told_again["results"][0]["id"] == handed["results"][0]["id"]
    attending.attend(agency.ref)
    assert bea.post(f"{here}/reconcile").done()["breaks"] == []
    moved = pia.get(f"{here}/funding").done()["moved"]
    assert (moved["repaid"], moved["released"]) == ("1077.30", "119.70")
    assert Decimal(moved["fee"]) + Decimal(moved["fee_tax"]) == Decimal("14.36")

    report = pia.get("/v1/partner/reports/week", week_starts_on="2026-06-01").done()
    rows = {row["agency"]: row for row in report["agencies"]}
    assert rows[agency.ref]["bill"] == {"amount": "997.50", "currency": "GBP"}
    assert other_agency.ref not in rows

    strange = pia.get(f"/v1/partner/agencies/{partner.ref}/funding")
    assert strange.status == 404


def test_funding_terms_name_every_fault_and_change_nothing(
    committed: Database, agency: Place, partner: Place
) -> None:
    pia = Wire(signed_in(partner, "partner_admin", "terms"))
    body = {"since": "2027-01-01", "currency": "GBP", "facts": {"advance_share": "1.5", "x": 1}}
    refused = pia.post(f"/v1/partner/agencies/{agency.ref}/funding-terms", body)
    assert refused.status == 422
    assert len(refused.codes) == 2
    good = {**body, "facts": TERMS}
    made = pia.post(f"/v1/partner/agencies/{agency.ref}/funding-terms", good).done()
    assert made["facts"]["advance_share"] == "0.90"


def test_an_agency_is_read_suspended_and_restored_by_its_partner_alone(
    committed: Database, agency: Place, other_agency: Place, partner: Place
) -> None:
    pia = Wire(signed_in(partner, "partner_admin", "gate"))
    ours, theirs = Wire(key_of(agency)), Wire(key_of(other_agency))
    here = f"/v1/partner/agencies/{agency.ref}"
    listed = {one["id"]: one for one in pia.every("/v1/partner/agencies")}
    told = pia.get(here).done()
    assert (told.body, told["state"]) == (listed[agency.ref], "active")
    assert pia.get(f"/v1/partner/agencies/{partner.ref}").status == 404
    worker = ours.post("/v1/workers", {"given_name": "Ada", "family_name": "B", "country": "GB"})

    for caller in (ours, theirs, Wire(signed_in(agency, "owner", "gatekeeper"))):
        assert caller.get(here).code == "scope_missing"
        assert caller.post(f"{here}/suspend", {"reason": "mine"}).code == "scope_missing"
        assert caller.post(f"{here}/restore", {"reason": "mine"}).code == "scope_missing"
    itself = pia.post(f"/v1/partner/agencies/{partner.ref}/suspend", {"reason": "unpaid"})
    no_reason = pia.post(f"{here}/suspend", {"reason": ""})
    assert (itself.status, no_reason.status) == (404, 422)
    assert pia.get(here).done().body == told.body

    for _ in range(2):  # the same again changes nothing
        closed = pia.post(f"{here}/suspend", {"reason": "unpaid since May"}).done()
        assert closed.body == {**told.body, "state": "suspended"}
        assert ours.get("/v1/workers").status in (401, 403)
        assert pia.post(f"{here}/act", {"reason": "the weekly cycle"}).status == 404
        assert theirs.get("/v1/workers").status == 200
    for _ in range(2):
        assert pia.post(f"{here}/restore", {"reason": "paid"}).done().body == told.body
        assert worker.done()["id"] in [one["id"] for one in ours.every("/v1/workers")]
    assert _noted(agency) == [("suspend", "unpaid since May"), ("restore", "paid")]
    assert _noted(other_agency) == []


def _noted(place: Place) -> list[tuple[str, str]]:
    """What was done to a firm's doors since it was opened, and why."""
    from tenants import tenancy
    from tenants.agencies.models import Step

    with tenancy.shared():
        steps = Step.objects.filter(firm__schema=place.schema, deed__in=["suspend", "restore"])
        return list(steps.order_by("id").values_list("deed", "reason"))


def test_an_invoice_is_funded_and_its_week_settled_by_hand_and_once(
    committed: Database, agency: Place, other_agency: Place, partner: Place
) -> None:
    from tenants import tenancy

    bea = Wire(signed_in(partner, "ops_billing", "by_hand"))
    pia = Wire(signed_in(partner, "partner_admin", "by_hand_too"))
    owner = Wire(signed_in(other_agency, "owner", "borrower"))
    Wire(key_of(other_agency)).post("/v1/sandbox/clock", {"now": LATER.isoformat()}).done()
    with tenancy.firm(other_agency.ref):
        billed(other_agency)
    here = f"/v1/partner/agencies/{other_agency.ref}"
    week = {"week_starts_on": "2026-06-08"}
    untold = _positions(pia).get(agency.ref)

    for path, body in ((f"{here}/fund", None), (f"{here}/settle", week)):
        assert owner.post(path, body, key="mine").code == "scope_missing"
        assert pia.post(path, body, key="not_hers").code == "scope_missing"
        assert bea.post(path, body).code == "idempotency_key_required"
        itself = path.replace(other_agency.ref, partner.ref)
        assert bea.post(itself, body, key="itself").status == 404
    funded = bea.post(f"{here}/fund", key="fund").done()
    repeated = bea.post(f"{here}/fund", key="fund").done()
    nothing = bea.post(f"{here}/fund", key="fund again").done()

    # 90 % of 1,197.00 is advanced against the invoice that is assigned
    assert (funded["advances"], funded["movements"]) == (1, 2)
    assert (repeated.body, nothing.body) == (funded.body, {"advances": 0, "movements": 0})
    (advance,) = owner.every("/v1/advances")
    assert (advance["state"], advance["advanced"]["amount"]) == ("advanced", "1077.30")
    assert advance["unfunded"]["amount"] == "119.70"

    settled = bea.post(f"{here}/settle", week, key="settle").done()
    twice = bea.post(f"{here}/settle", week, key="settle again").done()
    earlier = bea.post(f"{here}/settle", {"week_starts_on": "2026-06-01"}, key="earlier")
    later = bea.post(f"{here}/settle", {"week_starts_on": "2026-06-15"}, key="later")

    assert settled.body == {"advances": 0, "movements": 1}  # the wire
    assert twice.body == {"advances": 0, "movements": 0}
    assert (earlier.code, later.code) == ("settled_beyond", "week_not_begun")
    (statement,) = owner.every("/v1/settlements")
    told = {name: statement[name]["amount"] for name in ("advanced", "closing", "net_wire")}
    assert told == {"advanced": "1077.30", "closing": "1077.30", "net_wire": "1077.30"}

    reconciled_and_told(pia, bea, other_agency, agency)
    assert _positions(pia).get(agency.ref) == untold
    assert [one["id"] for one in owner.every("/v1/settlements")] == [statement["id"]]


def reconciled_and_told(pia: Wire, bea: Wire, place: Place, beside: Place) -> None:
    """The books agree, the comparison is kept, and the partner reads where the agency stands."""
    from tenants import attending

    kept = "/v1/partner/reconciliations"
    made = bea.post(f"/v1/partner/agencies/{place.ref}/reconcile").done()
    (row,) = pia.every(kept, agency=place.ref)
    assert pia.get(f"{kept}/{made['id']}").done().body == made.body == row
    assert (row["agency"], row["breaks"]) == (place.ref, [])
    for somebody in (place, beside):
        stranger = Wire(signed_in(somebody, "auditor", "reader"))
        hidden = stranger.get(f"{kept}/{made['id']}")
        assert (hidden.status, stranger.get("/v1/partner/reports/positions").status) == (404, 403)
        assert stranger.every(kept) == []

    attending.attend(place.ref)
    now = _positions(pia)[place.ref]
    assert {name: now[name]["amount"] for name in ("receivable", "in_use", "headroom")} == {
        "receivable": "1197.00",
        "in_use": "1077.30",
        "headroom": "0.00",
    }
    assert (now["agency_name"], now["unapplied"]["amount"]) == ("Acorn Staffing", "0.00")
    assert [(one["kind"], one["count"]) for one in now["exceptions"]] == [
        ("invoice_undelivered", 1)
    ]


def _positions(wire: Wire) -> dict[str, Any]:
    """Where each agency stands, by its id."""
    told = wire.get("/v1/partner/reports/positions").done()
    return {row["agency"]: row for row in told["agencies"]}
