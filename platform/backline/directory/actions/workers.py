"""Workers: added and changed; what is secret is sealed, and told only as changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.directory.actions import checks
from backline.directory.events import WorkerAdded, WorkerChanged
from backline.directory.models import Worker
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.kernel.outcomes import Outcome
from backline.kernel.sealing import blind

SECRET = frozenset({"born_on", "tax_id"})
INDEX = "directory_worker.tax_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorker:
    """A worker to add; days as ISO text where they are sealed."""

    given_name: str
    family_name: str
    country: str
    email: str = ""
    phone: str = ""
    preferred_name: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)
    born_on: str = ""
    tax_id: str = ""
    reference: str = ""

    def faults(self, on: date) -> list[Fault]:
        """Everything that is wrong with it on a day."""
        return _faults(vars_of(self), on)


def vars_of(worker: NewWorker) -> dict[str, Any]:
    """The facts of a new worker by name."""
    return {name: getattr(worker, name) for name in NewWorker.__slots__}


def add_workers(workers: Sequence[NewWorker], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Add workers; one that is refused never stops the others."""
    outcomes, rows = [], []
    for worker in workers:
        key, faults = new_id(), worker.faults(at.date())
        outcomes.append(Outcome(key, Invalid.of(faults) if faults else None))
        if not faults:
            rows.append(_row(key, worker, at))
    Worker.objects.bulk_create(rows)
    record((WorkerAdded(subject=row.pk) for row in rows), actor=actor, at=at)
    return outcomes


def change_worker(worker: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> Worker:
    """Change what is known of a worker; secrets are told as changed, never as what they are."""
    row = Worker.objects.select_for_update().filter(pk=worker).first()
    if row is None:
        raise Missing("not_found", "There is no such worker.")
    own = checks.settled(row, wanted)
    refuse_if(_faults({"country": row.country} | own, at.date()))
    for name in SECRET & own.keys():
        own[name] = checks.plain_number(own[name]) if name == "tax_id" else own[name]
        if getattr(row, name).reveal() == own[name]:
            del own[name]
    if "tax_id" in own:
        own["tax_id_last"] = own["tax_id"][-4:]
        own["tax_id_index"] = blind(INDEX, own["tax_id"]) if own["tax_id"] else None
    changes = change(row, own, masked=SECRET | {"tax_id_index", "tax_id_last"})
    if changes:
        record([WorkerChanged(subject=row.pk, changes=changes)], actor=actor, at=at)
    return row


def keep_holiday(
    hours: Mapping[UUID, Any], *, reason: str, actor: Actor, at: datetime
) -> list[UUID]:
    """Set the holiday that workers have not yet taken, in hours; returns those that changed."""
    rows = list(Worker.objects.select_for_update().filter(pk__in=hours).order_by("id"))
    moved = {row.pk: row.holiday_hours for row in rows if row.holiday_hours != hours[row.pk]}
    for row in rows:
        row.holiday_hours = hours[row.pk]
    Worker.objects.bulk_update(rows, ["holiday_hours"])
    facts = (
        WorkerChanged(
            subject=key, changes={"holiday_hours": [str(old), str(hours[key])]}, reason=reason
        )
        for key, old in moved.items()
    )
    record(facts, actor=actor, at=at)
    return list(moved)


def _faults(told: Mapping[str, Any], on: date) -> list[Fault]:
    faults = []
    for name, what in (("given_name", "A worker"), ("family_name", "A worker")):
        if name in told:
            faults += checks.named(told[name], f"/{name}", what)
    country = told["country"]
    faults += checks.one_of(country, checks.COUNTRIES, "country_unknown", "/country")
    faults += checks.email(told.get("email", ""))
    faults += checks.tax_id(country, told.get("tax_id", ""))
    faults += checks.born_on(told.get("born_on", ""), on)
    return faults


def _row(key: UUID, worker: NewWorker, at: datetime) -> Worker:
    number = checks.plain_number(worker.tax_id)
    return Worker(
        id=key,
        given_name=worker.given_name.strip(),
        family_name=worker.family_name.strip(),
        preferred_name=worker.preferred_name,
        email=worker.email,
        phone=worker.phone,
        address=dict(worker.address),
        country=worker.country,
        born_on=worker.born_on,
        tax_id=number,
        tax_id_last=number[-4:],
        tax_id_index=blind(INDEX, number) if number else None,
        reference=worker.reference,
        created_at=at,
    )
