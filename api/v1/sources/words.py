"""What the doors of sources share: each record as it is sent, and what became of it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from api import fields
from api.door import Answer
from api.errors import problem_of
from api.resource import Choice, Json, Shape, Text, Words
from api.v1.assignments.words import OvertimeIn, RatesIn
from api.v1.directory.words import COUNTRIES, AddressIn, Email, Until, Word
from backline.directory.actions.checks import CURRENCIES
from backline.integrations import queries, tokens
from backline.integrations.actions import Became, Push
from backline.integrations.actions.intake import CONFLICT
from backline.integrations.records import CONTACT_ROLES, KINDS, Field, Kind
from backline.integrations.tokens import Token
from rulebook.money import Money

TAG = "integrations"
OUTCOMES = (
    "created", "updated", "unchanged", "stale_ignored", "parked", "failed", "proposed",
    "tombstoned", CONFLICT,
)  # fmt: skip
TOKENS = ("source_version", "source_updated_at")
STATUSES = {"created": 201, "parked": 202}
PROBLEM = {"$ref": "#/components/schemas/Problem"}
WAITS = Shape(
    "SourceKey",
    (Text("record"), Text("external_id")),
    doc="A record of a source by its kind and the source's own key.",
)
PROPOSED = {
    "type": "object",
    "additionalProperties": True,
    "description": "Fields that the source may only propose, each with what is and what would be.",
}
PUSHED = Shape(
    "Pushed",
    (
        Text("source"),
        Text("record", doc="worker, client, contact, site, placement, timesheet …"),
        Text("external_id"),
        Choice("outcome", OUTCOMES),
        Text("id", null=True, doc="What it is of ours, once it is anything."),
        Text("source_version", null=True, doc="The newest version that was heard."),
        Words("ignored_fields", doc="What is not the source's to say; each is told once."),
        Json("waits_for", {"type": "array", "items": WAITS.ref()}, doc="What did not arrive yet."),
        Json("proposed", PROPOSED),
        Words("notes"),
        Json("problem", PROBLEM, null=True, doc="What keeps it from being applied."),
    ),
    doc="What became of one record that a source sent.",
)
PUSHED.says_202 = True


def pushed(source: str, became: Became) -> dict[str, object]:
    """What became of a record, as it is told."""
    row = became.row
    return PUSHED.show(
        {
            "source": source,
            "record": became.push.record,
            "external_id": became.push.external_id,
            "outcome": became.outcome,
            "id": queries.about(row),
            "source_version": tokens.told(row.token) or None,
            "ignored_fields": list(became.ignored),
            "waits_for": row.waits_for if became.outcome == "parked" else [],
            "proposed": row.proposed if became.outcome == "proposed" else {},
            "notes": list(became.notes),
            "problem": problem_of(became.refusal) if became.refusal else None,
        }
    )


def answered(source: str, became: Became) -> Answer:
    """The answer to one record: 201 when it is new, 202 when it waits."""
    return Answer(pushed(source, became), STATUSES.get(became.outcome, 200))


# --- what comes in -------------------------------------------------------------------------------


class OurId(fields.PublicId):
    """An id of ours that is kept as it is spelled."""

    def read(self, text: str) -> Any:
        """The spelling, once it was read."""
        super().read(text)
        return text


class EntryIn(fields.Input):
    """Time on one day: a quantity, or clock times with a break."""

    worked_on = fields.Day()
    code = Word(longest=20)
    unit = fields.Choice(("hour", "day", "unit"), required=False)
    quantity = fields.DecimalText(required=False, allow_null=True)
    started_at = fields.Instant(required=False, allow_null=True)
    ended_at = fields.Instant(required=False, allow_null=True)
    break_minutes = fields.Whole(required=False, most=1440)
    note = Word(longest=200)


def _version() -> Any:
    told = "The source's own version of the record; the higher one is newer."
    return fields.Whole(required=False, most=10**18, doc=told)


def _moment() -> Any:
    told = "When it changed in the source; needed where there is no version."
    return fields.Instant(required=False, doc=told)


def _key() -> Any:
    return fields.Text(longest=80, required=False, doc="The source's own key.")


def _part(kind: Kind) -> type[fields.Input]:
    """A record inside another: by the source's key, by our id, or whole."""
    own: dict[str, Any] = {each.name: _made(each, is_free=True) for each in kind.fields}
    own |= {"external_id": _key(), "id": OurId(kind.prefix, required=False)}
    own |= {"source_version": _version(), "source_updated_at": _moment()}
    own["__doc__"] = f"A {kind.name}: by external_id alone, by id alone, or whole."
    return type(f"{kind.name.title()}PartIn", (fields.Input,), own)


def _words(each: Field, need: dict[str, Any]) -> Any:
    longest = each.facts["longest"]
    return fields.Text(longest=longest) if need["required"] else Word(longest=longest)


def _nullable(make: Any) -> Any:
    return lambda _, need: make(**need, allow_null=not need["required"])


MADE: dict[str, Any] = {
    "words": _words,
    "email": lambda *_: Email(required=False),
    "country": lambda _, need: fields.Choice(COUNTRIES, **need),
    "currency": lambda _, need: fields.Choice(CURRENCIES, **need),
    "zone": lambda _, need: fields.Zone(**need),
    "day": lambda _, need: fields.Day() if need["required"] else Until(required=False),
    "weekday": lambda *_: fields.Whole(most=6, required=False, doc="0 is Monday."),
    "flag": lambda *_: fields.Flag(required=False),
    "choice": lambda each, need: fields.Choice(each.facts["words"], **need),
    "address": lambda *_: AddressIn(required=False),
    "roles": lambda *_: fields.Many(fields.Choice(CONTACT_ROLES), least=0, most=4, required=False),
    "overtime": lambda *_: OvertimeIn(required=False),
    "rates": lambda _, need: fields.Many(
        RatesIn(), most=30, doc="What holds from each day on, pay and bill together.", **need
    ),
    "entries": lambda _, need: fields.Many(EntryIn(), most=100, **need),
    "reference": lambda each, need: PARTS[each.facts["record"]](**need),
}


def _made(each: Field, *, is_free: bool = False) -> Any:
    need = {"required": each.is_required and not each.may_default and not is_free}
    return MADE[each.kind](each, need)


PARTS: dict[str, type[fields.Input]] = {}
for _kind in KINDS.values():
    PARTS[_kind.name] = _part(_kind)


def _body(kind: Kind) -> type[fields.Input]:
    """A record as it is sent whole."""

    def validate(self: Any, given: dict[str, Any]) -> dict[str, Any]:  # DRF's hook
        if not self.partial and not any(name in given for name in TOKENS):
            raise fields.wrong(
                "source_version", "required", "Send source_version or source_updated_at."
            )
        return given

    own: dict[str, Any] = {each.name: _made(each) for each in kind.fields}
    own |= {"source_version": _version(), "source_updated_at": _moment(), "validate": validate}
    own["__doc__"] = f"A {kind.name} as a source sends it, whole."
    return type(f"{kind.name.title()}In", (fields.Input,), own)


BODIES = {kind.name: _body(kind) for kind in KINDS.values()}


def push_of(kind: Kind, external_id: str, given: Mapping[str, Any]) -> tuple[Push, list[str]]:
    """The record a body stands for, and the names of what must never be kept."""
    token = Token(given.get("source_version"), given.get("source_updated_at"))
    secret = [each.name for each in kind.fields if each.is_secret and given.get(each.name)]
    body = {
        name: spelled(each)
        for name, each in given.items()
        if name not in TOKENS and name not in secret
    }
    return Push(record=kind.name, external_id=external_id, body=body, token=token), secret


def spelled(value: Any) -> Any:
    """A value that was read, as the JSON it is kept as."""
    if isinstance(value, Money):
        return {"amount": format(value.amount, "f"), "currency": value.currency}
    if isinstance(value, Mapping):
        return {str(name): spelled(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(each) for each in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value
