"""Requirements: which papers work calls for, which are on file, and what their lack blocks."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from rulebook.periods import DAY
from rulebook.rates import Ref

START, PAY, BILL = "start", "pay", "bill"
MET, DUE, MISSING, EXPIRED, REJECTED = "met", "due", "missing", "expired", "rejected"

# The n-th business day after a day (before it, when n is below zero), of some calendar.
BusinessDays: TypeAlias = Callable[[date, int], date]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A paper that is called for when every condition of `when` holds.

    `when` maps a fact (country, region, engagement, client, role, sector ...) to the values that
    count; a fact that it does not name is no condition. `blocks` are start, pay or bill. `since`
    and `until` are the days of work it is asked for, `until` the first day no longer. Any one kind
    of `accepts` will do; empty means its own code. A paper holds for `valid_days` from its day at
    most. With `days_after_start` it may be brought so many business days after the first day of
    work, which is not counted, and blocks nothing until then.
    """

    code: str
    label: str
    about: str = "worker"
    blocks: frozenset[str] = frozenset({START})
    when: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    accepts: frozenset[str] = frozenset()
    valid_days: int | None = None
    days_after_start: int | None = None
    since: date | None = None
    until: date | None = None
    source: str = ""

    def applies(self, facts: Mapping[str, str], on: date) -> bool:
        """True when work with these facts calls for it on a day; a fact not known never does."""
        if (self.since and on < self.since) or (self.until and on >= self.until):
            return False
        return all(facts.get(fact, "") in values for fact, values in self.when.items())

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of evidence that meet it."""
        return self.accepts or frozenset({self.code})

    def good_until(self, evidence: "Evidence") -> date | None:
        """The last day a paper holds for it: its own, or that of `valid_days`; None is for ever."""
        ends = [] if evidence.expires_on is None else [evidence.expires_on]
        if self.valid_days is not None:
            ends.append(evidence.dated_on + DAY * (self.valid_days - 1))
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A paper on file: of what kind, from which day, good until which day (inclusive, None: ever).

    `scope` limits it to facts (one client, one engagement): it counts only where all of them agree.
    """

    ref: Ref
    kind: str
    dated_on: date
    expires_on: date | None = None
    is_rejected: bool = False
    scope: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def is_about(self, facts: Mapping[str, str]) -> bool:
        """True when every fact it is limited to agrees."""
        return all(facts.get(fact) == value for fact, value in self.scope.items())


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one requirement stands on a day, and the evidence that says so.

    `reason` is met, due (may still be brought, by `due_on`), missing, expired or rejected;
    `expires_on` is the last day of the paper that holds longest, or of the one that lapsed last.
    """

    requirement: Requirement
    reason: str
    evidence: Evidence | None = None
    expires_on: date | None = None
    due_on: date | None = None

    @property
    def is_met(self) -> bool:
        """True when evidence holds on the day."""
        return self.reason == MET

    def blocks(self, step: str) -> bool:
        """True when it is neither met nor still due, and stands in the way of the step."""
        return self.reason not in (MET, DUE) and step in self.requirement.blocks


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
        """What stands in the way of this step (start, pay or bill)."""
        return tuple(standing for standing in self.standings if standing.blocks(step))

    def is_cleared(self, step: str) -> bool:
        """True when nothing stands in the way of the step."""
        return not self.blocking(step)


def clearance(
    requirements: Iterable[Requirement],
    facts: Mapping[str, str],
    evidence: Sequence[Evidence],
    on: date,
    *,
    started_on: date | None = None,
    business_days: BusinessDays | None = None,
) -> Clearance:
    """Hold what work with these facts calls for on a day against the papers on file.

    `started_on` (the first day of paid work) and `business_days` decide what may still be brought;
    before the start, or where they are not given, nothing that has days after the start is late.
    """
    usable = [paper for paper in evidence if paper.is_about(facts)]
    standings = []
    for requirement in requirements:
        if not requirement.applies(facts, on):
            continue
        standing = _standing(requirement, usable, on)
        if requirement.days_after_start is not None and not standing.is_met:
            standing = _deferred(standing, on, started_on, business_days)
        standings.append(standing)
    return Clearance(on, tuple(standings))


def _standing(requirement: Requirement, evidence: Iterable[Evidence], on: date) -> Standing:
    papers = [
        (requirement.good_until(paper), paper)
        for paper in evidence
        if paper.kind in requirement.kinds and paper.dated_on <= on
    ]
    accepted = [(ends, paper) for ends, paper in papers if not paper.is_rejected]
    if accepted:
        ends, longest = max(accepted, key=lambda row: (row[0] or date.max, row[1].dated_on))
        holds = ends is None or on <= ends
        return Standing(requirement, MET if holds else EXPIRED, longest, ends)
    if papers:
        return Standing(requirement, REJECTED, max(papers, key=lambda row: row[1].dated_on)[1])
    return Standing(requirement, MISSING)


def _deferred(
    standing: Standing, on: date, started_on: date | None, business_days: BusinessDays | None
) -> Standing:
    requirement = standing.requirement
    due_on = None
    if started_on is not None and business_days is not None:
        due_on = business_days(started_on, requirement.days_after_start or 0)
    reason = DUE if due_on is None or on <= due_on else standing.reason
    return Standing(requirement, reason, standing.evidence, standing.expires_on, due_on)


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
    """A duty with a last day: when it is due, since when to warn, and how it stands.

    `state` is running, warning (the business day before and the last day), late, done or done_late.
    """

    due_on: date
    warn_on: date
    state: str


def clock(
    first_paid_day: date,
    days: int,
    on: date,
    business_days: BusinessDays,
    completed_on: date | None = None,
) -> Clock:
    """A duty due so many business days after the first day of paid work, which is not counted."""
    due_on = business_days(first_paid_day, days)
    warn_on = business_days(due_on, -1)
    if completed_on is not None and completed_on <= on:
        state = "done" if completed_on <= due_on else "done_late"
    elif on > due_on:
        state = "late"
    else:
        state = "warning" if on >= warn_on else "running"
    return Clock(due_on, warn_on, state)


def i9_section_2(
    first_paid_day: date,
    on: date,
    business_days: BusinessDays,
    completed_on: date | None = None,
) -> Clock:
    """The employer's part of Form I-9, by the days its requirement in the US packet allows."""
    needed = next(item for item in packet("US") if item.code == "i9_section_2")
    days = needed.days_after_start or 0
    return clock(first_paid_day, days, on, business_days, completed_on)


@cache
def packet(country: str) -> tuple[Requirement, ...]:
    """What a country calls for by itself, before a firm's or a client's own; from its TOML file.

    KeyError for a country that has none.
    """
    path = Path(__file__).parent / "packs" / PACKETS[country] / "requirements.toml"
    rows = tomllib.loads(path.read_text("utf-8"))["requirement"]
    return tuple(
        Requirement(
            code=row["code"],
            label=row["label"],
            about=row.get("about", "worker"),
            blocks=frozenset(row["blocks"]),
            when=MappingProxyType(
                {fact: frozenset(values) for fact, values in row.get("when", {}).items()}
            ),
            accepts=frozenset(row.get("accepts", ())),
            valid_days=row.get("valid_days"),
            days_after_start=row.get("days_after_start"),
            since=row.get("since"),
            until=row.get("until"),
            source=row["source"],
        )
        for row in rows
    )


PACKETS: Mapping[str, str] = MappingProxyType({"GB": "gb", "US": "us"})
