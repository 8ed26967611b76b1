"""Dues: what a run owes to authorities, pension providers and order payees, by the day it
must be there.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from backline.payroll import owed, standing
from backline.payroll.models import Liability, PayRun
from backline.payroll.statements import Figure, Statement
from rulebook.money import NOTHING
from rulebook.pack import pack

PAYEES = {"gb": "HMRC", "us": "IRS"}
OWED = frozenset({"tax", "deduction", "employer"})


def write(run: PayRun, slips: Sequence[Statement], lines: Sequence[Figure]) -> None:
    """Write one liability a payee and kind; tax that comes back makes it smaller, never a
    payment in.
    """
    countries = {slip.id: slip.country for slip in slips}
    employer = standing.of_employer(run.pay_on)
    sums: dict[tuple[str, str], Decimal] = {}
    due: dict[tuple[str, str], date] = {}
    for line in lines:
        if line.kind not in OWED or not line.amount:
            continue
        key = (line.payee, line.code)
        if key not in sums:
            due[key] = _due_on(countries[line.payslip_id], line.code, run.pay_on, employer)
        sums[key] = sums.get(key, NOTHING) + line.amount
    own = {key for key in sums if key[1].startswith(owed.RECOVERY)}  # the firm's own comes back
    whole: dict[tuple[str, str], Decimal] = {}
    days: dict[tuple[str, str], date] = {}
    for payee, code in sums.keys() - own:
        key = (payee or payee_of(code), code)
        whole[key] = whole.get(key, NOTHING) + sums[payee, code]
        days[key] = due[payee, code]
    Liability.objects.bulk_create(
        Liability(
            run=run,
            payee=key[0],
            kind=key[1],
            amount=amount,
            currency=run.currency,
            due_on=days[key],
        )
        for key, amount in sorted(whole.items())
        if amount
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


def _due_on(country: str, code: str, pay_on: date, employer: Mapping[str, object]) -> date:
    try:
        return pack(country).due_on(code, pay_on, employer)
    except KeyError:
        # a payee of the firm's own choosing is paid with the run
        return pay_on
