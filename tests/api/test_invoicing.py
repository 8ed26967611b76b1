"""Invoices over the wire: drafted at once, split by terms, made final once, seen until then."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from backline.kernel import ids
from tests.api.bills import drafts, final, words_of
from tests.api.office import inside
from tests.backline.payday import clock, earns, employer, money, sums
from tests.backline.week import (
    MONDAY,
    TOLD,
    Post,
    approved,
    attend,
    client_of,
    exceptions,
    in_books,
    posts,
)

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing(agency, partner):
    """Who bills for the agency."""
    clock(agency)
    return inside(partner, agency, "ops_billing", "bill")


@pytest.mark.capability("BL-01", "BL-29")
def test_approved_time_is_drafted_at_once_and_issued_as_it_was_previewed(
    agency, other_agency, wire, other_wire, billing
):
    for place, caller in ((agency, wire), (other_agency, other_wire)):
        (post,) = in_books(place, partial(posts, place))
        approved(caller, post, "8", "8", "8", "8", "8")
        attend(place)

    (draft,) = drafts(billing)
    preview = billing.get(f"/v1/invoices/{draft['id']}").done()
    rehearsed = billing.post(
        f"/v1/invoices/{draft['id']}/finalize", key="dry", query={"dry_run": "true"}
    ).done()
    paper = billing.get(f"/v1/invoices/{draft['id']}/document").done()
    issued = final(billing, agency, draft["id"])

    assert (preview["net"], preview["tax"], preview["gross"]) == (
        money("840.00"),
        money("168.00"),
        money("1008.00"),
    )
    for name in ("net", "tax", "gross", "taxes", "lines", "client"):
        assert issued[name] == preview[name] == rehearsed[name], name
    assert (issued["number"], rehearsed["number"]) == ("INV-000001", "INV-000001")
    assert "1,008.00" in words_of(paper.content)[0]
    assert len(drafts(other_wire)) == 1
    assert sums(agency)["1100"] == Decimal("1008.00")
    assert "1100" not in sums(other_agency)


@pytest.mark.capability("BL-03", "BL-04")
@pytest.mark.parametrize(
    ("terms", "count"),
    [
        ({}, 1),
        ({"group_by": ["site"]}, 2),
        ({"group_by": ["worker"]}, 3),
        ({"group_by": ["worker", "site"]}, 6),
        ({"group_by": ["week"]}, 1),
        ({"group_by": ["po_number"]}, 1),
        ({"group_by": ["cost_centre"]}, 1),
        ({"group_by": ["assignment", "code"]}, 6),
    ],
)
def test_terms_decide_what_makes_another_invoice_and_never_what_it_comes_to(
    agency, other_agency, billing, terms, count
):
    from backline.directory import actions as directory
    from backline.kernel.outcomes import one

    def world(place, facts):
        client, contact, site = client_of(place, **facts)
        new = directory.NewSite(client=client, name="Yard", country="GB", time_zone="Europe/London")
        yard = one(directory.add_sites([new], **TOLD))
        some = posts(place, 3, at=(client, contact, site))
        more = posts(place, at=(client, contact, yard), workers=[post.worker for post in some])
        earns([*some, *more], bill="333.33")

    in_books(agency, lambda: world(agency, terms))
    in_books(other_agency, lambda: world(other_agency, {}))
    attend(agency)

    found = drafts(billing)

    assert len(found) == count
    assert sum(Decimal(row["net"]["amount"]) for row in found) == Decimal("1999.98")
    lines = [
        line for row in found for line in billing.get(f"/v1/invoices/{row['id']}").done()["lines"]
    ]
    assert sum(Decimal(line["amount"]["amount"]) for line in lines) == Decimal("1999.98")


def order(wire, client: str, number: str, **more: Any):
    """A purchase order of a client."""
    return wire.post("/v1/purchase-orders", {"client": client, "number": number} | more)


def referring(post, number: str, since: date = MONDAY, until: date | None = None) -> None:
    """Bill an assignment under a purchase order from a day."""
    from backline.assignments.models import BillingReference
    from backline.kernel import dated

    BillingReference.objects.create(
        assignment_id=post.assignment, valid=dated.since(since, until), po_number=number
    )


@pytest.mark.capability("BL-05")
def test_a_sheet_with_two_orders_makes_two_invoices(agency, other_agency, wire, billing):
    thursday = date(2026, 6, 4)

    def world(place):
        (post,) = posts(place, at=client_of(place, group_by=["po_number"]))
        referring(post, "PO-1", until=thursday)
        referring(post, "PO-2", since=thursday)
        return post

    post = in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    approved(wire, post, "8", "8", "8", "8", "8")
    attend(agency)

    found = {row["po_number"]: row["net"] for row in drafts(billing)}

    assert found == {"PO-1": money("504.00"), "PO-2": money("336.00")}


@pytest.mark.capability("BL-06")
def test_an_order_is_burnt_to_its_limit_and_no_further(agency, other_agency, wire, billing):
    from backline.kernel import ids

    def world(place):
        (post,) = posts(place, at=client_of(place, po_required=True))
        referring(post, "PO-1")
        return post

    post = in_books(agency, lambda: world(agency))
    theirs = in_books(other_agency, lambda: world(other_agency))
    client = ids.public("cli", post.client)
    noted = order(wire, client, "PO-1", limit=money("1000.00"), ends_on="2026-06-30").done()
    days = [MONDAY.replace(day=day) for day in (1, 2, 3)]
    in_books(agency, lambda: earns([post], bill="500.00", on=days[0]))
    attend(agency)
    assert exceptions(agency, "purchase_order_low") == []
    final(billing, agency, drafts(billing)[0]["id"])

    in_books(agency, lambda: earns([post], bill="320.00", on=days[1]))
    attend(agency)
    (low,) = exceptions(agency, "purchase_order_low")
    in_books(agency, lambda: earns([post], bill="400.00", on=days[2]))
    in_books(agency, lambda: earns([post], bill="10.00", on=date(2026, 7, 1), key="late"))
    attend(agency)

    assert (low["owner_role"], low["at_stake"]) == ("owner", Decimal("180.00"))
    (draft,) = drafts(billing)
    assert draft["net"] == money("320.00")
    held = {row["key"].rpartition(":")[2]: row["at_stake"] for row in exceptions(agency, HELD)}
    assert held == {"po_exhausted": Decimal("400.00"), "po_expired": Decimal("10.00")}
    (waits,) = billing.get("/v1/unbilled").done()["data"]
    assert (waits["waiting"], waits["drafted"]) == (money("410.00"), money("320.00"))
    assert len(waits["because"]) == 2
    tag = wire.get(f"/v1/purchase-orders/{noted['id']}").headers["ETag"]
    wire.patch(
        f"/v1/purchase-orders/{noted['id']}",
        {"limit": money("2000.00"), "ends_on": None},
        match=tag,
    ).done()
    (draft,) = drafts(billing)
    assert draft["net"] == money("730.00")
    assert {row["state"] for row in exceptions(agency, HELD)} == {"resolved"}
    used = wire.get(f"/v1/purchase-orders/{noted['id']}/use").done()
    assert (used["used"], used["left"]) == (money("500.00"), money("1500.00"))
    assert theirs


HELD = "unbilled_work"


def test_work_without_a_required_order_waits_in_the_open(agency, billing):
    (post,) = in_books(agency, lambda: posts(agency, at=client_of(agency, po_required=True)))
    in_books(agency, lambda: earns([post]))
    attend(agency)

    assert drafts(billing) == []
    (trouble,) = exceptions(agency, HELD)
    assert (trouble["stops"], trouble["at_stake"]) == ("bill", Decimal("840.00"))
    assert trouble["key"].endswith(":po_missing")


@pytest.mark.capability("BL-18")
def test_an_expense_is_rebilled_with_the_tax_it_has(agency, other_agency, billing):
    def world(place):
        (post,) = posts(place)
        earns([post], bill="840.00")
        told: dict[str, Any] = {
            "hours": "1",
            "code": "expense",
            "kind": "expense",
            "paid_as": "expense",
        }
        earns([post], "50.00", "50.00", key="train", treatment="outside", **told)
        earns([post], "20.00", "20.00", key="lunch", treatment="standard", **told)

    in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    attend(agency)

    issued = final(billing, agency, drafts(billing)[0]["id"])

    taxes = {row["code"]: (row["net"], row["amount"]) for row in issued["taxes"]}
    assert taxes == {
        "outside": (money("50.00"), money("0.00")),
        "standard": (money("860.00"), money("172.00")),
    }
    books = sums(agency)
    assert (books["4000"], books["4020"]) == (Decimal("-840.00"), Decimal("-70.00"))
    assert "4020" not in sums(other_agency)


@pytest.mark.capability("BL-26")
def test_approved_time_and_receipts_lie_behind_the_invoice_in_one_order(
    agency, other_agency, wire, other_wire, billing
):
    from backline.kernel import documents
    from backline.kernel.papers import render
    from tests.papers.samples.bills import INVOICE

    def receipt(charge):
        documents.keep(
            render("invoice", INVOICE | {"number": "RECEIPT-1"}),
            kind="receipt",
            name="train.pdf",
            media_type="application/pdf",
            subject=charge,
            **TOLD,
        )

    for place, caller in ((agency, wire), (other_agency, other_wire)):
        some = in_books(place, partial(posts, place, 3))
        for post in reversed(some):
            approved(caller, post, "8", "7.5")
        told: dict[str, Any] = {"hours": "1", "code": "expense", "kind": "expense"}
        (charge,) = in_books(place, partial(earns, some[:1], "5.00", "5.00", key="t", **told))
        in_books(place, partial(receipt, charge))
        attend(place)

    issued = final(billing, agency, drafts(billing)[0]["id"])
    content = billing.get(f"/v1/invoices/{issued['id']}/document").done().content
    again = billing.get(f"/v1/invoices/{issued['id']}/document").done().content

    pages = words_of(content)
    assert content == again
    assert "INV-000001" in pages[0]
    times = [page for page in pages if "Approved time" in page]
    names = [next(word for word in ("Byron 2", "Byron 1", "Byron") if word in one) for one in times]
    assert names == ["Byron", "Byron 1", "Byron 2"]
    assert "RECEIPT-1" in pages[len(pages) - 1] or "RECEIPT-1" in " ".join(pages[-2:])


@pytest.mark.capability("BL-35")
def test_approved_work_that_is_not_billed_is_seen_by_age(
    agency, other_agency, wire, other_wire, billing
):
    from backline.directory.models import Terms

    (post,) = in_books(agency, lambda: posts(agency))
    in_books(agency, lambda: Terms.objects.update(valid="empty"))
    in_books(other_agency, lambda: posts(other_agency))
    clock(agency, datetime(2026, 6, 8, 9, 0, tzinfo=UTC))
    approved(wire, post, "8", "8", "8", "8", "8")

    (row,) = billing.get("/v1/unbilled").done()["data"]

    assert (row["amount"], row["waiting"]) == (money("840.00"), money("840.00"))
    assert (row["since"], row["days"], row["owner"]) == ("2026-06-01", 7, "ops_billing")
    assert row["approved_at"] == "2026-06-08T09:00:00Z"
    assert other_wire.get("/v1/unbilled").done()["data"] == []
    attend(agency)
    (row,) = billing.get("/v1/unbilled", client=row["client"]).done()["data"]
    assert (row["drafted"], row["waiting"]) == (money("840.00"), money("0.00"))


def test_drafts_are_made_anew_from_what_is_billable_now(agency, other_agency, partner, billing):
    def world(place, bill):
        here = client_of(place)
        earns(posts(place, at=here), bill=bill)
        return here[0]

    ours = in_books(agency, lambda: world(agency, "840.00"))
    theirs = in_books(other_agency, lambda: world(other_agency, "840.00"))
    client = ids.public("cli", ours)
    body = {"clients": [client]}
    assert drafts(billing) == []

    (made,) = billing.post("/v1/invoices/draft", body).done()["data"]
    (again,) = billing.post("/v1/invoices/draft", body).done()["data"]
    strange = billing.post("/v1/invoices/draft", {"clients": [ids.public("cli", theirs)]}).done()

    assert (made["client"], made["state"]) == (client, "draft")
    assert (made["net"], made["gross"]) == (money("840.00"), money("1008.00"))
    assert (again["id"], again["net"]) == (made["id"], made["net"])
    their_billing = inside(partner, other_agency, "ops_billing", "theirs")
    assert strange["data"] == their_billing.every("/v1/invoices") == []

    where = f"/v1/invoices/{made['id']}"
    version = billing.get(where).done().headers["ETag"]
    noted = billing.patch(where, {"note": "Thank you"}, match=version).done()
    late = billing.patch(where, {"note": "Too late"}, match=version)
    hidden = their_billing.patch(where, {"note": "Not theirs"}, match="*")
    in_books(agency, lambda: earns([_post_of(ours)], bill="42.00", key="more"))
    (anew,) = billing.post("/v1/invoices/draft", body).done()["data"]
    issued = final(billing, agency, made["id"])

    assert (noted["note"], late.status, hidden.status) == ("Thank you", 412, 404)
    assert (anew["id"], anew["net"]) == (made["id"], money("882.00"))
    assert (issued["note"], issued["net"]) == ("Thank you", money("882.00"))
    paper = billing.get(f"{where}/document").done()
    assert "Thank you" in " ".join(words_of(paper.content))
    final_now = billing.patch(where, {"note": "Changed"}, match="*")
    assert (final_now.status, final_now.code) == (409, "invoice_is_final")
    assert billing.post("/v1/invoices/draft", body).done()["data"] == []


def _post_of(client: UUID) -> Post:
    """The one assignment at a client."""
    from backline.assignments.models import Assignment

    row = Assignment.objects.get(client=client)
    return Post(row.pk, row.worker_id, client, contact=client)  # nobody approves here


def test_many_are_made_final_in_one_call_each_with_its_own_result(agency, billing):
    def world():
        employer()
        for _ in range(3):
            earns(posts(agency, at=client_of(agency)))

    in_books(agency, world)
    attend(agency)
    keys = [row["id"] for row in drafts(billing)]
    unknown = "inv_" + "0" * 26

    done = billing.post(
        "/v1/invoices/finalize", {"invoices": [*keys, unknown, keys[0]]}, key="many"
    ).done()
    again = billing.post("/v1/invoices/finalize", {"invoices": keys}, key="again").done()

    assert (done["done"], done["refused"]) == (3, 1)
    assert (again["done"], again["refused"]) == (0, 3)
    numbers = [billing.get(f"/v1/invoices/{key}").done()["number"] for key in keys]
    assert numbers == ["INV-000001", "INV-000002", "INV-000003"]


def test_more_than_a_hundred_are_accepted_and_done_later(agency, billing):
    def world():
        first = client_of(agency, group_by=["assignment"])
        earns(posts(agency, 101, at=first), bill="10.00")

    in_books(agency, world)
    attend(agency)
    keys = [row["id"] for row in drafts(billing, limit=200)]
    assert len(keys) == 101

    taken = billing.post("/v1/invoices/finalize", {"invoices": keys}, key="many")
    assert taken.status == 202
    attend(agency, rounds=20)

    told = billing.get(f"/v1/operations/{taken['id']}").done()
    assert (told["state"], told["done"]) == ("succeeded", 101)
    numbers = {row["number"] for row in billing.every("/v1/invoices", state="finalized", limit=200)}
    assert numbers == {f"INV-{n:06d}" for n in range(1, 102)}
