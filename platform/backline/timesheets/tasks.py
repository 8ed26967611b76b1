"""What the clock starts: sheets opened for every new period, and overdue ones put on a desk."""

from datetime import datetime

from backline.directory import queries as directory
from backline.kernel.actors import SYSTEM
from backline.timesheets import actions


def follow_the_days(*, at: datetime) -> None:
    """Open the sheets of periods that began, look at what is overdue; again changes nothing."""
    on = directory.day_of(at)
    actions.open_due(on, actor=SYSTEM, at=at)
    actions.put_overdue_on_desk(on, actor=SYSTEM, at=at)
