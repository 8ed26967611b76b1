"""Questions to timesheets."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from backline.assignments.models import RateAgreement
from backline.directory.models import Terms
from backline.kernel import dated, statements
from backline.kernel.statements import Slot
from backline.timesheets.models import Chase, TimeEntry, Timesheet
from rulebook.periods import Period

DAY = timedelta(days=1)
NO_WORK = "no_work"  # bears on nothing: to the law it is a gap
_WANT_ORDERS = statements.whole(
    Terms, lambda: Terms.objects.filter(client__among=Slot("clients"), po_required=True)
)
WAITING = (Timesheet.Status.DRAFT, Timesheet.Status.SUBMITTED, Timesheet.Status.REJECTED)


def overdue(on: date) -> QuerySet[Timesheet]:
    """Sheets of periods that are over and that somebody still holds up, oldest first."""
    return (
        Timesheet.objects.filter(status__in=WAITING, ends_on__lt=on)
        .select_related("assignment__worker", "assignment__client", "approver")
        .order_by("ends_on", "id")
    )


def with_chases(rows: QuerySet[Timesheet]) -> QuerySet[Timesheet]:
    """These sheets with how often (`chased`) and when last (`last_chased_at`) somebody was
    reminded.
    """
    last = Chase.objects.filter(timesheet=OuterRef("pk")).order_by("-n")
    return rows.annotate(
        chased=Subquery(last.values("n")[:1]), last_chased_at=Subquery(last.values("chased_at")[:1])
    )


def po_required(sheets: Iterable[Timesheet]) -> set[UUID]:
    """Those of these sheets whose client wants a purchase order number on its approval."""
    return po_required_on((row.pk, row.assignment.client_id, row.starts_on) for row in sheets)


def po_required_on(sheets: Iterable[tuple[UUID, UUID, date]]) -> set[UUID]:
    """The same of sheets that are told by their ids, clients and first days."""
    told = list(sheets)
    terms: dict[UUID, list[Terms]] = {}
    for own in _WANT_ORDERS(clients={row[1] for row in told}) if told else ():
        terms.setdefault(own.client_id, []).append(own)
    return {
        key for key, client, day in told if dated.in_force(terms.get(client, ()), day) is not None
    }


def at_client(worker: UUID, client: UUID) -> tuple[list[date], list[tuple[str, Period]]]:
    """The days a worker worked for a client, and the periods declared as not worked with what they
    count as: what the clock of equal treatment runs on.
    """
    rows = Timesheet.objects.filter(assignment__worker=worker, assignment__client=client)
    approved = rows.filter(status=Timesheet.Status.APPROVED)
    newest = newest_of_chain(
        list(approved.filter(corrects__isnull=True).values_list("pk", flat=True))
    )
    days = TimeEntry.objects.filter(timesheet__in=newest.values(), quantity__gt=0)
    away = rows.filter(status=Timesheet.Status.NOT_WORKED).exclude(not_worked_as=NO_WORK)
    return (
        sorted(set(days.values_list("worked_on", flat=True))),
        [
            (counts_as, Period(starts_on, ends_on + DAY))
            for counts_as, starts_on, ends_on in away.order_by("starts_on").values_list(
                "not_worked_as", "starts_on", "ends_on"
            )
        ],
    )


def holder(sheet: Timesheet) -> str:
    """Who holds a sheet up: the worker until it is handed in, then the client's approver;
    nobody once done.
    """
    if sheet.status in {Timesheet.Status.DRAFT, Timesheet.Status.REJECTED}:
        return "worker"
    return "approver" if sheet.status == Timesheet.Status.SUBMITTED else ""


def newest_of_chain(sheets: Sequence[UUID]) -> dict[UUID, UUID]:
    """For each original sheet the newest approved one that corrects it, or itself."""
    newest = {key: key for key in sheets}
    rows = Timesheet.objects.filter(corrects__in=sheets, status=Timesheet.Status.APPROVED)
    for row in rows.order_by("revision", "id"):
        if row.corrects_id is not None:
            newest[row.corrects_id] = row.pk
    return newest


def waiting_or_outdated(assignments: Iterable[UUID]) -> set[UUID]:
    """Those of these assignments with time that waits for approval, or that was approved and knows
    other rates than the newest.
    """
    newest = RateAgreement.objects.filter(assignment=OuterRef("assignment")).order_by("-version")
    stands = [Timesheet.Status.SUBMITTED, Timesheet.Status.APPROVED]
    rows = (
        Timesheet.objects.filter(assignment__among=assignments, status__in=stands)
        .annotate(newest=Subquery(newest.values("version")[:1]))
        .exclude(status=Timesheet.Status.APPROVED, rates_version=F("newest"))
    )
    return set(rows.values_list("assignment_id", flat=True))
