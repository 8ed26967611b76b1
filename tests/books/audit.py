"""Audit: what must be true of all books after every single step, asked of the tables themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, Sum

from tests.books.trade import Trade

NOTHING = Decimal(0)
FOREVER = date(2100, 1, 1)


def audit(trade: Trade, *, is_current: bool) -> None:
    """Every rule of the books, in the agency's and the partner's; and between the two, once the
    partner's have followed the agency's.
    """
    with trade.inside():
        _ledger_balances()
        _feed_is_whole()
        _charges_are_used_once()
        _pay_is_what_was_charged()
        _invoices_are_what_was_charged()
        _what_waits_is_what_is_left()
        _what_is_open_is_in_the_books()
        _cash_is_placed_or_waits()
        _advances_add_up()
        _statements_chain()
    with trade.inside_partner():
        _ledger_balances()
        _feed_is_whole()
    if is_current:
        breaks = trade.breaks()
        assert breaks == [], breaks


def _ledger_balances() -> None:
    from backline.ledger import queries as ledger

    assert ledger.out_of_balance(FOREVER) == {}


def _feed_is_whole() -> None:
    from backline.kernel.models import Feed

    places = Feed.objects.aggregate(n=Count("seq"), last=Sum("seq"))
    count = places["n"]
    assert (places["last"] or 0) == count * (count + 1) // 2


def _charges_are_used_once() -> None:
    from backline.charges.models import Charge

    twice = Charge.objects.annotate(lines=Count("pay_line"), bills=Count("billed")).filter(
        Q(lines__gt=1) | Q(bills__gt=1)
    )
    assert not twice.exists()


def _pay_is_what_was_charged() -> None:
    from backline.ledger import queries as ledger
    from backline.payroll.models import PayLine, Payment, Payslip

    assert not PayLine.objects.exclude(amount=F("charge__pay_amount")).exists()
    slips = Payslip.objects.filter(route="paye").annotate(taken_up=Sum("pay_lines__amount"))
    assert not slips.exclude(gross=F("taken_up")).exists()
    paid = PayLine.objects.filter(payslip__run__is_final=True)
    wages = ledger.balance("5100", "GBP") + ledger.balance("5110", "GBP")
    assert wages == _sum(paid, "amount")
    back = Payment.objects.filter(state="returned", replaced_by__isnull=True)
    assert -ledger.balance("2200", "GBP") == _sum(back, "amount")
    under_way = Payment.objects.filter(state="sent")
    assert -ledger.balance("1090", "GBP") == _sum(under_way, "amount")


def _invoices_are_what_was_charged() -> None:
    from backline.charges.models import Charge
    from backline.invoicing.models import Invoice
    from backline.ledger import queries as ledger

    papers = Invoice.objects.exclude(state="discarded")
    for paper in papers.annotate(charged=Sum("billed_charges__charge__bill_amount")):
        assert paper.net == (paper.charged or NOTHING), paper.number
    final = papers.filter(state="finalized")
    revenue = sum((ledger.balance(code, "GBP") for code in ("4000", "4010", "4020")), NOTHING)
    assert -revenue == _sum(final, "net")
    assert -ledger.balance("2300", "GBP") == _sum(final, "tax")
    billed = Charge.objects.filter(bill_amount__isnull=False)
    on_paper = _sum(billed.filter(billed__isnull=False), "bill_amount")
    waiting = _sum(billed.filter(billed__isnull=True), "bill_amount")
    assert _sum(billed, "bill_amount") == on_paper + waiting == _sum(papers, "net") + waiting
    numbers = sorted(row.number or "unnumbered" for row in final)
    for series in ("INV", "CN"):
        own = [int(one.split("-")[1]) for one in numbers if one.startswith(series)]
        assert own == list(range(1, len(own) + 1))


def _what_waits_is_what_is_left() -> None:
    from backline.charges.models import Charge, UnbilledCharge, UnpaidCharge

    to_pay = Charge.objects.filter(pay_amount__isnull=False, pay_line__isnull=True)
    unpaid = UnpaidCharge.objects.values_list("charge_id", "worker")
    assert set(unpaid) == set(to_pay.values_list("pk", "worker_id"))
    of_clients = Charge.objects.filter(bill_amount__isnull=False, client__isnull=False)
    to_bill = of_clients.exclude(billed__invoice__state="finalized")
    unbilled = UnbilledCharge.objects.values_list("charge_id", "client")
    assert set(unbilled) == set(to_bill.values_list("pk", "client_id"))


def _what_is_open_is_in_the_books() -> None:
    from backline.collections.models import Allocation
    from backline.invoicing.models import Invoice
    from backline.ledger import queries as ledger

    direct = ledger.balances_by_subject("1100")
    assigned = ledger.balances_by_subject("1105")
    put = _by(Allocation.objects.all(), "invoice_id")
    used = _by(Allocation.objects.filter(credit_note__isnull=False), "credit_note_id")
    rows = Invoice.objects.filter(state="finalized")
    for row in rows:
        left = row.gross - put.get(row.pk, NOTHING) + used.get(row.pk, NOTHING)
        assert row.open_amount == left, row.number
        assert direct.get(row.pk, NOTHING) + assigned.get(row.pk, NOTHING) == left, row.number
    known = {row.pk for row in rows}
    assert not [
        key for key, amount in {**direct, **assigned}.items() if amount and key not in known
    ]


def _cash_is_placed_or_waits() -> None:
    from backline.collections.models import Allocation, Receipt
    from backline.ledger import queries as ledger

    unapplied = ledger.balances_by_subject("2400")
    put = _by(Allocation.objects.filter(kind="payment"), "receipt_id")
    for row in Receipt.objects.all():
        assert row.applied == put.get(row.pk, NOTHING), row.bank_reference
        assert unapplied.get(row.pk, NOTHING) == row.applied - row.amount, row.bank_reference


def _advances_add_up() -> None:
    from backline.funding.models import Advance
    from backline.ledger import queries as ledger

    in_use = ledger.balances_by_subject("2500")
    for row in Advance.objects.all():
        out = row.advanced - row.repaid - row.charged_back
        assert out == -in_use.get(row.invoice, NOTHING), row.invoice_number
        assert out >= 0, row.invoice_number
        assert row.face == row.advanced + row.unfunded
        assert (row.state == "declined") == (row.advanced == 0), row.invoice_number
        assert row.state != "declined" or row.reason


def _statements_chain() -> None:
    from backline.funding.models import Settlement

    rows = list(Settlement.objects.order_by("week_starts_on"))
    for before, after in pairwise(rows):
        assert after.opening == before.closing, after.week_starts_on


def _by(rows: Any, name: str) -> dict[UUID, Decimal]:
    pairs: Iterable[tuple[UUID, Decimal]] = rows.values_list(name).annotate(s=Sum("amount"))
    return dict(pairs)


def _sum(rows: Any, name: str) -> Decimal:
    found: Decimal | None = rows.aggregate(s=Sum(name))["s"]
    return found or NOTHING
