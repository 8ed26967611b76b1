"""What is asked for and cannot be: refused by name at each place, and never a 500."""

from __future__ import annotations

import copy
import random

import pytest

from tests.api.payslips import W4, WHERE, american, british, dollars, pounds
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


REFUSED = {
    "a tax code with a state of the other country": (
        british(earnings=[{"kind": "work", "amount": pounds("600.00"), "place": "TX"}]),
        [("other_country", "/earnings/0/place")],
    ),
    "a W-4 beside a tax code": (
        british(elections=british()["elections"] | {"w4": W4, "states": {}}),
        [("unknown_fact", "/elections/w4"), ("unknown_fact", "/elections/states")],
    ),
    "a tax code beside a W-4": (
        american(elections={"w4": W4, "tax_code": "1257L"}),
        [("unknown_fact", "/elections/tax_code")],
    ),
    "an engagement of the other country": (
        british(engagement="w2"),
        [("other_country", "/engagement")],
    ),
    "an exempt W-4 with entries": (
        american(elections={"w4": W4 | {"exempt": True, "extra": "10.00"}}),
        [("w4_contradicts_itself", "/elections/w4")],
    ),
    "a W-4 of 2020 with allowances": (
        american(elections={"w4": W4 | {"allowances": 2}}),
        [("w4_contradicts_itself", "/elections/w4/allowances")],
    ),
    "a W-4 for a contractor": (
        american(engagement="1099"),
        [("w4_for_contractor", "/elections/w4")],
    ),
    "hours below zero": (
        british(earnings=[{"kind": "work", "amount": pounds("600.00"), "hours": "-1"}]),
        [("negative_hours", "/earnings/0/hours"), ("negative_hours", "/earnings")],
    ),
    "names that nobody knows": (
        american(
            elections={"w4": W4 | {"dependants": "1"}, "states": {"TX": {}, "ZZ": {}}},
            employer={"suta": {"TX": {"rate": "0.027", "bass": 1}}, "futa": 1},
            year_to_date=[{"key": "us.gross", "amount": "1.00"}, {"key": "us.x", "amount": "1"}],
        ),
        [
            ("unknown_fact", "/elections/w4/dependants"),
            ("unknown_fact", "/elections/states/ZZ"),
            ("unknown_fact", "/employer/suta/TX/bass"),
            ("unknown_fact", "/employer/futa"),
            ("unknown_key", "/year_to_date/1"),
        ],
    ),
    "wrong kinds, deep inside": (
        american(
            elections={
                "w4": W4 | {"multiple_jobs": "yes", "extra": [1], "form": {}},
                "states": {"CA": {"allowances": "NaN", "exempt": 1}},
                "home": ["TX"],
                "local": {"code": "NY.NYC"},
                "orders": {"us.order.a.b": {"state": 5}},
            },
            deductions=[
                {"code": "us.order.a.b", "kind": "order", "treatment": "creditor"}
                | {"amount": dollars("1.00")}
            ],
            employer={"suta": {"TX": {"rate": True}}, "states": [None, "ZZ"]},
        ),
        [
            ("not_a_flag", "/elections/w4/multiple_jobs"),
            ("not_an_amount", "/elections/w4/extra"),
            ("not_a_whole_number", "/elections/w4/form"),
            ("not_an_amount", "/elections/states/CA/allowances"),
            ("not_a_flag", "/elections/states/CA/exempt"),
            ("unknown_state", "/elections/home"),
            ("not_a_list", "/elections/local"),
            ("unknown_state", "/elections/orders/us.order.a.b/state"),
            ("not_a_share", "/employer/suta/TX/rate"),
            ("missing", "/employer/states/0"),
            ("unknown_state", "/employer/states/1"),
        ],
    ),
    "facts that are no facts": (
        british(elections=[], employer="x"),
        [("not_an_object", "/elections"), ("not_an_object", "/employer")],
    ),
    "too many facts": (
        british(elections={"tax_code": "x" * 5000}),
        [("too_many_facts", "/elections")],
    ),
    "what a subcontractor does not have": (
        british(
            engagement="cis",
            employer={"pays_levy": True},
            year_to_date=[{"key": "gb.pay", "amount": "1.00"}],
        ),
        [
            ("unknown_fact", "/elections/tax_code"),
            ("unknown_fact", "/elections/tax_basis"),
            ("unknown_fact", "/elections/ni_letter"),
            ("not_employed", "/employer"),
            ("not_employed", "/year_to_date"),
        ],
    ),
    "a figure twice": (
        british(year_to_date=[{"key": "gb.pay", "amount": "1"}] * 2),
        [("key_twice", "/year_to_date/1/key")],
    ),
    "nothing earned": (
        {name: value for name, value in british().items() if name != "earnings"},
        [("required", "/earnings")],
    ),
    "an order that takes nothing, and a share of no fund": (
        american(
            elections={"w4": W4, "orders": {"us.order.a": {"exempt": "1.00"}}},
            employer={
                "suta": {"TX": {"rate": "0.027"}},
                "worker_shares": {"child_care.employer.VT": "0.001", "x.VT": "0.001"},
            },
        ),
        [
            ("unknown_order", "/elections/orders/us.order.a"),
            ("unknown_fact", "/employer/worker_shares/x.VT"),
        ],
    ),
    "no state": (
        american(earnings=[{"kind": "work", "amount": dollars("1.00")}]),
        [("missing_state", "/earnings")],
    ),
    "no election at all": (
        british(elections={}),
        [("missing", "/elections/tax_code"), ("missing", "/elections/ni_letter")],
    ),
    "a day before the worker was born": (
        british(worker_born_on="2026-06-12"),
        [("day_out_of_range", "/worker_born_on")],
    ),
    "money beyond counting": (
        british(earnings=[{"kind": "work", "amount": pounds("9" * 15)}]),
        [("invalid_amount", "/earnings/0/amount/amount")],
    ),
    "money that is no number": (
        british(earnings=[{"kind": "work", "amount": pounds("NaN"), "hours": "1e5"}]),
        [("invalid_amount", "/earnings/0/amount/amount"), ("invalid_decimal", "/earnings/0/hours")],
    ),
    "money that JSON would round": (
        british(earnings=[{"kind": "work", "amount": {"amount": 600.1, "currency": "GBP"}}]),
        [("amount_is_a_number", "/earnings/0/amount/amount")],
    ),
    "two rates for one hour": (
        british(
            time={
                "lines": [
                    {"worked_on": "2026-06-01", "quantity": "1", "rate": pounds("15.00")},
                    {"worked_on": "2026-06-01", "quantity": "1", "rate": pounds("16.00")},
                ]
            }
        ),
        [("unfit_hours", "/time")],
    ),
    "agreed overtime where law decides": (
        american(
            time={
                "lines": [{"worked_on": "2026-06-01", "quantity": "1", "rate": dollars("15.00"),
                           "place": "TX"}],
                "overtime": {"factor": "2"},
                "rolls_up_holiday": True,
            }
        ),
        [("law_decides", "/time/overtime"), ("law_decides", "/time/rolls_up_holiday")],
    ),
    "a bonus of a week without work": (
        american(
            time={
                "lines": [{"worked_on": "2026-06-01", "quantity": "1", "rate": dollars("15.00"),
                           "place": "TX"}],
                "promised_bonuses": [{"earned_on": "2026-06-09", "amount": dollars("1.00")}],
            }
        ),
        [("nothing_worked", "/time/promised_bonuses/0/earned_on")],
    ),
    "clocked time that ends before it starts": (
        british(
            time={
                "lines": [{"worked_on": "2026-06-01", "quantity": "1", "rate": pounds("15.00"),
                           "started_at": "2026-06-01T09:00:00Z",
                           "ended_at": "2026-06-01T08:00:00Z"}],
            }
        ),
        [("ends_before_it_starts", "/time/lines/0/ended_at")],
    ),
    "time outside the calendar": (
        british(
            time={"lines": [{"worked_on": "9999-12-31", "quantity": "1", "rate": pounds("1.00")}]}
        ),
        [("unfit_hours", "/time")],
    ),
    "an unknown country": (british(country="FR"), [("unknown_choice", "/country")]),
    "an order of nobody": (
        british(deductions=[{"code": "gb.order.x", "kind": "order", "amount": pounds("1.00")}]),
        [("unknown_order", "/deductions/0/code")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_naming_each_place(key, name):
    body, codes = REFUSED[name]

    alone = key.post(WHERE, {"payslip": body})
    (among,) = key.post(WHERE, {"payslips": [body]}).done()["results"]

    assert alone.status == 422
    assert sorted(alone.codes) == sorted((code, f"/payslip{where}") for code, where in codes)
    found = [(one["code"], one.get("pointer", "")) for one in among["problem"]["errors"]]
    assert sorted(found) == sorted(codes)


@pytest.mark.parametrize("day", ["1900-01-01", "2025-04-05", "2100-01-01", "0001-01-01"])
def test_law_that_is_not_held_is_named_with_its_day(key, day):
    for body in (british(pay_on=day), american(pay_on=day)):
        reply = key.post(WHERE, {"payslip": body})

        assert (reply.status, reply.codes) == (422, [("law_not_held", "/payslip/pay_on")])
        (fault,) = reply["errors"]
        assert fault["day"] == day
        assert fault["rule"].startswith(("gb.", "us."))
        assert fault["rule"] in fault["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"payslip": british(), "payslips": [british()]},
        {"explain": True},
    ],
)
def test_one_form_and_one_only(key, body):
    reply = key.post(WHERE, body)

    assert (reply.status, reply.code) == (422, "one_form_needed")


RAW = {
    "NaN": (b'{"payslip":{"elections":{"w4":NaN}}}', 400, "not_a_number"),
    "a huge number": (b'{"payslip":{"elections":{"w4":1' + b"0" * 400 + b"}}}", 400,
                      "number_out_of_range"),
    "a huge exponent": (b'{"payslip":{"elections":{"w4":1e999}}}', 400, "number_out_of_range"),
    "nested too deep": (b'{"payslip":' * 40 + b"1" + b"}" * 40, 400, "body_too_deep"),
    "too many values": (b'{"payslips":[' + b"1," * 260_000 + b"1]}", 400, "body_too_long"),
    "too large": (b'{"payslips":["' + b"x" * 8_400_000 + b'"]}', 413, "body_too_large"),
    "a list for one": (b'{"payslip":[]}', 422, "not_an_object"),
    "no list": (b'{"payslips":{}}', 422, "not_a_list"),
    "no payslips": (b'{"payslips":[]}', 422, "too_many_lines"),
}  # fmt: skip


@pytest.mark.parametrize("name", RAW)
def test_a_malformed_body_is_refused_by_name(key, name):
    sent, status, code = RAW[name]

    reply = key.post(WHERE, sent, media="application/json")

    assert (reply.status, reply.code) == (status, code)


HOSTILE: list[object] = [
    None, True, False, 0, -1, 1e-7, 10**17, "", " ", "x", "é💩", "NaN", "Infinity", "-0",
    "1e999999", "9" * 199, "1_000", "٤", [], [[]], [None], {}, {"": 1},
    {"a": {"b": {}}}, "TX", "ZZ", "2026-04-06", "2026-02-30", "single", "0", "1", "0.5",
    pounds("1.00"), dollars("-1.00"),
]  # fmt: skip
WHOLE = {
    "GB": british(
        worker_born_on="1990-05-01",
        period={"starts_on": "2026-06-01", "ends_on": "2026-06-07"},
        elections={
            "tax_code": "1257L",
            "tax_basis": "cumulative",
            "ni_letter": "A",
            "student_loan": "plan_2",
            "postgraduate_loan": True,
            "apprentice": None,
            "director": {"method": "annual", "appointed_on": "2026-04-06", "last_payment": False},
            "pension": {"state": "active", "worker": "0.06"},
        },
        employer={
            "pension": {
                "arrangement": "net_pay",
                "basis": "qualifying",
                "worker": "0.05",
                "employer": "0.03",
                "payee": "Nest",
            },
            "pays_levy": True,
        },
        deductions=[
            {"code": "gb.order.dea_standard.1", "kind": "order", "amount": pounds("0.00")},
            {"code": "bike.1", "amount": pounds("5.00"), "payee": "Bikes", "priority": 3},
        ],
        year_to_date=[{"key": "gb.pay", "amount": "900.00"}, {"key": "gb.tax", "amount": "0"}],
    ),
    "US": american(
        worker_born_on="1990-05-01",
        period={"starts_on": "2026-06-01", "ends_on": "2026-06-07"},
        earnings=[
            {"kind": "work", "amount": dollars("900.00"), "hours": "40", "place": "NY"},
            {"kind": "bonus", "amount": dollars("100.00"), "place": "NJ"},
        ],
        elections={
            "w4": W4 | {"extra": "5.00", "dependents": 2000},
            "states": {"NY": {"allowances": 1}, "NJ": {"status": "single", "code": "B"}},
            "home": "NJ",
            "unemployment_state": "NY",
            "local": [{"code": "NY.NYC", "resident": True}],
            "orders": {"us.order.support.1": {"supports_other_family": True}},
        },
        employer={
            "suta": {"NY": {"rate": "0.03"}, "NJ": {"rate": "0.02"}},
            "employees": 40,
            "workers_comp": {"NY": {"8810": "0.2", "carrier": "Acme"}},
        },
        deductions=[
            {"code": "us.order.support.1", "kind": "order", "amount": dollars("50.00"),
             "treatment": "support"},
            {"code": "us.401k", "kind": "pension", "amount": dollars("20.00"),
             "treatment": "401k"},
        ],
        year_to_date=[{"key": "us.gross", "amount": "900.00"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("country", WHOLE)
def test_a_whole_payslip_is_worked_out(key, country):
    key.post(WHERE, {"payslip": WHOLE[country]}).done()


@pytest.mark.parametrize("country", WHOLE)
def test_nothing_that_is_sent_breaks_anything(key, country):
    """Two thousand payslips, each wrong in one place or two: every one is answered by name."""
    chance = random.Random(country)
    sent = [broken(WHOLE[country], chance) for _ in range(2000)]

    for start in range(0, len(sent), 500):
        some = sent[start : start + 500]
        reply = key.post(WHERE, {"payslips": some}).done()

        for body, one in zip(some, reply["results"], strict=True):
            codes = [fault["code"] for fault in (one["problem"] or {"errors": []})["errors"]]
            assert "cannot_be_read" not in codes, body
            places = [fault["pointer"] for fault in (one["problem"] or {"errors": []})["errors"]]
            assert all(place.startswith("/") for place in places if body), (body, one)


def broken(good, chance):
    """The same with one or two places changed."""
    bad = copy.deepcopy(good)
    for _ in range(chance.choice((1, 1, 2))):
        inside = bad
        while True:
            names = list(range(len(inside))) if isinstance(inside, list) else sorted(inside)
            if not names:
                break
            name = chance.choice(names)
            if isinstance(inside[name], dict | list) and inside[name] and chance.random() < 0.8:
                inside = inside[name]
                continue
            inside[name] = chance.choice(HOSTILE)
            break
    return bad
