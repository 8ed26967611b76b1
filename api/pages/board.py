"""The first page: one week over all agencies for a partner, over its own for an agency.

A partner sees what agencies published and nothing else; an agency's own people see its books.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpResponse

from api.pages import board_parts, cases, weeks, wording
from api.pages.board_parts import Seen
from api.pages.frame import Visitor, drawn, page, signed_in
from api.pages.weeks import Standing, Sums
from backline.desk import queries as desk
from backline.kernel.errors import Forbidden
from rulebook.periods import Period, week_of
from tenants import tenancy
from tenants.reports import queries as reports

WEEKS = 8
MOST_NEEDS = 8


@page("GET")
@signed_in
def home(visitor: Visitor) -> HttpResponse:
    """The week that one's work is about."""
    return _partners(visitor) if visitor.is_at_partner else _own(visitor)


def _partners(visitor: Visitor) -> HttpResponse:
    visitor.needs("board:read")
    partner = visitor.credential.firm_id
    with tenancy.shared():
        last = reports.newest(partner) or visitor.on
        week = weeks.asked(visitor.request.GET.get("week", ""), last)
        rows = list(reports.recent(partner, week.last_day, WEEKS))
        standing = weeks.standings(reports.positions(partner))
        missing = [firm.name for firm in reports.missing(partner, week.starts)]
    needs = [
        case
        for one in standing
        for case in cases.counted(
            one.exceptions, sub=one.name, href=f"/agencies/{one.agency}?next=/exceptions"
        )
    ]
    fresh = weeks.as_of(row for row in rows if row.week_starts_on in week)
    context = {
        **_board(visitor, week, week_of(last), weeks.published(rows), standing),
        "needs": sorted(needs, key=lambda case: case["weight"], reverse=True)[:MOST_NEEDS],
        "missing": missing,
    }
    context["week"]["as_of"] = f"As of {visitor.moment(fresh)}" if fresh else ""
    return drawn(visitor, "board.html", context, here="Week")


def _own(visitor: Visitor) -> HttpResponse:
    if not visitor.holds("timesheets:read"):
        raise Forbidden("scope_missing", "This needs timesheets:read.")
    own = visitor.credential
    with visitor.books() as place:
        sums = weeks.own_weeks(own.firm_id, own.firm_name, own.country, visitor.on)
        worked = [row.week_starts_on for row in sums if row.sheets_approved]
        last = max(worked, default=visitor.on)
        week = weeks.asked(visitor.request.GET.get("week", ""), last)
        standing = weeks.own_standing(own.firm_id, own.firm_name, place.partner, visitor.on)
        rows = list(desk.soonest()[:MOST_NEEDS]) if visitor.holds("exceptions:read") else []
        before = [row for row in sums if row.week_starts_on <= week.last_day]
        context = {
            **_board(visitor, week, week_of(visitor.on), before, [standing]),
            "needs": cases.listed(visitor, rows),
        }
        context["week"]["as_of"] = "As of now"
        return drawn(visitor, "board.html", context, here="Week")


def _board(
    visitor: Visitor, week: Period, last: Period, history: Sequence[Sums], standing: list[Standing]
) -> dict[str, Any]:
    """Everything on the board but what needs a person."""
    seen = Seen(visitor)
    now = [row for row in history if row.week_starts_on in week]
    before = [row for row in history if row.week_starts_on in week_before(week)]
    return {
        "title": f"Week of {wording.short_day(week.starts, visitor.country)}",
        "week": {
            "title": wording.period(week.starts, week.last_day, visitor.country),
            "says": _paid(now, visitor.country),
            "prev_href": f"/?week={week_before(week).starts.isoformat()}",
            "next_href": f"/?week={week.ends.isoformat()}" if week.starts < last.starts else "",
        },
        "deadline": board_parts.deadline(seen, now),
        "figures": board_parts.figures(seen, now, before, standing),
        "agencies": board_parts.agencies(seen, now, history, standing),
        "needs_href": "/exceptions",
        "charts": board_parts.charts(seen, history, week),
        "shows": {"margin": seen.margin, "headroom": seen.funding, "needs": seen.needs},
        "is_partner": visitor.is_at_partner,
    }


def week_before(week: Period) -> Period:
    """The seven days before."""
    return Period(week.starts - timedelta(days=7), week.starts)


def _paid(rows: Iterable[Sums], country: str) -> str:
    days = sorted({run.pay_on for row in rows for run in row.runs})
    return "Paid " + " and ".join(wording.weekday(day, country) for day in days) if days else ""
