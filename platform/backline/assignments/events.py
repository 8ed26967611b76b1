"""What can have happened to an assignment, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentAdded(Fact):
    """A worker is to work at a client."""

    name: ClassVar[str] = "assignment.added"
    worker: str
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentChanged(Fact):
    """Something of an assignment changed, its dates included."""

    name: ClassVar[str] = "assignment.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentConfirmed(Fact):
    """A person confirmed that everything agreed is written down."""

    name: ClassVar[str] = "assignment.confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentCleared(Fact):
    """Nothing that must be on file is missing: the worker may start."""

    name: ClassVar[str] = "assignment.ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentHeld(Fact):
    """Something that must be on file is missing again before the start."""

    name: ClassVar[str] = "assignment.held"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentStarted(Fact):
    """The first day came."""

    name: ClassVar[str] = "assignment.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentEnded(Fact):
    """The last day is over."""

    name: ClassVar[str] = "assignment.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentCancelled(Fact):
    """It will not take place."""

    name: ClassVar[str] = "assignment.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesAgreed(Fact):
    """Pay and bill rates hold from a day; the subject is the assignment."""

    name: ClassVar[str] = "rates.agreed"
    noun: ClassVar[str] = "assignment"
    version: int
    since: str
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingReferenceSet(Fact):
    """A purchase order or cost centre holds from a day; the subject is the assignment."""

    name: ClassVar[str] = "billing_reference.set"
    noun: ClassVar[str] = "assignment"
    since: str
    po_number: str
    cost_centre: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualTermsAgreed(Fact):
    """What the hirer's own people get is known from a day; the subject is the assignment."""

    name: ClassVar[str] = "equal_terms.agreed"
    noun: ClassVar[str] = "assignment"
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSet(Fact):
    """An assignment's weeks count in another role; the subject is the assignment."""

    name: ClassVar[str] = "role.set"
    noun: ClassVar[str] = "assignment"
    worker: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HirerLinked(Fact):
    """Two records of clients are one hirer, or no longer; the subject is the one, `client` the
    other.
    """

    name: ClassVar[str] = "hirer.linked"
    noun: ClassVar[str] = "client"
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeksBrought(Fact):
    """Weeks worked through another agency are known; the subject is the worker."""

    name: ClassVar[str] = "agency_weeks.brought"
    noun: ClassVar[str] = "worker"
    client: str
    weeks: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceNoted(Fact):
    """A worker is away for a reason that bears on equal treatment; the subject is the absence."""

    name: ClassVar[str] = "absence.noted"
    worker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceWithdrawn(Fact):
    """An absence was noted by mistake."""

    name: ClassVar[str] = "absence.withdrawn"
    worker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusDetermined(Fact):
    """The client determined whether work is inside the off-payroll rules; the subject is the
    assignment.
    """

    name: ClassVar[str] = "status.determined"
    noun: ClassVar[str] = "assignment"
    is_inside: bool
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonesPlanned(Fact):
    """A contract's price was shared out over milestones, or a change order did so again; the
    subject is the plan.
    """

    name: ClassVar[str] = "milestone_plan.made"
    assignment: str
    version: int
    pay: dict[str, Decimal]
    bill: dict[str, Decimal]
    milestones: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneSubmitted(Fact):
    """A milestone was reached, as whoever did the work says."""

    name: ClassVar[str] = "milestone.submitted"
    assignment: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneAccepted(Fact):
    """The client accepted a milestone, whole or a part of it, which was priced in the same
    transaction.
    """

    name: ClassVar[str] = "milestone.accepted"
    assignment: str
    number: int
    accepted_share: Decimal
    document: str
    charge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneRejected(Fact):
    """The client did not accept a milestone: nothing is paid or billed for it."""

    name: ClassVar[str] = "milestone.rejected"
    assignment: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneSuperseded(Fact):
    """A change order planned what was left of a milestone anew."""

    name: ClassVar[str] = "milestone.superseded"
    assignment: str
    number: int
    version: int
