"""/v1/statutory-pay and /v1/holidays: pay for time that is not worked, and holiday that is left."""

from uuid import UUID

from api import fields
from api.door import Call, door
from api.resource import Amount, Choice, Json, Quantity, Ref, Shape, Text
from api.v1.charges import CHARGE
from api.v1.payroll.words import TAG
from backline.charges.models import Charge
from backline.kernel import ids
from backline.payroll import actions, leave
from rulebook.money import Money

KINDS = ("maternity", "adoption", "paternity", "shared_parental", "bereavement", "neonatal")

PAID = Shape(
    "LeavePaid",
    (
        Amount("average", doc="What it goes by: the average week, or the hour of holiday."),
        Json("charges", {"type": "array", "items": CHARGE.ref()}),
    ),
    doc="What leave comes to; it is paid with the next run.",
)
HOLIDAY = Shape(
    "Holiday",
    (
        Ref("worker", "wrk"),
        Choice("method", ("rolled_up", "accrued", "none"), doc="How it is paid now."),
        Quantity("brought", doc="Hours brought along when the books were opened."),
        Quantity("earned", doc="Hours earned in weeks in which holiday accrued."),
        Quantity("taken"),
        Quantity("left"),
        Text("rate", doc="What an hour of it is paid now; empty where nothing was paid yet."),
    ),
    doc="A worker's holiday, in hours.",
)


class SicknessIn(fields.Input):
    """Days of one absence. Average earnings are worked out unless pay was elsewhere."""

    assignment = fields.PublicId("asg")
    first_day = fields.Day(help_text="The first day of the absence decides the rules.")
    days = fields.Many(fields.Day(), most=366)
    qualifying_weekdays = fields.Many(fields.Whole(most=6), most=7)
    weeks_paid = fields.DecimalText(required=False, help_text="In absences that link.")
    average = fields.MoneyIn(required=False)


class FamilyLeaveIn(fields.Input):
    """Weeks of family leave, from the n-th on."""

    assignment = fields.PublicId("asg")
    kind = fields.Choice(KINDS)
    starts_on = fields.Day()
    weeks = fields.Whole(least=1, most=52)
    first_week = fields.Whole(least=1, most=52, default=1)
    service_weeks = fields.Whole(most=5000)
    average = fields.MoneyIn(required=False)


class HolidayIn(fields.Input):
    """Holiday that is taken."""

    assignment = fields.PublicId("asg")
    starts_on = fields.Day()
    hours = fields.DecimalText(places=2)


class HolidayQuery(fields.Input):
    """Up to which day; today if it is left out."""

    on = fields.Day(required=False)


@door(
    "POST",
    "/v1/statutory-pay/sick",
    "statutory_pay_sick",
    scope="charges:write",
    body=SicknessIn,
    answers=PAID,
    key="required",
    dry_run=True,
    tag=TAG,
)
def sick(call: Call) -> object:
    """Pay statutory sick pay for days of an absence, a charge a week; the same week again changes
    nothing.
    """
    body = dict(call.body)
    told = actions.Sickness(
        **body | {"qualifying_weekdays": frozenset(body["qualifying_weekdays"])}
    )
    return _paid(actions.pay_sickness(told, actor=call.actor, at=call.at))


@door(
    "POST",
    "/v1/statutory-pay/family",
    "statutory_pay_family",
    scope="charges:write",
    body=FamilyLeaveIn,
    answers=PAID,
    key="required",
    dry_run=True,
    tag=TAG,
)
def family(call: Call) -> object:
    """Pay statutory family pay week by week; refused, with the reasons, to whom law gives none."""
    told = actions.FamilyLeave(**call.body)
    return _paid(actions.pay_family_leave(told, actor=call.actor, at=call.at))


@door(
    "POST",
    "/v1/holidays",
    "holidays_take",
    scope="charges:write",
    body=HolidayIn,
    answers=PAID,
    key="required",
    dry_run=True,
    tag=TAG,
)
def take(call: Call) -> object:
    """Pay holiday that was earned, at the average of the weeks looked back on."""
    body = dict(call.body)
    made = actions.take_holiday(body.pop("assignment"), **body, actor=call.actor, at=call.at)
    return _paid(made)


@door(
    "GET",
    "/v1/workers/{worker:wrk}/holiday",
    "workers_holiday",
    scope="charges:read",
    query=HolidayQuery,
    answers=HOLIDAY,
    tag=TAG,
)
def holiday(call: Call, worker: UUID) -> object:
    """Read the holiday a worker earned, took and has left, and what an hour of it is paid."""
    on = call.query.get("on", call.on)
    told, rate = leave.balance(worker, on), leave.hour_of_holiday(worker, on)
    return {
        "worker": ids.public("wrk", worker),
        "method": told.method,
        "brought": str(told.brought),
        "earned": str(told.earned),
        "taken": str(told.taken),
        "left": str(told.left),
        "rate": "" if rate is None else str(rate),
    }


def _paid(made: actions.Paid) -> object:
    rows = Charge.objects.filter(pk__in=made.charges).order_by("worked_on", "id")
    return {
        "average": PAID.show({"average": Money(made.average, "GBP"), "charges": []})["average"],
        "charges": CHARGE.several(rows),
    }
