"""Lapsing: papers that hold no longer than a day soon to come, and the work that this touches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from backline.assignments.models import Assignment
from backline.onboarding.models import Evidence
from backline.onboarding.queries import LIVE, live

SUBJECTS = ("worker", "assignment", "intermediary")


def touched_by_days(on: date, back: int) -> list[UUID]:
    """The live assignments for which something changed by the passing of the last days alone."""
    days = [on - timedelta(days=n) for n in range(1, back + 1)]
    lapsed = Evidence.objects.filter(expires_on__in=days, withdrawn_at__isnull=True)
    first_weeks = Q(starts_on__gte=on - timedelta(days=14), starts_on__lte=on + timedelta(days=1))
    about = (
        Q(worker__in=lapsed.filter(worker__isnull=False).values("worker"))
        | Q(pk__in=lapsed.filter(assignment__isnull=False).values("assignment"))
        | Q(intermediary__in=lapsed.filter(intermediary__isnull=False).values("intermediary"))
        | Q(intermediary__approved_until__in=days)
    )
    return list(live(about | first_weeks).order_by("id").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Expiring:
    """A paper that holds no longer than a day soon to come, and whom to ask for the next one."""

    evidence: UUID
    code: str
    title: str
    blocks: tuple[str, ...]
    expires_on: date
    name: str
    email: str

    @property
    def key(self) -> str:
        """What the exception and the notices of this paper are known by."""
        return expiry_key(self.evidence)


def expiry_key(evidence: UUID) -> str:
    """What the exception about a lapsing paper is known by."""
    return f"evidence_expiring:{evidence}"


def expiring(on: date, until: date) -> list[Expiring]:
    """The papers of live work that lapse in these days and were not renewed, soonest first."""
    rows = Evidence.objects.filter(
        _is_in_use(),
        expires_on__gte=on,
        expires_on__lte=until,
        withdrawn_at__isnull=True,
        requirement__is_active=True,
    )
    for subject in SUBJECTS:
        rows = rows.exclude(Exists(_newer(subject)))
    return [_expiring(row) for row in rows.order_by("expires_on", "id").values(*_NAMES)]


def renewed(evidence: Iterable[UUID]) -> list[UUID]:
    """Which papers these ones renew, or what they stand for: those that need no chase any more."""
    fresh = Evidence.objects.filter(pk__in=set(evidence), withdrawn_at__isnull=True)
    found: set[UUID] = set()
    for subject in SUBJECTS:
        own = fresh.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gt=OuterRef("expires_on")),
            requirement=OuterRef("requirement"),
            **{subject: OuterRef(subject)},
        )
        rows = Evidence.objects.filter(Exists(own), expires_on__isnull=False)
        found |= set(rows.values_list("pk", flat=True))
    return sorted(found)


def _newer(subject: str) -> QuerySet[Evidence]:
    return Evidence.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gt=OuterRef("expires_on")),
        requirement=OuterRef("requirement"),
        withdrawn_at__isnull=True,
        **{subject: OuterRef(subject)},
    )


def _is_in_use() -> Q:
    own = Assignment.objects.filter(status__in=LIVE)
    return (
        Q(Exists(own.filter(worker=OuterRef("worker"))))
        | Q(Exists(own.filter(pk=OuterRef("assignment"))))
        | Q(Exists(own.filter(intermediary=OuterRef("intermediary"))))
    )


def _expiring(row: Mapping[str, Any]) -> Expiring:
    whose = "worker__" if row["worker__given_name"] else "assignment__worker__"
    person = f"{row[f'{whose}given_name'] or ''} {row[f'{whose}family_name'] or ''}".strip()
    company = row["intermediary__legal_name"]
    return Expiring(
        evidence=row["id"],
        code=row["requirement__code"],
        title=row["requirement__title"],
        blocks=tuple(row["requirement__blocks"]),
        expires_on=row["expires_on"],
        name=company or person,
        email=(row["intermediary__email"] if company else row[f"{whose}email"]) or "",
    )


_NAMES = (
    "id", "requirement__code", "requirement__title", "requirement__blocks", "expires_on",
    "worker__given_name", "worker__family_name", "worker__email",
    "assignment__worker__given_name", "assignment__worker__family_name",
    "assignment__worker__email", "intermediary__legal_name", "intermediary__email",
)  # fmt: skip
