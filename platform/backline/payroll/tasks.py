"""What the clock starts in payroll: runs open when their periods have ended, and subcontractors are
told what was deducted when a tax month has.
"""

from datetime import datetime

from backline.kernel.actors import SYSTEM
from backline.payroll import actions, deadlines


def open_runs(*, at: datetime) -> None:
    """Open a run for every period that has ended."""
    actions.open_due(deadlines.today(at), actor=SYSTEM, at=at)


def issue_deduction_statements(*, at: datetime) -> None:
    """Give subcontractors the statement of the tax month that ended last."""
    actions.issue_statements(deadlines.today(at), actor=SYSTEM, at=at)
