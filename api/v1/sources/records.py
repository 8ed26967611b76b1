"""/v1/sources: the systems that send records, who owns which field, and how each system is."""

from typing import Any

from api import fields
from api.door import Call, door
from api.nouns import key_in
from api.resource import (
    Choice,
    Derived,
    Flag,
    Id,
    Instant,
    Json,
    Resource,
    Shape,
    Text,
    Whole,
)
from api.v1.directory.words import COUNTRIES, PEOPLE, Email
from api.v1.sources.words import OUTCOMES, PROPOSED, TAG, WAITS
from backline.assignments.engagements import ENGAGEMENTS
from backline.directory.actions.checks import CURRENCIES
from backline.integrations import actions, queries, tokens
from backline.integrations.actions.sources import SYSTEMS
from backline.integrations.models import Source, SourceRecord
from backline.integrations.records import FREQUENCIES, KINDS, OWNERS, STATUSES
from backline.kernel.errors import Missing

SETTINGS = {
    "type": "object",
    "additionalProperties": True,
    "description": "What is meant where the source says nothing, and how its words are read.",
}
SOURCE = Resource(
    "Source",
    model=Source,
    fields=(
        Id("src"),
        Text("name", doc="How it stands in addresses."),
        Choice("kind", SYSTEMS),
        Text("mapping_version"),
        Text("time_zone", doc="Where a moment of the source becomes a day."),
        Text("contact_email", doc="Who is written to when its records cannot be applied."),
        Json("settings", SETTINGS),
        Instant("last_heard_at"),
    ),
    filters=("kind",),
    sorts=("name",),
    doc="Another system that sends records.",
)
SOURCE.path, SOURCE.known_by = "/v1/sources", "name"
OWNED = Shape(
    "OwnedField",
    (
        Text("record"),
        Text("field"),
        Choice("owner", OWNERS),
        Choice("default", OWNERS, doc="Whose it is until somebody decides."),
    ),
    doc="Who owns one field: the source, the platform, the source once (seed), or the firm on"
    " the source's proposal.",
)
OWNERSHIP = Resource(
    "Ownership",
    model=Source,
    fields=(
        Text("source", "name"),
        Derived(
            Json("owners", {"type": "array", "items": OWNED.ref()}),
            of=("name",),
            make=lambda name: [OWNED.show(each) for each in queries.ownership(name)],
        ),
        Id("src"),
    ),
    doc="Who owns each field of what a source sends.",
)
OWNERSHIP.known_by = "name"
COUNT = Shape("OutcomeCount", (Text("outcome"), Whole("count")), doc="How many ended how.")
COUNTS = {"type": "array", "items": COUNT.ref()}
HEALTH = Shape(
    "SourceHealth",
    (
        Text("source"),
        Choice("state", ("healthy", "held_up", "silent", "never_heard")),
        Instant("last_heard_at", null=True),
        Whole("backlog", doc="How many of its records are parked or failed."),
        Instant("oldest_held_up_at", null=True),
        Json("records", COUNTS, doc="Its records by how the last attempt ended."),
        Json("last_day", COUNTS, doc="What was sent in the last day, by outcome."),
        Flag("has_no_versions", doc="It sends records that do not say how new they are."),
    ),
    doc="How a source is.",
)
RECORD = Resource(
    "SourceRecord",
    model=SourceRecord,
    fields=(
        Id("srr"),
        Text("source", "source__name"),
        Text("record"),
        Text("external_id"),
        Choice("outcome", OUTCOMES),
        Derived(
            Text("about", null=True, doc="What it is of ours."),
            of=("record", "about"),
            make=lambda record, about: queries.about(SourceRecord(record=record, about=about)),
        ),
        Derived(
            Text("source_version", null=True),
            of=("token",),
            make=lambda token: tokens.told(token) or None,
        ),
        Json("waits_for", {"type": "array", "items": WAITS.ref()}),
        Json("proposed", PROPOSED),
        Json("supplied", SETTINGS, doc="What the firm added."),
        Json(
            "problem",
            {"type": "object", "additionalProperties": True},
            doc="Every fault that keeps it from being applied.",
        ),
        Instant("received_at"),
        Instant("heard_at"),
        Instant("applied_at"),
    ),
    filters=("record", "outcome", "external_id", "received_at", "heard_at"),
    doc="One record of a source: the last thing it said of it, and what became of that.",
)
ORIGIN = Shape(
    "FieldOrigin",
    (
        Text("field"),
        Choice("owner", OWNERS),
        Text("source", null=True, doc="Null where somebody set it here."),
        Text("source_version", null=True),
        Instant("set_at"),
        Json("set_by", PEOPLE),
    ),
    doc="Where the present value of a field came from.",
)
PROVENANCE = Shape(
    "Provenance",
    (Text("id"), Json("fields", {"type": "array", "items": ORIGIN.ref()})),
    doc="Where the fields of a record came from that a source ever set.",
)


class DefaultsIn(fields.Input):
    """What is meant where a record says nothing."""

    pay_frequency = fields.Choice(FREQUENCIES, required=False)
    engagement = fields.Choice(ENGAGEMENTS, required=False)
    country = fields.Choice(COUNTRIES, required=False)
    currency = fields.Choice(CURRENCIES, required=False)
    time_zone = fields.Zone(required=False)
    week_starts = fields.Whole(most=6, required=False)


class WordsOf(fields.Own):
    """An object of words to words: the source's, and what we take them for."""

    def __init__(self, known: tuple[str, ...] = (), **more: Any) -> None:
        super().__init__(required=False, allow_null=True, **more)
        self.known = known

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """The words, at most a hundred."""
        if not isinstance(data, dict) or len(data) > 100:
            raise fields.wrong("", "not_words", "Write an object of at most 100 words to words.")
        for name, word in data.items():
            if not isinstance(word, str) or len(name) > 80 or len(word) > 80:
                raise fields.wrong("", "not_words", "Each word has 1 to 80 characters.")
            if self.known and word not in self.known:
                told = f"Take {name!r} for one of: {', '.join(self.known)}."
                raise fields.wrong("", "unknown_choice", told)
        return dict(data)

    def schema(self) -> dict[str, Any]:
        """An object of strings."""
        word = {"type": "string", **({"enum": list(self.known)} if self.known else {})}
        return {"type": "object", "additionalProperties": word}


class SettingsIn(fields.Input):
    """How a source is understood; what is left out stays as it is, null takes it away."""

    defaults = DefaultsIn(required=False, allow_null=True)
    engagements = WordsOf(ENGAGEMENTS, doc="Employee types of the source.")
    statuses = WordsOf(STATUSES, doc="Statuses of the source.")
    countries = WordsOf(COUNTRIES, doc="Country numbers of the source.")
    earn_codes = WordsOf(doc="Earn codes of the source, and our codes of work.")
    expects_every_minutes = fields.Whole(
        least=1, most=10080, required=False, allow_null=True,
        doc="How often it usually sends; twice that without a word is told.",
    )  # fmt: skip


class SourceChange(fields.Input):
    """What of a source changes."""

    time_zone = fields.Zone(required=False)
    contact_email = Email(required=False)
    settings = SettingsIn(required=False)


class SourceIn(SourceChange):
    """A system to connect."""

    name = fields.Text(longest=40, doc="Small letters, digits, dashes.")
    kind = fields.Choice(SYSTEMS)


@door("GET", "/v1/sources", "sources_list", scope="sources:read", lists=SOURCE, tag=TAG)
def sources(call: Call) -> object:
    """List the systems that may send records."""
    return SOURCE.page(call)


@door("POST", "/v1/sources", "sources_connect", scope="sources:write", body=SourceIn,
      answers=SOURCE, status=201, key="optional", tag=TAG)  # fmt: skip
def connect(call: Call) -> object:
    """Connect a system that will send records; every field has its default owner."""
    new = actions.NewSource(**call.body)
    return SOURCE.one(actions.connect(new, actor=call.actor, at=call.at).pk)


@door("GET", "/v1/sources/{source}", "sources_retrieve", scope="sources:read", answers=SOURCE,
      tag=TAG)  # fmt: skip
def source_of(call: Call, source: str) -> object:  # noqa: ARG001  # every deed is given its call
    """Read one source by its name."""
    return SOURCE.one(queries.source(source).pk)


@door("PATCH", "/v1/sources/{source}", "sources_update", scope="sources:write",
      body=SourceChange, answers=SOURCE, match=True, tag=TAG)  # fmt: skip
def change(call: Call, source: str) -> object:
    """Change how a source is understood; what it sent and could not be applied is tried again."""
    row = actions.change_source(source, call.body, actor=call.actor, at=call.at)
    actions.try_again(row.name, actor=call.actor, at=call.at)
    return SOURCE.one(row.pk)


@door("GET", "/v1/sources/{source}/ownership", "source_ownership_retrieve",
      scope="sources:read", answers=OWNERSHIP, tag=TAG)  # fmt: skip
def ownership(call: Call, source: str) -> object:  # noqa: ARG001
    """Read who owns each field of what a source sends."""
    return OWNERSHIP.one(queries.source(source).pk)


class OwnedIn(fields.Input):
    """The owner of one field."""

    record = fields.Choice(tuple(KINDS))
    field = fields.Text(longest=60)
    owner = fields.Choice(OWNERS)


class OwnershipIn(fields.Input):
    """Which fields are not owned as they are by default."""

    owners = fields.Many(OwnedIn(), least=0, most=200)


@door("PUT", "/v1/sources/{source}/ownership", "source_ownership_decide", scope="sources:write",
      body=OwnershipIn, answers=OWNERSHIP, match=True, tag=TAG)  # fmt: skip
def decide(call: Call, source: str) -> object:
    """Decide who owns which field; what is left out has its default owner again."""
    owners = [(one["record"], one["field"], one["owner"]) for one in call.body["owners"]]
    row = actions.decide_owners(source, owners, actor=call.actor, at=call.at)
    return OWNERSHIP.one(row.pk)


@door("GET", "/v1/sources/{source}/health", "source_health_retrieve", scope="sources:read",
      answers=HEALTH, tag=TAG)  # fmt: skip
def health(call: Call, source: str) -> object:
    """Read how a source is: when it was last heard, what is held up and since when."""
    told = dict(queries.health(source, call.at))
    for name in ("records", "last_day"):
        told[name] = [COUNT.show(each) for each in told[name]]
    return HEALTH.show(told)


@door("GET", "/v1/sources/{source}/records", "source_records_list", scope="placements:read",
      lists=RECORD, tag=TAG)  # fmt: skip
def records(call: Call, source: str) -> object:
    """List what a source sent, each with what became of it."""
    row = queries.source(source)
    return RECORD.page(call, SourceRecord.objects.filter(source=row))


@door("GET", "/v1/provenance/{record}", "provenance_retrieve", scope="placements:read",
      answers=PROVENANCE, tag=TAG)  # fmt: skip
def origin(call: Call, record: str) -> object:  # noqa: ARG001
    """Read where the fields of a record came from: which source, which version, by whom."""
    key = key_in(record)
    found = queries.provenance_of(key) if key is not None else []
    if not found:
        raise Missing("not_found", "No source ever set a field of such a record.")
    return PROVENANCE.show({"id": record, "fields": [ORIGIN.show(each) for each in found]})
