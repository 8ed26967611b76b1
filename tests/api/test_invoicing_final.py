"""Final invoices over the wire: never edited, corrected on new paper, taxed and delivered."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from tests.api.bills import drafts, final
from tests.api.office import inside
from tests.backline.payday import TUESDAY, clock, earns, money, sums
from tests.backline.week import (
    TOLD,
    attend,
    client_of,
    exceptions,
    in_books,
    posts,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing(agency, partner):
    """Who bills for the agency."""
    clock(agency)
    return inside(partner, agency, "ops_billing", "bill")


@pytest.fixture
def issued(agency, other_agency, billing):
    """A final invoice of forty hours at 21.00, and its look-alike of the other agency."""
    for place in (agency, other_agency):
        (post,) = in_books(place, partial(posts, place))
        in_books(place, partial(earns, [post]))
        attend(place)
    return final(billing, agency, drafts(billing)[0]["id"])


@pytest.mark.capability("BL-19")
def test_what_is_final_is_credited_and_never_edited(agency, other_wire, billing, issued):
    where = f"/v1/invoices/{issued['id']}"
    before = billing.get(where).done()

    for method in ("PUT", "DELETE"):
        assert billing.call(method, where, {"note": "x"}, match="*").status == 405
    edited = billing.patch(where, {"note": "changed"}, match=before.headers["ETag"])
    assert (edited.status, edited.code) == (409, "invoice_is_final")
    theirs = other_wire.get(where)
    assert theirs.status == 404
    note = billing.post(f"{where}/credit", {"reason": "wrong client"}, key="credit").done()
    twice = billing.post(f"{where}/credit", {"reason": "wrong client"}, key="twice")
    attend(agency)

    assert (note["kind"], note["number"], note["adjusts"]) == (
        "credit_note",
        "CN-000001",
        issued["id"],
    )
    for name in ("net", "tax", "gross"):
        assert Decimal(note[name]["amount"]) == -Decimal(issued[name]["amount"])
    mirror = [(line["quantity"], line["rate"], line["amount"]["amount"]) for line in note["lines"]]
    assert mirror == [("-40.00", money("21.00"), "-840.00")]
    assert (twice.status, twice.code) == (409, "credited_already")
    after = billing.get(where).done().body
    assert after | {
        "open_amount": issued["open_amount"],
        "version": issued["version"],
    } == issued | {"version": issued["version"]}
    assert after["open_amount"] == money("0.00")
    assert not {"1100", "4000", "2300"} & sums(agency).keys()
    (second,) = in_books(agency, lambda: posts(agency))
    in_books(agency, lambda: earns([second]))
    attend(agency)
    next_one = final(billing, agency, drafts(billing)[0]["id"])
    assert next_one["number"] == "INV-000002"
    assert drafts(other_wire)


@pytest.mark.capability("BL-20")
def test_the_difference_alone_or_taken_back_and_billed_anew_leave_the_same_books(
    agency, other_agency, partner, billing, issued
):
    clock(other_agency)
    theirs = inside(partner, other_agency, "ops_billing", "bill2")
    twin = final(theirs, other_agency, drafts(theirs)[0]["id"])
    change = {"line": 0, "quantity": "38.00", "reason": "ten hours should be eight"}

    by_difference = billing.post(f"/v1/invoices/{issued['id']}/adjust", change, key="adjust").done()
    body = {"reason": change["reason"], "reinstate": True}
    body |= {"changes": [{"line": 0, "quantity": "38.00"}]}
    theirs.post(f"/v1/invoices/{twin['id']}/credit", body, key="credit").done()
    attend(agency)
    attend(other_agency)
    again = final(theirs, other_agency, drafts(theirs)[0]["id"])

    assert (by_difference["kind"], by_difference["net"]) == ("credit_note", money("-42.00"))
    assert by_difference["tax"] == money("-8.40")
    assert again["net"] == money("798.00")
    assert sums(agency) == sums(other_agency)
    (trouble,) = exceptions(agency, "invoice_adjustment")
    assert (trouble["state"], trouble["at_stake"]) == ("resolved", Decimal("42.00"))
    # a second change of the same line starts from what stands by now
    change |= {"quantity": "37.00"}
    more = billing.post(f"/v1/invoices/{issued['id']}/adjust", change, key="more").done()
    assert more["net"] == money("-21.00")
    same = billing.post(f"/v1/invoices/{issued['id']}/adjust", change, key="same")
    assert (same.status, same.code) == (422, "nothing_to_change")
    change = {"line": 0, "rate": "22.00", "reason": "another rate"}
    dearer = billing.post(f"/v1/invoices/{issued['id']}/adjust", change, key="rate").done()
    assert (dearer["kind"], dearer["net"]) == ("invoice", money("37.00"))
    assert [line["quantity"] for line in dearer["lines"]] == ["37.00", "-37.00"] or [
        line["quantity"] for line in dearer["lines"]
    ] == ["-37.00", "37.00"]


@pytest.mark.capability("BL-24")
def test_tax_goes_line_by_line_and_an_adjustment_works_it_out_by_itself(
    agency, us_agency, partner, billing
):
    def british(place):
        (post,) = posts(place)
        earns([post], bill="100.05")
        earns([post], bill="33.33", key="reverse", treatment="reverse_charge", code="overtime")
        earns([post], bill="10.00", key="zero", treatment="zero", code="double")

    in_books(agency, lambda: british(agency))
    attend(agency)
    issued = final(billing, agency, drafts(billing)[0]["id"])
    taxes = {row["code"]: row for row in issued["taxes"]}
    assert {code: row["amount"]["amount"] for code, row in taxes.items()} == {
        "standard": "20.01",
        "reverse_charge": "0.00",
        "zero": "0.00",
    }
    assert "Reverse charge" in taxes["reverse_charge"]["legend"]
    place = next(line["n"] for line in issued["lines"] if line["treatment"] == "standard")
    change = {"line": place, "quantity": "38.00", "reason": "hours"}
    note = billing.post(f"/v1/invoices/{issued['id']}/adjust", change, key="a").done()
    whole = Decimal("100.05") + Decimal(note["net"]["amount"])
    expected = (whole * Decimal("0.2")).quantize(Decimal("0.01")) - Decimal("20.01")
    assert Decimal(note["tax"]["amount"]) == expected

    from backline.directory.models import FirmRecord

    def american():
        rows = [
            {"code": "standard", "share": "0.0825", "label": "Sales tax", "since": "2026-01-01"}
        ]
        FirmRecord.objects.update(settings={"sales_tax": rows})
        where = ("US", "USD", "America/Chicago")
        (post,) = posts(
            us_agency, engagement="w2", at=client_of(us_agency, where=where, region="TX")
        )
        earns([post], "600.00", "1328.53", currency="USD")

    in_books(us_agency, american)
    attend(us_agency)
    clock(us_agency)
    there = inside(partner, us_agency, "ops_billing", "bill3")
    sold = final(there, us_agency, drafts(there)[0]["id"])
    assert (sold["tax"], sold["gross"]) == (money("109.60", "USD"), money("1438.13", "USD"))
    assert sums(us_agency)["2320"] == Decimal("-109.60")


@pytest.mark.capability("BL-27")
def test_an_invoice_is_sent_after_its_paper_and_bounces_are_seen(agency, other_agency, billing):
    from backline.desk import actions as desk
    from backline.desk.models import Message

    def world(place):
        (post,) = posts(place, at=client_of(place, deliver_to=["ap@widgets.example"]))
        earns([post])

    in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    attend(agency)
    issued = final(billing, agency, drafts(billing)[0]["id"])

    mail = in_books(agency, lambda: list(Message.objects.filter(kind="invoice")))
    assert [(one.to_address, len(one.attachments)) for one in mail] == [("ap@widgets.example", 1)]
    assert issued["delivery"] == "queued"
    told = {"actor": TOLD["actor"], "at": TUESDAY}
    in_books(agency, lambda: desk.not_sent(mail[0].pk, trouble="no mailbox", again_at=None, **told))
    attend(agency)
    assert billing.get(f"/v1/invoices/{issued['id']}").done()["delivery"] == "undelivered"
    (trouble,) = exceptions(agency, "invoice_undelivered")
    assert trouble["at_stake"] == Decimal("1008.00")

    body = {"invoices": [issued["id"]], "again": "corrected address"}
    billing.post("/v1/invoices/send", body).done()
    repeat = billing.post("/v1/invoices/send", body).done()
    mail = in_books(agency, lambda: list(Message.objects.filter(kind="invoice").order_by("id")))
    assert (repeat["done"], len(mail)) == (1, 2)
    in_books(agency, lambda: desk.sent([mail[1].pk], **told))
    attend(agency)
    assert billing.get(f"/v1/invoices/{issued['id']}").done()["delivery"] == "sent"
    assert exceptions(agency, "invoice_undelivered")[0]["state"] == "resolved"


@pytest.mark.capability("BL-27")
@pytest.mark.parametrize(("means", "waits"), [("post", "to_post"), ("portal", "to_upload")])
def test_an_invoice_waits_for_somebody_to_post_or_upload_it(
    agency, other_agency, billing, means, waits
):
    from backline.desk.models import Message
    from backline.directory.models import Client

    def world(place):
        (post,) = posts(place, at=client_of(place, deliver_by=means))
        Client.objects.update(billing_address={"line1": "1 High St", "city": "Leeds"})
        earns([post])

    in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    attend(agency)
    key = final(billing, agency, drafts(billing)[0]["id"])["id"]

    (listed,) = billing.get("/v1/invoices", delivery=waits).done()["data"]
    assert listed["id"] == key
    assert in_books(agency, lambda: Message.objects.filter(kind="invoice").count()) == 0
    assert billing.get(f"/v1/invoices/{key}/document").done().content.startswith(b"%PDF")

    unsaid = billing.post("/v1/invoices/deliveries", {"invoices": [key], "arrived": False})
    assert unsaid.codes == [("required", "/reason")]
    for _ in range(2):
        billing.post("/v1/invoices/deliveries", {"invoices": [key], "arrived": True}).done()
    billing.post("/v1/invoices/send", {"invoices": [key]}).done()
    assert billing.get(f"/v1/invoices/{key}").done()["delivery"] == "sent"

    back = {"invoices": [key], "arrived": False, "reason": "gone away"}
    billing.post("/v1/invoices/deliveries", back).done()
    assert billing.get(f"/v1/invoices/{key}").done()["delivery"] == "undelivered"
    (trouble,) = exceptions(agency, "invoice_undelivered")
    assert (trouble["owner_role"], "gone away" in trouble["title"]) == ("ops_billing", True)
    assert exceptions(other_agency, "invoice_undelivered") == []

    billing.post("/v1/invoices/send", {"invoices": [key], "again": "new address"}).done()
    assert billing.get(f"/v1/invoices/{key}").done()["delivery"] == waits
    billing.post("/v1/invoices/deliveries", {"invoices": [key], "arrived": True}).done()
    assert exceptions(agency, "invoice_undelivered")[0]["state"] == "resolved"


def test_a_client_without_an_address_is_not_posted_to(agency, billing):
    def world():
        (post,) = posts(agency, at=client_of(agency, deliver_by="post"))
        earns([post])

    in_books(agency, world)
    attend(agency)
    issued = final(billing, agency, drafts(billing)[0]["id"])

    assert issued["delivery"] == "undelivered"
    (trouble,) = exceptions(agency, "invoice_undelivered")
    assert "no billing address" in trouble["title"]
    told = billing.post("/v1/invoices/send", {"invoices": [issued["id"]]}).done()
    assert told["results"][0]["problem"]["code"] == "no_address"


def test_a_mail_on_its_way_is_not_said_to_have_arrived(agency, billing):
    def world():
        (post,) = posts(agency, at=client_of(agency, deliver_to=["ap@widgets.example"]))
        earns([post])

    in_books(agency, world)
    attend(agency)
    key = final(billing, agency, drafts(billing)[0]["id"])["id"]

    body = {"invoices": [key], "arrived": True}
    told = billing.post("/v1/invoices/deliveries", body).done()
    assert told["results"][0]["problem"]["code"] == "not_by_hand"
    assert billing.get(f"/v1/invoices/{key}").done()["delivery"] == "queued"


def test_another_agency_says_nothing_of_our_invoice(agency, other_agency, partner, billing):
    def world():
        (post,) = posts(agency, at=client_of(agency, deliver_by="portal"))
        earns([post])

    in_books(agency, world)
    attend(agency)
    key = final(billing, agency, drafts(billing)[0]["id"])["id"]
    theirs = inside(partner, other_agency, "ops_billing", "bill9")

    for body in ({"arrived": True}, {"arrived": False, "reason": "gone away"}):
        told = theirs.post("/v1/invoices/deliveries", {"invoices": [key], **body}).done()
        assert told["results"][0]["problem"]["code"] == "not_found"
    assert billing.get(f"/v1/invoices/{key}").done()["delivery"] == "to_upload"
    assert theirs.post("/v1/invoices/deliveries", {"invoices": [], "arrived": True}).status == 422


def test_an_invoice_without_a_reader_is_on_a_desk(agency, billing, issued):
    (trouble,) = exceptions(agency, "invoice_undelivered")
    assert issued["delivery"] == "undelivered"
    refused = billing.post("/v1/invoices/send", {"invoices": [issued["id"]]}).done()
    assert refused["results"][0]["problem"]["code"] == "no_reader"
    assert trouble["owner_role"] == "ops_billing"
