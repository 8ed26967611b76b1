"""Weeks priced again with what is now known; the difference alone is posted, as a correction."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from backline.assignments.models import Assignment
from backline.charges import posting
from backline.charges.actions.explaining import Why, correction, tell
from backline.charges.actions.pricing import hold, keys_of, work_out
from backline.charges.models import Charge, Correction
from backline.charges.weeks import TIME, Key, load, weeks_of
from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.kernel import bulk, ids
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.outcomes import Outcome, in_order
from backline.timesheets import actions as timesheets
from backline.timesheets import queries as reported
from backline.timesheets.models import Timesheet

REPRICE = "timesheets.reprice"
APPROVED, SUBMITTED = Timesheet.Status.APPROVED, Timesheet.Status.SUBMITTED


def reprice(keys: Iterable[Key], why: Why, *, actor: Actor, at: datetime) -> list[Correction]:
    """Work weeks out again with what is now known and post the difference, named as a correction.

    Weeks that come to the same post nothing. Raises Conflict with every fault when a week cannot be
    priced.
    """
    wanted = frozenset(keys)
    hold(worker for worker, _ in wanted)
    found = work_out(load(wanted))
    if found.faults:
        raise Conflict.of([fault for own in found.faults.values() for _, fault in own])
    moved = {key: found.differences[key] for key in keys_of(found.differences)}
    corrections = {key: correction(key, own, why, actor, at) for key, own in moved.items()}
    Correction.objects.bulk_create(corrections.values())
    posting.post(moved, found.weeks, corrections, actor=actor, at=at)
    tell(corrections.values(), actor=actor, at=at)
    return list(corrections.values())


def concerned(assignments: Iterable[UUID]) -> set[UUID]:
    """Those of these assignments that newer rates leave something to do for: time that waits or
    that knows older rates, or a week that would be charged otherwise now.

    Their workers are held, so that time which is just being approved is looked at as well.
    """
    asked = set(assignments)
    hold(Assignment.objects.filter(pk__among=asked).values_list("worker_id", flat=True))
    left = reported.waiting_or_outdated(asked)
    charged = Charge.objects.filter(assignment__among=asked - left, kind=TIME)
    weeks = set(charged.values_list("assignment_id", "worker_id", "week_starts_on"))
    found = work_out(load(frozenset((worker, week) for _, worker, week in weeks)))
    moved = found.faults.keys() | set(keys_of(found.differences))
    return left | {key for key, worker, week in weeks if (worker, week) in moved}


def follow_rates(
    assignment: UUID, *, since: date, until: date | None, version: int, actor: Actor, at: datetime
) -> list[Correction]:
    """Correct the weeks that were priced before rates changed under them.

    Time that was handed in and not approved keeps the rates it knows; that comes onto a desk, for
    somebody to price it again on purpose.
    """
    timesheets.know_newest_rates(
        assignment=assignment, since=since, until=until, actor=actor, at=at
    )
    _ask_about_waiting(assignment, since, until, actor, at)
    keys = charged_weeks(assignment, since, until)
    if not keys:
        return []
    why = Why("rate_change", f"Rates from {since.isoformat()}", f"rates:{assignment}:{version}")
    return reprice(keys, why, actor=actor, at=at)


def reprice_sheet(timesheet: UUID, *, reason: str, actor: Actor, at: datetime) -> list[Correction]:
    """Price a sheet that was handed in by the rates known now, on purpose.

    One that waits for approval will be priced by them; one that was approved is corrected.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is priced again.", pointer="/reason")
    row = Timesheet.objects.select_related("assignment").filter(pk=timesheet).first()
    if row is None:
        raise Missing("not_found", "There is no such timesheet.")
    if row.status not in {APPROVED, SUBMITTED}:
        told = "Only time that was handed in has rates to price it again by."
        raise Conflict("illegal_move", told, status=row.status)
    timesheets.know_newest_rates(timesheet=row.corrects_id or row.pk, actor=actor, at=at)
    desk.close_for(
        [f"rates_pending:{row.pk}"],
        resolution="It is priced by the rates known now.",
        actor=actor,
        at=at,
    )
    if row.status != APPROVED:
        return []
    week_starts = directory.firm().week_starts
    keys = weeks_of(row.assignment.worker_id, row.starts_on, row.ends_on, week_starts)
    key = f"reprice:{row.pk}:{at.isoformat()}"
    return reprice(keys, Why("rate_change", reason, key), actor=actor, at=at)


def reprice_sheets(
    timesheets: Sequence[UUID], *, reason: str, actor: Actor, at: datetime
) -> list[Outcome]:
    """Price sheets again one after the other; raises the first refusal, with which everything done
    so far has to be undone.
    """
    for timesheet in timesheets:
        reprice_sheet(timesheet, reason=reason, actor=actor, at=at)
    return in_order(timesheets, {})


bulk.can_be_bulk(REPRICE, "tsh", reprice_sheets, chunk=100)


def charged_weeks(assignment: UUID, since: date, until: date | None) -> frozenset[Key]:
    """The workers' weeks in which an assignment has charges for time on days of a span, `until` not
    included.
    """
    rows = Charge.objects.filter(assignment_id=assignment, kind=TIME, worked_on__gte=since)
    if until is not None:
        rows = rows.filter(worked_on__lt=until)
    return frozenset(rows.values_list("worker_id", "week_starts_on").distinct())


def _ask_about_waiting(
    assignment: UUID, since: date, until: date | None, actor: Actor, at: datetime
) -> None:
    """Open an exception for each sheet that waits for approval and knows older rates."""
    rows = Timesheet.objects.filter(
        assignment_id=assignment, status=SUBMITTED, ends_on__gte=since
    ).select_related("assignment__worker")
    if until is not None:
        rows = rows.filter(starts_on__lt=until)
    desk.open_exceptions((_pending(row, since) for row in rows), actor=actor, at=at)


def _pending(row: Timesheet, since: date) -> desk.Found:
    worker = row.assignment.worker
    who = f"{worker.given_name} {worker.family_name}"
    return desk.Found(
        kind="rate_changed_before_pay",
        key=f"rates_pending:{row.pk}",
        title=f"Rates changed after {who} handed in {row.starts_on} to {row.ends_on}",
        detail=(
            f"New rates hold from {since.isoformat()}. The sheet keeps those it was handed in with"
            " until it is priced again on purpose."
        ),
        about_kind="timesheet",
        about=row.pk,
        stops="money",
        evidence=[{"timesheet": ids.public("tsh", row.pk), "rates_version": row.rates_version}],
        suggested="Price it again, or dismiss this with the reason.",
    )
