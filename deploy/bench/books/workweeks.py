"""Workweeks: two agencies, one on each side of the sea, whose workers' approved time is at hand."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.assignments import actions as assignments
from backline.directory import actions as directory
from backline.directory.models import BankAccount, TaxElection
from backline.invoicing import actions as invoicing
from backline.invoicing.models import Invoice
from backline.kernel import consumers, dated, feed, ids, operations
from backline.kernel.actors import Actor
from backline.kernel.models import Operation
from backline.kernel.outcomes import one as only
from backline.onboarding.models import Requirement
from backline.payroll import actions as payroll
from backline.payroll.models import PayRun
from backline.timesheets import actions as timesheets
from deploy.bench.books import firms
from deploy.bench.measuring import Differs
from tenants import tenancy

MONDAY = date(2026, 6, 1)
A_CLIENTS_WORKERS = 20
AT_ONCE = 1000
STATES = ("TX", "IL", "CA", "PA")
PAPERS = ("invoice.papers", "pay_run.papers")  # what a person fetches later is not in the week


def people() -> tuple[Actor, Actor, Actor]:
    """Who prepares, who approves and who releases."""
    ann, bob, cat = (Actor("person", f"psn_{name}", name.title()) for name in ("ann", "bob", "cat"))
    return ann, bob, cat


@dataclass(slots=True)
class Agency:
    """One agency and its assignments; `weeks` have been played."""

    country: str
    count: int
    key: str = ""
    ref: str = ""
    weeks: int = 0
    assignments: list[UUID] = field(default_factory=list)
    a_client: int = A_CLIENTS_WORKERS  # workers of one client

    @property
    def monday(self) -> date:
        """The first day of the week that is next."""
        return MONDAY + timedelta(days=7 * self.weeks)

    @property
    def tuesday(self) -> datetime:
        """When that week is paid and billed."""
        return datetime.combine(self.monday + timedelta(days=8), time(9), UTC)

    @property
    def currency(self) -> str:
        """What it pays and bills in."""
        return "GBP" if self.country == "GB" else "USD"

    @contextmanager
    def books(self) -> Iterator[None]:
        """Inside its books, in one transaction."""

        with tenancy.firm(self.ref):
            yield


def agencies(count: int, name: str = "weeks") -> list[Agency]:
    """Two agencies with so many workers between them, each with a running assignment."""
    some = [Agency("GB", count - count // 2), Agency("US", count // 2)]
    for one in some:
        one.key = f"{name}-{one.country}-{one.count}"
    each(some, begins)
    return some


def begins(one: Agency) -> None:
    """An agency with its books open and its workers at work."""
    _opens(one)
    _hires(one)
    follows(one)  # what comes of hiring them is no part of a week


def _told() -> dict[str, Any]:
    return {"actor": people()[0], "at": datetime.combine(MONDAY, time(9), UTC)}


def _opens(one: Agency) -> None:
    """Registrations, an account to pay from, a weekly calendar; papers are another story."""

    firm = firms.agency(one.key, one.country)
    one.ref = ids.public("agy", firm.pk)
    uk, told = one.country == "GB", _told()
    states = {f"state:{state}": {"rate": "0.027"} for state in STATES}
    with one.books():
        Requirement.objects.update(is_active=False)
        for authority, facts in ({"hmrc_paye": {}} if uk else {"irs": {}, **states}).items():
            number = "123/AB456" if uk else "12-3456789"
            directory.register(
                authority, reference=number, facts=facts, since=date(2026, 1, 1), **told
            )
        directory.add_paying_account(
            name="Wages", rail="bacs" if uk else "ach", currency=one.currency, account="12345678",
            facts={"sun": "123456", "sort_code": "404784"} if uk
            else {"routing": "021000021", "origin": "1234567890", "bank_name": "First Bank"},
            **told,
        )  # fmt: skip
        payroll.add_calendar(
            name="Weekly", frequency="weekly", engagements=["paye" if uk else "w2"],
            currency=one.currency, anchor_on=MONDAY, pay_lag_days=5,
            holidays="gb.england_wales" if uk else "us.federal_reserve", **told,
        )  # fmt: skip


def _hires(one: Agency) -> None:
    for start in range(0, one.count, AT_ONCE):
        with one.books():
            _hires_some(one, min(AT_ONCE, one.count - start))


def _hires_some(one: Agency, count: int) -> None:

    told, uk = _told(), one.country == "GB"
    sites = [_client(one, n, told) for n in range(-(-count // one.a_client))]
    workers = [
        row.id
        for row in directory.add_workers(
            [
                directory.NewWorker(
                    given_name="Ada", family_name=f"Byron {n}", country=one.country,
                    email=f"ada{n}@workers.example",
                )
                for n in range(count)
            ],
            **told,
        )
    ]  # fmt: skip
    made = []
    for n, worker in enumerate(workers):
        client, site, approver = sites[n // one.a_client]
        made.append(
            assignments.NewAssignment(
                worker=worker, client=client, site=site, approver=approver,
                engagement="paye" if uk else "w2", starts_on=MONDAY, pay_frequency="weekly",
                rates=assignments.NewRates(
                    since=MONDAY, pay_currency=one.currency, bill_currency=one.currency,
                    rates=[
                        assignments.NewRate(
                            "regular", Decimal(18 + n % 9), Decimal(25 + n % 9), "hour"
                        )
                    ],
                ),
            )
        )  # fmt: skip
    keys = [outcome.id for outcome in assignments.add(made, **told)]
    _well(assignments.confirm(keys, **told))
    assignments.clear(keys, **told)
    one.assignments += keys
    _elects(one, workers, told)


def _client(one: Agency, n: int, told: dict[str, Any]) -> tuple[UUID, UUID, UUID]:

    uk = one.country == "GB"
    new = directory.NewClient(legal_name=f"Widgets {n}", country=one.country, currency=one.currency)
    client = only(directory.add_clients([new], **told))
    directory.agree_terms(client, directory.NewTerms(since=date(2026, 1, 1)), **told)
    site = directory.NewSite(
        client=client, name="Works", country=one.country,
        region="" if uk else STATES[n % len(STATES)],
        time_zone="Europe/London" if uk else "America/Chicago",
    )  # fmt: skip
    contact = directory.NewContact(client=client, name="Meg Moss", email="meg@widgets.example")
    return (
        client,
        only(directory.add_sites([site], **told)),
        only(directory.add_contacts([contact], **told)),
    )


def _elects(one: Agency, workers: Sequence[UUID], told: dict[str, Any]) -> None:
    """What their tax goes by, and an account that two persons agreed to."""

    uk, (ann, bob, _) = one.country == "GB", people()
    facts: dict[str, Any] = (
        {"tax_code": "1257L", "tax_basis": "cumulative", "ni_letter": "A"}
        if uk
        else {"form": 2020, "status": "single"}
    )
    TaxElection.objects.bulk_create(
        TaxElection(
            worker_id=worker, kind="gb_paye" if uk else "us_w4", facts=facts, source="p45",
            valid=dated.since(date(2026, 4, 6) if uk else date(2026, 1, 1)),
            set_at=told["at"], set_by=ann.as_json(),
        )
        for worker in workers
    )  # fmt: skip
    BankAccount.objects.bulk_create(
        BankAccount(
            worker_id=worker, rail="bacs" if uk else "ach", holder="A Byron",
            routing="404784" if uk else "021000021", account="70872490", account_last="2490",
            account_type="" if uk else "checking", state="approved",
            proposed_by=ann.as_json(), proposed_by_id=ann.id, proposed_at=told["at"],
            decided_by=bob.as_json(), decided_by_id=bob.id, decided_at=told["at"],
        )
        for worker in workers
    )  # fmt: skip


def reports(one: Agency) -> Iterator[list[UUID]]:
    """Everybody's next week, reported and handed in: the sheets, a thousand at once, each thousand
    in the books that are open while it is looked at.
    """
    at = datetime.combine(one.monday + timedelta(days=7), time(9), UTC)
    for start in range(0, len(one.assignments), AT_ONCE):
        some = one.assignments[start : start + AT_ONCE]
        with one.books():
            made = timesheets.enter(
                [_sheet(one, n, key) for n, key in enumerate(some)], actor=people()[0], at=at
            )
            _well(made)
            yield [outcome.id for outcome in made]


def works(one: Agency) -> None:
    """Everybody's next week: reported, handed in and approved; what follows of it waits."""
    at = datetime.combine(one.monday + timedelta(days=7), time(9), UTC)
    for sheets in reports(one):
        _well(timesheets.approve(sheets, actor=people()[1], at=at))


def _well(outcomes: Iterable[Any]) -> None:
    """Raise Differs for the first that was refused."""
    refused = next((one.refusal for one in outcomes if one.refusal), None)
    if refused:
        raise Differs(f"A week cannot be prepared: {refused}")


def _sheet(one: Agency, n: int, key: UUID) -> Any:

    return timesheets.NewSheet(
        assignment=key,
        starts_on=one.monday,
        submit=True,
        entries=[
            timesheets.NewEntry(
                worked_on=one.monday + timedelta(days=day), quantity=Decimal(8 + n % 2)
            )
            for day in range(5)
        ],
    )


def pays_and_bills(one: Agency) -> None:
    """The week from approved time to books: paid by three people, billed, and all that follows."""

    at, (ann, bob, cat) = one.tuesday, people()
    follows(one)
    with one.books():
        payroll.open_due(at.date(), actor=ann, at=at)
        run = PayRun.objects.filter(state="open").latest("ends_on").pk
        payroll.calculate(run, actor=ann, at=at)
    follows(one)
    for deed, who in ((payroll.submit, ann), (payroll.approve, bob), (payroll.release, cat)):
        with one.books():
            deed(run, actor=who, at=at)
    with one.books():
        drafts = list(
            Invoice.objects.filter(state="draft").order_by("id").values_list("pk", flat=True)
        )
        invoicing.finalize_many(drafts, actor=ann, at=at)
    follows(one)
    one.weeks += 1


def follows(one: Agency) -> None:
    """Everything that waits, except papers, which are fetched later."""

    moved = True
    while moved:
        with one.books():
            moved = feed.is_waiting() and feed.number() > 0
        with one.books():
            late = consumers.late()
        for name in late:
            with one.books():
                moved = consumers.run(name) > 0 or moved
        with one.books():
            waits = due()
            if waits is not None:
                operations.run_chunk(waits, one.tuesday)
        moved = moved or waits is not None


def due() -> UUID | None:
    """The next operation with something to do, papers left out."""
    rows = Operation.objects.filter(state__in=["pending", "running"]).exclude(kind__in=PAPERS)
    return rows.order_by("id").values_list("id", flat=True).first()


def each(some: Sequence[Agency], deed: Callable[[Agency], None]) -> None:
    """One after the other."""
    for one in some:
        deed(one)
