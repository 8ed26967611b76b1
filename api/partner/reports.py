"""/v1/partner/reports: sums over all agencies; no person is in them, and each says how fresh
it is.
"""

from api import fields
from api.door import Call, door
from api.partner.agencies import TAG
from api.resource import Amount, Day, Instant, Json, Quantity, Ref, Shape, Text, Whole
from rulebook.money import Money
from tenants.reports import queries

RUNS = {"type": "array", "items": {"type": "object"}}
WEEK_ROW = Shape(
    "AgencyWeek",
    (
        Ref("agency", "agy"),
        Text("agency_name"),
        Day("week_starts_on"),
        Whole("workers"),
        Whole("sheets"),
        Whole("sheets_approved"),
        Quantity("hours"),
        Amount("bill"),
        Amount("pay"),
        Amount("burden"),
        Amount("margin"),
        Amount("invoiced"),
        Amount("paid_out"),
        Json("runs", RUNS),
        Instant("as_of"),
    ),
    doc="One agency's week as sums.",
)
WEEK_REPORT = Shape(
    "PartnerWeek",
    (
        Day("week_starts_on"),
        Json("agencies", {"type": "array", "items": {"$ref": "#/components/schemas/AgencyWeek"}}),
        Json("missing", {"type": "array", "items": {"type": "string"}},
             doc="Agencies of which nothing was published for this week."),
        Instant("as_of", null=True, doc="How fresh the least fresh figure is."),
    ),
    doc="A week over all agencies, from what each of them published.",
)  # fmt: skip
POSITION_ROW = Shape(
    "AgencyPosition",
    (
        Ref("agency", "agy"),
        Text("agency_name"),
        Amount("receivable"),
        Amount("in_use"),
        Amount("headroom", null=True, doc="What may still be drawn; below zero when too much was."),
        Amount("unapplied"),
        Json("exceptions", RUNS, doc="What is open on its desk, by kind and owner."),
        Instant("as_of"),
    ),
    doc="Where one agency stands now.",
)
POSITIONS = Shape(
    "PartnerPositions",
    (
        Json(
            "agencies", {"type": "array", "items": {"$ref": "#/components/schemas/AgencyPosition"}}
        ),
    ),
    doc="Where every agency stands now.",
)
MONEY = ("bill", "pay", "burden", "margin", "invoiced", "paid_out")


class WeekQuery(fields.Input):
    """Which week."""

    week_starts_on = fields.Day()


@door("GET", "/v1/partner/reports/week", "partner_reports_week", scope="partner_reports:read",
      query=WeekQuery, answers=WEEK_REPORT, role="shared", tag=TAG)  # fmt: skip
def week(call: Call) -> object:
    """Read a week over all agencies: work, pay, bill, burden and margin, each agency by itself."""
    partner, day = call.known().firm_id, call.query["week_starts_on"]
    rows = queries.weeks(partner, day)
    shown = [
        WEEK_ROW.show(
            {
                "agency": row.agency_id,
                "agency_name": row.agency_name,
                "week_starts_on": row.week_starts_on,
                "workers": row.workers,
                "sheets": row.sheets,
                "sheets_approved": row.sheets_approved,
                "hours": row.hours,
                **{name: Money(getattr(row, name), row.currency) for name in MONEY},
                "runs": row.runs,
                "as_of": row.as_of,
            }
        )
        for row in rows
    ]
    return WEEK_REPORT.show(
        {
            "week_starts_on": day,
            "agencies": shown,
            "missing": [firm.name for firm in queries.missing(partner, day)],
            "as_of": min((row.as_of for row in rows), default=None),
        }
    )


@door("GET", "/v1/partner/reports/positions", "partner_reports_positions",
      scope="partner_reports:read", answers=POSITIONS, role="shared", tag=TAG)  # fmt: skip
def positions(call: Call) -> object:
    """Read where every agency stands: owed by clients, advanced, waiting, and what needs a
    person.
    """
    rows = queries.positions(call.known().firm_id)
    return POSITIONS.show(
        {
            "agencies": [
                POSITION_ROW.show(
                    {
                        "agency": row.agency_id,
                        "agency_name": row.agency.name,
                        **{
                            name: Money(getattr(row, name), row.currency)
                            for name in ("receivable", "in_use", "unapplied")
                        },
                        "headroom": (row.headroom, row.currency),
                        "exceptions": row.exceptions,
                        "as_of": row.as_of,
                    }
                )
                for row in rows
            ]
        }
    )
