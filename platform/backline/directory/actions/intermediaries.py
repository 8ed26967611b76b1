"""Intermediaries: umbrellas and workers' own companies, and whether they may be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.directory.actions import checks, standing
from backline.directory.events import IntermediaryAdded, IntermediaryChanged
from backline.directory.models import CompanyStanding, Intermediary
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.kernel.outcomes import Outcome

CHECKED = (
    "legal_name", "email", "vat_registered", "vat_number", "approved_from", "approved_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIntermediary:
    """An umbrella or limited company to add; approved days say when it may be used."""

    kind: str
    legal_name: str
    company_number: str = ""
    vat_number: str = ""
    vat_registered: bool = False
    self_billing: bool = False
    email: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)
    approved_from: date | None = None
    approved_until: date | None = None


def add_intermediaries(
    companies: Sequence[NewIntermediary], *, actor: Actor, at: datetime
) -> list[Outcome]:
    """Add companies between the firm and its workers; one that is refused never stops the
    others.
    """
    outcomes, rows = [], []
    for company in companies:
        key, faults = new_id(), []
        if company.kind not in {"umbrella", "limited"}:
            faults.append(Fault("kind_unknown", "Say umbrella or limited.", "/kind"))
        faults += _faults({name: getattr(company, name) for name in NewIntermediary.__slots__})
        outcomes.append(Outcome(key, Invalid.of(faults) if faults else None))
        if not faults:
            rows.append(_row(key, company, at))
    Intermediary.objects.bulk_create(rows)
    CompanyStanding.objects.bulk_create(
        standing.entered(row, actor=actor, at=at) for row in rows if row.approved_from is not None
    )
    record((IntermediaryAdded(subject=row.pk, kind=row.kind) for row in rows), actor=actor, at=at)
    return outcomes


def change_intermediary(
    intermediary: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Intermediary:
    """Change what is known of a company, its approval included."""
    row = Intermediary.objects.select_for_update().filter(pk=intermediary).first()
    if row is None:
        raise Missing("not_found", "There is no such company.")
    own = checks.settled(row, wanted)
    refuse_if(_faults({name: own.get(name, getattr(row, name)) for name in CHECKED}))
    changes = change(row, own)
    if changes:
        record([IntermediaryChanged(subject=row.pk, changes=changes)], actor=actor, at=at)
    if changes.keys() & {"approved_from", "approved_until"}:
        standing.entered(row, actor=actor, at=at).save(force_insert=True)
    return row


def _faults(told: Mapping[str, Any]) -> list[Fault]:
    faults = checks.named(told["legal_name"], "/legal_name", "A company")
    faults += checks.email(told["email"])
    if told["vat_registered"] and not told["vat_number"]:
        faults.append(Fault("required", "A registered company has a VAT number.", "/vat_number"))
    since, until = told["approved_from"], told["approved_until"]
    if until is not None and (since is None or until < since):
        faults.append(
            Fault("ends_before_start", "It would end before it began.", "/approved_until")
        )
    return faults


def _row(key: UUID, company: NewIntermediary, at: datetime) -> Intermediary:
    return Intermediary(
        id=key,
        kind=company.kind,
        legal_name=company.legal_name.strip(),
        company_number=company.company_number,
        vat_number=company.vat_number,
        vat_registered=company.vat_registered,
        self_billing=company.self_billing,
        email=company.email,
        address=dict(company.address),
        approved_from=company.approved_from,
        approved_until=company.approved_until,
        created_at=at,
    )
