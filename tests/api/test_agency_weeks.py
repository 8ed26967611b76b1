"""Equal treatment: twelve weeks with any work in them, and from the thirteenth on pay and holiday
are those of the hirer's own people, whatever became known late.

Every figure is worked out by hand: an hour at 15.00, at 18.00 once treatment is equal, and
rolled-up holiday pay of 12.07 % on top (1.81 on 15.00; 2.17 on 18.00).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.api.office import money, read_one_by_one
from tests.backline import payday
from tests.backline.week import approved, attend, exceptions, in_books, posts, sheet

pytestmark = pytest.mark.django_db

FIRST = date(2026, 4, 6)  # a Monday; twelve weeks later it is Monday 29 June
WEEK = timedelta(days=7)
LATER = datetime(2026, 7, 14, 9, tzinfo=UTC)  # fourteen weeks are over
THIRTEENTH = date(2026, 6, 29)


def week(n: int) -> date:
    """The Monday of the n-th week."""
    return FIRST + WEEK * (n - 1)


def made(place, **more: Any):
    return in_books(place, lambda: posts(place, starts_on=FIRST, **more))[0]


@pytest.fixture(autouse=True)
def twin(other_agency, other_wire):
    """The same worker at the agency that looks alike, equal terms and all."""
    post = made(other_agency)
    payday.clock(other_agency, LATER)
    approved(other_wire, post, "1", starts_on=FIRST)
    return post


@pytest.fixture
def post(agency):
    payday.clock(agency, LATER)
    return made(agency)


@pytest.fixture
def wrk(wire, post):
    return wire.get(f"/v1/assignments/{post.asg}").done()["worker"]


def agree(owner, post, **more: Any) -> None:
    """The hirer's own people get 18.00 an hour, billed at 25.20."""
    rates = [{"code": "regular", "pay_rate": money("18.00"), "bill_rate": money("25.20")}]
    facts = {"since": FIRST.isoformat(), "rates": rates, "comparator": "Fitter, band C"}
    owner.post(f"/v1/assignments/{post.asg}/equal-terms", facts | more).done()


def works(wire, post, *weeks: int) -> None:
    """One hour on the Monday of each of these weeks."""
    for n in weeks:
        approved(wire, post, "1", starts_on=week(n))


def clock(owner, wrk, role: str = "") -> dict[str, Any]:
    """The clock of a worker in a role."""
    told = owner.get(f"/v1/workers/{wrk}/agency-weeks").done()["clocks"]
    return next(one for one in told if one["role"] == role)


def equal_since(owner, wrk) -> list[str]:
    """The first days of equal treatment."""
    return [span["since"] for span in clock(owner, wrk)["equal"]]


def paid(wire, post, n: int) -> dict[str, list[tuple[str, str]]]:
    """What a week pays by code: each charge's rate and amount, in the order they were posted."""
    rows = wire.every("/v1/charges", assignment=post.asg)
    found: dict[str, list[tuple[str, str]]] = {}
    for row in sorted(rows, key=lambda row: row["id"]):
        if row["week_starts_on"] == week(n).isoformat() and row["pay_amount"]:
            rate, amount = row["pay_rate"]["amount"], row["pay_amount"]["amount"]
            found.setdefault(row["code"], []).append((rate, amount))
    return found


def owed(wire, post, n: int) -> str:
    """What a week's regular time pays after all corrections."""
    amounts = [Decimal(amount) for _, amount in paid(wire, post, n)["regular"]]
    return str(sum(amounts, Decimal("0.00")))


@pytest.mark.capability("OK-06", "OK-11")
def test_the_thirteenth_week_is_at_the_hirers_own_rate_by_itself(
    wire, owner, other_wire, *, agency, post, wrk, twin
):
    agree(owner, post)
    works(wire, post, *range(1, 14))

    assert equal_since(owner, wrk) == ["2026-06-29"]
    assert paid(wire, post, 12) == {
        "regular": [("15.00", "15.00")],
        "holiday": [("1.81", "1.81")],
    }
    assert paid(wire, post, 13) == {
        "regular": [("18.00", "18.00")],
        "holiday": [("2.17", "2.17")],
    }
    (row,) = [
        row
        for row in wire.every("/v1/charges", assignment=post.asg)
        if row["week_starts_on"] == "2026-06-29" and row["code"] == "regular"
    ]
    assert row["bill_amount"] == money("25.20")
    assert row["label"] == "Regular, equal treatment"
    assert row["agreement"] is not None
    assert len(other_wire.every("/v1/charges", assignment=twin.asg)) == 2
    assert exceptions(agency, "equal_treatment_due") == []


def test_who_is_paid_more_already_keeps_it_and_better_holiday_comes_along(
    wire, owner, agency, twin
):
    payday.clock(agency, LATER)
    post = made(agency, rates=[("regular", "20.00", "30.00")])
    # 33 days and the bank holidays of 260: their holiday is a share of 0.1453 of pay
    agree(owner, post, holiday_share="0.1453")
    works(wire, post, *range(1, 14))

    assert paid(wire, post, 12) == {
        "regular": [("20.00", "20.00")],
        "holiday": [("2.41", "2.41")],
    }
    assert paid(wire, post, 13) == {
        "regular": [("20.00", "20.00")],
        "holiday": [("2.91", "2.91")],  # 20.00 x 0.1453 = 2.906
    }


@pytest.mark.capability("OK-07")
def test_gaps_of_six_weeks_stop_the_clock_longer_ones_reset_it_and_maternity_goes_on(
    wire, owner, agency, post, wrk, *, person, other_agency
):
    payday.clock(agency, datetime(2026, 8, 25, 9, tzinfo=UTC))  # the twentieth week is over
    works(wire, post, *range(1, 6), 12)
    stopped = clock(owner, wrk)
    assert [one["count"] for one in stopped["weeks"]][4:12] == [5, 5, 5, 5, 5, 5, 5, 6]

    works(wire, post, 20)  # seven weeks without work
    reset = clock(owner, wrk)
    assert [one["count"] for one in reset["weeks"]][11:20] == [6, 6, 6, 6, 6, 6, 6, 0, 1]
    assert reset["equal"] == []

    def away(reason: str, first: int, last: int) -> Any:
        return owner.post("/v1/absences", {
            "worker": wrk, "reason": reason, "starts_on": week(first).isoformat(),
            "ends_on": (week(last) + timedelta(days=6)).isoformat(),
        })  # fmt: skip

    assert away("tired", 13, 19).codes == [("unknown_choice", "/reason")]
    sick = away("sickness", 13, 19).done()
    assert away("jury", 19, 20).code == "absences_overlap"
    # sickness stops it for as long as 28 weeks
    ill = clock(owner, wrk)
    assert [one["count"] for one in ill["weeks"]][11:20] == [6, 6, 6, 6, 6, 6, 6, 6, 7]

    (kept,) = read_one_by_one(owner, person("owner", other_agency, "others"), "/v1/absences")
    assert (kept["id"], kept["reason"], kept["withdrawn"]) == (sick["id"], "sickness", False)
    taken = owner.post(f"/v1/absences/{sick['id']}/withdraw", {"reason": "wrong worker"}).done()
    assert taken["withdrawn"]
    again = owner.post(f"/v1/absences/{sick['id']}/withdraw", {"reason": "wrong worker"})
    assert (again.status, again.code) == (409, "illegal_move")
    away("maternity", 13, 19).done()
    born = clock(owner, wrk)
    assert [one["count"] for one in born["weeks"]][11:20] == [6, 7, 8, 9, 10, 11, 12, 13, 14]
    assert born["equal"] == [{"since": week(19).isoformat(), "until": None}]


@pytest.mark.capability("OK-08")
def test_a_missing_week_that_arrives_late_moves_parity_a_week_and_arrears_are_computed(
    wire, owner, agency, partner, twin
):
    def world(place):
        payday.employer()
        (one,) = posts(place, starts_on=FIRST)
        payday.payable([one.worker])
        return one

    payday.clock(agency, LATER)
    post = in_books(agency, lambda: world(agency))
    people = payday.three(agency, partner)
    wrk = wire.get(f"/v1/assignments/{post.asg}").done()["worker"]
    agree(owner, post)
    works(wire, post, *(n for n in range(1, 15) if n != 5))
    attend(agency)
    # week 5 is a gap so far: twelve weeks are through with week 13
    assert equal_since(owner, wrk) == [week(14).isoformat()]
    payday.released(agency, people, payday.opened(agency, LATER))
    attend(agency)
    assert paid(wire, post, 13)["regular"] == [("15.00", "15.00")]

    works(wire, post, 5)
    attend(agency)

    assert equal_since(owner, wrk) == [week(13).isoformat()]
    assert paid(wire, post, 13) == {
        "regular": [("15.00", "15.00"), ("15.00", "-15.00"), ("18.00", "18.00")],
        "holiday": [("1.81", "1.81"), ("1.81", "-1.81"), ("2.17", "2.17")],
    }
    (arrears,) = wire.every("/v1/corrections", kind="equal_treatment")
    # 3.00 and the holiday pay on it to the worker, 25.20 less 21.00 to the client
    assert arrears["pay_difference"] == money("3.36")
    assert arrears["bill_difference"] == money("4.20")
    assert arrears["week_starts_on"] == week(13).isoformat()


@pytest.mark.capability("OK-09")
def test_a_new_title_goes_on_counting_and_records_of_one_hirer_are_linked(
    wire, owner, agency, post, wrk
):
    agree(owner, post)
    works(wire, post, *range(1, 7))
    match = wire.get(f"/v1/assignments/{post.asg}").headers["ETag"]
    wire.patch(f"/v1/assignments/{post.asg}", {"job_title": "Lead fitter"}, match=match).done()
    works(wire, post, *range(7, 10))
    assert clock(owner, wrk)["weeks"][8]["count"] == 9

    # the same worker at another record of the same hirer
    second = in_books(agency, lambda: posts(agency, starts_on=week(10), workers=[post.worker]))[0]
    agree(owner, second)
    works(wire, second, *range(10, 14))
    apart = owner.get(f"/v1/workers/{wrk}/agency-weeks").done()["clocks"]
    assert {one["count"] for one in apart} == {9, 4}  # the first has stopped since
    assert paid(wire, second, 13)["regular"] == [("15.00", "15.00")]

    first, other = (
        wire.get(f"/v1/assignments/{one.asg}").done()["client"] for one in (post, second)
    )
    itself = owner.post(f"/v1/clients/{other}/hirer", {"hirer": other})
    assert itself.codes == [("linked_to_itself", "/hirer")]
    owner.post(f"/v1/clients/{other}/hirer", {"hirer": first, "reason": "one payroll"}).done()
    attend(agency)
    assert equal_since(owner, wrk) == [week(13).isoformat()]
    assert owed(wire, second, 13) == "18.00"

    # another role resets the clock only where it differs and the worker was told in writing
    path = f"/v1/assignments/{second.asg}/role"
    assert owner.post(path, {"role": "Crane driver"}).codes == [("not_told_in_writing", "/told_on")]
    owner.post(path, {"role": "Crane driver", "told_on": week(10).isoformat()}).done()
    assert clock(owner, wrk, "Crane driver")["count"] == 4
    attend(agency)
    assert owed(wire, second, 13) == "15.00"
    owner.post(path, {"role": "", "reason": "similar after all"}).done()
    attend(agency)
    assert clock(owner, wrk)["count"] == 13
    assert owed(wire, second, 13) == "18.00"

    owner.post(f"/v1/clients/{other}/hirer", {"hirer": None}).done()
    attend(agency)
    assert owed(wire, second, 13) == "15.00"


@pytest.mark.capability("OK-10")
def test_six_weeks_through_another_agency_count(wire, owner, other_wire, *, post, wrk, twin):
    agree(owner, post)
    hirer = wire.get(f"/v1/assignments/{post.asg}").done()["client"]
    before = [(FIRST - WEEK * n).isoformat() for n in range(1, 7)]
    body = {"client": hirer, "weeks": before, "through": "Other Staffing"}
    wire.post(f"/v1/workers/{wrk}/agency-weeks", body).done()
    again = wire.post(f"/v1/workers/{wrk}/agency-weeks", body).done()["clocks"][0]["weeks"]
    assert [one["count"] for one in again[:6]] == [1, 2, 3, 4, 5, 6]
    early = wire.post(f"/v1/workers/{wrk}/agency-weeks", body | {"weeks": ["2026-07-13"]})
    assert early.codes == [("not_over_yet", "/weeks/0")]
    theirs = other_wire.post(f"/v1/workers/{wrk}/agency-weeks", body)
    assert theirs.status == 404

    works(wire, post, *range(1, 8))

    assert equal_since(owner, wrk) == [week(7).isoformat()]
    assert paid(wire, post, 6)["regular"] == [("15.00", "15.00")]
    assert paid(wire, post, 7)["regular"] == [("18.00", "18.00")]


def test_whoever_nears_week_thirteen_without_terms_is_told_and_arrears_follow_the_terms(
    wire, owner, agency, *, other_agency, post
):
    works(wire, post, *range(1, 9))
    attend(agency)
    assert exceptions(agency, "equal_treatment_due") == []
    works(wire, post, 9)
    attend(agency)
    (due,) = exceptions(agency, "equal_treatment_due")
    assert (due["state"], due["owner_role"], due["stops"]) == ("open", "ops_payroll", "money")
    assert due["title"] == "Ada Byron nears equal treatment: 9 of 12 weeks"

    works(wire, post, *range(10, 14))
    attend(agency)
    (due,) = exceptions(agency, "equal_treatment_due")
    assert due["title"] == "Ada Byron is owed equal treatment and nobody knows what that is"

    rates = [{"code": "night", "pay_rate": money("18.00")}]
    faulty = owner.post(
        f"/v1/assignments/{post.asg}/equal-terms", {"since": FIRST.isoformat(), "rates": rates}
    )
    assert faulty.codes == [("regular_rate_missing", "/rates")]
    agree(owner, post)
    attend(agency)
    assert exceptions(agency, "equal_treatment_due")[0]["state"] == "resolved"
    assert owed(wire, post, 13) == "18.00"
    assert exceptions(other_agency, "equal_treatment_due") == []


def test_a_corrected_sheet_without_work_takes_its_week_back(wire, owner, agency, post, wrk):
    agree(owner, post)
    works(wire, post, *range(1, 14))
    attend(agency)
    third = next(
        row for row in wire.every("/v1/timesheets") if row["starts_on"] == week(3).isoformat()
    )
    entries = sheet(post, "0", starts_on=week(3))["entries"]
    again = owner.post(
        f"/v1/timesheets/{third['id']}/correct", {"entries": entries, "reason": "was away"}
    ).done()
    owner.post(f"/v1/timesheets/{again['id']}/submit", {}).done()
    owner.post(f"/v1/timesheets/{again['id']}/approve", {}).done()
    attend(agency)

    assert equal_since(owner, wrk) == [week(14).isoformat()]
    assert owed(wire, post, 13) == "15.00"
    assert owed(wire, post, 3) == "0.00"


def test_terms_agreed_again_from_a_day_replace_those_of_that_day(
    owner, other_wire, post, twin, *, person, other_agency
):
    where = f"/v1/assignments/{post.asg}/equal-terms"
    agree(owner, post)
    agree(person("owner", other_agency, "others"), twin)
    agree(owner, post, since=THIRTEENTH.isoformat(), comparator="Fitter, band D")
    agree(owner, post, since=THIRTEENTH.isoformat(), holiday_share="0.1453")

    rows = owner.every(where)

    assert [(row["since"], row["until"], row["comparator"], row["withdrawn"]) for row in rows] == [
        ("2026-06-29", None, "Fitter, band C", False),
        ("2026-06-29", None, "Fitter, band D", True),
        ("2026-04-06", "2026-06-29", "Fitter, band C", False),
    ]
    assert [row["holiday_share"] for row in rows] == ["0.1453", None, None]
    assert {row["assignment"] for row in rows} == {post.asg}
    assert rows[0]["rates"] == [
        {"code": "regular", "pay_rate": money("18.00"), "bill_rate": money("25.20")}
    ]
    assert owner.every(where, withdrawn="true") == [rows[1]]
    assert other_wire.get(where).status == 404
    assert len(other_wire.every(f"/v1/assignments/{twin.asg}/equal-terms")) == 1


def test_a_worker_of_another_firm_has_no_clock_here(other_wire, wrk):
    assert other_wire.get(f"/v1/workers/{wrk}/agency-weeks").status in {403, 404}
