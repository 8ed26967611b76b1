"""Dues: what a run owes to authorities, pension providers and order payees, by the day it
must be there.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from backline.payroll.models import Liability, PayRun, Payslip, PayslipLine
from rulebook.money import NOTHING
from rulebook.pack import pack

PAYEES = {"gb": "HMRC", "us": "IRS"}


def write(run: PayRun, slips: Sequence[Payslip], lines: Sequence[PayslipLine]) -> None:
    """Write one liability a payee and kind; tax that comes back makes it smaller, never a
    payment in.
    """
    countries = {slip.pk: slip.country for slip in slips}
    sums: dict[tuple[str, str, date], Decimal] = {}
    for line in lines:
        if line.kind not in {"tax", "deduction", "employer"} or not line.amount:
            continue
        due = _due_on(countries[line.payslip_id], line.code, run.pay_on)
        key = (line.payee or payee_of(line.code), line.code, due)
        sums[key] = sums.get(key, NOTHING) + line.amount
    Liability.objects.bulk_create(
        Liability(run=run, payee=payee, kind=kind, amount=amount, currency=run.currency, due_on=due)
        for (payee, kind, due), amount in sorted(sums.items())
    )


def payee_of(code: str) -> str:
    """Whom a liability is owed to when its line names nobody: the tax authority of the
    country or state.
    """
    country, _, rest = code.partition(".")
    parts = rest.split(".")
    state = next((part for part in parts if len(part) == 2 and part.isupper()), "")
    if country == "us" and state:
        return f"State of {state}"
    return PAYEES.get(country, code)


def _due_on(country: str, code: str, pay_on: date) -> date:
    try:
        return pack(country).due_on(code, pay_on)
    except KeyError:
        # a payee of the firm's own choosing is paid with the run
        return pay_on
