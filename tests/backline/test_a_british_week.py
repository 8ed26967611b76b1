"""A week of one worker through the stages' own actions: time, charges, pay, books."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from uuid import UUID

    from tenants.backend.seats import Place

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 6, 9, 9, 0, tzinfo=UTC)


def person(name: str) -> object:
    from backline.kernel.actors import Actor

    return Actor("person", f"psn_{name}", name)


def at_work(place: Place) -> UUID:
    """A confirmed and cleared assignment at 15.00 and 21.00, and everything that pay needs."""
    from backline.assignments import actions as assignments
    from backline.directory import actions as directory
    from backline.kernel.outcomes import one
    from backline.onboarding import actions as onboarding
    from backline.payroll import actions as payroll

    ann, bob = person("ann"), person("bob")
    told = {"actor": ann, "at": AT}
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
    one(directory.approve([account.pk], actor=bob, at=AT))
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


def test_a_week_becomes_charges_pay_and_entries(agency: Place) -> None:
    from backline.charges.models import Charge
    from backline.kernel import operations
    from backline.kernel.outcomes import one
    from backline.ledger import queries as ledger
    from backline.payroll import actions as payroll
    from backline.payroll.models import Payment, PayRun, Payslip
    from backline.timesheets import actions as timesheets
    from backline.timesheets.models import Timesheet
    from tenants import tenancy

    ann, bob, cat = person("ann"), person("bob"), person("cat")
    with tenancy.firm(agency.ref):
        key = at_work(agency)
        timesheets.open_due(date(2026, 6, 1), actor=ann, at=AT)
        sheet = Timesheet.objects.get()
        entries = [
            timesheets.NewEntry(worked_on=date(2026, 6, day), quantity=Decimal("9"))
            for day in range(1, 6)
        ]
        new = timesheets.NewSheet(
            assignment=key, starts_on=date(2026, 6, 1), entries=entries, submit=True
        )
        one(timesheets.enter([new], actor=ann, at=AT))
        one(timesheets.approve([sheet.pk], actor=bob, at=LATER))

        work = Charge.objects.exclude(code="holiday")
        assert sum(row.pay_amount for row in work) == Decimal("712.50")  # 40 x 15 + 5 x 22.50
        assert sum(row.bill_amount for row in work) == Decimal("997.50")  # 40 x 21 + 5 x 31.50

        payroll.open_due(date(2026, 6, 9), actor=ann, at=LATER)
        run = PayRun.objects.get()
        operation = payroll.calculate(run.pk, actor=ann, at=LATER)
        while operations.run_chunk(operation.pk, LATER):
            pass
        run.refresh_from_db()
        assert (run.state, run.blockers) == ("ready", [])
        payroll.submit(run.pk, actor=ann, at=LATER)
        payroll.approve(run.pk, actor=bob, at=LATER)
        payroll.release(run.pk, actor=cat, at=LATER)

        slip = Payslip.objects.get()
        assert slip.gross == Decimal("712.50") + Decimal("86.00")  # 12.07 % of it
        payment = Payment.objects.get()
        assert payment.amount == slip.net
        assert ledger.out_of_balance(date(2026, 6, 30)) == {}
        assert ledger.balance("2200", "GBP") == 0

        from backline.collections import actions as collections
        from backline.invoicing import actions as invoicing
        from backline.invoicing.models import Invoice

        client = Charge.objects.first().client_id
        (draft,) = invoicing.draft([client], actor=ann, at=LATER)
        one(invoicing.finalize([draft], actor=ann, at=LATER))
        invoice = Invoice.objects.get(pk=draft)
        assert (invoice.number, invoice.net, invoice.tax) == (
            "INV-000001",
            Decimal("997.50"),
            Decimal("199.50"),
        )
        paid = collections.NewReceipt(
            bank_reference="B1",
            amount=Decimal("1197.00"),
            currency="GBP",
            received_on=date(2026, 6, 9),
            remittance="INV-000001",
            client=client,
        )
        one(collections.receive([paid], actor=ann, at=LATER))
        invoice.refresh_from_db()
        assert invoice.open_amount == 0
        note = invoicing.adjust(
            invoice.pk, line=0, quantity=Decimal("38"), reason="client cut 2 h", actor=ann, at=LATER
        )
        assert (note.kind, note.net, note.number) == ("credit_note", Decimal("-42.00"), "CN-000001")
        assert ledger.out_of_balance(date(2026, 7, 30)) == {}
