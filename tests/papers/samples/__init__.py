"""Sample facts for every paper: a UK and a US week, long ones among them."""

from collections.abc import Mapping
from typing import Any

from tests.papers.samples.accounts import SETTLEMENT, STATEMENT
from tests.papers.samples.bills import CREDIT_NOTE, INVOICE, LONG_INVOICE, US_INVOICE
from tests.papers.samples.payslips import GB_PAYSLIP, LONG_PAYSLIP, US_PAYSLIP
from tests.papers.samples.remittances import NON_EMPLOYEE, REMITTANCE, SELF_BILL
from tests.papers.samples.time import TIMESHEET

PAPERS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "payslip-gb": ("payslip", GB_PAYSLIP),
    "payslip-us": ("payslip", US_PAYSLIP),
    "payslip-long": ("payslip", LONG_PAYSLIP),
    "invoice": ("invoice", INVOICE),
    "invoice-long": ("invoice", LONG_INVOICE),
    "invoice-us": ("invoice", US_INVOICE),
    "credit-note": ("invoice", CREDIT_NOTE),
    "remittance": ("remittance", REMITTANCE),
    "self-bill": ("remittance", SELF_BILL),
    "remittance-1099": ("remittance", NON_EMPLOYEE),
    "timesheet": ("timesheet", TIMESHEET),
    "statement": ("statement", STATEMENT),
    "settlement": ("settlement", SETTLEMENT),
}

__all__ = [
    "CREDIT_NOTE",
    "GB_PAYSLIP",
    "INVOICE",
    "LONG_INVOICE",
    "LONG_PAYSLIP",
    "NON_EMPLOYEE",
    "PAPERS",
    "REMITTANCE",
    "SELF_BILL",
    "SETTLEMENT",
    "STATEMENT",
    "TIMESHEET",
    "US_INVOICE",
    "US_PAYSLIP",
]
