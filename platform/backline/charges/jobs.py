"""Jobs: what assignments pay and bill on the days of their sheets, as the rulebook's values.

A sheet is priced by the rates that were known when it was handed in; later ones count only once
the sheet is priced again on purpose.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery

from backline.assignments.models import Assignment
from backline.assignments.models import Rate as AgreedRate
from backline.directory.models import Terms
from backline.kernel import dated, statements
from backline.kernel.statements import Slot
from rulebook.periods import Period
from rulebook.pricing import DatedRate, Job
from rulebook.rates import Rate

DAY = timedelta(days=1)
ROLLED_UP = frozenset({"paye"})
FOR_EVER = date.max

_AGREED = statements.columns(
    lambda: AgreedRate.objects.filter(agreement__assignment__among=Slot("keys")).values_list(
        "agreement__assignment_id",
        "agreement_id",
        "agreement__version",
        "agreement__valid",
        "agreement__overtime_billed",
        "agreement__pay_currency",
        "agreement__bill_currency",
        "code",
        "unit",
        "pay_rate",
        "bill_rate",
    ),
)
_TERMS = statements.whole(
    Terms,
    lambda: Terms.objects.filter(
        client__among=ArraySubquery(
            Assignment.objects.filter(pk__among=Slot("keys")).values("client")
        )
    ).order_by("valid"),
)


class Work(NamedTuple):
    """An assignment as pricing sees it: whose work, for whom, where, and what is agreed on it."""

    id: UUID
    worker_id: UUID
    client_id: UUID
    engagement: str
    pay_frequency: str
    overtime: Mapping[str, Any]
    country: str | None
    region: str | None
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as pricing sees it: its days, the newest rates it knows, its purchase order."""

    id: UUID
    assignment: UUID
    starts_on: date
    ends_on: date
    rates_version: int | None
    po_number: str
    is_late: bool


@dataclass(slots=True)
class _Version:
    """One version of an agreement with its prices."""

    id: UUID
    version: int
    since: date
    overtime_billed: bool
    pay_currency: str
    bill_currency: str
    prices: list[Any] = field(default_factory=list)


class Agreed:
    """What is agreed on assignments and with their clients, asked with whatever is asked next."""

    def __init__(self, assignments: Iterable[UUID]) -> None:
        keys = set(assignments)
        self._rates = _AGREED.soon(keys=keys)
        self._terms = _TERMS.soon(keys=keys)

    def versions(self) -> dict[UUID, list[_Version]]:
        """Every version of the rates of each assignment, those that were replaced included."""
        known: dict[UUID, _Version] = {}
        found: dict[UUID, list[_Version]] = {}
        for assignment, key, number, valid, billed, pays_in, bills_in, *prices in self._rates():
            version = known.get(key)
            if version is None:
                version = known[key] = _Version(key, number, valid.lower, billed, pays_in, bills_in)
                found.setdefault(assignment, []).append(version)
            version.prices.append(tuple(prices))
        return found

    def terms(self) -> dict[UUID, list[Terms]]:
        """Every version of the terms of each client."""
        found: dict[UUID, list[Terms]] = {}
        for row in self._terms():
            found.setdefault(row.client_id, []).append(row)
        return found


def jobs_of(
    rows: Mapping[UUID, Work], sheets: Iterable[Sheet], known: Agreed, *, rolls_up: bool
) -> dict[str, Job]:
    """The jobs behind these sheets by assignment, by what is known to be agreed."""
    versions, terms = known.versions(), known.terms()
    rates: dict[UUID, list[DatedRate]] = {}
    for sheet in sheets:
        row = rows[sheet.assignment]
        agreed = _on(terms.get(row.client_id, ()), sheet.starts_on)
        days = Period(sheet.starts_on, sheet.ends_on + DAY)
        rates.setdefault(row.id, []).extend(
            rate
            for version, span in in_force(versions.get(row.id, ()), sheet.rates_version, days)
            for rate in _rates(version, span, agreed)
        )
    return {
        str(key): Job(str(key), tuple(own), rolls_up and rows[key].engagement in ROLLED_UP)
        for key, own in rates.items()
    }


def in_force(
    versions: Sequence[_Version], newest: int | None, days: Period
) -> list[tuple[_Version, Period]]:
    """Which versions hold on which of some days, for somebody who knows none newer.

    Each holds from its day until the next one begins; of two from one day the newer holds.
    """
    known: dict[date, _Version] = {}
    for version in sorted(versions, key=lambda one: one.version):
        if newest is None or version.version <= newest:
            known[version.since] = version
    starts = sorted(known)
    found = []
    for n, since in enumerate(starts):
        until = starts[n + 1] if n + 1 < len(starts) else FOR_EVER
        span = Period(since, until).overlap(days)
        if span is not None:
            found.append((known[since], span))
    return found


def _rates(version: _Version, span: Period, terms: Terms | None) -> list[DatedRate]:
    pays = version.overtime_billed and (terms is None or terms.overtime_billed)
    return [
        DatedRate(
            Rate(
                code,
                str(version.id),
                unit,
                pay_rate,
                bill_rate,
                version.pay_currency,
                version.bill_currency,
                pay_tax="work",
                bill_tax=terms.tax_treatment if terms else "standard",
            ),
            span.starts,
            span.ends,
            pays,
            terms is not None and terms.penalties_billed,
        )
        for code, unit, pay_rate, bill_rate in version.prices
    ]


def _on(terms: Sequence[Terms], day: date) -> Terms | None:
    """The terms in force on a day; before the first ones, those."""
    found = dated.in_force(terms, day)
    return found or (terms[0] if terms and terms[0].valid.lower > day else None)
