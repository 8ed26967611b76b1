"""Sample payslips."""

from datetime import date
from decimal import Decimal

from backline.kernel.papers.facts import Payslip
from tests.papers.samples.parties import ADA, HARBOR, NORTHGATE


def step(label, result):
    return {"label": label, "result": result}


GB_PAYSLIP: Payslip = {
    "country": "GB",
    "currency": "GBP",
    "dated": date(2026, 5, 15),
    "number": "PAY-000101",
    "firm": NORTHGATE,
    "foot": "Northgate Staffing Ltd · Company 09341177 · PAYE reference 073/N4410",
    "worker": ADA,
    "details": [
        {"label": "Payroll number", "value": "N-0412"},
        {"label": "National Insurance", "value": "QQ 12 34 56 C"},
        {"label": "Tax code", "value": "1257L, cumulative"},
        {"label": "NI category", "value": "A"},
        {"label": "Pay period", "value": "Week 6: 4 to 10 May 2026"},
    ],
    "earnings": [
        {
            "label": "Day shift, Acme Logistics",
            "quantity": Decimal("32.00"),
            "rate": Decimal("13.4500"),
            "amount": Decimal("430.40"),
        },
        {
            "label": "Overtime at 1.5, Acme Logistics",
            "quantity": Decimal("6.50"),
            "rate": Decimal("20.1750"),
            "amount": Decimal("131.14"),
        },
        {
            "label": "Night premium",
            "quantity": Decimal("8.00"),
            "rate": Decimal("1.25"),
            "amount": Decimal("10.00"),
        },
        {
            "label": "Rolled-up holiday pay, 12.07%",
            "quantity": None,
            "rate": None,
            "amount": Decimal("68.99"),
        },
    ],
    "deductions": [
        {"label": "Income tax", "amount": Decimal("79.60"), "year_to_date": Decimal("418.20")},
        {
            "label": "National Insurance",
            "amount": Decimal("31.88"),
            "year_to_date": Decimal("180.44"),
        },
        {
            "label": "Student loan, plan 2",
            "amount": Decimal("7.00"),
            "year_to_date": Decimal("31.00"),
        },
        {
            "label": "Pension, 5% with relief at source",
            "amount": Decimal("20.81"),
            "year_to_date": Decimal("112.05"),
        },
    ],
    "employer": [
        {"label": "National Insurance", "amount": Decimal("81.67")},
        {"label": "Pension, 3%", "amount": Decimal("15.61")},
        {"label": "Apprenticeship levy", "amount": Decimal("3.20")},
    ],
    "year_to_date": [
        {"label": "Gross pay", "amount": Decimal("3548.12")},
        {"label": "Taxable pay", "amount": Decimal("3548.12")},
        {"label": "Income tax", "amount": Decimal("418.20")},
        {"label": "National Insurance", "amount": Decimal("180.44")},
        {"label": "Holiday paid with pay", "amount": Decimal("382.15")},
    ],
    "gross": Decimal("640.53"),
    "deducted": Decimal("139.29"),
    "net": Decimal("501.24"),
    "paid_to": "the account ending 9911",
    "notes": ["Questions about this payslip: payroll@northgate.example or 0113 496 0140."],
    "steps": [
        {
            "label": "Income tax",
            "amount": Decimal("79.60"),
            "rule": "gb.income_tax 2026-04-06",
            "source": "PAYE: tax table calculations from 6 April 2026, HMRC",
            "steps": [
                step("Taxable pay this year up to week 6", "£3,548.12"),
                step("Free pay of code 1257L for six weeks", "£1,451.40"),
                step("Taxed at 20%", "£2,096.00"),
                step("Tax due this year", "£419.20"),
                step("Less tax taken in weeks 1 to 5", "£338.60"),
            ],
        },
        {
            "label": "National Insurance",
            "amount": Decimal("31.88"),
            "rule": "gb.ni.employee 2026-04-06",
            "source": "Rates and thresholds for employers 2026 to 2027, gov.uk",
            "steps": [
                step("Pay this week", "£640.53"),
                step("Above the threshold of £242", "£398.53"),
                step("At 8%", "£31.88"),
            ],
        },
        {
            "label": "Rolled-up holiday pay",
            "amount": Decimal("68.99"),
            "rule": "gb.holiday.rolled_up 2024-04-01",
            "source": "Working Time Regulations 1998, regulation 16A",
            "steps": [step("Pay for work this week", "£571.54"), step("At 12.07%", "£68.99")],
        },
    ],
}

US_PAYSLIP: Payslip = {
    "country": "US",
    "currency": "USD",
    "dated": date(2026, 5, 15),
    "number": "PAY-000733",
    "firm": HARBOR,
    "worker": {
        "name": "Marisol Reyes-Whitfield",
        "lines": ["418 Navigation Blvd, Apt 6", "Houston, TX 77011"],
    },
    "details": [
        {"label": "Employee number", "value": "H-1180"},
        {"label": "Social security", "value": "ending 4471"},
        {"label": "Federal W-4", "value": "Single, 2020 form"},
        {"label": "State", "value": "Texas, no income tax"},
        {"label": "Pay period", "value": "May 4 to May 10, 2026"},
    ],
    "earnings": [
        {
            "label": "Regular, Gulf Packaging",
            "quantity": Decimal("40.00"),
            "rate": Decimal("18.50"),
            "amount": Decimal("740.00"),
        },
        {
            "label": "Overtime at 1.5, Gulf Packaging",
            "quantity": Decimal("5.25"),
            "rate": Decimal("27.75"),
            "amount": Decimal("145.69"),
        },
        {"label": "Attendance bonus", "quantity": None, "rate": None, "amount": Decimal("40.00")},
    ],
    "deductions": [
        {
            "label": "Federal income tax",
            "amount": Decimal("72.41"),
            "year_to_date": Decimal("1211.08"),
        },
        {
            "label": "Social security, 6.2%",
            "amount": Decimal("57.39"),
            "year_to_date": Decimal("1008.77"),
        },
        {"label": "Medicare, 1.45%", "amount": Decimal("13.42"), "year_to_date": Decimal("235.92")},
    ],
    "employer": [
        {"label": "Social security", "amount": Decimal("57.39")},
        {"label": "Medicare", "amount": Decimal("13.42")},
        {"label": "Federal unemployment", "amount": Decimal("0.00")},
        {"label": "Texas unemployment", "amount": Decimal("25.00")},
    ],
    "year_to_date": [
        {"label": "Gross pay", "amount": Decimal("16270.50")},
        {"label": "Net pay", "amount": Decimal("13814.73")},
    ],
    "gross": Decimal("925.69"),
    "deducted": Decimal("143.22"),
    "net": Decimal("782.47"),
    "paid_to": "checking account ending 0072",
}

LONG_PAYSLIP: Payslip = GB_PAYSLIP | {
    "earnings": [
        {
            "label": f"Shift {n} at a client with a rather long name, Wakefield Distribution",
            "quantity": Decimal("7.50"),
            "rate": Decimal("13.45"),
            "amount": Decimal("100.88"),
        }
        for n in range(1, 61)
    ],
    "deductions": [
        {
            "label": f"Attachment of earnings order {n}",
            "amount": Decimal("1.00"),
            "year_to_date": Decimal("10.00"),
        }
        for n in range(1, 16)
    ],
    "gross": Decimal("6052.80"),
    "steps": GB_PAYSLIP["steps"] * 7,
}
