"""Provenance: where the present value of a field came from, and whether a person may change it
here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, refuse_if
from backline.kernel.models import FieldOwner, Provenance


def by_hand(
    record: str, subject: UUID, fields: Iterable[str], *, actor: Actor, at: datetime
) -> None:
    """Refuse to change by hand what a source owns; note the rest as no longer the source's word.

    `record` is the kind of record the subject is to a source: worker, client, placement.
    """
    rows = list(
        Provenance.objects.filter(subject=subject, field__in=list(fields)).exclude(source="")
    )
    if not rows:
        return
    owned = set(
        FieldOwner.objects.filter(
            record=record, source__in={row.source for row in rows}, owner="source"
        ).values_list("source", "field")
    )
    refuse_if(
        [
            Fault(
                "field_owned_by_source",
                f"{row.source} owns {row.field}: change it there, or have its owner changed.",
                f"/{row.field}",
                MappingProxyType({"owner": row.source}),
            )
            for row in rows
            if (row.source, row.field) in owned
        ],
        Conflict,
    )
    for row in rows:
        row.source, row.source_version, row.set_at, row.set_by = "", "", at, actor.as_json()
    Provenance.objects.bulk_update(rows, ["source", "source_version", "set_at", "set_by"])


def by_source(
    origins: Mapping[tuple[UUID, str], str], *, source: str, actor: Actor, at: datetime
) -> None:
    """Note that a source set these fields of these objects, each with the version that said so."""
    if not origins:
        return
    Provenance.objects.bulk_create(
        [
            Provenance(
                subject=subject,
                field=name,
                source=source,
                source_version=version,
                set_at=at,
                set_by=actor.as_json(),
            )
            for (subject, name), version in origins.items()
        ],
        update_conflicts=True,
        unique_fields=["subject", "field"],
        update_fields=["source", "source_version", "set_at", "set_by"],
    )


def set_by_source(subjects: Iterable[UUID], source: str) -> dict[UUID, set[str]]:
    """The fields of each object whose present value a source said."""
    found: dict[UUID, set[str]] = {subject: set() for subject in subjects}
    rows = Provenance.objects.filter(subject__among=list(found), source=source)
    for subject, name in rows.values_list("subject", "field"):
        found[subject].add(name)
    return found


def owners(source: str) -> Mapping[tuple[str, str], str]:
    """Who owns each field of what a source sends, by kind of record and field."""
    rows = FieldOwner.objects.filter(source=source)
    return {(row.record, row.field): row.owner for row in rows}
