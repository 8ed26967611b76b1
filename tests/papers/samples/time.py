"""A sample of approved time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from backline.kernel.papers.facts import Timesheet, WorkedDay
from tests.papers.samples.parties import ACME, NORTHGATE

WEEK = [date(2026, 5, 4) + timedelta(days=n) for n in range(7)]
DAYS: list[WorkedDay] = [
    {
        "on": f"{day:%a} {day.day} {day:%b}",
        "starts": "06:00",
        "ends": "14:30",
        "unpaid": "30 min",
        "hours": Decimal("8.00"),
        "band": "Day shift",
    }
    for day in WEEK[:4]
]
DAYS += [
    {
        "on": "Fri 8 May",
        "starts": "06:00",
        "ends": "13:00",
        "unpaid": "30 min",
        "hours": Decimal("6.50"),
        "band": "Overtime at 1.5",
        "note": "Stayed for the late delivery",
    }
]
TIMESHEET: Timesheet = {
    "country": "GB",
    "currency": "GBP",
    "dated": date(2026, 5, 11),
    "number": "TS-000417",
    "firm": NORTHGATE,
    "worker": "Ada Okonkwo",
    "client": ACME,
    "details": [
        {"label": "Assignment", "value": "Warehouse operative, Wakefield"},
        {"label": "Period", "value": "4 to 10 May 2026"},
        {"label": "Purchase order", "value": "PO-2026-7781"},
    ],
    "days": DAYS,
    "totals": [
        {"label": "Day shift", "amount": Decimal("32.00")},
        {"label": "Overtime at 1.5", "amount": Decimal("6.50")},
    ],
    "hours": Decimal("38.50"),
    "approval": {
        "name": "Colin Braithwaite",
        "role": "Shift manager, Acme Logistics plc",
        "at": datetime(2026, 5, 11, 9, 42, tzinfo=UTC),
        "how": "By a signed, single-use link sent to c.braithwaite@acme.example.",
    },
}
