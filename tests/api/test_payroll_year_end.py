"""What workers and authorities are told of a year and of a pay day: the sum of the runs, voids
taken off, to the penny.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backline.kernel import ids
from tests.api.payweeks import WEEK, amount, paid_week, weeks_of
from tests.backline.payday import (
    TUESDAY,
    clock,
    earns,
    money,
    opened,
    payable,
    released,
    staffed,
    three,
)
from tests.backline.week import client_of, in_books, posts

pytestmark = pytest.mark.django_db
STARTER = {"sex": "F", "starts_on": "2026-06-01", "declaration": "A"}


@pytest.fixture(params=["GB", "US"])
def home(request, agency, us_agency, partner):
    """An agency of each country with its three persons, and what it pays in."""
    place = agency if request.param == "GB" else us_agency
    clock(place)
    return place, three(place, partner), request.param, "GBP" if request.param == "GB" else "USD"


@pytest.fixture
def people(agency, partner):
    """Preparer, approver and releaser of the agency's runs."""
    clock(agency)
    return three(agency, partner)


def the_form(people, year: str, name: str, post) -> dict[str, Decimal]:
    """The figures of a worker's form by box, and state where it is one's own."""
    rows = people.preparer.get("/v1/year-end-forms", tax_year=year).done()["data"]
    worker = ids.public("wrk", post.worker)
    (form,) = [row for row in rows if (row["worker"], row["form"]) == (worker, name)]
    assert form["differs"] == []
    return {f"{one['box']}{one['place']}": amount(one["amount"]) for one in form["figures"]}


def voided(people, statement: str) -> None:
    """Take a statement back, through its three persons."""
    where = f"/v1/pay-statements/{statement}/void"
    run = people.preparer.post(where, {"reason": "wrong"}, key=f"void-{statement}").done()["id"]
    people.preparer.post(f"/v1/pay-runs/{run}/submit").done()
    people.approver.post(f"/v1/pay-runs/{run}/approve", {}).done()
    people.releaser.post(f"/v1/pay-runs/{run}/release", key=f"release-{run}").done()


def summed(people, code: str, column: str = "amount") -> Decimal:
    """The lines of every final statement with a code, added up."""
    whole = Decimal(0)
    for row in people.preparer.every("/v1/pay-statements", is_final="true"):
        told = people.preparer.get(f"/v1/pay-statements/{row['id']}").done()
        whole += sum(amount(line[column]) for line in told["lines"] if line["code"] == code)
    return whole


@pytest.mark.capability("PY-33")
def test_the_forms_of_a_year_are_the_sum_of_its_runs_with_voids(home, other_agency, partner):
    place, people, country, currency = home
    pay = "3000.00"
    post = weeks_of(place, 3, country=country, pay=pay)
    in_books(other_agency, lambda: staffed(other_agency, 1))

    def contractor():
        if country == "GB":
            (own,) = posts(place, engagement="cis")
        else:
            at = client_of(place, where=("US", "USD", "America/Chicago"), region="TX")
            (own,) = posts(place, engagement="1099", at=at)
        payable([own.worker], uk=country == "GB")
        earns([own], "300.00", currency=currency, key="contract")
        return own

    contracted = in_books(place, contractor)
    for n in range(3):
        run = opened(place, TUESDAY + n * WEEK)
        released(place, people, run)
        if n == 1:
            slips = people.preparer.every("/v1/pay-statements", run=run)
            voided(people, slips[0]["id"])

    if country == "GB":
        form = the_form(people, "2026-27", "P60", post)
        assert (form["pay"], form["tax"]) == (Decimal(6000), summed(people, "gb.paye"))
        assert form["ni_workerA"] == summed(people, "gb.ni.worker") > 0
        assert form["total_tax"] == form["tax"] > 0
        where = f"/v1/workers/{ids.public('wrk', post.worker)}/p45"
        p45 = people.preparer.get(where, leaves_on="2026-06-21").done()
        # paid on Friday 26 June 2026: the twelfth week since 6 April
        assert (p45["period"], p45["pay_to_date"]) == ("week 12", money("6000.00"))
        assert amount(p45["tax_to_date"]) == form["tax"]
        nobody = f"/v1/workers/{ids.public('wrk', contracted.worker)}/p45"
        assert people.preparer.get(nobody, leaves_on="2026-06-21").code == "not_paid"
    else:
        form = the_form(people, "2026", "W-2", post)
        assert {form[box] for box in ("1", "3", "5")} == {Decimal(6000)}
        # 6.2% and 1.45% of 3,000.00, twice: 186.00 and 43.50
        assert (form["4"], form["6"]) == (Decimal("372.00"), Decimal("87.00"))
        assert form["2"] == summed(people, "us.fit") > 0
        assert the_form(people, "2026", "1099-NEC", contracted) == {"1": Decimal(300)}
    theirs = three(other_agency, partner).preparer
    year = "2026-27" if country == "GB" else "2026"
    assert theirs.get("/v1/year-end-forms", tax_year=year).done()["data"] == []


@pytest.mark.capability("PY-01")
def test_hmrc_is_told_what_the_payslips_say_and_why_it_is_late(
    agency, other_agency, people, partner
):
    def world(place):
        from backline.directory.models import Worker

        some = staffed(place, 2, earned={"pay": "3000.00"})
        for n, worker in enumerate(Worker.objects.order_by("id")):
            worker.born_on, worker.tax_id = "1990-05-01", f"AB12345{n}C"
            worker.save(update_fields=["born_on", "tax_id"])
        return some

    some = in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    run = opened(agency)
    where = f"/v1/pay-runs/{run}/full-payment-submission"
    early = people.preparer.get(where)
    released(agency, people, run)
    open_yet = people.preparer.get(where).done()
    for post in some:
        told = {"kind": "gb_starter", "facts": STARTER, "since": "2026-06-01", "source": "office"}
        worker = ids.public("wrk", post.worker)
        people.preparer.post(f"/v1/workers/{worker}/tax-elections", told).done()

    fps = people.preparer.get(where).done()

    assert (early.status, early.code) == (404, "not_final")
    assert not open_yet["would_be_accepted"]
    assert {(one["pointer"], one["code"]) for one in open_yet["faults"]} == {
        ("/payments/0/employee/sex", "missing"),
        ("/payments/1/employee/sex", "missing"),
    }
    assert (fps["would_be_accepted"], fps["faults"], fps["due_on"]) == (True, [], "2026-06-12")
    assert len(fps["payments"]) == 2
    totals = {name: Decimal(figure) for name, figure in fps["totals"].items()}
    assert totals["taxable_pay"] == 6000
    assert totals["tax"] == summed(people, "gb.paye") > 0
    assert totals["ni_worker"] == summed(people, "gb.ni.worker") > 0
    assert totals["ni_employer"] == summed(people, "gb.ni.employer") > 0
    clock(agency, datetime(2026, 6, 15, 9, 0, tzinfo=UTC))
    late = people.preparer.get(where).done()
    assert [one["pointer"] for one in late["faults"]] == ["/late_reason"]
    assert people.preparer.get(where, late_reason="G").done()["would_be_accepted"]
    unknown = people.preparer.get(where, late_reason="Q").done()
    assert [one["code"] for one in unknown["faults"]] == ["unknown_reason"]
    assert three(other_agency, partner).preparer.get(where).status == 404


def test_a_void_is_told_to_hmrc_as_the_year_that_is_left(agency, people):
    weeks_of(agency, 2, pay="3000.00")
    first = paid_week(agency, people, 0)
    paid_week(agency, people, 1)
    voided(people, first["id"])
    (run,) = people.preparer.every("/v1/pay-runs", kind="void")

    fps = people.preparer.get(f"/v1/pay-runs/{run['id']}/full-payment-submission").done()

    (payment,) = fps["payments"]
    assert payment["taxable_pay"] == "-3000.00"
    assert payment["taxable_pay_to_date"] == "3000.00"
    assert Decimal(payment["tax"]) == Decimal(fps["totals"]["tax"]) < 0


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"sex": "X"}, "/facts/sex"),
        ({"declaration": "D"}, "/facts/declaration"),
        ({"starts_on": "soon"}, "/facts/starts_on"),
        ({"weekly_hours": "many"}, "/facts/weekly_hours"),
        ({"shoe_size": "41"}, "/facts/shoe_size"),
    ],
)
def test_what_hmrc_could_not_read_of_a_starter_is_refused(agency, people, facts, where):
    post = weeks_of(agency, 1)
    worker = ids.public("wrk", post.worker)
    told = {"kind": "gb_starter", "facts": facts, "since": "2026-06-01", "source": "office"}

    refused = people.preparer.post(f"/v1/workers/{worker}/tax-elections", told)

    assert [pointer for _, pointer in refused.codes] == [where]
