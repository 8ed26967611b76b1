"""Trade: an agency and its partner at work, by the stages' own actions, at a day one can move.

Each deed is a transaction of its own, as it would be behind the API.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from tenants.backend.seats import Place

FIRST_DAY = date(2026, 6, 1)
MORNING = datetime(2026, 6, 9, 9, 0, tzinfo=UTC)
TERMS = {
    "advance_share": "0.90",
    "fees": [{"code": "service", "kind": "flat", "share": "0.01", "vat_share": "0.20"}],
}
NUMBERS = count(1)


def person(name: str) -> Any:
    """Somebody who works at the agency."""
    from backline.kernel.actors import Actor

    return Actor("person", f"psn_{name}", name)


@dataclass
class Trade:
    """The books of one agency and of its partner, and what day it is."""

    agency: Place
    partner: Place
    at: datetime = MORNING
    told: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.told = {"actor": person("ann"), "at": self.at}

    def inside(self) -> Any:
        """The agency's books, open for one transaction."""
        from tenants import tenancy

        return tenancy.firm(self.agency.ref)

    def inside_partner(self) -> Any:
        """The partner's books, open for one transaction."""
        from tenants import tenancy

        return tenancy.firm(self.partner.ref)

    def goes_on(self, days: int) -> None:
        """Some days pass."""
        self.at += timedelta(days=days)
        self.told = {**self.told, "at": self.at}

    @property
    def on(self) -> date:
        """What day it is."""
        return self.at.date()

    # --- the agency opens and engages ----------------------------------------------------------

    def opens(self) -> Trade:
        """Everything that pay needs of the firm, and no paper asked for."""
        from backline.directory import actions as directory
        from backline.onboarding import actions as onboarding
        from backline.payroll import actions as payroll

        with self.inside():
            directory.register(
                "hmrc_paye", reference="123/AB456", facts={}, since=date(2026, 1, 1), **self.told
            )
            directory.add_paying_account(
                name="Wages",
                rail="bacs",
                currency="GBP",
                account="12345678",
                facts={"sun": "123456", "sort_code": "404784"},
                **self.told,
            )
            payroll.add_calendar(
                name="Weekly",
                frequency="weekly",
                engagements=["paye"],
                currency="GBP",
                anchor_on=FIRST_DAY,
                pay_lag_days=5,
                holidays="gb.england_wales",
                **self.told,
            )
            for paper in ("right_to_work", "key_information", "terms_agreed"):
                onboarding.require(paper, {"is_active": False}, **self.told)
        return self

    def agrees_funding(self, facts: dict[str, Any] | None = None) -> None:
        """Funding terms from the beginning of the year."""
        from backline.funding import actions as funding

        with self.inside():
            funding.agree_terms(
                self.partner.ref,
                facts or TERMS,
                since=date(2026, 1, 1),
                currency="GBP",
                **self.told,
            )

    def client(self, name: str = "Widgets Ltd", *, limit: str = "", **terms: Any) -> UUID:
        """A client, with a credit limit and terms from the beginning of the year."""
        from backline.directory import actions as directory
        from backline.directory.models import Client
        from backline.kernel.outcomes import one

        with self.inside():
            new = directory.NewClient(legal_name=name, country="GB", currency="GBP")
            key = one(directory.add_clients([new], **self.told))
            wanted = directory.NewTerms(since=date(2026, 1, 1), **terms)
            directory.agree_terms(key, wanted, **self.told)
            if limit:
                Client.objects.filter(pk=key).update(credit_limit=Decimal(limit))
        return key

    def engages(self, client: UUID, *, pay: str = "15.00", bill: str = "21.00") -> UUID:
        """A new worker on a confirmed and cleared assignment at a client."""
        from backline.assignments import actions as assignments
        from backline.directory import actions as directory
        from backline.kernel.outcomes import one
        from backline.onboarding import actions as onboarding

        with self.inside():
            worker = self._worker(next(NUMBERS))
            contact = one(
                directory.add_contacts(
                    [directory.NewContact(client=client, name="Meg", email="meg@example.com")],
                    **self.told,
                )
            )
            site = one(
                directory.add_sites(
                    [
                        directory.NewSite(
                            client=client, name="Works", country="GB", time_zone="Europe/London"
                        )
                    ],
                    **self.told,
                )
            )
            rates = assignments.NewRates(
                since=FIRST_DAY,
                rates=[assignments.NewRate("regular", Decimal(pay), Decimal(bill))],
                pay_currency="GBP",
                bill_currency="GBP",
            )
            new = assignments.NewAssignment(
                worker=worker,
                client=client,
                engagement="paye",
                starts_on=FIRST_DAY,
                pay_frequency="weekly",
                rates=rates,
                site=site,
                approver=contact,
                overtime={"weekly_over": "40", "factor": "1.5"},
            )
            key = one(assignments.add([new], **self.told))
            one(assignments.confirm([key], **self.told))
            onboarding.look([key], **self.told)
        return key

    def _worker(self, number: int) -> UUID:
        from backline.directory import actions as directory
        from backline.kernel.outcomes import one

        new = directory.NewWorker(
            given_name=f"Ada {number}",
            family_name="Byron",
            country="GB",
            email=f"ada{number}@example.com",
            born_on="1990-05-01",
        )
        worker = one(directory.add_workers([new], **self.told))
        facts = {"tax_code": "1257L", "tax_basis": "cumulative", "ni_letter": "A"}
        since = date(2026, 4, 6)
        directory.elect(worker, "gb_paye", facts=facts, since=since, source="p45", **self.told)
        account = directory.propose(
            worker=worker,
            rail="bacs",
            holder="A Byron",
            routing="40-47-84",
            account="70872490",
            **self.told,
        )
        one(directory.approve([account.pk], actor=person("bob"), at=self.at))
        return worker

    # --- work, invoices, money -----------------------------------------------------------------

    def bills(self, assignment: UUID, net: str) -> UUID:
        """A final invoice over an agreed amount, and VAT on it."""
        return self.finalizes(self.drafts(assignment, net))

    def drafts(self, assignment: UUID, net: str) -> UUID:
        """A draft over an agreed amount, and VAT on it."""
        from backline.assignments.models import Assignment
        from backline.charges.agreed import Agreed, NewCharge, post_agreed
        from backline.invoicing import actions as invoicing
        from backline.kernel.outcomes import one

        amount = Decimal(net)
        with self.inside():
            new = NewCharge(
                key=f"test:{uuid4()}",
                kind="adjustment",
                assignment=assignment,
                worked_on=FIRST_DAY,
                code="fee",
                label="Agreed",
                reason="agreed",
                bill=Agreed(Decimal(1), amount, amount, "GBP", "standard"),
            )
            one(post_agreed([new], **self.told))
            client = Assignment.objects.get(pk=assignment).client_id
            (draft,) = invoicing.draft([client], **self.told)
        return UUID(str(draft))

    def finalizes(self, draft: UUID) -> UUID:
        """A draft becomes final."""
        from backline.invoicing import actions as invoicing
        from backline.kernel.outcomes import one

        with self.inside():
            return one(invoicing.finalize([draft], **self.told))

    def credits(self, invoice: UUID) -> Any:
        """A credit note over the whole of an invoice."""
        from backline.invoicing import actions as invoicing

        with self.inside():
            return invoicing.credit(invoice, reason="wrong client", **self.told)

    def hands_over(self, amount: str, remittance: str = "", *, days_ago: int = 0) -> UUID:
        """Client cash lands in the partner's bank and is handed over; the receipt."""
        from backline.collections.actions import NewReceipt
        from backline.kernel.outcomes import one
        from tenants.facility import actions

        new = NewReceipt(
            bank_reference=f"LOCKBOX-{next(NUMBERS)}",
            amount=Decimal(amount),
            currency="GBP",
            received_on=self.on - timedelta(days=days_ago),
            remittance=remittance,
        )
        return one(actions.hand_over(self.agency.ref, [new], **self.told))

    def allocates(self, receipt: UUID, invoice: UUID, amount: str, kind: str = "payment") -> None:
        """A person says what a receipt pays."""
        from backline.collections import actions as collections
        from backline.collections.actions.allocating import Part

        with self.inside():
            part = Part(invoice, Decimal(amount), kind)
            collections.allocate(receipt, [part], because="told", **self.told)

    def takes_back(self, invoice: UUID, *, which: int = -1) -> None:
        """One of the allocations of an invoice that stand is taken back."""
        from backline.collections import actions as collections
        from backline.collections.models import Allocation

        with self.inside():
            rows = Allocation.objects.filter(
                invoice=invoice, reverses__isnull=True, reversed_by__isnull=True
            ).order_by("id")
            collections.take_back(list(rows)[which].pk, reason="wrong", **self.told)

    def settles(self, week: date | None = None) -> Any:
        """The week around today, or another, is settled."""
        from tenants.facility import actions

        monday = week or self.on - timedelta(days=self.on.weekday())
        return actions.settle(self.agency.ref, monday, **self.told)

    def catches_up(self) -> None:
        """Everything that reacts to what happened has reacted."""
        from backline.kernel import consumers, feed
        from tenants.facility import actions

        moved = True
        while moved:
            with self.inside():
                moved = feed.number() > 0
            for name in list(consumers.CONSUMERS):
                with self.inside():
                    while consumers.run(name):
                        moved = True
            while actions.follow(self.agency.ref, at=self.at):
                moved = True

    # --- what the books say --------------------------------------------------------------------

    def advance(self, invoice: UUID) -> Any:
        """The advance on an invoice, or its refusal."""
        from backline.funding.models import Advance

        with self.inside():
            return Advance.objects.get(invoice=invoice)

    def invoice(self, key: UUID) -> Any:
        """An invoice as it stands."""
        from backline.invoicing.models import Invoice

        with self.inside():
            return Invoice.objects.get(pk=key)

    def balance(self, code: str, subject: UUID | None = None) -> Decimal:
        """Debits less credits of one of the agency's accounts."""
        from backline.ledger import queries as ledger

        with self.inside():
            return ledger.balance(code, "GBP", subject)

    def partner_balance(self, code: str) -> Decimal:
        """Debits less credits of one of the partner's accounts."""
        from backline.ledger import queries as ledger

        with self.inside_partner():
            return ledger.balance(code, "GBP")

    def open_troubles(self, kind: str) -> list[Any]:
        """What is open on the agency's desk of a kind."""
        from backline.desk.models import Trouble

        with self.inside():
            return list(Trouble.objects.filter(kind=kind, state__in=["open", "taken"]))

    def breaks(self) -> list[Any]:
        """Where the two books differ."""
        from tenants.facility import reconciling

        found: list[Any] = reconciling.reconcile(self.agency.ref, at=self.at).breaks
        return found
