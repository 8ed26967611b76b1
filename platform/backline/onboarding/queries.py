"""Questions to onboarding: who is cleared, what is missing, what expires."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Q

from backline.assignments.models import Assignment
from backline.directory.models import Client
from backline.onboarding.models import Evidence, Requirement
from rulebook import requirements as rules


@dataclass(frozen=True, slots=True)
class Lacking:
    """One thing that is not on file: its code and title, since when it lapsed, and what it
    blocks.
    """

    code: str
    title: str
    reason: str
    blocks: str
    about: str
    expires_on: date | None = None


def missing(
    assignments: Iterable[UUID], on: date, *, blocks: str = ""
) -> dict[UUID, list[Lacking]]:
    """What is not on file on a day for each of these assignments, where anything is; a few queries
    for all.

    With `blocks` (start or pay) only what stands in the way of that.
    """
    rows = list(Assignment.objects.filter(pk__in=set(assignments)).select_related("site", "worker"))
    asked = {row.code: row for row in Requirement.objects.filter(is_active=True)}
    held = _evidence(rows)
    clients = dict(
        Client.objects.filter(pk__in={row.client_id for row in rows}).values_list("pk", "country")
    )
    found: dict[UUID, list[Lacking]] = {}
    for row in rows:
        own = [
            *held.get(("worker", row.worker_id), ()),
            *held.get(("assignment", row.pk), ()),
            *held.get(("intermediary", row.intermediary_id), ()),
        ]
        clearance = rules.clearance(
            [_rule(requirement) for requirement in asked.values()],
            _facts(row, clients[row.client_id]),
            own,
            on,
            started_on=row.starts_on,
        )
        lacking = [
            _lacking(standing, asked[standing.requirement.code]) for standing in clearance.missing
        ]
        wanted = [item for item in lacking if blocks in {"", item.blocks}]
        if wanted:
            found[row.pk] = wanted
    return found


def cleared_to_start(assignment: UUID, on: date) -> bool:
    """Whether nothing that blocks the start is missing on a day."""
    return assignment not in missing([assignment], on, blocks="start")


def expiring(on: date, until: date) -> list[dict[str, Any]]:
    """The evidence that lapses in these days, soonest first, newest paper of its kind alone."""
    rows = (
        Evidence.objects.filter(
            expires_on__gte=on, expires_on__lte=until, withdrawn_at__isnull=True
        )
        .order_by("expires_on", "id")
        .values(
            "id", "requirement__code", "worker_id", "assignment_id", "intermediary_id", "expires_on"
        )
    )
    return [dict(row) for row in rows]


def _evidence(rows: Iterable[Assignment]) -> dict[tuple[str, UUID | None], list[rules.Evidence]]:
    own = list(rows)
    found: dict[tuple[str, UUID | None], list[rules.Evidence]] = {}
    papers = Evidence.objects.filter(
        Q(worker__in={row.worker_id for row in own})
        | Q(assignment__in={row.pk for row in own})
        | Q(intermediary__in={row.intermediary_id for row in own if row.intermediary_id}),
        withdrawn_at__isnull=True,
    ).select_related("requirement")
    for paper in papers:
        value = rules.Evidence(paper.pk, paper.requirement.code, paper.dated_on, paper.expires_on)
        for kind, key in (
            ("worker", paper.worker_id),
            ("assignment", paper.assignment_id),
            ("intermediary", paper.intermediary_id),
        ):
            if key is not None:
                found.setdefault((kind, key), []).append(value)
    return found


def _rule(row: Requirement) -> rules.Requirement:
    when = {
        name: frozenset({value})
        for name, value in (
            ("country", row.country),
            ("region", row.region),
            ("engagement", row.engagement),
            ("client", str(row.client or "")),
        )
        if value
    }
    blocks = frozenset() if row.blocks == "nothing" else frozenset({row.blocks})
    return rules.Requirement(
        row.code,
        row.title,
        row.about,
        blocks,
        MappingProxyType(when),
        valid_days=row.valid_days,
    )


def _facts(row: Assignment, client_country: str) -> dict[str, str]:
    facts = {
        "country": row.site.country if row.site else client_country,
        "engagement": row.engagement,
        "client": str(row.client_id),
    }
    if row.site and row.site.region:
        facts["region"] = row.site.region
    return facts


def _lacking(standing: rules.Standing, row: Requirement) -> Lacking:
    return Lacking(row.code, row.title, standing.reason, row.blocks, row.about, standing.expires_on)
