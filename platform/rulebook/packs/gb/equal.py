"""Equal treatment: a job's prices on the days on which its worker is paid as the hirer's own
people are.

Paid 15.00, billed 21.00; the hirer's own get 18.00, billed 25.20 then; equal from Monday 29 June:
    Friday 26 June  8 h  120.00 and 168.00
    Monday 29 June  8 h  144.00 and 201.60
Who is paid more than the hirer's own already keeps that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from rulebook.packs.gb.agencyweeks import AgencyClock
from rulebook.periods import Period
from rulebook.pricing import DatedRate, DatedShare, Job

LABEL = "equal treatment"
FOR_EVER = date.max


@dataclass(frozen=True, slots=True)
class EqualTerms:
    """What the hirer's own people get from a day: prices by code, and a holiday share if theirs is
    more.
    """

    since: date
    until: date | None
    pay: Mapping[str, Decimal]
    bill: Mapping[str, Decimal] = field(default_factory=dict)
    holiday_share: Decimal | None = None


def treated(job: Job, clock: AgencyClock, terms: Sequence[EqualTerms]) -> Job:
    """The job with the hirer's own prices on the days of equal treatment; other days stay."""
    spans = [
        (own, days)
        for own in terms
        for since, until in clock.parity
        if (days := Period(own.since, own.until or FOR_EVER).overlap(_period(since, until)))
    ]
    if not spans:
        return job
    lifted = [
        _lifted(dated, own, both)
        for own, days in spans
        for dated in job.rates
        if dated.rate.code in own.pay
        and (both := days.overlap(_period(dated.since, dated.until))) is not None
    ]
    shares = [
        DatedShare(own.holiday_share, days.starts, days.ends)
        for own, days in spans
        if own.holiday_share is not None
    ]
    # what is dated first wins: the day is asked of these before it is asked of the agreement
    return replace(job, rates=(*lifted, *job.rates), holiday_shares=tuple(shares))


def _period(since: date, until: date | None) -> Period:
    return Period(since, until or FOR_EVER)


def _lifted(dated: DatedRate, own: EqualTerms, days: Period) -> DatedRate:
    agreed, code = dated.rate, dated.rate.code
    pay = None if agreed.pay_rate is None else max(agreed.pay_rate, own.pay[code])
    bill = agreed.bill_rate
    if bill is not None:
        bill = own.bill.get(code, bill)
    rate = replace(agreed, pay_rate=pay, bill_rate=bill, label=LABEL)
    return replace(dated, rate=rate, since=days.starts, until=days.ends)
