"""Weeks: everything that pricing a set of workers' weeks needs, read in a few queries, as
plain values.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from backline.assignments import queries as assignments
from backline.assignments.models import Assignment, BillingReference
from backline.charges import agencyweeks
from backline.charges.jobs import Agreed, Sheet, Work, jobs_of
from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.directory.models import FirmRecord
from backline.kernel import rows, statements
from backline.kernel.statements import Slot
from backline.timesheets.actions.moving import Handed
from backline.timesheets.models import TimeEntry, Timesheet
from rulebook.clock import by_window, in_zone
from rulebook.corrections import Difference, Posted, differences
from rulebook.hours import Worked
from rulebook.money import NOTHING
from rulebook.pack import worktime
from rulebook.packs.us import worktime as us
from rulebook.periods import week_of
from rulebook.pricing import Beside, Job, priced_week
from rulebook.rates import Priced, Side
from rulebook.windows import agreed_windows

Key = tuple[UUID, date]
TIME, BONUS = "time", "bonus"
ROLLED_UP = "rolled_up"

_CHARGED = statements.whole(
    Charge,
    lambda: Charge.objects.filter(
        worker__among=Slot("workers"), week_starts_on__among=Slot("weeks"), kind__in=(TIME, BONUS)
    ).order_by("id"),
)
_ENTRIES = statements.columns(
    lambda: (
        TimeEntry.objects.filter(
            timesheet__among=Slot("sheets"),
            worked_on__lte=Slot("last"),
            worked_on__gte=Slot("first"),
        )
        .order_by("worked_on", "id")
        .values_list(
            "timesheet_id", "worked_on", "code", "quantity", "unit", "started_at", "ended_at",
            "break_minutes",
        )
    ),
)  # fmt: skip
_WORK = rows.asked(
    Work,
    lambda: Assignment.objects.filter(pk__among=Slot("keys")),
    country="site__country",
    region="site__region",
    time_zone="site__time_zone",
)


@dataclass(slots=True)
class Weeks:
    """The weeks of some workers: time, jobs, what was charged already, and what lines need
    beside prices.
    """

    firm: FirmRecord
    keys: frozenset[Key]
    worked: dict[Key, list[Worked]] = field(default_factory=dict)
    sheets: dict[UUID, list[Sheet]] = field(default_factory=dict)  # by assignment, in order
    posted: dict[Key, list[Posted]] = field(default_factory=dict)
    bonuses: dict[Key, Decimal] = field(default_factory=dict)  # promised for the work of a week
    assignments: dict[UUID, Work] = field(default_factory=dict)
    by_ref: dict[str, Work] = field(default_factory=dict)  # the same as the rulebook names them
    jobs: dict[str, Job] = field(default_factory=dict)
    references: dict[UUID, list[BillingReference]] = field(default_factory=dict)
    burden_shares: Mapping[str, Decimal] = field(default_factory=dict)

    def starts_of(self, day: date) -> date:
        """The first day of the firm's workweek around a day."""
        return week_of(day, self.firm.week_starts).starts

    def sheet_on(self, assignment: UUID, day: date) -> Sheet | None:
        """The sheet of an assignment that holds a day."""
        for sheet in self.sheets.get(assignment, ()):
            if sheet.starts_on <= day <= sheet.ends_on:
                return sheet
        return None

    def difference(self, key: Key) -> tuple[Difference, ...]:
        """What must be posted so that a week is charged as it was worked; raises Unpriceable,
        UnfitHours or NoRule.
        """
        return differences(self._desired(key), self.posted.get(key, ()))

    def _desired(self, key: Key) -> list[Priced]:
        """Everything a week should be charged at: overtime by law over all assignments together,
        overtime by agreement assignment by assignment.
        """
        worked = self.worked.get(key, [])
        rules, monday = worktime(self.firm.country), key[1]
        rolls_up = directory.holiday_method_on(monday, self.firm) == ROLLED_UP
        share = rules.holiday_share(monday) if rolls_up and worked else NOTHING
        worked = self._in_windows(worked, monday)
        if self.firm.country == "US":
            places = frozenset(line.place for line in worked if line.place)
            week = rules.week_rules(monday, places, {})
            beside = Beside(
                self.bonuses.get(key, NOTHING), us.missed_meals(self.worked.get(key, []))
            )
            return list(priced_week(worked, self.jobs, week, share, beside)) if worked else []
        desired: list[Priced] = []
        in_order = sorted(worked, key=lambda line: line.assignment)
        for assignment, own in groupby(in_order, key=lambda line: line.assignment):
            agreed = self.by_ref[assignment].overtime
            week = rules.week_rules(monday, frozenset(), agreed)
            desired += priced_week(list(own), self.jobs, week, share)
        return desired

    def _in_windows(self, worked: list[Worked], monday: date) -> list[Worked]:
        """The time with what lies in a window of its agreement under that window's code."""
        found: list[Worked] = []
        for line in worked:
            row = self.by_ref[line.assignment]
            told = row.overtime.get("windows")
            if not told:
                found.append(line)
                continue
            zone = ZoneInfo(row.time_zone or self.firm.time_zone)
            found += by_window([in_zone(line, zone)], agreed_windows(told, monday))
        return found


def touched_by(sheets: Iterable[Handed], week_starts: int) -> frozenset[Key]:
    """The workers' weeks that these sheets reach into."""
    return frozenset(
        key
        for sheet in sheets
        for key in weeks_of(sheet.worker_id, sheet.starts_on, sheet.ends_on, week_starts)
    )


def weeks_of(worker: UUID, starts_on: date, ends_on: date, week_starts: int) -> list[Key]:
    """The weeks of a worker that a sheet of these days reaches into."""
    keys = []
    day = week_of(starts_on, week_starts).starts
    while day <= ends_on:
        keys.append((worker, day))
        day = week_of(day, week_starts).ends
    return keys


def load(
    keys: frozenset[Key], *, approving: Sequence[Handed] = (), firm: FirmRecord | None = None
) -> Weeks:
    """Read these weeks: approved sheets, and those being approved now, the newest of each
    chain alone.
    """
    own = firm or directory.firm()
    shares = own.settings.get("burden_shares", {})
    burdens = {engagement: Decimal(str(share)) for engagement, share in shares.items()}
    weeks = Weeks(own, keys, burden_shares=burdens)
    if not keys:
        return weeks
    workers, days = zip(*keys, strict=True)
    charges = _CHARGED.soon(workers=set(workers), weeks=set(days))
    span = {"first": min(days), "last": max(_last_day(day, weeks) for day in days)}
    _read_sheets(weeks, approving, span)
    _read_charges(weeks, charges())
    sheets = [sheet for many in weeks.sheets.values() for sheet in many]
    entries = _ENTRIES.soon(sheets=[sheet.id for sheet in sheets], **span)
    asked = weeks.sheets.keys() | {
        UUID(str(posted.charge.assignment)) for many in weeks.posted.values() for posted in many
    }
    agreed = Agreed(asked)
    held = agencyweeks.terms_soon(asked) if own.country == "GB" else None
    references = assignments.billing_references_soon(asked)
    weeks.assignments = {row.id: row for row in _WORK(keys=asked)}
    weeks.by_ref = {str(key): row for key, row in weeks.assignments.items()}
    weeks.references = references()
    weeks.jobs = jobs_of(weeks.assignments, sheets, agreed, rolls_up=True)
    if held is not None:
        rows, last = weeks.assignments, span["last"]
        weeks.jobs = agencyweeks.treat(weeks.jobs, rows, last, held(), approving)
    _read_entries(weeks, sheets, entries())
    return weeks


def _read_charges(weeks: Weeks, charges: Iterable[Charge]) -> None:
    for row in charges:
        key = (row.worker_id, row.week_starts_on)
        if key not in weeks.keys:
            continue
        if row.kind == BONUS:
            weeks.bonuses[key] = weeks.bonuses.get(key, NOTHING) + (row.pay_amount or NOTHING)
        else:
            weeks.posted.setdefault(key, []).append(Posted(row.pk, as_priced(row)))


class _Stored(NamedTuple):
    """A sheet as it is stored, as far as pricing goes by it."""

    id: UUID
    corrects_id: UUID | None
    assignment_id: UUID
    starts_on: date
    ends_on: date
    rates_version: int | None
    po_number: str
    is_late: bool


_COUNTING = rows.asked(
    _Stored,
    lambda: Timesheet.objects.filter(
        Q(status=Timesheet.Status.APPROVED) | Q(pk__among=Slot("approving")),
        assignment__worker__among=Slot("workers"),
        starts_on__lte=Slot("last"),
        ends_on__gte=Slot("first"),
    ).order_by("starts_on", "revision", "id"),
)


def _read_sheets(weeks: Weeks, approving: Sequence[Handed], span: Mapping[str, date]) -> None:
    """The newest sheet of each chain that counts, by assignment; what is being approved counts as
    it will be.
    """
    ahead = {sheet.id: sheet.po_number for sheet in approving}
    found = _COUNTING(approving=ahead, workers={worker for worker, _ in weeks.keys}, **span)
    newest: dict[UUID, Sheet] = {}
    for row in found:
        order = ahead.get(row.id, row.po_number)
        newest[row.corrects_id or row.id] = Sheet(
            row.id, row.assignment_id, row.starts_on, row.ends_on, row.rates_version, order,
            row.is_late,
        )  # fmt: skip
    for sheet in newest.values():
        weeks.sheets.setdefault(sheet.assignment, []).append(sheet)


def _read_entries(
    weeks: Weeks, sheets: Sequence[Sheet], entries: Iterable[tuple[Any, ...]]
) -> None:
    by_id = {sheet.id: weeks.assignments[sheet.assignment] for sheet in sheets}
    for sheet, day, code, quantity, unit, starts, ends, breaks in entries:
        row = by_id[sheet]
        key = (row.worker_id, weeks.starts_of(day))
        if key not in weeks.keys:
            continue
        place = (row.region or "") if row.country == "US" else ""
        weeks.worked.setdefault(key, []).append(
            Worked(str(row.id), day, code, quantity, unit, starts, ends, breaks, place)
        )


def _last_day(day: date, weeks: Weeks) -> date:
    return week_of(day, weeks.firm.week_starts).last_day


def as_priced(row: Charge) -> Priced:
    """A stored charge as the rulebook's value."""
    return Priced(
        str(row.assignment_id),
        row.worked_on,
        row.code,
        str(row.agreement_id or ""),
        _side(row, "pay"),
        _side(row, "bill"),
        row.label,
    )


def _side(row: Charge, name: str) -> Side | None:
    amount = getattr(row, f"{name}_amount")
    if amount is None:
        return None
    return Side(
        getattr(row, f"{name}_quantity"),
        row.unit,
        getattr(row, f"{name}_rate"),
        amount,
        getattr(row, f"{name}_currency"),
        getattr(row, f"{name}_factor"),
        getattr(row, f"{name}_treatment"),
    )
