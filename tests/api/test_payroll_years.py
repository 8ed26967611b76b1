"""Tax years: what is owed over their end, what is filed anew, the year to date, and the days that
belong to two of them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from backline.kernel import ids
from tests.api.payweeks import amount, lines_of, paid_week, weeks_of
from tests.backline.payday import clock, employer, money, sums, three
from tests.backline.week import exceptions, in_books

pytestmark = pytest.mark.django_db
YEARS = {"GB": ("2026-27", datetime(2027, 4, 7, 9, 0, tzinfo=UTC)),
         "US": ("2026", datetime(2027, 1, 5, 15, 0, tzinfo=UTC))}  # fmt: skip


@pytest.fixture(params=["GB", "US"])
def home(request, agency, us_agency, partner):
    """An agency of each country with its three persons, and what it pays in."""
    place = agency if request.param == "GB" else us_agency
    clock(place)
    return place, three(place, partner), request.param, "GBP" if request.param == "GB" else "USD"


@pytest.fixture
def beside(other_agency, partner):
    """The agency that looks alike, with the same worker and week."""
    clock(other_agency)
    weeks_of(other_agency, 1)
    return other_agency, three(other_agency, partner)


def letters(place) -> list[str]:
    """What workers were written about what they owe."""
    from backline.desk.models import Message

    rows = Message.objects.filter(kind="recovery_agreed").order_by("id")
    return list(in_books(place, lambda: list(rows.values_list("body", flat=True))))


@pytest.mark.capability("X-23")
def test_an_overpaid_leaver_is_written_to_and_pays_by_plan(home, beside):
    place, people, country, currency = home
    wire = people.preparer
    post = weeks_of(place, 3, country=country)
    worker = ids.public("wrk", post.worker)
    paid_week(place, people, 0)
    clock(place, datetime(2026, 6, 15, 9, 0, tzinfo=UTC))

    def overpaid(paid_on: str, figure: str):
        body = {"worker": worker, "amount": money(figure, currency), "paid_on": paid_on,
                "reason": "Paid after the last day", "since": "2026-06-16"}  # fmt: skip
        return wire.post("/v1/recoveries/overpayment", body, key=paid_on).done()["id"]

    # of this tax year before tax, of the last one from net pay
    overpaid("2026-06-12", "30.00")
    earlier = overpaid("2025-12-19", "150.00")
    wire.post(
        f"/v1/recoveries/{earlier}/agree",
        {"since": "2026-06-16", "cap": money("50.00", currency)},
        key="by pay",
    ).done()
    slip = paid_week(place, people, 1)
    assert ("recovery", "-30.00") in lines_of(slip, "earning")
    assert lines_of(slip, "deduction") == [("recovery", "50.00")]
    assert (slip["gross"], slip["taxable"]) == (money("570.00", currency),) * 2
    year = "2025-26" if country == "GB" else "2025"
    assert wire.get(f"/v1/recoveries/{earlier}").done()["tax_year"] == year

    agreed = wire.post(
        f"/v1/recoveries/{earlier}/agree",
        {"since": "2026-07-31", "cap": money("40.00", currency), "way": "bank"},
        key="by bank",
    ).done()

    plan = [(one["due_on"], one["amount"]) for one in agreed["plan"]]
    assert sum(Decimal(figure) for _, figure in plan) == amount(agreed["owed"]) == 100
    assert [day for day, _ in plan] == sorted(day for day, _ in plan)
    by_pay, by_bank = letters(place)
    assert f"at most 50.00 {currency} each time" in by_pay
    assert f"The tax year {year} is over" in by_pay
    assert "Still to be paid back: 100.00" in by_bank
    assert all(f"{day}  {figure} {currency}" in by_bank for day, figure in plan)
    assert lines_of(paid_week(place, people, 2), "deduction") == []  # nothing from pay any more
    body = {"amount": money("40.00", currency), "paid_on": "2026-07-31"}
    wire.post(f"/v1/recoveries/{earlier}/repay", body, key="first").done()
    too_much = wire.post(f"/v1/recoveries/{earlier}/repay",
                         body | {"amount": money("60.01", currency)}, key="more")  # fmt: skip
    left = wire.get(f"/v1/recoveries/{earlier}").done()
    assert (too_much.status, too_much.code) == (422, "amount_differs")
    assert amount(left["owed"]) == sum(Decimal(one["amount"]) for one in left["plan"]) == 60
    assert sums(place)["1600"] == 60
    wire.post(f"/v1/recoveries/{earlier}/write-off", {"reason": "gone"}, key="off").done()
    assert "1600" not in sums(place)
    gone = wire.post(f"/v1/recoveries/{earlier}/repay", body, key="late")
    assert (gone.status, gone.code) == (409, "nothing_owed")
    assert letters(beside[0]) == []


def owed_back(wire, slip, books):
    """What a statement had taken and cost is to come back from its payees, to the penny, and the
    books say the same as the list of what is owed.
    """
    rows = wire.every("/v1/liabilities")
    back = [one for one in rows if one["correction"]]
    assert {one["run"] for one in back} == {None}
    wanted = amount(slip["taken"]) + amount(slip["employer_cost"])
    assert -sum(amount(one["amount"]) for one in back) == wanted > 0
    open_sums = sum(books.get(code, 0) for code in ("2210", "2220", "2225", "2240"))
    assert open_sums == -sum(amount(one["amount"]) for one in rows)
    dues = wire.get("/v1/dues").done()["data"]
    assert not any(one["is_overdue"] for one in dues if amount(one["amount"]) < 0)


@pytest.mark.capability("X-24")
def test_a_statement_of_a_year_that_is_over_is_filed_anew_and_not_voided(home, beside):
    place, people, country, currency = home
    wire = people.preparer
    post = weeks_of(place, 2, country=country, pay="3000.00")
    first = paid_week(place, people, 0)
    paid_week(place, people, 1)
    year, after = YEARS[country]
    where = f"/v1/pay-statements/{first['id']}"
    early = wire.post(f"{where}/correct-year", {"reason": "too soon"}, key="early")
    assert (early.status, early.code) == (409, "same_tax_year")
    clock(place, after)
    before = {name: figure for name, figure in sums(place).items() if name != "1600"}

    void = wire.post(f"{where}/void", {"reason": "late"}, key="void")
    assert (void.status, void.code) == (409, "other_tax_year")
    files = {"GB": "a corrected P60", "US": "Form W-2c"}[country]
    assert files in void["errors"][0]["file"]
    assert wire.get("/v1/year-end-forms", tax_year=year).done()["data"][0]["file_anew"] == []

    wire.post(f"{where}/correct-year", {"reason": "never worked"}, key="correct").done()
    twice = wire.post(f"{where}/correct-year", {"reason": "never worked"}, key="twice")

    assert (twice.status, twice.code) == (409, "voided_already")
    (form,) = wire.get("/v1/year-end-forms", tax_year=year).done()["data"]
    assert files in form["file_anew"]
    boxes = {one["box"]: one for one in form["figures"]}
    pay, tax = ("pay", "tax") if country == "GB" else ("1", "2")
    assert boxes[pay]["reported"] == money("6000.00", currency)
    assert boxes[pay]["amount"] == money("3000.00", currency)
    assert amount(boxes[tax]["reported"]) > amount(boxes[tax]["amount"]) >= 0
    assert wire.get(where).done().body == first.body | {"voided_by": None}
    (row,) = wire.every("/v1/recoveries", worker=ids.public("wrk", post.worker))
    assert (row["state"], row["method"], row["owed"]) == ("proposed", "net", first["net"])
    books = sums(place)
    assert books["1600"] == amount(first["net"])
    assert books["5100"] == before["5100"] - 3000
    owed_back(wire, first, books)
    assert books["2200"] == before["2200"] if "2200" in before else "2200" not in books
    kinds = {one["title"] for one in exceptions(place, "negative_pay")}
    assert f"The tax year {year} is to be filed anew" in kinds
    assert beside[1].preparer.get("/v1/year-end-forms", tax_year=year).done()["data"] == []
    assert beside[1].preparer.post(f"{where}/correct-year", {"reason": "x"}, key="x").status == 404


def test_the_year_to_date_is_kept_whatever_calendar_pays(home, beside):
    place, people, country, _ = home
    post = weeks_of(place, 2, country=country)
    worker = ids.public("wrk", post.worker)
    for n in range(2):
        last = paid_week(place, people, n)

    told = people.preparer.get(
        f"/v1/workers/{worker}/year-to-date", tax_year=YEARS[country][0]
    ).done()

    (own,) = told["data"]
    assert (own["country"], own["statement"]) == (country, last["id"])
    assert own["figures"] == last["year_to_date"]
    key = "gb.pay" if country == "GB" else "us.gross"
    assert {one["key"]: one["amount"] for one in own["figures"]}[key] == "1200.00"
    where = f"/v1/workers/{worker}/year-to-date"
    assert people.preparer.get(where, tax_year="1999").done()["data"] == []
    assert beside[1].preparer.get(where).status == 404


@pytest.mark.capability("X-65")
def test_a_pay_year_says_its_week_53_its_straddles_gaps_and_overlaps(
    agency, us_agency, other_agency, partner
):
    for place in (agency, other_agency):
        in_books(place, employer)
    in_books(us_agency, lambda: employer("US"))
    clock(agency, datetime(2026, 6, 16, 9, 0, tzinfo=UTC))
    wire = three(agency, partner).preparer
    us = three(us_agency, partner).preparer

    def calendar(on, **more) -> str:
        from backline.payroll import actions
        from tests.backline.week import TOLD

        facts = {"engagements": ["paye"], "currency": "GBP", "holidays": "gb.england_wales"} | more
        place, facts["name"] = on, facts["frequency"] + str(facts["anchor_on"])
        return ids.public("cal", in_books(place, lambda: actions.add_calendar(**facts, **TOLD).pk))

    def year(caller, key: str, tax_year: str):
        return caller.get(f"/v1/pay-calendars/{key}/year", tax_year=tax_year).done()["data"]

    # paid eight days after Sunday: Monday 5 April 2027 is day 365 of the tax year, in week 53
    monday = calendar(agency, frequency="weekly", anchor_on=date(2026, 3, 30), pay_lag_days=8)
    rows = year(wire, monday, "2026-27")
    assert (rows[0]["starts_on"], rows[0]["pay_on"]) == ("2026-03-30", "2026-04-13")
    assert {"straddles_year", "first_period"} <= set(rows[0]["flags"])
    assert (rows[-1]["pay_on"], rows[-1]["number"]) == ("2027-04-05", 53)
    assert "extra_period" in rows[-1]["flags"]
    assert not any("extra_period" in row["flags"] for row in rows[:-1])
    # two calendars pay the same people from 1 June on
    overlap = [row["starts_on"] for row in rows if "overlaps_calendar" in row["flags"]]
    assert overlap[0] == "2026-06-01"
    # nothing was opened for the weeks that are over: a gap, week by week
    gaps = [row["starts_on"] for row in rows if "no_run" in row["flags"]]
    assert (gaps[0], gaps[-1], len(gaps)) == ("2026-03-30", "2026-06-08", 11)

    # biweekly Fridays of 2026 from 2 January: 1 January 2027 is no banking day, so it is paid on
    # 31 December, the 27th of the year
    fridays = calendar(us_agency, frequency="biweekly", anchor_on=date(2025, 12, 15),
                       pay_lag_days=5, engagements=["w2"], currency="USD",
                       holidays="us.federal_reserve")  # fmt: skip
    rows = year(us, fridays, "2026")
    assert (rows[0]["pay_on"], rows[-1]["pay_on"]) == ("2026-01-02", "2026-12-31")
    assert (len(rows), rows[-1]["number"]) == (27, 27)
    assert [row["number"] for row in rows if "extra_period" in row["flags"]] == [27]
    assert "straddles_year" in rows[0]["flags"]
    wrong = wire.get(f"/v1/pay-calendars/{monday}/year", tax_year="2026")
    assert (wrong.status, wrong.code) == (422, "tax_year_unknown")
    theirs = three(other_agency, partner).preparer
    assert theirs.get(f"/v1/pay-calendars/{monday}/year", tax_year="2026-27").status == 404
