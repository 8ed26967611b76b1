"""The register of companies between the firm and its workers: approved for a time, suspended; each
decision dated, with who took it and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.directory.events import StandingDecided
from backline.directory.models import CompanyStanding, Intermediary
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Conflict, Fault, Missing, refuse_if
from backline.kernel.events import record
from rulebook.periods import DAY

RISKS = ("low", "medium", "high")
State = CompanyStanding.State


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStanding:
    """A decision on a company: `until` is the last day of an approval, `review_on` when it is
    looked at again, `accreditation` what it rests on.
    """

    state: str
    since: date
    reason: str
    until: date | None = None
    risk: str = ""
    review_on: date | None = None
    accreditation: str = ""

    def faults(self) -> list[Fault]:
        """Everything that is wrong with it."""
        faults = []
        if not self.reason.strip():
            faults.append(Fault("reason_missing", "Say why.", "/reason"))
        if self.risk and self.risk not in RISKS:
            faults.append(Fault("risk_unknown", f"Say one of {', '.join(RISKS)}.", "/risk"))
        if self.state == State.SUSPENDED and self.until is not None:
            told = "A suspension lasts until the next approval."
            faults.append(Fault("suspension_has_no_end", told, "/until"))
        for name in ("until", "review_on"):
            day = getattr(self, name)
            if day is not None and day < self.since:
                told = "It would end before it began."
                faults.append(Fault("ends_before_start", told, f"/{name}"))
        return faults


def decide_standing(
    intermediary: UUID, new: NewStanding, *, actor: Actor, at: datetime
) -> CompanyStanding:
    """Approve a company from a day, for good or until a day, or suspend it from a day on.

    What it may be used for follows at once: assignments through it, and the next pay run.
    """
    refuse_if(new.faults())
    row = Intermediary.objects.select_for_update().filter(pk=intermediary).first()
    if row is None:
        raise Missing("not_found", "There is no such company.")
    if new.state == State.SUSPENDED and not _is_approved(row, new.since):
        raise Conflict("illegal_move", "A company that is not approved is not suspended.")
    change(row, _follows(row, new))
    made = CompanyStanding.objects.create(
        intermediary=row,
        state=new.state,
        since=new.since,
        until=new.until,
        risk=new.risk,
        review_on=new.review_on,
        accreditation=new.accreditation,
        reason=new.reason,
        decided_at=at,
        decided_by=actor.as_json(),
    )
    fact = StandingDecided(
        subject=row.pk,
        state=new.state,
        since=new.since.isoformat(),
        until=new.until.isoformat() if new.until else "",
        reason=new.reason,
    )
    record([fact], actor=actor, at=at)
    return made


def entered(row: Intermediary, *, actor: Actor, at: datetime) -> CompanyStanding:
    """What a company's approved days came to when they were written down with the company, not
    saved yet.
    """
    is_approved = row.approved_from is not None
    return CompanyStanding(
        intermediary=row,
        state=State.APPROVED if is_approved else State.SUSPENDED,
        since=row.approved_from or at.date(),
        until=row.approved_until,
        reason="Kept with the company",
        decided_at=at,
        decided_by=actor.as_json(),
    )


def _is_approved(row: Intermediary, on: date) -> bool:
    since, until = row.approved_from, row.approved_until
    return since is not None and since <= on and (until is None or on <= until)


def _follows(row: Intermediary, new: NewStanding) -> Mapping[str, Any]:
    """The days on which the company may be used, after the decision."""
    if new.state == State.APPROVED:
        return {"approved_from": new.since, "approved_until": new.until}
    if row.approved_from is None or row.approved_from >= new.since:
        return {"approved_from": None, "approved_until": None}
    return {"approved_until": new.since - DAY}
