"""Evidence: papers received for what must be on file, and withdrawn; none is ever edited."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backline.assignments.models import Assignment
from backline.directory import queries as directory
from backline.directory.models import Intermediary, Worker
from backline.kernel import documents
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.kernel.models import Document, Row
from backline.kernel.outcomes import Outcome
from backline.onboarding import queries
from backline.onboarding.events import EvidenceReceived, EvidenceWithdrawn
from backline.onboarding.models import Evidence, Requirement
from backline.onboarding.papers import pages_of

MODELS: Mapping[str, type[Row]] = {
    "worker": Worker,
    "assignment": Assignment,
    "intermediary": Intermediary,
}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvidence:
    """A paper for a requirement, by its code or by a kind it accepts; `about` a worker, an
    assignment or a company, as the requirement says; `expires_on` its last day.
    """

    requirement: str
    about: UUID
    source: str
    dated_on: date
    expires_on: date | None = None
    document: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def receive(papers: Sequence[NewEvidence], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Note that requirements are met, with their papers and hashes; one that is refused never
    stops the others.

    What must come after something else is looked at last, so one call may bring both.
    """
    known = _Known(papers, directory.day_of(at))
    outcomes: dict[int, Outcome] = {}
    for is_late in (False, True):
        turn = [(n, paper) for n, paper in enumerate(papers) if known.waits(paper) is is_late]
        lacking = queries.missing_by_code({paper.about for _, paper in turn if is_late}, known.on)
        fit = []
        for n, paper in turn:
            key, refusal = new_id(), known.refusal(paper, lacking)
            outcomes[n] = Outcome(key, refusal)
            if refusal is None:
                fit.append(known.row(key, paper, actor, at))
        Evidence.objects.bulk_create(fit)
        facts = (EvidenceReceived(subject=row.pk, **_told(row)) for row in fit)
        record(facts, actor=actor, at=at)
    return [outcomes[n] for n in range(len(papers))]


def withdraw(evidence: UUID, *, reason: str, actor: Actor, at: datetime) -> Evidence:
    """Say that what is on file does not count, and why; the paper stays where it is."""
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it does not count.", pointer="/reason")
    found = Evidence.objects.select_for_update(of=("self",)).select_related("requirement")
    row = found.filter(pk=evidence).first()
    if row is None:
        raise Missing("not_found", "There is no such evidence.")
    if row.withdrawn_at is not None:
        raise Conflict("illegal_move", "It was withdrawn already.")
    row.withdrawn_at, row.withdrawn_reason = at, reason[:200]
    row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    fact = EvidenceWithdrawn(subject=row.pk, reason=reason, **_told(row))
    record([fact], actor=actor, at=at)
    return row


def keep_paper(
    content: bytes, *, name: str, media_type: str, subject: UUID | None, actor: Actor, at: datetime
) -> Document:
    """Keep a paper for evidence; the same bytes about the same subject are kept once."""
    digest = hashlib.sha256(content).hexdigest()
    known = Document.objects.filter(kind="evidence", sha256=digest, subject=subject).first()
    return known or documents.keep(
        content,
        kind="evidence",
        name=name,
        media_type=media_type,
        subject=subject,
        actor=actor,
        at=at,
    )


class _Known:
    """What the papers of one call refer to, read in a few queries."""

    def __init__(self, papers: Sequence[NewEvidence], on: date) -> None:
        self.on = on
        self.asked: dict[str, Requirement] = {}
        for row in Requirement.objects.filter(is_active=True).order_by("code"):
            for kind in row.accepts:
                self.asked.setdefault(kind, row)
            self.asked[row.code] = row
        about = {paper.about for paper in papers}
        self.there = {
            name: set(model._default_manager.filter(pk__in=about).values_list("pk", flat=True))
            for name, model in MODELS.items()
        }
        self.scopes = {
            row.pk: {"engagement": row.engagement, "intermediary": str(row.intermediary_id or "")}
            for row in Assignment.objects.filter(pk__in=self.there["assignment"])
        }
        self.documents = Document.objects.in_bulk(
            {paper.document for paper in papers if paper.document}
        )

    def waits(self, paper: NewEvidence) -> bool:
        """Whether something else must be on file before it."""
        row = self.asked.get(paper.requirement)
        return row is not None and bool(row.after)

    def refusal(self, paper: NewEvidence, lacking: Mapping[UUID, frozenset[str]]) -> Refusal | None:
        """Why a paper cannot be taken, or None."""
        row = self.asked.get(paper.requirement)
        if row is None:
            told = "There is no such requirement; see /v1/requirements."
            return Missing("not_found", told, pointer="/requirement")
        if paper.about not in self.there[row.about]:
            return Missing("not_found", f"There is no such {row.about}.", pointer="/about")
        faults = self._faults(paper, row)
        for code in sorted(lacking.get(paper.about, frozenset()) & set(row.after)):
            told = f"First put on file: {self.asked[code].title}."
            faults.append(Fault("comes_after", told, "/requirement"))
        return Invalid.of(faults) if faults else None

    def _faults(self, paper: NewEvidence, row: Requirement) -> list[Fault]:
        faults = []
        held = self.documents.get(paper.document) if paper.document else None
        if paper.document and held is None:
            faults.append(Fault("not_found", "There is no such document.", "/document"))
        if row.needs_document and not paper.document:
            faults.append(Fault("document_missing", f"{row.title} needs its paper.", "/document"))
        if held is not None and row.most_pages is not None:
            pages = pages_of(documents.content(held), held.media_type)
            if pages is not None and pages > row.most_pages:
                told = f"It has {pages} pages; {row.most_pages} are allowed."
                faults.append(Fault("too_many_pages", told, "/document"))
        if paper.expires_on is not None and paper.expires_on < paper.dated_on:
            faults.append(Fault("expires_before_date", "It lapses before its day.", "/expires_on"))
        if paper.dated_on > self.on:
            faults.append(Fault("dated_ahead", "Its day has not come.", "/dated_on"))
        if not paper.source.strip():
            faults.append(Fault("required", "Say where it came from.", "/source"))
        return faults

    def row(self, key: UUID, paper: NewEvidence, actor: Actor, at: datetime) -> Evidence:
        """The evidence to keep; it holds no longer than its requirement lets it."""
        row = self.asked[paper.requirement]
        held = self.documents[paper.document] if paper.document else None
        ends = [] if paper.expires_on is None else [paper.expires_on]
        if row.valid_days is not None:
            ends.append(paper.dated_on + DAY * (row.valid_days - 1))
        return Evidence(
            id=key,
            requirement=row,
            kind=paper.requirement,
            source=paper.source,
            facts=dict(paper.facts),
            scope=self.scopes.get(paper.about, {}) if row.about == "assignment" else {},
            dated_on=paper.dated_on,
            expires_on=min(ends, default=None),
            document=held,
            sha256=held.sha256 if held else "",
            received_at=at,
            received_by=actor.as_json(),
            **{f"{row.about}_id": paper.about},
        )


def _told(row: Evidence) -> dict[str, Any]:
    return {
        "requirement": row.requirement.code,
        "worker": str(row.worker_id or ""),
        "assignment": str(row.assignment_id or ""),
        "intermediary": str(row.intermediary_id or ""),
    }
