"""Pay for time that is not worked: statutory sick and family pay, and holiday that was earned; each
a charge with a pay side alone, paid with the next run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.assignments.models import Assignment
from backline.charges import agreed
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.outcomes import one
from backline.payroll import leave
from rulebook.money import NOTHING, Money, to_penny
from rulebook.packs.gb import family, sick
from rulebook.timeline import NoRule

CODES = {
    "maternity": "smp", "adoption": "sap", "paternity": "spp", "shared_parental": "shpp",
    "bereavement": "spbp", "neonatal": "sncp",
}  # fmt: skip
LABELS = {
    "maternity": "Statutory maternity pay",
    "adoption": "Statutory adoption pay",
    "paternity": "Statutory paternity pay",
    "shared_parental": "Statutory shared parental pay",
    "bereavement": "Statutory parental bereavement pay",
    "neonatal": "Statutory neonatal care pay",
}
STATUTORY = "statutory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sickness:
    """Days of one absence, and what its pay goes by; `average` a week where pay was elsewhere."""

    assignment: UUID
    first_day: date
    days: Sequence[date]
    qualifying_weekdays: frozenset[int]
    weeks_paid: Decimal = Decimal(0)
    average: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyLeave:
    """Weeks of one kind of family leave, from the n-th on."""

    assignment: UUID
    kind: str
    starts_on: date
    weeks: int
    first_week: int = 1
    service_weeks: int = 0
    average: Money | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """What leave comes to: the average week it goes by, and its charges."""

    average: Decimal
    charges: list[UUID] = field(default_factory=list)


def pay_sickness(told: Sickness, *, actor: Actor, at: datetime) -> Paid:
    """Pay statutory sick pay for days of an absence, a charge a week; a week again changes nothing.

    Average earnings are those of the eight weeks before, unless they are given.
    """
    post = _employed(told.assignment)
    if not told.qualifying_weekdays or not all(0 <= day <= 6 for day in told.qualifying_weekdays):
        raise Invalid("weekdays", "Name weekdays, 0 for Monday.", pointer="/qualifying_weekdays")
    average = _average(post, told.first_day, told.average)
    try:
        weeks = sick.sick_pay(
            told.days,
            average=average,
            qualifying_weekdays=told.qualifying_weekdays,
            first_day=told.first_day,
            weeks_paid=told.weeks_paid,
        )
    except NoRule as no:
        raise Conflict("law_not_held", str(no)) from None
    if not weeks:
        raise Invalid(
            "no_qualifying_day", "None of these days is a qualifying day.", pointer="/days"
        )
    charges = []
    for week in weeks:
        sick_days = [day for day in sorted(told.days) if 0 <= (day - week.starts_on).days < 7]
        charges.append(
            _charge(
                post,
                key=f"ssp:{post.worker_id}:{week.starts_on.isoformat()}",
                worked_on=sick_days[0],
                code="ssp",
                label="Statutory sick pay",
                quantity=Decimal(week.days),
                amount=week.amount,
                unit="day",
                reason="; ".join(f"{step.label}: {step.result}" for step in week.steps),
                treatment=STATUTORY,
            )
        )
    return Paid(average, _posted(charges, actor, at))


def pay_family_leave(told: FamilyLeave, *, actor: Actor, at: datetime) -> Paid:
    """Pay statutory family pay week by week, by the rate of each week; a week again changes
    nothing. Refused, with every reason, to whom the law gives none.
    """
    post = _employed(told.assignment)
    if told.kind not in CODES:
        raise Invalid("kind_unknown", f"Say one of {', '.join(CODES)}.", pointer="/kind")
    average = _average(post, told.starts_on, told.average)
    try:
        lacking = family.entitled(average, told.service_weeks, told.starts_on)
        last = family.weeks_payable(told.kind, told.starts_on)
        refuse_if([Fault(code, _why(code, average), "/average") for code in lacking], Conflict)
        if not (
            told.first_week >= 1 and told.weeks >= 1 and told.first_week + told.weeks - 1 <= last
        ):
            raise Invalid(
                "too_many_weeks", f"{LABELS[told.kind]} has {last} weeks.", pointer="/weeks"
            )
        charges = [
            _week(post, told, n, average)
            for n in range(told.first_week, told.first_week + told.weeks)
        ]
    except NoRule as no:
        raise Conflict("law_not_held", str(no)) from None
    return Paid(average, _posted(charges, actor, at))


def take_holiday(
    assignment: UUID, *, starts_on: date, hours: Decimal, actor: Actor, at: datetime
) -> Paid:
    """Pay holiday that was earned, at the average of the last paid weeks; refused beyond what was
    earned, and where holiday pay goes along with pay.
    """
    post = _employed(assignment)
    balance = leave.balance(post.worker_id, starts_on)
    if not 0 < hours <= balance.left:
        told = f"{balance.left} hours were earned and not taken."
        raise Conflict("not_earned", told, pointer="/hours", left=str(balance.left))
    rate = leave.hour_of_holiday(post.worker_id, starts_on)
    if rate is None:
        raise Conflict("nothing_paid", "No paid week is held from which holiday pay is worked out.")
    charge = _charge(
        post,
        key=f"leave:{post.worker_id}:{starts_on.isoformat()}",
        worked_on=starts_on,
        code="holiday",
        label="Holiday pay",
        quantity=hours,
        amount=to_penny(hours * rate),
        unit="hour",
        reason=leave.TAKEN,
        treatment="holiday",
    )
    return Paid(rate, _posted([charge], actor, at))


def _week(post: Assignment, told: FamilyLeave, n: int, average: Decimal) -> agreed.NewCharge:
    on = date.fromordinal(told.starts_on.toordinal() + 7 * (n - told.first_week))
    amount = family.weekly(told.kind, n, average, on)
    return _charge(
        post,
        key=f"{CODES[told.kind]}:{post.worker_id}:{on.isoformat()}",
        worked_on=on,
        code=CODES[told.kind],
        label=f"{LABELS[told.kind]}, week {n}",
        quantity=Decimal(1),
        amount=amount,
        unit="unit",
        reason=f"Week {n} on an average of {average} a week",
        treatment=STATUTORY,
    )


def _why(code: str, average: Decimal) -> str:
    if code == "earns_too_little":
        return f"Average earnings of {average} a week are below what the law asks for."
    return "The weeks of service are fewer than the law asks for."


def _employed(assignment: UUID) -> Assignment:
    row = Assignment.objects.filter(pk=assignment).first()
    if row is None:
        raise Missing("not_found", "There is no such assignment.", pointer="/assignment")
    if row.engagement != "paye":
        told = "Only who is employed under PAYE is paid so here."
        raise Conflict("not_employed", told, pointer="/assignment")
    return row


def _average(post: Assignment, on: date, given: Money | None) -> Decimal:
    if given is not None:
        if given.currency != "GBP":
            raise Invalid("currency_differs", "Write pounds.", pointer="/average/currency")
        return given.amount
    found = leave.average_before(post.worker_id, on)
    if found is None:
        told = "No pay is held from before; give the average earnings a week."
        raise Invalid("average_unknown", told, pointer="/average")
    return found


def _charge(
    post: Assignment,
    *,
    key: str,
    worked_on: date,
    code: str,
    label: str,
    quantity: Decimal,
    amount: Decimal,
    unit: str,
    reason: str,
    treatment: str,
) -> agreed.NewCharge:
    rate = (amount / quantity).quantize(Decimal("0.0001")) if quantity else NOTHING
    return agreed.NewCharge(
        key=key,
        kind="adjustment",
        assignment=post.pk,
        worked_on=worked_on,
        code=code,
        label=label,
        reason=reason,
        unit=unit,
        pay=agreed.Agreed(quantity, rate, amount, "GBP", treatment),
    )


def _posted(charges: Sequence[agreed.NewCharge], actor: Actor, at: datetime) -> list[UUID]:
    return [one([outcome]) for outcome in agreed.post_agreed(charges, actor=actor, at=at)]
