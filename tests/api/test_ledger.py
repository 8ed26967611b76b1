"""The ledger over the wire: accounts, postings with their entries, and balances as of a day."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from backline.ledger.actions import EntrySet, Leg
from backline.ledger.models import AccountPair, Entry
from tenants import tenancy
from tests.api import office


def opened(wire, as_of="2026-05-31", amount="2500.00"):
    """A balance brought in, so that there is something to read."""
    body = {"as_of": as_of, "balances": [{"account": "1020", "debit": office.money(amount)}]}
    return wire.post("/v1/openings", body).done()


def test_a_firm_begins_with_the_whole_chart_in_its_currencies(wire):
    rows = wire.every("/v1/ledger/accounts", currency="GBP")

    codes = [row["code"] for row in rows]
    assert codes == sorted(codes)
    assert {"1020", "1100", "2200", "3000", "4000", "5100"} <= set(codes)
    (bank,) = wire.get("/v1/ledger/accounts", code="1020", currency="USD").done()["data"]
    assert (bank["name"], bank["kind"]) == ("Bank", "asset")


def test_a_set_is_known_by_the_hash_of_its_entries_in_order_whatever_order_they_came_in():
    who = UUID("019e8b1c-0000-7000-8000-00000000000a")
    legs = (
        Leg("5100", "2200", Decimal("600.00"), None, who),
        Leg("2200", "2210", Decimal("71.60"), who),
        Leg("2200", "1090", Decimal("9.00")),
    )
    facts: dict[str, Any] = {
        "key": "k",
        "kind": "test",
        "effective_on": date(2026, 6, 12),
        "currency": "GBP",
    }

    told = {EntrySet(legs=order, **facts).digest() for order in permutations(legs)}

    entries = [
        ["2200", str(who), "2210", "None", "71.60"],
        ["2200", "None", "1090", "None", "9.00"],
        ["5100", "None", "2200", str(who), "600.00"],
    ]
    plain = json.dumps(["2026-06-12", "GBP", sorted(entries)])
    assert told == {hashlib.sha256(plain.encode()).hexdigest()}
    nothing = EntrySet(legs=(), **facts).digest()
    assert nothing == hashlib.sha256(b'["2026-06-12", "GBP", []]').hexdigest()


def test_a_posting_shows_its_entries_and_who_made_it(wire):
    opened(wire)

    (posting,) = wire.get("/v1/ledger/postings", kind="opening").done()["data"]

    assert posting["effective_on"] == "2026-05-31"
    assert posting["actor"]["kind"] == "key"
    (entry,) = posting["entries"]
    assert (entry["debit"], entry["credit"], entry["amount"]) == (
        "1020",
        "3000",
        office.money("2500.00"),
    )


@pytest.mark.parametrize(
    "wrong", [{"debit": "9999"}, {"credit": "9999"}, {"currency": "EUR"}, {"currency": "USD"}]
)
def test_the_database_itself_keeps_an_entry_to_accounts_of_its_currency(wire, agency, wrong):
    opened(wire)
    with tenancy.firm(agency.ref):
        entry = Entry.objects.get()
    told = ("posting_id", "debit", "credit", "amount", "currency", "effective_on")
    as_it_is = {name: getattr(entry, name) for name in told}
    pair = {name: as_it_is[name] for name in ("debit", "credit", "currency")} | wrong

    def keep(row) -> None:
        with tenancy.firm(agency.ref):
            row.save()
            connection.check_constraints()  # as the end of every call does

    with pytest.raises(IntegrityError):
        keep(Entry(n=1, **(as_it_is | wrong)))
    if wrong != {"currency": "USD"}:  # both are in dollars too, though nothing was moved so
        with pytest.raises(IntegrityError):
            keep(AccountPair(**pair))

    with tenancy.firm(agency.ref):
        assert list(Entry.objects.values_list("pk", flat=True)) == [entry.pk]
        assert AccountPair.objects.count() == 1


def test_the_trial_balance_is_that_of_the_day_asked_for(wire):
    opened(wire)
    opened(wire, "2026-06-01", "2600.00")

    def bank(on):
        told = wire.get("/v1/ledger/trial-balance", on=on).done()
        assert told["is_balanced"] is True
        return {row["code"]: row["balance"]["amount"] for row in told["accounts"]}.get("1020")

    assert [bank(f"2026-{day}") for day in ("05-30", "05-31", "06-01")] == [
        None,
        "2500.00",
        "2600.00",
    ]


def test_entries_are_found_by_what_they_are_about(wire):
    client = office.client(wire)
    line = {
        "client": client,
        "number": "7",
        "issued_on": "2026-05-04",
        "due_on": "2026-06-03",
        "net": office.money("100.00"),
        "open_amount": office.money("100.00"),
    }
    lines = [line, line | {"number": "8"}]
    wire.post("/v1/openings", {"as_of": "2026-05-31", "invoices": lines}).done()
    seven = next(row for row in wire.every("/v1/invoices") if row["number"] == "7")

    own = wire.get("/v1/ledger/entries", subject=seven["id"]).done()["data"]
    all_ = wire.get("/v1/ledger/entries", account="1100").done()["data"]

    assert [entry["debit"] for entry in own] == ["1100"]
    assert own[0]["debit_subject"][4:] == seven["id"][4:]
    assert len(all_) == 2


def test_another_agencys_books_stay_shut(wire, other_wire):
    opened(wire)
    (posting,) = wire.get("/v1/ledger/postings").done()["data"]

    assert other_wire.get("/v1/ledger/postings").done()["data"] == []
    assert other_wire.get(f"/v1/ledger/postings/{posting['id']}").status == 404
    assert other_wire.get("/v1/ledger/trial-balance").done()["accounts"] == []


def test_who_may_not_read_the_books_reads_nothing(person):
    assert person("staff").get("/v1/ledger/trial-balance").code == "scope_missing"
