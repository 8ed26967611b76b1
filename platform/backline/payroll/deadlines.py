"""Deadlines: by which day a run must be approved for its money to be there, and what may be done.

Both rails take two banking days: a file goes out on the first, and on the third the money is there.

    pay day Friday 12 June: approved, released and sent by Wednesday 10 June
    pay day Tuesday 7 April 2026, after Easter Monday: by Thursday 2 April
"""

from collections.abc import Mapping
from datetime import date, datetime

from backline.directory import queries as directory
from rulebook import calendars
from rulebook.timeline import NoRule

RAIL = {"GBP": "bacs", "USD": "ach"}
# A reversal of ACH goes out within five banking days of the settlement; Bacs gives a payment back
# until it is processed.
REVERSAL_DAYS = {"bacs": -2, "ach": 5}
BANKING_DAYS = {"bacs": 2, "ach": 2}
DEEDS: Mapping[str, tuple[str, ...]] = {
    "open": ("calculate", "reschedule", "cancel"),
    "calculating": ("calculate",),
    "ready": ("submit", "calculate", "reschedule", "cancel"),
    "blocked": ("calculate", "reschedule", "cancel"),
    "submitted": ("approve", "reject"),
    "rejected": ("calculate", "reschedule", "cancel"),
    "approved": ("release", "withdraw"),
}
NOT_FOR_A_VOID = frozenset({"calculate", "reschedule"})


def allowed(state: str, kind: str) -> list[str]:
    """What may be done to a run in this state; a void is a copy and is never calculated."""
    deeds = DEEDS.get(state, ())
    return [deed for deed in deeds if kind != "void" or deed not in NOT_FOR_A_VOID]


def approve_by(pay_on: date, currency: str, holidays: str) -> date:
    """The last day on which an approved file still arrives on the pay day."""
    return calendars.business_day(pay_on, -BANKING_DAYS[RAIL[currency]], holidays)


def told_approve_by(pay_on: date, currency: str, holidays: str) -> date | None:
    """The same for a reader; None where no bank holidays are held for that year."""
    try:
        return approve_by(pay_on, currency, holidays)
    except NoRule:
        return None


def arrives_on(sent_on: date, currency: str, holidays: str) -> date:
    """The first day on which money of a file that goes out on a day can be there."""
    first = calendars.next_business_day(sent_on, holidays)
    return calendars.business_day(first, BANKING_DAYS[RAIL[currency]], holidays)


def reverse_by(arrives: date, rail: str, holidays: str) -> date:
    """The last day on which a bank takes a sent payment back."""
    return calendars.business_day(arrives, REVERSAL_DAYS[rail], holidays)


def today(at: datetime) -> date:
    """The firm's own day at a moment."""
    return directory.day_of(at)
