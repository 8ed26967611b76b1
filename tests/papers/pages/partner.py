"""Sample contexts of the partner's pages: the week board and the exceptions."""

from decimal import Decimal
from typing import Any

from api.pages import look

PLACES: list[dict[str, Any]] = [
    {"label": "Week", "href": "#week", "is_here": True},
    {"label": "Exceptions", "href": "#exceptions"},
    {"label": "Pay runs", "href": "#runs"},
    {"label": "Funding", "href": "#funding"},
    {"label": "Agencies", "href": "#agencies"},
]
FRAME: dict[str, Any] = {
    "firm_name": "Keystone",
    "person": {"name": "Maya Lindqvist", "role": "Operations"},
    "places": PLACES,
}


def steps(*said):
    names = ("Time", "Pay", "Fund", "Bill", "Cash")
    return [
        {"label": name, "value": value, "tone": tone, "about": about, "href": "#"}
        for name, (value, tone, about) in zip(names, said, strict=True)
    ]


def agency(name, facts, margin, trend, used):
    country, workers, chips = facts
    return {
        "name": name,
        "href": "#",
        "country": country,
        "workers": workers,
        "steps": chips,
        "margin": margin[0],
        "margin_sub": margin[1],
        "trend": look.sparkline(
            [Decimal(value) for value in trend.split()], says=f"Margin of eight weeks: {trend}"
        ),
        "headroom": used[2],
        "headroom_sub": f"of {used[3]}",
        "used": look.share(
            Decimal(used[0]), Decimal(used[1]), says=f"{used[0]} of {used[1]} thousand used"
        ),
    }


AGENCIES = [
    agency(
        "Northgate Staffing",
        (
            "GB",
            "180 workers",
            steps(
                ("178/180", "wait", "two sheets wait for a client"),
                ("Released", "good", "released by J. Ferris, Thursday 11:20"),
                ("£118,900", "good", "advanced on Friday"),
                ("61 sent", "good", "sixty-one invoices sent"),
                ("41/43", "wait", "two receipts are unmatched"),
            ),
        ),
        ("£18,204", "17.2%"),
        "16.8 17.0 16.1 16.9 17.4 17.1 17.3 17.2",
        ("231", "300", "£68,010", "£300,000"),
    ),
    agency(
        "Harbour Digital",
        (
            "GB",
            "64 contractors",
            steps(
                ("64/64", "good", "all approved"),
                ("Approve", "busy", "waits for a second person"),
                ("£204,300", "plain", "offered, not advanced yet"),
                ("Draft", "plain", "drafts are ready"),
                ("18/18", "good", "all matched"),
            ),
        ),
        ("£31,870", "12.4%"),
        "12.9 12.8 12.6 12.7 12.5 12.2 12.3 12.4",
        ("410", "400", look.rounded_money(Decimal(-10000), "GBP"), "£400,000"),
    ),
    agency(
        "Brightway Labor",
        (
            "US",
            "156 workers",
            steps(
                ("141/156", "bad", "fifteen sheets are missing, cut-off in two hours"),
                ("3 blocked", "bad", "three workers have no tax form"),
                ("Waiting", "plain", "nothing approved to fund"),
                ("Waiting", "plain", "nothing approved to bill"),
                ("22/22", "good", "all matched"),
            ),
        ),
        ("$22,615", "19.0%"),
        "18.1 18.4 18.0 18.8 19.2 19.1 18.7 19.0",
        ("96", "250", "$154,000", "$250,000"),
    ),
]
NEEDS: list[dict[str, Any]] = [
    {
        "title": "Three workers have no W-4",
        "sub": "Brightway Labor, missing form",
        "amount": "$2,118",
        "due": "Today 17:00",
        "tone": "bad",
        "href": "#",
    },
    {
        "title": "Hours of Ada Okonkwo disputed",
        "sub": "Northgate Staffing, disputed hours",
        "amount": "£131.14",
        "due": "Today 18:00",
        "tone": "bad",
        "href": "#",
    },
    {
        "title": "Rate raised back to 4 May",
        "sub": "Harbour Digital, retroactive rate",
        "amount": "£1,050",
        "due": "Tomorrow",
        "tone": "wait",
        "href": "#",
    },
    {
        "title": "Receipt without a reference",
        "sub": "Northgate Staffing, unmatched receipt",
        "amount": "£4,000",
        "due": "18 May",
        "tone": "",
        "href": "#",
    },
]
SIX_WEEKS = [
    ("6 Apr", 188, 201),
    ("13 Apr", 194, 176),
    ("20 Apr", 201, 240),
    ("27 Apr", 197, 188),
    ("4 May", 214, 209),
    ("11 May", 221, 96),
]
BOARD: dict[str, Any] = FRAME | {
    "title": "Week of 4 May",
    "week": {
        "title": "4 to 10 May 2026",
        "says": "Paid Friday 15 May",
        "prev_href": "#",
        "next_href": "#",
        "as_of": "As of 11:42",
    },
    "deadline": {"label": "BACS cut-off in 2 h 18 min", "tone": "wait"},
    "figures": [
        {"label": "Sheets approved", "value": "383 of 400", "sub": "15 missing, 2 with clients"},
        {"label": "Gross pay", "value": "£221,412", "sub": "+2.1% on last week"},
        {"label": "To invoice", "value": "£301,988", "sub": "61 sent, 34 drafts"},
        {"label": "Margin", "value": "15.9%", "sub": "0.3 points up", "trend": "up"},
        {
            "label": "Funding headroom",
            "value": "£212,010",
            "sub": "One agency over its limit",
            "trend": "down",
        },
    ],
    "agencies": AGENCIES,
    "needs": NEEDS,
    "needs_href": "#",
    "is_partner": True,
    "shows": {"margin": True, "headroom": True, "needs": True},
    "charts": [
        {
            "name": "gbp",
            "caption": "Payroll out, receipts in",
            "chart": look.bars(
                [
                    look.Column(
                        label,
                        (Decimal(out), Decimal(received)),
                        f"{label}: {out} out, {received} in",
                    )
                    for label, out, received in SIX_WEEKS
                ],
                limit=Decimal(230),
                says="Payroll paid and receipts of six weeks, in thousands; the limit is 230",
            ),
            "key": [
                {"label": "Payroll out", "series": ""},
                {"label": "Receipts in", "series": "b"},
                {"label": "Funding limit", "series": "limit"},
            ],
        }
    ],
}
CASE: dict[str, Any] = {
    "kind": "Retroactive rate",
    "detail": "The new rate starts before a week that is paid and billed.",
    "title": "Rhiannon Hughes: the rate was raised back to 4 May",
    "chip": look.chip("open"),
    "facts": [
        {"label": "Assignment", "value": "Platform engineer, Tidal Bank"},
        {"label": "Agreed by", "value": "Tom Ashworth, recruiter, in Bullhorn"},
        {"label": "Touches", "value": "1 paid week, 1 sent invoice"},
    ],
    "compare": {
        "first": "Figure",
        "columns": ["Was", "Is", "Difference"],
        "rows": [
            {
                "label": "Pay rate, a day",
                "values": [
                    {"text": "£525.00"},
                    {"text": "£540.00", "is_changed": True},
                    {"text": "£15.00"},
                ],
            },
            {
                "label": "Bill rate, a day",
                "values": [
                    {"text": "£610.00"},
                    {"text": "£628.00", "is_changed": True},
                    {"text": "£18.00"},
                ],
            },
            {
                "label": "Margin of the week",
                "values": [
                    {"text": "£425.00"},
                    {"text": "£440.00", "is_changed": True},
                    {"text": "£15.00"},
                ],
            },
        ],
    },
    "suggested": "Post the difference as new charges; what was paid and sent stays as it is.",
    "may": True,
    "is_taken": True,
    "is_mine": True,
    "post_href": "#",
    "owner": "Maya Lindqvist",
    "due": "Due: tomorrow",
    "due_tone": "wait",
    "happened": [
        {
            "what": "Given to Maya Lindqvist",
            "who": "by the rule for rates",
            "when": "today, 09:14",
            "is_now": True,
        },
        {
            "what": "Opened: the new rate starts before a paid week",
            "who": "",
            "when": "today, 09:14",
        },
        {"what": "Rates received from Bullhorn", "who": "Tom Ashworth", "when": "today, 09:13"},
    ],
}
GROUPS: list[dict[str, Any]] = [
    {"title": "Stops pay", "at_stake": "£2,249 at stake", "cases": NEEDS[:2]},
    {
        "title": "Stops money",
        "at_stake": "£5,050 at stake",
        "cases": [NEEDS[2] | {"is_here": True}, NEEDS[3]],
    },
    {
        "title": "Stops compliance",
        "at_stake": "1 worker",
        "cases": [
            {
                "title": "Right to work of Jakub Wiśniewski ends",
                "sub": "Northgate Staffing, expiring document",
                "amount": "",
                "due": "31 May",
                "tone": "",
                "href": "#",
            }
        ],
    },
]
EXCEPTIONS: dict[str, Any] = FRAME | {
    "title": "Exceptions",
    "places": [place | {"is_here": place["label"] == "Exceptions"} for place in PLACES],
    "acting": {
        "firm": "Harbour Digital",
        "reason": "rates of Tidal Bank",
        "until": "12:30",
        "end_href": "#",
    },
    "filters": [
        {"label": "All", "count": 5, "href": "#", "is_here": True},
        {"label": "Mine", "count": 2, "href": "#"},
        {"label": "Due today", "count": 2, "href": "#"},
        {"label": "Nobody's", "count": 0, "href": "#"},
    ],
    "groups": GROUPS,
    "case": CASE,
    "back_href": "#",
}
COUNTED: list[dict[str, Any]] = [
    {"title": "Missing form", "sub": "Compliance", "amount": "£2,118", "due": "3 open"},
    {"title": "Receipt unmatched", "sub": "Billing", "amount": "£4,000", "due": "1 open"},
]
PARTNER_PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "board": ("board.html", BOARD),
    "board-empty": (
        "board.html",
        BOARD
        | {
            "agencies": [],
            "needs": [],
            "charts": [],
            "figures": BOARD["figures"][:1],
            "deadline": None,
        },
    ),
    "exceptions": ("exceptions.html", EXCEPTIONS),
    "exceptions-list": ("exceptions.html", EXCEPTIONS | {"case": None, "acting": None}),
    "exceptions-outside": (
        "exceptions_outside.html",
        FRAME
        | {
            "title": "Exceptions",
            "may_enter": True,
            "agencies": [
                {
                    "name": "Northgate Staffing",
                    "href": "#",
                    "cases": COUNTED,
                    "as_of": "As of 11:42",
                },
                {"name": "Harbour Digital", "href": "#", "cases": [], "as_of": "As of 11:40"},
            ],
        },
    ),
    "enter": (
        "enter.html",
        FRAME
        | {
            "title": "Northgate Staffing",
            "width": "reading",
            "name": "Northgate Staffing",
            "open": COUNTED,
            "as_of": "As of 11:42",
            "may_enter": True,
            "next": "/exceptions",
        },
    ),
    "exceptions-none": (
        "exceptions.html",
        EXCEPTIONS | {"groups": [], "case": None, "acting": None},
    ),
}
