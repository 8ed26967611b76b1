"""Accepted milestones: each one charge with the two sides that were accepted, posted inside the
acceptance.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.assignments.models import Milestone
from backline.charges.actions.agreeing import treatments
from backline.charges.agreed import Agreed, NewCharge, post_agreed
from backline.kernel.actors import Actor
from backline.kernel.errors import Refusal
from rulebook.rates import ONE

KIND = "milestone"


def charge_milestones(
    rows: Sequence[Milestone], *, actor: Actor, at: datetime
) -> Mapping[UUID, UUID | Refusal]:
    """Post what was accepted of these milestones, each once; the charge of each, or why not.

    What is accepted after the assignment has ended belongs to its last day.
    """
    days = {row.pk: _worked_on(row) for row in rows}
    taxed = treatments((row.assignment_id, days[row.pk]) for row in rows)
    outcomes = post_agreed(
        [_charge(row, days[row.pk], taxed[row.assignment_id, days[row.pk]]) for row in rows],
        actor=actor,
        at=at,
    )
    return {
        row.pk: outcome.refusal or outcome.id for row, outcome in zip(rows, outcomes, strict=True)
    }


def _worked_on(row: Milestone) -> date:
    accepted_on = row.accepted_on or row.assignment.starts_on
    return min(accepted_on, row.assignment.ends_on or accepted_on)


def _charge(row: Milestone, worked_on: date, treatment: str) -> NewCharge:
    share = row.accepted_share or ONE
    part = "" if share == 1 else f", {share * 100:f}".rstrip("0").rstrip(".") + " %"
    return NewCharge(
        key=f"{KIND}:{row.pk}",
        kind=KIND,
        assignment=row.assignment_id,
        worked_on=worked_on,
        code=KIND,
        label=f"Milestone {row.number}: {row.name}{part}",
        reason=row.reason or f"Accepted on {row.accepted_on}",
        unit="unit",
        pay=_side(row.accepted_pay, row.pay_currency, "work"),
        bill=_side(row.accepted_bill, row.bill_currency, treatment),
    )


def _side(amount: Decimal | None, currency: str, treatment: str) -> Agreed | None:
    """A side that was agreed and comes to something."""
    return Agreed(ONE, amount, amount, currency, treatment) if amount else None
