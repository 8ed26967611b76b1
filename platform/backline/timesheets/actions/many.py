"""Deeds on more sheets than one call should wait for: accepted, then done in chunks of 500."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.kernel import bulk, ids, operations
from backline.kernel.actors import Actor
from backline.kernel.ids import new_id
from backline.kernel.models import Operation
from backline.kernel.operations import Done, Item, Work
from backline.timesheets.actions import approving, correcting, entering, submitting
from backline.timesheets.actions.entering import NewSheet
from backline.timesheets.actions.writing import NewEntry

CHUNK = 500
ENTER = "timesheets.enter"


def accept(
    deed: str, timesheets: Sequence[UUID], *, actor: Actor, at: datetime, **facts: Any
) -> Operation:
    """Accept a deed on many sheets; `facts` are the deed's own."""
    return bulk.accept(f"timesheets.{deed}", timesheets, actor=actor, at=at, **facts)


def accept_entries(sheets: Sequence[NewSheet], *, actor: Actor, at: datetime) -> Operation:
    """Accept many periods' time, to be written down in chunks."""
    return operations.accept(
        ENTER,
        key=f"{ENTER}:{new_id().hex}",
        refs=[(ids.public("asg", sheet.assignment), _told(sheet)) for sheet in sheets],
        actor=actor,
        at=at,
    )


def _doubted(deed: bulk.Deed) -> bulk.Deed:
    """The deed, with the sheets that it refused for doubtful time put on a desk."""

    def do(timesheets: Sequence[UUID], *, actor: Actor, at: datetime, **facts: Any) -> Any:
        outcomes = deed(timesheets, actor=actor, at=at, **facts)
        refused = {one.id: one.refusal for one in outcomes if one.refusal is not None}
        submitting.put_doubts_on_desk(refused, actor=actor, at=at)
        return outcomes

    return do


for _name, _deed in (
    ("submit", _doubted(submitting.submit)),
    ("recall", submitting.recall),
    ("not_worked", submitting.declare_not_worked),
    ("approve", approving.approve),
    ("reject", approving.reject),
    ("void", correcting.void),
):
    bulk.can_be_bulk(f"timesheets.{_name}", "tsh", _deed, CHUNK)


@operations.runs(ENTER, chunk=CHUNK)
def enter_chunk(work: Work, items: Sequence[Item]) -> Sequence[Done]:
    """Write down the time of a chunk of periods."""
    outcomes = entering.enter([_sheet(item.args) for item in items], actor=work.actor, at=work.at)
    return [
        Done(
            item.n,
            None if outcome.refusal else {"timesheet": str(outcome.id)},
            outcome.refusal,
        )
        for item, outcome in zip(items, outcomes, strict=True)
    ]


def _told(sheet: NewSheet) -> dict[str, Any]:
    return sheet._asdict() | {"entries": [entry._asdict() for entry in sheet.entries]}


def _sheet(told: Mapping[str, Any]) -> NewSheet:
    own = dict(told)
    own["assignment"] = UUID(own["assignment"])
    own["starts_on"] = date.fromisoformat(own["starts_on"])
    own["entries"] = [_entry(entry) for entry in own["entries"]]
    return NewSheet(**own)


def _entry(told: Mapping[str, Any]) -> NewEntry:
    own = dict(told)
    own["worked_on"] = date.fromisoformat(own["worked_on"])
    if own["quantity"] is not None:
        own["quantity"] = Decimal(own["quantity"])
    for name in ("started_at", "ended_at"):
        if own[name] is not None:
            own[name] = datetime.fromisoformat(own[name])
    return NewEntry(**own)
