"""What can have happened to a timesheet, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetOpened(Fact):
    """A sheet waits for its period's time."""

    name: ClassVar[str] = "timesheet.opened"
    assignment: str
    starts_on: str
    ends_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetEntered(Fact):
    """Time was written down, and by whom."""

    name: ClassVar[str] = "timesheet.entered"
    total: Decimal
    entered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetSubmitted(Fact):
    """A period's time was handed in."""

    name: ClassVar[str] = "timesheet.submitted"
    assignment: str
    starts_on: str
    total: Decimal
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetApproved(Fact):
    """A period's time is final, and was priced in the same transaction."""

    name: ClassVar[str] = "timesheet.approved"
    assignment: str
    starts_on: str
    ends_on: str
    total: Decimal
    approved_by: str
    is_late: bool = False
    corrects: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetRejected(Fact):
    """A period's time went back, with the reason."""

    name: ClassVar[str] = "timesheet.rejected"
    assignment: str
    starts_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetNotWorked(Fact):
    """It was declared that nothing was worked."""

    name: ClassVar[str] = "timesheet.not_worked"
    assignment: str
    starts_on: str
    counts_as: str = "no_work"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetRecalled(Fact):
    """What was handed in was taken back before anybody decided."""

    name: ClassVar[str] = "timesheet.recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRefused(Fact):
    """Somebody opened a link and was not the one it was sent to; the subject is the timesheet."""

    name: ClassVar[str] = "timesheet.approval_refused"
    link: str
    given_email: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetReassigned(Fact):
    """Another contact is to approve; links to the former one are dead."""

    name: ClassVar[str] = "timesheet.reassigned"
    approver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetRatesTaken(Fact):
    """The sheet is priced by newer rates than it was handed in with, on purpose."""

    name: ClassVar[str] = "timesheet.rates_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetChased(Fact):
    """Whoever holds a sheet up was reminded."""

    name: ClassVar[str] = "timesheet.chased"
    n: int
    to_kind: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesheetVoided(Fact):
    """A sheet that should not exist was taken back."""

    name: ClassVar[str] = "timesheet.voided"
