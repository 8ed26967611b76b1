"""Questions about sources: which there are, who owns what, how each of them is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Min

from backline.integrations import tokens
from backline.integrations.models import Delivery, Source, SourceRecord
from backline.integrations.records import KINDS, default_owners
from backline.integrations.tokens import NEWER, OLDER, Token
from backline.kernel import ids, provenance
from backline.kernel.errors import Missing
from backline.kernel.models import Provenance

HELD_UP = ("parked", "failed")
WORDS = {NEWER: "behind", OLDER: "ahead"}  # how ours stands to theirs
A_DAY = timedelta(days=1)
PREFIXES = {kind.name: kind.prefix for kind in KINDS.values()}


def source(name: str) -> Source:
    """The source of this name; raises Missing."""
    row = Source.objects.filter(name=name).first()
    if row is None:
        raise Missing("not_found", "There is no such source; connect it first.")
    return row


def record_of(name: str, kind: str, external_id: str) -> SourceRecord:
    """What is known of one record of a source; raises Missing."""
    rows = SourceRecord.objects.filter(source__name=name, record=kind, external_id=external_id)
    row = rows.select_related("source").first()
    if row is None:
        raise Missing("not_found", "This source sent no such record.")
    return row


def owner_of(source_name: str, record: str, field: str) -> str:
    """Who owns a field of what a source sends: source, platform, seed or proposal."""
    return provenance.owners(source_name).get((record, field), "source")


def ownership(name: str) -> list[dict[str, Any]]:
    """Every field of every kind of record with its owner, and the owner it has by default."""
    decided = provenance.owners(name)
    return [
        {
            "record": record,
            "field": field,
            "owner": decided.get((record, field), default),
            "default": default,
        }
        for (record, field), default in default_owners().items()
    ]


def provenance_of(subject: UUID) -> list[dict[str, Any]]:
    """Where each field of an object came from that a source ever set, and who owns it now."""
    rows = list(Provenance.objects.filter(subject=subject).order_by("field"))
    kinds = dict(SourceRecord.objects.filter(about=subject).values_list("source__name", "record"))
    found = []
    for row in rows:
        kind = kinds.get(row.source, "")
        owner = owner_of(row.source, kind, row.field) if row.source and kind else "platform"
        found.append(
            {
                "field": row.field,
                "owner": owner,
                "source": row.source or None,
                "source_version": row.source_version or None,
                "set_at": row.set_at,
                "set_by": row.set_by,
            }
        )
    return found


def about(row: SourceRecord) -> str | None:
    """The public id of what a record is of ours."""
    prefix = PREFIXES.get(row.record, "asg" if row.about else "")
    return ids.public(prefix, row.about) if row.about and prefix else None


def waiting_too_long(row: Source, at: datetime) -> timedelta | None:
    """How long a source has been silent, where that is twice its usual gap or more."""
    minutes = row.settings.get("expects_every_minutes")
    if not minutes or row.last_heard_at is None:
        return None
    silence = at - row.last_heard_at
    return silence if silence >= 2 * timedelta(minutes=minutes) else None


def backlog(row: Source) -> int:
    """How many records of a source are parked or failed."""
    return SourceRecord.objects.filter(source=row, outcome__in=HELD_UP).count()


def health(name: str, at: datetime) -> Mapping[str, Any]:
    """How a source is: when it was last heard, what became of its records, what is held up."""
    row = source(name)
    records = dict(
        SourceRecord.objects.filter(source=row)
        .values_list("outcome")
        .annotate(Count("id"))
        .values_list("outcome", "id__count")
    )
    lately = dict(
        Delivery.objects.filter(source=row, received_at__gte=at - A_DAY)
        .values_list("outcome")
        .annotate(Count("id"))
        .values_list("outcome", "id__count")
    )
    held_up = SourceRecord.objects.filter(source=row, outcome__in=HELD_UP)
    waiting = sum(records.get(outcome, 0) for outcome in HELD_UP)
    is_silent = waiting_too_long(row, at) is not None
    state = "silent" if is_silent else "held_up" if waiting else "healthy"
    if row.last_heard_at is None:
        state = "never_heard"
    return {
        "source": row.name,
        "state": state,
        "last_heard_at": row.last_heard_at,
        "backlog": waiting,
        "oldest_held_up_at": held_up.aggregate(Min("received_at"))["received_at__min"],
        "records": _counts(records),
        "last_day": _counts(lately),
        "has_no_versions": SourceRecord.objects.filter(source=row, token="").exists(),
    }


def _counts(found: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"outcome": name, "count": found[name]} for name in sorted(found)]


@dataclass(frozen=True, slots=True)
class Drift:
    """One record on which the source and we differ: missing here, behind, ahead, or extra here."""

    record: str
    external_id: str
    how: str
    ours: str
    theirs: str


def drift(
    name: str, manifest: Sequence[tuple[str, str, Token]], *, is_complete: bool
) -> list[Drift]:
    """Where a source's own list of its records (kind, key, version) differs from what we heard.

    Only a list that is complete for the kinds in it can tell what is here and no longer there.
    """
    row = source(name)
    kinds = {kind for kind, _, _ in manifest}
    rows = SourceRecord.objects.filter(source=row, record__in=kinds).exclude(outcome="tombstoned")
    known = {(each.record, each.external_id): each for each in rows}
    found = []
    for kind, external_id, theirs in manifest:
        ours = known.pop((kind, external_id), None)
        if ours is None or not ours.digest:
            found.append(Drift(kind, external_id, "missing", "", tokens.told(str(theirs))))
            continue
        told = theirs.within(f"{kind}:{external_id}").against(tokens.read(ours.token))
        if told in WORDS:
            pair = (tokens.told(ours.token), tokens.told(str(theirs)))
            found.append(Drift(kind, external_id, WORDS[told], *pair))
    extra = sorted(known) if is_complete else []
    return found + [Drift(*each, "extra", tokens.told(known[each].token), "") for each in extra]
