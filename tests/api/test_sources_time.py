"""Time that a source sends: it finds its assignment by the placement's key, at the right rates, and
waits where the placement is not here yet.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backline.kernel import feed
from tenants import tenancy
from tests.api.bills import drafts
from tests.api.office import inside
from tests.backline.week import attend
from tests.sources import at_work, placement, rates

PATH = "/v1/sources/hawk/placements/P-1"
SHEETS = "/v1/sources/hawk/timesheets"
MONDAY = date(2026, 6, 1)


@pytest.fixture
def hawk(person) -> None:
    """An ATS whose word holds for rates and engagement as well."""
    owner = person("owner")
    owner.post("/v1/sources", {"name": "hawk", "kind": "api"}).done()
    owners = [
        {"record": "placement", "field": name, "owner": "source"}
        for name in ("rates", "engagement", "engagement_since")
    ]
    owner.put("/v1/sources/hawk/ownership", {"owners": owners}, match="*").done()


def begun(wire, place, **more: Any) -> str:
    made = wire.put(PATH, placement(**more)).done()
    confirm(wire, place, made["id"])
    return str(made["id"])


def confirm(wire, place, assignment: str) -> None:
    wire.post(f"/v1/assignments/{assignment}/confirm").done()
    at_work(place, assignment)


def sheet(week: int = 0, *, version: int = 1, hours: str = "8", **more: Any) -> dict[str, Any]:
    """A week of five days."""
    monday = MONDAY + timedelta(weeks=week)
    entries = [
        {"worked_on": str(monday + timedelta(days=day)), "quantity": hours} for day in range(5)
    ]
    body = {"placement": {"external_id": "P-1"}, "starts_on": str(monday), "entries": entries}
    return body | {"submit": True, "source_version": version} | more


def sent(wire, name: str, body: dict[str, Any]) -> str:
    return str(wire.put(f"{SHEETS}/{name}", body).done()["id"])


def charged(wire, timesheet: str) -> list[dict[str, Any]]:
    wire.post(f"/v1/timesheets/{timesheet}/approve", {}).done()
    return [each for each in wire.every("/v1/charges") if each["timesheet"] == timesheet]


def test_time_is_sent_by_the_placements_key_and_the_same_again_changes_nothing(
    wire, other_wire, hawk, agency
):
    begun(wire, agency)

    first = wire.put(f"{SHEETS}/T-1", sheet()).done()
    again = wire.put(f"{SHEETS}/T-1", sheet()).done()

    assert (first.status, again["outcome"], again["id"]) == (201, "unchanged", first["id"])
    made = wire.get(f"/v1/timesheets/{first['id']}").done()
    assert (made["status"], made["total"]) == ("submitted", "40.00")
    assert other_wire.every("/v1/timesheets") == []


def test_time_waits_for_its_placement(wire, hawk, agency):
    parked = wire.put(f"{SHEETS}/T-1", sheet()).done()

    assert (parked.status, parked["waits_for"][0]["external_id"]) == (202, "P-1")
    wire.put(PATH, placement()).done()
    held = wire.get(f"{SHEETS}/T-1").done()
    assert (held["outcome"], held["problem"]["errors"][0]["code"]) == (
        "failed",
        "assignment_not_ready",
    )
    (told,) = wire.every("/v1/exceptions", kind="source_record_failed", state="open")
    assert told["about"] == held["id"]


def test_time_is_refused_with_every_fault(wire, hawk, agency):
    begun(wire, agency)
    body = sheet()
    body["entries"][0]["worked_on"] = "2026-06-20"
    body["entries"][1]["quantity"] = "8.333333"

    reply = wire.put(f"{SHEETS}/T-1", body)

    assert reply.status == 422
    assert wire.every("/v1/timesheets") == []


@pytest.mark.capability("PL-07")
def test_five_rates_of_one_assignment_each_price_their_own_time(wire, hawk, agency):
    prices = {
        "regular": ("15.00", "21.00"),
        "overtime": ("22.50", "31.50"),
        "weekend": ("24.00", "33.00"),
        "night": ("18.00", "25.20"),
        "call_out": ("40.00", "55.00"),
    }
    both = [
        {
            "code": code,
            "unit": "unit" if code == "call_out" else "hour",
            "pay_rate": {"amount": pay, "currency": "GBP"},
            "bill_rate": {"amount": bill, "currency": "GBP"},
        }
        for code, (pay, bill) in prices.items()
    ]
    begun(wire, agency, rates=[{"rates": both}])
    entries = [
        {"worked_on": f"2026-06-0{1 + n}", "code": code, "quantity": "2",
         "unit": "unit" if code == "call_out" else "hour"}
        for n, code in enumerate(prices)
    ]  # fmt: skip

    rows = charged(wire, sent(wire, "T-1", sheet(entries=entries)))

    found = {
        row["code"]: (row["pay_rate"]["amount"], row["bill_rate"]["amount"])
        for row in rows
        if row["code"] in prices
    }
    assert found == prices


@pytest.mark.capability("PL-08")
def test_a_rate_from_wednesday_prices_both_sides_from_wednesday(wire, hawk, agency):
    begun(wire, agency)
    both = rates(("2026-06-01", "15.00", "21.00"), ("2026-06-03", "16.00", "22.50"))
    wire.put(PATH, placement(source_version=2, rates=both)).done()

    rows = charged(wire, sent(wire, "T-1", sheet()))

    work = [row for row in rows if row["code"] == "regular"]
    assert sorted(
        (row["worked_on"], row["pay_rate"]["amount"], row["bill_rate"]["amount"]) for row in work
    ) == [
        ("2026-06-01", "15.00", "21.00"),
        ("2026-06-02", "15.00", "21.00"),
        ("2026-06-03", "16.00", "22.50"),
        ("2026-06-04", "16.00", "22.50"),
        ("2026-06-05", "16.00", "22.50"),
    ]


def test_an_end_before_time_that_was_worked_is_asked_and_not_done(wire, hawk, agency):
    assignment = begun(wire, agency)
    sent(wire, "T-1", sheet())

    reply = wire.put(PATH, placement(source_version=2, ends_on="2026-06-03")).done()

    assert (reply["outcome"], list(reply["proposed"])) == ("proposed", ["ends_on"])
    assert wire.get(f"/v1/assignments/{assignment}").done()["ends_on"] is None


@pytest.mark.capability("PL-13")
def test_from_the_third_week_on_the_work_is_engaged_otherwise(wire, hawk, agency):
    first = begun(wire, agency)
    before = charged(wire, sent(wire, "T-0", sheet(0)))
    company = {"external_id": "U-1", "kind": "umbrella", "legal_name": "Canopy Ltd"}
    body = placement(source_version=2, engagement="umbrella", engagement_since="2026-06-15",
                     intermediary=company)  # fmt: skip

    second = wire.put(PATH, body).done()["id"]
    confirm(wire, agency, second)
    after = charged(wire, sent(wire, "T-2", sheet(2)))
    late = charged(wire, sent(wire, "T-1", sheet(1)))

    assert {row["assignment"] for row in (*before, *late)} == {first}
    assert {row["assignment"] for row in after} == {second}
    engaged = [wire.get(f"/v1/assignments/{key}").done()["engagement"] for key in (first, second)]
    assert engaged == ["paye", "umbrella"]
    assert [wire.get(f"/v1/assignments/{key}").done()["ends_on"] for key in (first, second)] == [
        "2026-06-14",
        None,
    ]
    with tenancy.firm(agency.ref):
        feed.number()
    events = wire.get("/v1/events", subject=first, limit=100).done()["data"]
    assert "ends_on" in [name for each in events for name in each["changes"]]


@pytest.mark.capability("PL-11")
def test_an_extension_after_the_end_has_its_next_sheet_by_itself(wire, hawk, agency):
    from backline.assignments import tasks as days
    from backline.timesheets import tasks

    assignment = begun(wire, agency, ends_on="2026-06-12")
    morning = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
    with tenancy.firm(agency.ref):
        days.follow_the_days(at=morning)
    assert wire.get(f"/v1/assignments/{assignment}").done()["status"] == "ended"

    wire.put(PATH, placement(source_version=2, ends_on="2026-08-28")).done()
    with tenancy.firm(agency.ref):
        tasks.follow_the_days(at=morning)

    sheets = wire.every("/v1/timesheets", assignment=assignment)
    assert "2026-06-15" in [each["starts_on"] for each in sheets]
    assert wire.get(f"/v1/assignments/{assignment}").done()["status"] == "active"


@pytest.mark.capability("PL-15")
def test_another_order_from_the_middle_of_the_month_is_another_invoice(
    wire, other_wire, hawk, agency, partner
):
    billing = inside(partner, agency, "ops_billing", "bill")
    begun(wire, agency, po_number="PO-1", cost_centre="CC-1")
    (client,) = wire.every("/v1/clients")
    terms = {"since": "2026-01-01", "group_by": ["po_number"]}
    wire.post(f"/v1/clients/{client['id']}/terms", terms).done()
    moved = placement(source_version=2, po_number="PO-2", cost_centre="CC-1", po_since="2026-06-08")
    assert wire.put(PATH, moved).done()["outcome"] == "updated"

    for week in range(2):
        charged(wire, sent(wire, f"T-{week}", sheet(week)))
    attend(agency)

    bills = [billing.get(f"/v1/invoices/{each['id']}").done() for each in drafts(billing)]
    assert sorted((each["po_number"], each["net"]["amount"]) for each in bills) == [
        ("PO-1", "840.00"),
        ("PO-2", "840.00"),
    ]
    assert other_wire.every("/v1/invoices") == []
