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
from backline.charges import posting
from backline.charges.events import ChargesPosted
from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.kernel.outcomes import Outcome
from rulebook.money import NOTHING, to_penny
from rulebook.periods import week_of

EXPENSE = "expense"


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
    books = _Books(charges, at)
    outcomes: list[Outcome] = []
    written: list[tuple[NewCharge, tuple[Any, ...]]] = []
    for new in charges:
        if new.key in known:
            outcomes.append(Outcome(known[new.key]))
            continue
        faults = books.faults(new)
        key = new_id()
        outcomes.append(Outcome(key, Invalid.of(faults) if faults else None))
        if not faults:
            written.append((new, books.row(key, new)))
            known[new.key] = key
    posting.write([row for _, row in written])
    record(_facts(written, books.firm.week_starts), actor=actor, at=at)
    return outcomes


class _Books:
    """What agreed charges are checked against and completed from."""

    def __init__(self, charges: Sequence[NewCharge], at: datetime) -> None:
        self.at = at
        self.firm = directory.firm()
        asked = {new.assignment for new in charges}
        self.rows = Assignment.objects.select_related("site").in_bulk(asked)
        self.references = assignments.billing_references(self.rows)
        self.corrected = set(
            Charge.objects.filter(
                pk__in={new.corrects for new in charges if new.corrects}
            ).values_list("pk", flat=True)
        )
        self.posted_week = week_of(directory.day_of(at, self.firm), self.firm.week_starts).starts
        self.burden_shares = self.firm.settings.get("burden_shares", {})
        self.currencies: dict[UUID, tuple[set[str], set[str]]] = {}
        for key, rates in assignments.agreed_rates(self.rows).items():
            pays, bills = (
                {rate.pay_currency for rate in rates},
                {rate.bill_currency for rate in rates},
            )
            self.currencies[key] = (pays, bills)

    def faults(self, new: NewCharge) -> list[Fault]:
        """Everything that is wrong with a charge."""
        row = self.rows.get(new.assignment)
        if row is None:
            return [Fault("not_found", "There is no such assignment.", "/assignment")]
        found = []
        if new.pay is None and new.bill is None:
            told = "Give a pay side, a bill side or both."
            found.append(Fault("side_missing", told, "/pay"))
        if not row.starts_on <= new.worked_on <= (row.ends_on or new.worked_on):
            told = "The day lies outside the assignment."
            found.append(Fault("outside_assignment", told, "/worked_on"))
        if new.corrects is not None and new.corrects not in self.corrected:
            found.append(Fault("not_found", "There is no such charge.", "/corrects"))
        agreed = self.currencies.get(row.pk, (set(), set()))
        for name, side, spoken in (("pay", new.pay, agreed[0]), ("bill", new.bill, agreed[1])):
            if side is not None and spoken and side.currency not in spoken:
                told = f"This assignment's {name} is in {' or '.join(sorted(spoken))}."
                found.append(Fault("currency_differs", told, f"/{name}/currency"))
        return found

    def row(self, key: UUID, new: NewCharge) -> tuple[Any, ...]:
        """The charge as it is written."""
        row = self.rows[new.assignment]
        reference = dated.in_force(self.references.get(row.pk, ()), new.worked_on)
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
            week_of(new.worked_on, self.firm.week_starts).starts,
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
            self._burden(new, row.engagement),
            reference.po_number if reference else "",
            reference.cost_centre if reference else "",
            new.correction,
            new.corrects,
            new.reason[:200],
            self.at,
            self.posted_week,
        )

    def _burden(self, new: NewCharge, engagement: str) -> Decimal:
        """What the employer's cost on it is expected to be; none on what is paid back."""
        if new.pay is None or new.pay.treatment == EXPENSE:
            return NOTHING
        share = Decimal(str(self.burden_shares.get(engagement, 0)))
        return to_penny(new.pay.amount * share)


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
            clients=posting.billed([row]),
            pay={new.pay.currency: new.pay.amount} if new.pay else {},
            bill={new.bill.currency: new.bill.amount} if new.bill else {},
            correction=str(new.correction or ""),
        )
        for new, row in written
    ]
