"""A pay statement says in words how each figure of it came about, and its paper says the same."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from tests.api import test_off_payroll as off_payroll
from tests.api.payslips import WHERE, british, pounds
from tests.api.payweeks import paid_week
from tests.backline.payday import employer, opened, payable, released, three
from tests.backline.week import approved, attend, client_of, in_books, posts
from tests.callers import key_of
from tests.wire import Wire

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(agency, partner):
    """Preparer, approver and releaser of the agency's runs."""
    return three(agency, partner)


def at_work(place, country="GB", **more):
    """One worker with a post, in a firm that can pay."""
    employer(country)
    if country == "US":
        texas = client_of(place, where=("US", "USD", "America/Chicago"), region="TX")
        more |= {"at": texas, "engagement": "w2", "rates": [("regular", "20.00", "30.00")]}
    (post,) = posts(place, **more)
    payable([post.worker], uk=country == "GB")
    return post


def squeezed(text: str) -> str:
    """Words without their spaces, since paper breaks lines where it likes."""
    return "".join(text.split())


def kept(line):
    """A line as a statement tells it."""
    names = ("kind", "code", "label", "amount", "base", "source", "payee")
    version = f"{line['rule']}@{line['rule_version']}" if line.get("rule_version") else line["rule"]
    return [*(line[name] for name in names), version]


def test_every_figure_has_its_rule_its_source_and_its_steps(agency, people, wire):
    """45 h at 15.00, time and a half after 40: five days, the last of them cut in two."""
    agreed = {"weekly_over": "40", "factor": "1.5"}
    post = in_books(agency, lambda: at_work(agency, overtime=agreed))
    approved(wire, post, *["9"] * 5)
    paid = paid_week(agency, people, 0)
    attend(agency)

    told = people.preparer.get(f"/v1/pay-statements/{paid['id']}/explanation").done()

    assert told["is_reproduced"] is True
    assert [kept(line) for line in told["lines"]] == [kept(line) for line in paid["lines"]]
    steps = {line["code"]: line["steps"] for line in told["lines"]}
    assert steps["overtime"] == [
        {"label": "2026-06-05, 5.00 hours at 15.00 x 1.5", "result": "112.50"}
    ]
    assert [one["result"] for one in steps["regular"]] == ["135.00"] * 4 + ["60.00"]
    # (798.50 - 242.00) x 8%, rolled-up holiday of 86.00 included
    assert steps["gb.ni.worker"][-1]["result"] == "44.52"
    assert all(line["steps"] for line in told["lines"])
    taken = [line for line in told["lines"] if line["kind"] in {"tax", "employer"}]
    assert all(line["rule"] and line["rule_version"] and line["source"] for line in taken)
    paper = people.preparer.get(f"/v1/pay-statements/{paid['id']}/document").done()
    back = squeezed("".join(p.extract_text() for p in PdfReader(io.BytesIO(paper.content)).pages))
    back = back.partition("Howeachfigurecameabout")[2]
    for line in told["lines"]:
        assert squeezed(line["label"]) in back
        assert squeezed(line["source"]) in back
        for step in line["steps"]:
            assert squeezed(step["label"]) in back
            assert squeezed(step["result"]) in back


def test_american_figures_are_explained_alike(us_agency, other_us_agency, partner):
    people, wire = three(us_agency, partner), Wire(key_of(us_agency))
    post = in_books(us_agency, lambda: at_work(us_agency, "US"))
    approved(wire, post, *["9"] * 5)
    paid = paid_week(us_agency, people, 0)

    where = f"/v1/pay-statements/{paid['id']}/explanation"
    told = people.preparer.get(where).done()
    by_key = wire.get(where)
    elsewhere = three(other_us_agency, partner).preparer.get(where)

    steps = {line["code"]: line["steps"] for line in told["lines"]}
    # 40 x 20.00 and 5 x 20.00 x 1.5 make 950.00, of which 6.2% are 58.90
    assert steps["overtime"][0]["result"] == "150.00"
    assert steps["us.ss"][-1] == {"label": "at 6.2%", "result": "58.90"}
    assert [kept(line) for line in told["lines"]] == [kept(line) for line in paid["lines"]]
    assert (by_key.status, by_key.code) == (403, "scope_missing")
    assert (elsewhere.status, elsewhere.code) == (404, "not_found")


def test_a_void_says_that_it_takes_back_what_the_other_says(agency, people, wire):
    post = in_books(agency, lambda: at_work(agency))
    approved(wire, post, "8")
    paid = paid_week(agency, people, 0)
    body = {"reason": "paid twice"}
    people.preparer.post(f"/v1/pay-statements/{paid['id']}/void", body, key="void").done()
    (copy,) = [
        one for one in people.preparer.every("/v1/pay-statements") if one["voids"] == paid["id"]
    ]

    told = people.preparer.get(f"/v1/pay-statements/{copy['id']}/explanation").done()

    assert told["is_reproduced"] is True
    for line, was in zip(told["lines"], paid["lines"], strict=True):
        assert line["amount"]["amount"].removeprefix("-") == was["amount"]["amount"]
        assert line["steps"][0]["result"] == line["amount"]["amount"]


def test_a_subcontractor_reads_how_the_deduction_came_about(agency, people, wire):
    """Unverified: 30% of 120.00 (8 h at 15.00), no materials."""

    def world():
        employer()
        (post,) = posts(agency, engagement="cis")
        payable([post.worker])
        return post

    post = in_books(agency, world)
    approved(wire, post, "8")
    run = opened(agency)
    released(agency, people, run)
    (paid,) = people.preparer.every("/v1/pay-statements", run=run)

    told = people.preparer.get(f"/v1/pay-statements/{paid['id']}/explanation").done()

    (deduction,) = [line for line in told["lines"] if line["code"] == "gb.cis"]
    assert deduction["amount"]["amount"] == "36.00"
    assert deduction["steps"][-1] == {
        "label": "30% of 120.00, subcontractor unregistered",
        "result": "36.00",
    }


def test_a_deemed_payment_is_explained_and_was_previewed(agency, people, owner, wire):
    """A fee of 1,000.00, materials of 100.00 in it, inside the rules, on code BR: 20% of
    900.00 is 180.00, (900.00 - 242.00) x 8% is 52.64, and the firm bears (900.00 - 96.00) x 15%.
    """
    post = in_books(agency, lambda: off_payroll.world(agency))
    inside = {"is_inside": True, "since": "2026-06-01"}
    owner.post(f"/v1/assignments/{post.asg}/determinations", inside).done()
    fee = [
        {"kind": "work", "amount": pounds("900.00")},
        {"kind": "expense", "code": "materials", "amount": pounds("100.00")},
    ]
    elections = {"tax_code": "BR", "ni_letter": "A"}
    body = british(engagement="off_payroll", earnings=fee, elections=elections)

    ahead = wire.post(WHERE, {"payslip": body}).done()
    run = opened(agency)
    released(agency, people, run)
    (paid,) = people.preparer.every("/v1/pay-statements", run=run)
    told = people.preparer.get(f"/v1/pay-statements/{paid['id']}/explanation").done()

    assert (ahead["taken"], ahead["employer_cost"]) == (pounds("232.64"), pounds("120.60"))
    assert ahead["net"] == pounds("767.36")
    for name in ("gross", "taken", "employer_cost"):
        assert ahead[name] == paid[name]
    assert told["is_reproduced"] is True
    by_law = [line for line in told["lines"] if line["kind"] != "earning"]
    assert by_law == [line for line in ahead["lines"] if line["kind"] != "earning"]
    assert all(line["steps"] for line in by_law)
