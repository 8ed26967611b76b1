"""An ordinary week: hours become a payslip, an invoice, an advance and a margin, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from deploy.demo.clerk import total
from tests.cycle.agreement import all_agree, untouched
from tests.cycle.lists import all_is_opened_by_its_own_firm_alone

if TYPE_CHECKING:
    from deploy.demo.clerk import Clerk

TUESDAY = date(2026, 6, 9)


def test_a_british_week_is_paid_billed_and_funded(clerk: Clerk, other: Clerk) -> None:
    other.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
    with untouched(other):
        ada = clerk.assigns("Ada", to="Acme", pay="15.00", bill="21.00")
        clerk.approves(clerk.reports(ada, hours=[8, 8, 8, 8, 8]))
        (run,) = clerk.runs_payroll(TUESDAY)
        (invoice,) = clerk.bills_clients()
        (slip,) = clerk.statements()

    assert run["state"] == "released"
    assert slip["gross"]["amount"] == "672.42"  # 40 x 15.00, and 12.07 % holiday pay on it
    assert (invoice["net"]["amount"], invoice["tax"]["amount"]) == ("840.00", "168.00")
    assert clerk.position()["moved"]["advanced"] == "907.20"  # 90 % of 1,008.00
    assert clerk.exceptions() == []
    all_agree(clerk)
    opened = all_is_opened_by_its_own_firm_alone(clerk, other)
    assert {f"{name}_retrieve" for name in LEFT} <= opened, opened


LEFT = (  # what the lists of a week that is paid, billed and funded show
    "access_log", "accounts", "advances", "api_keys", "assignments", "bank_accounts", "charges",
    "clients", "contacts", "documents", "invoices", "liabilities", "operations", "pay_calendars",
    "pay_runs", "pay_statements", "paying_accounts", "payment_files", "payments", "people",
    "postings", "registrations", "sites", "timesheets", "workers",
)  # fmt: skip


def test_an_american_week_is_paid_billed_and_funded(us_clerk: Clerk) -> None:
    ada = us_clerk.assigns("Ada", to="Acme", pay="20.00", bill="29.00", region="TX")
    us_clerk.approves(us_clerk.reports(ada, hours=[9, 9, 9, 9, 9]))
    us_clerk.runs_payroll(TUESDAY)
    (invoice,) = us_clerk.bills_clients()
    (slip,) = us_clerk.statements()

    assert slip["gross"]["amount"] == "950.00"  # 40 h, and 5 h at one and a half
    withheld = {line["code"]: line["amount"]["amount"] for line in slip["lines"]}
    assert (withheld["us.ss"], withheld["us.medicare"]) == ("58.90", "13.78")
    assert invoice["net"]["amount"] == "1377.50"  # 40 x 29.00 + 5 x 43.50
    assert total([invoice], "tax") == Decimal(0)
    all_agree(us_clerk)
