"""Time written down, whole periods at a time: by the worker, the agency or another system, one
sheet or thousands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import F

from backline.assignments.models import Assignment
from backline.assignments.queries import WORKABLE
from backline.directory import queries as directory
from backline.kernel import copying, rows
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.ids import new_ids
from backline.kernel.outcomes import Outcome
from backline.onboarding import queries as onboarding
from backline.timesheets.actions import fitting, writing
from backline.timesheets.actions.fitting import Engaged
from backline.timesheets.actions.moving import one_held
from backline.timesheets.actions.standing import Sheet, Sheets, standing
from backline.timesheets.actions.submitting import submit
from backline.timesheets.actions.writing import NewEntry
from backline.timesheets.events import TimesheetEntered
from backline.timesheets.models import TimeEntry, Timesheet

Status = Timesheet.Status
OPEN = frozenset({Status.DRAFT.value, Status.REJECTED.value, Status.NOT_WORKED.value})
BLANK = Timesheet()  # what a fresh sheet has that nobody said otherwise
TOLD = (
    "id", "assignment", "starts_on", "ends_on", "unit", "approver", "external_id", "po_number",
    "total",
)  # fmt: skip
ALIKE = tuple(
    field.name
    for field in Timesheet._meta.concrete_fields
    if field.name not in {*TOLD, "entered_by", "created_at"}
)


class NewSheet(NamedTuple):
    """A period's time of one assignment, whole: it replaces what the sheet held before."""

    assignment: UUID
    starts_on: date
    entries: Sequence[NewEntry]
    external_id: str = ""
    po_number: str = ""
    submit: bool = False
    overrides: Sequence[str] = ()
    reason: str = ""


@dataclass(slots=True)
class _Asked:
    """One sheet as it was sent, the one it stands for, and what became of it."""

    new: NewSheet
    row: Engaged | None = None
    sheet: Sheet | None = None
    is_fresh: bool = False
    refusal: Refusal | None = None
    is_replay: bool = False

    @property
    def key(self) -> UUID:
        """The sheet, or the assignment where there is none."""
        return self.sheet.id if self.sheet is not None else self.new.assignment


def enter(sheets: Sequence[NewSheet], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Write periods' time down, and hand it in where asked; one outcome a sheet in the order sent,
    and one that is refused never stops the others.

    The sheet is the one of the period around `starts_on`, opened when there is none. The same
    external id with the same time again changes nothing.
    """
    return enter_for(engaged(new.assignment for new in sheets), sheets, actor=actor, at=at)


def engaged(assignments: Iterable[UUID]) -> dict[UUID, Engaged]:
    """These assignments, locked: one at a time enters for an assignment, in one order."""
    locked = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__among=set(assignments))
        .order_by("id")
    )
    return {row.id: row for row in rows.read(Engaged, locked, time_zone="site__time_zone")}


def enter_for(
    known: Mapping[UUID, Engaged], sheets: Sequence[NewSheet], *, actor: Actor, at: datetime
) -> list[Outcome]:
    """As `enter`, for assignments that are `engaged`."""
    asked = _matched(sheets, known, at)
    for one in asked:
        if one.refusal is None and one.row and one.sheet:
            sheet = one.sheet
            found = writing.faults(one.new.entries, one.row, sheet.starts_on, sheet.ends_on)
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
    held = one_held(timesheet)
    row = Engaged.of(held.assignment)
    sheet = Sheet._make(getattr(held, name) for name in Sheet._fields)
    refusal = _unfit(row) or _not_open(sheet)
    if refusal is not None:
        raise refusal
    found = writing.faults(entries, row, sheet.starts_on, sheet.ends_on)
    if found:
        raise Invalid.of(found)
    new = NewSheet(assignment=row.id, starts_on=sheet.starts_on, entries=entries)
    _write([_Asked(new, row, sheet)], actor, at)
    held.refresh_from_db()
    return held


# --- which sheet is meant ------------------------------------------------------------------------


def _matched(
    sheets: Sequence[NewSheet], known: Mapping[UUID, Engaged], at: datetime
) -> list[_Asked]:
    """Each sheet beside the one of its period that stands, or a fresh one that is not kept yet."""
    days = [new.starts_on for new in sheets]
    stored = standing(known, min(days), max(days)) if days else {}
    keys = iter(new_ids(len(sheets)))
    asked = []
    for new in sheets:
        one = _Asked(new, known.get(new.assignment))
        one.refusal = _unfit(one.row) if one.row else _no_assignment()
        if one.row is not None and one.refusal is None:
            day = fitting.day_meant(one.row, new.starts_on)
            if day is None:
                one.refusal = _outside()
            else:
                own = stored.get(new.assignment)
                if own is None:
                    own = stored[new.assignment] = Sheets()
                one.sheet = own.around(day)
                if one.sheet is None:
                    one.sheet, one.is_fresh = _fresh(next(keys), one.row, own, day), True
        asked.append(one)
    _name_what_is_in_the_way(asked, at)
    _refuse_twins(asked)
    _refuse_taken(asked)
    return asked


def _fresh(key: UUID, row: Engaged, own: Sheets, day: date) -> Sheet:
    """A sheet for the period around a day, in its place among the assignment's others."""
    period = own.free(row, day)
    sheet = Sheet(key, row.id, period.starts, period.last_day)
    own.add(sheet)
    return sheet


def _name_what_is_in_the_way(asked: Sequence[_Asked], at: datetime) -> None:
    """Let the refusal of work that may not begin list everything that it waits for."""
    waiting = [one for one in asked if one.refusal and one.row and _unfit(one.row)]
    found = onboarding.in_the_way({one.new.assignment for one in waiting}, directory.day_of(at))
    for one in waiting:
        if one.refusal is not None:
            faults = [*one.refusal.faults, *found.get(one.new.assignment, ())]
            one.refusal = Conflict.of(faults)


def _no_assignment() -> Refusal:
    return Missing("not_found", "There is no such assignment.", pointer="/assignment")


def _unfit(row: Engaged) -> Refusal | None:
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


def _not_open(sheet: Sheet) -> Refusal | None:
    if sheet.status in OPEN:
        return None
    told = f"A timesheet that is {sheet.status.replace('_', ' ')} cannot be changed; "
    then = {
        Status.SUBMITTED.value: "recall it first.",
        Status.APPROVED.value: "correct it by a sheet that names it.",
    }
    return Conflict("illegal_move", told + then.get(sheet.status, "it is final."),
                    status=sheet.status)  # fmt: skip


def _refuse_twins(asked: Sequence[_Asked]) -> None:
    seen: set[UUID] = set()
    for one in asked:
        if one.sheet is None or one.refusal is not None:
            continue
        if one.sheet.id in seen:
            told = "This period stands in the call twice."
            one.refusal = Invalid("sheet_twice", told, pointer="/starts_on")
        seen.add(one.sheet.id)


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
        if taken.setdefault(name, one.sheet.id) != one.sheet.id:
            told = f"The external id {name} belongs to another timesheet."
            one.refusal = Conflict("external_id_taken", told, pointer="/external_id")


def _refuse_replays(asked: Sequence[_Asked]) -> None:
    """What is not open any more is refused, unless the very same was sent before."""
    shut = [
        (one, one.sheet, refusal)
        for one in asked
        if one.sheet is not None
        and not one.is_fresh
        and one.refusal is None
        and (refusal := _not_open(one.sheet)) is not None
    ]
    held: dict[UUID, list[tuple[date, str, str]]] = {}
    entries = TimeEntry.objects.filter(timesheet__among=[sheet.id for _, sheet, _ in shut])
    for key, day, code, quantity in (
        entries.values_list("timesheet_id", "worked_on", "code", "quantity") if shut else ()
    ):
        held.setdefault(key, []).append((day, code, _spelled(quantity)))
    for one, sheet, refusal in shut:
        is_named = one.new.external_id and one.new.external_id == sheet.external_id
        one.is_replay = bool(is_named) and sorted(held.get(sheet.id, ())) == _told(one.new)
        one.refusal = None if one.is_replay else refusal


def _told(new: NewSheet) -> list[tuple[date, str, str]]:
    return sorted((entry.worked_on, entry.code, _spelled(entry.amount())) for entry in new.entries)


def _spelled(quantity: Decimal) -> str:
    return f"{quantity:.2f}"


# --- writing it down -----------------------------------------------------------------------------


class _Written(NamedTuple):
    """One sheet with the time that it is to hold, worked out."""

    sheet: Sheet
    row: Engaged
    new: NewSheet
    entries: Sequence[NewEntry]
    total: Decimal


def _write(fit: Sequence[_Asked], actor: Actor, at: datetime) -> None:
    """Write sheets and entries: a few statements however many there are."""
    fresh: list[_Written] = []
    known: list[_Written] = []
    for one in fit:
        if one.sheet is not None and one.row is not None:
            kept, total = writing.worked_out(one.new.entries)
            into = fresh if one.is_fresh else known
            into.append(_Written(one.sheet, one.row, one.new, kept, total))
    _open(fresh, actor, at)
    _change(known, actor)
    every = [*fresh, *known]
    writing.write((one.sheet.id, one.entries) for one in every)
    facts = (
        TimesheetEntered(subject=one.sheet.id, total=one.total, entered_by=actor.kind)
        for one in every
    )
    record(facts, actor=actor, at=at)


def _open(fresh: Sequence[_Written], actor: Actor, at: datetime) -> None:
    """Keep sheets that were not there before."""
    copying.write(
        Timesheet,
        TOLD,
        (
            (
                sheet.id, sheet.assignment_id, sheet.starts_on, sheet.ends_on, row.time_unit,
                row.approver_id, new.external_id, new.po_number, total,
            )
            for sheet, row, new, _, total in fresh
        ),
        {name: getattr(BLANK, name) for name in ALIKE}
        | {"entered_by": actor.as_json(), "created_at": at},
    )  # fmt: skip


def _change(known: Sequence[_Written], actor: Actor) -> None:
    """Empty sheets that were there before, and let them say what they will hold."""
    if not known:
        return
    keys = [one.sheet.id for one in known]
    writing.empty(keys)
    rows.change(Timesheet, ("total",), [(one.sheet.id, one.total) for one in known])
    for name in ("external_id", "po_number"):
        named = [(one.sheet.id, word) for one in known if (word := getattr(one.new, name))]
        rows.change(Timesheet, (name,), named)
    Timesheet.objects.filter(pk__among=keys).update(
        entered_by=actor.as_json(), version=F("version") + 1
    )
    again = [one.sheet.id for one in known if one.sheet.status == Status.NOT_WORKED]
    if again:
        Timesheet.objects.filter(pk__among=again).update(status=Status.DRAFT, not_worked_as="")


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
