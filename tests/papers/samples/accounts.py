"""Sample accounts: a client's, and a week of funding."""

from datetime import date
from decimal import Decimal

from backline.kernel.papers.facts import Settlement, Statement
from tests.papers.samples.bills import INVOICE
from tests.papers.samples.parties import ACME, NORTHGATE


def movement(on, document, label, sums, due=""):
    amount, balance = sums.split()
    return {
        "on": on,
        "document": document,
        "label": label,
        "due": due,
        "amount": Decimal(amount),
        "balance": Decimal(balance),
    }


STATEMENT: Statement = {
    "country": "GB",
    "currency": "GBP",
    "dated": date(2026, 5, 31),
    "number": "ST-000009",
    "firm": NORTHGATE,
    "client": ACME,
    "details": [
        {"label": "Statement date", "value": date(2026, 5, 31)},
        {"label": "Account", "value": "ACME-01"},
    ],
    "movements": [
        movement("1 May", "", "Brought forward", "4120.40 4120.40"),
        movement("6 May", "INV-000048", "Week to 3 May", "2877.12 6997.52", "5 Jun"),
        movement("12 May", "RCP-000033", "Bank transfer, with thanks", "-4000.00 2997.52"),
        movement("13 May", "INV-000061", "Week to 10 May", "3009.70 6007.22", "12 Jun"),
        movement("18 May", "CRN-000004", "Hours of 6 May corrected", "-34.02 5973.20"),
    ],
    "ageing": [
        {"label": "Not due", "amount": Decimal("5852.80")},
        {"label": "1 to 30 days", "amount": Decimal("120.40")},
        {"label": "31 to 60", "amount": Decimal("0.00")},
        {"label": "61 to 90", "amount": Decimal("0.00")},
        {"label": "Over 90", "amount": Decimal("0.00")},
    ],
    "balance": Decimal("5973.20"),
    "remit_to": INVOICE["remit_to"],
}

SETTLEMENT: Settlement = {
    "country": "GB",
    "currency": "GBP",
    "dated": date(2026, 5, 15),
    "number": "SET-000020",
    "firm": {
        "name": "Keystone Payroll Finance Ltd",
        "lines": ["5 Exchange Square", "Manchester M2 7HA"],
    },
    "agency": NORTHGATE,
    "details": [
        {"label": "Week", "value": "9 to 15 May 2026"},
        {"label": "Terms", "value": "Version 3, since 1 April 2026"},
        {"label": "Advance rate", "value": "90% of gross"},
    ],
    "wire": {"label": "Paid to you", "amount": Decimal("78212.40")},
    "sections": [
        {
            "title": "Funds in use",
            "lines": [
                {"label": "Opening", "amount": Decimal("214880.00")},
                {"label": "Advances on new invoices", "amount": Decimal("81420.30")},
                {"label": "Repaid from clients' receipts", "amount": Decimal("-64310.00")},
                {"label": "Charged back", "amount": Decimal("0.00")},
            ],
            "total": {"label": "Closing", "amount": Decimal("231990.30")},
        },
        {
            "title": "Fees",
            "lines": [
                {"label": "Service charge, 0.9% of gross", "amount": Decimal("814.20")},
                {"label": "VAT on service charge", "amount": Decimal("162.84")},
                {"label": "Discount, 6.25% a year", "amount": Decimal("377.01")},
            ],
            "total": {"label": "Fees this week", "amount": Decimal("1354.05")},
        },
        {
            "title": "What reaches you",
            "lines": [
                {"label": "Advances", "amount": Decimal("81420.30")},
                {"label": "Reserve released", "amount": Decimal("6431.00")},
                {"label": "Short pay, Bright Foods", "amount": Decimal("-8284.85")},
                {"label": "Fees", "amount": Decimal("-1354.05")},
            ],
            "total": {"label": "Paid to you", "amount": Decimal("78212.40")},
        },
    ],
    "advances": [
        {
            "invoice": "INV-000061",
            "client": "Acme Logistics plc",
            "face": Decimal("3009.70"),
            "amount": Decimal("2708.73"),
        },
        {
            "invoice": "INV-000062",
            "client": "Acme Logistics plc",
            "face": Decimal("53360.00"),
            "amount": Decimal("48024.00"),
        },
        {
            "invoice": "INV-000063",
            "client": "Bright Foods Ltd",
            "face": Decimal("11240.00"),
            "amount": Decimal("0.00"),
            "reason": "Older debt of this client is over 90 days",
        },
    ],
}
