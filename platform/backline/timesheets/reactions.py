"""What timesheets do when something happened upstream: open sheets, fit them, ask approvers."""

from collections.abc import Sequence

from backline.assignments.events import (
    AssignmentChanged,
    AssignmentCleared,
    AssignmentEnded,
    AssignmentStarted,
)
from backline.assignments.models import Assignment
from backline.directory import queries as directory
from backline.kernel.actors import SYSTEM
from backline.kernel.consumers import reacts_to
from backline.kernel.events import Told
from backline.timesheets import actions
from backline.timesheets.events import TimesheetReassigned, TimesheetSubmitted


@reacts_to(AssignmentCleared, AssignmentStarted, AssignmentChanged, AssignmentEnded)
def open_sheets(events: Sequence[Told]) -> None:
    """Fit the sheets of assignments whose days changed, and open those that are missing."""
    at = events[-1].at
    touched = Assignment.objects.in_bulk({event.subject for event in events})
    actions.fit(touched.values(), actor=SYSTEM, at=at)
    actions.open_due(directory.day_of(at), actor=SYSTEM, at=at, only=touched)


@reacts_to(TimesheetSubmitted, TimesheetReassigned)
def ask_for_approval(events: Sequence[Told]) -> None:
    """Write to the approvers of what was handed in, or given to another one."""
    actions.ask_approvers([event.subject for event in events], at=events[-1].at)
