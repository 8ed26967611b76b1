"""Sources: connected, changed, and told who owns which field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from backline.directory.actions import checks
from backline.integrations.events import OwnersDecided, SourceChanged, SourceConnected
from backline.integrations.models import Source
from backline.integrations.records import KINDS, OWNERS, default_owners
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Conflict, Fault, Missing, refuse_if
from backline.kernel.events import record
from backline.kernel.models import FieldOwner

NAME = re.compile(r"[a-z][a-z0-9_-]{1,39}")
SYSTEMS = ("bullhorn", "jobadder", "csv", "api")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A system to connect; `settings` hold what it leaves unsaid and how its words are meant."""

    name: str
    kind: str
    time_zone: str = "UTC"
    contact_email: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


def connect(new: NewSource, *, actor: Actor, at: datetime) -> Source:
    """Let another system send records; every field gets the owner it has by default."""
    faults = _faults({"kind": new.kind, "time_zone": new.time_zone, "email": new.contact_email})
    if not NAME.fullmatch(new.name):
        told = "Write 2 to 40 small letters, digits, dashes; it stands in addresses."
        faults.append(Fault("name_shape", told, "/name"))
    refuse_if(faults)
    if Source.objects.filter(name=new.name).exists():
        raise Conflict("source_exists", "A source of this name is connected.", pointer="/name")
    row = Source.objects.create(
        name=new.name,
        kind=new.kind,
        time_zone=new.time_zone,
        contact_email=new.contact_email,
        settings=dict(new.settings),
    )
    _write_owners(row.name, {})
    fact = SourceConnected(subject=row.pk, source=row.name, kind=row.kind)
    record([fact], actor=actor, at=at)
    return row


def change_source(name: str, wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> Source:
    """Change a source's zone, contact or settings; settings that are told replace those of their
    name, null takes one away.
    """
    row = held(name)
    own = dict(wanted)
    if "settings" in own:
        merged = {**row.settings, **own["settings"]}
        own["settings"] = {key: each for key, each in merged.items() if each is not None}
    refuse_if(_faults({**own, "email": own.get("contact_email", "")}))
    changes = change(row, own)
    if changes:
        fact = SourceChanged(subject=row.pk, source=row.name, changes=changes)
        record([fact], actor=actor, at=at)
    return row


def decide_owners(
    name: str, owners: Sequence[tuple[str, str, str]], *, actor: Actor, at: datetime
) -> Source:
    """Say who owns which field (record, field, owner); what is left out has its default again."""
    row = held(name)
    known = default_owners()
    faults = []
    for n, (kind, field_name, owner) in enumerate(owners):
        if (kind, field_name) not in known:
            told = f"A {kind} has no field {field_name}." if kind in KINDS else "No such record."
            faults.append(Fault("field_unknown", told, f"/owners/{n}/field"))
        if owner not in OWNERS:
            told = f"Say one of {', '.join(OWNERS)}."
            faults.append(Fault("owner_unknown", told, f"/owners/{n}/owner"))
    refuse_if(faults)
    before = _own(name)
    _write_owners(name, {(kind, each): owner for kind, each, owner in owners})
    now = _own(name)
    changes = {
        f"{kind}.{each}": [before.get((kind, each)), owner]
        for (kind, each), owner in now.items()
        if before.get((kind, each)) != owner
    }
    if changes:
        fact = OwnersDecided(subject=row.pk, source=name, changes=changes)
        record([fact], actor=actor, at=at)
    return row


def held(name: str) -> Source:
    """The source of this name, locked; raises Missing."""
    row = Source.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise Missing("not_found", "There is no such source; connect it first.")
    return row


def _own(name: str) -> dict[tuple[str, str], str]:
    rows = FieldOwner.objects.filter(source=name)
    return {(row.record, row.field): row.owner for row in rows}


def _write_owners(name: str, decided: Mapping[tuple[str, str], str]) -> None:
    FieldOwner.objects.bulk_create(
        [
            FieldOwner(source=name, record=kind, field=each, owner=owner)
            for (kind, each), owner in {**default_owners(), **decided}.items()
        ],
        update_conflicts=True,
        unique_fields=["source", "record", "field"],
        update_fields=["owner"],
    )


def _faults(told: Mapping[str, Any]) -> list[Fault]:
    faults = checks.email(told["email"], "/contact_email")
    if "kind" in told:
        faults += checks.one_of(told["kind"], SYSTEMS, "kind_unknown", "/kind")
    if "time_zone" in told:
        try:
            ZoneInfo(told["time_zone"])
        except (KeyError, ValueError, OSError):
            faults.append(Fault("time_zone_unknown", "Say an IANA time zone.", "/time_zone"))
    return faults
