"""Invoices: charges to final invoices with numbers, tax and entries, against COPY of their rows."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Sum

from backline.assignments import actions as assignments
from backline.charges import agreed
from backline.directory import actions as directory
from backline.invoicing import actions as invoicing
from backline.invoicing.models import Invoice, InvoiceLine
from backline.kernel import ids
from backline.kernel.actors import Actor
from backline.kernel.outcomes import Outcome
from backline.ledger.models import Entry
from deploy.bench.books import copies, firms
from deploy.bench.measuring import Differs, Row, Work
from tenants import tenancy

MONDAY = date(2026, 6, 1)
AT = datetime(2026, 6, 9, 9, tzinfo=UTC)
ANN = Actor("person", "psn_ann", "Ann")
AT_ONCE = 1000
LINES = 5  # to an invoice
HOURS, RATE, VAT = Decimal("37.50"), Decimal("21.35"), Decimal("0.20")
NET = LINES * Decimal("800.63")  # 37.50 x 21.35 = 800.625


@dataclass(slots=True)
class Seller:
    """An agency with so many clients, each with somebody at work there; `rounds` were billed."""

    count: int
    ref: str = ""
    rounds: int = 0
    clients: list[UUID] = field(default_factory=list)
    assignments: list[UUID] = field(default_factory=list)


def prepare(count: int) -> Work:
    """So many clients, each to be billed five lines."""
    seller = Seller(count)
    _opens(seller)
    written: list[copies.Rows] = []
    return Work(
        units=count,
        floor=lambda: copies.copy(written),
        ours=lambda: _bills(seller),
        agree=lambda: _first(seller, written),
        before=lambda: _next(seller),
    )


def _opens(seller: Seller) -> None:
    seller.ref = ids.public("agy", firms.agency(f"invoices-{seller.count}").pk)
    for start in range(0, seller.count, AT_ONCE):
        with tenancy.firm(seller.ref):
            _sells_to(seller, min(AT_ONCE, seller.count - start))


def _sells_to(seller: Seller, count: int) -> None:
    clients = _well(
        directory.add_clients(
            [
                directory.NewClient(legal_name=f"Widgets {n}", country="GB", currency="GBP")
                for n in range(count)
            ],
            actor=ANN,
            at=AT,
        )
    )
    for client in clients:
        directory.agree_terms(client, directory.NewTerms(since=MONDAY), actor=ANN, at=AT)
    workers = directory.add_workers(
        [
            directory.NewWorker(
                given_name="Ada", family_name=f"Byron {n}", country="GB",
                email=f"ada{n}@workers.example",
            )
            for n in range(count)
        ],
        actor=ANN,
        at=AT,
    )  # fmt: skip
    made = [
        assignments.NewAssignment(
            worker=worker, client=client, engagement="paye", starts_on=MONDAY,
            pay_frequency="weekly",
        )
        for worker, client in zip(_well(workers), clients, strict=True)
    ]  # fmt: skip
    seller.clients += clients
    seller.assignments += _well(assignments.add(made, actor=ANN, at=AT))


def _well(outcomes: Sequence[Outcome]) -> list[UUID]:
    refused = next((one.refusal for one in outcomes if one.refusal), None)
    if refused:
        raise Differs(f"The charges cannot be prepared: {refused}")
    return [one.id for one in outcomes]


def _works(seller: Seller) -> None:
    """Five things to bill to each client; nothing of them is on a draft yet."""
    seller.rounds += 1
    side = agreed.Agreed(HOURS, RATE, NET / LINES, "GBP", "standard")
    with tenancy.firm(seller.ref):
        posted = agreed.post_agreed(
            [
                agreed.NewCharge(
                    key=f"bench:{seller.rounds}:{key}:{n}", kind="adjustment", assignment=key,
                    worked_on=MONDAY, code="regular", label=f"Work {n}", reason="", unit="hour",
                    bill=side,
                )
                for key in seller.assignments
                for n in range(LINES)
            ],
            actor=ANN,
            at=AT,
        )  # fmt: skip
    _well(posted)


def _bills(seller: Seller) -> None:
    """Drafted, and made final."""
    with tenancy.firm(seller.ref):
        drafts = invoicing.draft(seller.clients, actor=ANN, at=AT)
    with tenancy.firm(seller.ref):
        _well(invoicing.finalize(drafts, actor=ANN, at=AT))


def _first(seller: Seller, written: list[copies.Rows]) -> None:
    """Bill once, see that it came to what it must, and keep the rows that it wrote."""
    _works(seller)
    before = copies.moment()
    _bills(seller)
    _must_be_whole(seller)
    written += copies.written_since(seller.ref, before)
    copies.make_floor(written)


def _must_be_whole(seller: Seller) -> None:
    """Every client has one invoice of five lines and of the tax on them, numbered from 1 without a
    gap, and owes what it comes to.
    """
    gross = NET + (NET * VAT).quantize(Decimal("0.01"))
    with tenancy.firm(seller.ref):
        rows = Invoice.objects.filter(state="finalized")
        numbers = sorted(number or "" for number in rows.values_list("number", flat=True))
        billed = rows.filter(gross=gross).values("client").distinct().count()
        lines = InvoiceLine.objects.values("invoice").annotate(lines=Count("id"))
        whole = lines.filter(lines=LINES).count()
        owed = Entry.objects.filter(debit="1100").aggregate(Sum("amount"))["amount__sum"]
    if numbers != [f"INV-{n:06d}" for n in range(1, seller.count + 1)]:
        raise Differs(f"{len(numbers)} numbers for {seller.count} invoices, or gaps.")
    if (billed, whole, owed) != (seller.count, seller.count, gross * seller.count):
        raise Differs(f"{billed} billed, {whole} with all lines, {owed} owed.")


def _next(seller: Seller) -> None:
    _works(seller)
    copies.empty_floor()


ROW = Row(
    name="invoices",
    what="charges to taxed, numbered, posted invoices of 5 lines, against COPY of their rows",
    unit="invoice",
    scale=1000,
    goal=1 / 3,
    never_below=1 / 6,
    prepare=prepare,
    clock=time.perf_counter,
    rounds=7,
)
