"""Pay day, for tests that follow work to money: everybody who can be paid, the work they did, and
the three persons who see a run through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from backline.kernel import ids
from backline.kernel.actors import Actor
from tests.backline.week import ANN, AT, MONDAY, TOLD, Post, attend, in_books, posts

if TYPE_CHECKING:
    from uuid import UUID

    from tenants.backend.seats import Place
    from tests.wire import Reply, Wire

TUESDAY = datetime(2026, 6, 9, 9, 0, tzinfo=UTC)  # the week before is over, its pay day is Friday
FRIDAY = date(2026, 6, 12)
BOB, CAT = Actor("person", "psn_bob", "Bob"), Actor("person", "psn_cat", "Cat")
UK_ELECTION = {"tax_code": "1257L", "tax_basis": "cumulative", "ni_letter": "A"}
US_ELECTION = {"form": 2020, "status": "single"}


@dataclass(frozen=True, slots=True)
class Three:
    """Who prepares, who approves and who releases, each signed in with both factors."""

    preparer: Wire
    approver: Wire
    releaser: Wire


def three(agency: Place, partner: Place) -> Three:
    """Payroll and a director of the partner, and the owner of the agency between them."""
    from tests.api.office import inside
    from tests.callers import signed_in
    from tests.wire import Wire

    return Three(
        inside(partner, agency, "ops_payroll", f"pay{agency.schema[-6:]}"),
        Wire(signed_in(agency, "owner", f"own{agency.schema[-6:]}")),
        inside(partner, agency, "partner_admin", f"adm{agency.schema[-6:]}"),
    )


def clock(place: Place, at: datetime = TUESDAY) -> None:
    """Move a firm's own clock."""
    from tenants import tenancy
    from tenants.agencies.models import Firm

    with tenancy.shared():
        Firm.objects.filter(schema=place.schema).update(clock=at)


def employer(country: str = "GB") -> None:
    """A firm that can pay: registered, with an account, weekly and monthly calendars."""
    from backline.directory import actions as directory
    from backline.payroll import actions as payroll

    uk = country == "GB"
    authorities: dict[str, dict[str, str]] = (
        {"hmrc_paye": {}, "hmrc_cis": {}} if uk else {"irs": {}}
    )
    if not uk:
        authorities |= {"state:TX": {"rate": "0.027"}, "state:IL": {"rate": "0.0325"}}
    for authority, facts in authorities.items():
        directory.register(
            authority,
            reference="123/AB456" if uk else "12-3456789",
            facts=facts,
            since=date(2026, 1, 1),
            **TOLD,
        )
    facts = (
        {"sun": "123456", "sort_code": "404784"}
        if uk
        else {"routing": "021000021", "origin": "1234567890", "bank_name": "First Bank"}
    )
    currency = "GBP" if uk else "USD"
    directory.add_paying_account(
        name="Wages",
        rail="bacs" if uk else "ach",
        currency=currency,
        account="12345678",
        facts=facts,
        **TOLD,
    )
    routes = ["paye", "umbrella", "limited", "sow", "cis"] if uk else ["w2", "1099"]
    for frequency, anchor, lag in (("weekly", MONDAY, 5), ("monthly", date(2026, 5, 1), 10)):
        payroll.add_calendar(
            name=frequency.title(),
            frequency=frequency,
            engagements=routes,
            currency=currency,
            anchor_on=anchor,
            pay_lag_days=lag,
            holidays="gb.england_wales" if uk else "us.federal_reserve",
            **TOLD,
        )


def payable(
    workers: Sequence[UUID] = (), companies: Sequence[UUID] = (), *, uk: bool = True
) -> None:
    """Let these be paid: an approved account each, and for workers what their tax goes by."""
    from backline.directory.models import BankAccount, TaxElection
    from backline.kernel import dated

    facts = UK_ELECTION if uk else US_ELECTION
    kind, since = ("gb_paye", date(2026, 4, 6)) if uk else ("us_w4", date(2026, 1, 1))
    TaxElection.objects.bulk_create(
        TaxElection(
            worker_id=worker,
            kind=kind,
            facts=facts,
            valid=dated.since(since),
            source="p45",
            set_at=AT,
            set_by=ANN.as_json(),
        )
        for worker in workers
    )
    BankAccount.objects.bulk_create(
        [
            *(account(worker=worker, uk=uk) for worker in workers),
            *(account(company=company, uk=uk) for company in companies),
        ]
    )


def account(*, worker: UUID | None = None, company: UUID | None = None, uk: bool = True) -> Any:
    """An account that two persons agreed to."""
    from backline.directory.models import BankAccount

    return BankAccount(
        worker_id=worker,
        intermediary_id=company,
        rail="bacs" if uk else "ach",
        holder="A Byron",
        routing="404784" if uk else "021000021",
        account="70872490",
        account_last="2490",
        account_type="" if uk else "checking",
        state="approved",
        proposed_by=ANN.as_json(),
        proposed_by_id=ANN.id,
        proposed_at=AT,
        decided_by=BOB.as_json(),
        decided_by_id=BOB.id,
        decided_at=AT,
    )


def company(kind: str, **more: Any) -> UUID:
    """A company between the firm and a worker, approved for this year."""
    from backline.directory import actions as directory
    from backline.kernel.outcomes import one

    facts: dict[str, Any] = {
        "legal_name": f"{kind.title()} Works Ltd",
        "vat_number": "GB123456789",
        "vat_registered": True,
        "self_billing": True,
        "approved_from": date(2026, 1, 1),
        "email": "accounts@works.example",
    } | more
    new = directory.NewIntermediary(kind=kind, **facts)
    return one(directory.add_intermediaries([new], **TOLD))


def through(post: Post, intermediary: UUID) -> None:
    """Let an assignment be paid through a company."""
    from backline.assignments.models import Assignment

    Assignment.objects.filter(pk=post.assignment).update(intermediary=intermediary)


def earns(
    some: Sequence[Post],
    pay: str | None = "600.00",
    bill: str | None = "840.00",
    *,
    on: date = MONDAY,
    key: str = "work",
    **more: Any,
) -> list[UUID]:
    """Work that was agreed: forty hours a post, priced; for tests that begin after approval."""
    from backline.charges import agreed
    from backline.kernel.outcomes import one

    currency = more.pop("currency", "GBP")
    hours = Decimal(more.pop("hours", "40"))
    kind, code, unit = more.pop("kind", "agreed"), more.pop("code", "regular"), "hour"
    treatment, paid_as = more.pop("treatment", "standard"), more.pop("paid_as", "work")

    def side(amount: str | None, treated: str) -> agreed.Agreed | None:
        if amount is None:
            return None
        whole = Decimal(amount)
        return agreed.Agreed(hours, whole / hours, whole, currency, treated)

    made = agreed.post_agreed(
        [
            agreed.NewCharge(
                key=f"{key}:{post.assignment}:{on}",
                kind=kind,
                assignment=post.assignment,
                worked_on=on,
                code=code,
                label=more.get("label", "Regular"),
                reason="worked",
                unit=unit,
                pay=side(pay, paid_as),
                bill=side(bill, treatment),
            )
            for post in some
        ],
        **TOLD,
    )
    return [one([outcome]) for outcome in made]


def staffed(place: Place, count: int = 1, *, country: str = "GB", **more: Any) -> list[Post]:
    """So many workers at work in a firm that can pay them, their first week earned."""
    uk = country == "GB"
    more.setdefault("engagement", "paye" if uk else "w2")
    work = more.pop("earned", {})
    employer(country)
    if not uk:
        from tests.backline.week import client_of

        more.setdefault("at", client_of(place, where=("US", "USD", "America/Chicago"), region="TX"))
    some = posts(place, count, **more)
    payable([post.worker for post in some], uk=uk)
    earns(some, **{"currency": "GBP" if uk else "USD"} | work)
    return some


def opened(place: Place, at: datetime = TUESDAY, frequency: str = "weekly") -> str:
    """The run that the clock opened for the week that is over."""
    from backline.payroll import tasks
    from backline.payroll.models import PayRun

    clock(place, at)

    def open_them() -> str:
        tasks.open_runs(at=at)
        run = (
            PayRun.objects.filter(calendar__frequency=frequency).order_by("-ends_on", "-id").first()
        )
        assert run is not None
        return ids.public("run", run.pk)

    run: str = in_books(place, open_them)
    return run


def calculated(place: Place, wire: Wire, run: str) -> Reply:
    """The run once its operation is through."""
    wire.post(f"/v1/pay-runs/{run}/calculate").done()
    attend(place)
    return wire.get(f"/v1/pay-runs/{run}").done()


def released(place: Place, people: Three, run: str) -> Reply:
    """The run seen through by its three persons."""
    calculated(place, people.preparer, run)
    people.preparer.post(f"/v1/pay-runs/{run}/submit").done()
    people.approver.post(f"/v1/pay-runs/{run}/approve", {}).done()
    return people.releaser.post(f"/v1/pay-runs/{run}/release", key=f"release-{run}").done()


def money(amount: str, currency: str = "GBP") -> dict[str, str]:
    """Money as it stands on the wire."""
    return {"amount": amount, "currency": currency}


def sums(place: Place) -> dict[str, Decimal]:
    """Debits less credits of every account with anything on it."""
    from backline.ledger import queries as ledger

    rows = in_books(place, lambda: ledger.trial_balance(date(2027, 12, 31)))
    return {row.code: row.debits - row.credits for row in rows if row.debits != row.credits}
