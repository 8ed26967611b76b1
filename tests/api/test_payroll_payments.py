"""Money on its way: files that are made once, payments that come back, statements taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.backline.payday import (
    BOB,
    calculated,
    clock,
    opened,
    released,
    staffed,
    sums,
    three,
)
from tests.backline.week import TOLD, exceptions, in_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(agency, partner):
    """Preparer, approver and releaser of the agency's runs."""
    clock(agency)
    return three(agency, partner)


@pytest.fixture
def paid(agency, people):
    """A released run of two workers."""
    in_books(agency, lambda: staffed(agency, 2))
    run = opened(agency)
    released(agency, people, run)
    return run


def new_account(place, worker: str, number: str = "70872492") -> None:
    """Have another account of a worker proposed and approved."""
    from backline.directory import actions as directory
    from backline.kernel import ids
    from backline.kernel.outcomes import one

    def propose():
        made = directory.propose(
            worker=ids.parse("wrk", worker),
            rail="bacs",
            holder="A Byron",
            routing="404784",
            account=number,
            **TOLD,
        )
        one(directory.approve([made.pk], actor=BOB, at=TOLD["at"]))

    in_books(place, propose)


@pytest.mark.capability("PY-21")
def test_a_payment_that_comes_back_is_paid_again_to_new_details_alone(
    agency, other_agency, people, paid
):
    in_books(other_agency, lambda: staffed(other_agency, 2))
    wire = people.preparer
    first, second = wire.every("/v1/payments", run=paid)
    told = {"returns": [{"payment": first["id"], "code": "B", "reason": "The account is closed"}]}

    back = wire.post("/v1/payments/returns", told | {"on": "2026-06-15"}).done()
    again = wire.post("/v1/payments/returns", told | {"on": "2026-06-15"}).done()

    assert (back["done"], again["done"]) == (1, 1)
    row = wire.get(f"/v1/payments/{first['id']}").done()
    assert (row["state"], row["return_code"]) == ("returned", "B")
    assert wire.get(f"/v1/pay-runs/{paid}").done()["state"] == "partly_paid"
    (trouble,) = exceptions(agency, "payment_returned")
    assert (trouble["owner_role"], trouble["state"]) == ("ops_payroll", "open")
    assert trouble["at_stake"] == Decimal(first["amount"]["amount"])
    assert letters(agency) == ["Your payment from Acorn Staffing came back"]
    assert sums(agency)["2200"] == -Decimal(first["amount"]["amount"])
    where = f"/v1/payments/{first['id']}/repay"
    too_soon = people.releaser.post(where, key="soon")
    assert (too_soon.status, too_soon.code) == (409, "bank_account_missing")
    new_account(agency, first["worker"])
    by_preparer = wire.post(where, key="maker")
    assert (by_preparer.status, by_preparer.code) == (403, "second_person_needed")

    once = people.releaser.post(where, key="repay").done()
    twice = people.releaser.post(where, key="another")

    assert (once["state"], once["replaces"], once["account_last"]) == ("sent", first["id"], "2492")
    assert once["reference"] != first["reference"]
    assert once["arrives_on"] == "2026-06-12"
    assert (twice.status, twice.code) == (409, "illegal_move")
    keys = [second["id"], once["id"]]
    wire.post("/v1/payments/settle", {"payments": keys, "on": "2026-06-17"}).done()
    assert wire.get(f"/v1/pay-runs/{paid}").done()["state"] == "settled"
    assert not {"2200", "1090"} & sums(agency).keys()
    (trouble,) = exceptions(agency, "payment_returned")
    assert trouble["state"] == "resolved"
    assert letters(other_agency) == []


def letters(place) -> list[str]:
    """The subjects of the mail that payees were written."""
    from backline.desk.models import Message

    rows = Message.objects.filter(kind="payment_returned")
    return list(in_books(place, lambda: list(rows.values_list("subject_line", flat=True))))


def test_a_payment_made_again_late_arrives_on_the_first_day_that_can_be(agency, people, paid):
    first, _ = people.preparer.every("/v1/payments", run=paid)
    told = {"returns": [{"payment": first["id"], "code": "B"}]}
    people.preparer.post("/v1/payments/returns", told).done()
    new_account(agency, first["worker"])
    clock(agency, datetime(2026, 6, 18, 9, 0, tzinfo=UTC))

    once = people.releaser.post(f"/v1/payments/{first['id']}/repay", key="late").done()

    assert once["arrives_on"] == "2026-06-22"


def test_a_return_file_is_taken_line_by_line(agency, people, paid):
    wire = people.preparer
    first, second = wire.every("/v1/payments", run=paid)
    report = (
        "reference,code,amount\n"
        f"{first['reference']},5,{first['amount']['amount']}\n"
        "PAY99999999,5,10.00\n"
        f"{second['reference']},B,1.00\n"
        ",5,\n"
    )
    body = {"format": "arucs", "content": report}

    read = wire.post("/v1/payments/return-files", body).done()
    again = wire.post("/v1/payments/return-files", body).done()

    assert (read["done"], read["refused"]) == (1, 3)
    codes = [one["problem"]["code"] for one in read["results"] if one["problem"]]
    assert codes == ["payment_unknown", "amount_differs", "incomplete"]
    assert (again["done"], again["refused"]) == (1, 3)
    assert wire.get(f"/v1/payments/{first['id']}").done()["state"] == "returned"
    assert wire.get(f"/v1/payments/{second['id']}").done()["state"] == "sent"
    nothing = wire.post("/v1/payments/return-files", {"format": "nacha", "content": "x"})
    assert (nothing.status, nothing.code) == (422, "nothing_in_file")


def test_a_return_of_ach_names_the_payment_by_its_trace(us_agency, partner):
    clock(us_agency)
    people = three(us_agency, partner)
    in_books(us_agency, lambda: staffed(us_agency, 2, country="US"))
    run = opened(us_agency)
    released(us_agency, people, run)
    wire = people.preparer
    first, second = wire.every("/v1/payments", run=run)

    def entry(row, kind, code):
        cents = int(Decimal(row["amount"]["amount"]) * 100)
        head = f"621021000021{'70872490':17}{cents:010}{row['reference']:15}{'A BYRON':22}  1"
        tail = f"7{kind}{code}{row['trace']}{'':6}02100002{'':44}{'0' * 15}"
        return f"{head}{row['trace']}\n{tail[:94].ljust(94)}\n"

    content = entry(first, "99", "R02") + entry(second, "98", "C01")

    read = wire.post("/v1/payments/return-files", {"format": "nacha", "content": content}).done()

    assert (read["done"], read["refused"]) == (2, 0)
    assert wire.get(f"/v1/payments/{first['id']}").done()["return_code"] == "R02"
    assert wire.get(f"/v1/payments/{second['id']}").done()["state"] == "sent"
    assert len(exceptions(us_agency, "bank_account_missing")) == 1


@pytest.mark.capability("PY-28")
def test_a_file_is_made_once_under_a_second_persons_eyes_and_never_altered(
    agency, other_agency, people, paid
):
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from backline.payroll.models import PaymentFile

    (file,) = people.preparer.every("/v1/payment-files", run=paid)
    where = f"/v1/payment-files/{file['id']}/content"
    content = people.releaser.get(where).done()
    by_owner = people.approver.get(where)
    elsewhere = three(other_agency, _partner()).releaser.get(where)
    assert content.headers["ETag"] == f'"{file["sha256"]}"'
    assert content.content.startswith(b"VOL1")
    assert (by_owner.status, by_owner.code) == (403, "scope_missing")
    assert elsewhere.status == 404

    def alter():
        row = PaymentFile.objects.select_related("document").get()
        with default_storage.open(row.document.path) as held:
            altered = held.read().replace(b"70872490", b"11111111")
        default_storage.delete(row.document.path)
        default_storage.save(row.document.path, ContentFile(altered))

    in_books(agency, alter)
    refused = people.releaser.get(where)
    assert (refused.status, refused.code) == (404, "document_altered")
    listed = people.releaser.get("/v1/documents").done()["data"]
    assert "payment_file" not in {row["kind"] for row in listed}


def _partner():
    from tests import firms

    return firms.places()["partner"]


@pytest.mark.capability("PY-16")
def test_a_sent_payment_is_asked_back_in_time_and_for_a_reason(us_agency, agency, partner):
    clock(us_agency)
    people = three(us_agency, partner)
    in_books(us_agency, lambda: staffed(us_agency, 2, country="US"))
    run = opened(us_agency)
    released(us_agency, people, run)
    first, second = people.preparer.every("/v1/payments", run=run)
    where = f"/v1/payments/{first['id']}/reverse"
    why = {"reason": "wrong_amount", "note": "typed twice"}
    keys = [first["id"], second["id"]]
    people.preparer.post("/v1/payments/settle", {"payments": keys, "on": "2026-06-12"}).done()

    odd = people.releaser.post(where, {"reason": "changed my mind"}, key="odd")
    maker = people.preparer.post(where, why, key="maker")
    done = people.releaser.post(where, why, key="one").done()
    again = people.releaser.post(where, why, key="one").done()
    twice = people.releaser.post(where, why, key="two")

    assert odd.codes == [("unknown_choice", "/reason")]
    assert (maker.status, maker.code) == (403, "second_person_needed")
    assert (done["state"], done["reversal_reason"]) == ("reversing", "wrong_amount")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == done.body
    assert (twice.status, twice.code) == (409, "illegal_move")
    told = {"returns": [{"payment": first["id"], "code": "R06"}], "on": "2026-06-16"}
    people.preparer.post("/v1/payments/returns", told).done()
    assert people.preparer.get(f"/v1/payments/{first['id']}").done()["state"] == "returned"
    assert accounts(us_agency) == {"approved"}  # what we asked back says nothing against them
    clock(us_agency, datetime(2026, 6, 23, 14, 0, tzinfo=UTC))
    late = people.releaser.post(f"/v1/payments/{second['id']}/reverse", why, key="late")
    assert (late.status, late.code) == (409, "deadline_passed")
    assert late["errors"][0]["reverse_by_on"] == "2026-06-22"


def accounts(place) -> set[str]:
    """The states of all bank accounts."""
    from backline.directory.models import BankAccount

    return set(in_books(place, lambda: list(BankAccount.objects.values_list("state", flat=True))))


FIGURES = ("gross", "taxable", "taken", "vat", "net", "employer_cost")


@pytest.mark.capability("PY-13")
def test_a_void_is_an_exact_negative_copy_in_a_run_of_its_own(agency, other_agency, people, paid):
    in_books(other_agency, lambda: staffed(other_agency, 2))
    wire = people.preparer
    slip, other = wire.every("/v1/pay-statements", run=paid)
    original = wire.get(f"/v1/pay-statements/{slip['id']}").done().body
    body = {"reason": "paid the wrong person"}

    run = wire.post(f"/v1/pay-statements/{slip['id']}/void", body, key="void").done()
    twice = wire.post(f"/v1/pay-statements/{slip['id']}/void", body, key="twice")

    assert (run["kind"], run["state"], run["payslips"]) == ("void", "ready", 1)
    assert run["allowed_actions"] == ["submit", "cancel"]
    assert (twice.status, twice.code) == (409, "voided_already")
    calc = wire.post(f"/v1/pay-runs/{run['id']}/calculate")
    assert (calc.status, calc.code) == (409, "void_is_a_copy")
    wire.post(f"/v1/pay-runs/{run['id']}/submit").done()
    people.approver.post(f"/v1/pay-runs/{run['id']}/approve", {}).done()
    done = people.releaser.post(f"/v1/pay-runs/{run['id']}/release", key="release").done()

    assert done["state"] == "settled"  # nothing is paid out by it
    (copy,) = wire.every("/v1/pay-statements", run=run["id"])
    both = [wire.get(f"/v1/pay-statements/{one['id']}").done() for one in (slip, copy)]
    assert {name: both[0][name] for name in original if name != "voided_by"} == {
        name: original[name] for name in original if name != "voided_by"
    }
    assert (both[0]["voided_by"], both[1]["voids"]) == (copy["id"], slip["id"])
    for name in FIGURES:
        assert sum(Decimal(one[name]["amount"]) for one in both) == 0, name
    lines = [
        [(line["code"], Decimal(line["amount"]["amount"])) for line in one["lines"]] for one in both
    ]
    assert lines[1] == [(code, -figure) for code, figure in lines[0]]
    left = {one["key"]: Decimal(one["amount"]) for one in both[1]["year_to_date"]}
    assert set(left.values()) == {Decimal("0.00")}
    # what had left the bank is owed back, and somebody is to ask for it
    assert sums(agency)["1600"] == Decimal(slip["net"]["amount"])
    (trouble,) = exceptions(agency, "negative_pay")
    assert trouble["at_stake"] == Decimal(slip["net"]["amount"])
    kept = wire.get(f"/v1/pay-statements/{other['id']}").done()
    assert kept["voided_by"] is None
    final = wire.post(f"/v1/pay-statements/{copy['id']}/void", body, key="void void")
    assert (final.status, final.code) == (409, "void_is_final")


def test_what_was_voided_is_paid_again_in_the_next_run(agency, people, paid):
    wire = people.preparer
    slip, _ = wire.every("/v1/pay-statements", run=paid)
    (payment,) = [
        row for row in wire.every("/v1/payments", run=paid) if row["worker"] == slip["worker"]
    ]
    told = {"returns": [{"payment": payment["id"], "code": "B"}]}
    wire.post("/v1/payments/returns", told).done()
    body = {"reason": "wrong account", "pay_again": True}
    run = wire.post(f"/v1/pay-statements/{slip['id']}/void", body, key="void").done()["id"]
    wire.post(f"/v1/pay-runs/{run}/submit").done()
    people.approver.post(f"/v1/pay-runs/{run}/approve", {}).done()
    people.releaser.post(f"/v1/pay-runs/{run}/release", key="void release").done()
    assert "1600" not in sums(agency)  # the bank had sent it back
    assert "2200" not in sums(agency)
    new_account(agency, slip["worker"])

    stale = people.releaser.post(f"/v1/payments/{payment['id']}/repay", key="stale")
    calendar = wire.get(f"/v1/pay-runs/{paid}").done()["calendar"]
    body = {"calendar": calendar, "pay_on": "2026-06-12", "ends_on": "2026-06-07"}
    again = wire.post("/v1/pay-runs/off-cycle", body | {"reason": "paid again"}).done()["id"]

    assert (stale.status, stale.code) == (409, "statement_voided")
    done = released(agency, people, again)
    assert (done["payslips"], done["gross"], done["net"]) == (1, slip["gross"], slip["net"])


def test_a_statement_of_another_tax_year_is_not_voided(agency, people, paid):
    slip, _ = people.preparer.every("/v1/pay-statements", run=paid)
    clock(agency, datetime(2027, 4, 7, 9, 0, tzinfo=UTC))

    refused = people.preparer.post(
        f"/v1/pay-statements/{slip['id']}/void", {"reason": "late"}, key="late"
    )

    assert (refused.status, refused.code) == (409, "other_tax_year")


def test_a_cancelled_void_leaves_everything_as_it_was(agency, people, paid):
    wire = people.preparer
    slip, _ = wire.every("/v1/pay-statements", run=paid)
    before = sums(agency)
    run = wire.post(f"/v1/pay-statements/{slip['id']}/void", {"reason": "no"}, key="v").done()

    wire.post(f"/v1/pay-runs/{run['id']}/cancel", {"reason": "it was right"}).done()

    assert sums(agency) == before
    assert wire.get(f"/v1/pay-statements/{slip['id']}").done()["voided_by"] is None
    wire.post(f"/v1/pay-statements/{slip['id']}/void", {"reason": "yes"}, key="w").done()


def test_a_paper_is_made_once_and_whoever_fetches_it_is_noted(agency, people, paid):
    from backline.kernel.models import Document, Event

    slip, _ = people.preparer.every("/v1/pay-statements", run=paid)
    where = f"/v1/pay-statements/{slip['id']}/document"

    first, second = people.preparer.get(where).done(), people.preparer.get(where).done()

    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    assert in_books(agency, lambda: Document.objects.filter(kind="payslip").count()) == 1
    read = in_books(
        agency, lambda: list(Event.objects.filter(name="pay_statement.fetched").values("actor"))
    )
    assert [one["actor"]["role"] for one in read] == ["ops_payroll", "ops_payroll"]


def test_a_draft_has_no_paper(agency, people):
    in_books(agency, lambda: staffed(agency))
    run = opened(agency)
    calculated(agency, people.preparer, run)
    (slip,) = people.preparer.every("/v1/pay-statements", run=run)

    refused = people.preparer.get(f"/v1/pay-statements/{slip['id']}/document")

    assert (refused.status, refused.code) == (404, "not_final")
