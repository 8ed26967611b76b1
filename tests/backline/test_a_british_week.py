"""A week of one worker through the stages' own actions: time, charges, pay, books."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

import pytest

from backline.kernel.actors import Actor

if TYPE_CHECKING:
    from uuid import UUID

    from backline.invoicing.models import Invoice
    from tenants.backend.seats import Place

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 6, 9, 9, 0, tzinfo=UTC)


class Told(TypedDict):
    """Who does it, and when."""

    actor: Actor
    at: datetime


def person(name: str) -> Actor:
    """Somebody of the firm."""
    return Actor("person", f"psn_{name}", name)


ANN, BOB, CAT = person("ann"), person("bob"), person("cat")


def at_work() -> UUID:
    """A confirmed and cleared assignment at 15.00 and 21.00, and everything that pay needs."""
    from backline.assignments import actions as assignments
    from backline.directory import actions as directory
    from backline.kernel.outcomes import one
    from backline.onboarding import actions as onboarding
    from backline.payroll import actions as payroll

    told = Told(actor=ANN, at=AT)
    worker = one(
        directory.add_workers(
            [
                directory.NewWorker(
                    given_name="Ada",
                    family_name="Byron",
                    country="GB",
                    email="ada@example.com",
                    born_on="1990-05-01",
                )
            ],
            **told,
        )
    )
    client = one(
        directory.add_clients(
            [directory.NewClient(legal_name="Widgets Ltd", country="GB", currency="GBP")], **told
        )
    )
    directory.agree_terms(client, directory.NewTerms(since=date(2026, 1, 1)), **told)
    contact = one(
        directory.add_contacts(
            [directory.NewContact(client=client, name="Meg", email="meg@example.com")], **told
        )
    )
    site = one(
        directory.add_sites(
            [
                directory.NewSite(
                    client=client, name="Works", country="GB", time_zone="Europe/London"
                )
            ],
            **told,
        )
    )
    facts = {"tax_code": "1257L", "tax_basis": "cumulative", "ni_letter": "A"}
    directory.elect(worker, "gb_paye", facts=facts, since=date(2026, 4, 6), source="p45", **told)
    account = directory.propose(
        worker=worker,
        rail="bacs",
        holder="A Byron",
        routing="40-47-84",
        account="70872490",
        **told,
    )
    one(directory.approve([account.pk], actor=BOB, at=AT))
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
        name="Weekly",
        frequency="weekly",
        engagements=["paye"],
        currency="GBP",
        anchor_on=date(2026, 6, 1),
        pay_lag_days=5,
        holidays="gb.england_wales",
        **told,
    )
    rates = assignments.NewRates(
        since=date(2026, 6, 1),
        rates=[assignments.NewRate("regular", Decimal("15.00"), Decimal("21.00"))],
        pay_currency="GBP",
        bill_currency="GBP",
    )
    key = one(
        assignments.add(
            [
                assignments.NewAssignment(
                    worker=worker,
                    client=client,
                    engagement="paye",
                    starts_on=date(2026, 6, 1),
                    pay_frequency="weekly",
                    rates=rates,
                    site=site,
                    approver=contact,
                    overtime={"weekly_over": "40", "factor": "1.5"},
                )
            ],
            **told,
        )
    )
    one(assignments.confirm([key], **told))
    for paper in ("right_to_work", "key_information", "terms_agreed"):
        onboarding.require(paper, {"is_active": False}, **told)
    onboarding.look([key], **told)
    return key


def works_a_week(key: UUID) -> None:
    """Nine hours on five days, handed in and approved."""
    from backline.kernel.outcomes import one
    from backline.timesheets import actions as timesheets
    from backline.timesheets.models import Timesheet

    timesheets.open_due(date(2026, 6, 1), actor=ANN, at=AT)
    entries = [
        timesheets.NewEntry(worked_on=date(2026, 6, day), quantity=Decimal("9"))
        for day in range(1, 6)
    ]
    new = timesheets.NewSheet(
        assignment=key, starts_on=date(2026, 6, 1), entries=entries, submit=True
    )
    one(timesheets.enter([new], actor=ANN, at=AT))
    sheet = Timesheet.objects.get(assignment=key, starts_on=date(2026, 6, 1))
    one(timesheets.approve([sheet.pk], actor=BOB, at=LATER))


def is_paid() -> None:
    """The run of the week: calculated, then let go by three people."""
    from backline.kernel import operations
    from backline.payroll import actions as payroll
    from backline.payroll.models import PayRun

    payroll.open_due(date(2026, 6, 9), actor=ANN, at=LATER)
    run = PayRun.objects.get()
    operation = payroll.calculate(run.pk, actor=ANN, at=LATER)
    while operations.run_chunk(operation.pk, LATER):
        pass
    run.refresh_from_db()
    assert (run.state, run.blockers) == ("ready", [])
    payroll.submit(run.pk, actor=ANN, at=LATER)
    payroll.approve(run.pk, actor=BOB, at=LATER)
    payroll.release(run.pk, actor=CAT, at=LATER)


def is_billed() -> Invoice:
    """The final invoice of the week."""
    from backline.charges.models import Charge
    from backline.invoicing import actions as invoicing
    from backline.invoicing.models import Invoice
    from backline.kernel.outcomes import one

    client = Charge.objects.values_list("client_id", flat=True)[0]
    assert client is not None
    (draft,) = invoicing.draft([client], actor=ANN, at=LATER)
    one(invoicing.finalize([draft], actor=ANN, at=LATER))
    return Invoice.objects.get(pk=draft)


def test_a_week_becomes_charges_pay_and_entries(agency: Place) -> None:
    from backline.charges.models import Charge
    from backline.ledger import queries as ledger
    from backline.payroll.models import Payment, Payslip
    from tenants import tenancy

    with tenancy.firm(agency.ref):
        works_a_week(at_work())
        work = list(Charge.objects.exclude(code="holiday").values_list("pay_amount", "bill_amount"))
        assert sum(pay for pay, _ in work if pay) == Decimal("712.50")  # 40 x 15 + 5 x 22.50
        assert sum(bill for _, bill in work if bill) == Decimal("997.50")  # 40 x 21 + 5 x 31.50

        is_paid()

        slip = Payslip.objects.get()
        assert slip.gross == Decimal("712.50") + Decimal("86.00")  # 12.07 % of it
        assert Payment.objects.get().amount == slip.net
        assert ledger.out_of_balance(date(2026, 6, 30)) == {}
        assert ledger.balance("2200", "GBP") == 0


def test_a_billed_week_is_paid_and_put_right(agency: Place) -> None:
    from backline.collections import actions as collections
    from backline.invoicing import actions as invoicing
    from backline.kernel.outcomes import one
    from backline.ledger import queries as ledger
    from tenants import tenancy

    with tenancy.firm(agency.ref):
        works_a_week(at_work())
        invoice = is_billed()
        told = (invoice.number, invoice.net, invoice.tax)
        assert told == ("INV-000001", Decimal("997.50"), Decimal("199.50"))
        paid = collections.NewReceipt(
            bank_reference="B1",
            amount=Decimal("1197.00"),
            currency="GBP",
            received_on=date(2026, 6, 9),
            remittance="INV-000001",
            client=invoice.client_id,
        )
        one(collections.receive([paid], actor=ANN, at=LATER))
        invoice.refresh_from_db()
        assert invoice.open_amount == 0

        note = invoicing.adjust(
            invoice.pk, line=0, quantity=Decimal("38"), reason="client cut 2 h", actor=ANN, at=LATER
        )

        assert (note.kind, note.net, note.number) == ("credit_note", Decimal("-42.00"), "CN-000001")
        assert ledger.out_of_balance(date(2026, 6, 30)) == {}
