"""Kept: a source's records as a call finds and leaves them; read in sets, changed here, and written
down together.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from backline.integrations.models import Source, SourceRecord
from backline.integrations.records import KINDS
from backline.kernel import rows

Key = tuple[str, str]  # the kind of record and the source's key of it
CHANGES = (
    "parent", "token", "digest", "outcome", "about", "earlier", "body", "supplied", "told", "notes",
    "waits_for", "proposed", "problem", "has_exception", "heard_at", "applied_at",
)  # fmt: skip


class Kept:
    """The records of one source that a call is about, one object each however often it is named."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._rows: dict[Key, SourceRecord | None] = {}
        self._whole: set[Key] = set()  # of which every part was read
        self._new: dict[Key, SourceRecord] = {}
        self._changed: dict[Key, SourceRecord] = {}

    def all(self) -> "QuerySet[SourceRecord]":
        """Everything that is kept of the source, as it is written down by now."""
        self.write()
        return SourceRecord.objects.filter(source=self.source)

    def take(self, found: Iterable[SourceRecord]) -> list[SourceRecord]:
        """These rows, each as the one object that stands for it."""
        taken = []
        for row in found:
            own = self._rows.get(key_of(row)) or row
            self._rows[key_of(row)] = own
            taken.append(own)
        return taken

    def read(self, keys: Iterable[Key]) -> None:
        """Read records by their keys, and whether there are any."""
        wanted = {key for key in keys if key not in self._rows}
        if not wanted:
            return
        named = Q()
        for record in sorted({record for record, _ in wanted}):
            own = [name for kind, name in wanted if kind == record]
            named |= Q(record=record, external_id__in=own)
        self._rows |= dict.fromkeys(wanted)
        self.take(SourceRecord.objects.filter(named, source=self.source))

    def find(self, record: str, external_id: str) -> SourceRecord | None:
        """What is kept of a record."""
        self.read([(record, external_id)])
        return self._rows[record, external_id]

    def parts(self, record: str, parents: Iterable[str]) -> list[SourceRecord]:
        """The records of a kind that belong to any of these, oldest first."""
        above = set(parents)
        unread = [name for name in above if (record, name) not in self._whole]
        if unread:
            self._whole |= {(record, name) for name in unread}
            found = SourceRecord.objects.filter(source=self.source)
            self.take(found.filter(record=record, parent__in=unread))
        mine = [
            row for row in self._rows.values()
            if row is not None and row.record == record and row.parent in above
        ]  # fmt: skip
        return sorted(mine, key=lambda row: row.pk)

    def add(self, row: SourceRecord) -> SourceRecord:
        """Keep a record that is new."""
        self._rows[key_of(row)] = self._new[key_of(row)] = row
        return row

    def change(self, row: SourceRecord) -> None:
        """Note that a record is to be written down as it stands now."""
        if key_of(row) not in self._new:
            self._changed[key_of(row)] = row

    def write(self) -> None:
        """Write down what is new and what changed, each in one statement."""
        new, changed = self._new, self._changed
        self._new, self._changed = {}, {}
        SourceRecord.objects.bulk_create(new.values())
        values = [(row.pk, *(getattr(row, name) for name in CHANGES)) for row in changed.values()]
        rows.change(SourceRecord, CHANGES, values)

    def about(self, record: str) -> list[Any]:
        """What of ours the records of a kind are that were read so far."""
        return [
            row.about for row in self._rows.values()
            if row is not None and row.record == record and row.about is not None
        ]  # fmt: skip


def key_of(row: SourceRecord) -> Key:
    """The kind of a record and the source's key of it."""
    return row.record, row.external_id


def named_in(record: str, external_id: str, body: Any) -> list[Key]:
    """The record itself, and those that it names or brings along."""
    found = [(record, external_id)]
    kind = KINDS.get(record)
    fields: Sequence[tuple[str, str]] = [
        (each.name, each.facts["record"])
        for each in (kind.fields if kind else ())
        if each.kind == "reference"
    ]
    for name, other in (*fields, ("job", "job")):
        part = body.get(name)
        if isinstance(part, dict) and part.get("external_id"):
            found.append((other, str(part["external_id"])))
    return found
