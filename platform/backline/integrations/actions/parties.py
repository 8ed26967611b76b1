"""Workers, clients, contacts, sites and companies as a source sends them, in the directory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backline.assignments.models import Assignment
from backline.directory import actions as directory
from backline.directory.models import Client, Contact, Intermediary, Site, Worker
from backline.integrations.actions.intake import (
    CREATED,
    PROPOSED,
    TOMBSTONED,
    UNCHANGED,
    UPDATED,
    Intake,
    Result,
    failed,
    sorted_out,
)
from backline.integrations.actions.stepping import Steps, done
from backline.integrations.models import SourceRecord
from backline.integrations.reading import ADDRESS, EMPTY
from backline.integrations.records import KINDS
from backline.kernel.errors import Conflict, Fault, Refusal
from backline.kernel.models import Row
from backline.payroll.models import Payslip

NAMES = frozenset({"given_name", "family_name"})


@dataclass(frozen=True, slots=True)
class Party:
    """How the directory takes one kind of record: added, changed, and what is no part of adding."""

    model: type[Row]
    new: Callable[..., Any]
    add: Callable[..., Any]
    change: Callable[..., Any]
    later: frozenset[str] = frozenset()


PARTIES: dict[str, Party] = {
    "worker": Party(
        Worker,
        directory.NewWorker,
        directory.add_workers,
        directory.change_worker,
        frozenset({"state"}),
    ),
    "client": Party(
        Client,
        directory.NewClient,
        directory.add_clients,
        directory.change_client,
        frozenset({"state"}),
    ),
    "contact": Party(
        Contact,
        directory.NewContact,
        directory.add_contacts,
        directory.change_contact,
        frozenset({"state"}),
    ),
    "site": Party(Site, directory.NewSite, directory.add_sites, directory.change_site),
    "intermediary": Party(
        Intermediary,
        directory.NewIntermediary,
        directory.add_intermediaries,
        directory.change_intermediary,
    ),
}
FIXED = {"contact": ("client",), "site": ("client",), "intermediary": ("kind",)}


def apply(intake: Intake, row: SourceRecord, values: Mapping[str, Any]) -> Steps[Result]:
    """Add the record's object to the directory, or change it as far as the source owns it."""
    try:
        if row.about is None:
            return (yield from _add(intake, row, dict(values)))
        present = PARTIES[row.record].model._default_manager.get(pk=row.about)
        return _change(intake, row, present, dict(values))
    except Refusal as no:
        return Result("failed", row.about, no)


def _add(intake: Intake, row: SourceRecord, values: dict[str, Any]) -> Steps[Result]:
    party, kind = PARTIES[row.record], KINDS[row.record]
    needed = {each.name for each in kind.fields if each.is_required}
    ignored = {
        name: value
        for name, value in values.items()
        if name not in needed and intake.owner(row.record, name) == "platform" and value
    }
    own = {name: value for name, value in values.items() if name not in ignored and value}
    later = {name: own.pop(name) for name in party.later & own.keys()}
    made = yield from done(party.add, party.new(**own))
    if made.refusal is not None:
        return Result("failed", None, made.refusal)
    if row.record == "client":
        intake.clients[made.id] = (own["country"], own["currency"])
    if later and later != {"state": "active"}:
        party.change(made.id, later, actor=intake.actor, at=intake.at)
    intake.note_set(made.id, row, sorted({*own, *later}))
    return Result(CREATED, made.id, ignored=ignored)


def _change(intake: Intake, row: SourceRecord, present: Row, values: dict[str, Any]) -> Result:
    party = PARTIES[row.record]
    moved = _moved(row.record, present, values)
    if moved:
        return failed(moved, present.pk)
    wanted = sorted_out(intake, row, values, empty=_empty(row.record), asks_first=_asks(present))
    for name in ("address", "billing_address"):
        if name in wanted.set:  # a part that is no longer said is no longer there
            wanted.set[name] = {part: wanted.set[name].get(part) for part in ADDRESS}
    before = present.version  # type: ignore[attr-defined]  # every party counts its versions
    after = party.change(present.pk, wanted.set, actor=intake.actor, at=intake.at)
    intake.clients.pop(present.pk, None)  # it may have another currency now
    intake.note_set(present.pk, row, sorted(wanted.set))
    proposed = {
        name: [getattr(after, name), value]
        for name, value in wanted.proposed.items()
        if getattr(after, name) != value
    }
    ignored = {
        name: value for name, value in wanted.ignored.items() if _differs(after, name, value)
    }
    outcome = PROPOSED if proposed else UPDATED if after.version != before else UNCHANGED
    return Result(outcome, present.pk, ignored=ignored, proposed=proposed)


def _differs(row: Any, name: str, value: Any) -> bool:
    return hasattr(row, name) and getattr(row, name) != value


def _asks(present: Row) -> frozenset[str]:
    """Who somebody is, is no longer changed in passing once they were paid."""
    if isinstance(present, Worker) and Payslip.objects.filter(worker=present).exists():
        return NAMES
    return frozenset()


def _moved(record: str, present: Row, values: dict[str, Any]) -> list[Fault]:
    """What cannot change of a known object: whose it is."""
    faults = []
    for name in FIXED.get(record, ()):
        now = getattr(present, f"{name}_id", None) or getattr(present, name)
        if values.pop(name, now) != now:
            told = f"A {record} does not move to another {name}; send it under a key of its own."
            faults.append(Fault(f"another_{name}", told, f"/{name}"))
    return faults


def _empty(record: str) -> dict[str, Any]:
    return {
        each.name: EMPTY[each.kind]
        for each in KINDS[record].fields
        if not each.is_required and each.kind in EMPTY and each.kind != "choice"
    }


def bury(intake: Intake, row: SourceRecord) -> Result:
    """The source deleted the record: nobody new is reached by it, and nothing that is owed goes.

    A worker or contact becomes inactive, but not one who is still at work; the rest stays as it
    is, and the key is dead.
    """
    if row.record == "worker" and at_work(row.about):
        told = "The source deleted a worker who has assignments that did not end."
        return Result(TOMBSTONED, row.about, Conflict("still_at_work", told))
    if row.about is not None and row.record in ("worker", "contact"):
        party = PARTIES[row.record]
        party.change(row.about, {"state": "inactive"}, actor=intake.actor, at=intake.at)
    return Result(TOMBSTONED, row.about)


def at_work(worker: UUID | None) -> bool:
    """Whether a worker has assignments that neither ended nor were cancelled."""
    over = (Assignment.Status.ENDED, Assignment.Status.CANCELLED)
    return Assignment.objects.filter(worker=worker).exclude(status__in=over).exists()


def exists(record: str, key: UUID) -> bool:
    """Whether the directory holds such an object."""
    return PARTIES[record].model._default_manager.filter(pk=key).exists()
