"""Time handed in for approval, called back, or declared as not worked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, OuterRef, Subquery

from backline.assignments.models import Assignment, RateAgreement
from backline.desk import actions as desk
from backline.kernel import ids, links
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from backline.timesheets import checks
from backline.timesheets.actions.moving import ASKED, ENTRY, TROUBLES, desk_keys, movable
from backline.timesheets.events import (
    TimesheetNotWorked,
    TimesheetRecalled,
    TimesheetSubmitted,
)
from backline.timesheets.models import Cutoff, TimeEntry, Timesheet

Status = Timesheet.Status
NOTHING = Decimal("0.00")
# How a week without work bears on the clock of equal treatment, and on nobody's reminders.
NOT_WORKED_AS = (
    "no_work", "leave", "shutdown", "strike", "sickness", "jury", "pregnancy", "maternity",
    "adoption", "paternity",
)  # fmt: skip


def submit(
    timesheets: Sequence[UUID],
    *,
    actor: Actor,
    at: datetime,
    overrides: Sequence[str] = (),
    reason: str = "",
) -> list[Outcome]:
    """Hand sheets in for approval; doubtful time is refused unless it is named in `overrides`.

    The rates known now are the ones the sheet is priced by, whatever is agreed later. A sheet for
    a period whose pay is closed is late: it is taken, and goes into the next run.
    """
    if overrides and not reason.strip():
        told = "Say why doubtful time is accepted."
        raise Invalid("reason_missing", told, pointer="/reason")
    rows, refusals = movable(timesheets, Status.SUBMITTED)
    doubts = checks.doubts_about(rows)
    fit = []
    for row in rows:
        standing = checks.left(doubts.get(row.pk, ()), overrides)
        if standing:
            refusals[row.pk] = Invalid.of(standing)
        else:
            fit.append(row)
    _note_overrides(fit, doubts, actor, reason)
    _hand_in(fit, actor, at)
    _open_late(fit, actor, at)
    links.withdraw_all([row.pk for row in fit], purposes=[ENTRY], at=at)
    told = "The time was handed in."
    keys = desk_keys(fit, "timesheet_validation")
    desk.close_for(keys, resolution=told, actor=actor, at=at)
    record((_submitted(row) for row in fit), actor=actor, at=at)
    return in_order(timesheets, refusals)


def recall(timesheets: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Take back what was handed in and not decided yet, so that it can be changed."""
    rows, refusals = movable(timesheets, Status.DRAFT)
    from_approval = [row for row in rows if row.status == Status.SUBMITTED]
    Timesheet.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Status.DRAFT,
        not_worked_as="",
        revision=F("revision") + 1,
        version=F("version") + 1,
    )
    links.withdraw_all([row.pk for row in from_approval], purposes=ASKED, at=at)
    keys = desk_keys(from_approval, "late_timesheet", "disputed_hours", "rates_pending")
    desk.close_for(keys, resolution="The time was called back.", actor=actor, at=at)
    record((TimesheetRecalled(subject=row.pk) for row in rows), actor=actor, at=at)
    return in_order(timesheets, refusals)


def declare_not_worked(
    timesheets: Sequence[UUID],
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    counts_as: str = "no_work",
) -> list[Outcome]:
    """Say that nothing was worked in these periods, and as what kind of week that counts, so that
    nobody is chased for them.
    """
    if counts_as not in NOT_WORKED_AS:
        told = f"Say one of {', '.join(NOT_WORKED_AS)}."
        raise Invalid("week_kind_unknown", told, pointer="/counts_as")
    rows, refusals = movable(timesheets, Status.NOT_WORKED)
    keys = [row.pk for row in rows]
    TimeEntry.objects.filter(timesheet__in=keys).delete()
    Timesheet.objects.filter(pk__in=keys).update(
        status=Status.NOT_WORKED,
        total=NOTHING,
        not_worked_as=counts_as,
        entered_by=actor.as_json(),
        version=F("version") + 1,
    )
    links.withdraw_all(keys, purposes=ASKED, at=at)
    told = "Nothing was worked."
    desk.close_for(desk_keys(rows, *TROUBLES), resolution=told, actor=actor, at=at)
    facts = (
        TimesheetNotWorked(
            subject=row.pk,
            assignment=str(row.assignment_id),
            starts_on=row.starts_on.isoformat(),
            counts_as=counts_as,
            reason=reason,
        )
        for row in rows
    )
    record(facts, actor=actor, at=at)
    return in_order(timesheets, refusals)


def put_doubts_on_desk(refused: Mapping[UUID, Refusal], *, actor: Actor, at: datetime) -> None:
    """Open an exception for each sheet that was refused for doubtful time, so that somebody looks
    at it when the one who sent it does not.
    """
    desk.open_exceptions(
        (
            desk.Found(
                kind="timesheet_validation",
                key=f"timesheet_validation:{key}",
                title="Reported time looks wrong",
                detail=" ".join(fault.detail for fault in refusal.faults),
                about_kind="timesheet",
                about=key,
                stops="pay",
                evidence=[{"code": fault.code, "detail": fault.detail} for fault in own],
                suggested="Correct the time, or hand it in with a reason.",
            )
            for key, refusal in refused.items()
            if (own := [fault for fault in refusal.faults if fault.code in checks.CODES])
        ),
        actor=actor,
        at=at,
    )


def _note_overrides(
    fit: Sequence[Timesheet],
    doubts: Mapping[UUID, Sequence[Fault]],
    actor: Actor,
    reason: str,
) -> None:
    """Keep with the sheet which doubts were overridden, by whom and why."""
    doubtful = [row for row in fit if doubts.get(row.pk)]
    for row in doubtful:
        codes = [doubt.code for doubt in doubts[row.pk]]
        row.overrides = [*row.overrides, {"codes": codes, "by": actor.as_json(), "reason": reason}]
    Timesheet.objects.bulk_update(doubtful, ["overrides"])


def _hand_in(fit: Sequence[Timesheet], actor: Actor, at: datetime) -> None:
    closed = dict(Cutoff.objects.values_list("frequency", "closed_through"))
    for row in fit:
        row.status, row.submitted_at, row.submitted_by = Status.SUBMITTED, at, actor.as_json()
        row.is_late = _is_late(row, closed)
    asked = Timesheet.objects.filter(pk__in=[row.pk for row in fit])
    asked.update(
        status=Status.SUBMITTED,
        submitted_at=at,
        submitted_by=actor.as_json(),
        is_late=False,
        version=F("version") + 1,
    )
    newest = RateAgreement.objects.filter(assignment=OuterRef("assignment")).order_by("-version")
    # a correction keeps the rates of what it corrects: hours were wrong, not rates
    asked.filter(corrects__isnull=True).update(rates_version=Subquery(newest.values("version")[:1]))
    late = [row.pk for row in fit if row.is_late]
    if late:
        Timesheet.objects.filter(pk__in=late).update(is_late=True)
    gone = [row.pk for row in fit if row.approver is None or row.approver.state != "active"]
    if gone:
        named = Assignment.objects.filter(pk=OuterRef("assignment"))
        Timesheet.objects.filter(pk__in=gone).update(
            approver=Subquery(named.values("approver")[:1])
        )


def _is_late(row: Timesheet, closed: Mapping[str, date]) -> bool:
    """Whether pay was closed for the period; a correction is told as such, never as late."""
    through = closed.get(row.assignment.pay_frequency)
    return through is not None and row.ends_on <= through and row.corrects_id is None


def _open_late(fit: Sequence[Timesheet], actor: Actor, at: datetime) -> None:
    """Late time is somebody's until it is paid and billed; what it costs is known once priced."""
    desk.open_exceptions(
        (
            desk.Found(
                kind="late_timesheet",
                key=f"late_timesheet:{row.pk}",
                title=f"Late: {_whose(row)}, {row.starts_on} to {row.ends_on}",
                detail=(
                    f"{row.total} {row.unit}s came in after pay was closed for this period; they"
                    " are paid in the next run and billed with it."
                ),
                about_kind="timesheet",
                about=row.pk,
                stops="money",
                evidence=[{"timesheet": ids.public("tsh", row.pk), "hours": str(row.total)}],
                suggested="Have it approved; the next run and invoice take it by themselves.",
            )
            for row in fit
            if row.is_late
        ),
        actor=actor,
        at=at,
    )


def _whose(row: Timesheet) -> str:
    worker = row.assignment.worker
    return f"{worker.given_name} {worker.family_name}"


def _submitted(row: Timesheet) -> TimesheetSubmitted:
    return TimesheetSubmitted(
        subject=row.pk,
        assignment=str(row.assignment_id),
        starts_on=row.starts_on.isoformat(),
        total=row.total,
        is_late=row.is_late,
    )
