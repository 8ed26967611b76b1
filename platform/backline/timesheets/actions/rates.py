"""Which rates a sheet knows: those of the day it was handed in, until it is priced again on
purpose.
"""

from datetime import date, datetime
from uuid import UUID

from django.db.models import F, OuterRef, Q, Subquery

from backline.assignments.models import RateAgreement
from backline.kernel.actors import Actor
from backline.kernel.events import record
from backline.timesheets.events import TimesheetRatesTaken
from backline.timesheets.models import Timesheet

Status = Timesheet.Status


def know_newest_rates(
    *,
    actor: Actor,
    at: datetime,
    assignment: UUID | None = None,
    since: date | None = None,
    until: date | None = None,
    timesheet: UUID | None = None,
) -> int:
    """Let sheets know the newest rates: one chain of sheets, or the approved ones of an assignment
    in some days, `until` not included; returns how many knew older ones.
    """
    if timesheet is not None:
        rows = Timesheet.objects.filter(Q(pk=timesheet) | Q(corrects=timesheet))
    else:
        rows = Timesheet.objects.filter(assignment=assignment, status=Status.APPROVED)
        rows = rows.filter(ends_on__gte=since) if since else rows
        rows = rows.filter(starts_on__lt=until) if until else rows
    newest = RateAgreement.objects.filter(assignment=OuterRef("assignment")).order_by("-version")
    stale = list(
        rows.exclude(status=Status.VOIDED)
        .select_for_update(of=("self",))
        .annotate(newest=Subquery(newest.values("version")[:1]))
        .exclude(rates_version=F("newest"))
        .order_by("id")
        .values_list("pk", "rates_version", "newest")
    )
    asked = Timesheet.objects.filter(pk__in=[row[0] for row in stale])
    asked.update(rates_version=Subquery(newest.values("version")[:1]), version=F("version") + 1)
    facts = (
        TimesheetRatesTaken(subject=key, changes={"rates_version": [before, now]})
        for key, before, now in stale
    )
    record(facts, actor=actor, at=at)
    return len(stale)
