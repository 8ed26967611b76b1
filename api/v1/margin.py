"""/v1/margins, /v1/weeks: what is left of a bill after pay and what pay costs; weeks closed."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import (
    Amount,
    Choice,
    Day,
    Flag,
    Id,
    Instant,
    Json,
    Quantity,
    Ref,
    Resource,
    Shape,
    Share,
    Text,
    Whole,
)
from api.v1.directory.words import PEOPLE
from backline.kernel.errors import Missing
from backline.margin import actions, queries
from backline.margin.models import ClosedWeek, MarginAdjustment, WeekMargin
from backline.margin.queries import DIMENSIONS, Report, Row
from rulebook.margin import ACTUAL, EXPECTED
from rulebook.money import Money

MOST_DAYS = 400

FIGURES = Shape(
    "MarginRow",
    (
        Text("key", doc="The id, the day or the word of the dimension; total for the sum."),
        Text("name"),
        Quantity("hours"),
        Amount("bill"),
        Amount("pay"),
        Amount("burden", doc="What the employer pays on top of pay."),
        Amount("other", doc="What was put to margin alone."),
        Amount("margin", doc="Bill less pay less burden, and other."),
        Share("margin_share", null=True, doc="Margin as a share of the bill."),
        Share("markup_share", null=True, doc="Margin as a share of pay."),
        Choice("burden_is", (EXPECTED, ACTUAL), doc="actual once every payslip behind it is final"
               "; of a closed week: as it was reported."),
        Amount("late", doc="The part of the margin that belongs to weeks closed before."),
        Flag("is_closed", doc="Frozen as it was reported; told by week alone."),
    ),
    doc="Margin of one value of the dimension, in one currency.",
)  # fmt: skip
GAP = Shape(
    "MarginGap",
    (Text("code"), Whole("count"), Text("detail")),
    doc="What the report does not hold yet.",
)
ROWS = {"type": "array", "items": FIGURES.ref()}
REPORT = Shape(
    "Margins",
    (
        Choice("by", tuple(DIMENSIONS)),
        Day("from"),
        Day("to"),
        Instant("as_of", doc="Up to this moment everything that was recorded is counted."),
        Json("rows", ROWS),
        Json("totals", ROWS, doc="One a currency; the same along every dimension."),
        Json("missing", {"type": "array", "items": GAP.ref()}),
    ),
    doc="Margin along a dimension, with how fresh it is and what is missing.",
)


class MarginsQuery(fields.Input):
    """Along what, and of which weeks; whole weeks are told."""

    by = fields.Choice(tuple(DIMENSIONS), default="week")

    def get_fields(self) -> dict[str, Any]:
        """Two of the words are Python's own."""
        return super().get_fields() | {
            "from": fields.Day(help_text="A day of the first week."),
            "to": fields.Day(help_text="A day of the last week."),
        }

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """The last week is not before the first, and not years later."""
        days = (given["to"] - given["from"]).days
        if not 0 <= days <= MOST_DAYS:
            told = f"Give a span of at most {MOST_DAYS} days that ends after it starts."
            raise fields.wrong("to", "span_out_of_bounds", told)
        return given


@door("GET", "/v1/margins", "margins_retrieve", scope="margin:read", query=MarginsQuery,
      answers=REPORT)  # fmt: skip
def margins(call: Call) -> object:
    """Read margin by assignment, client, worker, consultant, service line or week; closed weeks
    stand as they were reported.
    """
    asked = call.query
    found = queries.report(asked["by"], asked["from"], asked["to"], at=call.at)
    return _shown(found)


def _shown(found: Report) -> dict[str, object]:
    gaps = [
        GAP.show({"code": gap.code, "count": gap.count, "detail": gap.detail})
        for gap in found.missing
    ]
    return REPORT.show(
        {"by": found.by, "from": found.starts_on, "to": found.ends_on, "as_of": found.as_of}
    ) | {"rows": _rows(found.rows), "totals": _rows(found.totals), "missing": gaps}


def _rows(rows: Sequence[Row]) -> list[dict[str, object]]:
    return [
        FIGURES.show(
            {
                "key": row.key,
                "name": row.name,
                "hours": row.figures.hours,
                **{
                    name: Money(getattr(row.figures, name), row.currency)
                    for name in ("bill", "pay", "burden", "other", "margin")
                },
                "margin_share": row.figures.margin_share,
                "markup_share": row.figures.markup_share,
                "burden_is": row.figures.burden_is,
                "late": Money(row.late.margin, row.currency),
                "is_closed": row.is_closed,
            }
        )
        for row in rows
    ]


# --- weeks that were reported --------------------------------------------------------------------

AMOUNTS = (
    Quantity("hours"),
    Amount("bill", currency="currency"),
    Amount("pay", currency="currency"),
    Amount("burden", currency="currency"),
    Amount("other", currency="currency"),
    Amount("margin", currency="currency"),
    Amount("late", currency="currency", doc="The part of the margin of weeks closed before."),
)
CLOSED_WEEK = Resource(
    "ClosedWeek",
    model=ClosedWeek,
    fields=(
        Id("wek"),
        Day("week_starts_on"),
        *AMOUNTS,
        Text("digest", doc="What its rows hash to: they were not changed since."),
        Instant("closed_at"),
        Json("closed_by", PEOPLE),
    ),
    filters=("week_starts_on", "closed_at"),
    sorts=("week_starts_on",),
    doc="A week whose margin was reported and stays as it is.",
)
WEEK_MARGIN = Resource(
    "WeekMargin",
    model=WeekMargin,
    fields=(
        Ref("assignment", "asg"),
        Ref("client", "cli"),
        Ref("worker", "wrk"),
        Quantity("hours"),
        Amount("bill", currency="week__currency"),
        Amount("pay", currency="week__currency"),
        Amount("burden", currency="week__currency"),
        Amount("other", currency="week__currency"),
        Amount("margin", currency="week__currency"),
        Amount("late", currency="week__currency"),
    ),
    order="id",
    doc="One assignment's margin in a closed week, as it was reported.",
)
CLOSED = Shape(
    "WeekClosing",
    (Json("weeks", {"type": "array", "items": CLOSED_WEEK.ref()}),),
    doc="The week as it was closed, one row a currency.",
)

reads(CLOSED_WEEK, "/v1/weeks", scope="margin:read")


@door("GET", "/v1/weeks/{closed_week:wek}/margins", "weeks_margins", scope="margin:read",
      lists=WEEK_MARGIN)  # fmt: skip
def frozen(call: Call, closed_week: UUID) -> object:
    """List the margins of a closed week by assignment, as they were reported."""
    if not ClosedWeek.objects.filter(pk=closed_week).exists():
        raise Missing("not_found", "There is no such record, or not for you.")
    return WEEK_MARGIN.page(call, WeekMargin.objects.filter(week=closed_week))


@door("POST", "/v1/weeks/{day:date}/close", "weeks_close", scope="margin:close", answers=CLOSED,
      key="optional", dry_run=True)  # fmt: skip
def close(call: Call, day: date) -> object:
    """Close the week around a day: its margin is frozen; what comes later is in the open one."""
    rows = actions.close_week(day, actor=call.actor, at=call.at)
    among = ClosedWeek.objects.filter(pk__in=[row.pk for row in rows]).order_by("currency")
    return {"weeks": CLOSED_WEEK.several(among)}


# --- margin alone --------------------------------------------------------------------------------

ADJUSTMENT = Resource(
    "MarginAdjustment",
    model=MarginAdjustment,
    fields=(
        Id("mad"),
        Ref("assignment", "asg"),
        Ref("client", "cli"),
        Day("week_starts_on"),
        Amount("amount"),
        Text("reason"),
        Instant("made_at"),
        Json("made_by", PEOPLE),
    ),
    filters=("assignment", "client", "week_starts_on", "made_at"),
    doc="A cost or a gain put to the margin of an assignment's week alone.",
)

reads(ADJUSTMENT, "/v1/margin-adjustments", scope="margin:read")


class AdjustmentIn(fields.Input):
    """A cost (negative) or a gain, and what for."""

    assignment = fields.PublicId("asg")
    worked_on = fields.Day(help_text="A day of the week it is put to.")
    amount = fields.MoneyIn(least=None)
    reason = fields.Text(longest=200)


@door("POST", "/v1/margin-adjustments", "margin_adjustments_add", scope="charges:write",
      body=AdjustmentIn, answers=ADJUSTMENT, status=201, key="required", dry_run=True)  # fmt: skip
def adjust(call: Call) -> object:
    """Put a cost or a gain to margin alone: nobody is paid or billed for it."""
    made = actions.adjust(**call.body, actor=call.actor, at=call.at)
    return ADJUSTMENT.one(made.pk)
