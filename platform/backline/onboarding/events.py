"""What can have happened in onboarding, as frozen facts."""

from dataclasses import dataclass
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSet(Fact):
    """Something must be on file from now on, or no longer."""

    name: ClassVar[str] = "requirement.set"
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReceived(Fact):
    """A requirement was met for a worker, an assignment or a company."""

    name: ClassVar[str] = "evidence.received"
    requirement: str
    worker: str = ""
    assignment: str = ""
    intermediary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceWithdrawn(Fact):
    """What was on file does not count any more."""

    name: ClassVar[str] = "evidence.withdrawn"
    requirement: str
    worker: str = ""
    assignment: str = ""
    intermediary: str = ""
