"""Payslips worked out on request: to the penny, with every reason, from what is sent alone."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.payslips import WHERE, american, british, dollars, pounds
from tests.callers import key_of
from tests.wire import Wire

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(agency):
    """A key that may calculate, and nothing else."""
    return Wire(key_of(agency, "calculations:make"))


def amounts(payslip):
    """Each line's amount, by code."""
    return {line["code"]: line["amount"]["amount"] for line in payslip["lines"]}


def test_one_payslip_says_why_each_figure_is_what_it_is(key):
    # 600.00 weekly, 1257L on week 1: 1257L gives 12579 / 52 = 241.91, so 358 x 20% = 71.60;
    # National Insurance (600.00 - 242.00) x 8% = 28.64, employer (600.00 - 96.00) x 15% = 75.60
    reply = key.post(WHERE, {"payslip": british()}).done()

    assert reply.status == 200
    assert amounts(reply)["gb.paye"] == "71.60"
    assert amounts(reply)["gb.ni.worker"] == "28.64"
    assert amounts(reply)["gb.ni.employer"] == "75.60"
    assert (reply["gross"], reply["taken"]) == (pounds("600.00"), pounds("100.24"))
    assert (reply["net"], reply["employer_cost"]) == (pounds("499.76"), pounds("75.60"))
    tax = next(line for line in reply["lines"] if line["code"] == "gb.ni.worker")
    assert (tax["rule"], tax["rule_version"]) == ("gb.ni.letters", "2026-04-06")
    assert tax["source"] == "HMRC NI calculator configuration 2026"
    assert tax["base"] == pounds("600.00")
    assert tax["steps"] == [{"label": "358.00 above 242.00 up to 967.00, at 8%", "result": "28.64"}]


def test_time_is_split_by_law_and_the_split_is_told(key):
    # 45 h at 20.00 in Texas: 40 x 20.00 = 800.00, and 5 x 20.00 x 1.5 = 150.00 (29 USC 207);
    # Social Security 6.2% of 950.00 = 58.90
    lines = [
        {
            "worked_on": f"2026-06-0{day}",
            "quantity": "9.00",
            "rate": dollars("20.00"),
            "place": "TX",
        }
        for day in range(1, 6)
    ]
    reply = key.post(WHERE, {"payslip": american(earnings=[], time={"lines": lines})})
    assert reply.codes == [("min_length", "/payslip/earnings")]
    body = american(time={"lines": lines})
    del body["earnings"]

    paid = key.post(WHERE, {"payslip": body}).done()

    assert amounts(paid)["regular"] == "800.00"
    assert amounts(paid)["overtime"] == "150.00"
    assert amounts(paid)["us.ss"] == "58.90"
    lifted = next(line for line in paid["lines"] if line["code"] == "overtime")
    assert (lifted["rule"], lifted["base"]) == ("us.overtime.week", dollars("0.00"))
    assert lifted["steps"] == [
        {"label": "2026-06-05, 5.00 hours at 20.00 x 1.5", "result": "150.00"}
    ]


def test_two_rates_in_one_week_make_a_weighted_rate(key):
    # 29 CFR 778.115 as payrules tell it: 30 h at 18.00 and 20 h at 24.00 make 20.40 an hour;
    # the premium on 10 h is 20.40 x 10 x 0.5 = 102.00 beside 540.00 and 480.00 of straight time
    lines = [
        {"worked_on": "2026-06-01", "quantity": "10", "rate": dollars("18.00"), "assignment": "a"},
        {"worked_on": "2026-06-02", "quantity": "10", "rate": dollars("18.00"), "assignment": "a"},
        {"worked_on": "2026-06-03", "quantity": "10", "rate": dollars("18.00"), "assignment": "a"},
        {"worked_on": "2026-06-04", "quantity": "10", "rate": dollars("24.00"), "assignment": "b"},
        {"worked_on": "2026-06-05", "quantity": "10", "rate": dollars("24.00"), "assignment": "b"},
    ]
    body = american(time={"lines": [one | {"place": "TX"} for one in lines]})
    del body["earnings"]

    paid = key.post(WHERE, {"payslip": body}).done()

    assert paid["gross"] == dollars("1122.00")
    assert amounts(paid)["premium"] == "102.00"


def test_a_promised_bonus_raises_the_rate_of_overtime(key):
    # 29 CFR 778.110: 46 h at 12.00 and a bonus of 46.00 make 13.00 an hour; the premium on 6 h is
    # 13.00 x 6 x 0.5 = 39.00, and 637.00 in all
    days = ["10", "10", "10", "10", "6"]
    lines = [
        {"worked_on": f"2026-06-0{n}", "quantity": each, "rate": dollars("12.00"), "place": "TX"}
        for n, each in enumerate(days, start=1)
    ]
    bonus = [{"earned_on": "2026-06-05", "amount": dollars("46.00")}]
    paid = [{"kind": "bonus", "amount": dollars("46.00"), "place": "TX"}]
    body = american(earnings=paid, time={"lines": lines, "promised_bonuses": bonus})

    reply = key.post(WHERE, {"payslip": body}).done()

    assert amounts(reply)["premium"] == "39.00"
    assert reply["gross"] == dollars("637.00")


def test_california_pays_for_a_long_day_and_for_a_missed_meal(key):
    # Labor Code 510 and 226.7: 8 h at 20.00, 2 h at 30.00, and one more hour of 20.00 for the day
    clocked = {"started_at": "2026-06-01T15:00:00Z", "ended_at": "2026-06-02T01:00:00Z"}
    line = {"worked_on": "2026-06-01", "quantity": "10", "rate": dollars("20.00"), "place": "CA"}
    body = american(time={"lines": [line | clocked]}, employer={"suta": {"CA": {"rate": "0.034"}}})
    del body["earnings"]

    missed = amounts(key.post(WHERE, {"payslip": body}).done())
    rested = copy.deepcopy(body)
    rested["time"]["lines"][0]["break_minutes"] = 60
    taken = amounts(key.post(WHERE, {"payslip": rested}).done())

    assert (missed["regular"], missed["overtime"]) == ("160.00", "60.00")
    assert missed["missed_meal"] == "20.00"
    assert "missed_meal" not in taken


def test_overtime_by_agreement_and_rolled_up_holiday(key):
    # 45 h at 15.00, time and a half after 40: 600.00 + 5 x 22.50 = 112.50;
    # holiday 12.07% of 712.50 = 85.99875, so 86.00
    time = {
        "lines": [
            {"worked_on": f"2026-06-0{day}", "quantity": "9", "rate": pounds("15.00")}
            for day in range(1, 6)
        ],
        "overtime": {"weekly_over": "40", "factor": "1.5"},
        "rolls_up_holiday": True,
    }
    body = british(time=time)
    del body["earnings"]

    paid = key.post(WHERE, {"payslip": body}).done()

    found = amounts(paid)
    assert (found["regular"], found["overtime"], found["holiday"]) == ("600.00", "112.50", "86.00")
    by_law = american(time=time | {"lines": [], "overtime": time["overtime"]})
    assert key.post(WHERE, {"payslip": by_law}).codes == [("min_length", "/payslip/time/lines")]


def test_every_engagement_is_paid_by_its_own_law(key):
    # CIS 340: 1,200.00 of which 300.00 are materials, registered: 20% of 900.00
    cis = {
        "earnings": [
            {"kind": "work", "amount": pounds("900.00")},
            {"kind": "expense", "code": "materials", "amount": pounds("300.00")},
        ],
        "elections": {"standing": "registered"},
    }
    bodies = {
        "cis": british(engagement="cis", **cis),
        "1099": american(engagement="1099", elections={}),
        "off_payroll": british(engagement="off_payroll"),
        "paye": british(elections=british()["elections"] | {"student_loan": "plan_2"}),
    }

    paid = {name: key.post(WHERE, {"payslip": body}).done() for name, body in bodies.items()}

    assert amounts(paid["cis"])["gb.cis"] == "180.00"
    assert paid["cis"]["net"] == pounds("1020.00")
    assert paid["1099"]["net"] == paid["1099"]["gross"] == dollars("900.00")
    # a deemed payment: tax and National Insurance as for any pay, never a loan
    assert amounts(paid["off_payroll"])["gb.ni.employer"] == "75.60"


def test_the_year_to_date_goes_from_one_answer_into_the_next_call(key):
    # Social Security ends at 184,500.00 of wages: of 900.00 after 184,000.00 only 500.00 count
    before = [{"key": "us.ss.wages", "amount": "184000.00"}]
    first = key.post(WHERE, {"payslip": american(year_to_date=before)}).done()
    assert amounts(first)["us.ss"] == "31.00"

    second = key.post(WHERE, {"payslip": american(year_to_date=first["year_to_date"])}).done()

    # once at the limit, the contribution stays where it was
    assert amounts(second).get("us.ss", "0.00") == "0.00"
    told = {one["key"]: one["amount"] for one in second["year_to_date"]}
    assert (told["us.ss.wages"], told["us.ss"]) == ("184500.00", "31.00")
    assert told["us.gross"] == "1800.00"


# --- many -----------------------------------------------------------------------------------------


def test_many_are_told_one_by_one_and_one_that_is_refused_stops_no_other(key):
    sent = [
        british(reference="ada"),
        american(reference="bob", earnings=[{"kind": "work", "amount": pounds("1.00")}]),
        american(reference="cat"),
        british(country="US", reference="dan"),
    ]

    reply = key.post(WHERE, {"payslips": sent}).done()

    assert reply.status == 207
    assert (reply["done"], reply["refused"]) == (2, 2)
    assert [one["outcome"] for one in reply["results"]] == ["done", "refused", "done", "refused"]
    ada, bob, cat, dan = reply["results"]
    assert (ada["payslip"]["reference"], cat["payslip"]["reference"]) == ("ada", "cat")
    assert [(e["code"], e["pointer"]) for e in bob["problem"]["errors"]] == [
        ("other_currency", "/earnings/0/amount/currency")
    ]
    assert dan["problem"]["errors"][0]["pointer"] == "/earnings/0/amount/currency"
    assert reply["totals"] == [
        {"currency": "GBP", "payslips": 1, **sums(ada["payslip"])},
        {"currency": "USD", "payslips": 1, **sums(cat["payslip"])},
    ]


def sums(payslip):
    """The four sums of a payslip."""
    return {name: payslip[name] for name in ("gross", "taken", "net", "employer_cost")}


def test_many_are_what_each_is_alone(key):
    sent = [british(), american(), british(frequency="monthly", earnings=salary("3000.00"))]

    alone = [key.post(WHERE, {"payslip": one}).done().body for one in sent]
    plain = key.post(WHERE, {"payslips": sent}).done()["results"]
    told = key.post(WHERE, {"payslips": sent, "explain": True}).done()["results"]

    assert [one["payslip"] for one in told] == alone
    for one in alone:
        for line in one["lines"]:
            line["steps"] = None
    assert [one["payslip"] for one in plain] == alone


def salary(amount):
    """A month's pay."""
    return [{"kind": "work", "amount": pounds(amount)}]


def test_a_thousand_are_taken_and_one_more_is_not(key):
    sent = [british() if n % 2 else american() for n in range(1000)]

    reply = key.post(WHERE, {"payslips": sent}).done()
    refused = key.post(WHERE, {"payslips": [*sent, british()]})

    # 500 x 499.76 and 500 x 765.07: every one of them is the one that was reckoned by hand above
    assert (reply["done"], reply["refused"]) == (1000, 0)
    assert [one["net"] for one in reply["totals"]] == [pounds("249880.00"), dollars("382535.00")]
    assert refused.codes == [("too_many_lines", "/payslips")]


def test_nothing_is_read_or_kept_beyond_who_is_calling(key):
    def statements(body):
        with CaptureQueriesContext(connection) as asked:
            key.post(WHERE, body)
        return [one["sql"].partition(" ")[0] for one in asked.captured_queries]

    statements({})  # the first call of a key notes that it was used
    early = statements({"surprise": True})
    one = statements({"payslip": british()})
    many = statements({"payslips": [british(), american()] * 20})

    assert one == many == early
    assert "INSERT" not in one


def test_the_example_of_the_readme_is_what_is_answered(key):
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    sent, _, rest = readme.partition("/v1/calculations -d '\n")[2].partition("\n' | jq")
    shown = rest.partition("\n\n")[2].partition("\n```")[0]
    net, _, line = shown.partition("\n")

    reply = key.post(WHERE, json.loads(sent)).done()

    assert json.loads(net) == reply["net"]
    assert json.loads(line) == reply["lines"][2]
