"""Weeks across the sea, two agencies that look alike: one employer's overtime over several clients
and at several rates, promised bonuses, missed meals.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.backline.week import Post, approved, client_of, in_books, posts
from tests.callers import key_of
from tests.wire import Wire

pytestmark = pytest.mark.django_db

TEXAS = ("US", "USD", "America/Chicago")
EIGHTEEN, TWENTY_FOUR = ("regular", "18.00", "25.00"), ("regular", "24.00", "33.00")


@pytest.fixture
def us_wire(us_agency):
    return Wire(key_of(us_agency))


@pytest.fixture
def other_us_wire(other_us_agency):
    return Wire(key_of(other_us_agency))


def at_clients(place, *rates, regions=("TX", "TX"), **terms):
    """One worker with an assignment at each of some clients, the first rate at the first one."""
    made: list[Post] = []
    for rate, region in zip(rates, regions, strict=True):
        client = client_of(place, where=TEXAS, region=region, **terms)
        known = [made[0].worker] if made else []
        made += posts(place, at=client, engagement="w2", rates=[rate], workers=known)
    return made


def told(rows, *codes: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Hours, pay and bill of charges, by assignment and code."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    for row in rows:
        if codes and row["code"] not in codes:
            continue
        own = found.setdefault((row["assignment"], row["code"]), [Decimal("0.00")] * 3)
        own[0] += Decimal(row["pay_quantity"])
        for n, side in enumerate(("pay_amount", "bill_amount"), start=1):
            own[n] += Decimal(row[side]["amount"]) if row[side] else Decimal("0.00")
    return {key: tuple(f"{value:.2f}" for value in own) for key, own in found.items()}


@pytest.mark.capability("TC-19")
def test_a_week_at_two_clients_has_ten_hours_of_overtime_on_the_later_ones(
    us_agency, us_wire, other_us_agency, other_us_wire
):
    """25 h at the first client and 25 h at the second, one employer: 10 h over forty, and they are
    the last ten worked. The client at which they were worked is billed for them; the other's bill
    does not move, whoever approves first.
    """
    twenty = ("regular", "20.00", "30.00")
    first, second = in_books(us_agency, lambda: at_clients(us_agency, twenty, twenty))
    other_first, other_second = in_books(
        other_us_agency, lambda: at_clients(other_us_agency, twenty, twenty, overtime_billed=False)
    )

    approved(us_wire, second, "", "", "12", "13")  # the later client approves first
    approved(us_wire, first, "12", "13")
    approved(other_us_wire, other_first, "12", "13")
    approved(other_us_wire, other_second, "", "", "12", "13")

    assert told(us_wire.every("/v1/charges")) == {
        (first.asg, "regular"): ("25.00", "500.00", "750.00"),
        (second.asg, "regular"): ("15.00", "300.00", "450.00"),
        (second.asg, "overtime"): ("10.00", "300.00", "450.00"),  # 20.00 and 30.00 x 1.5 x 10
    }
    # the look-alike's clients do not pay overtime: straight time is billed, and paid alike
    assert told(other_us_wire.every("/v1/charges"), "overtime") == {
        (other_second.asg, "overtime"): ("10.00", "300.00", "300.00"),
    }


@pytest.mark.capability("PY-24")
def test_two_rates_in_one_week_make_one_regular_rate(
    us_agency, us_wire, other_us_agency, other_us_wire
):
    """29 CFR 778.115: (30 x 18.00 + 20 x 24.00) / 50 = 1,020.00 / 50 = 20.40; the premium on ten
    hours is 10 x 20.40 / 2 = 102.00, and 1,122.00 in all.
    """
    cheap, dear = in_books(us_agency, lambda: at_clients(us_agency, EIGHTEEN, TWENTY_FOUR))
    other_dear, other_cheap = in_books(
        other_us_agency, lambda: at_clients(other_us_agency, TWENTY_FOUR, EIGHTEEN)
    )

    approved(us_wire, cheap, "10", "10", "10")
    approved(us_wire, dear, "", "", "", "10", "10")
    approved(other_us_wire, other_dear, "10", "10")  # the same hours, worked in the other order
    approved(other_us_wire, other_cheap, "", "", "10", "10", "10")

    for wire, late in ((us_wire, dear), (other_us_wire, other_cheap)):
        rows = wire.every("/v1/charges")
        (premium,) = (row for row in rows if row["code"] == "premium")
        assert premium["assignment"] == late.asg
        assert premium["label"] == "Overtime premium on 20.40"
        assert (premium["pay_quantity"], premium["pay_rate"]["amount"]) == ("10.00", "10.20")
        assert (premium["pay_amount"]["amount"], premium["bill_amount"]) == ("102.00", None)
        paid = sum(Decimal(row["pay_amount"]["amount"]) for row in rows)
        assert paid == Decimal("1122.00")


# --- promised bonuses ----------------------------------------------------------------------------


def bonus(post, amount: str, kind: str = "bonus", **more):
    return {
        "kind": kind,
        "assignment": post.asg,
        "worked_on": "2026-06-05",
        "label": "Attendance bonus",
        "reason": "promised in May",
        "pay": {"amount": {"amount": amount, "currency": "USD"}},
        **more,
    }


def paid(wire, *kinds: str) -> Decimal:
    rows = [row for row in wire.every("/v1/charges") if not kinds or row["kind"] in kinds]
    return sum((Decimal(row["pay_amount"]["amount"]) for row in rows), Decimal("0.00"))


def test_a_promised_bonus_counts_into_the_regular_rate_and_a_gift_does_not(
    us_agency, us_wire, other_us_agency, other_us_wire, person
):
    """29 CFR 778.110: 46 h at 12.00 come to 588.00, with a bonus of 46.00 to 637.00: (552.00 +
    46.00) / 46 = 13.00 an hour, and six hours at half of it, 39.00.
    """
    twelve = [("regular", "12.00", "18.00")]
    post, twin = (
        in_books(place, lambda: at_clients(place, *twelve, regions=("TX",)))[0]  # noqa: B023
        for place in (us_agency, other_us_agency)
    )
    for wire, own in ((us_wire, post), (other_us_wire, twin)):
        approved(wire, own, "10", "10", "10", "10", "6")
        assert paid(wire) == Decimal("588.00")
        bills = told(wire.every("/v1/charges"))

    owner, other_owner = person("owner", us_agency), person("owner", other_us_agency)
    owner.post("/v1/charges", bonus(post, "46.00"), key="one").done()
    gift = bonus(twin, "46.00", "adjustment", paid_as="bonus")
    other_owner.post("/v1/charges", gift, key="one").done()

    assert paid(us_wire) == Decimal("637.00")
    assert paid(other_us_wire) == Decimal("634.00")
    (premium,) = us_wire.every("/v1/charges", code="premium")
    assert premium["pay_amount"]["amount"] == "39.00"
    assert premium["label"] == "Overtime premium on 13.00"
    (why,) = us_wire.every("/v1/corrections")
    assert (why["kind"], why["pay_difference"]["amount"]) == ("bonus", "3.00")
    assert other_us_wire.every("/v1/corrections") == []
    # the client's bill does not move
    assert sum(Decimal(row[2]) for row in told(us_wire.every("/v1/charges")).values()) == sum(
        Decimal(row[2]) for row in bills.values()
    )
    # told before the time is approved, it counts as well; the same again changes nothing
    again = owner.post("/v1/charges", bonus(post, "46.00"), key="one").done()
    assert again["kind"] == "bonus"
    assert paid(us_wire) == Decimal("637.00")


def test_a_bonus_told_before_the_time_counts_when_it_is_approved(
    us_agency, us_wire, other_us_wire, person
):
    (post,) = in_books(
        us_agency, lambda: at_clients(us_agency, ("regular", "12.00", "18.00"), regions=("TX",))
    )
    person("owner", us_agency).post("/v1/charges", bonus(post, "46.00"), key="one").done()
    approved(us_wire, post, "10", "10", "10", "10", "6")

    assert paid(us_wire) == Decimal("637.00")
    assert other_us_wire.every("/v1/charges") == []


def test_california_spreads_a_flat_bonus_over_straight_hours(
    us_agency, us_wire, other_us_wire, person
):
    """Alvarado v. Dart: 48 h at 20.00, six days of eight; 40.00 over 40 straight hours is 1.00 an
    hour, and each of the eight hours of overtime earns one and a half of it: 12.00. With half of
    20.00 on eight hours, 80.00, the premium is 92.00.
    """
    (post,) = in_books(
        us_agency, lambda: at_clients(us_agency, ("regular", "20.00", "30.00"), regions=("CA",))
    )
    approved(us_wire, post, "8", "8", "8", "8", "8", "8")
    person("owner", us_agency).post("/v1/charges", bonus(post, "40.00"), key="one").done()

    premium = us_wire.every("/v1/charges", code="premium")
    assert sum(Decimal(row["pay_amount"]["amount"]) for row in premium) == Decimal("92.00")
    assert paid(us_wire) == Decimal("960.00") + Decimal("40.00") + Decimal("92.00")
    assert other_us_wire.every("/v1/charges") == []


def test_a_bonus_for_a_week_under_two_ways_of_spreading_it_is_refused(us_agency, us_wire, person):
    some = in_books(
        us_agency, lambda: at_clients(us_agency, EIGHTEEN, EIGHTEEN, regions=("CA", "TX"))
    )
    approved(us_wire, some[0], "8")
    approved(us_wire, some[1], "", "8")
    before = us_wire.every("/v1/charges")

    reply = person("owner", us_agency).post("/v1/charges", bonus(some[0], "40.00"), key="one")

    assert (reply.status, reply.code) == (409, "week_cannot_be_priced")
    assert us_wire.every("/v1/charges") == before


# --- missed meals --------------------------------------------------------------------------------


def shift(wire, post, *spans: tuple[str, str, int]) -> None:
    """One Monday of clocked time, approved."""
    entries = [
        {
            "worked_on": "2026-06-01",
            "started_at": f"2026-06-01T{begins}:00-07:00",
            "ended_at": f"2026-06-01T{ends}:00-07:00",
            "break_minutes": minutes,
        }
        for begins, ends, minutes in spans
    ]
    body = {"assignment": post.asg, "starts_on": "2026-06-01", "entries": entries, "submit": True}
    sent = wire.post("/v1/timesheets", body).done()
    wire.post(f"/v1/timesheets/{sent['id']}/approve", {}).done()


PACIFIC = ("US", "USD", "America/Los_Angeles")
TWENTY = ("regular", "20.00", "30.00")


def in_state(place, region, *, rates=(TWENTY,), **terms):
    client = client_of(place, where=PACIFIC, region=region, **terms)
    return posts(place, at=client, engagement="w2", rates=rates)[0]


@pytest.mark.capability("TC-20")
def test_a_missed_meal_in_california_is_an_hour_of_pay_and_billed_where_that_was_agreed(
    us_agency, us_wire, other_us_agency, other_us_wire
):
    """Eight hours without a break at 20.00 / 30.00: an hour at the regular rate, 20.00, on top."""
    post = in_books(us_agency, lambda: in_state(us_agency, "CA"))
    twin = in_books(other_us_agency, lambda: in_state(other_us_agency, "CA", penalties_billed=True))

    shift(us_wire, post, ("08:00", "16:00", 0))
    shift(other_us_wire, twin, ("08:00", "16:00", 0))

    for wire, bill in ((us_wire, None), (other_us_wire, {"amount": "30.00", "currency": "USD"})):
        (penalty,) = wire.every("/v1/charges", code="missed_meal")
        assert penalty["pay_amount"] == {"amount": "20.00", "currency": "USD"}
        assert (penalty["bill_amount"], penalty["label"]) == (bill, "Missed meal break")
        assert penalty["worked_on"] == "2026-06-01"
        (work,) = wire.every("/v1/charges", code="regular")
        assert work["pay_amount"]["amount"] == "160.00"


@pytest.mark.parametrize(
    ("region", "spans"),
    [
        ("CA", [("08:00", "16:30", 30)]),
        ("CA", [("08:00", "12:00", 0), ("12:30", "16:30", 0)]),  # off for half an hour between
        ("CA", [("08:00", "13:00", 0)]),  # five hours and not more
        ("TX", [("08:00", "18:00", 0)]),
    ],
)
def test_no_hour_is_owed_where_the_meal_was_taken_or_none_was_due(
    us_agency, us_wire, region, spans
):
    post = in_books(us_agency, lambda: in_state(us_agency, region))

    shift(us_wire, post, *spans)

    assert us_wire.every("/v1/charges", code="missed_meal") == []


def test_a_meal_that_was_taken_after_all_takes_the_hour_back(us_agency, us_wire):
    post = in_books(us_agency, lambda: in_state(us_agency, "CA"))
    shift(us_wire, post, ("08:00", "16:00", 0))
    sheet = us_wire.every("/v1/timesheets")[0]["id"]

    entry = {
        "worked_on": "2026-06-01",
        "started_at": "2026-06-01T08:00:00-07:00",
        "ended_at": "2026-06-01T16:00:00-07:00",
        "break_minutes": 30,
    }
    body = {"reason": "the break was not written down", "entries": [entry]}
    mended = us_wire.post(f"/v1/timesheets/{sheet}/correct", body).done()
    if mended["status"] == "draft":
        us_wire.post(f"/v1/timesheets/{mended['id']}/submit", {}).done()
    us_wire.post(f"/v1/timesheets/{mended['id']}/approve", {}).done()

    hours = us_wire.every("/v1/charges", code="missed_meal")
    assert sum(Decimal(row["pay_amount"]["amount"]) for row in hours) == 0
    assert paid(us_wire) == Decimal("150.00")
