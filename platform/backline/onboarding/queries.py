"""Questions to onboarding: who is cleared, what is missing, what expires."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from backline.assignments import queries as agreements
from backline.assignments.engagements import COMPANY
from backline.assignments.models import Assignment
from backline.directory import queries as directory
from backline.directory.models import TaxElection
from backline.kernel import rows
from backline.kernel.errors import Fault
from backline.onboarding.models import Evidence, Requirement
from rulebook import requirements as rules
from rulebook.calendars import business_day
from rulebook.packs.gb.taxyear import months_after
from rulebook.periods import DAY
from rulebook.timeline import NoRule

Status = Assignment.Status
LIVE = (Status.CONFIRMED, Status.READY, Status.ACTIVE)
CALENDARS = {"GB": "gb.england_wales", "US": "us.federal_reserve"}
# What the directory knows already is on file without a paper: elections by the kind they meet.
ELECTED = {"gb_paye": "starter_declaration", "us_w4": "w4"}
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Lacking:
    """One thing that is not on file: its code and title, why, and the steps it blocks.

    `reason` is missing, expired, rejected, or due: it may still be brought, by `due_on`. `clock` is
    how a duty with a last day stands: running, warning or late.
    """

    code: str
    title: str
    reason: str
    blocks: tuple[str, ...]
    about: str
    expires_on: date | None = None
    due_on: date | None = None
    clock: str = ""

    def stops(self, step: str) -> bool:
        """Whether it stands in the way of start or pay now."""
        return self.reason != rules.DUE and step in self.blocks


def missing(
    assignments: Iterable[UUID], on: date, *, blocks: str = ""
) -> dict[UUID, list[Lacking]]:
    """What is not on file on a day for each of these assignments, where anything is; a few queries
    for all.

    With `blocks` (start or pay) only what stands in the way of that.
    """
    known = _Known(assignments, on)
    found: dict[UUID, list[Lacking]] = {}
    for row in known.rows:
        wanted = [item for item in known.lacking(row) if not blocks or item.stops(blocks)]
        if wanted:
            found[row.id] = wanted
    return found


def missing_by_code(assignments: Iterable[UUID], on: date) -> dict[UUID, frozenset[str]]:
    """The codes of what is not on file for each of these assignments."""
    wanted = set(assignments)
    if not wanted:
        return {}
    return {
        key: frozenset(item.code for item in items) for key, items in missing(wanted, on).items()
    }


def in_the_way(assignments: Iterable[UUID], on: date) -> dict[UUID, list[Fault]]:
    """Everything that keeps each of these assignments from being worked on, by name: what its
    agreement lacks, that nobody confirmed it, and what is not on file.
    """
    work = list(Assignment.objects.filter(pk__in=set(assignments)).select_related("approver"))
    if not work:
        return {}
    pending = [row for row in work if row.status == Status.PENDING]
    lacking = agreements.incomplete(pending)
    papers = missing([row.pk for row in work], on, blocks=rules.START)
    found: dict[UUID, list[Fault]] = {}
    for row in work:
        own = [Fault(fault.code, fault.detail) for fault in lacking.get(row.pk, ())]
        if row.status == Status.PENDING:
            own.append(Fault("not_confirmed", "Nobody has confirmed it."))
        own += [
            Fault(
                "paper_missing",
                f"{item.title} is {item.reason}.",
                facts=MappingProxyType({"requirement": item.code}),
            )
            for item in papers.get(row.pk, ())
        ]
        found[row.pk] = own
    return found


def cleared_to_start(assignment: UUID, on: date) -> bool:
    """Whether nothing that blocks the start is missing on a day."""
    return assignment not in missing([assignment], on, blocks="start")


def clocked() -> list[str]:
    """The codes of what may be brought some days after the start."""
    asked = Requirement.objects.filter(days_after_start__isnull=False)
    return list(asked.values_list("code", flat=True))


def live(about: Q) -> QuerySet[Assignment]:
    """The assignments that are confirmed, cleared or running, of these."""
    return Assignment.objects.filter(about, status__in=LIVE)


# --- what is missing ------------------------------------------------------------------------------


class _Work(NamedTuple):
    """An assignment with what decides which papers it calls for."""

    id: UUID
    worker_id: UUID
    client_id: UUID
    intermediary_id: UUID | None
    engagement: str
    service_line: str
    starts_on: date
    ends_on: date | None
    site_country: str | None
    region: str | None
    client_country: str
    ownership: str
    company_kind: str | None
    self_billing: bool | None
    approved_from: date | None
    approved_until: date | None

    @property
    def country(self) -> str:
        """Where it is done."""
        return self.site_country or self.client_country


_PATHS = {
    "site_country": "site__country",
    "region": "site__region",
    "client_country": "client__country",
    "ownership": "client__ownership",
    "company_kind": "intermediary__kind",
    "self_billing": "intermediary__self_billing",
    "approved_from": "intermediary__approved_from",
    "approved_until": "intermediary__approved_until",
}


class _Known:
    """Everything that clearing a set of assignments needs, read in a few queries."""

    def __init__(self, assignments: Iterable[UUID], on: date) -> None:
        self.on = on
        self.asked = {
            row.code: row for row in Requirement.objects.filter(is_active=True).order_by("id")
        }
        self.rules = [_rule(row) for row in self.asked.values()]
        # where nothing is asked for, nothing is looked for
        about = Assignment.objects.filter(pk__among=set(assignments) if self.rules else ())
        self.rows = list(rows.read(_Work, about.order_by("id"), **_PATHS))
        self.workers = {row.worker_id for row in self.rows}
        self.papers = _papers(self.rows)
        self.elected = _elected(self.workers, on)
        self.accounts = directory.approved_accounts(
            workers=self.workers,
            intermediaries={row.intermediary_id for row in self.rows if row.intermediary_id},
        )
        self.agreements = directory.self_billing(
            {row.intermediary_id for row in self.rows if row.intermediary_id}
        )
        self.first_days = _first_days(self.workers)

    def lacking(self, row: _Work) -> list[Lacking]:
        """What is not on file for one of them, in the order of the requirements."""
        started_on = self.first_days.get(row.worker_id, row.starts_on)
        cleared = rules.clearance(
            [one for one in self.rules if _lasts(row, self.asked[one.code].over_months)],
            _facts(row),
            self._evidence(row),
            self.on,
            started_on=started_on,
            business_days=_business_days(row.country),
        )
        return [self._lacking(standing, row, started_on) for standing in cleared.missing]

    def _lacking(self, standing: rules.Standing, row: _Work, started_on: date) -> Lacking:
        asked = self.asked[standing.requirement.code]
        state = ""
        if asked.days_after_start is not None:
            days = _business_days(row.country)
            state = rules.clock(started_on, asked.days_after_start, self.on, days).state
        return Lacking(
            asked.code,
            asked.title,
            standing.reason,
            tuple(asked.blocks),
            asked.about,
            standing.expires_on,
            standing.due_on,
            state,
        )

    def _evidence(self, row: _Work) -> list[rules.Evidence]:
        own = [
            *self.papers.get(row.worker_id, ()),
            *self.papers.get(row.id, ()),
            *self.elected.get(row.worker_id, ()),
        ]
        company = row.intermediary_id
        if company is not None:
            own += self.papers.get(company, ())
            if row.approved_from is not None:
                kind = f"{row.company_kind}_approved"
                own.append(rules.Evidence(company, kind, row.approved_from, row.approved_until))
            own += [
                rules.Evidence(
                    one.pk, "self_billing_agreement", one.valid.lower, one.valid.upper - DAY
                )
                for one in self.agreements.get(company, ())
            ]
        payee = row.intermediary_id if row.engagement in COMPANY else row.worker_id
        account = self.accounts.get(payee) if payee else None
        if account is not None and account.decided_at is not None:
            own.append(rules.Evidence(account.id, "bank_account", account.decided_at.date()))
        return own


def _lasts(row: _Work, months: int | None) -> bool:
    """Whether work is agreed for more than so many months; work without an end is."""
    if months is None or row.ends_on is None:
        return True
    return row.ends_on >= months_after(row.starts_on, months)


def _papers(work: Sequence[_Work]) -> dict[UUID, list[rules.Evidence]]:
    found: dict[UUID, list[rules.Evidence]] = {}
    papers = Evidence.objects.filter(
        Q(worker__among={row.worker_id for row in work})
        | Q(assignment__among={row.id for row in work})
        | Q(intermediary__among={row.intermediary_id for row in work if row.intermediary_id}),
        withdrawn_at__isnull=True,
    ).values_list(
        "id", "kind", "dated_on", "expires_on", "scope", "worker", "assignment", "intermediary"
    )
    for key, kind, dated_on, expires_on, scope, *subjects in papers:
        value = rules.Evidence(key, kind, dated_on, expires_on, scope=MappingProxyType(scope))
        for subject in subjects:
            if subject is not None:
                found.setdefault(subject, []).append(value)
    return found


def _elected(workers: set[UUID], on: date) -> dict[UUID, list[rules.Evidence]]:
    """What a worker elected stands for the form it was elected on."""
    elected = TaxElection.objects.filter(
        worker__among=workers, kind__in=ELECTED, withdrawn=False, valid__startswith__lte=on
    )
    found: dict[UUID, list[rules.Evidence]] = {}
    for worker, kind, key, valid in elected.values_list("worker", "kind", "id", "valid"):
        found.setdefault(worker, []).append(rules.Evidence(key, ELECTED[kind], valid.lower))
    return found


def _first_days(workers: set[UUID]) -> dict[UUID, date]:
    """The first day of paid work of each worker with this firm."""
    first = (
        Assignment.objects.filter(worker__among=workers)
        .exclude(status__in=[Status.PENDING, Status.CANCELLED])
        .values("worker")
        .annotate(first=Min("starts_on"))
    )
    return {row["worker"]: row["first"] for row in first}


def _rule(row: Requirement) -> rules.Requirement:
    when = {fact: frozenset(values) for fact, values in row.when.items() if values}
    if row.country:
        when["country"] = frozenset({row.country})
    return rules.Requirement(
        row.code,
        row.title,
        row.about,
        frozenset(row.blocks),
        MappingProxyType(when),
        accepts=frozenset({row.code, *row.accepts}),
        valid_days=row.valid_days,
        days_after_start=row.days_after_start,
        since=row.since,
        until=row.until,
        source=row.source,
    )


def _facts(row: _Work) -> dict[str, str]:
    facts = {
        "country": row.country,
        "region": row.region or "",
        "engagement": row.engagement,
        "client": str(row.client_id),
        "client_class": row.ownership,
        "sector": row.service_line,
        "invoicing": "self_bill" if row.self_billing else "own",
    }
    told = {name: fact for name, fact in facts.items() if fact}
    # What a paper was given for is compared whole: no company is a fact, too.
    return told | {"intermediary": str(row.intermediary_id or "")}


def _business_days(country: str) -> rules.BusinessDays:
    calendar = CALENDARS[country]

    def count(day: date, n: int) -> date:
        try:
            return business_day(day, n, calendar)
        except NoRule:
            # Of a year whose holidays are not held the weekdays alone are counted, which is the
            # earlier day: a duty is never told as less urgent than it is.
            return _weekday(day, n)

    return count


def _weekday(day: date, n: int) -> date:
    step = timedelta(days=1 if n >= 0 else -1)
    left = abs(n)
    while left or day.weekday() >= SATURDAY:
        day += step
        if day.weekday() < SATURDAY and left:
            left -= 1
    return day
