"""Construction: subcontractors verified with HMRC or not, what is deducted from labour alone, the
monthly return and the statement each of them is given.

1,200.00 a week, 300.00 of it materials: 30 % of 900.00 is 270.00, 20 % is 180.00, gross nothing.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pypdf import PdfReader

from tests.api.office import read_one_by_one
from tests.backline import payday
from tests.backline.payday import clock, money, opened, released
from tests.backline.week import MONDAY, attend, in_books, posts

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
TUESDAY = payday.TUESDAY


def works(post, n: int) -> None:
    """A week of labour and materials."""
    monday = MONDAY + WEEK * n
    payday.earns([post], "900.00", "1300.00", on=monday)
    payday.earns(
        [post], "300.00", None, on=monday, key="bricks", code="materials", paid_as="expense",
        label="Bricks",
    )  # fmt: skip


def world(place):
    """A subcontractor with four weeks behind them."""
    payday.employer()
    (post,) = posts(place, 1, engagement="cis")
    payday.payable([post.worker])
    for n in range(4):
        works(post, n)
    return post


@pytest.fixture
def people(agency, partner):
    clock(agency)
    return payday.three(agency, partner)


def verify(wire, worker: str, standing: str, since: str, **more: str):
    """Record what HMRC answered."""
    facts = {"standing": standing, "verification_number": "V1234567890", "utr": "1234567890"}
    body = {"kind": "gb_cis", "facts": facts | more, "since": since, "source": "hmrc"}
    return wire.post(f"/v1/workers/{worker}/tax-elections", body)


def text_of(content: bytes) -> str:
    """The words of a paper, in one line."""
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join("".join(page.extract_text() for page in pages).split())


@pytest.mark.capability("OK-17", "PY-06")
def test_unverified_thirty_registered_twenty_gross_nothing_and_the_return_adds_up(
    agency, other_agency, people, owner
):
    from backline.payroll import tasks

    post = in_books(agency, lambda: world(agency))
    in_books(other_agency, lambda: world(other_agency))
    wire = people.preparer
    worker = wire.get(f"/v1/assignments/{post.asg}").done()["worker"]

    def pay(n: int):
        run = opened(agency, TUESDAY + WEEK * n)
        released(agency, people, run)
        (row,) = wire.every("/v1/pay-statements", run=run)
        return row["gross"], row["taken"], row["net"], row["pay_on"]

    assert pay(0) == (money("1200.00"), money("270.00"), money("930.00"), "2026-06-12")

    verify(owner, worker, "registered", "2026-06-15").done()
    assert pay(1) == (money("1200.00"), money("180.00"), money("1020.00"), "2026-06-19")
    verify(owner, worker, "gross", "2026-06-22").done()
    assert pay(2) == (money("1200.00"), money("0.00"), money("1200.00"), "2026-06-26")
    # the next payment falls into the same tax month, the one after that would not
    verify(owner, worker, "registered", "2026-07-01", verification_number="V1234567891").done()
    assert pay(3) == (money("1200.00"), money("180.00"), money("1020.00"), "2026-07-03")

    told = wire.get("/v1/cis-returns/2026-07-05").done()
    assert {name: told[name] for name in ("gross", "materials", "liable", "deducted", "paid")} == {
        "gross": money("4800.00"),
        "materials": money("1200.00"),
        "liable": money("3600.00"),
        "deducted": money("630.00"),  # 270.00 + 180.00 + 0.00 + 180.00
        "paid": money("4170.00"),
    }
    assert (told["return_due_on"], told["is_nil"]) == ("2026-07-19", False)
    (line,) = told["lines"]
    assert (line["worker"], line["verification_number"]) == (worker, "V1234567891")
    assert line["deducted"] == told["deducted"]
    owed = [row for row in wire.every("/v1/liabilities") if "cis" in row["kind"]]
    assert sum(Decimal(row["amount"]["amount"]) for row in owed) == Decimal("630.00")

    july = datetime(2026, 7, 6, 5, tzinfo=UTC)
    clock(agency, july)
    for _ in range(2):  # the second morning gives nothing again
        in_books(agency, lambda: tasks.issue_deduction_statements(at=july))
        in_books(other_agency, lambda: tasks.issue_deduction_statements(at=july))
    (statement,) = wire.every("/v1/deduction-statements")
    assert statement["month_ends_on"] == "2026-07-05"
    assert (statement["deducted"], statement["materials"]) == (money("630.00"), money("1200.00"))
    assert date.fromisoformat(told["statements_due_on"]) >= july.date()
    paper = wire.get(f"/v1/deduction-statements/{statement['id']}/document").done()
    words = text_of(paper.content)
    assert "Payment and deduction statement" in words
    assert all(
        said in words
        for said in ("UTR 1234567890", "V1234567891", "1,200.00", "3,600.00", "630.00", "4,170.00")
    )
    theirs = in_books(other_agency, _statements)
    assert theirs == 0


def _statements() -> int:
    from backline.payroll.chain import DeductionStatement

    return DeductionStatement.objects.count()


def test_a_statement_of_another_firm_cannot_be_read(agency, other_agency, people, partner):
    from backline.payroll import tasks

    in_books(agency, lambda: world(agency))
    released(agency, people, opened(agency))
    attend(agency)
    july = datetime(2026, 7, 6, 5, tzinfo=UTC)
    in_books(agency, lambda: tasks.issue_deduction_statements(at=july))
    theirs = payday.three(other_agency, partner).preparer
    (statement,) = read_one_by_one(people.preparer, theirs, "/v1/deduction-statements")
    path = f"/v1/deduction-statements/{statement['id']}"
    assert theirs.get(f"{path}/document").status == 404
    assert theirs.every("/v1/deduction-statements") == []


def test_a_verification_has_a_result_and_a_number_and_a_month_ends_on_a_fifth(
    agency, people, owner
):
    post = in_books(agency, lambda: world(agency))
    wire = people.preparer
    worker = wire.get(f"/v1/assignments/{post.asg}").done()["worker"]
    bad = verify(owner, worker, "trusted", "2026-06-15", verification_number="", utr="12")
    assert bad.codes == [
        ("unknown_standing", "/facts/standing"),
        ("verification_missing", "/facts/verification_number"),
        ("bad_utr", "/facts/utr"),
    ]
    assert wire.get(f"/v1/workers/{worker}/tax-elections", kind="gb_cis").done()["data"] == []
    nil = wire.get("/v1/cis-returns/2026-06-05").done()
    assert (nil["is_nil"], nil["lines"], nil["gross"]) == (True, [], money("0.00"))
    assert wire.get("/v1/cis-returns/2026-06-30").codes == [("not_a_month_end", "/month")]
