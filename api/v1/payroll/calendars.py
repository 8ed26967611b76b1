"""/v1/pay-calendars: how often a group of workers is paid, and how long after the period."""

from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import (
    Choice,
    Day,
    Flag,
    Id,
    Json,
    Ref,
    Resource,
    Shape,
    Text,
    Whole,
    Words,
)
from api.v1.payroll.words import CURRENCIES, ROUTES, TAG
from backline.kernel import ids
from backline.payroll import actions, payyears
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


PAY_DAY = Shape(
    "PayYearPeriod",
    (
        Day("starts_on"),
        Day("ends_on"),
        Day("pay_on", null=True, doc="Null where no bank holidays of that year are held."),
        Whole("number", null=True, doc="Its tax week or month, or its place in the year."),
        Ref("run", "run", null=True),
        Words(
            "flags",
            doc=(
                "gap_before, overlap_before, straddles_year, extra_period (week 53),"
                " same_tax_period, pay_day_unknown, no_run, first_period, overlaps_calendar."
            ),
        ),
    ),
    doc="One period of a calendar's tax year, and what is odd about it.",
)
PAY_YEAR = Shape(
    "PayYear",
    (
        Ref("calendar", "cal"),
        Text("tax_year"),
        Json("data", {"type": "array", "items": PAY_DAY.ref()}),
    ),
    doc="The pay days of a calendar in a tax year.",
)


class YearQuery(fields.Input):
    """Which tax year; this one if it is left out."""

    tax_year = fields.Text(
        longest=9, required=False, help_text="2026-27 in the UK, 2026 in the US."
    )


@door(
    "GET",
    "/v1/pay-calendars/{pay_calendar:cal}/year",
    "pay_calendars_year",
    scope="pay_calendars:read",
    query=YearQuery,
    answers=PAY_YEAR,
    tag=TAG,
)
def year(call: Call, pay_calendar: UUID) -> object:
    """Read a calendar's tax year, period by period, with gaps, overlaps and week 53 flagged."""
    told, rows = payyears.of_calendar(pay_calendar, call.query.get("tax_year", ""), on=call.on)
    return {
        "calendar": ids.public("cal", pay_calendar),
        "tax_year": told,
        "data": [
            PAY_DAY.show(
                {
                    "starts_on": one.row.period.starts_on,
                    "ends_on": one.row.period.ends_on,
                    "pay_on": one.row.period.pay_on,
                    "number": one.row.number,
                    "run": one.run,
                    "flags": list(one.flags),
                }
            )
            for one in rows
        ],
    }
