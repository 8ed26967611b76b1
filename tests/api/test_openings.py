"""An opening position: what workers, clients and the books bring along, until the first run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.api import office

FIGURES = {"gb.pay": "5200.00", "gb.taxable": "5200.00", "gb.tax": "208.20"}
INVOICE = {
    "number": "2026/117",
    "issued_on": "2026-05-04",
    "due_on": "2026-06-03",
    "net": office.money("1000.00"),
    "tax": office.money("200.00"),
    "open_amount": office.money("700.00"),
}


def balances(wire, **more):
    """What stands on each account, by code."""
    told = wire.get("/v1/ledger/trial-balance", **more).done()
    assert told["is_balanced"] is True
    return {row["code"]: row["balance"]["amount"] for row in told["accounts"]}


def position(wire, **more):
    """A whole position for a worker and a client."""
    return {
        "as_of": "2026-05-31",
        "workers": [
            {
                "worker": office.worker(wire, reference="W1"),
                "figures": FIGURES,
                "holiday_hours": "12.50",
            }
        ],
        "invoices": [INVOICE | {"client": office.client(wire, reference="C1")}],
        "balances": [
            {"account": "1020", "debit": office.money("2500.00")},
            {"account": "2210", "credit": office.money("400.00")},
        ],
    } | more


def test_workers_invoices_and_balances_come_along(wire, agency):
    body = position(wire)

    told = wire.post("/v1/openings", body).done()

    assert (told["done"], told["refused"]) == (4, 0)
    assert told["difference"] == [{"currency": "GBP", "amount": office.money("2800.00")}]
    worker = body["workers"][0]["worker"]
    assert wire.get(f"/v1/workers/{worker}").done()["holiday_hours"] == "12.50"
    assert balances(wire, on="2026-05-30") == {}
    assert balances(wire) == {
        "1020": "2500.00",
        "1100": "700.00",
        "2210": "400.00",
        "3000": "2800.00",
    }
    (invoice,) = wire.get("/v1/invoices").done()["data"]
    assert (invoice["number"], invoice["state"]) == ("2026/117", "finalized")
    assert (invoice["gross"], invoice["open_amount"]) == (
        office.money("1200.00"),
        office.money("700.00"),
    )
    from backline.kernel import ids
    from backline.payroll.latest import of_employees
    from tenants import tenancy

    key = ids.parse("wrk", worker)
    assert key is not None
    with tenancy.firm(agency.ref):
        found = of_employees([key], "GB", datetime(2026, 6, 5, tzinfo=UTC).date())
    assert {name: str(amount) for name, amount in found[key][1].items()} == FIGURES
    assert wire.get("/v1/openings").done()["is_open"] is True


def test_sent_again_a_line_replaces_what_it_said(wire):
    body = position(wire)
    wire.post("/v1/openings", body).done()
    wire.post("/v1/openings", body).done()
    assert balances(wire)["1020"] == "2500.00"
    assert len(wire.every("/v1/invoices")) == 1

    corrected = body["balances"][:1]
    corrected[0]["debit"] = office.money("2400.00")
    told = wire.post("/v1/openings", {"as_of": "2026-05-31", "balances": corrected}).done()

    assert told["done"] == 1
    assert (balances(wire)["1020"], balances(wire)["3000"]) == ("2400.00", "2700.00")


def test_good_lines_are_kept_and_each_bad_one_says_why(wire):
    body = position(wire)
    good = body["workers"][0]
    body["workers"] += [
        {"worker": "W404"},
        good | {"worker": office.worker(wire), "figures": {"gb.shoes": "1.00", "us.fit": "1.00"}},
        {"worker": office.worker(wire), "figures": {"gb.pay": 12}},
        good | {"worker": "W1"},
    ]
    client = body["invoices"][0]["client"]
    body["invoices"] += [
        INVOICE | {"client": client, "number": "INV-000001"},
        INVOICE | {"client": client, "number": "7", "open_amount": office.money("9999.00")},
        INVOICE | {"client": client, "net": office.money("1.00"), "tax": office.money("0.00"),
                   "open_amount": office.money("1.00")},
        INVOICE | {"client": "C404"},
        INVOICE | {"client": client, "number": "8", "due_on": "2026-01-01"},
    ]  # fmt: skip
    body["balances"] += [
        {"account": "1100", "debit": office.money("1.00")},
        {"account": "9999", "debit": office.money("1.00")},
        {"account": "1020", "debit": office.money("1.00")},
        {"account": "1030", "debit": office.money("1.00"), "credit": office.money("1.00")},
    ]

    told = wire.post("/v1/openings", body).done()

    def reasons(name):
        return [
            {fault["code"] for fault in each["problem"]["errors"]} if each["problem"] else None
            for each in told[name]
        ]

    assert reasons("workers") == [
        None, {"not_found"}, {"unknown_key"}, {"invalid_amount"}, {"worker_twice"},
    ]  # fmt: skip
    assert reasons("invoices") == [
        None, {"number_unfit"}, {"open_amount_unfit"}, {"invoice_differs"}, {"not_found"},
        {"due_before_issue"},
    ]  # fmt: skip
    assert reasons("balances") == [
        None, None, {"account_otherwise"}, {"account_missing"}, {"account_twice"}, {"one_side"},
    ]  # fmt: skip
    assert (told["done"], told["refused"]) == (4, 13)
    assert balances(wire)["3000"] == "2800.00"


def test_a_dry_run_tells_it_all_and_keeps_nothing(wire):
    told = wire.post("/v1/openings", position(wire), query={"dry_run": "true"}).done()

    assert (told["done"], told.headers["Dry-Run"]) == (4, "true")
    assert told["difference"] == [{"currency": "GBP", "amount": office.money("2800.00")}]
    assert balances(wire) == {}
    assert wire.every("/v1/invoices") == []


def test_our_own_numbers_go_on_as_they_were(wire, agency):
    wire.post("/v1/openings", position(wire)).done()

    from backline.kernel import numbers
    from tenants import tenancy

    with tenancy.firm(agency.ref):
        assert numbers.take("invoice:INV") == 1


def test_nothing_is_opened_once_the_first_run_was_released(wire, agency):
    released(agency)
    body = position(wire)

    reply = wire.post("/v1/openings", body)

    assert (reply.status, reply.code) == (409, "openings_closed")
    assert wire.get("/v1/openings").done()["is_open"] is False
    assert balances(wire) == {}


def released(place):
    """A run that was released."""
    from backline.kernel.actors import SYSTEM
    from backline.payroll import actions
    from backline.payroll.models import PayRun
    from tenants import tenancy

    at = datetime(2026, 6, 5, 9, 0, tzinfo=UTC)
    with tenancy.firm(place.ref):
        calendar = actions.add_calendar(
            name="Weekly",
            frequency="weekly",
            engagements=["paye"],
            currency="GBP",
            anchor_on=at.date(),
            pay_lag_days=5,
            holidays="gb.england_wales",
            actor=SYSTEM,
            at=at,
        )
        PayRun.objects.create(
            calendar=calendar,
            starts_on=at.date(),
            ends_on=at.date(),
            pay_on=at.date(),
            currency="GBP",
            state="released",
            prepared_by="a",
            approved_by="b",
            released_by="c",
            released_at=at,
            opened_at=at,
        )


def test_another_agencys_workers_and_clients_are_not_brought_along(wire, other_wire):
    body = position(wire)

    told = other_wire.post("/v1/openings", body).done()

    assert [each["problem"]["code"] for each in told["workers"] + told["invoices"]] == [
        "not_found",
        "not_found",
    ]
    assert balances(wire) == {}


@pytest.mark.parametrize("body", [{}, {"as_of": "2026-05-31", "workers": []}])
def test_a_position_without_a_day_or_lines_is_refused(wire, body):
    assert wire.post("/v1/openings", body).status == 422
