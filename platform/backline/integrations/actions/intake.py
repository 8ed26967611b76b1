"""Intake: one call's records on their way in, and what became of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from backline.desk.actions import Found, Letter
from backline.directory import queries as directory
from backline.directory.models import Client
from backline.integrations import tokens
from backline.integrations.actions.kept import Kept
from backline.integrations.actions.stepping import Steps
from backline.integrations.models import Delivery, Source, SourceRecord
from backline.integrations.reading import ABOUT, Reference
from backline.integrations.tokens import Token
from backline.kernel import provenance
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid, Refusal
from backline.kernel.events import Fact, record

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
STALE, PARKED, FAILED = "stale_ignored", "parked", "failed"
PROPOSED, TOMBSTONED, CONFLICT = "proposed", "tombstoned", "conflict"
TWO_THINGS = "source_version_conflict"  # one version of a record that says two things
HELD_UP = (PARKED, FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One record as a source sent it: its kind, its key there, what it says, and how new it is."""

    record: str
    external_id: str
    body: Mapping[str, Any]
    token: Token = field(default_factory=Token)
    parent: str = ""
    is_again: bool = False  # mapped anew from what was kept: the same message may say more now
    is_kept: bool = False  # the original lies among the deliveries already

    @property
    def scope(self) -> str:
        """The record whose versions the source counts."""
        return f"{self.record}:{self.external_id}"


@dataclass(slots=True)
class Became:
    """What became of one record."""

    push: Push
    row: SourceRecord
    outcome: str
    ignored: Sequence[str] = ()
    notes: Sequence[str] = ()
    refusal: Refusal | None = None


@dataclass(slots=True)
class Result:
    """How an attempt to apply a record ended."""

    outcome: str
    about: UUID | None = None
    refusal: Refusal | None = None
    waits_for: Sequence[Reference] = ()
    ignored: Mapping[str, Any] = field(default_factory=dict)
    proposed: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()


def failed(faults: Sequence[Fault], about: UUID | None = None) -> Result:
    """An attempt that ends because of these faults."""
    return Result(FAILED, about, Invalid.of(faults))


@dataclass
class Intake:
    """One source's records in one transaction: who sends, when, and what is known of the source."""

    source: Source
    actor: Actor
    at: datetime
    is_accepted: bool = False  # a person of the firm accepted what was proposed
    facts: list[Fact] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    origins: dict[tuple[UUID, str], str] = field(default_factory=dict)
    arrived: set[tuple[str, str]] = field(default_factory=set)  # whose coming others wait for
    busy: set[UUID] = field(default_factory=set)  # the records whose turn it is
    clients: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    said: dict[UUID, set[str]] = field(default_factory=dict)  # the fields that this source set
    owners_of: dict[UUID, UUID] = field(default_factory=dict)  # the client of a contact or site
    desk: dict[UUID, tuple[SourceRecord, Sequence[Found]]] = field(default_factory=dict)
    conflicts: dict[UUID, Found] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)

    @cached_property
    def on(self) -> date:
        """The firm's own day."""
        return directory.day_of(self.at)

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """What the firm said is meant where the source says nothing."""
        found: Mapping[str, Any] = self.source.settings.get("defaults") or {}
        return found

    @cached_property
    def owners(self) -> Mapping[tuple[str, str], str]:
        """Who owns which field of which kind of record."""
        return provenance.owners(self.source.name)

    def owner(self, record: str, name: str) -> str:
        """Who owns a field."""
        return self.owners.get((record, name), "source")

    @cached_property
    def awaited(self) -> set[tuple[str, str]]:
        """What any record of this source waits for."""
        rows = SourceRecord.objects.filter(source=self.source, outcome=PARKED)
        waits = rows.exclude(waits_for=[]).values_list("waits_for", flat=True)
        return {(each["record"], each["external_id"]) for many in waits for each in many}

    @cached_property
    def kept(self) -> Kept:
        """The records of this source that are read and changed on the way."""
        return Kept(self.source)

    def row(self, record: str, external_id: str) -> SourceRecord | None:
        """What is known of a record of this source."""
        return self.kept.find(record, external_id)

    def turn(self, row: SourceRecord) -> Steps[None]:
        """Wait until nobody else is at this record; who has the turn gives it back."""
        while row.pk in self.busy:
            yield None
        self.busy.add(row.pk)

    def client(self, key: UUID) -> tuple[str, str]:
        """A client's country and currency."""
        if key not in self.clients:
            self.read_clients([key])
        return self.clients[key]

    def read_clients(self, keys: Sequence[UUID]) -> None:
        """Read the country and the currency of clients."""
        unread = [key for key in keys if key not in self.clients]
        if unread:
            found = Client.objects.filter(pk__among=unread)
            for key, country, currency in found.values_list("pk", "country", "currency"):
                self.clients[key] = (country, currency)

    def note_set(self, subject: UUID, row: SourceRecord, names: Sequence[str]) -> None:
        """Note that this source set these fields of an object."""
        version = tokens.told(row.token)[:60]
        self.origins |= {(subject, name): version for name in names}
        if subject in self.said:
            self.said[subject] |= set(names)

    def read_said(self, subjects: Iterable[UUID]) -> None:
        """Read which fields of these objects this source set, with those it set on the way."""
        unread = {key for key in subjects if key not in self.said}
        if unread:
            self.said |= provenance.set_by_source(unread, self.source.name)
            for subject, name in self.origins:
                if subject in unread:
                    self.said[subject].add(name)

    def finish(self) -> None:
        """Write down what was gathered: records, origins of fields, events, deliveries."""
        self.kept.write()
        told = {"source": self.source.name, "actor": self.actor, "at": self.at}
        provenance.by_source(self.origins, **told)  # type: ignore[arg-type]  # by name, each its own
        record(self.facts, actor=self.actor, at=self.at)
        Delivery.objects.bulk_create(self.deliveries)
        self.origins, self.facts, self.deliveries = {}, [], []


@dataclass(slots=True)
class Wanted:
    """What a record may change: what to set, what to propose, and what is not its to say."""

    set: dict[str, Any] = field(default_factory=dict)
    proposed: dict[str, Any] = field(default_factory=dict)
    ignored: dict[str, Any] = field(default_factory=dict)


def sorted_out(
    intake: Intake,
    row: SourceRecord,
    values: Mapping[str, Any],
    *,
    empty: Mapping[str, Any],
    asks_first: frozenset[str] = frozenset(),
    is_open: bool = False,
) -> Wanted:
    """Sort what a record says about an object that stands already by who owns each field.

    A field that the source set once and no longer says is emptied, unless the message was only a
    part. `asks_first` are fields that are proposed for now, whoever owns them; while the object
    `is_open` nothing needs to be proposed.
    """
    wanted = Wanted()
    told = dict(values)
    is_part = bool((row.body.get(ABOUT) or {}).get("is_part"))
    if row.about is not None and not is_part:
        intake.read_said([row.about])
        ours = intake.said[row.about]
        told = {name: empty[name] for name in ours & empty.keys() if name not in told} | told
    for name, value in told.items():
        owner = intake.owner(row.record, name)
        if intake.is_accepted or is_open:
            owner = "source" if owner == "proposal" else owner
        if owner == "source" and name in asks_first and not intake.is_accepted:
            owner = "proposal"
        if owner == "source":
            wanted.set[name] = value
        elif owner == "proposal":
            wanted.proposed[name] = value
        else:
            wanted.ignored[name] = value
    return wanted
