"""What the clock starts: once a morning, what lapses is chased and what lapsed is looked at."""

from datetime import datetime
from zoneinfo import ZoneInfo

from backline.directory import queries as directory
from backline.kernel.actors import SYSTEM
from backline.onboarding import actions

MORNING = 5  # before anybody starts a shift, by the firm's own clock


def follow_papers(*, at: datetime) -> None:
    """Chase what lapses and look at what lapsed, at five in the firm's morning."""
    if at.astimezone(ZoneInfo(directory.firm().time_zone)).hour == MORNING:
        actions.chase_expiring(actor=SYSTEM, at=at)
