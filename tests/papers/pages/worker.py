"""Sample contexts of the worker's link."""

from typing import Any

from api.pages import look

NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = ("8.00", "8.00", "8.00", "8.00", "", "", "")
DAYS: list[dict[str, Any]] = [
    {
        "key": f"2026-05-{4 + n:02}",
        "label": name,
        "sub": f"{4 + n} May",
        "hours": hours,
        "starts": "06:00" if hours else "",
        "ends": "14:30" if hours else "",
        "unpaid": "30" if hours else "",
        "is_today": n == 4,
    }
    for n, (name, hours) in enumerate(zip(NAMES, HOURS, strict=True))
]
WORKER: dict[str, Any] = {
    "title": "My week",
    "width": "narrow",
    "firm_name": "Northgate Staffing",
    "worker": {"name": "Ada Okonkwo"},
    "next_pay": {"on": "Friday 15 May", "amount": "£501.24", "says": "For 27 April to 3 May"},
    "sheet": {
        "assignment": "Warehouse operative",
        "client": "Acme Logistics",
        "period": "4 to 10 May",
        "status": look.chip("draft", "Not sent yet"),
        "mode": "hours",
        "can_edit": True,
        "can_copy": True,
        "total": "32.00 hours",
        "note": "Send it by Sunday night to be paid on 22 May.",
    },
    "days": DAYS,
    "payslips": [
        {"paid_on": "8 May 2026", "net": "£488.04", "href": "#", "number": "PAY-000087"},
        {"paid_on": "1 May 2026", "net": "£512.77", "href": "#", "number": "PAY-000066"},
        {"paid_on": "24 April 2026", "net": "£1,204.10", "href": "#", "number": "PAY-000041"},
    ],
    "leave": {"balance": "4.2 days", "says": "Holiday left"},
    "papers_due": [
        {
            "label": "Forklift licence",
            "says": "Bring the new card or send a photo.",
            "href": "#",
            "chip": look.chip("expiring", "Ends 31 May"),
        }
    ],
    "post_href": "#",
    "contact": {
        "name": "Northgate Staffing, payroll",
        "email": "payroll@northgate.example",
        "phone": "0113 496 0140",
    },
}
TYPED_WRONG = [
    day | ({"hours": "400", "fault": "A day has 24 hours. Did you mean 4.00?"} if n == 4 else {})
    for n, day in enumerate(DAYS)
]
WORKER_PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "worker": ("worker.html", WORKER),
    "worker-fault": (
        "worker.html",
        WORKER
        | {
            "days": TYPED_WRONG,
            "problem": {
                "title": "The week is not sent yet",
                "faults": [{"detail": "Friday: a day has 24 hours.", "href": "#hours-2026-05-08"}],
            },
        },
    ),
    "worker-clock": ("worker.html", WORKER | {"sheet": WORKER["sheet"] | {"mode": "clock"}}),
    "worker-sent": (
        "worker.html",
        WORKER
        | {
            "sheet": WORKER["sheet"]
            | {
                "can_edit": False,
                "status": look.chip("submitted", "With Acme Logistics"),
                "note": "",
            }
        },
    ),
    "worker-new": (
        "worker.html",
        WORKER | {"sheet": None, "payslips": [], "papers_due": [], "leave": None},
    ),
}
