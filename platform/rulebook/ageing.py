"""Ageing: how old what is owed is, how fast it comes in, and what lateness costs by law."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from rulebook.money import NOTHING, CurrencyMismatch, to_penny
from rulebook.periods import DAY
from rulebook.rates import Ref
from rulebook.timeline import NoRule

BY_DUE, BY_INVOICE = "due_on", "invoiced_on"
COLLECTION_LIMITS = (0, 7, 30, 60, 90)
FUNDING_LIMITS = (30, 60, 90)
TWO_PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Open:
    """What is owed on one invoice: its remainder after part payments; below zero, a credit."""

    ref: Ref
    debtor: Ref
    invoiced_on: date
    due_on: date
    face: Decimal
    remaining: Decimal
    currency: str

    @property
    def is_part_paid(self) -> bool:
        """True when something, but not everything, has been paid."""
        return self.remaining not in (NOTHING, self.face)


@dataclass(frozen=True, slots=True)
class Bucket:
    """An age band in whole days, both ends inside; None is open. `amount` is what is owed in it."""

    label: str
    from_days: int | None
    to_days: int | None
    amount: Decimal
    invoices: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Ageing:
    """What one debtor owes in one currency, by age."""

    debtor: Ref
    currency: str
    buckets: tuple[Bucket, ...]

    @property
    def total(self) -> Decimal:
        """Everything owed, part-paid invoices with their remainder, credits taken off."""
        return sum((bucket.amount for bucket in self.buckets), NOTHING)


def aged(
    invoices: Iterable[Open],
    on: date,
    *,
    by: str = BY_DUE,
    limits: Sequence[int] = COLLECTION_LIMITS,
) -> tuple[Ageing, ...]:
    """Age open remainders by days since they fell due (or were invoiced), per debtor and currency.

    `limits` are the last days of each band; limits (0, 7, 30) make: not due, 1-7, 8-30, over 30.
    What is wholly paid is left out.
    """
    spans = _spans(limits, by)
    groups: dict[tuple[str, str], list[Open]] = {}
    for invoice in invoices:
        if invoice.remaining:
            groups.setdefault((str(invoice.debtor), invoice.currency), []).append(invoice)
    return tuple(
        Ageing(many[0].debtor, many[0].currency, _filled(spans, many, on, by))
        for _, many in sorted(groups.items())
    )


def days_old(invoice: Open, on: date, by: str = BY_DUE) -> int:
    """Whole days since the invoice fell due (negative before) or since it was dated."""
    since = invoice.due_on if by == BY_DUE else invoice.invoiced_on
    return (on - since).days


def _spans(limits: Sequence[int], by: str) -> list[tuple[str, int | None, int | None]]:
    spans: list[tuple[str, int | None, int | None]] = []
    first: int | None = None
    for last in limits:
        if first is None:
            label = "not due" if by == BY_DUE and last == 0 else f"0-{last}"
        else:
            label = f"{first}-{last}"
        spans.append((label, first, last))
        first = last + 1
    return [*spans, (f"over {limits[-1]}", first, None)]


def _filled(
    spans: Sequence[tuple[str, int | None, int | None]], invoices: Iterable[Open], on: date, by: str
) -> tuple[Bucket, ...]:
    oldest_first = sorted(invoices, key=lambda item: (item.due_on, item.invoiced_on, str(item.ref)))
    buckets = []
    for label, first, last in spans:
        inside = [
            invoice
            for invoice in oldest_first
            if (first is None or days_old(invoice, on, by) >= first)
            and (last is None or days_old(invoice, on, by) <= last)
        ]
        owed = sum((invoice.remaining for invoice in inside), NOTHING)
        buckets.append(Bucket(label, first, last, owed, tuple(invoice.ref for invoice in inside)))
    return tuple(buckets)


def days_sales_outstanding(receivables: Decimal, credit_sales: Decimal, days: int) -> Decimal:
    """Receivables over the credit sales of so many days, in days to two places; 0 without sales.

    With only what is not due yet it is the best possible figure; the difference is average delay.
    """
    return _share(receivables * days, credit_sales)


def count_back_days(receivables: Decimal, sales: Sequence[tuple[Decimal, int]]) -> Decimal:
    """Days of sales that receivables stand for, counted back month by month, to two places.

    `sales` are (credit sales, days of the month), newest first. What is owed
    beyond all sales counts all their days.
    """
    left, days = receivables, NOTHING
    for sold, length in sales:
        if left <= 0:
            break
        if sold > 0:
            days += min(Decimal(1), left / sold) * length
            left -= min(left, sold)
    return days.quantize(TWO_PLACES, ROUND_HALF_UP)


def collection_effectiveness(
    opening: Decimal, credit_sales: Decimal, closing: Decimal, closing_current: Decimal
) -> Decimal:
    """What was collected of what could have been, in percent to two places; 100 when nothing could.

    (opening + sales - closing) / (opening + sales - closing not yet due).
    """
    collectable = opening + credit_sales - closing_current
    if not collectable:
        return Decimal("100.00")
    return _share((opening + credit_sales - closing) * 100, collectable)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole).quantize(TWO_PLACES, ROUND_HALF_UP) if whole else NOTHING


@dataclass(frozen=True, slots=True)
class ReferenceRate:
    """The central bank's rate that applies to debts becoming late from a day on (a half-year)."""

    since: date
    share: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class LatePayment:
    """What a late debt costs by law: simple interest for the days late and a compensation."""

    days: int
    share: Decimal
    interest: Decimal
    daily: Decimal
    compensation: Decimal
    source: str

    @property
    def total(self) -> Decimal:
        """Interest and compensation together; neither carries VAT."""
        return self.interest + self.compensation


UK_MARGIN_OVER_BASE = Decimal("0.08")
UK_LATE_PAYMENT_SOURCE = "Late Payment of Commercial Debts (Interest) Act 1998; SI 2002/1675"
UK_COMPENSATION = (
    (Decimal("1000"), Decimal("40.00")),
    (Decimal("10000"), Decimal("70.00")),
    (None, Decimal("100.00")),
)


def statutory_interest(
    debt: Decimal, due_on: date, paid_on: date, rates: Sequence[ReferenceRate]
) -> LatePayment:
    """UK interest on a gross debt: simple, /365, at the reference rate plus the statutory margin.

    Counted from the day after it was due to the day it was paid; interest is rounded once, to the
    penny. On time or early costs nothing. NoRule when no reference rate is held for that half-year.
    """
    days = (paid_on - due_on).days
    late_since = due_on + DAY
    rate = _reference(rates, late_since)
    share = rate.share + UK_MARGIN_OVER_BASE
    if days <= 0:
        return LatePayment(0, share, NOTHING, NOTHING, NOTHING, rate.source)
    a_year = debt * share / Decimal(365)
    compensation = next(fixed for below, fixed in UK_COMPENSATION if below is None or debt < below)
    source = f"{UK_LATE_PAYMENT_SOURCE}; {rate.source}"
    return LatePayment(days, share, to_penny(a_year * days), to_penny(a_year), compensation, source)


def _reference(rates: Sequence[ReferenceRate], late_since: date) -> ReferenceRate:
    half_year = late_since.replace(month=1 if late_since.month < 7 else 7, day=1)
    for rate in rates:
        if rate.since == half_year:
            return rate
    raise NoRule("gb.late_payment.reference_rate", late_since)


def provision(by_bucket: Mapping[str, Decimal], shares: Mapping[str, Decimal]) -> Decimal:
    """The allowance for bad debts: each age band times its share, rounded once, to the penny."""
    return to_penny(sum((by_bucket[label] * shares[label] for label in by_bucket), NOTHING))


def next_on(day: date, days: int) -> date:
    """The day so many calendar days later."""
    return day + timedelta(days)


def one_currency(invoices: Iterable[Open]) -> str:
    """The currency all of them share; CurrencyMismatch when they do not, '' when there are none."""
    found = {invoice.currency for invoice in invoices}
    if len(found) > 1:
        raise CurrencyMismatch(f"{', '.join(sorted(found))} cannot be added")
    return next(iter(found), "")
