"""Money in over the wire: matched where there is one answer, shown to a person otherwise."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from tests.api.office import inside, read_one_by_one
from tests.backline.payday import clock, earns, money, sums
from tests.backline.week import attend, client_of, exceptions, in_books, posts

pytestmark = pytest.mark.django_db
JULY = datetime(2026, 7, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def billing(agency, partner):
    """Who bills and takes money for the agency; invoices of June fell due a while ago."""
    clock(agency, JULY)
    return inside(partner, agency, "ops_billing", "cash")


def billed(place, amounts: list[str], *, client=None) -> tuple[str, list[dict[str, Any]]]:
    """A client, and a final invoice of each of these amounts before tax."""
    from backline.invoicing import actions
    from backline.invoicing.models import Invoice
    from backline.kernel import ids
    from tests.backline.payday import TUESDAY
    from tests.backline.week import ANN

    def bill():
        here = client or client_of(place, group_by=["assignment"])
        some = posts(place, len(amounts), at=here)
        for post, amount in zip(some, amounts, strict=True):
            earns([post], bill=amount)
        drafts = actions.draft([here[0]], actor=ANN, at=TUESDAY)
        by_amount = {row.net: row.pk for row in Invoice.objects.filter(pk__in=drafts)}
        order = [by_amount[Decimal(amount)] for amount in amounts]
        actions.finalize(order, actor=ANN, at=TUESDAY)
        rows = Invoice.objects.in_bulk(order)
        told = [
            {"id": ids.public("inv", key), "number": rows[key].number, "gross": rows[key].gross}
            for key in order
        ]
        return ids.public("cli", here[0]), told

    made: tuple[str, list[dict[str, Any]]] = in_books(place, bill)
    return made


def receipt(wire, reference: str, amount: str, text: str = "", **more: Any):
    """Money in."""
    body = {"bank_reference": reference, "amount": money(amount), "received_on": "2026-07-10"}
    return wire.post("/v1/receipts", body | {"remittance": text, "payer": "Widgets"} | more)


@pytest.mark.capability("CO-01")
def test_a_part_paid_invoice_is_aged_with_its_remainder(agency, other_agency, billing):
    client, (first, second) = billed(agency, ["1000.00", "500.00"])
    billed(other_agency, ["1000.00"])
    receipt(billing, "B1", "400.00", first["number"], client=client).done()

    (aged,) = billing.get("/v1/ageing").done()["data"]

    assert (aged["client"], aged["total"], aged["overdue"]) == (
        client,
        money("1400.00"),
        money("1400.00"),
    )
    assert (aged["oldest_days"], aged["needs_follow_up"]) == (11, True)
    papers = {row["number"]: row for row in aged["invoices"]}
    assert papers[first["number"]]["open_amount"] == money("800.00")
    assert papers[first["number"]]["is_part_paid"] is True
    assert papers[second["number"]]["is_part_paid"] is False
    assert [band["amount"] for band in aged["bands"] if band["label"] == "8-30"] == [
        money("1400.00")
    ]
    by_invoice = billing.get("/v1/ageing", by="invoiced_on").done()["data"][0]["bands"]
    assert [band["amount"]["amount"] for band in by_invoice] == ["0.00", "1400.00", "0.00", "0.00"]
    before = billing.get("/v1/ageing", on="2026-07-09").done()["data"][0]
    assert before["total"] == money("1800.00")  # the receipt came a day later


@pytest.mark.capability("CO-06")
def test_two_hundred_receipts_are_posted_where_there_is_one_answer(
    agency, other_agency, partner, billing, django_assert_max_num_queries
):
    amounts = [f"{100 + n}.{n % 100:02d}" for n in range(120)]
    _, papers = billed(agency, amounts)
    gross = [row["gross"] for row in papers]
    lines = [
        # by their numbers: one, and two at once
        *((gross[n], papers[n]["number"]) for n in range(80)),
        *(
            (gross[n] + gross[n + 1], f"{papers[n]['number']} and {papers[n + 1]['number']}")
            for n in range(80, 100, 2)
        ),
        # short by a tenth; a number that was paid already; nobody known
        *((gross[n] - Decimal("10.00"), papers[n]["number"]) for n in range(100, 105)),
        *((gross[n], papers[n]["number"]) for n in range(5)),
        *((Decimal(f"7{n}.77"), "thank you") for n in range(100)),
    ]
    body = {
        "receipts": [
            {
                "bank_reference": f"B{n:04d}",
                "amount": money(f"{amount:.2f}"),
                "received_on": "2026-07-10",
                "remittance": text,
            }
            for n, (amount, text) in enumerate(lines)
        ]
    }
    assert len(lines) == 200

    with django_assert_max_num_queries(60):
        done = billing.post("/v1/receipts/imports", body).done()

    assert (done["done"], done["refused"]) == (200, 0)
    rows = billing.every("/v1/receipts", limit=200)
    states: dict[str, int] = {}
    for row in rows:
        states[row["state"]] = states.get(row["state"], 0) + 1
    assert states == {"applied": 95, "unmatched": 105}
    assert len(exceptions(agency, "short_payment")) == 5
    assert len(exceptions(agency, "duplicate_receipt")) == 5
    assert len(exceptions(agency, "receipt_unmatched")) == 100
    applied = sum(Decimal(row["applied"]["amount"]) for row in rows)
    received = sum(Decimal(row["amount"]["amount"]) for row in rows)
    books = sums(agency)
    assert books["1100"] == sum(gross) - applied
    assert books["2400"] == applied - received
    assert books["1020"] == received
    assert "1020" not in sums(other_agency)


@pytest.mark.capability("CO-07")
def test_one_receipt_pays_many_partly_over_or_nothing_yet(agency, other_agency, billing, partner):
    client, papers = billed(agency, [f"{100 * n}.00" for n in range(1, 8)])
    billed(other_agency, ["100.00"])
    numbers = " ".join(row["number"] for row in papers)

    lump = receipt(billing, "LUMP", "3360.00", numbers, client=client).done()

    assert (lump["state"], len(lump["allocations"])) == ("applied", 7)
    for part in lump["allocations"]:
        billing.post(f"/v1/allocations/{part['id']}/take-back", {"reason": "other way"}).done()
    assert billing.get(f"/v1/receipts/{lump['id']}").done()["state"] == "unmatched"
    assert sums(agency)["2400"] == Decimal("-3360.00")

    # by what the payer's letter says: three of them, the second in part
    parts = [
        {"invoice": papers[0]["id"], "amount": money("120.00")},
        {"invoice": papers[1]["id"], "amount": money("100.00")},
    ]
    where = f"/v1/receipts/{lump['id']}/allocate"
    told = billing.post(where, {"allocations": parts, "reason": "their letter"}).done()
    assert (told["state"], told["unapplied"]) == ("part_applied", money("3140.00"))
    second = billing.get(f"/v1/invoices/{papers[1]['id']}").done()
    assert second["open_amount"] == money("140.00")
    over = {"allocations": [{"invoice": papers[0]["id"], "amount": money("1.00")}]}
    too_much = {"allocations": [{"invoice": papers[6]["id"], "amount": money("9000.00")}]}
    assert billing.post(where, over).codes == [
        ("amount_sign", "/allocations/0/amount"),
        ("more_than_open", "/allocations/0/amount"),
    ]
    assert billing.post(where, too_much).codes == [
        ("more_than_open", "/allocations/0/amount"),
        ("more_than_received", "/allocations"),
    ]
    # more than is owed: the rest stays the client's
    spare = receipt(billing, "OVER", "500.00", papers[2]["number"], client=client).done()
    assert (spare["state"], spare["unapplied"]) == ("part_applied", money("140.00"))
    # short by a few pence: let go by rule, and the invoice is closed
    near = receipt(billing, "NEAR", "479.97", papers[3]["number"], client=client).done()
    assert near["state"] == "applied"
    assert billing.get(f"/v1/invoices/{papers[3]['id']}").done()["open_amount"] == money("0.00")
    assert sums(agency)["7010"] == Decimal("0.03")
    assert "2400" not in sums(other_agency)


def test_what_fits_twice_is_proposed_and_confirmed_by_a_person(agency, billing):
    client, (first, second) = billed(agency, ["500.00", "500.01"])
    client2, (twin,) = billed(agency, ["500.02"])
    from backline.invoicing.models import Invoice

    in_books(agency, lambda: Invoice.objects.update(open_amount=Decimal("600.00")))
    waits = receipt(billing, "TWIN", "600.00", "thanks", client=client).done()

    assert (waits["state"], len(waits["proposals"])) == ("proposed", 2)
    assert client2 != client
    assert twin["id"] not in str(waits["proposals"])
    where = f"/v1/receipts/{waits['id']}/confirm"
    assert billing.post(where, {"proposal": 7}).code == "nothing_proposed"
    done = billing.post(where, {"proposal": 1}).done()
    again = billing.post(where, {"proposal": 1})

    assert done["state"] == "applied"
    chosen = waits["proposals"][1]["allocations"][0]["invoice"]
    assert [row["invoice"] for row in done["allocations"]] == [chosen]
    assert chosen in (first["id"], second["id"])
    assert (again.status, again.code) == (409, "nothing_proposed")
    assert {row["state"] for row in exceptions(agency, "receipt_unmatched")} == {"resolved"}


def test_a_file_keeps_its_good_lines_and_is_applied_once(agency, other_agency, billing):
    _, (paper,) = billed(agency, ["100.00"])
    content = (
        "bank_reference,amount.amount,amount.currency,received_on,payer,remittance\n"
        f"C1,120.00,GBP,2026-07-10,Widgets,{paper['number']}\n"
        "C2,12.3.4,GBP,2026-07-10,Widgets,\n"
        "C3,50.00,EUR,2026-07-10,Widgets,\n"
        "C4,-5.00,GBP,2026-07-10,Widgets,\n"
        "C5,50.00,GBP,2026-02-30,Widgets,\n"
        "C6,70.00,GBP,2026-07-10,Widgets,hello\n"
    )

    def send(wire=billing):
        return wire.post("/v1/receipts/imports", content, media="text/csv").done()

    first, second = send(), send()

    assert (first["done"], first["refused"]) == (2, 4)
    became = [[(row["id"], row["outcome"]) for row in one["results"]] for one in (first, second)]
    assert became[0] == became[1]
    assert [row["line"] for row in first["results"] if row["problem"]] == [3, 4, 5, 6]
    assert len(billing.every("/v1/receipts")) == 2
    assert sums(agency)["1020"] == Decimal("190.00")
    changed = content.replace("C1,120.00", "C1,121.00")
    third = billing.post("/v1/receipts/imports", changed, media="text/csv").done()
    assert third["results"][0]["problem"]["code"] == "receipt_differs"
    dry = content.replace("C6", "C7")
    billing.post("/v1/receipts/imports", dry, media="text/csv", query={"dry_run": "true"}).done()
    assert len(billing.every("/v1/receipts")) == 2


def test_a_credit_note_is_used_for_what_it_credits_and_can_be_taken_back(
    agency, other_wire, billing
):
    _, (paper,) = billed(agency, ["100.00"])
    change = {"line": 0, "quantity": "20.00", "reason": "half"}
    note = billing.post(f"/v1/invoices/{paper['id']}/adjust", change, key="a").done()
    attend(agency)
    (used,) = read_one_by_one(billing, other_wire, "/v1/allocations", credit_note=note["id"])
    assert used["amount"] == money("60.00")
    assert billing.get(f"/v1/invoices/{paper['id']}").done()["open_amount"] == money("60.00")

    back = billing.post(f"/v1/allocations/{used['id']}/take-back", {"reason": "no"}).done()
    twice = billing.post(f"/v1/allocations/{used['id']}/take-back", {"reason": "no"})

    assert (back["amount"], back["reverses"]) == (money("-60.00"), used["id"])
    assert (twice.status, twice.code) == (409, "illegal_move")
    assert billing.get(f"/v1/invoices/{note['id']}").done()["open_amount"] == money("-60.00")
    assert billing.get(f"/v1/invoices/{paper['id']}").done()["open_amount"] == money("120.00")


def test_money_that_came_before_its_invoice_finds_it(agency, billing):
    early = receipt(billing, "EARLY", "120.00", "INV-000001").done()
    assert early["state"] == "unmatched"

    billed(agency, ["100.00"])
    attend(agency)

    found = billing.get(f"/v1/receipts/{early['id']}").done()
    assert (found["state"], found["because"]) == ("applied", "exact")
    assert {row["state"] for row in exceptions(agency, "receipt_unmatched")} == {"resolved"}


@pytest.mark.capability("CO-13")
def test_a_statement_says_what_the_books_say(agency, other_agency, partner, billing):
    client, papers = billed(agency, ["100.00", "200.00", "300.00"])
    billed(other_agency, ["100.00", "200.00", "300.00"])
    receipt(billing, "S1", "150.00", papers[0]["number"], client=client).done()
    receipt(billing, "S2", "239.98", papers[1]["number"]).done()
    change = {"line": 0, "quantity": "30.00", "reason": "hours"}
    billing.post(f"/v1/invoices/{papers[2]['id']}/adjust", change, key="a").done()
    attend(agency)
    clock(agency, datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
    billing = inside(partner, agency, "ops_billing", "cash2")
    late = {"received_on": "2026-08-03"}
    receipt(billing, "S3", "100.00", papers[2]["number"], client=client, **late).done()

    for until in (date(2026, 7, 9), date(2026, 7, 10), date(2026, 7, 31), date(2026, 8, 31)):
        query = {"since": "2026-07-01", "until": until.isoformat()}
        told = billing.get(f"/v1/clients/{client}/statement", **query).done()
        moved = sum(Decimal(row["amount"]["amount"]) for row in told["movements"])
        closing = Decimal(told["closing"]["amount"])
        assert Decimal(told["opening"]["amount"]) + moved == closing
        assert closing == owed(agency, until), until
    assert told["movements"][-1]["balance"] == told["closing"]
    where = f"/v1/clients/{client}/statement/document"
    paper = billing.get(where, since="2026-06-01", until="2026-08-31").done()
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    assert papers[0]["number"] in words
    strange = billing.get(f"/v1/clients/{client}/statement", since="2026-09-01", until="2026-08-01")
    assert (strange.status, strange.code) == (422, "ends_before_start")


def owed(place, until: date) -> Decimal:
    """What the ledger says the one client owes at the end of a day, money not placed taken off."""
    from backline.ledger import queries as ledger

    rows = in_books(place, lambda: ledger.trial_balance(until))
    return sum(
        (row.debits - row.credits for row in rows if row.code in {"1100", "1105", "2400"}),
        Decimal(0),
    )
