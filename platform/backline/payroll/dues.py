"""Dues: what a run owes to authorities, pension providers and order payees, by the day it
must be there.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from backline.payroll import owed, standing
from backline.payroll.models import Liability, PayRun, YearCorrection
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
    days: dict[tuple[str, str], date] = {}
    for line in lines:
        key = _key(line)
        if line.kind in OWED and line.amount and key not in days:
            days[key] = _due_on(countries[line.payslip_id], line.code, run.pay_on, employer)
    Liability.objects.bulk_create(
        Liability(
            run=run,
            payee=key[0],
            kind=key[1],
            amount=amount,
            currency=run.currency,
            due_on=days[key],
        )
        for key, amount in _owed(lines)
    )


def take_back(
    correction: YearCorrection, slip: Statement, lines: Iterable[Figure], on: date
) -> None:
    """Write what authorities, schemes and payees owe back of a year that is over, below zero, from
    the day on which it was taken out: it is due to us once the forms are filed anew.
    """
    Liability.objects.bulk_create(
        Liability(
            correction=correction,
            payee=key[0],
            kind=key[1],
            amount=-amount,
            currency=slip.currency,
            due_on=on,
        )
        for key, amount in _owed(lines)
    )


def _owed(lines: Iterable[Figure]) -> list[tuple[tuple[str, str], Decimal]]:
    """What lines come to by payee and kind; what the firm itself gets back is owed to nobody."""
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        if line.kind in OWED and not line.code.startswith(owed.RECOVERY):
            sums[_key(line)] = sums.get(_key(line), NOTHING) + line.amount
    return [(key, amount) for key, amount in sorted(sums.items()) if amount]


def _key(line: Figure) -> tuple[str, str]:
    return line.payee or payee_of(line.code), line.code


@lru_cache(4096)
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
