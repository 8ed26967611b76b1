"""Clients, their terms, contacts and sites."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backline.directory.actions import checks
from backline.directory.events import (
    ClientAdded,
    ClientChanged,
    ContactAdded,
    ContactChanged,
    SiteAdded,
    SiteChanged,
    TermsAgreed,
)
from backline.directory.models import Client, Contact, Site, Terms
from backline.kernel import copying, dated
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Fault, Invalid, Missing, refuse_if
from backline.kernel.events import Fact, record
from backline.kernel.ids import new_id
from backline.kernel.models import Row
from backline.kernel.outcomes import Outcome

R = TypeVar("R", bound=Row)
MEANS = ("email", "post", "portal")  # how invoices reach a client
GROUPINGS = ("worker", "week", "po_number", "cost_centre", "site", "code", "assignment")
TREATMENTS = ("standard", "reduced", "zero", "exempt", "reverse_charge", "outside", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """A client to add."""

    legal_name: str
    country: str
    currency: str
    trading_name: str = ""
    reference: str = ""
    billing_address: Mapping[str, Any] = field(default_factory=dict)
    vat_number: str = ""
    ownership: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTerms:
    """How a client is billed from a day; `group_by` of worker, week, po_number, cost_centre,
    site, code.
    """

    since: date
    net_days: int = 30
    from_month_end: bool = False
    group_by: Sequence[str] = ()
    split_by_month: bool = False
    po_required: bool = False
    tax_treatment: str = "standard"
    attach_timesheets: bool = True
    overtime_billed: bool = True
    penalties_billed: bool = False  # what law has paid for missed breaks
    deliver_by: str = "email"  # or post, or the client's own portal
    deliver_to: Sequence[str] = ()
    wait_for_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """A person at a client; roles of timesheet_approver, backup_approver, billing, statements."""

    client: UUID
    name: str
    email: str = ""
    phone: str = ""
    job_title: str = ""
    roles: Sequence[str] = ("timesheet_approver",)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """A place of work of a client; `region` is the state (US) or nation (GB)."""

    client: UUID
    name: str
    country: str
    time_zone: str
    region: str = ""
    locality: str = ""
    address: Mapping[str, Any] = field(default_factory=dict)


def add_clients(clients: Sequence[NewClient], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Add clients; one that is refused never stops the others."""
    outcomes, rows = [], []
    for client in clients:
        key, faults = new_id(), []
        faults += checks.named(client.legal_name, "/legal_name", "A client")
        faults += checks.one_of(client.country, checks.COUNTRIES, "country_unknown", "/country")
        faults += checks.one_of(client.currency, checks.CURRENCIES, "currency_unknown", "/currency")
        outcomes.append(Outcome(key, Invalid.of(faults) if faults else None))
        if not faults:
            rows.append(
                Client(
                    id=key,
                    legal_name=client.legal_name.strip(),
                    trading_name=client.trading_name,
                    reference=client.reference,
                    country=client.country,
                    currency=client.currency,
                    billing_address=dict(client.billing_address),
                    vat_number=client.vat_number,
                    ownership=client.ownership,
                    created_at=at,
                )
            )
    copying.create(rows)
    record((ClientAdded(subject=row.pk) for row in rows), actor=actor, at=at)
    return outcomes


def change_client(client: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> Client:
    """Change what is known of a client."""
    row = _held(Client, client, "client")
    own = dict(wanted)
    limit = own.get("credit_limit")
    if limit is not None and not isinstance(limit, Decimal):
        if limit.currency != own.get("currency", row.currency):
            raise Invalid(
                "currency_differs", "The limit is in the client's own currency.",
                pointer="/credit_limit/currency",
            )  # fmt: skip
        own["credit_limit"] = limit.amount
    return _changed(row, own, ClientChanged, actor, at)


def agree_terms(client: UUID, terms: NewTerms, *, actor: Actor, at: datetime) -> Terms:
    """Bill a client in a certain way from a day; the terms before end there."""
    faults = [
        Fault("grouping_unknown", f"Invoices group by {', '.join(GROUPINGS)}.", f"/group_by/{n}")
        for n, name in enumerate(terms.group_by)
        if name not in GROUPINGS
    ]
    if terms.tax_treatment not in TREATMENTS:
        faults.append(
            Fault("treatment_unknown", f"Say one of {', '.join(TREATMENTS)}.", "/tax_treatment")
        )
    if not 0 <= terms.net_days <= 180:
        faults.append(Fault("net_days_out_of_range", "Give 0 to 180 days.", "/net_days"))
    refuse_if(faults)
    _held(Client, client, "client")
    same = Terms.objects.filter(client_id=client)
    if same.filter(valid__startswith=terms.since).exists():
        raise Invalid(
            "terms_exist", "Terms from that day are agreed already; choose another day.",
            pointer="/since",
        )  # fmt: skip
    until = dated.succeed(same, terms.since)
    row = Terms.objects.create(
        client_id=client,
        valid=dated.since(terms.since, until),
        net_days=terms.net_days,
        from_month_end=terms.from_month_end,
        group_by=list(terms.group_by),
        split_by_month=terms.split_by_month,
        po_required=terms.po_required,
        tax_treatment=terms.tax_treatment,
        attach_timesheets=terms.attach_timesheets,
        overtime_billed=terms.overtime_billed,
        penalties_billed=terms.penalties_billed,
        deliver_by=terms.deliver_by,
        deliver_to=list(terms.deliver_to),
        wait_for_all=terms.wait_for_all,
    )
    fact = TermsAgreed(subject=client, since=terms.since.isoformat())
    record([fact], actor=actor, at=at)
    return row


def add_contacts(contacts: Sequence[NewContact], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Add people at clients; one that is refused never stops the others."""
    known = _known(Client, (contact.client for contact in contacts))
    outcomes, rows = [], []
    for contact in contacts:
        key, faults = new_id(), _of_client(contact.client, known)
        faults += checks.named(contact.name, "/name", "A contact")
        faults += checks.email(contact.email)
        outcomes.append(Outcome(key, Invalid.of(faults) if faults else None))
        if not faults:
            rows.append(
                Contact(
                    id=key,
                    client_id=contact.client,
                    name=contact.name.strip(),
                    email=contact.email,
                    phone=contact.phone,
                    job_title=contact.job_title,
                    roles=list(contact.roles),
                )
            )
    Contact.objects.bulk_create(rows)
    facts = (ContactAdded(subject=row.pk, client=str(row.client_id)) for row in rows)
    record(facts, actor=actor, at=at)
    return outcomes


def change_contact(
    contact: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Contact:
    """Change what is known of a person at a client."""
    return _changed(_held(Contact, contact, "contact"), wanted, ContactChanged, actor, at)


def add_sites(sites: Sequence[NewSite], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Add places of work; one that is refused never stops the others."""
    known = _known(Client, (site.client for site in sites))
    outcomes, rows = [], []
    for site in sites:
        key, faults = new_id(), _of_client(site.client, known)
        faults += checks.named(site.name, "/name", "A site")
        faults += checks.one_of(site.country, checks.COUNTRIES, "country_unknown", "/country")
        if site.country == "US" and not site.region:
            faults.append(Fault("required", "A site in the US has its state.", "/region"))
        if not _is_zone(site.time_zone):
            faults.append(Fault("time_zone_unknown", "Say an IANA time zone.", "/time_zone"))
        outcomes.append(Outcome(key, Invalid.of(faults) if faults else None))
        if not faults:
            rows.append(
                Site(
                    id=key,
                    client_id=site.client,
                    name=site.name.strip(),
                    country=site.country,
                    region=site.region,
                    locality=site.locality,
                    time_zone=site.time_zone,
                    address=dict(site.address),
                )
            )
    Site.objects.bulk_create(rows)
    facts = (SiteAdded(subject=row.pk, client=str(row.client_id)) for row in rows)
    record(facts, actor=actor, at=at)
    return outcomes


def change_site(site: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> Site:
    """Change what is known of a place of work."""
    return _changed(_held(Site, site, "site"), wanted, SiteChanged, actor, at)


def _held(model: type[R], key: UUID, noun: str) -> R:
    row = model._default_manager.select_for_update().filter(pk=key).first()
    if row is None:
        raise Missing("not_found", f"There is no such {noun}.")
    return row


def _changed(row: R, wanted: Mapping[str, Any], fact: type[Fact], actor: Actor, at: datetime) -> R:
    own = checks.settled(row, wanted)
    refuse_if(_faults(own))
    changes = change(row, own)
    if changes:
        record([fact(subject=row.pk, changes=changes)], actor=actor, at=at)
    return row


def _faults(own: Mapping[str, Any]) -> list[Fault]:
    faults = []
    for name in ("name", "legal_name"):
        if name in own:
            faults += checks.named(own[name], f"/{name}", "It")
    faults += checks.email(own.get("email", ""))
    if "time_zone" in own and not _is_zone(own["time_zone"]):
        faults.append(Fault("time_zone_unknown", "Say an IANA time zone.", "/time_zone"))
    return faults


def _known(model: type[Row], keys: Iterable[UUID]) -> set[UUID]:
    return set(model._default_manager.filter(pk__in=set(keys)).values_list("pk", flat=True))


def _of_client(client: UUID, known: set[UUID]) -> list[Fault]:
    return [] if client in known else [Fault("not_found", "There is no such client.", "/client")]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
