"""Sample contexts of the approver's link."""

from typing import Any

NAMES = ("Monday 4 May", "Tuesday 5 May", "Wednesday 6 May", "Thursday 7 May", "Friday 8 May")
DAYS: list[dict[str, Any]] = [
    {
        "label": name,
        "hours": "8.00",
        "detail": "06:00 to 14:30, 30 min break",
        "band": "",
        "last_week": "8.00",
    }
    for name in NAMES[:4]
] + [
    {
        "label": NAMES[4],
        "hours": "6.50",
        "detail": "06:00 to 13:00, 30 min break",
        "band": "overtime at 1.5",
        "last_week": "",
        "is_changed": True,
    },
    {"label": "Saturday 9 May", "hours": "", "last_week": ""},
    {"label": "Sunday 10 May", "hours": "", "last_week": ""},
]
OPEN: dict[str, Any] = {
    "title": "Approve a week",
    "width": "narrow",
    "state": "open",
    "firm_name": "Northgate Staffing",
    "sheet": {
        "worker": "Ada Okonkwo",
        "role": "Warehouse operative",
        "client": "Acme Logistics, Wakefield",
        "period": "4 to 10 May 2026",
    },
    "days": DAYS,
    "has_last_week": True,
    "po": {"is_needed": True, "number": "PO-4401"},
    "question": "",
    "total": {
        "hours": "38.50 hours",
        "last_week": "32.00",
        "by_band": [
            {"label": "Day shift", "hours": "32.00"},
            {"label": "Overtime at 1.5", "hours": "6.50"},
        ],
    },
    "approver": {"name": "Colin Braithwaite", "email": "c.braithwaite@acme.example"},
    "contact": {
        "name": "Northgate Staffing, payroll",
        "email": "payroll@northgate.example",
        "phone": "0113 496 0140",
    },
    "post_href": "#",
}
DONE = OPEN | {
    "state": "approved",
    "outcome": {"by": "Colin Braithwaite", "at": "11 May 2026, 09:42"},
}
BACK = OPEN | {
    "state": "returned",
    "outcome": {
        "by": "Colin Braithwaite",
        "at": "11 May 2026, 09:42",
        "reason": "Friday ended at 12:00.",
    },
}
FAULTY = OPEN | {
    "problem": {
        "title": "Say what is wrong",
        "faults": [
            {
                "detail": "To send a week back, name the day and what it should be.",
                "href": "#reason",
            }
        ],
    }
}
APPROVER_PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "approve": ("approve.html", OPEN),
    "approve-fault": ("approve.html", FAULTY),
    "approve-done": ("approve.html", DONE),
    "approve-returned": ("approve.html", BACK),
    "approve-asked": ("approve.html", OPEN | {"question": "Was Friday a half day?"}),
    "approve-expired": ("approve.html", OPEN | {"state": "expired"}),
    "approve-withdrawn": ("approve.html", OPEN | {"state": "withdrawn"}),
}
