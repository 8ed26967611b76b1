"""/v1/pay-calendars: how often a group of workers is paid, and how long after the period."""

from api import fields
from api.door import Call, door, reads
from api.resource import Choice, Day, Flag, Id, Resource, Text, Whole, Words
from api.v1.payroll.words import CURRENCIES, ROUTES, TAG
from backline.payroll import actions
from backline.payroll.models import PayCalendar
from rulebook.calendars import calendars

FREQUENCIES = ("weekly", "fortnightly", "biweekly", "four_weekly", "monthly")

PAY_CALENDAR = Resource(
    "PayCalendar",
    model=PayCalendar,
    fields=(
        Id("cal"),
        Text("name"),
        Choice("frequency", FREQUENCIES),
        Words("engagements", doc="Who is paid by it: paye, umbrella, w2 …"),
        Choice("currency", CURRENCIES),
        Day("anchor_on", doc="The first day of some period."),
        Whole("pay_lag_days", doc="Days from the last day of a period to its pay day."),
        Choice("holidays", calendars(), doc="Whose bank holidays move pay days."),
        Flag("is_active"),
    ),
    filters=("frequency", "currency", "is_active"),
    doc="How often a group of workers is paid.",
)

reads(PAY_CALENDAR, "/v1/pay-calendars", scope="pay_calendars:read", tag=TAG)


class PayCalendarIn(fields.Input):
    """A rhythm of pay."""

    name = fields.Text(longest=80)
    frequency = fields.Choice(FREQUENCIES)
    engagements = fields.Many(fields.Choice(ROUTES), most=6)
    currency = fields.Choice(CURRENCIES)
    anchor_on = fields.Day(help_text="The first day of some period.")
    pay_lag_days = fields.Whole(most=45, default=5)
    holidays = fields.Choice(calendars())


@door(
    "POST",
    "/v1/pay-calendars",
    "pay_calendars_add",
    scope="pay_calendars:write",
    body=PayCalendarIn,
    answers=PAY_CALENDAR,
    status=201,
    key="optional",
    tag=TAG,
)
def add(call: Call) -> object:
    """Pay a group of engagements in a rhythm; runs open by themselves when periods end."""
    made = actions.add_calendar(**call.body, actor=call.actor, at=call.at)
    return PAY_CALENDAR.one(made.pk)
