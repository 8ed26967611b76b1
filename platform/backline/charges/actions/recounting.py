"""Equal treatment counted again when something new is known of the past: weeks that were priced
before are corrected, and whoever nears week 13 without equal terms is told to somebody.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from backline.assignments.actions.equal import due_key
from backline.assignments.models import Assignment, EqualTerms, WeekElsewhere
from backline.charges.actions.explaining import Why
from backline.charges.actions.repricing import reprice
from backline.charges.agencyweeks import served
from backline.charges.models import Charge, Correction
from backline.charges.weeks import TIME
from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.directory.models import Worker
from backline.kernel import ids
from backline.kernel.actors import Actor
from backline.timesheets.models import Timesheet

WEEK = timedelta(days=7)
# With this many weeks done the hirer is asked what its own people get: three are left to answer in.
ASK_AFTER = 9
COUNTED = frozenset({"paye", "umbrella"})
ALWAYS = date.min


def recount(
    since: Mapping[UUID, date], *, reason: str, key: str, actor: Actor, at: datetime
) -> list[Correction]:
    """Price the weeks after a day of each of these workers again where equal terms are held; what
    is owed more, or was paid too much, is posted as a correction.
    """
    held = dict(
        EqualTerms.objects.filter(assignment__worker__among=since, withdrawn=False).values_list(
            "assignment_id", "assignment__worker_id"
        )
    )
    if not held:
        return []
    rows = Charge.objects.filter(assignment__among=held, kind=TIME).values_list(
        "worker_id", "week_starts_on", "worked_on"
    )
    keys = {(worker, week) for worker, week, day in rows if day > since.get(worker, ALWAYS)}
    if not keys:
        return []
    return reprice(keys, Why("equal_treatment", reason, key), actor=actor, at=at)


def ask_for_terms(workers: Iterable[UUID], on: date, *, actor: Actor, at: datetime) -> int:
    """Open an exception for each running assignment that nears week 13 and has no equal terms;
    returns how many.
    """
    if directory.firm().country != "GB":
        return 0
    without = _without_terms(set(workers), on)
    near = _long_enough(set(without.values()), on)
    if not near:
        return 0
    clocks = [(post.worker, own.assignments, own.clock(on)) for post, own in served(near).items()]
    late = [one for one in clocks if one[2].count >= ASK_AFTER]
    people = Worker.objects.in_bulk(near)
    found = [
        _due(key, people[worker], clock.count, bool(clock.is_equal_on(on + WEEK)))
        for worker, keys, clock in late
        for key in sorted(without.keys() & keys)
    ]
    return desk.open_exceptions(found, actor=actor, at=at)


def _long_enough(workers: set[UUID], on: date) -> set[UUID]:
    """Those who began long enough ago to be near, here or elsewhere."""
    # one sheet of long ago is enough: the years between are not looked through
    early = Timesheet.objects.filter(
        assignment=OuterRef("pk"),
        status=Timesheet.Status.APPROVED,
        starts_on__lte=on - WEEK * (ASK_AFTER - 1),
    )
    near = Assignment.objects.filter(Exists(early), worker__among=workers, engagement__in=COUNTED)
    elsewhere = WeekElsewhere.objects.filter(worker__among=workers)
    return {
        *near.values_list("worker_id", flat=True),
        *elsewhere.values_list("worker_id", flat=True),
    }


def _without_terms(workers: Iterable[UUID], on: date) -> dict[UUID, UUID]:
    """The assignments of these workers that run on and have no equal terms, and whose they are."""
    rows = Assignment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=on),
        worker__among=workers,
        engagement__in=COUNTED,
        status__in=["ready", "active"],
    ).exclude(equal_terms__in=EqualTerms.objects.filter(withdrawn=False))
    return dict(rows.values_list("pk", "worker_id"))


def _due(assignment: UUID, worker: Worker, count: int, is_equal: bool) -> desk.Found:
    who = f"{worker.given_name} {worker.family_name}"
    title = (
        f"{who} is owed equal treatment and nobody knows what that is"
        if is_equal
        else f"{who} nears equal treatment: {count} of 12 weeks"
    )
    return desk.Found(
        kind="equal_treatment_due",
        key=due_key(assignment),
        title=title,
        detail=(
            "From the thirteenth qualifying week on pay, holiday and working time are those of the"
            " hirer's own people. What they get is not held for this assignment."
        ),
        about_kind="assignment",
        about=assignment,
        stops="money",
        evidence=[{"assignment": ids.public("asg", assignment), "weeks": count}],
        suggested="Ask the hirer what its own people get and keep it as equal terms.",
    )
