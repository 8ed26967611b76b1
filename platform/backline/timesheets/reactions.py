"""What timesheets do when something happened upstream."""

from collections.abc import Sequence

from backline.assignments.events import AssignmentChanged, AssignmentCleared, AssignmentStarted
from backline.kernel.actors import SYSTEM
from backline.kernel.consumers import reacts_to
from backline.kernel.events import Told
from backline.timesheets import actions


@reacts_to(AssignmentCleared, AssignmentStarted, AssignmentChanged)
def open_sheets(events: Sequence[Told]) -> None:
    """Open the sheets of assignments that may be worked on, or that were extended."""
    at = events[-1].at
    actions.open_due(at.date(), actor=SYSTEM, at=at, only={event.subject for event in events})
