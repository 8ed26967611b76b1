"""Pay rules: weeks of time as they are reported, and the charges that come out; part of the day,
nights, weekends, bank holidays, the seventh day, double time.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from tests.backline.week import MONDAY, client_of, in_books, posts
from tests.callers import key_of
from tests.wire import Wire

pytestmark = pytest.mark.django_db

RATES = (
    ("regular", "10.00", "14.00"),
    ("evening", "11.00", "15.50"),
    ("night", "12.00", "17.00"),
    ("weekend", "15.00", "21.00"),
    ("bank_holiday", "20.00", "28.00"),
)
EVENING = {"code": "evening", "begins": "18:00", "ends": "22:00"}
NIGHT = {"code": "night", "begins": "22:00", "ends": "06:00"}
WEEKEND = {"code": "weekend", "weekdays": [5, 6]}
ENGLISH = {"code": "bank_holiday", "bank_holidays": "gb.england_wales"}
SCOTTISH = {"code": "bank_holiday", "bank_holidays": "gb.scotland"}
AFTER_40 = {"weekly_over": "40", "factor": "1.5"}
LONDON, TEXAS, CALIFORNIA = (
    ("GB", "GBP", "Europe/London"),
    ("US", "USD", "America/Chicago"),
    ("US", "USD", "America/Los_Angeles"),
)


class Week(NamedTuple):
    """What was agreed, when time was worked (hours, or from, to and minutes of break, by day from
    the first), and what is charged: hours, pay and bill by code.
    """

    agreed: dict[str, Any]
    time: dict[int, str]
    charged: dict[str, tuple[str, str, str]]
    starts: date = MONDAY
    region: str = ""


def days(count: int, hours: str) -> dict[int, str]:
    return dict.fromkeys(range(count), hours)


WEEKS = {
    "straight": Week({}, days(5, "8"), {"regular": ("40.00", "400.00", "560.00")}),
    "after forty hours": Week(
        AFTER_40,
        days(5, "9"),
        {"regular": ("40.00", "400.00", "560.00"), "overtime": ("5.00", "75.00", "105.00")},
    ),
    "after eight hours of a day": Week(
        {"daily_over": "8", "factor": "1.5"},
        {0: "9", 1: "7"},
        {"regular": ("15.00", "150.00", "210.00"), "overtime": ("1.00", "15.00", "21.00")},
    ),
    # 2 h of Monday beyond ten, and of the 42 that are left 2 beyond forty: no hour is lifted twice
    "of the day, then of the week": Week(
        {"daily_over": "10", **AFTER_40},
        {0: "12", 1: "8", 2: "8", 3: "8", 4: "8"},
        {"regular": ("40.00", "400.00", "560.00"), "overtime": ("4.00", "60.00", "84.00")},
    ),
    "double after twelve hours of a day": Week(
        {"daily_over": "8", "double_daily_over": "12", "factor": "1.5"},
        {0: "13"},
        {
            "regular": ("8.00", "80.00", "112.00"),
            "overtime": ("4.00", "60.00", "84.00"),
            "double": ("1.00", "20.00", "28.00"),
        },
    ),
    "double after fifty hours of a week": Week(
        {**AFTER_40, "double_weekly_over": "50"},
        days(6, "9"),
        {
            "regular": ("40.00", "400.00", "560.00"),
            "overtime": ("10.00", "150.00", "210.00"),
            "double": ("4.00", "80.00", "112.00"),
        },
    ),
    "the seventh day": Week(
        {"seventh_factor": "2"},
        days(7, "6"),
        {"regular": ("36.00", "360.00", "504.00"), "double": ("6.00", "120.00", "168.00")},
    ),
    "the seventh day after a day off": Week(
        {"seventh_factor": "2"},
        {day: "6" for day in range(7) if day != 3},
        {"regular": ("36.00", "360.00", "504.00")},
    ),
    "an evening": Week(
        {"windows": [EVENING]},
        {0: "14:00-22:00"},
        {"regular": ("4.00", "40.00", "56.00"), "evening": ("4.00", "44.00", "62.00")},
    ),
    "a night between two ends of day": Week(
        {"windows": [NIGHT]},
        {0: "20:00-08:00"},
        {"regular": ("4.00", "40.00", "56.00"), "night": ("8.00", "96.00", "136.00")},
    ),
    # 22:00 to 07:00 less an hour: eight ninths of 8 h lie in the night, 7.11 h
    "a night with a break": Week(
        {"windows": [NIGHT]},
        {0: "22:00-07:00/60"},
        {"regular": ("0.89", "8.90", "12.46"), "night": ("7.11", "85.32", "120.87")},
    ),
    "an evening and a night": Week(
        {"windows": [EVENING, NIGHT]},
        {1: "16:00-00:00"},
        {
            "regular": ("2.00", "20.00", "28.00"),
            "evening": ("4.00", "44.00", "62.00"),
            "night": ("2.00", "24.00", "34.00"),
        },
    ),
    "a weekend in plain hours": Week(
        {"windows": [WEEKEND]},
        {4: "8", 5: "8", 6: "4"},
        {"regular": ("8.00", "80.00", "112.00"), "weekend": ("12.00", "180.00", "252.00")},
    ),
    "from a Friday night into the weekend": Week(
        {"windows": [WEEKEND, NIGHT]},
        {4: "22:00-06:00"},
        {"night": ("2.00", "24.00", "34.00"), "weekend": ("6.00", "90.00", "126.00")},
    ),
    "Easter Monday in England": Week(
        {"windows": [ENGLISH]},
        {0: "8", 1: "8"},
        {"regular": ("8.00", "80.00", "112.00"), "bank_holiday": ("8.00", "160.00", "224.00")},
        date(2026, 4, 6),
    ),
    "Easter Monday in Scotland": Week(
        {"windows": [SCOTTISH]},
        {0: "8", 1: "8"},
        {"regular": ("16.00", "160.00", "224.00")},
        date(2026, 4, 6),
    ),
    "from Easter Sunday night into the bank holiday of the next week": Week(
        {"windows": [ENGLISH, NIGHT]},
        {6: "22:00-06:00"},
        {"night": ("2.00", "24.00", "34.00"), "bank_holiday": ("6.00", "120.00", "168.00")},
        date(2026, 3, 30),
    ),
    "the night in which the clocks go forward": Week(
        {"windows": [NIGHT]},
        {5: "22:00-06:00"},
        {"night": ("7.00", "84.00", "119.00")},
        date(2026, 3, 23),
    ),
    # 32 h of nights keep their rate and count: Friday's ten begin at the 33rd
    "nights that count towards forty": Week(
        {**AFTER_40, "windows": [NIGHT]},
        {**days(4, "22:00-06:00"), 4: "10"},
        {
            "regular": ("8.00", "80.00", "112.00"),
            "night": ("32.00", "384.00", "544.00"),
            "overtime": ("2.00", "30.00", "42.00"),
        },
    ),
    "a long day in California": Week(
        {},
        {0: "14"},
        {
            "regular": ("8.00", "80.00", "112.00"),
            "overtime": ("4.00", "60.00", "84.00"),
            "double": ("2.00", "40.00", "56.00"),
        },
        region="CA",
    ),
    # the seventh day's 8 h at one and a half, and of the 48 before it those beyond forty
    "seven days in California": Week(
        {},
        days(7, "8"),
        {"regular": ("40.00", "400.00", "560.00"), "overtime": ("16.00", "240.00", "336.00")},
        region="CA",
    ),
    # (40 x 10.00 + 8 x 12.00) / 48 = 10.3333; the premium is 8 x 10.3333 / 2 = 41.33, and the
    # client pays one and a half of the night's own rate
    "a night beyond forty in Texas": Week(
        {"windows": [NIGHT]},
        {**days(5, "8"), 5: "22:00-06:00"},
        {
            "regular": ("40.00", "400.00", "560.00"),
            "overtime": ("8.00", "96.00", "204.00"),
            "premium": ("8.00", "41.33", "0.00"),
        },
        region="TX",
    ),
}


def post_of(place, week: Week):
    """An assignment under the week's agreement at a site of its own."""
    where = {"": LONDON, "TX": TEXAS, "CA": CALIFORNIA}[week.region]
    at = client_of(place, where=where, region=week.region)
    return posts(
        place,
        at=at,
        engagement="w2" if week.region else "paye",
        rates=RATES,
        starts_on=week.starts,
        overtime=week.agreed,
    )[0]


def entries(week: Week) -> list[dict[str, Any]]:
    """The week's time as it is sent."""
    zone = ZoneInfo({"": LONDON, "TX": TEXAS, "CA": CALIFORNIA}[week.region][2])
    return [_entry(week.starts + timedelta(day), told, zone) for day, told in week.time.items()]


def _entry(day: date, told: str, zone: ZoneInfo) -> dict[str, Any]:
    if "-" not in told:
        return {"worked_on": day.isoformat(), "quantity": told}
    span, _, breaks = told.partition("/")
    begins, _, ends = span.partition("-")
    until = day + timedelta(ends <= begins)
    return {
        "worked_on": day.isoformat(),
        "started_at": _moment(day, begins, zone),
        "ended_at": _moment(until, ends, zone),
        "break_minutes": int(breaks or 0),
    }


def _moment(day: date, clock: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone).isoformat()


def report(wire: Wire, post, week: Week) -> None:
    """Report the week and have it approved."""
    body = {"assignment": post.asg, "starts_on": week.starts.isoformat(), "submit": True}
    sent = wire.post("/v1/timesheets", body | {"entries": entries(week)}).done()
    wire.post(f"/v1/timesheets/{sent['id']}/approve", {}).done()


def charged(wire: Wire) -> dict[str, tuple[str, ...]]:
    """Hours, pay and bill of the charges for work, by code."""
    found: dict[str, list[Decimal]] = {}
    for row in wire.every("/v1/charges"):
        if row["code"] == "holiday":
            continue
        own = found.setdefault(row["code"], [Decimal("0.00")] * 3)
        own[0] += Decimal(row["pay_quantity"])
        for n, side in enumerate(("pay_amount", "bill_amount"), start=1):
            own[n] += Decimal(row[side]["amount"]) if row[side] else Decimal("0.00")
    return {code: tuple(f"{value:.2f}" for value in own) for code, own in found.items()}


@pytest.fixture
def firms(agency, other_agency, us_agency, other_us_agency):
    """Two agencies that look alike, by where the work is done."""
    britain, america = (agency, other_agency), (us_agency, other_us_agency)
    return {"": britain, "TX": america, "CA": america}


@pytest.mark.capability("TC-18")
@pytest.mark.parametrize("name", WEEKS)
def test_a_week_is_charged_by_its_rules(firms, name):
    week = WEEKS[name]
    own, other = firms[week.region]
    post = in_books(own, lambda: post_of(own, week))
    twin = in_books(other, lambda: post_of(other, week))
    wire, other_wire = Wire(key_of(own)), Wire(key_of(other))

    report(wire, post, week)

    assert charged(wire) == week.charged
    assert charged(other_wire) == {}
    report(other_wire, twin, week)
    assert charged(other_wire) == week.charged


def test_the_same_night_is_plain_where_no_night_was_agreed(agency, other_agency, wire, other_wire):
    week = WEEKS["a night between two ends of day"]
    post = in_books(agency, lambda: post_of(agency, week))
    plain = in_books(other_agency, lambda: post_of(other_agency, week._replace(agreed={})))

    report(wire, post, week)
    report(other_wire, plain, week)

    assert charged(wire) == week.charged
    assert charged(other_wire) == {"regular": ("12.00", "120.00", "168.00")}


def test_parts_of_the_week_are_agreed_over_the_wire_and_read_back(wire, other_wire, agency):
    post = in_books(agency, lambda: posts(agency, rates=RATES))[0]
    path = f"/v1/assignments/{post.asg}"
    agreed = {"windows": [ENGLISH, NIGHT], "seventh_factor": "2"}

    match = wire.get(path).done().headers["ETag"]
    changed = wire.patch(path, {"overtime": agreed}, match=match).done()

    assert changed["overtime"] == agreed
    report(wire, post, Week({}, {0: "20:00-08:00"}, {}))
    assert charged(wire)["night"] == ("8.00", "96.00", "136.00")
    assert other_wire.every("/v1/charges") == []


@pytest.mark.parametrize(
    ("window", "fault"),
    [
        ({"code": "overtime"}, ("code_taken", "/overtime/windows/0/code")),
        ({"code": "night", "begins": "24:00"}, ("invalid_time", "/overtime/windows/0/begins")),
        ({"code": "x", "weekdays": [7]}, ("out_of_bounds", "/overtime/windows/0/weekdays/0")),
        ({"code": "x", "bank_holidays": "gb.wales"},
         ("unknown_choice", "/overtime/windows/0/bank_holidays")),
    ],
)  # fmt: skip
def test_a_part_of_the_week_that_cannot_be_read_is_refused(wire, agency, window, fault):
    post = in_books(agency, lambda: posts(agency))[0]
    path = f"/v1/assignments/{post.asg}"
    before = wire.get(path).done()

    match = before.headers["ETag"]
    reply = wire.patch(path, {"overtime": {"windows": [window]}}, match=match)

    assert (reply.status, reply.codes) == (422, [fault])
    assert wire.get(path).done().body == before.body


def test_time_in_a_part_of_the_week_without_a_rate_is_refused_and_charges_nothing(wire, agency):
    week = WEEKS["an evening"]
    post = in_books(agency, lambda: posts(agency, overtime=week.agreed))[0]
    body = {"assignment": post.asg, "starts_on": week.starts.isoformat(), "submit": True}
    sent = wire.post("/v1/timesheets", body | {"entries": entries(week)}).done()["id"]

    reply = wire.post(f"/v1/timesheets/{sent}/approve", {})

    assert (reply.status, reply.code) == (409, "rate_missing")
    assert wire.every("/v1/charges") == []
