"""Every route by which somebody is paid: employed, through an umbrella or an own company, 1099,
in construction; their papers, their bank files and what the work truly cost.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pypdf import PdfReader

from tests.backline.payday import (
    calculated,
    clock,
    company,
    earns,
    employer,
    money,
    opened,
    payable,
    released,
    staffed,
    sums,
    three,
    through,
)
from tests.backline.week import MONDAY, TOLD, attend, client_of, exceptions, in_books, posts

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(agency, partner):
    """Preparer, approver and releaser of the agency's runs."""
    clock(agency)
    return three(agency, partner)


@pytest.fixture
def us_people(us_agency, partner):
    """The same across the sea."""
    clock(us_agency)
    return three(us_agency, partner)


def text_of(content: bytes) -> str:
    """The words of a paper, in one line."""
    return " ".join(
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split()
    )


def amount(told) -> Decimal:
    """The figure of money on the wire."""
    return Decimal(told["amount"])


@pytest.mark.capability("PY-02")
def test_w2_gross_to_net_previewed_and_approved_in_time(us_agency, other_agency, us_people):
    in_books(us_agency, lambda: staffed(us_agency, 2, country="US", earned={"pay": "1000.00"}))
    in_books(other_agency, lambda: staffed(other_agency))
    run = opened(us_agency)
    wire = us_people.preparer

    preview = calculated(us_agency, wire, run)
    drafts = wire.every("/v1/pay-statements", run=run)
    lines = {
        line["code"]: line["amount"]["amount"]
        for line in wire.get(f"/v1/pay-statements/{drafts[0]['id']}").done()["lines"]
    }
    assert preview["blockers"] == []
    assert lines["us.ss"] == "62.00"
    assert lines["us.medicare"] == "14.50"
    assert Decimal(lines["us.fit"]) > 0
    assert preview["approve_by_on"] == "2026-06-10"
    wire.post(f"/v1/pay-runs/{run}/submit").done()

    clock(us_agency, datetime(2026, 6, 11, 14, 0, tzinfo=UTC))
    late = us_people.approver.post(f"/v1/pay-runs/{run}/approve", {})
    assert (late.status, late.code) == (409, "deadline_passed")
    clock(us_agency)
    us_people.approver.post(f"/v1/pay-runs/{run}/approve", {"digest": preview["digest"]}).done()
    done = us_people.releaser.post(f"/v1/pay-runs/{run}/release", key="one").done()

    assert {name: done[name] for name in ("gross", "taken", "net", "employer_cost", "digest")} == {
        name: preview[name] for name in ("gross", "taken", "net", "employer_cost", "digest")
    }
    finals = wire.every("/v1/pay-statements", run=run)
    assert [row | {"is_final": True} for row in drafts] == finals
    (file,) = wire.every("/v1/payment-files", run=run)
    assert (file["rail"], file["count"], file["amount"]) == ("ach", 2, done["net"])


@pytest.mark.capability("PY-03")
def test_an_umbrella_gets_one_remittance_that_equals_the_bank_file(agency, other_agency, people):
    def world(place):
        employer()
        clear, plain = (
            company("umbrella", legal_name="Clear Ltd"),
            company("umbrella", legal_name="Plain Ltd", vat_registered=False, vat_number=""),
        )
        some = posts(place, 3, engagement="paye")
        from backline.assignments.models import Assignment

        for post, firm in zip(some, (clear, clear, plain), strict=True):
            through(post, firm)
        Assignment.objects.update(engagement="umbrella")
        payable(companies=[clear, plain])
        earns(some)

    in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    run = opened(agency)

    done = released(agency, people, run)

    payments = people.preparer.every("/v1/payments", run=run)
    assert sorted(amount(row["amount"]) for row in payments) == [
        Decimal("600.00"),
        Decimal("1440.00"),  # two workers, and VAT at a fifth
    ]
    (file,) = people.preparer.every("/v1/payment-files", run=run)
    assert file["amount"] == done["net"] == money("2040.00")
    content = people.preparer.get(f"/v1/payment-files/{file['id']}/content").done().content
    assert f"{204000:011}" in content.decode()  # the contra carries the sum in pence
    attend(agency)
    clear = next(row for row in payments if amount(row["amount"]) == Decimal("1440.00"))
    paper = people.preparer.get(f"/v1/payments/{clear['id']}/document").done()
    words = text_of(paper.content)
    assert "Self-billed invoice" in words
    assert clear["number"] == "SB-000001"
    assert all(said in words for said in ("Clear Ltd", "1,440.00"))
    assert words.count("600.00") == 2
    assert sums(agency)["5160"] == Decimal("1800.00")
    assert sums(agency)["2310"] == Decimal("240.00")


@pytest.mark.capability("PY-04", "BL-11")
def test_a_company_bills_itself_within_a_margin_or_is_self_billed(agency, other_agency, people):
    def world(place, *, self_billing):
        employer()
        own = company("limited", self_billing=self_billing)
        (post,) = posts(place, 1)
        from backline.assignments.models import Assignment

        through(post, own)
        Assignment.objects.update(engagement="limited")
        payable(companies=[own])
        earns([post], "2625.00", "3000.00", hours="37.5")
        return own

    from backline.kernel import ids

    own = ids.public("imy", in_books(agency, lambda: world(agency, self_billing=False)))
    in_books(other_agency, lambda: world(other_agency, self_billing=True))
    run, wire = opened(agency), people.preparer
    waits = calculated(agency, wire, run)
    assert [one["code"] for one in waits["blockers"]] == [
        "nothing_to_pay",
        "supplier_invoice_missing",
    ]

    def invoice(number, net, tax):
        body = {"intermediary": own, "number": number, "issued_on": "2026-06-08"}
        body |= {"ends_on": "2026-06-07", "net": money(net), "tax": money(tax)}
        return wire.post("/v1/supplier-invoices", body)

    off = invoice("A1", "2630.00", "526.00").done()
    twice = invoice("A1", "2630.00", "526.00")
    assert (off["state"], off["expected_net"]) == ("held", money("2625.00"))
    assert (twice.status, twice.code) == (409, "invoice_known")
    assert len(exceptions(agency, "pay_run_blocked")) == 3
    refused = {"accept": False, "reason": "five pounds too much"}
    wire.post(f"/v1/supplier-invoices/{off['id']}/decide", refused).done()
    near = invoice("A2", "2625.50", "525.10").done()
    assert near["state"] == "accepted"

    done = released(agency, people, run)

    assert done["net"] == money("3150.60")
    assert wire.get(f"/v1/supplier-invoices/{near['id']}").done()["state"] == "paid"
    # the look-alike makes the invoice out itself: no invoice is waited for, VAT by the standing
    theirs = three(other_agency, _partner(people))
    clock(other_agency)
    assert released(other_agency, theirs, opened(other_agency))["net"] == money("3150.00")


@pytest.mark.capability("PL-12")
def test_each_british_engagement_is_paid_by_its_own_route(agency, other_agency, people):
    """600.00 of work each: who is paid, and what is taken on the way."""
    from backline.kernel import ids

    def world(place):
        from backline.assignments.models import Assignment
        from backline.timesheets import actions as timesheets

        employer()
        umbrella, limited = company("umbrella"), company("limited", legal_name="Own Ltd")
        some = dict(
            zip(("paye", "umbrella", "limited", "sow", "cis"), posts(place, 5), strict=True)
        )
        for engagement, firm in (("umbrella", umbrella), ("limited", limited), ("sow", limited)):
            through(some[engagement], firm)
        for engagement, post in some.items():
            Assignment.objects.filter(pk=post.assignment).update(engagement=engagement)
        payable([some["paye"].worker, some["cis"].worker], companies=[umbrella, limited])
        timesheets.open_due(MONDAY, **TOLD)
        earns([post for engagement, post in some.items() if engagement != "sow"])
        return some["sow"].assignment

    sow = ids.public("asg", in_books(agency, lambda: world(agency)))
    in_books(other_agency, lambda: world(other_agency))
    side = {"amount": money("600.00")}
    milestone = {
        "kind": "milestone", "assignment": sow, "worked_on": "2026-06-03",
        "label": "Milestone 2 of 4: data moved", "reason": "accepted by Widgets Ltd",
        "pay": side, "bill": {"amount": money("840.00")}, "external_id": "sow-7/2",
    }  # fmt: skip
    people.preparer.post("/v1/charges", milestone, key="m2").done()
    run = opened(agency)
    released(agency, people, run)

    sheets = people.preparer.every("/v1/timesheets")
    assert len(sheets) == 4  # what is paid by milestones has no time to report
    assert sow not in {row["assignment"] for row in sheets}
    slips = {row["route"]: row for row in people.preparer.every("/v1/pay-statements", run=run)}
    assert sorted(slips) == ["cis", "limited", "paye", "sow", "umbrella"]
    assert {row["gross"]["amount"] for row in slips.values()} == {"600.00"}
    # HMRC did not verify this subcontractor: 30 %
    assert slips["cis"]["net"] == money("420.00")
    # companies that are registered for VAT: a fifth on top
    for route in ("umbrella", "limited", "sow"):
        assert (slips[route]["taken"], slips[route]["net"]) == (money("0.00"), money("720.00"))
        assert slips[route]["intermediary"]
    assert slips["limited"]["intermediary"] == slips["sow"]["intermediary"]
    assert slips["paye"]["intermediary"] is slips["cis"]["intermediary"] is None
    assert amount(slips["paye"]["taken"]) > 0


@pytest.mark.capability("PL-12")
def test_each_american_engagement_is_paid_by_its_own_route(us_agency, agency, us_people):
    def american():
        from backline.assignments.models import Assignment

        employer("US")
        at = client_of(us_agency, where=("US", "USD", "America/Chicago"), region="TX")
        some = posts(us_agency, 2, at=at, engagement="w2")
        Assignment.objects.filter(pk=some[1].assignment).update(engagement="1099")
        payable([post.worker for post in some], uk=False)
        earns(some, currency="USD")

    in_books(us_agency, american)
    theirs = opened(us_agency)
    released(us_agency, us_people, theirs)
    slips = {
        row["route"]: row for row in us_people.preparer.every("/v1/pay-statements", run=theirs)
    }
    assert sorted(slips) == ["1099", "w2"]
    assert slips["1099"]["net"] == money("600.00", "USD")
    assert amount(slips["w2"]["taken"]) > 0


def _partner(people):
    from tests import firms

    return firms.places()["partner"]


@pytest.mark.capability("PY-05")
def test_contractors_of_1099_fill_batches_and_the_year_adds_up(us_agency, agency, us_people):
    in_books(
        us_agency,
        lambda: staffed(us_agency, 501, country="US", engagement="1099", earned={"pay": "100.00"}),
    )
    run, wire = opened(us_agency), us_people.preparer

    done = released(us_agency, us_people, run)

    assert done["net"] == money("50100.00", "USD")
    (file,) = wire.every("/v1/payment-files", run=run)
    content = wire.get(f"/v1/payment-files/{file['id']}/content").done().content.decode()
    heads = [line for line in content.splitlines() if line.startswith("5220")]
    counts = [int(line[4:10]) for line in content.splitlines() if line.startswith("8220")]
    assert counts == [500, 1]
    assert all("CONTRACTOR" in line for line in heads)
    year = wire.get("/v1/pay-totals", tax_year="2026", route="1099").done()["data"]
    assert len(year) == 501
    assert {row["gross"]["amount"] for row in year} == {"100.00"}
    assert wire.get("/v1/pay-totals", tax_year="2025").done()["data"] == []


@pytest.mark.capability("PY-11")
def test_calendars_run_side_by_side_and_a_worker_moves_between_them(agency, other_agency, people):
    from datetime import UTC, datetime

    from backline.assignments.models import Assignment

    def world(place):
        some = staffed(place, 2)
        wire_calendars()
        Assignment.objects.filter(pk=some[1].assignment).update(pay_frequency="monthly")
        earns([some[1]], "400.00", key="monthly")
        return some

    def wire_calendars():
        from backline.payroll import actions
        from tests.backline.week import TOLD

        for frequency in ("fortnightly", "four_weekly"):
            actions.add_calendar(
                name=frequency,
                frequency=frequency,
                engagements=["paye"],
                currency="GBP",
                anchor_on=date(2026, 6, 1),
                pay_lag_days=5,
                holidays="gb.england_wales",
                **TOLD,
            )

    in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    weekly = opened(agency)
    released(agency, people, weekly)

    monthly = opened(agency, datetime(2026, 7, 3, 9, 0, tzinfo=UTC), "monthly")

    wire = people.preparer
    kinds = {row["frequency"] for row in wire.every("/v1/pay-calendars")}
    assert kinds == {"weekly", "fortnightly", "four_weekly", "monthly"}
    spans = {(row["starts_on"], row["ends_on"]) for row in wire.every("/v1/pay-runs")}
    assert {("2026-06-01", "2026-06-14"), ("2026-06-01", "2026-06-28")} <= spans
    ready = calculated(agency, wire, monthly)
    assert (ready["starts_on"], ready["pay_on"]) == ("2026-06-01", "2026-07-10")
    assert ready["gross"] == money("400.00")
    # the worker paid 600.00 in the week; tax of the month follows on from it
    (slip,) = wire.every("/v1/pay-statements", run=monthly)
    told = wire.get(f"/v1/pay-statements/{slip['id']}").done()
    year = {one["key"]: one["amount"] for one in told["year_to_date"]}
    assert year["gb.pay"] == "1000.00"
    paye = next(line for line in told["lines"] if line["code"] == "gb.paye")
    assert (paye["base"], paye["amount"]["amount"]) == (money("400.00"), year["gb.tax"])


@pytest.mark.capability("PY-35")
def test_each_line_of_pay_carries_its_true_cost(agency, other_agency, people):
    def world(place):
        some = staffed(place, 2, earned={"pay": "900.00"})
        earns([some[0]], "300.00", key="more", code="overtime")

    in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    run = opened(agency)

    done = released(agency, people, run)

    burdens = Decimal(0)
    for row in people.preparer.every("/v1/pay-statements", run=run):
        told = people.preparer.get(f"/v1/pay-statements/{row['id']}").done()
        own = sum(amount(charge["burden"]) for charge in told["charges"])
        assert own == amount(row["employer_cost"])
        burdens += own
    books = sums(agency)
    costs = sum(books.get(code, Decimal(0)) for code in ("5120", "5130", "5140", "5150"))
    assert burdens == costs == amount(done["employer_cost"]) > 0
    assert "5120" not in sums(other_agency)
