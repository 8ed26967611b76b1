"""Agency weeks: the clock of twelve weeks of each worker at each hirer in each role, run over all
time that is known, and the jobs it lifts to equal treatment.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from backline.assignments.models import (
    Absence,
    Assignment,
    EqualTerms,
    HirerLink,
    RoleTold,
    WeekElsewhere,
)
from backline.charges.jobs import Work
from backline.kernel import statements
from backline.kernel.statements import Slot
from backline.timesheets.actions.moving import Handed
from backline.timesheets.models import TimeEntry, Timesheet
from backline.timesheets.queries import NO_WORK
from rulebook.hours import NOT_WORKED
from rulebook.packs.gb import agencyweeks, equal
from rulebook.periods import DAY, Period
from rulebook.pricing import Job

_HELD = statements.whole(
    EqualTerms,
    lambda: EqualTerms.objects.filter(assignment__among=Slot("keys"), withdrawn=False),
)


class Post(NamedTuple):
    """What one clock runs for: a worker, a hirer (the first of its linked records) and a role."""

    worker: UUID
    hirer: UUID
    role: str


@dataclass(slots=True)
class Served:
    """What a clock runs over, and the assignments it runs for."""

    worked_on: set[date] = field(default_factory=set)
    absences: list[agencyweeks.Absence] = field(default_factory=list)
    assignments: list[UUID] = field(default_factory=list)

    def clock(self, until: date) -> agencyweeks.AgencyClock:
        """The clock up to a day."""
        return agencyweeks.clock(self.worked_on, self.absences, until)


def treat(
    jobs: Mapping[str, Job],
    rows: Mapping[UUID, Work],
    until: date,
    held: Mapping[UUID, Sequence[equal.EqualTerms]],
    approving: Sequence[Handed] = (),
) -> dict[str, Job]:
    """These jobs, lifted where equal terms are held and the clock says so up to a day."""
    if not held:
        return dict(jobs)
    posts = served({rows[key].worker_id for key in held}, approving)
    clocks = {
        key: own.clock(until) for own in posts.values() for key in own.assignments if key in held
    }
    return {
        ref: equal.treated(job, clocks[UUID(ref)], held[UUID(ref)]) if UUID(ref) in held else job
        for ref, job in jobs.items()
    }


def terms_soon(
    assignments: Iterable[UUID],
) -> Callable[[], dict[UUID, list[equal.EqualTerms]]]:
    """What the hirers' own people get, for those of these assignments where that is held, asked
    with whatever is asked next.
    """
    rows = _HELD.soon(keys=assignments)

    def told() -> dict[UUID, list[equal.EqualTerms]]:
        found: dict[UUID, list[equal.EqualTerms]] = {}
        for row in rows():
            found.setdefault(row.assignment_id, []).append(_equal(row))
        return found

    return told


def _equal(row: EqualTerms) -> equal.EqualTerms:
    return equal.EqualTerms(
        row.valid.lower,
        row.valid.upper,
        {one["code"]: Decimal(one["pay_rate"]) for one in row.rates},
        {one["code"]: Decimal(one["bill_rate"]) for one in row.rates if one["bill_rate"]},
        row.holiday_share,
    )


def served(workers: Iterable[UUID], approving: Sequence[Handed] = ()) -> dict[Post, Served]:
    """Everything that the clocks of these workers run over, in a few queries.

    The newest approved sheet of each chain counts, those being approved as they will be. Weeks
    through other agencies count for the hirer and role they were worked in; an absence bears on
    every clock of its worker, a period declared as not worked on the clock of its own post.
    """
    keys = set(workers)
    posts = _posts(keys)
    found: dict[Post, Served] = {}
    for assignment, post in posts.items():
        found.setdefault(post, Served()).assignments.append(assignment)
    hirers = _hirers()
    elsewhere = WeekElsewhere.objects.filter(worker__in=keys)
    for worker, client, role, day in elsewhere.values_list(
        "worker_id", "client_id", "role", "week_starts_on"
    ):
        post = Post(worker, hirers.get(client, client), role)
        found.setdefault(post, Served()).worked_on.add(day)
    for assignment, day in _days(keys, approving):
        found[posts[assignment]].worked_on.add(day)
    for assignment, absence in _not_worked(keys):
        found[posts[assignment]].absences.append(absence)
    for worker, absence in _away(keys):
        for post, own in found.items():
            if post.worker == worker:
                own.absences.append(absence)
    return found


def _posts(workers: set[UUID]) -> dict[UUID, Post]:
    """Each assignment of these workers, and the clock its weeks count on."""
    hirers = _hirers()
    told = RoleTold.objects.filter(assignment__worker__in=workers).order_by("id")
    roles = dict(told.values_list("assignment_id", "role"))
    rows = Assignment.objects.filter(worker__in=workers).values_list("id", "worker_id", "client_id")
    return {
        key: Post(worker, hirers.get(client, client), roles.get(key, ""))
        for key, worker, client in rows
    }


def _hirers() -> dict[UUID, UUID]:
    """Each linked record of a client, and the first of all the records that are one hirer with
    it.
    """
    newest = dict(HirerLink.objects.order_by("id").values_list("client_id", "hirer_id"))
    root: dict[UUID, UUID] = {}

    def first(key: UUID) -> UUID:
        while root.get(key, key) != key:
            key = root[key]
        return key

    for client, hirer in newest.items():
        if hirer is not None:
            one, other = sorted((first(client), first(hirer)))
            root.setdefault(one, one)
            root[other] = one
    return {key: first(key) for key in root}


def _days(workers: set[UUID], approving: Sequence[Handed]) -> list[tuple[UUID, date]]:
    """The days worked, by assignment: any time at all counts the day, paid leave does not."""
    rows = Timesheet.objects.filter(
        Q(status=Timesheet.Status.APPROVED) | Q(pk__in=[sheet.id for sheet in approving]),
        assignment__worker__in=workers,
    ).order_by("revision", "id")
    newest: dict[UUID, tuple[UUID, UUID]] = {}
    for row in rows.only("id", "corrects", "assignment"):
        newest[row.corrects_id or row.pk] = (row.pk, row.assignment_id)
    sheets = dict(newest.values())
    entries = TimeEntry.objects.filter(timesheet__in=sheets, quantity__gt=0)
    days = entries.exclude(code__in=NOT_WORKED).values_list("timesheet_id", "worked_on").distinct()
    return [(sheets[sheet], day) for sheet, day in days]


def _not_worked(workers: set[UUID]) -> list[tuple[UUID, agencyweeks.Absence]]:
    rows = Timesheet.objects.filter(
        assignment__worker__in=workers, status=Timesheet.Status.NOT_WORKED
    ).exclude(not_worked_as=NO_WORK)
    told = rows.values_list("assignment_id", "not_worked_as", "starts_on", "ends_on")
    return [
        (assignment, agencyweeks.Absence(reason, Period(starts_on, ends_on + DAY)))
        for assignment, reason, starts_on, ends_on in told
        if reason in agencyweeks.REASONS
    ]


def _away(workers: set[UUID]) -> list[tuple[UUID, agencyweeks.Absence]]:
    rows = Absence.objects.filter(worker__in=workers, withdrawn=False).order_by("starts_on")
    return [
        (row.worker_id, agencyweeks.Absence(row.reason, Period(row.starts_on, row.ends_on + DAY)))
        for row in rows
    ]
