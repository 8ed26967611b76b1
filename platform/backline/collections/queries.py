"""Questions to collections: who owes what, how late, and what waits."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from backline.collections.models import Allocation, Receipt
from backline.invoicing import queries as invoicing
from backline.invoicing.models import Invoice
from rulebook.ageing import BY_DUE, COLLECTION_LIMITS, FUNDING_LIMITS, Ageing, Open, aged, days_old
from rulebook.money import NOTHING

LIMITS = {BY_DUE: COLLECTION_LIMITS, "invoiced_on": FUNDING_LIMITS}


@dataclass(frozen=True, slots=True)
class Owing:
    """What one client owes in one currency: by age, paper by paper, and money not placed yet."""

    client: UUID
    client_name: str
    ageing: Ageing
    papers: tuple[tuple[Invoice, Open, int], ...]
    unapplied: Decimal

    @property
    def overdue(self) -> Decimal:
        """What should have been paid by now."""
        return sum((one.remaining for _, one, days in self.papers if days > 0), NOTHING)

    @property
    def oldest_days(self) -> int:
        """How late the oldest open invoice is; nothing when none is late."""
        late = [days for _, one, days in self.papers if one.remaining > 0]
        return max([0, *late])


def open_on(
    on: date, *, clients: Iterable[UUID] | None = None, is_today: bool = True
) -> list[tuple[Invoice, Open]]:
    """Papers with something open at the end of a day, part-paid ones with their remainder."""
    rows: QuerySet[Invoice]
    if is_today:
        rows = invoicing.open_invoices(clients)
    else:
        rows = invoicing.finalized().filter(issued_on__lte=on)
        rows = rows if clients is None else rows.filter(client__in=list(clients))
    papers = list(rows.select_related("client"))
    left = {row.pk: row.open_amount for row in papers} if is_today else _left(papers, on)
    return [(row, _open(row, left[row.pk], on)) for row in papers if left[row.pk]]


def owing(
    on: date,
    *,
    clients: Iterable[UUID] | None = None,
    by: str = BY_DUE,
    is_today: bool = True,
) -> list[Owing]:
    """What each client owes by age, part-paid invoices with their remainder, the latest first."""
    asked = None if clients is None else list(clients)
    papers = open_on(on, clients=asked, is_today=is_today)
    names = {row.client_id: row.client.legal_name for row, _ in papers}
    cash = _unapplied(asked)
    found = []
    for one in aged([item for _, item in papers], on, by=by, limits=LIMITS[by]):
        client = UUID(str(one.debtor))
        own = tuple(
            (row, item, days_old(item, on))
            for row, item in papers
            if row.client_id == client and row.currency == one.currency
        )
        unapplied = cash.get((client, one.currency), NOTHING)
        found.append(Owing(client, names[client], one, own, unapplied))
    return sorted(found, key=lambda one: (-one.oldest_days, one.client_name, one.ageing.currency))


def ageing(
    on: date, *, clients: Iterable[UUID] | None = None, by: str = BY_DUE
) -> tuple[Ageing, ...]:
    """What each client owes by age, part-paid invoices with their remainder."""
    papers = open_on(on, clients=clients)
    return aged([item for _, item in papers], on, by=by)


def waiting() -> QuerySet[Receipt]:
    """Receipts with something not applied, oldest first."""
    return Receipt.objects.filter(state__in=["unmatched", "proposed", "part_applied"]).order_by(
        "received_on", "id"
    )


def to_match() -> QuerySet[Receipt]:
    """Receipts of which nothing is placed yet."""
    return waiting().filter(state__in=["unmatched", "proposed"])


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of a client's account: below zero lowers what is owed."""

    on: date
    kind: str
    document: str
    due_on: date | None
    amount: Decimal
    balance: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Account:
    """A client's account in one currency from a day to a day: what stood, moved and stands."""

    opening: Decimal
    movements: tuple[Moved, ...]
    closing: Decimal


def account(client: UUID, currency: str, since: date, until: date) -> Account:
    """A client's account over some days; its closing is what the books say of that client then:
    receivables less money not placed yet.
    """
    moved = sorted(
        _moved(client, currency, until), key=lambda one: (one.on, one.amount < 0, one.document)
    )
    opening = sum((one.amount for one in moved if one.on < since), NOTHING)
    balance, shown = opening, []
    for one in moved:
        if one.on >= since:
            balance += one.amount
            shown.append(replace(one, balance=balance))
    return Account(opening, tuple(shown), balance)


def _moved(client: UUID, currency: str, until: date) -> list[Moved]:
    found = [
        Moved(row.issued_on or until, row.kind, row.number or "", row.due_on, row.gross)
        for row in invoicing.finalized().filter(
            client=client, currency=currency, issued_on__lte=until
        )
    ]
    own = Allocation.objects.filter(
        invoice__client=client, currency=currency, applied_on__lte=until
    )
    tolerated = own.exclude(kind__in=["payment", "credit"]).select_related("invoice")
    found += [
        Moved(row.applied_on, row.kind, row.invoice.number or "", None, -row.amount)
        for row in tolerated
    ]
    sums = own.filter(kind="payment").values_list("receipt_id").annotate(amount=Sum("amount"))
    paid: dict[UUID, Decimal] = dict(sums)
    receipts = Receipt.objects.filter(currency=currency, received_on__lte=until)
    for receipt in receipts.filter(pk__in=paid) | receipts.filter(client=client):
        left = receipt.amount - receipt.applied if receipt.client_id == client else NOTHING
        amount = paid.get(receipt.pk, NOTHING) + left
        if amount:
            found.append(
                Moved(receipt.received_on, "receipt", receipt.bank_reference, None, -amount)
            )
    return found


def _left(papers: Iterable[Invoice], on: date) -> dict[UUID, Decimal]:
    """What was open on each paper at the end of a day."""
    left = {row.pk: row.gross for row in papers}
    rows = Allocation.objects.filter(applied_on__lte=on)
    for key, amount in (
        rows.filter(invoice__in=left).values_list("invoice_id").annotate(amount=Sum("amount"))
    ):
        left[key] -= amount
    used = rows.filter(credit_note__in=left).values_list("credit_note_id")
    for key, amount in used.annotate(amount=Sum("amount")):
        left[key] += amount
    return left


def _open(row: Invoice, left: Decimal, on: date) -> Open:
    return Open(
        row.pk,
        row.client_id,
        row.issued_on or on,
        row.due_on or on,
        row.gross,
        left,
        row.currency,
    )


def _unapplied(clients: Iterable[UUID] | None) -> dict[tuple[UUID, str], Decimal]:
    rows = waiting().filter(client__isnull=False)
    if clients is not None:
        rows = rows.filter(client__in=list(clients))
    sums: dict[tuple[UUID, str], Decimal] = {}
    told: Iterable[tuple[Any, ...]] = rows.values_list("client_id", "currency", "amount", "applied")
    for client, currency, amount, applied in told:
        sums[client, currency] = sums.get((client, currency), NOTHING) + amount - applied
    return sums
