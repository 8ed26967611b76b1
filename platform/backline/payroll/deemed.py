"""Deemed: work through a worker's own company that is inside the off-payroll rules counts as pay:
the firm that pays the fee takes tax and National Insurance and bears the employer's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from django.db.models import QuerySet

from backline.assignments.engagements import COMPANY
from backline.assignments.models import Determination
from backline.kernel import dated
from backline.payroll import latest, standing
from backline.payroll.earning import PaySide, earnings
from backline.payroll.models import Payslip
from rulebook.money import NOTHING
from rulebook.pack import Situation
from rulebook.packs.gb.offpayroll import deemed_earning
from rulebook.periods import DAY, Period

if TYPE_CHECKING:
    from backline.payroll.gathering import Gathered, Payee

OWN = "limited"

NO_YEAR: latest.Standing = (None, {})
# By worker and company.
Before: TypeAlias = dict[tuple[UUID, UUID | None], latest.Standing]


@dataclass(slots=True)
class Inside:
    """The charges of work inside the rules, and what their workers were deemed to earn before."""

    charges: set[UUID] = field(default_factory=set)
    before: Before = field(default_factory=dict)


def inside(charges: Mapping[Payee, Sequence[PaySide]], pay_on: date) -> Inside:
    """Which of these charges are inside on the day they were worked, and the year to date."""
    some = [
        charge
        for (_, route, _), own in charges.items()
        if COMPANY.get(route) == OWN
        for charge in own
    ]
    found = Inside()
    if not some:
        return found
    determined: dict[UUID, list[Determination]] = {}
    rows = Determination.objects.filter(
        assignment__among={charge.assignment_id for charge in some}, withdrawn=False
    )
    for row in rows:
        determined.setdefault(row.assignment_id, []).append(row)
    for charge in some:
        held = dated.in_force(determined.get(charge.assignment_id, ()), charge.worked_on)
        if held is not None and held.is_inside:
            found.charges.add(charge.id)
    if found.charges:
        found.before = latest.of_companies({charge.worker_id for charge in some}, pay_on)
    return found


def situation(gathered: Gathered, payee: Payee) -> Situation | None:
    """What the part of a fee inside the rules counts as; None where nothing is inside.

    Materials that the company pays for and expenses are no pay; loans and pension stay away.
    """
    worker, _, company = payee
    own = [one for one in gathered.charges[payee] if one.id in gathered.inside.charges]
    if not own:
        return None
    earned = earnings(own)
    fee = sum((one.amount for one in earned), NOTHING)
    materials = sum((one.amount for one in earned if one.kind == "expense"), NOTHING)
    elections: dict[str, Any] = standing.of_uk(gathered.elections.get(worker, {}))
    elections.pop("pension", None)
    row, run = gathered.workers[worker], gathered.run
    return Situation(
        country="GB",
        pay_on=run.pay_on,
        frequency=run.calendar.frequency,
        earnings=(deemed_earning(fee, materials, NOTHING),),
        elections=elections | {"off_payroll": True},
        employer=gathered.employer,
        year_to_date=gathered.inside.before.get((worker, company), NO_YEAR)[1],
        worker_born_on=row.born(),
        period=Period(run.starts_on, run.ends_on + DAY),
    )


def statements() -> QuerySet[Payslip]:
    """The statements of deemed pay, voids included: each carries the year to date on to the next of
    the same worker and company.
    """
    return Payslip.objects.filter(intermediary__kind=OWN).exclude(carried_forward={})
