"""The partner's doors: an agency made, funded, handed its cash and settled, over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

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
