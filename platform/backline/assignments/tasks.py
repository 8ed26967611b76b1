"""What the clock starts: assignments begin on their first day and end after their last."""

from datetime import datetime

from backline.assignments import actions
from backline.directory import queries as directory
from backline.kernel.actors import SYSTEM


def follow_the_days(*, at: datetime) -> None:
    """Start what is cleared and due, end what is over, by the firm's own day; again changes
    nothing.
    """
    today = directory.day_of(at)
    actions.start_due(today, actor=SYSTEM, at=at)
    actions.end_past(today, actor=SYSTEM, at=at)
