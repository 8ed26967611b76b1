"""Pay for time that is not worked: sick and family pay by law, holiday rolled up or accrued; and
the least that an hour must leave.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from backline.kernel import ids
from tests.api.payweeks import WEEK, amount, lines_of, order, paid_week, weeks_of
from tests.backline.payday import (
    calculated,
    clock,
    money,
    opened,
    payable,
    released,
    staffed,
    sums,
    three,
)
from tests.backline.week import MONDAY, approved, attend, in_books, posts

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(agency, partner):
    """Preparer, approver and releaser of the agency's runs."""
    clock(agency)
    return three(agency, partner)


@pytest.fixture
def beside(other_agency, partner):
    """The agency that looks alike, with the same worker and week."""
    clock(other_agency)
    weeks_of(other_agency, 1)
    return other_agency, three(other_agency, partner)


SICK = [
    # DWP's rules of April 2026: four fifths of the average, at most 123.25 a week
    # 130.00 x 0.8 = 104.00; three of five days: 62.40
    ("130.00", ["2026-06-08", "2026-06-09", "2026-06-10"], ["62.40"]),
    # 200.00 x 0.8 = 160.00, above the limit: 123.25; two of five days: 49.30
    ("200.00", ["2026-06-08", "2026-06-09"], ["49.30"]),
    # a Saturday is no qualifying day: one day of five of 123.25 is 24.65
    ("200.00", ["2026-06-12", "2026-06-13"], ["24.65"]),
    # over a Sunday into a second week: 24.65 and 49.30
    ("200.00", ["2026-06-05", "2026-06-08", "2026-06-09"], ["24.65", "49.30"]),
]


@pytest.mark.capability("PY-10")
def test_sick_and_family_pay_by_qualifying_days_and_weeks(agency, people, beside):
    post = weeks_of(agency, 1)
    wire = people.preparer
    for n, (average, days, wanted) in enumerate(SICK):
        body = {
            "assignment": post.asg, "first_day": days[0], "days": days,
            "qualifying_weekdays": [0, 1, 2, 3, 4], "average": money(average),
        }  # fmt: skip
        tried = wire.post("/v1/statutory-pay/sick?dry_run=true", body, key=f"try{n}").done()
        assert [one["pay_amount"]["amount"] for one in tried["charges"]] == wanted
    assert wire.every("/v1/charges", code="ssp") == []  # tried, not done

    # in a run: 600.00 worked in the week before, so the average is held here
    paid_week(agency, people, 0)
    body = {
        "assignment": post.asg, "first_day": "2026-06-16", "days": ["2026-06-16", "2026-06-17"],
        "qualifying_weekdays": [0, 1, 2, 3, 4],
    }  # fmt: skip
    sick = wire.post("/v1/statutory-pay/sick", body, key="sick").done()
    again = wire.post("/v1/statutory-pay/sick", body, key="again").done()
    assert sick["average"] == money("600.00")
    assert [one["id"] for one in sick["charges"]] == [one["id"] for one in again["charges"]]
    leave = {
        "assignment": post.asg, "kind": "paternity", "starts_on": "2026-06-15", "weeks": 1,
        "service_weeks": 30, "average": money("180.00"),
    }  # fmt: skip
    wire.post("/v1/statutory-pay/family", leave, key="spp").done()
    slip = paid_week(agency, people, 2)

    # 123.25 / 5 x 2 = 49.30; 90% of 180.00 = 162.00, below 194.32
    assert lines_of(slip, "earning") == [("spp", "162.00"), ("ssp", "49.30")]
    assert slip["taxable"] == money("211.30")
    labels = {line["code"]: line["label"] for line in slip["lines"]}
    assert labels["ssp"] == "Statutory pay"
    assert amount(slip["net"]) > 0
    refused = wire.post(
        "/v1/statutory-pay/family",
        leave | {"starts_on": "2026-06-22", "service_weeks": 3, "average": money("100.00")},
        key="no",
    )
    assert refused.status == 409
    assert [code for code, _ in refused.codes] == ["earns_too_little", "too_short_service"]
    many = wire.post("/v1/statutory-pay/family", leave | {"weeks": 3}, key="many")
    assert (many.status, many.code) == (422, "too_many_weeks")
    early = wire.post(
        "/v1/statutory-pay/sick",
        {"assignment": post.asg, "first_day": "2026-03-02", "days": ["2026-06-18"],
         "qualifying_weekdays": [3], "average": money("200.00")},
        key="early",
    )  # fmt: skip
    assert (early.status, early.code) == (409, "law_not_held")
    assert beside[1].preparer.every("/v1/charges", code="ssp") == []
    theirs = beside[1].preparer.post("/v1/statutory-pay/family", leave, key="theirs")
    assert theirs.status == 404


def test_maternity_pays_its_first_six_weeks_in_full(agency, people):
    post = weeks_of(agency, 1)
    body = {
        "assignment": post.asg, "kind": "maternity", "starts_on": "2026-06-15", "weeks": 3,
        "first_week": 5, "service_weeks": 60, "average": money("400.00"),
    }  # fmt: skip

    paid = people.preparer.post("/v1/statutory-pay/family", body, key="smp").done()

    # 90% of 400.00 for six weeks, then 194.32
    assert [one["pay_amount"]["amount"] for one in paid["charges"]] == [
        "360.00", "360.00", "194.32",
    ]  # fmt: skip


@pytest.mark.capability("PY-09")
def test_holiday_is_rolled_up_as_a_line_or_accrued_and_taken_and_a_switch_keeps_it(
    agency, people, beside, wire
):
    def world():
        from tests.backline.payday import employer

        employer()
        (post,) = posts(agency, rates=[("regular", "12.00", "16.80")])
        payable([post.worker])
        return post

    post = in_books(agency, world)
    ats, wire = wire, people.preparer
    owner, worker = people.approver, ids.public("wrk", post.worker)

    def week(n: int, *hours: str):
        approved(ats, post, *hours, starts_on=MONDAY + n * WEEK)
        attend(agency)

    def holiday(on: str = "2026-07-05"):
        return wire.get(f"/v1/workers/{worker}/holiday", on=on).done()

    # rolled up: 20 h at 12.00 is 240.00; 12.07% of it is 28.97 on a line of its own
    week(0, "10", "10")
    first = paid_week(agency, people, 0)
    assert lines_of(first, "earning") == [("regular", "240.00"), ("holiday", "28.97")]
    assert first["gross"] == money("268.97")
    assert (holiday()["earned"], holiday()["left"]) == ("0.00", "0.00")

    # accrued from the next workweek on: 40 h earn 40 x 12.07% = 4.83 h
    firm = wire.get("/v1/firm").done()
    owner.patch("/v1/firm", {"holiday_method": "accrued"}, match=firm.headers["ETag"]).done()
    week(2, "10", "10", "10", "10")
    third = paid_week(agency, people, 2)
    assert lines_of(third, "earning") == [("regular", "480.00")]
    assert (holiday()["method"], holiday()["earned"]) == ("accrued", "4.83")
    # the week before keeps how it was paid, also when it is worked out again
    assert wire.every("/v1/corrections") == []

    body = {"assignment": post.asg, "starts_on": "2026-06-22", "hours": "4.00"}
    too_much = wire.post("/v1/holidays", body | {"hours": "4.84"}, key="more")
    assert (too_much.status, too_much.code) == (409, "not_earned")
    taken = wire.post("/v1/holidays", body, key="leave").done()
    # (240.00 + 480.00) / 2 over (20 + 40) / 2 hours: 12.00 an hour
    assert [one["pay_amount"]["amount"] for one in taken["charges"]] == ["48.00"]
    assert (holiday()["taken"], holiday()["left"]) == ("4.00", "0.83")
    fourth = paid_week(agency, people, 3)
    assert lines_of(fourth, "earning") == [("holiday", "48.00")]
    assert sums(agency)["5110"] == Decimal("28.97") + Decimal("48.00")

    # back again: what was earned stays
    firm = wire.get("/v1/firm").done()
    owner.patch("/v1/firm", {"holiday_method": "rolled_up"}, match=firm.headers["ETag"]).done()
    after = holiday("2026-07-06")  # the workweek that begins after the switch
    assert (after["method"], after["left"]) == ("rolled_up", "0.83")
    assert holiday()["method"] == "accrued"
    assert beside[1].preparer.get(f"/v1/workers/{worker}/holiday").status == 404


@pytest.mark.capability("PY-34")
@pytest.mark.parametrize("country", ["GB", "US"])
def test_a_deduction_that_takes_an_hour_below_the_minimum_is_refused(
    agency, us_agency, beside, partner, country
):
    place = agency if country == "GB" else us_agency
    clock(place)
    people = three(place, partner)
    currency = "GBP" if country == "GB" else "USD"
    # 12.71 an hour in the UK from 21, 7.25 in Texas: 40 h come to 508.40, or 290.00
    pay = "520.00" if country == "GB" else "300.00"

    def world():
        from backline.directory.models import Worker

        (post,) = staffed(place, 1, country=country, earned={"pay": pay})
        row = Worker.objects.get()
        row.born_on = "1990-05-01"
        row.save(update_fields=["born_on"])
        return post

    post = in_books(place, world)
    kept = order(people.preparer, post, "uniform", 5, amount="15.00", is_a="other", payee="")
    run = opened(place)

    held = calculated(place, people.preparer, run)

    (why,) = [one for one in held["blockers"] if one["code"] == "below_minimum_wage"]
    # 520.00 - 15.00 - 508.40 is 3.40 short; 300.00 - 15.00 - 290.00 is 5.00 short
    assert ("3.40" if country == "GB" else "5.00") in why["detail"]
    assert held["payslips"] == 0
    theirs = opened(beside[0])
    assert calculated(beside[0], beside[1].preparer, theirs)["blockers"] == []
    match = people.preparer.get(f"/v1/orders/{kept}").done().headers["ETag"]
    people.preparer.patch(
        f"/v1/orders/{kept}", {"facts": {"amount": "10.00", "kind": "other"}}, match=match
    ).done()
    done = released(place, people, run)
    assert done["gross"] == money(pay, currency)
