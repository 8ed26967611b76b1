"""What is worked out ahead is what is paid: the answer of a calculation and the run's payslips are
the same, line by line, in both countries.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.api.payslips import W4, WHERE
from tests.api.payweeks import WEEK, amount, paid_week
from tests.backline.payday import (
    UK_ELECTION,
    earns,
    employer,
    opened,
    payable,
    released,
    three,
)
from tests.backline.week import MONDAY, TOLD, approved, client_of, in_books, posts
from tests.callers import key_of
from tests.wire import Wire

pytestmark = pytest.mark.django_db

TEXAS = ("US", "USD", "America/Chicago")
BRITISH: dict[str, Any] = {
    "country": "GB",
    "engagement": "paye",
    "frequency": "weekly",
    "elections": UK_ELECTION,
}
AMERICAN: dict[str, Any] = {
    "country": "US",
    "engagement": "w2",
    "frequency": "weekly",
    "elections": {"w4": W4},
    "employer": {"suta": {"TX": {"rate": "0.027"}, "IL": {"rate": "0.0325"}}},
}
SUMS = ("gross", "taken", "net", "employer_cost")


def at_work(place, country, count=1, **more):
    """So many workers with a post each, in a firm that can pay them."""
    employer(country)
    if country == "US":
        more |= {"at": client_of(place, where=TEXAS, region="TX")}
        more.setdefault("engagement", "w2")
        more.setdefault("rates", [("regular", "20.00", "30.00")])
    made = posts(place, count, **more)
    payable([post.worker for post in made], uk=country == "GB")
    return made


def figures(payslip):
    """Every line of a payslip as a calculation and a statement both tell it."""
    return [
        (
            line["kind"],
            line["code"],
            line["label"],
            line["amount"],
            line["base"],
            line["rule"] if "@" in line["rule"] else f"{line['rule']}@{line.get('rule_version')}",
            line["source"],
            line["payee"],
        )
        for line in payslip["lines"]
        if line["kind"] != "earning"
    ]


def earned(payslip):
    """What a payslip pays, by code."""
    return [
        (line["code"], line["amount"]["amount"])
        for line in payslip["lines"]
        if line["kind"] == "earning"
    ]


def asked(wire, common, n, time, before):
    """What the n-th week will come to."""
    starts_on = MONDAY + n * WEEK
    body = {
        **common,
        "pay_on": (starts_on + timedelta(11)).isoformat(),
        "period": {
            "starts_on": starts_on.isoformat(),
            "ends_on": (starts_on + timedelta(6)).isoformat(),
        },
        "time": time,
        "year_to_date": before,
    }
    return wire.post(WHERE, {"payslip": body}).done().body


def hours(n, each, rate, **more):
    """The time of the n-th week, day by day."""
    return [
        {"worked_on": (MONDAY + n * WEEK + timedelta(day)).isoformat(), "quantity": quantity}
        | {"rate": rate, **more}
        for day, quantity in enumerate(each)
    ]


def test_three_british_weeks_are_paid_as_they_were_previewed(agency, partner, wire):
    """45 h at 15.00 with time and a half after 40; then less, then more: cumulative PAYE moves."""
    people = three(agency, partner)
    agreed = {"weekly_over": "40", "factor": "1.5"}
    (post,) = in_books(agency, lambda: at_work(agency, "GB", overtime=agreed))
    before: list[Any] = []
    for n, each in enumerate((["9"] * 5, ["6", "7.5"], ["10"] * 5)):
        approved(wire, post, *each, starts_on=MONDAY + n * WEEK)
        rate = {"amount": "15.00", "currency": "GBP"}
        time = {"lines": hours(n, each, rate), "overtime": agreed, "rolls_up_holiday": True}

        ahead = asked(wire, BRITISH, n, time, before)
        paid = paid_week(agency, people, n)

        same(ahead, paid)
        before = paid["year_to_date"]
    # 40 x 15.00 + 5 x 22.50 and so on, with 12.07% of holiday pay rolled up:
    # 712.50 + 86.00, 202.50 + 24.44, 825.00 + 99.58
    assert {one["key"]: one["amount"] for one in before}["gb.pay"] == "1950.02"


def test_three_american_weeks_are_paid_as_they_were_previewed(us_agency, partner):
    """45 h at 20.00 in Texas: law lifts five of them; FUTA and unemployment reach their limits."""
    people, wire = three(us_agency, partner), Wire(key_of(us_agency))
    (post,) = in_books(us_agency, lambda: at_work(us_agency, "US"))
    before: list[Any] = []
    for n, each in enumerate((["9"] * 5, ["8"], ["11"] * 5)):
        approved(wire, post, *each, starts_on=MONDAY + n * WEEK)
        rate = {"amount": "20.00", "currency": "USD"}

        ahead = asked(wire, AMERICAN, n, {"lines": hours(n, each, rate, place="TX")}, before)
        paid = paid_week(us_agency, people, n)

        same(ahead, paid)
        before = paid["year_to_date"]
    # 40 x 20.00 + 5 x 30.00 = 950.00; 160.00; 40 x 20.00 + 15 x 30.00 = 1,250.00
    assert {one["key"]: one["amount"] for one in before}["us.gross"] == "2360.00"


# 30% of 120.00 from whom HMRC did not verify, and nothing from a contractor of 1099
UNEMPLOYED = {
    "cis": ("agency", {"standing": "unregistered"}, "36.00"),
    "1099": ("us_agency", {}, "0.00"),
}


@pytest.mark.parametrize("engagement", UNEMPLOYED)
def test_who_is_not_employed_is_paid_as_was_previewed(places, partner, engagement):
    firm, told, takes = UNEMPLOYED[engagement]
    place = places[firm]
    country, currency = ("GB", "GBP") if firm == "agency" else ("US", "USD")
    people, wire = three(place, partner), Wire(key_of(place))
    rate = {"amount": "15.00", "currency": currency}
    rates = [("regular", "15.00", "21.00")]
    (post,) = in_books(place, partial(at_work, place, country, engagement=engagement, rates=rates))
    approved(wire, post, "8")
    common = {"country": country, "engagement": engagement, "frequency": "weekly"}
    where = "TX" if country == "US" else ""
    time = {"lines": hours(0, ["8"], rate, **({"place": where} if where else {}))}

    ahead = asked(wire, common | {"elections": told}, 0, time, [])
    paid = paid_week(place, people, 0)

    assert ahead["taken"] == {"amount": takes, "currency": currency}
    assert {name: ahead[name] for name in SUMS} == {name: paid[name] for name in SUMS}
    assert earned(ahead) == earned(paid)
    assert figures(ahead) == figures(paid)


def same(ahead, paid):
    """Everything but the words of what was earned."""
    assert {name: ahead[name] for name in SUMS} == {name: paid[name] for name in SUMS}
    assert sorted(earned(ahead)) == sorted(earned(paid))
    assert figures(ahead) == figures(paid)
    assert ahead["year_to_date"] == paid["year_to_date"]
    assert ahead["pack"] == paid["pack"]


# --- many -----------------------------------------------------------------------------------------


CODES = ("1257L", "BR", "K100", "S1257L", "C1100T", "0T")
LETTERS = ("A", "A", "A", "H", "M", "B", "J", "C")
WAGES = 25
STATUSES = ("single", "married_jointly", "head_of_household")


def wage(n):
    """What the n-th worker earned in 40 hours: pennies of every kind."""
    return f"{Decimal('520.00') + n % WAGES * Decimal('17.37'):.2f}"


def elects(n, country):
    """What the n-th worker has said."""
    if country == "GB":
        return {
            "tax_code": CODES[n % len(CODES)],
            "tax_basis": ("cumulative", "week1_month1")[n % 2],
            "ni_letter": LETTERS[n % len(LETTERS)],
        }
    return W4 | {"status": STATUSES[n % 3], "multiple_jobs": n % 4 == 0, "extra": f"{n % 7}.50"}


def week_of_many(place, country, count):
    """So many workers, each with a week earned and elections of their own; in the order hired."""
    from backline.directory import actions as directory

    made = at_work(place, country, count)
    kind = "gb_paye" if country == "GB" else "us_w4"
    for n, post in enumerate(made):
        told = {"facts": elects(n, country), "since": date(2026, 4, 6), "source": "hmrc", **TOLD}
        directory.elect(post.worker, kind, **told)
    for n in range(min(WAGES, count)):
        earns(made[n::WAGES], wage(n), currency="GBP" if country == "GB" else "USD")
    return made


def situation(n, country):
    """The n-th worker's payslip as it is asked for."""
    common = BRITISH if country == "GB" else AMERICAN
    money = {"amount": wage(n), "currency": "GBP" if country == "GB" else "USD"}
    place = "" if country == "GB" else "TX"
    told = elects(n, country)
    return {
        **common,
        "reference": f"{country} {n}",
        "pay_on": "2026-06-12",
        "period": {"starts_on": "2026-06-01", "ends_on": "2026-06-07"},
        "earnings": [{"code": "regular", "amount": money, "hours": "40", "place": place}],
        "elections": told if country == "GB" else {"w4": told},
    }


def test_one_call_comes_to_what_the_runs_of_two_agencies_pay(agency, us_agency, partner, wire):
    """As many British as American payslips in one call, then each country's through its own agency,
    prepared, approved and released: equal worker by worker, and in sum to the cent.

    Forty here; a thousand take a minute or two: PAYSLIPS=1000 python3 manage.py test <this file>.
    """
    from backline.kernel import ids

    each = int(os.environ.get("PAYSLIPS", "40")) // 2
    sent = [situation(n, country) for country in ("GB", "US") for n in range(each)]

    reply = wire.post(WHERE, {"payslips": sent}).done()

    assert (reply["done"], reply["refused"]) == (2 * each, 0)
    ahead = {one["payslip"]["reference"]: one["payslip"] for one in reply["results"]}
    totals = {one["currency"]: one for one in reply["totals"]}
    for country, place, currency in (("GB", agency, "GBP"), ("US", us_agency, "USD")):
        people = three(place, partner)
        made = in_books(place, partial(week_of_many, place, country, each))
        run = opened(place)
        done = released(place, people, run)
        slips = people.preparer.every("/v1/pay-statements", run=run, limit=200)
        paid = {slip["worker"]: slip for slip in slips}
        assert len(paid) == each
        for n, post in enumerate(made):
            slip = paid[ids.public("wrk", post.worker)]
            mine = ahead[f"{country} {n}"]
            assert {name: mine[name] for name in SUMS} == {name: slip[name] for name in SUMS}
        whole = totals[currency]
        assert {name: whole[name] for name in SUMS} == {name: done[name] for name in SUMS}
        assert whole["payslips"] == done["payslips"] == each
        assert sum(amount(slip["net"]) for slip in slips) == amount(done["net"])
