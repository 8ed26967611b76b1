"""Deeds on more sheets than one call should wait for: accepted, then done in chunks of 500."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.kernel import ids, operations
from backline.kernel.actors import Actor
from backline.kernel.ids import new_id
from backline.kernel.models import Operation
from backline.kernel.operations import Done, Item, Work
from backline.kernel.outcomes import Outcome
from backline.timesheets.actions import approving, correcting, entering, submitting
from backline.timesheets.actions.entering import NewSheet
from backline.timesheets.actions.writing import NewEntry

CHUNK = 500
Deed = Callable[..., list[Outcome]]
DEEDS: Mapping[str, Deed] = {
    "submit": submitting.submit,
    "recall": submitting.recall,
    "not_worked": submitting.declare_not_worked,
    "approve": approving.approve,
    "reject": approving.reject,
    "void": correcting.void,
}
ENTER = "timesheets.enter"


def accept(
    deed: str, timesheets: Sequence[UUID], *, actor: Actor, at: datetime, **facts: Any
) -> Operation:
    """Accept a deed on many sheets; `facts` are the deed's own."""
    return operations.accept(
        f"timesheets.{deed}",
        key=f"timesheets.{deed}:{new_id().hex}",
        refs=[ids.public("tsh", key) for key in dict.fromkeys(timesheets)],
        args=facts,
        actor=actor,
        at=at,
    )


def accept_entries(sheets: Sequence[NewSheet], *, actor: Actor, at: datetime) -> Operation:
    """Accept many periods' time, to be written down in chunks."""
    return operations.accept(
        ENTER,
        key=f"{ENTER}:{new_id().hex}",
        refs=[(ids.public("asg", sheet.assignment), asdict(sheet)) for sheet in sheets],
        actor=actor,
        at=at,
    )


def _runner(deed: Deed) -> operations.Runner:
    def run(work: Work, items: Sequence[Item]) -> Sequence[Done]:
        keys = {item.n: ids.parse("tsh", item.ref) for item in items}
        wanted = [key for key in keys.values() if key is not None]
        outcomes = deed(wanted, actor=work.actor, at=work.at, **(work.args or {}))
        refusals = {outcome.id: outcome.refusal for outcome in outcomes}
        return [Done(n, None, refusals[key]) for n, key in keys.items() if key is not None]

    return run


for _name, _deed in DEEDS.items():
    operations.runs(f"timesheets.{_name}", chunk=CHUNK)(_runner(_deed))


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
