"""Umbrellas: who is on the register and who says so, what is flagged and held when one is not, and
the chain from the work to what HMRC was told.

785.50 on a week-1 code 1257L: 785.50 - 241.91 = 543.59, whole pounds at 20 % are 108.60; worker's
National Insurance (785.50 - 242) x 8 % = 43.48; the employer's (785.50 - 96) x 15 % = 103.42.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.api.office import read_one_by_one
from tests.backline import payday
from tests.backline.payday import calculated, clock, money, opened, released
from tests.backline.week import attend, exceptions, in_books, posts

pytestmark = pytest.mark.django_db
SUSPENDED = {"state": "suspended", "since": "2026-06-08", "reason": "no RTI proof since April"}
APPROVED = {
    "state": "approved",
    "since": "2026-06-01",
    "until": "2027-05-31",
    "risk": "low",
    "review_on": "2026-12-01",
    "accreditation": "FCSA 2026",
    "reason": "checked",
}


def world(place, **more: Any):
    """An umbrella worker with a week of 920.00 behind them, in a firm that can pay."""
    from backline.assignments.models import Assignment
    from backline.kernel import ids

    payday.employer()
    firm = payday.company("umbrella", legal_name="Clear Ltd", **more)
    (post,) = posts(place, 1)
    payday.through(post, firm)
    Assignment.objects.update(engagement="umbrella")
    payday.payable(companies=[firm])
    payday.earns([post], "920.00", "1200.00")
    return post, ids.public("imy", firm)


@pytest.fixture(autouse=True)
def twin(other_agency):
    """The agency that looks alike has the same umbrella, approved."""
    clock(other_agency)
    return in_books(other_agency, lambda: world(other_agency))


@pytest.fixture
def people(agency, partner):
    clock(agency)
    return payday.three(agency, partner)


@pytest.fixture
def compliance(agency, partner):
    from tests.api.office import inside

    return inside(partner, agency, "ops_compliance")


@pytest.mark.capability("OK-12")
def test_the_register_says_who_decided_what_from_which_day(agency, people, compliance, twin):
    _, imy = in_books(agency, lambda: world(agency, approved_from=None))
    path = f"/v1/intermediaries/{imy}"
    first = compliance.post(f"{path}/standings", SUSPENDED)
    assert (first.status, first.code) == (409, "illegal_move")
    faulty = compliance.post(f"{path}/standings", APPROVED | {"until": "2026-05-01"})
    assert faulty.codes == [("ends_before_start", "/until")]
    assert compliance.get(f"{path}/standings").done()["data"] == []

    compliance.post(f"{path}/standings", APPROVED).done()
    approved = compliance.get(path).done()
    assert (approved["approved_from"], approved["approved_until"]) == ("2026-06-01", "2027-05-31")
    compliance.post(f"{path}/standings", SUSPENDED).done()
    assert compliance.get(path).done()["approved_until"] == "2026-06-07"

    told = people.preparer.every(f"{path}/standings")
    rows = sorted(told, key=lambda row: row["id"])
    assert [(row["state"], row["since"], row["until"]) for row in rows] == [
        ("approved", "2026-06-01", "2027-05-31"),
        ("suspended", "2026-06-08", None),
    ]
    assert (rows[0]["accreditation"], rows[0]["review_on"]) == ("FCSA 2026", "2026-12-01")
    assert {row["decided_by"]["role"] for row in rows} == {"ops_compliance"}
    assert all(row["decided_at"] for row in rows)
    theirs = compliance.post(f"/v1/intermediaries/{twin[1]}/standings", SUSPENDED)
    assert theirs.status == 404


def test_an_approval_that_runs_out_is_flagged_on_the_morning_after(
    agency, compliance, people, wire
):
    from backline.onboarding import tasks

    post, imy = in_books(agency, lambda: world(agency, approved_until=date(2026, 6, 9)))
    attend(agency)
    assert exceptions(agency, "company_off_register") == []
    morning = datetime(2026, 6, 10, 4, 30, tzinfo=UTC)  # half past five in London
    clock(agency, morning)
    in_books(agency, lambda: tasks.follow_papers(at=morning))
    (late,) = exceptions(agency, "company_off_register")
    assert late["about"] == post.assignment
    compliance.post(f"/v1/intermediaries/{imy}/standings", APPROVED).done()
    attend(agency)
    assert exceptions(agency, "company_off_register")[0]["state"] == "resolved"


@pytest.mark.capability("OK-13")
def test_an_umbrella_off_the_register_is_flagged_before_work_and_held_at_pay(
    agency, other_agency, people, wire, owner
):
    post, imy = in_books(agency, lambda: world(agency, approved_from=None))
    attend(agency)
    (flag,) = exceptions(agency, "company_off_register")
    assert flag["state"] == "open"
    assert exceptions(other_agency, "company_off_register") == []
    lacks = owner.get(f"/v1/assignments/{post.asg}/clearance").done()["missing"]
    assert lacks == []  # the tests ask for no papers; the flag does not come from one

    run = opened(agency)
    held = calculated(agency, people.preparer, run)
    assert [one["code"] for one in held["blockers"]] == [
        "nothing_to_pay",
        "company_not_approved",
    ]
    body = {"intermediary": imy, "reason": "approval is under way; the worker must be paid"}
    own = people.preparer.post(f"/v1/pay-runs/{run}/allow-company", body)
    assert own.status == 403
    by_key = wire.post(f"/v1/pay-runs/{run}/allow-company", body)
    assert by_key.status == 403
    assert calculated(agency, people.preparer, run)["net"] == money("0.00")

    made = people.approver.post(f"/v1/pay-runs/{run}/allow-company", body).done()
    assert made["allowed_by"]["role"] == "owner"
    assert made["allowed_by"]["name"]
    again = people.approver.post(f"/v1/pay-runs/{run}/allow-company", body)
    assert (again.status, again.code) == (409, "allowed_already")
    done = released(agency, people, run)
    assert done["net"] == money("1104.00")  # 920.00 and VAT
    late = people.approver.post(f"/v1/pay-runs/{run}/allow-company", body)
    assert (late.status, late.code) == (409, "illegal_move")


def paid(agency, people) -> dict[str, Any]:
    """The statement of an umbrella worker in a run that was released."""
    run = opened(agency)
    released(agency, people, run)
    attend(agency)
    (row,) = people.preparer.every("/v1/pay-statements", run=run)
    return dict(row)


def slip(statement: str, **more: Any) -> dict[str, Any]:
    """What the umbrella's payslip says."""
    facts = {
        "statement": statement,
        "pay_on": "2026-06-12",
        "frequency": "weekly",
        "gross": money("785.50"),
        "margin": money("20.00"),
        "elections": {"tax_code": "1257L", "tax_basis": "week1_month1", "ni_letter": "A"},
        "tax": money("108.60"),
        "ni": money("43.48"),
        "employer_ni": money("103.42"),
    }
    return facts | more


@pytest.mark.capability("OK-14")
def test_a_payslip_twenty_pounds_short_of_expected_paye_is_an_exception_with_the_amount(
    agency, other_agency, other_wire, people
):
    in_books(agency, lambda: world(agency))
    statement, wire = paid(agency, people)["id"], people.preparer

    early = wire.post("/v1/umbrella-payslips", slip(statement, pay_on="2026-06-11"))
    assert early.codes == [("before_it_was_paid", "/pay_on")]
    much = wire.post("/v1/umbrella-payslips", slip(statement, gross=money("910.00")))
    assert much.codes == [("more_than_was_paid", "/gross")]
    code = slip(statement, elections={"tax_code": "ABC", "ni_letter": "A"})
    assert wire.post("/v1/umbrella-payslips", code).codes[0][1] == "/elections/tax_code"
    assert wire.every("/v1/umbrella-payslips") == []

    short = wire.post("/v1/umbrella-payslips", slip(statement, tax=money("88.60"))).done()

    assert (short["short"], short["is_right"]) == (money("20.00"), False)
    assert short["gaps"] == [
        {
            "code": "gb.paye",
            "label": "Income tax",
            "expected": money("108.60"),
            "reported": money("88.60"),
            "short": money("20.00"),
        }
    ]
    (found,) = exceptions(agency, "umbrella_payslip_differs")
    assert (str(found["at_stake"]), found["currency"]) == ("20.00", "GBP")
    assert (found["state"], found["owner_role"]) == ("open", "ops_compliance")
    assert exceptions(other_agency, "umbrella_payslip_differs") == []

    right = wire.post("/v1/umbrella-payslips", slip(statement)).done()
    assert (right["short"], right["is_right"], right["gaps"]) == (money("0.00"), True, [])
    kept = read_one_by_one(wire, other_wire, "/v1/umbrella-payslips")
    assert {row["id"] for row in kept} == {short["id"], right["id"]}
    assert exceptions(agency, "umbrella_payslip_differs")[0]["state"] == "resolved"


def test_a_cumulative_code_goes_by_the_year_to_date_that_the_payslip_says(agency, people):
    in_books(agency, lambda: world(agency))
    statement, wire = paid(agency, people)["id"], people.preparer
    # week 10, 785.50 a week so far: 9 x 785.50 = 7,069.50 taxable and 977.20 of tax; by week 10
    # 7,855.00 - 2,419.10 = 5,435.90, at 20 % on whole pounds 1,087.00, so 109.80 is still to take
    told = slip(
        statement,
        elections={"tax_code": "1257L", "tax_basis": "cumulative", "ni_letter": "A"},
        before={"taxable": "7069.50", "tax": "977.20"},
        tax=money("109.80"),
    )
    assert wire.post("/v1/umbrella-payslips", told).done()["gaps"] == []


@pytest.mark.capability("OK-15")
def test_a_quarter_in_one_call_reconciles_each_payment_to_payslip_and_proof(
    agency, other_agency, people, partner, twin
):
    def two(place):
        post, imy = world(place)
        payday.earns([posts(place, 1)[0]], "100.00", "120.00")  # employed, not in the chain
        return post, imy

    post, imy = in_books(agency, lambda: two(agency))
    statement, wire = paid(agency, people), people.preparer
    span = {"starts_on": "2026-04-06", "ends_on": "2026-07-05"}

    bare = wire.get("/v1/umbrella-audit", **span).done()
    assert [row["gaps"] for row in bare["links"]] == [["payment_not_settled", "payslip_missing"]]
    assert (bare["paid"], bare["proved"]) == (money("1104.00"), money("0.00"))

    wire.post("/v1/umbrella-payslips", slip(statement["id"], tax=money("88.60"))).done()
    wrong = wire.get("/v1/umbrella-audit", **span).done()
    assert wrong["links"][0]["gaps"] == ["payment_not_settled", "payslip_differs", "proof_missing"]
    assert wrong["short"] == money("20.00")

    wire.post(
        "/v1/umbrella-payslips", slip(statement["id"], proof="FPS 2026-06-12 IRmark 7QX")
    ).done()
    payments = [row["id"] for row in wire.every("/v1/payments", run=statement["run"])]
    wire.post("/v1/payments/settle", {"payments": payments, "on": "2026-06-12"}, key="s").done()
    whole = wire.get("/v1/umbrella-audit", **span).done()

    (link,) = whole["links"]
    assert link["gaps"] == []
    assert (link["statement"], link["intermediary"]) == (statement["id"], imy)
    assert link["assignments"] == [post.asg]
    assert (link["payment"], link["payment_state"]) == (payments[0], "settled")
    assert link["proof"] == "FPS 2026-06-12 IRmark 7QX"
    assert link["is_approved"]
    assert whole["proved"] == whole["paid"] == money("1104.00")
    before = wire.get("/v1/umbrella-audit", starts_on="2026-01-06", ends_on="2026-04-05").done()
    assert before["links"] == []
    long = wire.get("/v1/umbrella-audit", starts_on="2024-04-06", ends_on="2026-04-05")
    assert long.codes == [("span_too_long", "ends_on")]
    theirs = payday.three(other_agency, partner).preparer
    assert theirs.get("/v1/umbrella-audit", **span).done()["links"] == []


@pytest.mark.capability("OK-18")
def test_vat_is_self_billed_only_under_an_agreement_with_the_number_of_today(
    agency, other_agency, people, compliance, twin
):
    _, imy = in_books(agency, lambda: world(agency))
    path = f"/v1/intermediaries/{imy}/self-billing"
    long = compliance.post(path, {"since": "2025-06-01", "until": "2026-08-01"})
    assert long.codes == [("longer_than_a_year", "/until")]
    first = compliance.post(path, {"since": "2025-06-12", "until": "2026-06-12"}).done()
    assert first["vat_number"] == "GB123456789"
    assert (first["since"], first["until"]) == ("2025-06-12", "2026-06-12")
    run, wire = opened(agency), people.preparer

    def held() -> list[str]:
        told = calculated(agency, wire, run)
        return [one["code"] for one in told["blockers"] if one["code"] != "nothing_to_pay"]

    assert held() == ["self_billing_lapsed"]  # the pay day is the first it does not hold on
    compliance.post(path, {"since": "2026-06-12", "until": "2027-06-12"}).done()
    assert held() == []

    def rename(number: str) -> None:
        match = compliance.get(f"/v1/intermediaries/{imy}").headers["ETag"]
        change = {"vat_number": number}
        compliance.patch(f"/v1/intermediaries/{imy}", change, match=match).done()

    rename("GB999999973")
    assert held() == ["self_billing_lapsed"]
    assert wire.get(f"/v1/pay-runs/{run}").done()["net"] == money("0.00")
    again = compliance.post(path, {"since": "2026-06-12", "until": "2027-06-12"}).done()
    assert again["vat_number"] == "GB999999973"
    rows = compliance.get(path).done()["data"]
    assert [row["withdrawn"] for row in sorted(rows, key=lambda row: row["id"])] == [
        False,
        True,
        False,
    ]
    assert held() == []
    assert released(agency, people, run)["net"] == money("1104.00")
    assert compliance.post(f"/v1/intermediaries/{twin[1]}/self-billing", {}).status in {404, 422}
    with_twin = in_books(other_agency, _agreements)
    assert with_twin == 0


def _agreements() -> int:
    from backline.directory.models import SelfBilling

    return SelfBilling.objects.count()


@pytest.mark.capability("PY-34")
def test_an_umbrellas_pay_below_the_minimum_wage_is_an_exception_with_the_amount(
    agency, other_agency, people
):
    def born():
        from backline.directory.models import Worker

        row = Worker.objects.get()
        row.born_on = "1990-05-01"
        row.save(update_fields=["born_on"])

    in_books(agency, lambda: world(agency))
    in_books(agency, born)
    statement, wire = paid(agency, people)["id"], people.preparer

    wire.post("/v1/umbrella-payslips", slip(statement, gross=money("500.00"))).done()

    # aged 36: 40 hours at 12.71 come to 508.40
    (found,) = exceptions(agency, "umbrella_below_minimum")
    assert (str(found["at_stake"]), found["state"]) == ("8.40", "open")
    assert exceptions(other_agency, "umbrella_below_minimum") == []
    wire.post("/v1/umbrella-payslips", slip(statement)).done()
    assert exceptions(agency, "umbrella_below_minimum")[0]["state"] == "resolved"
