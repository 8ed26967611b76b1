"""Questions to assignments."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from backline.assignments.engagements import BY_TIME
from backline.assignments.models import (
    Assignment,
    BillingReference,
    MilestonePlan,
    Rate,
    RateAgreement,
)
from backline.kernel import statements
from backline.kernel.errors import Fault
from backline.kernel.statements import Slot

WORKABLE = (Assignment.Status.READY, Assignment.Status.ACTIVE, Assignment.Status.ENDED)
_REFERENCES = statements.whole(
    BillingReference,
    lambda: BillingReference.objects.filter(assignment__among=Slot("keys"), withdrawn=False),
)


@dataclass(frozen=True, slots=True)
class AgreedRate:
    """One rate with the agreement it belongs to and the days that holds."""

    assignment: UUID
    agreement: UUID
    version: int
    since: date
    until: date | None
    pay_currency: str
    bill_currency: str
    overtime_billed: bool
    code: str
    unit: str
    pay_rate: Decimal | None
    bill_rate: Decimal | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day < self.until)


def running(starts_on: date, ends_on: date) -> QuerySet[Assignment]:
    """Assignments on which work may have been done in these days, both included."""
    return Assignment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on),
        status__in=WORKABLE,
        starts_on__lte=ends_on,
    )


def incomplete(rows: Iterable[Assignment]) -> dict[UUID, list[Fault]]:
    """What keeps each of these assignments from being confirmed, where anything does."""
    own = list(rows)
    from_the_start = RateAgreement.objects.filter(
        assignment__in=[row.pk for row in own],
        withdrawn=False,
        valid__contains=F("assignment__starts_on"),
    )
    priced = set(from_the_start.values_list("assignment_id", flat=True))
    planned = [row.pk for row in own if row.engagement not in BY_TIME]
    if planned:  # what is paid by what is accepted is priced by its milestones
        plans = MilestonePlan.objects.filter(assignment__in=planned)
        priced |= set(plans.values_list("assignment_id", flat=True))
    found = {row.pk: _lacks(row, is_priced=row.pk in priced) for row in own}
    return {key: faults for key, faults in found.items() if faults}


def _lacks(row: Assignment, *, is_priced: bool) -> list[Fault]:
    faults = []
    if not is_priced:
        faults.append(Fault("rates_missing", "No rates are agreed for the first day.", "/rates"))
    if row.site_id is None:
        faults.append(Fault("site_missing", "The place of work is not known.", "/site"))
    if row.approver is None:
        faults.append(Fault("approver_missing", "Nobody is named who approves time.", "/approver"))
    elif not row.approver.email:
        faults.append(Fault("approver_unreachable", "The approver has no e-mail.", "/approver"))
    return faults


def agreed_rates(assignments: Iterable[UUID]) -> dict[UUID, list[AgreedRate]]:
    """Every rate that is not withdrawn of these assignments, in one query."""
    found: dict[UUID, list[AgreedRate]] = {}
    rows = Rate.objects.filter(
        agreement__assignment__in=list(assignments), agreement__withdrawn=False
    ).values_list(
        "agreement__assignment_id",
        "agreement_id",
        "agreement__version",
        "agreement__valid",
        "agreement__pay_currency",
        "agreement__bill_currency",
        "agreement__overtime_billed",
        "code",
        "unit",
        "pay_rate",
        "bill_rate",
    )
    for assignment, agreement, version, valid, *rest in rows:
        own: tuple[Any, ...] = tuple(rest)
        rate = AgreedRate(assignment, agreement, version, valid.lower, valid.upper, *own)
        found.setdefault(rate.assignment, []).append(rate)
    return found


def billing_references(assignments: Iterable[UUID]) -> dict[UUID, list[BillingReference]]:
    """Every billing reference of these assignments, for `dated.in_force`."""
    return billing_references_soon(assignments)()


def billing_references_soon(
    assignments: Iterable[UUID],
) -> Callable[[], dict[UUID, list[BillingReference]]]:
    """The same, asked with whatever is asked next."""
    rows = _REFERENCES.soon(keys=assignments)

    def told() -> dict[UUID, list[BillingReference]]:
        found: dict[UUID, list[BillingReference]] = {}
        for row in rows():
            found.setdefault(row.assignment_id, []).append(row)
        return found

    return told
