"""Dues: by which day a liability of a payslip must reach its payee.

paid on 2026-04-17, electronically: tax month 1 ends on 5 May, due by 22 May (a banking day: the
money must have arrived, so a 22nd on a weekend means the banking day before)
"""

from collections.abc import Mapping
from datetime import date, timedelta

from rulebook import calendars
from rulebook.pack import NO_FACTS
from rulebook.packs.gb import law
from rulebook.packs.gb.taxyear import month_ends_on, tax_month

TO_HMRC = frozenset(
    {
        "gb.paye",
        "gb.ni.worker",
        "gb.ni.employer",
        "gb.student_loan",
        "gb.postgraduate_loan",
        "gb.levy",
        "gb.cis",
    }
)
TO_SCHEME = frozenset({"gb.pension.worker", "gb.pension.employer"})
BANKS = "gb.england_wales"


def due_on(liability: str, pay_on: date, employer: Mapping[str, object] = NO_FACTS) -> date:
    """The day by which a liability (a line code) must reach its payee; KeyError if unknown.

    HMRC: the 22nd after the tax month, electronically; after the quarter for a firm with
    `pays_quarterly`; the 19th for one with `pays_by` post. Pension: the 22nd (or 19th) of the month
    after the one of payment. Orders: the 19th of that month. A day off for banks means the banking
    day before.
    """
    by = "post" if employer.get("pays_by") == "post" else "electronic"
    if liability in TO_HMRC:
        day = int(law.table("paye.due", pay_on)[by])
        ends_on = month_ends_on(pay_on)
        while employer.get("pays_quarterly") is True and tax_month(ends_on) % 3:
            ends_on = month_ends_on(ends_on + timedelta(days=1))
        due = ends_on.replace(day=day)
    elif liability in TO_SCHEME:
        day = int(law.table("pension.due", pay_on)[by])
        due = _month_after(pay_on).replace(day=day)
    elif liability.startswith("gb.order."):
        due = _month_after(pay_on).replace(day=int(law.amount("orders.due", pay_on)))
    else:
        raise KeyError(liability)
    return calendars.previous_business_day(due, BANKS)


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
