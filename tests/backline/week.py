"""A firm at work, for tests that follow time to money: assignments ready for it, made in a few
calls, and the hours of a week.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from backline.kernel import ids
from backline.kernel.actors import Actor

if TYPE_CHECKING:
    from uuid import UUID

    from tenants.backend.seats import Place
    from tests.wire import Wire

MONDAY = date(2026, 6, 1)
AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ANN = Actor("person", "psn_ann", "Ann")
TOLD: dict[str, Any] = {"actor": ANN, "at": AT}
REGULAR = ("regular", "15.00", "21.00")


@dataclass(frozen=True, slots=True)
class Post:
    """An assignment and the people around it, as the database knows them and as the wire does."""

    assignment: UUID
    worker: UUID
    client: UUID
    contact: UUID

    @property
    def asg(self) -> str:
        """The assignment's public id."""
        return ids.public("asg", self.assignment)


def client_of(place: Place, **more: Any) -> tuple[UUID, UUID, UUID]:
    """A client with an approver and a site; `more` are facts of its terms."""
    from backline.directory import actions as directory
    from backline.kernel.outcomes import one

    country, currency, zone = more.pop("where", ("GB", "GBP", "Europe/London"))
    region = more.pop("region", "")
    client = one(
        directory.add_clients(
            [directory.NewClient(legal_name="Widgets Ltd", country=country, currency=currency)],
            **TOLD,
        )
    )
    directory.agree_terms(client, directory.NewTerms(since=date(2026, 1, 1), **more), **TOLD)
    contact = one(
        directory.add_contacts(
            [
                directory.NewContact(
                    client=client,
                    name="Meg Moss",
                    email="meg@widgets.example",
                    phone="+447700900001",
                    job_title="Shift Manager",
                )
            ],
            **TOLD,
        )
    )
    site = one(
        directory.add_sites(
            [
                directory.NewSite(
                    client=client, name="Works", country=country, time_zone=zone, region=region
                )
            ],
            **TOLD,
        )
    )
    return client, contact, site


def posts(
    place: Place,
    count: int = 1,
    *,
    at: tuple[UUID, UUID, UUID] | None = None,
    workers: Sequence[UUID] = (),
    rates: Sequence[tuple[str, str | None, str | None]] = (REGULAR,),
    engagement: str = "paye",
    starts_on: date = MONDAY,
    ends_on: date | None = None,
    time_unit: str = "hour",
    pay_frequency: str = "weekly",
    overtime: dict[str, Any] | None = None,
    consultant: str = "",
    service_line: str = "",
) -> list[Post]:
    """So many assignments on which time may be reported; in the books that are open."""
    from backline.assignments import actions as assignments
    from backline.assignments.models import Assignment
    from backline.directory import actions as directory
    from backline.onboarding.models import Requirement

    country = "US" if engagement in {"w2", "1099"} else "GB"
    currency = "USD" if country == "US" else "GBP"
    client, contact, site = at or client_of(place)
    known = list(workers) or [
        outcome.id
        for outcome in directory.add_workers(
            [
                directory.NewWorker(
                    given_name="Ada",
                    family_name=f"Byron {n}" if n else "Byron",
                    country=country,
                    email=f"ada{n}@example.com",
                    phone=f"+44770090{n:04d}",
                )
                for n in range(count)
            ],
            **TOLD,
        )
    ]
    agreed = assignments.NewRates(
        since=starts_on,
        rates=[_rate(*rate, unit=time_unit) for rate in rates],
        pay_currency=currency,
        bill_currency=currency,
    )
    made = assignments.add(
        [
            assignments.NewAssignment(
                worker=worker,
                client=client,
                engagement=engagement,
                starts_on=starts_on,
                ends_on=ends_on,
                pay_frequency=pay_frequency,
                rates=agreed,
                site=site,
                approver=contact,
                time_unit=time_unit,
                overtime=overtime or {},
                consultant=consultant,
                service_line=service_line,
            )
            for worker in known
        ],
        **TOLD,
    )
    keys = [outcome.id for outcome in made]
    Requirement.objects.update(is_active=False)  # papers are another story
    assignments.confirm(keys, **TOLD)
    assignments.clear(keys, **TOLD)
    assert set(Assignment.objects.filter(pk__in=keys).values_list("status", flat=True)) <= {
        "ready",
        "active",
    }
    return [Post(key, worker, client, contact) for key, worker in zip(keys, known, strict=True)]


def _rate(code: str, pay: str | None, bill: str | None, *, unit: str) -> Any:
    from backline.assignments import actions as assignments

    return assignments.NewRate(
        code, Decimal(pay) if pay else None, Decimal(bill) if bill else None, unit
    )


def sheet(
    post: Post, *hours: str, starts_on: date = MONDAY, submit: bool = True, **more: Any
) -> dict[str, Any]:
    """A week of hours as it is sent; one figure a day from the first one on."""
    return {
        "assignment": post.asg,
        "starts_on": starts_on.isoformat(),
        "entries": [
            {"worked_on": (starts_on + timedelta(n)).isoformat(), "quantity": quantity}
            for n, quantity in enumerate(hours)
            if quantity
        ],
        "submit": submit,
        **more,
    }


def approved(wire: Wire, post: Post, *hours: str, **more: Any) -> dict[str, Any]:
    """A week that was reported and approved over the wire."""
    sent = wire.post("/v1/timesheets", sheet(post, *hours, **more)).done()
    done: dict[str, Any] = wire.post(f"/v1/timesheets/{sent['id']}/approve", {}).done().body
    return done


def in_books(place: Place, deed: Callable[[], Any]) -> Any:
    """Do a thing in a firm's books."""
    from tenants import tenancy

    with tenancy.firm(place.ref):
        return deed()


def attend(place: Place, rounds: int = 12) -> None:
    """Let everything that waits happen: events numbered, consumers read on, operations done."""
    from backline.kernel import consumers, feed, operations
    from tenants import tenancy

    for _ in range(rounds):
        with tenancy.firm(place.ref):
            moved = feed.number() if feed.is_waiting() else 0
            moved += sum(consumers.run(name) for name in list(consumers.CONSUMERS))
            due = operations.next_due()
            if due is not None:
                operations.run_chunk(due, AT)
        if not moved and due is None:
            return


def exceptions(place: Place, kind: str) -> list[dict[str, Any]]:
    """The exceptions of a kind, oldest first."""
    from backline.desk.models import Trouble
    from tenants import tenancy

    with tenancy.firm(place.ref):
        return [dict(row) for row in Trouble.objects.filter(kind=kind).order_by("id").values()]
