"""What the clock starts in payroll: runs open when their periods have ended."""

from datetime import datetime

from backline.kernel.actors import SYSTEM
from backline.payroll import actions, deadlines


def open_runs(*, at: datetime) -> None:
    """Open a run for every period that has ended."""
    actions.open_due(deadlines.today(at), actor=SYSTEM, at=at)
