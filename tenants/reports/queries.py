"""Questions of a partner over all its agencies, answered from what was published; asked in
the shared schema.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Min, QuerySet, Sum

from tenants.agencies.models import Firm
from tenants.reports.models import AgencyPosition, AgencyWeek

SUMS = (
    "workers", "sheets", "sheets_approved", "hours", "bill", "pay", "burden", "margin",
    "invoiced", "paid_out",
)  # fmt: skip
NOTHING = Decimal("0.00")


def weeks(partner: UUID, week: date) -> Sequence[Any]:
    """The published rows of a partner's agencies for one week, as plain rows by name."""
    rows = AgencyWeek.objects.filter(agency__partner=partner, week_starts_on=week)
    rows = rows.annotate(agency_name=F("agency__name"))
    return list(
        rows.order_by("agency_name", "agency_id", "currency").values_list(
            "agency_id", "agency_name", "week_starts_on", "currency", *SUMS, "runs", "as_of",
            named=True,
        )
    )  # fmt: skip


def totals(partner: UUID, week: date) -> list[dict[str, Any]]:
    """The sums of all agencies for one week, a currency each, with how fresh the oldest of
    them is.
    """
    rows = (
        AgencyWeek.objects.filter(agency__partner=partner, week_starts_on=week)
        .values("currency")
        .annotate(**{name: Sum(name) for name in SUMS}, as_of=Min("as_of"))
        .order_by("currency")
    )
    return [dict(row) for row in rows]


def missing(partner: UUID, week: date) -> list[Firm]:
    """The agencies of which nothing was published for a week: the report says so."""
    told = AgencyWeek.objects.filter(week_starts_on=week).values("agency_id")
    return list(
        Firm.objects.filter(partner=partner, state=Firm.State.ACTIVE)
        .exclude(pk__in=told)
        .order_by("name", "id")
    )


def positions(partner: UUID) -> QuerySet[AgencyPosition]:
    """Where each of a partner's agencies stands now."""
    return (
        AgencyPosition.objects.filter(agency__partner=partner)
        .select_related("agency")
        .order_by("agency__name", "agency_id")
    )


def trend(agency: UUID, until: date, count: int = 8) -> list[AgencyWeek]:
    """An agency's last weeks up to one, oldest first."""
    rows = AgencyWeek.objects.filter(agency=agency, week_starts_on__lte=until)
    return list(reversed(rows.order_by("-week_starts_on")[:count]))


def recent(partner: UUID, until: date, count: int = 8) -> QuerySet[AgencyWeek]:
    """The last weeks of all of a partner's agencies up to a day, oldest first."""
    since = until - timedelta(weeks=count)
    return (
        AgencyWeek.objects.filter(
            agency__partner=partner, week_starts_on__gt=since, week_starts_on__lte=until
        )
        .select_related("agency")
        .order_by("week_starts_on", "agency__name", "agency_id", "currency")
    )


def newest(partner: UUID) -> date | None:
    """The first day of the last week that was worked and of which an agency has told."""
    found: date | None = AgencyWeek.objects.filter(
        agency__partner=partner, sheets_approved__gt=0
    ).aggregate(day=Max("week_starts_on"))["day"]
    return found


def oldest(partner: UUID) -> datetime | None:
    """How fresh the least fresh position is."""
    found: datetime | None = AgencyPosition.objects.filter(agency__partner=partner).aggregate(
        at=Min("as_of")
    )["at"]
    return found
