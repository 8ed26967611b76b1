"""What can be done in onboarding: say what must be on file, receive it, withdraw it, look
what lapses.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backline.assignments import actions as assignments
from backline.assignments.models import Assignment
from backline.desk import actions as desk
from backline.directory.models import Intermediary, Worker
from backline.kernel import documents
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from backline.kernel.models import Document
from backline.onboarding import queries
from backline.onboarding.defaults import DEFAULTS
from backline.onboarding.events import EvidenceReceived, EvidenceWithdrawn, RequirementSet
from backline.onboarding.models import Evidence, Requirement

SUBJECTS = {"worker": Worker, "assignment": Assignment, "intermediary": Intermediary}
NOTICE = timedelta(days=30)


def offer_defaults(country: str) -> None:
    """Give a firm the requirements of its country to start with; those it has stay as they are."""
    Requirement.objects.bulk_create(
        (
            Requirement(
                code=one.code,
                title=one.title,
                about=one.about,
                country=country,
                engagement=one.engagement,
                blocks=one.blocks,
                valid_days=one.valid_days,
                needs_document=one.needs_document,
            )
            for one in DEFAULTS.get(country, ())
        ),
        ignore_conflicts=True,
    )


def require(code: str, wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> Requirement:
    """Say that something must be on file, for whom, and what its lack blocks; by its code, as
    often as needed.
    """
    faults = []
    if wanted.get("about", "worker") not in SUBJECTS:
        told = ", ".join(SUBJECTS)
        faults.append(Fault("subject_unknown", f"Say one of {told}.", "/about"))
    if wanted.get("blocks", "start") not in {"start", "pay", "nothing"}:
        faults.append(Fault("block_unknown", "Say start, pay or nothing.", "/blocks"))
    refuse_if(faults)
    row, _ = Requirement.objects.update_or_create(code=code, defaults=dict(wanted))
    record([RequirementSet(subject=row.pk, code=code)], actor=actor, at=at)
    return row


def receive(
    requirement: str,
    *,
    about: UUID,
    source: str,
    dated_on: date,
    actor: Actor,
    at: datetime,
    expires_on: date | None = None,
    document: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Evidence:
    """Note that a requirement is met for a worker, an assignment or a company, with its paper
    and its hash.
    """
    row = Requirement.objects.filter(code=requirement, is_active=True).first()
    if row is None:
        raise Missing("not_found", "There is no such requirement.", pointer="/requirement")
    if not SUBJECTS[row.about]._default_manager.filter(pk=about).exists():
        raise Missing("not_found", f"There is no such {row.about}.", pointer="/about")
    paper = Document.objects.filter(pk=document).first() if document else None
    faults = []
    if document and paper is None:
        faults.append(Fault("not_found", "There is no such document.", "/document"))
    if row.needs_document and paper is None:
        faults.append(Fault("document_missing", f"{row.title} needs its paper.", "/document"))
    if expires_on is not None and expires_on < dated_on:
        faults.append(Fault("expires_before_date", "It lapses before its day.", "/expires_on"))
    if dated_on > at.date():
        faults.append(Fault("dated_ahead", "Its day has not come.", "/dated_on"))
    refuse_if(faults)
    evidence = Evidence.objects.create(
        requirement=row,
        source=source,
        facts=dict(facts or {}),
        dated_on=dated_on,
        expires_on=expires_on,
        document=paper,
        sha256=paper.sha256 if paper else "",
        received_at=at,
        received_by=actor.as_json(),
        **{f"{row.about}_id": about},
    )
    record([EvidenceReceived(subject=evidence.pk, **_told(evidence))], actor=actor, at=at)
    return evidence


def withdraw(evidence: UUID, *, reason: str, actor: Actor, at: datetime) -> Evidence:
    """Say that what is on file does not count, and why; the paper stays where it is."""
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it does not count.", pointer="/reason")
    row = Evidence.objects.select_for_update().filter(pk=evidence).first()
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


def look(asked: Iterable[UUID], *, actor: Actor, at: datetime) -> None:
    """Clear confirmed assignments for which nothing is missing, hold those for which something is
    again.

    What blocks a start or pay is put on a desk with its name and taken off when it is supplied.
    """
    rows = list(
        Assignment.objects.filter(
            pk__in=set(asked), status__in=["confirmed", "ready", "active"]
        ).select_related("worker")
    )
    lacking = queries.missing([row.pk for row in rows], at.date())
    blocked = {
        key: [item for item in items if item.blocks == "start"] for key, items in lacking.items()
    }
    clear = [row.pk for row in rows if row.status == "confirmed" and not blocked.get(row.pk)]
    hold = [row.pk for row in rows if row.status == "ready" and blocked.get(row.pk)]
    assignments.clear(clear, actor=actor, at=at)
    assignments.hold(hold, actor=actor, at=at)
    desk.open_exceptions(
        (_found(row, lacking[row.pk]) for row in rows if _stops(lacking.get(row.pk, ()))),
        actor=actor,
        at=at,
    )
    supplied = [f"missing_form:{row.pk}" for row in rows if not _stops(lacking.get(row.pk, ()))]
    desk.close_for(
        supplied, resolution="Everything that was missing is on file.", actor=actor, at=at
    )


def chase_expiring(*, actor: Actor, at: datetime) -> int:
    """Open an exception for what lapses within thirty days; returns how many there are."""
    soon = queries.expiring(at.date(), at.date() + NOTICE)
    return desk.open_exceptions(
        (
            desk.Found(
                kind="evidence_expiring",
                key=f"evidence_expiring:{row['id']}",
                title=f"{row['requirement__code']} lapses on {row['expires_on']}",
                about_kind="evidence",
                about=row["id"],
                stops="start",
                suggested="Ask for the new paper.",
            )
            for row in soon
        ),
        actor=actor,
        at=at,
    )


def _stops(items: Iterable[queries.Lacking]) -> bool:
    return any(item.blocks in {"start", "pay"} for item in items)


def _found(row: Assignment, items: Iterable[queries.Lacking]) -> desk.Found:
    own = [item for item in items if item.blocks in {"start", "pay"}]
    names = ", ".join(item.title for item in own)
    return desk.Found(
        kind="missing_form",
        key=f"missing_form:{row.pk}",
        title=f"Missing: {names}",
        detail=f"{row.worker.given_name} {row.worker.family_name} lacks: {names}.",
        about_kind="assignment",
        about=row.pk,
        stops="start" if any(item.blocks == "start" for item in own) else "pay",
        evidence=[{"requirement": item.code, "blocks": item.blocks} for item in own],
        suggested="Supply what is missing; the rest follows by itself.",
    )


def _told(row: Evidence) -> dict[str, Any]:
    return {
        "requirement": row.requirement.code,
        "worker": str(row.worker_id or ""),
        "assignment": str(row.assignment_id or ""),
        "intermediary": str(row.intermediary_id or ""),
    }
