"""Sample invoices and a credit note."""

from datetime import date
from decimal import Decimal

from backline.kernel.papers.facts import Invoice, WorkLine
from tests.papers.samples.parties import ACME, HARBOR, NORTHGATE, SORT


def work(worker, week, label, priced, unit="h"):
    quantity, rate, amount = priced.split()
    return {
        "worker": worker,
        "week": week,
        "label": label,
        "quantity": Decimal(quantity),
        "unit": unit,
        "rate": Decimal(rate),
        "amount": Decimal(amount),
    }


LINES: list[WorkLine] = [
    work("Ada Okonkwo", "10 May", "Day shift", "32.00 18.9000 604.80"),
    work("Ada Okonkwo", "10 May", "Overtime at 1.5", "6.50 28.3500 184.28"),
    work("Jakub Wiśniewski", "10 May", "Day shift", "40.00 18.9000 756.00"),
    work("Priya Raman", "10 May", "Night shift", "37.50 21.4000 802.50"),
    work("Priya Raman", "3 May", "Late timecard, night shift", "7.50 21.4000 160.50"),
]

INVOICE: Invoice = {
    "country": "GB",
    "currency": "GBP",
    "dated": date(2026, 5, 13),
    "number": "INV-000061",
    "firm": NORTHGATE,
    "foot": "Northgate Staffing Ltd · Registered in England 09341177 · VAT GB 284 7719 06",
    "client": ACME,
    "details": [
        {"label": "Invoice date", "value": date(2026, 5, 13)},
        {"label": "Purchase order", "value": "PO-2026-7781"},
        {"label": "Cost centre", "value": "WKF-INBOUND"},
        {"label": "Terms", "value": "30 days from invoice"},
        {"label": "Due", "value": date(2026, 6, 12)},
    ],
    "lines": LINES,
    "net": Decimal("2508.08"),
    "taxes": [{"label": "VAT 20%", "base": Decimal("2508.08"), "tax": Decimal("501.62")}],
    "total": Decimal("3009.70"),
    "due_on": date(2026, 6, 12),
    "remit_to": {
        "name": "Keystone Payroll Finance Ltd",
        "details": [*SORT, {"label": "Reference", "value": "NGT-ACME-0061"}],
    },
    "assignment": (
        "This debt has been assigned to Keystone Payroll Finance Ltd. Payment to any other account "
        "does not discharge it. Please tell Keystone of any claim or dispute at once."
    ),
    "notes": ["The approved time is attached."],
}

CREDIT_NOTE: Invoice = INVOICE | {
    "number": "CRN-000004",
    "details": [{"label": "Date", "value": date(2026, 5, 18)}, *INVOICE["details"][1:3]],
    "credits": "INV-000061",
    "reason": "Hours of 6 May corrected from 8.00 to 6.50 after the client's query.",
    "lines": [work("Ada Okonkwo", "10 May", "Day shift", "-1.50 18.9000 -28.35")],
    "net": Decimal("-28.35"),
    "taxes": [{"label": "VAT 20%", "base": Decimal("-28.35"), "tax": Decimal("-5.67")}],
    "total": Decimal("-34.02"),
    "notes": [],
}

LONG_INVOICE: Invoice = INVOICE | {
    "number": "INV-000062",
    "lines": [
        work(
            f"Worker With A Long Double-Barrelled Name {n}",
            "10 May",
            "Day shift, loading bay",
            "40.00 18.90 756.00",
        )
        for n in range(1, 61)
    ],
    "net": Decimal("45360.00"),
    "taxes": [
        {"label": "VAT 20%", "base": Decimal("40000.00"), "tax": Decimal("8000.00")},
        {"label": "Zero-rated", "base": Decimal("5360.00"), "tax": Decimal("0.00")},
    ],
    "total": Decimal("53360.00"),
}

US_INVOICE: Invoice = INVOICE | {
    "country": "US",
    "currency": "USD",
    "number": "INV-000214",
    "firm": HARBOR,
    "foot": "Harbor Labor LLC",
    "client": {"name": "Gulf Packaging Inc.", "lines": ["900 Port Road", "Houston, TX 77015"]},
    "lines": [
        work("Marisol Reyes-Whitfield", "May 10", "Regular", "40.00 27.75 1110.00"),
        work("Marisol Reyes-Whitfield", "May 10", "Overtime at 1.5", "5.25 41.625 218.53"),
    ],
    "net": Decimal("1328.53"),
    "taxes": [
        {"label": "Texas sales tax 8.25%", "base": Decimal("1328.53"), "tax": Decimal("109.60")}
    ],
    "total": Decimal("1438.13"),
    "remit_to": {
        "name": "Keystone Payroll Finance Inc.",
        "details": [
            {"label": "Routing", "value": "011401533"},
            {"label": "Account", "value": "0072 1144"},
        ],
    },
}
