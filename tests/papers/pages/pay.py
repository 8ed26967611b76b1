"""Sample contexts of a pay run: approving it, releasing it, and looking on."""

from typing import Any

from api.pages import look
from tests.papers.pages.partner import FRAME

STAGES = ("Check", "Approve", "Release")


def stages(now, said):
    at = STAGES.index(now)
    return [
        {"label": label, "says": says, "state": "past" if n < at else "now" if n == at else ""}
        for n, (label, says) in enumerate(zip(STAGES, said, strict=True))
    ]


FILE = {
    "rail": "BACS",
    "number": "serial 000007",
    "count": "177",
    "amount": "£88,904.17",
    "sha256": "9f2c41d5e0b74c6f8a1b03a5d6ce77f0ab12cd34ef56a7b8c9d0e1f2a3b4c5d6",
    "process_on": "Friday 15 May",
    "href": "#",
}
APPROVE: dict[str, Any] = FRAME | {
    "title": "Pay run 000020",
    "firm_name": "Northgate Staffing",
    "person": {"name": "Jo Ferris", "role": "Payroll manager"},
    "places": [],
    "run": {
        "title": "Weekly PAYE, 4 to 10 May 2026",
        "number": "000020",
        "says": "180 workers, paid Friday 15 May by BACS",
        "chip": look.chip("calculated", "Ready for approval"),
    },
    "stages": stages(
        "Approve", ("Dana Whitlock, today 10:02", "a second person", "a third person, fresh code")
    ),
    "figures": [
        {"label": "Gross pay", "value": "£121,412.50", "sub": "+£2,310.20 on last week"},
        {"label": "Deductions", "value": "£32,508.33", "sub": "26.8% of gross"},
        {"label": "Employer costs", "value": "£14,207.61", "sub": "11.7% of gross"},
        {"label": "Net pay", "value": "£88,904.17", "sub": "177 payments"},
    ],
    "blockers": {
        "title": "3 workers cannot be paid yet",
        "faults": [
            {
                "detail": "Jakub Wiśniewski: no bank account approved by a second person.",
                "href": "#",
            },
            {"detail": "Priya Raman: hours of 6 May are disputed.", "href": "#"},
            {
                "detail": "Sam Adeyemi: no National Insurance number and no starter statement.",
                "href": "#",
            },
        ],
    },
    "changes": [
        {
            "what": "Ada Okonkwo",
            "sub": "new bank account, approved by D. Whitlock",
            "chip": look.chip("due", "Account"),
            "amount": "£501.24",
        },
        {
            "what": "Callum Reid",
            "sub": "first payment",
            "chip": look.chip("running", "New"),
            "amount": "£388.10",
        },
        {
            "what": "Marta Nowak",
            "sub": "41.5 hours more than usual",
            "chip": look.chip("due", "+112%"),
            "amount": "£1,204.55",
        },
    ],
    "statements": look.table(
        "Largest differences",
        (("Worker", False), ("Hours", True), ("Gross", True), ("Net", True), ("Last week", True)),
        [
            (
                {"text": "Marta Nowak", "href": "#", "sub": "N-0219"},
                "78.50",
                "£1,640.20",
                "£1,204.55",
                "£568.30",
            ),
            (
                {"text": "Ada Okonkwo", "href": "#", "sub": "N-0412"},
                "38.50",
                "£640.53",
                "£501.24",
                "£488.04",
            ),
            (
                {"text": "Callum Reid", "href": "#", "sub": "N-0430"},
                "32.00",
                "£430.40",
                "£388.10",
                "none",
            ),
        ],
        total=("All 177", "6,604.00", "£121,412.50", "£88,904.17", "£86,593.97"),
    ),
    "statements_href": "#",
    "files": [],
    "deed": {
        "label": "Approve this pay run",
        "says": "You agree to exactly these figures. Somebody else releases the money.",
        "name": "approve",
        "needs_code": True,
    },
    "other": {
        "label": "Send it back",
        "says": "It goes back to whoever prepared it, with the reason.",
        "name": "reject",
        "needs_code": True,
        "needs_reason": True,
    },
    "post_href": "#",
    "seen": "c0ffee",
    "happened": [
        {
            "what": "Calculated again after 2 late sheets",
            "who": "Dana Whitlock",
            "when": "today, 10:02",
            "is_now": True,
        },
        {"what": "Calculated", "who": "Dana Whitlock", "when": "yesterday, 17:40"},
        {"what": "Opened", "who": "the calendar", "when": "Monday, 06:00"},
    ],
}
RELEASE = APPROVE | {
    "run": APPROVE["run"] | {"chip": look.chip("approved")},
    "person": {"name": "Maya Lindqvist", "role": "Treasury"},
    "stages": stages(
        "Release",
        ("Dana Whitlock, today 10:02", "Jo Ferris, today 11:05", "you, with a fresh code"),
    ),
    "blockers": None,
    "files": [FILE],
    "deed": {
        "label": "Release £88,904.17",
        "says": "Payslips become final and the money leaves once and for all.",
        "name": "release",
        "needs_code": True,
    },
    "other": None,
    "problem": {
        "title": "The code was not right",
        "faults": [{"detail": "Type the six digits shown now.", "href": "#code"}],
    },
}
RUNS: dict[str, Any] = FRAME | {
    "title": "Pay runs",
    "is_partner": True,
    "runs": look.table(
        "",
        (("Agency", False), ("Paid", False), ("Workers", True), ("Net", True), ("State", False)),
        [
            (
                {"text": "Northgate Staffing", "href": "#", "sub": "week of 4 May"},
                "Friday 15 May",
                "180",
                "£88,904.17",
                {"chip": look.chip("approved", "To release")},
            ),
        ],
    ),
}
PAY_PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "pay-run": ("pay_run.html", APPROVE),
    "pay-run-release": ("pay_run.html", RELEASE),
    "pay-runs": ("pay_runs.html", RUNS),
    "pay-run-own": (
        "pay_run.html",
        APPROVE
        | {
            "deed": None,
            "other": None,
            "changes": [],
            "why_not": "You prepared this pay run, so another person approves it.",
        },
    ),
}
