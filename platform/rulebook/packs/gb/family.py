"""Family pay: maternity, adoption, paternity, shared parental, bereavement, neonatal.

maternity on average earnings of 400.00: six weeks at 90% = 360.00, then 33 at 194.32
paternity on average earnings of 180.00: 90% = 162.00, below 194.32
"""

from datetime import date
from decimal import Decimal

from rulebook.money import penny_up, to_penny
from rulebook.packs.gb import law

FULL_SHARE_FIRST = frozenset({"maternity", "adoption"})


def weeks_payable(kind: str, day: date) -> int:
    """How many weeks a kind of family pay lasts at most; KeyError for an unknown kind."""
    return int(law.table("family.weeks", day)[kind])


def weekly(kind: str, week: int, average: Decimal, week_on: date) -> Decimal:
    """Pay of the n-th week (1 is the first) by the rate of the week it is paid for."""
    terms = law.table("family", week_on)
    if not 1 <= week <= weeks_payable(kind, week_on):
        raise ValueError(f"{kind} pay has weeks 1 to {weeks_payable(kind, week_on)}")
    share = penny_up(average * terms["share"])
    if kind in FULL_SHARE_FIRST and week <= terms["first_weeks"]:
        return share
    return min(share, terms["week_most"])


def entitled(average: Decimal, service_weeks: int, day: date) -> tuple[str, ...]:
    """What keeps someone from family pay, as codes; nothing when entitled."""
    test = law.table("family.test", day)
    found = []
    if average < test["week_earnings"]:
        found.append("earns_too_little")
    if service_weeks < test["service_weeks"]:
        found.append("too_short_service")
    return tuple(found)


def recoverable(paid: Decimal, class_1_last_year: Decimal, day: date) -> Decimal:
    """What an employer gets back of family pay; more for one with little National Insurance."""
    terms = law.table("family.recovery", day)
    small = class_1_last_year <= terms["small_limit"]
    return to_penny(paid * terms["small_share" if small else "share"])
