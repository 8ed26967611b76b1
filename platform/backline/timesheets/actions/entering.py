"""Time written down, whole periods at a time: by the worker, the agency or another system, one
sheet or thousands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F

from backline.assignments.models import Assignment
from backline.assignments.queries import WORKABLE
from backline.directory import queries as directory
from backline.kernel import copying
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome
from backline.onboarding import queries as onboarding
from backline.timesheets.actions import fitting, opening, writing
from backline.timesheets.actions.moving import one_held
from backline.timesheets.actions.submitting import submit
from backline.timesheets.actions.writing import NewEntry
from backline.timesheets.events import TimesheetEntered
from backline.timesheets.models import TimeEntry, Timesheet

Status = Timesheet.Status
OPEN = (Status.DRAFT, Status.REJECTED, Status.NOT_WORKED)
Held = tuple[tuple[date, str, str], ...]


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
    reason: str = ""


@dataclass(slots=True)
class _Asked:
    """One sheet as it was sent, the stored one it stands for, and what became of it."""

    new: NewSheet
    row: Assignment | None = None
    sheet: Timesheet | None = None
    refusal: Refusal | None = None
    is_replay: bool = False

    @property
    def key(self) -> UUID:
        """The sheet, or the assignment where there is none."""
        return self.sheet.pk if self.sheet is not None else self.new.assignment


def enter(sheets: Sequence[NewSheet], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Write periods' time down, and hand it in where asked; one outcome a sheet in the order sent,
    and one that is refused never stops the others.

    The sheet is the one of the period around `starts_on`, opened when there is none. The same
    external id with the same time again changes nothing.
    """
    asked = _matched(sheets, at)
    for one in asked:
        if one.refusal is None and one.row and one.sheet:
            found = writing.faults(one.new.entries, one.row, one.sheet)
            one.refusal = Invalid.of(found) if found else None
    _refuse_replays(asked)
    fit = [one for one in asked if one.refusal is None and not one.is_replay]
    _write(fit, actor, at)
    _hand_in(fit, actor, at)
    return [Outcome(one.key, one.refusal) for one in asked]


def set_entries(
    timesheet: UUID, entries: Sequence[NewEntry], *, actor: Actor, at: datetime
) -> Timesheet:
    """Write down the time of one known sheet, replacing what it held; also of a correction."""
    sheet = one_held(timesheet)
    row = sheet.assignment
    refusal = _unfit(row) or _not_open(sheet)
    if refusal is not None:
        raise refusal
    found = writing.faults(entries, row, sheet)
    if found:
        raise Invalid.of(found)
    new = NewSheet(assignment=row.pk, starts_on=sheet.starts_on, entries=entries)
    _write([_Asked(new, row, sheet)], actor, at)
    sheet.refresh_from_db()
    return sheet


# --- which sheet is meant ------------------------------------------------------------------------


def _matched(sheets: Sequence[NewSheet], at: datetime) -> list[_Asked]:
    """Each sheet beside the stored one of its period, locked, or a fresh one that is not saved."""
    # one at a time enters for an assignment, in one order
    rows = {
        row.pk: row
        for row in Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("site")
        .filter(pk__in={new.assignment for new in sheets})
        .order_by("id")
    }
    stored = _stored(rows.values(), sheets)
    asked = []
    for new in sheets:
        one = _Asked(new, rows.get(new.assignment))
        one.refusal = _unfit(one.row) if one.row else _no_assignment()
        if one.row is not None and one.refusal is None:
            day = fitting.day_meant(one.row, new.starts_on)
            one.refusal = _outside() if day is None else None
            one.sheet = _sheet_for(one.row, day, stored, at) if day else None
        asked.append(one)
    _name_what_is_in_the_way(asked, at)
    _refuse_twins(asked)
    _refuse_taken(asked)
    return asked


def _name_what_is_in_the_way(asked: Sequence[_Asked], at: datetime) -> None:
    """Let the refusal of work that may not begin list everything that it waits for."""
    waiting = [one for one in asked if one.row and one.row.status not in WORKABLE]
    found = onboarding.in_the_way({one.new.assignment for one in waiting}, directory.day_of(at))
    for one in waiting:
        if one.refusal is not None:
            faults = [*one.refusal.faults, *found.get(one.new.assignment, ())]
            one.refusal = Conflict.of(faults)


def _stored(rows: Iterable[Assignment], sheets: Sequence[NewSheet]) -> dict[UUID, list[Timesheet]]:
    days = [new.starts_on for new in sheets]
    return opening.standing(rows, min(days), max(days)) if days else {}


def _sheet_for(
    row: Assignment, day: date, stored: dict[UUID, list[Timesheet]], at: datetime
) -> Timesheet:
    own = stored.setdefault(row.pk, [])
    for sheet in own:
        if sheet.starts_on <= day <= sheet.ends_on:
            return sheet
    fresh = opening.new_sheet(row, opening.free_period(row, day, own), at)
    own.append(fresh)
    return fresh


def _no_assignment() -> Refusal:
    return Missing("not_found", "There is no such assignment.", pointer="/assignment")


def _unfit(row: Assignment) -> Refusal | None:
    if row.status in WORKABLE:
        return None
    return Conflict(
        "assignment_not_ready",
        f"Time cannot be entered while the assignment is {row.status}; confirm it and complete"
        " what is missing.",
        status=row.status,
    )


def _outside() -> Refusal:
    told = "The period lies outside the assignment."
    return Invalid("outside_assignment", told, pointer="/starts_on")


def _not_open(sheet: Timesheet) -> Refusal | None:
    if sheet.status in OPEN:
        return None
    told = f"A timesheet that is {sheet.status.replace('_', ' ')} cannot be changed; "
    then = {
        Status.SUBMITTED: "recall it first.",
        Status.APPROVED: "correct it by a sheet that names it.",
    }
    return Conflict("illegal_move", told + then.get(sheet.status, "it is final."),
                    status=sheet.status)  # fmt: skip


def _refuse_twins(asked: Sequence[_Asked]) -> None:
    seen: set[UUID] = set()
    for one in asked:
        if one.sheet is None or one.refusal is not None:
            continue
        if one.sheet.pk in seen:
            told = "This period stands in the call twice."
            one.refusal = Invalid("sheet_twice", told, pointer="/starts_on")
        seen.add(one.sheet.pk)


def _refuse_taken(asked: Sequence[_Asked]) -> None:
    """An external id names one sheet for ever."""
    wanted = {one.new.external_id for one in asked if one.new.external_id}
    if not wanted:
        return
    taken = dict(Timesheet.objects.filter(external_id__in=wanted).values_list("external_id", "pk"))
    for one in asked:
        name = one.new.external_id
        if not name or one.sheet is None or one.refusal is not None:
            continue
        if taken.setdefault(name, one.sheet.pk) != one.sheet.pk:
            told = f"The external id {name} belongs to another timesheet."
            one.refusal = Conflict("external_id_taken", told, pointer="/external_id")


def _refuse_replays(asked: Sequence[_Asked]) -> None:
    """What is not open any more is refused, unless the very same was sent before."""
    shut = [
        (one, one.sheet, refusal)
        for one in asked
        if one.sheet is not None
        and one.refusal is None
        and (refusal := _not_open(one.sheet)) is not None
    ]
    held: dict[UUID, list[tuple[date, str, str]]] = {}
    entries = TimeEntry.objects.filter(timesheet__in=[sheet.pk for _, sheet, _ in shut])
    for key, day, code, quantity in (
        entries.values_list("timesheet_id", "worked_on", "code", "quantity") if shut else ()
    ):
        held.setdefault(key, []).append((day, code, _spelled(quantity)))
    for one, sheet, refusal in shut:
        is_named = one.new.external_id and one.new.external_id == sheet.external_id
        one.is_replay = bool(is_named) and sorted(held.get(sheet.pk, ())) == _told(one.new)
        one.refusal = None if one.is_replay else refusal


def _told(new: NewSheet) -> list[tuple[date, str, str]]:
    return sorted((entry.worked_on, entry.code, _spelled(entry.amount())) for entry in new.entries)


def _spelled(quantity: Decimal) -> str:
    return f"{quantity:.2f}"


# --- writing it down -----------------------------------------------------------------------------


def _write(fit: Sequence[_Asked], actor: Actor, at: datetime) -> None:
    """Write sheets and entries: a few statements however many there are."""
    pairs = [(one.sheet, one.new) for one in fit if one.sheet is not None]
    fresh, known, again = [], [], []
    for sheet, new in pairs:
        sheet.total = writing.total(new.entries)
        sheet.external_id = new.external_id or sheet.external_id
        sheet.po_number = new.po_number or sheet.po_number
        sheet.entered_by = actor.as_json()
        if sheet._state.adding:
            fresh.append(sheet)
        else:
            known.append(sheet)
        if sheet.status == Status.NOT_WORKED:
            again.append(sheet)
    copying.create(fresh)
    named = any(new.external_id or new.po_number for _, new in pairs)
    Timesheet.objects.bulk_update(
        known, ["total", *(("external_id", "po_number") if named else ())]
    )
    Timesheet.objects.filter(pk__in=[sheet.pk for sheet in known]).update(
        entered_by=actor.as_json(), version=F("version") + 1
    )
    if again:
        Timesheet.objects.filter(pk__in=[sheet.pk for sheet in again]).update(
            status=Status.DRAFT, not_worked_as=""
        )
    writing.replace_all([(sheet, new.entries) for sheet, new in pairs])
    facts = (
        TimesheetEntered(subject=sheet.pk, total=sheet.total, entered_by=actor.kind)
        for sheet, _ in pairs
    )
    record(facts, actor=actor, at=at)


def _hand_in(fit: Sequence[_Asked], actor: Actor, at: datetime) -> None:
    """Submit the sheets that were sent to be handed in, together where they say the same."""
    groups: dict[tuple[tuple[str, ...], str], list[_Asked]] = {}
    for one in fit:
        if one.new.submit:
            groups.setdefault((tuple(one.new.overrides), one.new.reason), []).append(one)
    for (overrides, reason), members in groups.items():
        outcomes = submit(
            [one.key for one in members], overrides=overrides, reason=reason, actor=actor, at=at
        )
        refused = {outcome.id: outcome.refusal for outcome in outcomes}
        for one in members:
            one.refusal = refused.get(one.key)
