"""Workers: added, changed, their tax elections and standing deductions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.directory.events import ElectionSet, OrderAdded, WorkerAdded, WorkerChanged
from backline.directory.models import Order, TaxElection, Worker
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.kernel.outcomes import Outcome
from backline.kernel.sealing import blind

SECRET = frozenset({"born_on", "tax_id"})
ELECTIONS = ("gb_paye", "gb_pension", "gb_student_loan", "us_w4")


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

    def faults(self) -> list[Fault]:
        """Everything that is wrong with it."""
        faults = []
        if not self.given_name.strip():
            faults.append(Fault("required", "A worker has a given name.", "/given_name"))
        if not self.family_name.strip():
            faults.append(Fault("required", "A worker has a family name.", "/family_name"))
        if self.country not in {"GB", "US"}:
            faults.append(Fault("country_unknown", "Say GB or US.", "/country"))
        return faults


def add_workers(workers: Sequence[NewWorker], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Add workers; one that is refused never stops the others."""
    outcomes, rows = [], []
    for worker in workers:
        key, faults = new_id(), worker.faults()
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
    own = dict(wanted)
    if "tax_id" in own:
        own["tax_id_last"] = own["tax_id"][-4:]
        own["tax_id_index"] = blind("directory_worker.tax_id", own["tax_id"])
    changes = change(row, own, masked=SECRET | {"tax_id_index", "tax_id_last"})
    if changes:
        record([WorkerChanged(subject=row.pk, changes=changes)], actor=actor, at=at)
    return row


def elect(
    worker: UUID,
    kind: str,
    *,
    facts: Mapping[str, Any],
    since: date,
    source: str,
    actor: Actor,
    at: datetime,
) -> TaxElection:
    """Let a tax code, a W-4 or a state certificate hold from a day; the one before ends there.

    `kind` is gb_paye, gb_pension, gb_student_loan, us_w4, or us_state:IL. Whether the facts make
    sense is for
    the country's pack, which is asked before pay is worked out.
    """
    if kind not in ELECTIONS and not kind.startswith("us_state:"):
        raise Invalid(
            "election_unknown",
            f"Say one of {', '.join(ELECTIONS)} or us_state:XX.",
            pointer="/kind",
        )
    if not Worker.objects.filter(pk=worker).exists():
        raise Missing("not_found", "There is no such worker.")
    same = TaxElection.objects.filter(worker_id=worker, kind=kind, withdrawn=False)
    row = TaxElection.objects.create(
        worker_id=worker,
        kind=kind,
        facts=dict(facts),
        valid=dated.since(since, dated.replace(same, since)),
        source=source,
        set_at=at,
        set_by=actor.as_json(),
    )
    fact = ElectionSet(subject=worker, kind=kind, since=since.isoformat())
    record([fact], actor=actor, at=at)
    return row


def add_orders(
    worker: UUID,
    *,
    kind: str,
    payee: str,
    case_number: str,
    priority: int,
    facts: Mapping[str, Any],
    since: date,
    actor: Actor,
    at: datetime,
) -> Order:
    """Take a standing deduction from a worker's pay from a day; payee and case number must be
    known.
    """
    faults = []
    if not payee.strip():
        faults.append(Fault("required", "Say who is paid.", "/payee"))
    if not case_number.strip():
        faults.append(Fault("required", "An order has a case number.", "/case_number"))
    refuse_if(faults)
    if not Worker.objects.filter(pk=worker).exists():
        raise Missing("not_found", "There is no such worker.")
    order = Order.objects.create(
        worker_id=worker,
        kind=kind,
        payee=payee,
        case_number=case_number,
        priority=priority,
        facts=dict(facts),
        valid=dated.since(since),
    )
    record([OrderAdded(subject=worker, kind=kind)], actor=actor, at=at)
    return order


def _row(key: UUID, worker: NewWorker, at: datetime) -> Worker:
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
        tax_id=worker.tax_id,
        tax_id_last=worker.tax_id[-4:],
        tax_id_index=blind("directory_worker.tax_id", worker.tax_id) if worker.tax_id else None,
        reference=worker.reference,
        created_at=at,
    )
