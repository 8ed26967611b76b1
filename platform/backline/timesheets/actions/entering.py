"""Time written down and handed in: by the worker, the agency or another system, one sheet or
thousands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.assignments.models import Assignment
from backline.assignments.queries import WORKABLE
from backline.kernel import states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, Refusal
from backline.kernel.events import Fact, record
from backline.kernel.outcomes import Outcome, in_order
from backline.timesheets import checks
from backline.timesheets.actions.opening import sheet_for
from backline.timesheets.events import (
    TimesheetEntered,
    TimesheetNotWorked,
    TimesheetSubmitted,
)
from backline.timesheets.models import Cutoff, TimeEntry, Timesheet
from rulebook.clock import hours_between
from rulebook.hours import UnfitHours

Status = Timesheet.Status
NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """Time on one day: a quantity, or from and to (moments with their zone) with minutes of
    unpaid break.
    """

    worked_on: date
    code: str = "regular"
    unit: str = "hour"
    quantity: Decimal | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    break_minutes: int = 0
    note: str = ""

    def amount(self) -> Decimal:
        """The quantity, worked out from the clock where it was clocked; UnfitHours when that
        cannot be.
        """
        if self.started_at is not None and self.ended_at is not None:
            return hours_between(self.started_at, self.ended_at, self.break_minutes)
        return NOTHING if self.quantity is None else self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSheet:
    """A period's time of one assignment, whole: it replaces what the sheet held before."""

    assignment: UUID
    starts_on: date
    entries: Sequence[NewEntry]
    external_id: str = ""
    po_number: str = ""
    submit: bool = False
    overrides: Sequence[str] = field(default=())


def enter(sheets: Sequence[NewSheet], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Write periods' time down, and hand it in where asked; one that is refused never stops the
    others.

    The sheet is the one of the period around `starts_on`, opened when there is none. The same
    external id
    with the same time again changes nothing.
    """
    rows = {
        row.pk: row
        for row in Assignment.objects.select_related("site").filter(
            pk__in={sheet.assignment for sheet in sheets}
        )
    }
    outcomes: list[Outcome] = []
    facts: list[Fact] = []
    handed_in: list[tuple[UUID, Sequence[str]]] = []
    for new in sheets:
        refusal, sheet = _enter_one(new, rows.get(new.assignment), actor, at, facts)
        key = sheet.pk if sheet is not None else new.assignment
        outcomes.append(Outcome(key, refusal))
        if refusal is None and new.submit and sheet is not None:
            handed_in.append((sheet.pk, new.overrides))
    record(facts, actor=actor, at=at)
    if handed_in:
        refused = {
            outcome.id: outcome.refusal
            for overrides in {tuple(own) for _, own in handed_in}
            for outcome in submit(
                [key for key, own in handed_in if tuple(own) == overrides],
                overrides=overrides,
                actor=actor,
                at=at,
            )
        }
        outcomes = [Outcome(one.id, one.refusal or refused.get(one.id)) for one in outcomes]
    return outcomes


def submit(
    timesheets: Sequence[UUID],
    *,
    actor: Actor,
    at: datetime,
    overrides: Sequence[str] = (),
    reason: str = "",
) -> list[Outcome]:
    """Hand sheets in for approval; doubtful time is refused unless it is named in `overrides`.

    A sheet for a period whose pay is closed is late: it is taken, and goes into the next run.
    """
    rows, refusals = movable(timesheets, Status.SUBMITTED)
    doubts = checks.doubts_about(rows)
    closed = dict(Cutoff.objects.values_list("frequency", "closed_through"))
    fit = []
    for row in rows:
        open_doubts = [doubt for doubt in doubts.get(row.pk, ()) if doubt.code not in overrides]
        if open_doubts:
            refusals[row.pk] = Invalid.of(open_doubts)
            continue
        through = closed.get(row.assignment.pay_frequency)
        row.status, row.submitted_at, row.submitted_by = Status.SUBMITTED, at, actor.as_json()
        row.is_late = through is not None and row.ends_on <= through
        named = [doubt.code for doubt in doubts.get(row.pk, ()) if doubt.code in overrides]
        if named:
            row.overrides = [
                *row.overrides,
                {"codes": named, "by": actor.as_json(), "reason": reason},
            ]
        row.version += 1
        fit.append(row)
    Timesheet.objects.bulk_update(
        fit, ["status", "submitted_at", "submitted_by", "is_late", "overrides", "version"]
    )
    facts = (
        TimesheetSubmitted(
            subject=row.pk,
            assignment=str(row.assignment_id),
            starts_on=row.starts_on.isoformat(),
            total=row.total,
            is_late=row.is_late,
        )
        for row in fit
    )
    record(facts, actor=actor, at=at)
    return in_order(timesheets, refusals)


def declare_not_worked(
    timesheets: Sequence[UUID], *, reason: str, actor: Actor, at: datetime
) -> list[Outcome]:
    """Say that nothing was worked in these periods, so that nobody is chased for them."""
    rows, refusals = movable(timesheets, Status.NOT_WORKED)
    for row in rows:
        row.status, row.total, row.version = Status.NOT_WORKED, NOTHING, row.version + 1
    TimeEntry.objects.filter(timesheet__in=rows).delete()
    Timesheet.objects.bulk_update(rows, ["status", "total", "version"])
    facts = (
        TimesheetNotWorked(
            subject=row.pk,
            assignment=str(row.assignment_id),
            starts_on=row.starts_on.isoformat(),
            reason=reason,
        )
        for row in rows
    )
    record(facts, actor=actor, at=at)
    return in_order(timesheets, refusals)


def movable(timesheets: Sequence[UUID], to: str) -> tuple[list[Timesheet], dict[UUID, Refusal]]:
    """The locked sheets that may become `to`, with their assignments, and a refusal for each
    other.
    """
    rows = list(
        Timesheet.objects.select_for_update(of=("self",))
        .select_related("assignment__worker", "assignment__client", "assignment__site", "approver")
        .filter(pk__in=timesheets)
        .order_by("id")
    )
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such timesheet.")
        for key in set(timesheets) - {row.pk for row in rows}
    }
    for row in rows:
        refusal = states.refused(row.status, to, Timesheet.MOVES, "timesheet")
        if refusal is not None:
            refusals[row.pk] = refusal
    return [row for row in rows if row.pk not in refusals], refusals


def _enter_one(
    new: NewSheet, row: Assignment | None, actor: Actor, at: datetime, facts: list[Fact]
) -> tuple[Refusal | None, Timesheet | None]:
    if row is None:
        return Missing("not_found", "There is no such assignment.", pointer="/assignment"), None
    if row.status not in WORKABLE:
        return Conflict(
            "assignment_not_ready",
            f"Time cannot be entered while the assignment is {row.status}; confirm it and complete"
            " what is missing.",
            status=row.status,
        ), None
    if not row.starts_on <= new.starts_on <= (row.ends_on or new.starts_on):
        fault = "The period lies outside the assignment."
        return Invalid("outside_assignment", fault, pointer="/starts_on"), None
    sheet = sheet_for(row, new.starts_on, at)
    refusal = states.refused(sheet.status, Status.SUBMITTED, Timesheet.MOVES, "timesheet")
    if refusal is not None:
        return (None if _is_replay(sheet, new) else refusal), sheet
    faults = _faults(new, row, sheet)
    if faults:
        return Invalid.of(faults), sheet
    write_entries(sheet, new.entries, external_id=new.external_id, po_number=new.po_number)
    facts.append(TimesheetEntered(subject=sheet.pk, total=sheet.total, entered_by=actor.kind))
    return None, sheet


def write_entries(
    sheet: Timesheet,
    entries: Sequence[NewEntry],
    *,
    external_id: str = "",
    po_number: str = "",
) -> None:
    """Write a sheet's time, replacing what it held."""
    amounts = [entry.amount() for entry in entries]
    sheet.total = sum(amounts, NOTHING)
    sheet.external_id = external_id or sheet.external_id
    sheet.po_number = po_number or sheet.po_number
    sheet.version += 1
    sheet.save()
    TimeEntry.objects.filter(timesheet=sheet).delete()
    TimeEntry.objects.bulk_create(
        TimeEntry(
            timesheet=sheet,
            worked_on=entry.worked_on,
            code=entry.code,
            unit=entry.unit,
            quantity=amount,
            started_at=entry.started_at,
            ended_at=entry.ended_at,
            break_minutes=entry.break_minutes,
            note=entry.note[:200],
        )
        for entry, amount in zip(entries, amounts, strict=True)
    )


def _faults(new: NewSheet, row: Assignment, sheet: Timesheet) -> list[Fault]:
    faults = []
    for n, entry in enumerate(new.entries):
        where = f"/entries/{n}"
        if not sheet.starts_on <= entry.worked_on <= sheet.ends_on:
            faults.append(
                Fault("outside_period", "This day is not in the period.", f"{where}/worked_on")
            )
        if (entry.started_at is None) != (entry.ended_at is None):
            faults.append(Fault("clock_half", "Give both from and to.", f"{where}/ended_at"))
        if entry.started_at is None and entry.quantity is None:
            faults.append(Fault("required", "Give a quantity or clock times.", where))
        if entry.unit != row.time_unit and entry.unit in {"hour", "day"}:
            faults.append(
                Fault("unit_differs", f"This assignment is in {row.time_unit}s.", f"{where}/unit")
            )
        try:
            amount = entry.amount()
        except UnfitHours as no:
            faults.append(Fault("clock_unfit", str(no), where))
            continue
        if amount < 0:
            faults.append(Fault("time_negative", "Time is not negative.", f"{where}/quantity"))
        if entry.unit == "day" and amount * 4 % 1:
            faults.append(Fault("day_parts", "Days are given in quarters.", f"{where}/quantity"))
    return faults


def _is_replay(sheet: Timesheet, new: NewSheet) -> bool:
    """The same external id with the same time, again: nothing to do and nothing to refuse."""
    if not new.external_id or sheet.external_id != new.external_id:
        return False
    held = sorted(sheet.entries.values_list("worked_on", "code", "quantity"), key=str)
    told = sorted(
        ((entry.worked_on, entry.code, entry.amount()) for entry in new.entries),
        key=str,
    )
    return [(day, code, str(q.normalize())) for day, code, q in held] == [
        (day, code, str(q.normalize())) for day, code, q in told
    ]
