"""Requirements: which papers work calls for, which are on file, and what their lack blocks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from rulebook.rates import Ref

START, PAY, BILL = "start", "pay", "bill"
I9_SECTION_2_BUSINESS_DAYS = 3


@dataclass(frozen=True, slots=True)
class Requirement:
    """A paper that is called for when every condition of `when` holds.

    `when` maps a fact (country, state, engagement, client, role, sector ...) to the values that
    count; a fact that it does not name is no condition. `blocks` are start, pay or bill.
    `since` and `until` are the days of work it is asked for, `until` the first day no longer.
    Any one of `accepts` will do; empty means evidence of the requirement's own code.
    """

    code: str
    label: str
    blocks: frozenset[str] = frozenset({START})
    when: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    accepts: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    source: str = ""
    version: str = ""

    def applies(self, facts: Mapping[str, str], on: date) -> bool:
        """True when work with these facts calls for it on a day; a fact not known never does."""
        if (self.since and on < self.since) or (self.until and on >= self.until):
            return False
        return all(facts.get(fact, "") in values for fact, values in self.when.items())

    def is_met_by(self, evidence: "Evidence", on: date) -> bool:
        """True when the evidence is of an accepted kind and valid on the day."""
        return evidence.kind in (self.accepts or {self.code}) and evidence.is_valid(on)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A paper on file: of what kind, accepted since which day, good until which day (inclusive).

    `expires_on` is the last day it holds; None means it does not expire. `scope` limits it to facts
    (one client, one engagement): evidence counts only where every fact of its scope agrees.
    """

    ref: Ref
    kind: str
    accepted_on: date
    expires_on: date | None = None
    is_rejected: bool = False
    scope: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def is_valid(self, on: date) -> bool:
        """True when it was accepted by the day, has not been rejected and has not expired."""
        return (
            not self.is_rejected
            and self.accepted_on <= on
            and (self.expires_on is None or on <= self.expires_on)
        )

    def is_about(self, facts: Mapping[str, str]) -> bool:
        """True when every fact it is limited to agrees."""
        return all(facts.get(fact) == value for fact, value in self.scope.items())


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one requirement stands on a day: the evidence that meets it, or why there is none.

    `reason` is met, due, missing, expired or rejected; `expires_on` the last day of the evidence
    that holds longest; `due_on` the last day to bring what is asked for after the start.
    """

    requirement: Requirement
    evidence: Evidence | None
    reason: str
    expires_on: date | None = None

    @property
    def is_met(self) -> bool:
        """True when evidence holds on the day."""
        return self.reason == "met"


@dataclass(frozen=True, slots=True)
class Clearance:
    """Every requirement that applies to a piece of work on a day, and where it stands."""

    on: date
    standings: tuple[Standing, ...]

    @property
    def missing(self) -> tuple[Standing, ...]:
        """What is not met, in the order of the requirements."""
        return tuple(standing for standing in self.standings if not standing.is_met)

    def blocking(self, step: str) -> tuple[Standing, ...]:
        """What is not met and blocks this step (start, pay or bill)."""
        return tuple(found for found in self.missing if step in found.requirement.blocks)

    def is_cleared(self, step: str) -> bool:
        """True when nothing that is missing blocks the step."""
        return not self.blocking(step)


def clearance(
    requirements: Iterable[Requirement],
    facts: Mapping[str, str],
    evidence: Sequence[Evidence],
    on: date,
) -> Clearance:
    """Hold what work with these facts calls for on a day against the papers on file."""
    usable = [paper for paper in evidence if paper.is_about(facts)]
    return Clearance(
        on,
        tuple(
            _standing(requirement, usable, on)
            for requirement in requirements
            if requirement.applies(facts, on)
        ),
    )


def _standing(requirement: Requirement, evidence: Iterable[Evidence], on: date) -> Standing:
    kinds = requirement.accepts or {requirement.code}
    papers = [paper for paper in evidence if paper.kind in kinds]
    holding = [paper for paper in papers if requirement.is_met_by(paper, on)]
    if holding:
        longest = max(holding, key=lambda paper: (paper.expires_on or date.max, paper.accepted_on))
        return Standing(requirement, longest, "met", longest.expires_on)
    lapsed = [paper for paper in papers if not paper.is_rejected and paper.accepted_on <= on]
    if lapsed:
        last = max(lapsed, key=lambda paper: paper.expires_on or date.max)
        return Standing(requirement, last, "expired", last.expires_on)
    rejected = [paper for paper in papers if paper.is_rejected]
    if rejected:
        return Standing(requirement, max(rejected, key=lambda paper: paper.accepted_on), "rejected")
    return Standing(requirement, None, "missing")


@dataclass(frozen=True, slots=True)
class Expiry:
    """A requirement whose paper stops holding: after which day, and how many days are left."""

    requirement: Requirement
    evidence: Evidence
    expires_on: date
    days_left: int


def expiring(cleared: Clearance, within_days: int) -> tuple[Expiry, ...]:
    """What is met on the day and will lapse within so many days, soonest first."""
    found = [
        Expiry(
            standing.requirement,
            standing.evidence,
            standing.expires_on,
            (standing.expires_on - cleared.on).days,
        )
        for standing in cleared.standings
        if standing.is_met and standing.evidence and standing.expires_on
    ]
    return tuple(
        sorted(
            (expiry for expiry in found if expiry.days_left <= within_days),
            key=lambda expiry: (expiry.expires_on, expiry.requirement.code),
        )
    )


def notice_due(expires_on: date, on: date, notices: Sequence[int] = (30, 14, 1)) -> int | None:
    """The notice (in days before expiry) that falls due exactly on a day; None when none does."""
    left = (expires_on - on).days
    return left if left in notices else None


@dataclass(frozen=True, slots=True)
class Clock:
    """A duty with a last day: when it is due, the day before to warn on, and how it stands.

    `state` is running, warning (the day before and the day itself), late, done or done_late.
    """

    due_on: date
    warn_on: date
    state: str


def i9_section_2(
    first_paid_day: date,
    on: date,
    business_day_after: Callable[[date, int], date],
    completed_on: date | None = None,
) -> Clock:
    """The employer's part of Form I-9: due three business days after the first day of paid work.

    `business_day_after(day, n)` gives the n-th business day after a day, of the employer's own
    calendar (n may be -1). The first day itself is not counted (8 CFR 274a.2(b)(1)(ii)(B)):
    who starts on Thursday is due on Tuesday.
    """
    due_on = business_day_after(first_paid_day, I9_SECTION_2_BUSINESS_DAYS)
    warn_on = business_day_after(due_on, -1)
    if completed_on is not None and completed_on <= on:
        state = "done" if completed_on <= due_on else "done_late"
    elif on > due_on:
        state = "late"
    else:
        state = "warning" if on >= warn_on else "running"
    return Clock(due_on, warn_on, state)
