"""The sheets that stand for assignments, found by their days."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from backline.kernel import rows
from backline.timesheets.actions.fitting import DAY, Work, period_of
from backline.timesheets.models import Timesheet
from rulebook.periods import Period

BESIDE = DAY * 31  # how far off a sheet may lie that bounds a period


class Sheet(NamedTuple):
    """A sheet as far as entering time needs it."""

    id: UUID
    assignment_id: UUID
    starts_on: date
    ends_on: date
    status: str = Timesheet.Status.DRAFT.value
    external_id: str = ""


class Sheets:
    """The sheets of one assignment in order; no day stands on two of them."""

    __slots__ = ("_sheets", "_starts")

    def __init__(self) -> None:
        self._starts: list[date] = []
        self._sheets: list[Sheet] = []

    def add(self, sheet: Sheet) -> None:
        """Put a sheet in its place."""
        at = bisect_right(self._starts, sheet.starts_on)
        self._starts.insert(at, sheet.starts_on)
        self._sheets.insert(at, sheet)

    def around(self, day: date) -> Sheet | None:
        """The sheet that holds a day."""
        at = bisect_right(self._starts, day)
        if at and day <= self._sheets[at - 1].ends_on:
            return self._sheets[at - 1]
        return None

    def free(self, row: Work, day: date) -> Period:
        """The period around a day that no sheet holds, less the days that the sheets beside it
        hold: an assignment that was extended within a week has two.
        """
        whole = period_of(row, day)
        at = bisect_right(self._starts, day)
        starts, ends = whole.starts, whole.ends
        if at:
            starts = max(starts, self._sheets[at - 1].ends_on + DAY)
        if at < len(self._starts):
            ends = min(ends, self._starts[at])
        is_whole = starts == whole.starts and ends == whole.ends
        return whole if is_whole else Period(starts, ends)


def standing(assignments: Iterable[UUID], first: date, last: date) -> dict[UUID, Sheets]:
    """The sheets of these assignments that reach into some days or lie beside them."""
    found: dict[UUID, Sheets] = {}
    sheets = (
        Timesheet.objects.filter(
            assignment__among=assignments,
            corrects__isnull=True,
            starts_on__lte=last + BESIDE,
            ends_on__gte=first - BESIDE,
        )
        .exclude(status=Timesheet.Status.VOIDED)
        .order_by("starts_on")
    )
    for sheet in rows.read(Sheet, sheets):
        found.setdefault(sheet.assignment_id, Sheets()).add(sheet)
    return found
