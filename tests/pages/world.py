"""A small world for pages: a firm with two weeks of work, one paid and one under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from backline.kernel import ids, links, operations
from backline.kernel.actors import SYSTEM, Actor
from backline.kernel.outcomes import one

if TYPE_CHECKING:
    from tenants.backend.seats import Place

FIRST = date(2026, 6, 1)  # the week that is paid
SECOND = date(2026, 6, 8)  # the week under way
HIRED = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
CLOSED = datetime(2026, 6, 8, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
PEOPLE = (
    ("Ada", "Okonkwo", "Warehouse operative", "13.40", "18.90"),
    ("Ben", "Carter", "Forklift driver", "15.80", "22.10"),
    ("Chloe", "Novak", "Packer", "12.90", "17.60"),
    ("Dan", "Abbott", "Team leader", "17.20", "24.50"),
)
OFFICE: dict[str, Any] = {"actor": Actor("person", "psn_office", "Olga Reed", "owner")}
PREPARER = Actor("person", "psn_preparer", "Pat Lind", "ops_payroll")
APPROVER = Actor("person", "psn_approver", "Nora Blake", "owner")
NOTHING = UUID(int=0)  # until it is made
RELEASER = Actor("person", "psn_releaser", "Rita Osei", "partner_admin")


@dataclass
class World:
    """What a firm holds, by the given name of the worker it is about."""

    place: Place
    workers: dict[str, UUID] = field(default_factory=dict)
    assignments: dict[str, UUID] = field(default_factory=dict)
    sheets: dict[str, UUID] = field(default_factory=dict)
    paid: UUID = NOTHING
    run: UUID = NOTHING
    client: UUID = NOTHING

    def books(self) -> Any:
        """The firm's books."""
        from tenants import tenancy

        return tenancy.firm(self.place.ref)

    def read(self, deed: Callable[[], Any]) -> Any:
        """Read a thing in the firm's books."""
        with self.books():
            return deed()

    def link(self, name: str, lasts: timedelta = timedelta(days=14)) -> str:
        """A link to somebody's sheet of this week, to whoever holds it up; its token."""
        from backline.timesheets.actions import asking
        from backline.timesheets.actions.moving import held

        with self.books():
            (row,) = held([self.sheets[name]])
            who, reach = asking.reach_of(row, "email")
            ask = asking.Ask(row, f"test:{row.pk}", "test", "email", who, reach)
            new = replace(asking._link(ask, NOW), expires_at=NOW + lasts)
            return links.issue_all([new], at=NOW)[0]


def stands(place: Place) -> World:
    """A firm that paid a week and is in the middle of the next."""
    world = World(place)
    move_clock(place, NOW)
    with world.books():
        _open(world)
        _hire(world)
        _work(world, FIRST, at=CLOSED, approve=("Ada", "Ben", "Chloe", "Dan"))
        world.paid = _pay(world, FIRST, at=CLOSED, release=True)
        _bill(world)
        _work(world, SECOND, at=NOW, approve=("Ada", "Ben"), submit=("Chloe",))
        world.run = _pay(world, SECOND, at=NOW, release=False)
    return world


def move_clock(place: Place, at: datetime) -> None:
    """Let time have passed for a firm."""
    from tenants import tenancy
    from tenants.agencies import actions

    with tenancy.shared():
        actions.set_clock(key_of(place), clock=at, actor=SYSTEM, at=at)


def key_of(place: Place) -> UUID:
    """The key of a firm's row."""
    key = ids.parse("agy", place.ref)
    assert key is not None
    return key


def publish(place: Place) -> None:
    """Tell the partner the firm's sums."""
    from backline.kernel import feed
    from tenants import tenancy
    from tenants.reports import rolling

    with tenancy.firm(place.ref):
        feed.number()
    rolling.roll(place.ref, at=NOW)


def _open(world: World) -> None:
    from backline.directory import actions as directory
    from backline.funding import actions as funding
    from backline.payroll import actions as payroll

    told = {**OFFICE, "at": HIRED}
    directory.change_firm(
        {
            "trading_name": "Acorn Staffing",
            "email": "payroll@acorn.example",
            "phone": "0113 496 0140",
        },
        **told,
    )
    directory.register("hmrc_paye", reference="123/AB456", facts={}, since=date(2026, 1, 1), **told)
    directory.add_paying_account(
        name="Wages",
        rail="bacs",
        currency="GBP",
        account="12345678",
        facts={"sun": "123456", "sort_code": "404784"},
        **told,
    )
    payroll.add_calendar(
        name="Weekly PAYE",
        frequency="weekly",
        engagements=["paye"],
        currency="GBP",
        anchor_on=FIRST,
        pay_lag_days=12,
        holidays="gb.england_wales",
        **told,
    )
    funding.agree_terms(
        world.place.partner,
        {
            "advance_share": "0.90",
            "fees": [{"code": "service", "kind": "flat", "share": "0.01", "vat_share": "0.20"}],
        },
        since=date(2026, 1, 1),
        currency="GBP",
        **told,
    )


def _hire(world: World) -> None:
    from backline.assignments import actions as assignments
    from backline.directory import actions as directory
    from backline.onboarding.models import Requirement

    told = {**OFFICE, "at": HIRED}
    client = one(
        directory.add_clients(
            [directory.NewClient(legal_name="Pennine Foods", country="GB", currency="GBP")], **told
        )
    )
    world.client = client
    directory.agree_terms(client, directory.NewTerms(since=date(2026, 1, 1)), **told)
    contact = one(
        directory.add_contacts(
            [
                directory.NewContact(
                    client=client,
                    name="Colin Braithwaite",
                    email="colin@pennine.example",
                    job_title="Shift manager",
                )
            ],
            **told,
        )
    )
    site = one(
        directory.add_sites(
            [
                directory.NewSite(
                    client=client, name="Wakefield", country="GB", time_zone="Europe/London"
                )
            ],
            **told,
        )
    )
    Requirement.objects.update(is_active=False)  # papers are another story
    for n, (given, family, title, pay, bill) in enumerate(PEOPLE):
        worker = one(
            directory.add_workers(
                [
                    directory.NewWorker(
                        given_name=given,
                        family_name=family,
                        country="GB",
                        email=f"{given.lower()}@workers.example",
                        born_on="1990-05-01",
                        reference=f"N-{400 + n}",
                    )
                ],
                **told,
            )
        )
        world.workers[given] = worker
        facts = {"tax_code": "1257L", "tax_basis": "cumulative", "ni_letter": "A"}
        since = date(2026, 4, 6)
        directory.elect(worker, "gb_paye", facts=facts, since=since, source="p45", **told)
        if given != "Dan":  # who has brought no account yet
            account = directory.propose(
                worker=worker,
                rail="bacs",
                holder=f"{given} {family}",
                routing="40-47-84",
                account=f"7087249{n}",
                **told,
            )
            one(directory.approve([account.pk], actor=PREPARER, at=HIRED))
        rates = assignments.NewRates(
            since=FIRST,
            rates=[assignments.NewRate("regular", Decimal(pay), Decimal(bill))],
            pay_currency="GBP",
            bill_currency="GBP",
        )
        new = assignments.NewAssignment(
            worker=worker,
            client=client,
            engagement="paye",
            starts_on=FIRST,
            pay_frequency="weekly",
            rates=rates,
            site=site,
            approver=contact,
            job_title=title,
            overtime={"weekly_over": "40", "factor": "1.5"},
        )
        world.assignments[given] = one(assignments.add([new], **told))
    keys = list(world.assignments.values())
    assignments.confirm(keys, **told)
    assignments.clear(keys, **told)


def _work(
    world: World,
    monday: date,
    *,
    at: datetime,
    approve: tuple[str, ...],
    submit: tuple[str, ...] = (),
) -> None:
    from backline.timesheets import actions
    from backline.timesheets.models import Timesheet

    actions.open_due(monday, actor=SYSTEM, at=at)
    names = {key: name for name, key in world.assignments.items()}
    for sheet in Timesheet.objects.filter(starts_on=monday):
        world.sheets[names[sheet.assignment_id]] = sheet.pk
    for name in (*approve, *submit):
        days = 5 if name != "Ben" or monday == FIRST else 4
        new = actions.NewSheet(
            assignment=world.assignments[name],
            starts_on=monday,
            entries=[_day(monday + timedelta(n), name) for n in range(days)],
            submit=True,
        )
        one(actions.enter([new], actor=OFFICE["actor"], at=at))
    actions.approve([world.sheets[name] for name in approve], actor=APPROVER, at=at)


def _day(day: date, name: str) -> Any:
    from backline.timesheets.actions import NewEntry

    if name != "Chloe":
        return NewEntry(worked_on=day, quantity=Decimal("8.00"))
    begins = datetime(day.year, day.month, day.day, 5, 0, tzinfo=UTC)
    return NewEntry(
        worked_on=day,
        started_at=begins,
        ended_at=begins + timedelta(hours=8, minutes=30),
        break_minutes=30,
    )


def _pay(world: World, monday: date, *, at: datetime, release: bool) -> UUID:
    from backline.payroll import actions as payroll
    from backline.payroll.models import PayRun

    payroll.open_due(monday + timedelta(days=7), actor=SYSTEM, at=at)
    run = PayRun.objects.get(starts_on=monday)
    operation = payroll.calculate(run.pk, actor=PREPARER, at=at)
    while operations.run_chunk(operation.pk, at):
        pass
    payroll.submit(run.pk, actor=PREPARER, at=at)
    if release:
        payroll.approve(run.pk, actor=APPROVER, at=at)
        payroll.release(run.pk, actor=RELEASER, at=at)
    return run.pk


def _bill(world: World) -> None:
    from backline.invoicing import actions as invoicing

    for draft in invoicing.draft([world.client], actor=OFFICE["actor"], at=CLOSED):
        one(invoicing.finalize([draft], actor=OFFICE["actor"], at=CLOSED))
