"""Base: the invoices, debtors and movements that funding is worked out from, as the
rulebook's values.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum

from backline.desk.models import Trouble
from backline.directory.models import Client
from backline.funding.models import Advance, FundingTerms, Movement
from backline.invoicing.models import Invoice
from backline.kernel import dated
from backline.kernel.events import plain
from rulebook import advance as rules
from rulebook.advance import Certificate, Debtor, Funded, Ledgered, read_terms

NOTHING = Decimal("0.00")

WORDS = {
    "unverified": "The time behind it is not approved.",
    "not_yet_worked": "It bills work that is not done yet.",
    "no_po": "The client wants a purchase order number and there is none.",
    "duplicate_evidence": "The same work stands on another invoice.",
    "insolvent": "The client is insolvent.",
    "affiliate": "The client is affiliated with the firm.",
    "individual": "The client is an individual.",
    "foreign": "The client is abroad.",
    "excluded_debtor": "This client is not funded.",
    "aged": "It is too old to be funded.",
    "disputed": "The client disputes it.",
    "cross_aged": "Too much of what this client owes is past due.",
    "contra": "The firm owes this client money.",
    "over_limit": "The client's credit limit is used up.",
    "concentration": "Too much of the book is owed by this one client.",
    "facility_full": "The facility's limit is used up.",
}


def terms_on(counterparty: str, day: date) -> FundingTerms | None:
    """The terms in force on a day, or None."""
    return dated.on(FundingTerms.objects.filter(counterparty=counterparty), day).first()


def candidates(currency: str) -> list[Invoice]:
    """Final invoices with something open that nothing was decided on yet, oldest first."""
    decided = Advance.objects.values_list("invoice", flat=True)
    return list(
        Invoice.objects.select_for_update(of=("self",))
        .select_related("client")
        .filter(kind="invoice", state="finalized", currency=currency, open_amount__gt=0)
        .exclude(pk__in=decided)
        .order_by("issued_on", "number")
    )


def certificate(terms: FundingTerms, on: date) -> Certificate:
    """The borrowing base of a day: every open invoice and credit note through the waterfall."""
    rows = list(
        Invoice.objects.filter(state="finalized", currency=terms.currency)
        .exclude(open_amount=NOTHING)
        .order_by("issued_on", "number")
    )
    disputed = _disputed([row.pk for row in rows])
    clients = Client.objects.filter(pk__in={row.client_id for row in rows})
    return rules.certificate(
        [_ledgered(row, disputed.get(row.pk, NOTHING)) for row in rows],
        [
            Debtor(
                row.pk,
                row.credit_limit,
                flags=frozenset({"excluded_debtor"}) if row.state == "on_hold" else frozenset(),
            )
            for row in clients
        ],
        read_terms(str(terms.pk), terms.facts),
        on,
    )


SoFar = Mapping[tuple[UUID, str], tuple[int, Decimal]]


def moved_so_far(invoices: Sequence[UUID]) -> SoFar:
    """How often and how much moved on each of these invoices, by kind."""
    rows = (
        Movement.objects.filter(invoice__in=invoices)
        .values_list("invoice", "kind")
        .annotate(count=Count("id"), amount=Sum("amount"))
    )
    return {(invoice, kind): (count, amount) for invoice, kind, count, amount in rows if invoice}


def funded(row: Advance, cash: Sequence[tuple[date, Decimal]]) -> Funded:
    """An advance as the rulebook settles it."""
    net = Invoice.objects.filter(pk=row.invoice).values_list("net", flat=True).first()
    return Funded(
        row.invoice,
        row.face,
        net if net is not None else row.face,
        row.advanced,
        row.advanced_on or date.min,
        tuple(cash),
    )


def sums_of_week(counterparty: str, since: date, until: date) -> Mapping[str, Decimal]:
    """What moved in a span of days, by kind; `until` is not in it."""
    rows = (
        Movement.objects.filter(counterparty=counterparty, moved_on__gte=since, moved_on__lt=until)
        .values_list("kind")
        .annotate(amount=Sum("amount"))
    )
    return dict(rows)


def rows_of_week(counterparty: str, since: date, until: date) -> list[dict[str, Any]]:
    """Every movement of a span of days, as a statement lists them."""
    rows = Movement.objects.filter(
        counterparty=counterparty, moved_on__gte=since, moved_on__lt=until
    ).order_by("moved_on", "id")
    return [
        plain(
            {
                "kind": row.kind,
                "on": row.moved_on,
                "invoice": row.invoice,
                "amount": row.amount,
                "because": row.because,
            }
        )
        for row in rows
    ]


def funds_before(counterparty: str, day: date) -> Decimal:
    """Funds in use at the beginning of a day, from the movements before it."""
    sums: dict[str, Decimal] = dict(
        Movement.objects.filter(counterparty=counterparty, moved_on__lt=day)
        .values_list("kind")
        .annotate(amount=Sum("amount"))
    )
    taken = sums.get("repaid", NOTHING) + sums.get("charged_back", NOTHING)
    return sums.get("advanced", NOTHING) - taken


def _ledgered(row: Invoice, disputed: Decimal) -> Ledgered:
    return Ledgered(
        row.pk,
        row.client_id,
        row.issued_on or date.min,
        row.due_on or date.min,
        row.gross,
        row.open_amount,
        row.net,
        disputed,
        worked_until=row.ends_on,
    )


def _disputed(invoices: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What is disputed of these invoices: the money of open exceptions that say so."""
    kinds = Q(kind="disputed_hours") | Q(kind="short_payment") | Q(kind="invoice_adjustment")
    rows = Trouble.objects.filter(
        kinds, about__in=list(invoices), state__in=["open", "taken"]
    ).values_list("about", "at_stake")
    found: dict[UUID, Decimal] = {}
    for about, amount in rows:
        if about is not None and amount is not None:
            found[about] = found.get(about, NOTHING) + amount
    return found
