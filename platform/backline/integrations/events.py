"""Integrations: what can have happened between a source and the firm, as frozen facts."""

from dataclasses import dataclass, field
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConnected(Fact):
    """Another system may send records."""

    name: ClassVar[str] = "source.connected"
    source: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChanged(Fact):
    """The settings of a source changed."""

    name: ClassVar[str] = "source.changed"
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersDecided(Fact):
    """It was decided who owns which field of what a source sends."""

    name: ClassVar[str] = "source.owners_decided"
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTaken(Fact):
    """A record of a source came to an end: applied, parked, failed, proposed or tombstoned."""

    name: ClassVar[str] = "source_record.taken"
    source: str
    record: str
    external_id: str
    outcome: str
    source_version: str = ""
    about: str = ""
    codes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecided(Fact):
    """Somebody of the firm accepted or declined what a source proposed."""

    name: ClassVar[str] = "source_record.decided"
    source: str
    record: str
    external_id: str
    decision: str
