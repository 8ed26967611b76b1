"""Pay runs over the wire: three persons, the same figures throughout, nothing half done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.backline.payday import (
    calculated,
    clock,
    money,
    opened,
    released,
    staffed,
    sums,
    three,
)
from tests.backline.week import attend, exceptions, in_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(agency, partner):
    """Preparer, approver and releaser of the agency's runs."""
    clock(agency)
    return three(agency, partner)


def test_a_run_goes_from_open_to_settled_through_three_persons(agency, people):
    in_books(agency, lambda: staffed(agency, 2))
    run = opened(agency)

    ready = calculated(agency, people.preparer, run)

    assert (ready["state"], ready["payslips"], ready["blockers"]) == ("ready", 2, [])
    assert ready["gross"] == money("1200.00")
    assert ready["allowed_actions"] == ["submit", "calculate", "reschedule", "cancel"]
    assert (ready["pay_on"], ready["approve_by_on"]) == ("2026-06-12", "2026-06-10")
    people.preparer.post(f"/v1/pay-runs/{run}/submit").done()
    people.approver.post(f"/v1/pay-runs/{run}/approve", {"digest": ready["digest"]}).done()
    done = people.releaser.post(f"/v1/pay-runs/{run}/release", key="one").done()
    again = people.releaser.post(f"/v1/pay-runs/{run}/release", key="one").done()
    twice = people.releaser.post(f"/v1/pay-runs/{run}/release", key="two")

    assert (done["state"], done["net"]) == ("released", ready["net"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (twice.status, twice.code) == (409, "illegal_move")
    payments = people.preparer.every("/v1/payments", run=run)
    (file,) = people.preparer.every("/v1/payment-files", run=run)
    assert {row["state"] for row in payments} == {"sent"}
    assert sum(Decimal(row["amount"]["amount"]) for row in payments) == Decimal(
        done["net"]["amount"]
    )
    assert (file["amount"], file["count"]) == (done["net"], 2)
    keys = [row["id"] for row in payments]
    people.preparer.post("/v1/payments/settle", {"payments": keys, "on": "2026-06-12"}).done()
    assert people.preparer.get(f"/v1/pay-runs/{run}").done()["state"] == "settled"
    books = sums(agency)
    assert not {"2200", "1090"} & books.keys()
    assert books["1020"] == -Decimal(done["net"]["amount"])
    attend(agency)
    (slip, _) = people.preparer.every("/v1/pay-statements", run=run)
    paper = people.preparer.get(f"/v1/pay-statements/{slip['id']}/document").done()
    assert paper.content.startswith(b"%PDF")
    assert exceptions(agency, "pay_run_blocked") == []


def snapshot(place):
    """Everything a refusal must leave as it was: runs, statements, payments, books, events."""
    from backline.kernel.models import Event
    from backline.ledger.models import Entry
    from backline.payroll.models import Payment, PaymentFile, PayRun, Payslip

    def read():
        return [
            list(PayRun.objects.order_by("id").values_list("state", "version", "released_by")),
            list(Payslip.objects.order_by("id").values_list("id", "run__is_final", "net")),
            list(Payment.objects.order_by("id").values_list("id", "state")),
            PaymentFile.objects.count(),
            Entry.objects.count(),
            Event.objects.exclude(name__startswith="api").count(),
        ]

    return in_books(place, read)


@pytest.fixture
def submitted(agency, people):
    """A run that waits for its approver."""
    in_books(agency, lambda: staffed(agency))
    run = opened(agency)
    calculated(agency, people.preparer, run)
    people.preparer.post(f"/v1/pay-runs/{run}/submit").done()
    return run


@pytest.mark.capability("PY-28")
def test_no_two_of_the_three_are_one_person(agency, partner, people, submitted, wire):
    where = f"/v1/pay-runs/{submitted}"
    before = snapshot(agency)

    by_key = wire.post(f"{where}/approve", {})
    by_preparer = people.preparer.post(f"{where}/approve", {})
    early = people.releaser.post(f"{where}/release", key="early")

    assert (by_key.status, by_key.code) == (403, "scope_missing")
    assert (by_preparer.status, by_preparer.code) == (403, "scope_missing")
    assert (early.status, early.code) == (409, "illegal_move")
    assert snapshot(agency) == before
    people.approver.post(f"{where}/approve", {}).done()
    before = snapshot(agency)

    by_preparer = people.preparer.post(f"{where}/release", key="preparer")
    by_approver = people.approver.post(f"{where}/release", key="approver")
    without_key = people.releaser.post(f"{where}/release")

    assert (by_preparer.status, by_preparer.code) == (403, "third_person_needed")
    assert (by_approver.status, by_approver.code) == (403, "scope_missing")
    assert (without_key.status, without_key.code) == (400, "idempotency_key_required")
    assert snapshot(agency) == before


def test_the_database_itself_keeps_the_three_apart(agency, people, submitted):
    from django.db import IntegrityError, transaction

    from backline.payroll.models import PayRun

    people.approver.post(f"/v1/pay-runs/{submitted}/approve", {}).done()

    def force(**same):
        from tenants import tenancy

        with tenancy.firm(agency.ref), pytest.raises(IntegrityError), transaction.atomic():
            PayRun.objects.filter(state="approved").update(**same)

    row = in_books(agency, lambda: PayRun.objects.values().get(state="approved"))
    force(approved_by=row["prepared_by"])
    force(released_by=row["approved_by"])
    force(released_by=row["prepared_by"])


def test_the_partner_may_let_the_preparer_of_a_small_agency_release(
    agency, other_agency, partner, people, submitted
):
    from tests.callers import signed_in
    from tests.wire import Wire

    admin = Wire(signed_in(partner, "partner_admin", "policy"))
    policy = {"preparer_may_release": True, "reason": "two people work there"}
    where = f"/v1/partner/agencies/{agency.ref}/release-policy"
    people.approver.post(f"/v1/pay-runs/{submitted}/approve", {}).done()

    by_owner = people.approver.put(where, policy)
    admin.put(where, policy).done()
    done = people.preparer.post(f"/v1/pay-runs/{submitted}/release", key="small").done()

    assert by_owner.status == 403
    assert done["state"] == "released"
    assert people.approver.get("/v1/release-policy").done()["preparer_may_release"] is True
    assert in_books(other_agency, policies) == []


def policies():
    from backline.payroll.models import ReleasePolicy

    return list(ReleasePolicy.objects.all())


def test_what_changed_since_it_was_calculated_stops_the_run(agency, people, submitted):
    from backline.directory import actions as directory
    from backline.directory.models import Worker
    from backline.kernel.outcomes import one
    from tests.backline.payday import BOB
    from tests.backline.week import TOLD

    where = f"/v1/pay-runs/{submitted}"
    people.approver.post(f"{where}/approve", {}).done()

    def move_account():
        worker = Worker.objects.get()
        proposed = directory.propose(
            worker=worker.pk,
            rail="bacs",
            holder="A Byron",
            routing="404784",
            account="70872491",
            **TOLD,
        )
        one(directory.approve([proposed.pk], actor=BOB, at=TOLD["at"]))

    in_books(agency, move_account)
    before = snapshot(agency)

    refused = people.releaser.post(f"{where}/release", key="moved")

    assert (refused.status, refused.code) == (409, "bank_account_changed")
    assert snapshot(agency) == before
    people.approver.post(f"{where}/withdraw", {"reason": "other bank details"}).done()
    calculated(agency, people.preparer, submitted)
    people.preparer.post(f"{where}/submit").done()
    people.approver.post(f"{where}/approve", {}).done()
    people.releaser.post(f"{where}/release", key="again").done()
    (payment,) = people.preparer.every("/v1/payments", run=submitted)
    assert payment["account_last"] == "2491"


def test_work_that_is_corrected_before_pay_stops_the_run(agency, people, submitted):
    from backline.charges import agreed
    from backline.charges.models import Charge
    from backline.kernel.outcomes import one
    from tests.backline.week import TOLD

    def dearer():
        paid = Charge.objects.get()
        side = agreed.Agreed(Decimal(40), Decimal(1), Decimal("40.00"), "GBP", "work")
        new = agreed.NewCharge(
            key="dearer",
            kind="adjustment",
            assignment=paid.assignment_id,
            worked_on=paid.worked_on,
            code="regular",
            label="Rate",
            reason="rate changed",
            pay=side,
            corrects=paid.pk,
        )
        one(agreed.post_agreed([new], **TOLD))

    in_books(agency, dearer)

    refused = people.approver.post(f"/v1/pay-runs/{submitted}/approve", {})

    assert (refused.status, refused.code) == (409, "work_corrected")
    people.approver.post(f"/v1/pay-runs/{submitted}/reject", {"reason": "rates"}).done()
    assert calculated(agency, people.preparer, submitted)["gross"] == money("640.00")


def test_a_run_that_another_overtook_is_calculated_again(agency, people):
    from backline.payroll.models import PayCalendar
    from tests.backline.payday import earns

    (post,) = in_books(agency, lambda: staffed(agency))
    first = opened(agency)
    calculated(agency, people.preparer, first)
    people.preparer.post(f"/v1/pay-runs/{first}/submit").done()
    people.approver.post(f"/v1/pay-runs/{first}/approve", {}).done()
    calendar = in_books(agency, lambda: PayCalendar.objects.get(frequency="weekly").public_id)
    in_books(agency, lambda: earns([post], "100.00", None, key="bonus", hours="1"))
    body = {"calendar": calendar, "pay_on": "2026-06-12", "ends_on": "2026-06-07"}
    second = people.preparer.post("/v1/pay-runs/off-cycle", body | {"reason": "forgotten"}).done()
    released(agency, people, second["id"])
    before = snapshot(agency)

    stale = people.releaser.post(f"/v1/pay-runs/{first}/release", key="stale")

    assert (stale.status, stale.code) == (409, "figures_overtaken")
    assert snapshot(agency) == before
    people.approver.post(f"/v1/pay-runs/{first}/withdraw", {"reason": "overtaken"}).done()
    assert released(agency, people, first)["state"] == "released"
    rows = people.preparer.every("/v1/pay-statements", sort="pay_on")
    detail = [people.preparer.get(f"/v1/pay-statements/{row['id']}").done() for row in rows]
    paid = {one["run"]: {f["key"]: f["amount"] for f in one["year_to_date"]} for one in detail}
    assert paid[first]["gb.pay"] == "700.00"


def test_after_the_deadline_a_run_gets_another_pay_day(agency, people, submitted):
    clock(agency, datetime(2026, 6, 11, 9, 0, tzinfo=UTC))
    before = snapshot(agency)

    late = people.approver.post(f"/v1/pay-runs/{submitted}/approve", {})

    assert (late.status, late.code) == (409, "deadline_passed")
    assert late["errors"][0]["earliest_pay_on"] == "2026-06-15"
    assert snapshot(agency) == before
    people.approver.post(f"/v1/pay-runs/{submitted}/reject", {"reason": "too late"}).done()
    where = f"/v1/pay-runs/{submitted}/reschedule"
    weekend = people.preparer.post(where, {"pay_on": "2026-06-13", "reason": "late"})
    soon = people.preparer.post(where, {"pay_on": "2026-06-12", "reason": "late"})
    moved = people.preparer.post(where, {"pay_on": "2026-06-15", "reason": "late"}).done()
    assert weekend.codes == [("banks_closed", "/pay_on")]
    assert soon.codes == [("too_soon", "/pay_on")]
    assert (moved["state"], moved["pay_on"], moved["payslips"]) == ("open", "2026-06-15", 0)
    assert released(agency, people, submitted)["state"] == "released"


def test_one_worker_in_trouble_does_not_hold_the_others(agency, other_agency, people):
    from backline.directory.models import BankAccount, TaxElection

    some = in_books(agency, lambda: staffed(agency, 3))
    in_books(other_agency, lambda: staffed(other_agency, 3))
    run = opened(agency)

    def break_two():
        BankAccount.objects.filter(worker=some[0].worker).update(state="failed")
        TaxElection.objects.filter(worker=some[1].worker).update(withdrawn=True)

    in_books(agency, break_two)
    ready = calculated(agency, people.preparer, run)

    assert (ready["state"], ready["payslips"]) == ("ready", 1)
    codes = sorted((one["code"], one["owner"]) for one in ready["blockers"])
    assert codes == [
        ("bank_account_missing", "ops_payroll"),
        ("missing", "ops_payroll"),
        ("missing", "ops_payroll"),
    ]
    assert {one["pointer"] for one in ready["blockers"]} == {
        "",
        "elections.tax_code",
        "elections.ni_letter",
    }
    assert len(exceptions(agency, "pay_run_blocked")) == 2
    in_books(agency, lambda: BankAccount.objects.update(state="approved"))
    in_books(agency, lambda: TaxElection.objects.update(withdrawn=False))
    ready = calculated(agency, people.preparer, run)
    assert (ready["payslips"], ready["blockers"]) == (3, [])
    assert {row["state"] for row in exceptions(agency, "pay_run_blocked")} == {"resolved"}


def test_what_concerns_the_firm_holds_the_whole_run(agency, people):
    from backline.directory.models import PayingAccount, Registration

    in_books(agency, lambda: staffed(agency, 2))
    run = opened(agency)

    def strip():
        Registration.objects.filter(authority="hmrc_paye").update(valid="empty")
        PayingAccount.objects.update(is_default=False)

    in_books(agency, strip)

    held = calculated(agency, people.preparer, run)
    refused = people.preparer.post(f"/v1/pay-runs/{run}/submit")

    assert held["state"] == "blocked"
    codes = [(one["code"], one["worker"]) for one in held["blockers"]]
    assert codes == [("paying_account_missing", None), ("registration_missing", None)]
    assert (refused.status, refused.code) == (409, "illegal_move")
    assert held["allowed_actions"] == ["calculate", "reschedule", "cancel"]


def test_an_empty_run_says_why_nothing_is_to_be_paid(agency, people):
    from tests.backline.payday import employer

    in_books(agency, employer)
    run = opened(agency)

    held = calculated(agency, people.preparer, run)

    assert held["state"] == "blocked"
    assert [one["code"] for one in held["blockers"]] == ["nothing_to_pay"]


def test_a_run_without_law_for_its_day_is_held_by_name(agency, people):
    from backline.payroll.models import PayRun

    in_books(agency, lambda: staffed(agency))
    run = opened(agency)
    in_books(agency, lambda: PayRun.objects.update(pay_on=date(2028, 5, 12)))

    held = calculated(agency, people.preparer, run)

    assert held["payslips"] == 0
    assert "law_not_held" in {one["code"] for one in held["blockers"]}


def test_a_cancelled_run_gives_its_work_to_the_next(agency, people, submitted):
    where = f"/v1/pay-runs/{submitted}"
    before = snapshot(agency)
    refused = people.preparer.post(f"{where}/cancel", {"reason": "wrong"})
    assert (refused.status, refused.code) == (409, "illegal_move")
    assert snapshot(agency) == before
    people.approver.post(f"{where}/reject", {"reason": "wrong"}).done()
    people.preparer.post(f"{where}/cancel", {"reason": "wrong"}).done()

    run = opened(agency)

    assert run != submitted
    assert calculated(agency, people.preparer, run)["gross"] == money("600.00")


def test_a_calculation_that_was_lost_is_begun_again(agency, people):
    in_books(agency, lambda: staffed(agency))
    run = opened(agency)
    first = people.preparer.post(f"/v1/pay-runs/{run}/calculate").done()["id"]
    second = people.preparer.post(f"/v1/pay-runs/{run}/calculate").done()["id"]
    attend(agency)

    assert first != second
    assert people.preparer.get(f"/v1/pay-runs/{run}").done()["state"] == "ready"
    overtaken = people.preparer.get(f"/v1/operations/{first}/items").done()["data"]
    assert {str(item["outcome"]) for item in overtaken} == {"{'overtaken': True}"}
