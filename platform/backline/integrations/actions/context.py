"""Context: what a source sends beside placements and is needed by them; jobs, change requests,
rate cards.

Each is kept as it came. A placement is worked out from everything that is kept, so it makes no
difference in which order the parts arrive.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from backline.integrations import tokens
from backline.integrations.actions.agreeing import Said
from backline.integrations.actions.intake import Intake
from backline.integrations.models import SourceRecord
from backline.integrations.reading import READERS, Reference, Unfit
from backline.integrations.records import PLACEMENT

BELONGS_TO = {
    "change": "placement",
    "rate_card": "placement",
    "rate_card_version": "rate_card",
    "rate_card_group": "rate_card",
    "rate_card_line": "rate_card_group",
}
DEAD = ("tombstoned",)
EMPTY: tuple[Any, ...] = (None, "", [], {})
LATER = ("ends_on", "engagement", "engagement_since")  # what a change request may say


def placement_of(intake: Intake, row: SourceRecord) -> SourceRecord | Reference:
    """The placement that a part belongs to, or the first record on the way that did not arrive."""
    record, parent = row.record, row.parent
    while record != "placement":
        above = BELONGS_TO[record]
        found = intake.row(above, parent)
        if found is None and above == "rate_card":
            found = _card_of_version(intake, parent)
        if found is None:
            return Reference(above, parent)
        record, parent = above, found.parent
    return found  # type: ignore[return-value]  # the loop ended on a row


def _card_of_version(intake: Intake, version: str) -> SourceRecord | None:
    """Groups name the version of a card where they do not name the card."""
    rows = intake.kept.all().filter(record="rate_card")
    found = rows.filter(body__version=version.removeprefix("version:")).first()
    return intake.kept.take([found])[0] if found else None


def with_context(intake: Intake, row: SourceRecord) -> tuple[dict[str, Any], Reference | None]:
    """A placement's body with what its job, its changes and the firm say; and the job, if it is
    named and did not arrive.
    """
    body = dict(row.body)
    job = body.pop("job", None)
    if job:
        found = intake.row("job", job["external_id"])
        if found is None:
            return body, Reference("job", job["external_id"])
        body = filled(body, found.body)
    for change in _changes(intake, row):
        if said_at(change) > said_at(row):
            body |= {name: change.body[name] for name in LATER if change.body.get(name)}
    return filled(body, row.supplied), None


def filled(body: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """A body with what it leaves open taken from another."""
    return {
        **body,
        **{name: each for name, each in more.items() if body.get(name) in EMPTY},
    }


def said(intake: Intake, row: SourceRecord, body: Mapping[str, Any]) -> list[Said]:
    """Every set of rates that was stated for a placement; raises Unfit for its own."""
    field = PLACEMENT.field("rates")
    own = READERS["rates"](body["rates"], field) if body.get("rates") else []  # type: ignore[arg-type]  # it is there
    found = [Said(rates, 0, said_at(row)) for rates in own]
    for kind, rank in ((_changes, 0), (_cards, 1)):
        for stated, at in kind_of(kind(intake, row)):
            try:
                more = READERS["rates"](stated, field)  # type: ignore[arg-type]
            except Unfit:
                continue  # a card whose lines did not all arrive; each line says so itself
            found += [Said(rates, rank, at) for rates in more]
    return found


def kind_of(rows: Iterator[Any]) -> Iterator[tuple[Any, datetime]]:
    """The rates each row states, with when it said so."""
    for row in rows:
        if isinstance(row, tuple):
            yield row
        elif row.body.get("rates"):
            yield row.body["rates"], said_at(row)


def said_at(row: SourceRecord) -> datetime:
    """When a source said it, by its own clock, else when we heard it."""
    token = tokens.read(row.token)
    return token.updated_at or row.heard_at


def _changes(intake: Intake, row: SourceRecord) -> Iterator[SourceRecord]:
    rows = _alive(intake, "change", [row.external_id])
    yield from sorted((each for each in rows if each.body.get("is_approved", True)), key=said_at)


def _cards(intake: Intake, row: SourceRecord) -> Iterator[tuple[Any, datetime]]:
    """The rates of each card of a placement whose lines arrived."""
    for card in _alive(intake, "rate_card", [row.external_id]):
        groups = _alive(intake, "rate_card_group", _names(card))
        lines = _alive(intake, "rate_card_line", [each.external_id for each in groups])
        rates = {line.body["code"]: line.body for line in lines}
        if rates:
            stated = [{"since": card.body.get("since"), "rates": list(rates.values())}]
            yield stated, max(said_at(each) for each in (card, *lines))


def _names(card: SourceRecord) -> list[str]:
    """What the groups of a card may know it by."""
    return [card.external_id, f"version:{card.body.get('version', '')}"]


def _alive(intake: Intake, record: str, parents: Sequence[str]) -> list[SourceRecord]:
    """The parts of a kind that their source did not delete."""
    return [row for row in intake.kept.parts(record, parents) if row.outcome not in DEAD]


def read(intake: Intake, placements: Sequence[str]) -> None:
    """Read everything that belongs to these placements, a kind at a time."""
    kept = intake.kept
    kept.parts("change", placements)
    cards = kept.parts("rate_card", placements)
    if not cards:
        return
    groups = kept.parts("rate_card_group", [name for card in cards for name in _names(card)])
    kept.parts("rate_card_line", [each.external_id for each in groups])
