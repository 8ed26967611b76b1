"""Assignments added, with the rates and the billing reference agreed for their first day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.assignments.actions.pricing import NewRates
from backline.assignments.covers import Covers
from backline.assignments.engagements import COMPANY, COUNTRY, ENGAGEMENTS
from backline.assignments.events import AssignmentAdded, RatesAgreed
from backline.assignments.models import (
    Assignment,
    BillingReference,
    Rate,
    RateAgreement,
)
from backline.directory.models import Client, Contact, Intermediary, Site, Worker
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Fault, Invalid
from backline.kernel.events import Fact, record
from backline.kernel.ids import new_id
from backline.kernel.models import Row
from backline.kernel.outcomes import Outcome

FREQUENCIES = ("weekly", "fortnightly", "biweekly", "four_weekly", "semimonthly", "monthly")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAssignment:
    """An assignment to add; `overtime` is what the agreement says, e.g. {"weekly_over": "40",
    "factor": "1.5"}.
    """

    worker: UUID
    client: UUID
    engagement: str
    starts_on: date
    pay_frequency: str
    rates: NewRates | None = None
    ends_on: date | None = None
    site: UUID | None = None
    approver: UUID | None = None
    intermediary: UUID | None = None
    job_title: str = ""
    reference: str = ""
    week_starts: int = 0
    time_unit: str = "hour"
    consultant: str = ""
    service_line: str = ""
    overtime: Mapping[str, Any] = field(default_factory=dict)
    workers_comp_class: str = ""
    po_number: str = ""
    cost_centre: str = ""
    project: str = ""


def add(assignments: Sequence[NewAssignment], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Add assignments as pending, each with its rates; one that is refused never stops the
    others.
    """
    known = _Known(assignments)
    outcomes: list[Outcome] = []
    fit: list[tuple[UUID, NewAssignment]] = []
    for new in assignments:
        key, faults = new_id(), known.faults(new)
        outcomes.append(Outcome(key, Invalid.of(faults) if faults else None))
        if not faults:
            fit.append((key, new))
    Assignment.objects.bulk_create(_row(key, new, at) for key, new in fit)
    BillingReference.objects.bulk_create(
        BillingReference(
            assignment_id=key,
            valid=dated.since(new.starts_on),
            po_number=new.po_number,
            cost_centre=new.cost_centre,
            project=new.project,
        )
        for key, new in fit
        if new.po_number or new.cost_centre or new.project
    )
    facts: list[Fact] = [
        AssignmentAdded(subject=key, worker=str(new.worker), client=str(new.client))
        for key, new in fit
    ]
    facts += _agree(fit, actor, at)
    record(facts, actor=actor, at=at)
    return outcomes


def _agree(fit: Sequence[tuple[UUID, NewAssignment]], actor: Actor, at: datetime) -> list[Fact]:
    priced = [(key, new, new.rates) for key, new in fit if new.rates is not None]
    agreements = {
        key: RateAgreement(
            assignment_id=key,
            version=1,
            valid=dated.since(rates.since),
            pay_currency=rates.pay_currency,
            bill_currency=rates.bill_currency,
            overtime_billed=rates.overtime_billed,
            reason=rates.reason[:200],
            agreed_at=at,
            agreed_by=actor.as_json(),
        )
        for key, _, rates in priced
    }
    RateAgreement.objects.bulk_create(agreements.values())
    Rate.objects.bulk_create(
        Rate(
            agreement=agreements[key],
            code=rate.code,
            unit=rate.unit,
            pay_rate=rate.pay_rate,
            bill_rate=rate.bill_rate,
        )
        for key, _, rates in priced
        for rate in rates.rates
    )
    return [
        RatesAgreed(subject=key, version=1, since=rates.since.isoformat())
        for key, _, rates in priced
    ]


class _Known:
    """What the assignments of one call refer to, read in a few queries."""

    def __init__(self, assignments: Sequence[NewAssignment]) -> None:
        self.workers = _keys(Worker, {new.worker for new in assignments})
        self.clients = dict(
            Client.objects.filter(pk__in={new.client for new in assignments}).values_list(
                "pk", "country"
            )
        )
        self.companies = dict(
            Intermediary.objects.filter(
                pk__in={new.intermediary for new in assignments if new.intermediary}
            ).values_list("pk", "kind")
        )
        self.places = Site.objects.in_bulk({new.site for new in assignments if new.site})
        self.sites = {key: place.client_id for key, place in self.places.items()}
        self.covers = Covers()
        self.contacts = dict(
            Contact.objects.filter(
                pk__in={new.approver for new in assignments if new.approver}
            ).values_list("pk", "client_id")
        )

    def faults(self, new: NewAssignment) -> list[Fault]:
        """Everything that keeps an assignment from being added."""
        faults = [] if new.rates is None else new.rates.faults()
        if new.worker not in self.workers:
            faults.append(Fault("not_found", "There is no such worker.", "/worker"))
        if new.client not in self.clients:
            faults.append(Fault("not_found", "There is no such client.", "/client"))
        if new.engagement not in ENGAGEMENTS:
            told = ", ".join(ENGAGEMENTS)
            faults.append(Fault("engagement_unknown", f"Say one of {told}.", "/engagement"))
        if new.pay_frequency not in FREQUENCIES:
            told = ", ".join(FREQUENCIES)
            faults.append(Fault("frequency_unknown", f"Say one of {told}.", "/pay_frequency"))
        if new.time_unit not in {"hour", "day"}:
            faults.append(Fault("time_unit_unknown", "Say hour or day.", "/time_unit"))
        if new.ends_on is not None and new.ends_on < new.starts_on:
            faults.append(Fault("ends_before_start", "It ends before it starts.", "/ends_on"))
        if new.rates is not None and new.rates.since > new.starts_on:
            faults.append(
                Fault("rates_start_late", "The first days have no rates.", "/rates/since")
            )
        return faults + self._of_others(new)

    def _of_others(self, new: NewAssignment) -> list[Fault]:
        faults = []
        country = self.clients.get(new.client)
        if country and COUNTRY.get(new.engagement, country) != country:
            told = f"There is no {new.engagement} engagement in {country}."
            faults.append(Fault("engagement_of_another_country", told, "/engagement"))
        for name, key, owners in (
            ("site", new.site, self.sites),
            ("approver", new.approver, self.contacts),
        ):
            if key is not None and owners.get(key) != new.client:
                faults.append(
                    Fault("not_found", f"There is no such {name} at this client.", f"/{name}")
                )
        wanted = COMPANY.get(new.engagement)
        if wanted:
            kind = self.companies.get(new.intermediary) if new.intermediary else None
            if kind != wanted:
                faults.append(
                    Fault(
                        "company_missing",
                        f"Say which {wanted} company employs or invoices.",
                        "/intermediary",
                    )
                )
        place = self.places.get(new.site) if new.site else None
        code = new.workers_comp_class
        return faults + self.covers.faults(new.engagement, place, code, new.starts_on)


def _keys(model: type[Row], keys: set[UUID]) -> set[UUID]:
    return set(model._default_manager.filter(pk__in=keys).values_list("pk", flat=True))


def _row(key: UUID, new: NewAssignment, at: datetime) -> Assignment:
    return Assignment(
        id=key,
        worker_id=new.worker,
        client_id=new.client,
        site_id=new.site,
        approver_id=new.approver,
        intermediary_id=new.intermediary,
        engagement=new.engagement,
        job_title=new.job_title,
        reference=new.reference,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        week_starts=new.week_starts,
        time_unit=new.time_unit,
        pay_frequency=new.pay_frequency,
        consultant=new.consultant,
        service_line=new.service_line,
        overtime=dict(new.overtime),
        workers_comp_class=new.workers_comp_class,
        created_at=at,
    )
