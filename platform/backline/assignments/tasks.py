"""What the clock starts: assignments begin on their first day and end after their last."""

from datetime import datetime

from backline.assignments import actions
from backline.kernel.actors import SYSTEM


def follow_the_days(*, at: datetime) -> None:
    """Start what is cleared and due, end what is over; again changes nothing."""
    actions.start_due(at.date(), actor=SYSTEM, at=at)
    actions.end_past(at.date(), actor=SYSTEM, at=at)
