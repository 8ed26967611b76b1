"""Sample remittances."""

from datetime import date
from decimal import Decimal

from backline.kernel.papers.facts import Remittance
from tests.papers.samples.bills import LINES, work
from tests.papers.samples.parties import HARBOR, NORTHGATE

REMITTANCE: Remittance = {
    "country": "GB",
    "currency": "GBP",
    "dated": date(2026, 5, 15),
    "number": "REM-000031",
    "kind": "umbrella",
    "firm": NORTHGATE,
    "to": {
        "name": "Clearwater Umbrella Ltd",
        "lines": ["Quay House", "Manchester M3 3JE", "VAT GB 310 5521 88"],
    },
    "details": [
        {"label": "Payment date", "value": date(2026, 5, 15)},
        {"label": "Their reference", "value": "CW-20260515"},
        {"label": "Work up to", "value": date(2026, 5, 10)},
    ],
    "lines": LINES[:3],
    "net": Decimal("1545.08"),
    "taxes": [{"label": "VAT 20%", "base": Decimal("1545.08"), "tax": Decimal("309.02")}],
    "total": Decimal("1854.10"),
    "paid_to": "the account ending 2206",
}

SELF_BILL: Remittance = REMITTANCE | {
    "number": "SBI-000012",
    "kind": "limited_company",
    "self_bill": True,
    "to": {
        "name": "Tidal Code Ltd",
        "lines": ["8 Wharf Rise", "Bristol BS1 6QA", "VAT GB 344 1170 52"],
    },
    "lines": [
        work("Rhiannon Hughes", "10 May", "Platform engineering", "5.00 525.00 2625.00", "days")
    ],
    "net": Decimal("2625.00"),
    "taxes": [{"label": "VAT 20%", "base": Decimal("2625.00"), "tax": Decimal("525.00")}],
    "taken_off": [{"label": "Equipment hire, as agreed", "amount": Decimal("-40.00")}],
    "total": Decimal("3110.00"),
    "legend": "Self-billed invoice. The VAT shown is your output tax due to HMRC.",
}

NON_EMPLOYEE: Remittance = REMITTANCE | {
    "country": "US",
    "currency": "USD",
    "number": "REM-000408",
    "kind": "1099",
    "firm": HARBOR,
    "to": {
        "name": "Dale Whitcomb",
        "lines": ["77 Bayou Lane", "Houston, TX 77009", "TIN ending 9020"],
    },
    "details": [{"label": "Payment date", "value": date(2026, 5, 15)}],
    "lines": [work("Dale Whitcomb", "May 10", "Forklift training", "3.00 450.00 1350.00", "days")],
    "net": Decimal("1350.00"),
    "taxes": [],
    "taken_off": [{"label": "Backup withholding, 24%", "amount": Decimal("-324.00")}],
    "total": Decimal("1026.00"),
    "year_to_date": [{"label": "Non-employee compensation", "amount": Decimal("9450.00")}],
    "paid_to": "checking account ending 5518",
}
