"""Dues: what a run owes to authorities, pension providers and order payees, by the day it
must be there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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
Due = tuple[str, str]


@dataclass(slots=True)
class Dues:
    """What statements come to by payee and kind, added up one after the other, and in which country
    it is owed; what the firm itself gets back is owed to nobody.
    """

    sums: dict[Due, Decimal] = field(default_factory=dict)
    countries: dict[Due, str] = field(default_factory=dict)

    def add(self, slip: Statement, lines: Iterable[Figure]) -> None:
        """Add a statement's lines."""
        for line in lines:
            if line.kind in OWED and line.amount and not line.code.startswith(owed.RECOVERY):
                key = line.payee or payee_of(line.code), line.code
                self.sums[key] = self.sums.get(key, NOTHING) + line.amount
                self.countries.setdefault(key, slip.country)

    def left(self) -> Iterator[tuple[Due, Decimal]]:
        """What is owed in the end, in order."""
        return ((key, amount) for key, amount in sorted(self.sums.items()) if amount)


def write(run: PayRun, sums: Dues) -> None:
    """Write one liability a payee and kind; tax that comes back makes it smaller, never a
    payment in.
    """
    employer = standing.of_employer(run.pay_on)
    Liability.objects.bulk_create(
        Liability(
            run=run,
            payee=key[0],
            kind=key[1],
            amount=amount,
            currency=run.currency,
            due_on=_due_on(sums.countries[key], key[1], run.pay_on, employer),
        )
        for key, amount in sums.left()
    )


def take_back(
    correction: YearCorrection, slip: Statement, lines: Iterable[Figure], on: date
) -> None:
    """Write what authorities, schemes and payees owe back of a year that is over, below zero, from
    the day on which it was taken out: it is due to us once the forms are filed anew.
    """
    back = Dues()
    back.add(slip, lines)
    Liability.objects.bulk_create(
        Liability(
            correction=correction,
            payee=key[0],
            kind=key[1],
            amount=-amount,
            currency=slip.currency,
            due_on=on,
        )
        for key, amount in back.left()
    )


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
