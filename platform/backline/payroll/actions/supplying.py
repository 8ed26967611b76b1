"""Invoices of workers' own companies: set against the work, accepted within a margin, else held."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from backline.charges import waiting
from backline.desk import actions as desk
from backline.directory.models import Intermediary
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from backline.payroll import companies
from backline.payroll.events import SupplierInvoiceDecided, SupplierInvoiceTaken
from backline.payroll.models import SupplierInvoice
from rulebook.money import NOTHING, Money

MARGIN = Decimal("1.00")  # what an invoice may differ, before and in tax, and still be accepted
State = SupplierInvoice.State


def take_supplier_invoice(
    intermediary: UUID,
    *,
    number: str,
    issued_on: date,
    ends_on: date,
    net: Money,
    tax: Money | None = None,
    actor: Actor,
    at: datetime,
) -> SupplierInvoice:
    """Take in what a company invoiced for the work of its worker up to a day.

    Accepted when it agrees with the unpaid work within the margin, VAT by the company's own
    standing included; else held, with both figures on somebody's desk.
    """
    company = Intermediary.objects.select_for_update().filter(pk=intermediary).first()
    if company is None:
        raise Missing("not_found", "There is no such company.", pointer="/intermediary")
    charged = tax.amount if tax is not None else NOTHING
    refuse_if(_faults(company, net, tax))
    if SupplierInvoice.objects.filter(intermediary=company, number=number).exists():
        raise Conflict(
            "invoice_known", f"{number} of this company was taken in before.", pointer="/number"
        )
    expected = _expected(company, ends_on, net.currency)
    vat = companies.vat_on(expected, issued_on) if company.vat_registered else NOTHING
    agrees = abs(net.amount - expected) <= MARGIN and abs(charged - vat) <= MARGIN
    row = SupplierInvoice.objects.create(
        intermediary=company,
        number=number,
        issued_on=issued_on,
        ends_on=ends_on,
        net=net.amount,
        tax=charged,
        currency=net.currency,
        expected_net=expected,
        expected_tax=vat,
        state=State.ACCEPTED if agrees and expected > 0 else State.HELD,
        because="It agrees with the work." if agrees else "It differs from the work.",
        received_at=at,
    )
    fact = SupplierInvoiceTaken(
        subject=row.pk,
        intermediary=str(company.pk),
        state=row.state,
        net=row.net,
        expected_net=expected,
        currency=row.currency,
    )
    record([fact], actor=actor, at=at)
    if row.state == State.HELD:
        desk.open_exceptions([_found(row, company)], actor=actor, at=at)
    return row


def decide_supplier_invoice(
    invoice: UUID, *, accept: bool, reason: str, actor: Actor, at: datetime
) -> SupplierInvoice:
    """Accept an invoice that is held, with its difference, or refuse it; with the reason."""
    row = SupplierInvoice.objects.select_for_update().filter(pk=invoice).first()
    if row is None:
        raise Missing("not_found", "There is no such invoice.")
    if row.state != State.HELD:
        raise Conflict("illegal_move", f"This invoice is {row.state}.", status=row.state)
    if not reason.strip():
        raise Invalid("reason_missing", "Say why.", pointer="/reason")
    row.state = State.ACCEPTED if accept else State.REFUSED
    row.because, row.decided_by = reason[:200], actor.as_json()
    row.save(update_fields=["state", "because", "decided_by"])
    fact = SupplierInvoiceDecided(subject=row.pk, state=row.state, reason=reason)
    record([fact], actor=actor, at=at)
    desk.close_for([_key(row)], resolution=reason, actor=actor, at=at)
    return row


def _faults(company: Intermediary, net: Money, tax: Money | None) -> list[Fault]:
    faults = []
    if company.self_billing:
        told = "This company is self-billed: its invoices are made out here."
        faults.append(Fault("self_billed", told, "/intermediary"))
    if tax is not None and tax.currency != net.currency:
        faults.append(Fault("currency_differs", "Net and tax share a currency.", "/tax/currency"))
    if net.amount <= 0:
        faults.append(Fault("amount_not_positive", "An invoice asks for money.", "/net/amount"))
    return faults


def _expected(company: Intermediary, ends_on: date, currency: str) -> Decimal:
    """What the company's unpaid work up to a day comes to."""
    total: Decimal | None = (
        waiting.to_pay()
        .filter(
            assignment__intermediary=company,
            pay_currency=currency,
            worked_on__lte=ends_on,
        )
        .aggregate(total=Sum("pay_amount"))["total"]
    )
    return NOTHING if total is None else total


def _found(row: SupplierInvoice, company: Intermediary) -> desk.Found:
    return desk.Found(
        kind="pay_run_blocked",
        key=_key(row),
        title=f"Invoice {row.number} of {company.legal_name} does not agree with the work",
        detail=(
            f"Invoiced {row.net} and {row.tax} VAT; the work comes to {row.expected_net} and"
            f" {row.expected_tax}."
        ),
        about_kind="supplier_invoice",
        about=row.pk,
        stops="pay",
        at_stake=abs(row.net + row.tax - row.expected_net - row.expected_tax),
        currency=row.currency,
        suggested="Ask for another invoice, or accept the difference with a reason.",
    )


def _key(row: SupplierInvoice) -> str:
    return f"supplier_invoice:{row.pk}"
