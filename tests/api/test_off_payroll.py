"""Off-payroll working: a contractor inside the rules is taxed as paid, the company gets the rest.

A fee of 1,000.00 a week, 100.00 of it materials: 900.00 counts as pay. On code BR 20 % is 180.00;
National Insurance (900 - 242) x 8 % is 52.64, the employer's (900 - 96) x 15 % is 120.60. The
company gets 1,000.00 - 180.00 - 52.64 = 767.36 and VAT on the whole fee, 200.00.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from tests.api import office
from tests.backline import payday
from tests.backline.payday import clock, money, opened, released, sums
from tests.backline.week import MONDAY, TOLD, in_books, posts

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def world(place):
    """A contractor through an own company, two weeks behind them, with a student loan."""
    from backline.assignments.models import Assignment
    from backline.directory import actions as directory

    payday.employer()
    own = payday.company("limited", legal_name="Own Ltd")
    (post,) = posts(place, 1)
    payday.through(post, own)
    Assignment.objects.update(engagement="limited")
    payday.payable(companies=[own])
    for kind, facts in (
        ("gb_paye", {"tax_code": "BR", "ni_letter": "A"}),
        ("gb_student_loan", {"student_loan": "plan_1"}),
    ):
        directory.elect(
            post.worker, kind, facts=facts, since=date(2026, 4, 6), source="hmrc", **TOLD
        )
    for n in range(2):
        monday = MONDAY + WEEK * n
        payday.earns([post], "900.00", "1300.00", on=monday)
        payday.earns(
            [post], "100.00", None, on=monday, key="parts", code="materials", paid_as="expense"
        )
    return post


@pytest.fixture
def people(agency, partner):
    clock(agency)
    return payday.three(agency, partner)


def statement(wire, run: str):
    """The one statement of a run, with its lines by code."""
    (row,) = wire.every("/v1/pay-statements", run=run)
    lines = wire.get(f"/v1/pay-statements/{row['id']}").done()["lines"]
    return row, {line["code"]: (line["kind"], line["amount"]["amount"]) for line in lines}


@pytest.mark.capability("OK-02", "PY-08")
def test_inside_is_paid_with_deductions_and_the_company_gets_the_rest(
    agency, other_agency, people, owner, *, partner
):
    post = in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    path, wire = f"/v1/assignments/{post.asg}/determinations", people.preparer
    bare = owner.post(path, {"is_inside": False, "since": "2026-06-01"})
    assert bare.codes == [("statement_missing", "/document")]
    assert owner.get(path).done()["data"] == []
    inside = {"is_inside": True, "since": "2026-06-01", "reason": "works under direction"}
    owner.post(path, inside).done()

    run = opened(agency)
    done = released(agency, people, run)

    row, lines = statement(wire, run)
    assert (row["gross"], row["taken"], row["vat"]) == (
        money("1000.00"),
        money("232.64"),
        money("200.00"),
    )
    assert row["net"] == done["net"] == money("967.36")
    assert row["employer_cost"] == done["employer_cost"] == money("120.60")
    assert lines["gb.paye"] == ("tax", "180.00")
    assert lines["gb.ni.worker"] == ("tax", "52.64")
    assert lines["gb.ni.employer"] == ("employer", "120.60")
    owed = {row["kind"]: row["amount"] for row in wire.every("/v1/liabilities")}
    assert owed == {
        "gb.paye": money("180.00"),
        "gb.ni.worker": money("52.64"),
        "gb.ni.employer": money("120.60"),
    }
    (payment,) = wire.every("/v1/payments", run=run)
    assert payment["amount"] == money("967.36")
    assert payment["intermediary"] == row["intermediary"]
    books = sums(agency)
    # what is owed to HMRC, the contractor's cost, the employer's own
    assert books["2210"] == Decimal("-353.24")
    assert books["5160"] == Decimal("1000.00")
    assert books["5120"] == Decimal("120.60")
    assert "2250" not in books

    # outside from the second week on, with the client's statement: paid whole
    paper = office.paper(owner, "sds.pdf", post.asg)
    outside = {"is_inside": False, "since": "2026-06-08", "document": paper}
    owner.post(path, outside | {"reason": "new contract"}).done()
    second = opened(agency, payday.TUESDAY + WEEK)
    released(agency, people, second)
    after, _ = statement(wire, second)
    assert (after["taken"], after["net"]) == (money("0.00"), money("1200.00"))

    theirs = payday.three(other_agency, partner)
    clock(other_agency)
    run = opened(other_agency)
    released(other_agency, theirs, run)
    assert statement(theirs.preparer, run)[0]["taken"] == money("0.00")


def test_the_year_to_date_of_a_deemed_employment_goes_on_and_paper_shows_it(agency, people, owner):
    post = in_books(agency, lambda: world(agency))
    inside = {"is_inside": True, "since": "2026-06-01"}
    owner.post(f"/v1/assignments/{post.asg}/determinations", inside).done()
    for n in range(2):
        run = opened(agency, payday.TUESDAY + WEEK * n)
        released(agency, people, run)
        row, lines = statement(people.preparer, run)
        assert lines["gb.paye"] == ("tax", "180.00")  # 360.00 of 1,800.00 so far, less 180.00
    told = people.preparer.get(f"/v1/pay-statements/{row['id']}").done()
    assert told["gross"] == money("1000.00")


STARTER = {"declaration": "C", "starts_on": "2026-06-01", "sex": "F"}
NI_LETTER = "A"


def inside_for(place, owner, weeks=2, *, beside=False):
    """The contractor inside the rules from the first day; `beside` puts somebody employed there."""

    def employed():
        from backline.directory.models import Worker

        if beside:
            (clerk,) = posts(place, 1)
            payday.payable([clerk.worker])
            payday.earns([clerk], "3000.00")
        for n, worker in enumerate(Worker.objects.order_by("id")):
            worker.born_on, worker.tax_id = "1990-05-01", f"AB12345{n}C"
            worker.save(update_fields=["born_on", "tax_id"])

    post = in_books(place, lambda: world(place))
    in_books(place, employed)
    for n in range(2, weeks):
        in_books(place, partial(payday.earns, [post], "900.00", "1300.00", on=MONDAY + WEEK * n))
    owner.post(
        f"/v1/assignments/{post.asg}/determinations", {"is_inside": True, "since": "2026-06-01"}
    ).done()
    return post


def told_to_hmrc(wire, run):
    """The submission of a run, its payments of deemed pay apart from the others."""
    fps = wire.get(f"/v1/pay-runs/{run}/full-payment-submission").done()
    deemed = [one for one in fps["payments"] if one["is_off_payroll"]]
    return fps, deemed, [one for one in fps["payments"] if not one["is_off_payroll"]]


@pytest.mark.capability("PY-08")
def test_hmrc_is_told_of_deemed_pay_by_its_marker(agency, other_agency, people, owner, *, partner):
    inside_for(agency, owner, beside=True)
    in_books(other_agency, lambda: world(other_agency))
    wire = people.preparer
    for worker in {row["worker"] for row in wire.every("/v1/assignments")}:
        told = {"kind": "gb_starter", "facts": STARTER, "since": "2026-06-01", "source": "office"}
        wire.post(f"/v1/workers/{worker}/tax-elections", told).done()
    run = opened(agency)
    early = wire.get(f"/v1/pay-runs/{run}/full-payment-submission")
    assert (early.status, early.code) == (404, "not_final")
    released(agency, people, run)

    fps, (payment,), (employed,) = told_to_hmrc(wire, run)

    assert (fps["would_be_accepted"], fps["faults"]) == (True, [])
    assert (payment["tax_code"], payment["taxable_pay"], payment["tax"]) == (
        "BR",
        "900.00",
        "180.00",
    )
    # a student loan is the contractor's own matter
    assert payment["student_loan"] == "0.00"
    own = payment["national_insurance"][NI_LETTER]
    assert (own["worker"], own["employer"]) == ("52.64", "120.60")
    assert payment["payroll_id"] != employed["payroll_id"]
    assert fps["totals"]["taxable_pay"] == "3900.00"
    second = opened(agency, payday.TUESDAY + WEEK)
    released(agency, people, second)
    _, (later,), nobody = told_to_hmrc(wire, second)
    assert nobody == []
    assert later["payroll_id"] == payment["payroll_id"]
    assert (later["taxable_pay"], later["taxable_pay_to_date"]) == ("900.00", "1800.00")
    assert (later["tax"], later["tax_to_date"]) == ("180.00", "360.00")
    # the look-alike is outside the rules, and tells HMRC nothing
    theirs = payday.three(other_agency, partner)
    clock(other_agency)
    run = opened(other_agency)
    released(other_agency, theirs, run)
    outside = theirs.preparer.get(f"/v1/pay-runs/{run}/full-payment-submission")
    assert (outside.status, outside.code) == (404, "no_paye")


def voided(people, statement: str) -> str:
    """A statement taken back by three persons; the void's run."""
    body = {"reason": "wrong week"}
    run = people.preparer.post(f"/v1/pay-statements/{statement}/void", body, key=statement).done()
    people.preparer.post(f"/v1/pay-runs/{run['id']}/submit").done()
    people.approver.post(f"/v1/pay-runs/{run['id']}/approve", {}).done()
    people.releaser.post(f"/v1/pay-runs/{run['id']}/release", key=f"void-{statement}").done()
    return str(run["id"])


def test_what_was_taken_back_is_off_the_year_that_later_statements_go_on_from(
    agency, people, owner
):
    inside_for(agency, owner, weeks=3)
    runs = []
    for n in range(2):
        runs.append(opened(agency, payday.TUESDAY + WEEK * n))
        released(agency, people, runs[n])
    first, _ = statement(people.preparer, runs[0])

    void = voided(people, first["id"])

    _, (payment,), _ = told_to_hmrc(people.preparer, void)
    # 1,800.00 in two weeks, less the 900.00 of the first
    assert (payment["taxable_pay"], payment["taxable_pay_to_date"]) == ("-900.00", "900.00")
    assert (payment["tax"], payment["tax_to_date"]) == ("-180.00", "180.00")
    third = opened(agency, payday.TUESDAY + WEEK * 2)
    released(agency, people, third)
    _, (later,), _ = told_to_hmrc(people.preparer, third)
    assert (later["taxable_pay"], later["taxable_pay_to_date"]) == ("900.00", "1800.00")
    assert later["tax_to_date"] == "360.00"


def test_a_run_whose_deemed_year_moved_on_is_not_approved(agency, people, owner):
    inside_for(agency, owner)
    first = opened(agency)
    released(agency, people, first)
    row, _ = statement(people.preparer, first)
    second = opened(agency, payday.TUESDAY + WEEK)
    payday.calculated(agency, people.preparer, second)
    people.preparer.post(f"/v1/pay-runs/{second}/submit").done()
    voided(people, row["id"])

    stale = people.approver.post(f"/v1/pay-runs/{second}/approve", {})

    assert (stale.status, stale.code) == (409, "figures_overtaken")
    assert people.preparer.get(f"/v1/pay-runs/{second}").done()["state"] == "submitted"
    people.approver.post(f"/v1/pay-runs/{second}/reject", {"reason": "overtaken"}).done()
    released(agency, people, second)
    _, (payment,), _ = told_to_hmrc(people.preparer, second)
    # the first week counts no more
    assert payment["taxable_pay_to_date"] == "900.00"


def test_only_work_through_an_own_company_is_determined(agency, other_agency, people, owner):
    (post,) = in_books(agency, lambda: posts(agency))
    (theirs,) = in_books(other_agency, lambda: posts(other_agency))
    inside = {"is_inside": True, "since": "2026-06-01"}
    paye = owner.post(f"/v1/assignments/{post.asg}/determinations", inside)
    assert (paye.status, paye.code) == (409, "not_through_a_company")
    assert owner.post(f"/v1/assignments/{theirs.asg}/determinations", inside).status == 404
