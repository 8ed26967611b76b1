"""The chart of accounts every firm starts with; codes are data, and a firm may add its own."""

from typing import NamedTuple

from backline.ledger.models import Account


class Heading(NamedTuple):
    """One account of the chart."""

    code: str
    name: str
    kind: str


ASSET, LIABILITY, EQUITY, INCOME, EXPENSE, MEMO = Account.Kind.values

CHART: tuple[Heading, ...] = (
    Heading("1020", "Bank", ASSET),
    Heading("1030", "Collections bank", ASSET),
    Heading("1090", "Bank in transit", ASSET),
    Heading("1100", "Trade receivables", ASSET),
    Heading("1105", "Receivables assigned", ASSET),
    Heading("1110", "Unbilled", ASSET),
    Heading("1500", "Funds in use", ASSET),
    Heading("1510", "Due from partner", ASSET),
    Heading("1600", "Overpaid wages to recover", ASSET),
    Heading("2200", "Net pay clearing", LIABILITY),
    Heading("2210", "Tax and social insurance payable", LIABILITY),
    Heading("2220", "Pension and benefits payable", LIABILITY),
    Heading("2225", "Orders payable", LIABILITY),
    Heading("2230", "Holiday pay accrued", LIABILITY),
    Heading("2240", "Workers' compensation accrued", LIABILITY),
    Heading("2250", "Companies of contractors payable", LIABILITY),
    Heading("2300", "VAT on sales", LIABILITY),
    Heading("2310", "VAT on purchases", ASSET),
    Heading("2320", "Sales tax payable", LIABILITY),
    Heading("2400", "Unapplied cash", LIABILITY),
    Heading("2500", "Funding advances", LIABILITY),
    Heading("2600", "Collections to apply", LIABILITY),
    Heading("2610", "Due to agency", LIABILITY),
    Heading("3000", "Opening balances", EQUITY),
    Heading("4000", "Temporary staffing revenue", INCOME),
    Heading("4010", "Permanent fees", INCOME),
    Heading("4020", "Expenses recharged", INCOME),
    Heading("4100", "Funding fees earned", INCOME),
    Heading("4110", "Discount earned", INCOME),
    Heading("4130", "Platform fees earned", INCOME),
    Heading("5100", "Wages", EXPENSE),
    Heading("5110", "Holiday pay", EXPENSE),
    Heading("5120", "Employer's social insurance and taxes", EXPENSE),
    Heading("5130", "Employer's pension", EXPENSE),
    Heading("5140", "Employer's levies", EXPENSE),
    Heading("5150", "Workers' compensation", EXPENSE),
    Heading("5160", "Contractors through companies", EXPENSE),
    Heading("5170", "Expenses of workers", EXPENSE),
    Heading("6200", "Funding fees", EXPENSE),
    Heading("6210", "Discount charges", EXPENSE),
    Heading("6220", "Bank charges", EXPENSE),
    Heading("6300", "Bad debts", EXPENSE),
    Heading("7010", "Rounding", EXPENSE),
    Heading("9000", "Purchased receivables", MEMO),
    Heading("9001", "Purchased receivables, contra", MEMO),
)
