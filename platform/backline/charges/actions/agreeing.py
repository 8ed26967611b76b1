"""Charges that people agree on: adjustments, expenses and accepted milestones, for the worker, the
client or both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.assignments.models import Assignment
from backline.charges.actions.explaining import Why
from backline.charges.actions.repricing import reprice
from backline.charges.agreed import EXPENSE, Agreed, NewCharge, post_agreed
from backline.charges.models import Charge
from backline.charges.weeks import BONUS
from backline.directory import queries as directory
from backline.directory.models import Terms
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Invalid
from backline.kernel.ids import new_id
from backline.kernel.outcomes import Outcome
from rulebook.money import Money, to_penny
from rulebook.rates import ONE

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class WantedSide:
    """One side: a price, and how many of it (one, for an amount)."""

    price: Money
    quantity: Decimal = ONE

    @property
    def amount(self) -> Decimal:
        """What it comes to, to the penny."""
        return to_penny(self.price.amount * self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An agreed charge as people ask for it; `paid_as` says how payroll treats it."""

    kind: str
    assignment: UUID
    worked_on: date
    label: str
    reason: str
    code: str
    unit: str = "unit"
    paid_as: str = ""
    pay: WantedSide | None = None
    bill: WantedSide | None = None
    corrects: UUID | None = None
    external_id: str = ""


def agree(wanted: Sequence[Wanted], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Post agreed charges; the same external id again answers with the charge that stands.

    An expense is paid back untaxed and billed only where a bill side is given.
    """
    for one in wanted:
        if not one.reason.strip():
            raise Invalid("reason_missing", "Say what it is for.", pointer="/reason")
    taxed = treatments((one.assignment, one.worked_on) for one in wanted)
    outcomes = post_agreed(
        [_charge(one, taxed[one.assignment, one.worked_on]) for one in wanted],
        actor=actor,
        at=at,
    )
    _count_bonuses([one.id for one in outcomes if one.refusal is None], actor, at)
    return outcomes


def _count_bonuses(charges: Sequence[UUID], actor: Actor, at: datetime) -> None:
    """Work the weeks out again whose regular rate a promised bonus belongs to."""
    if directory.firm().country != "US":
        return
    for row in Charge.objects.filter(pk__in=charges, kind=BONUS, pay_amount__isnull=False):
        why = Why("bonus", f"{row.label} counts into the regular rate", f"bonus:{row.pk}")
        reprice([(row.worker_id, row.week_starts_on)], why, actor=actor, at=at)


def _charge(one: Wanted, treatment: str) -> NewCharge:
    paid_as = BONUS if one.kind == BONUS else one.paid_as
    paid_as = paid_as or (EXPENSE if one.kind == EXPENSE else "work")
    return NewCharge(
        key=f"agreed:{one.external_id or new_id().hex}",
        kind=one.kind,
        assignment=one.assignment,
        worked_on=one.worked_on,
        code=one.code,
        label=one.label,
        reason=one.reason,
        unit=one.unit,
        pay=_side(one.pay, paid_as),
        bill=_side(one.bill, treatment),
        corrects=one.corrects,
    )


def _side(side: WantedSide | None, treatment: str) -> Agreed | None:
    if side is None:
        return None
    return Agreed(side.quantity, side.price.amount, side.amount, side.price.currency, treatment)


def treatments(wanted: Iterable[tuple[UUID, date]]) -> dict[tuple[UUID, date], str]:
    """How each assignment's client is taxed on the day of a charge."""
    asked = set(wanted)
    clients = dict(
        Assignment.objects.filter(pk__in={assignment for assignment, _ in asked}).values_list(
            "pk", "client_id"
        )
    )
    terms: dict[UUID | None, list[Terms]] = {}
    for row in Terms.objects.filter(client__in=set(clients.values())):
        terms.setdefault(row.client_id, []).append(row)
    found = {}
    for assignment, day in asked:
        own = dated.in_force(terms.get(clients.get(assignment), ()), day)
        found[assignment, day] = own.tax_treatment if own else STANDARD
    return found
