"""Deposits: by which day what was withheld, and what the employer owes, must reach its payee.

paid on Thursday 2026-01-08
    monthly depositor       15 February falls on a Sunday, the 16th is a holiday: 2026-02-17
    semi-weekly depositor   Wednesday to Friday, due the Wednesday after: 2026-01-14
    100,000 owed that day   the next banking day: 2026-01-09
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from rulebook import calendars
from rulebook.packs.us import law

FEDERAL = frozenset(
    {
        "us.fit",
        "us.fit.supplemental",
        "us.ss",
        "us.ss.employer",
        "us.medicare",
        "us.medicare.employer",
        "us.medicare.additional",
    }
)
FUTA = frozenset({"us.futa", "us.futa.credit_reduction"})
BANKS = "us.federal_reserve"
DAY = timedelta(days=1)
WEDNESDAY, FRIDAY = 2, 4
ORDERS = "us.order."
CARRIERS = "us.comp."
# Support reaches the state's disbursement unit within seven business days (42 USC 666(b)(6)); other
# payees are paid as soon, since their orders name the pay date or no day at all.
DAYS_FOR_AN_ORDER = 7


def due_on(liability: str, pay_on: date, employer: Mapping[str, object]) -> date:
    """The day by which a liability must arrive; KeyError for one that is not known here.

    `employer.federal_deposits` is monthly (the default), semiweekly or next_day; `state_deposits`
    by state is quarterly (the default), monthly, semiweekly or next_day. Where that is a day
    without banks the next one counts as on time.
    """
    if liability.startswith(CARRIERS):
        raise KeyError(liability)
    if liability.startswith(ORDERS):
        return calendars.business_day(pay_on, DAYS_FOR_AN_ORDER, BANKS)
    if liability in FEDERAL:
        how = str(employer.get("federal_deposits", "monthly"))
    elif liability in FUTA or liability.startswith("us.sui."):
        how = "quarterly"
    else:
        by_state = cast(Mapping[str, str], employer.get("state_deposits", {}))
        how = by_state.get(_state(liability), "quarterly")
    return calendars.next_business_day(_by(how, pay_on), BANKS)


def _state(liability: str) -> str:
    for part in liability.removeprefix("us.").split("."):
        if len(part) == 2 and part.isupper():
            return part
    raise KeyError(liability)


def _by(how: str, pay_on: date) -> date:
    if how == "next_day":
        return pay_on + DAY
    if how == "semiweekly":
        last = WEDNESDAY if WEDNESDAY <= pay_on.weekday() <= FRIDAY else FRIDAY
        return pay_on + DAY * ((last - pay_on.weekday() - 1) % 7 + 1)
    month_after = (pay_on.replace(day=1) + DAY * 31).replace(day=1)
    if how == "monthly":
        return month_after.replace(day=int(law.table("deposits", pay_on)["monthly_day"]))
    if how == "quarterly":
        ends = pay_on.replace(day=1)
        while ends.month % 3:
            ends = (ends + DAY * 31).replace(day=1)
        after = (ends + DAY * 31).replace(day=1)
        return (after + DAY * 31).replace(day=1) - DAY
    raise KeyError(how)


def federal_schedule(lookback: Decimal, owed_on_one_day: Decimal, on: date) -> str:
    """Which schedule a firm deposits by: from the taxes of its lookback year, and of one day."""
    figures = law.table("deposits", on)
    if owed_on_one_day >= figures["next_day_over"]:
        return "next_day"
    return "semiweekly" if lookback > figures["lookback_over"] else "monthly"
