"""Agreed: charges that no timesheet makes: adjustments, expenses, reversals of what was
billed; each by a key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.assignments import queries as assignments
from backline.assignments.models import Assignment
from backline.charges.events import ChargesPosted
from backline.charges.models import Charge
from backline.charges.posting import COLUMNS
from backline.directory import queries as directory
from backline.kernel import copying, dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.kernel.outcomes import Outcome
from rulebook.periods import week_of

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Agreed:
    """One side of an agreed charge: quantity x rate, and the amount it comes to, two places."""

    quantity: Decimal
    rate: Decimal
    amount: Decimal
    currency: str
    treatment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCharge:
    """A charge to post by its key: `kind` is adjustment, expense, credit or reinstated."""

    key: str
    kind: str
    assignment: UUID
    worked_on: date
    code: str
    label: str
    reason: str
    unit: str = "amount"
    pay: Agreed | None = None
    bill: Agreed | None = None
    corrects: UUID | None = None
    correction: UUID | None = None


def post_agreed(charges: Sequence[NewCharge], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Post agreed charges, each once by its key; one that is refused never stops the others.

    The same key again changes nothing and answers with the charge that stands.
    """
    known = dict(
        Charge.objects.filter(key__in=[new.key for new in charges]).values_list("key", "pk")
    )
    rows = Assignment.objects.select_related("site").in_bulk({new.assignment for new in charges})
    references = assignments.billing_references(rows)
    starts = directory.firm().week_starts
    outcomes: list[Outcome] = []
    written: list[tuple[NewCharge, tuple[Any, ...]]] = []
    for new in charges:
        if new.key in known:
            outcomes.append(Outcome(known[new.key]))
            continue
        faults = _faults(new, rows)
        key = new_id()
        outcomes.append(Outcome(key, Invalid.of(faults) if faults else None))
        if not faults:
            row = rows[new.assignment]
            reference = dated.in_force(references.get(row.pk, ()), new.worked_on)
            written.append((new, _row(key, new, row, reference, starts, at)))
            known[new.key] = key
    copying.write(Charge, COLUMNS, (row for _, row in written))
    record(_facts(written, starts), actor=actor, at=at)
    return outcomes


def mirrored(charges: Iterable[Charge], *, key: str, kind: str, reason: str) -> list[NewCharge]:
    """The bill sides of charges taken back whole, as charges of their own that name what they
    correct.
    """
    return [
        NewCharge(
            key=f"{key}:{row.pk}",
            kind=kind,
            assignment=row.assignment_id,
            worked_on=row.worked_on,
            code=row.code,
            label=row.label,
            reason=reason,
            unit=row.unit,
            bill=Agreed(
                -(row.bill_quantity or NOTHING),
                row.bill_rate or NOTHING,
                -row.bill_amount,
                row.bill_currency,
                row.bill_treatment,
            ),
            corrects=row.pk,
        )
        for row in charges
        if row.bill_amount is not None
    ]


def _faults(new: NewCharge, rows: dict[UUID, Assignment]) -> list[Fault]:
    faults = []
    row = rows.get(new.assignment)
    if row is None:
        return [Fault("not_found", "There is no such assignment.", "/assignment")]
    if new.pay is None and new.bill is None:
        faults.append(Fault("side_missing", "Give a pay side, a bill side or both.", "/pay"))
    if not row.starts_on <= new.worked_on <= (row.ends_on or new.worked_on):
        faults.append(
            Fault("outside_assignment", "The day lies outside the assignment.", "/worked_on")
        )
    if not new.reason.strip():
        faults.append(Fault("reason_missing", "Say what it is for.", "/reason"))
    return faults


def _row(  # noqa: PLR0917 - a charge is told by all of it
    key: UUID, new: NewCharge, row: Assignment, reference: Any, starts: int, at: datetime
) -> tuple[Any, ...]:
    return (
        key,
        new.key,
        new.kind,
        row.worker_id,
        row.client_id,
        row.pk,
        None,
        None,
        new.worked_on,
        week_of(new.worked_on, starts).starts,
        row.engagement,
        row.pay_frequency,
        new.code,
        new.label[:120],
        new.unit,
        Decimal(1),
        Decimal(1),
        row.site.region if row.site else "",
        *_columns(new.pay, "work"),
        *_columns(new.bill, "standard"),
        NOTHING,
        reference.po_number if reference else "",
        reference.cost_centre if reference else "",
        new.correction,
        new.corrects,
        new.reason[:200],
        at,
        week_of(at.date(), starts).starts,
    )


def _columns(side: Agreed | None, treatment: str) -> tuple[Any, ...]:
    if side is None:
        return (None, None, None, "", treatment)
    return (side.quantity, side.rate, side.amount, side.currency, side.treatment or treatment)


def _facts(
    written: Sequence[tuple[NewCharge, tuple[Any, ...]]], starts: int
) -> list[ChargesPosted]:
    return [
        ChargesPosted(
            subject=row[3],
            week_starts_on=week_of(new.worked_on, starts).starts.isoformat(),
            charges=[str(row[0])],
            pay={new.pay.currency: new.pay.amount} if new.pay else {},
            bill={new.bill.currency: new.bill.amount} if new.bill else {},
            correction=str(new.correction or ""),
        )
        for new, row in written
    ]
