"""Pool: the invoices and debtors that funding is worked out from, as the rulebook's values."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from backline.desk.models import Trouble
from backline.directory.models import Client
from backline.funding.models import Advance, FundingTerms
from backline.invoicing.models import Invoice, InvoiceLine
from backline.kernel import dated, locks
from rulebook import advance as rules
from rulebook.advance import Certificate, Debtor, Ledgered, read_terms

NOTHING = Decimal("0.00")
EVERYTHING = Decimal("999999999999.99")

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
    "retained": "The terms advance a share and keep the rest until the client pays.",
}
# A client in one of these states is not funded, whatever it owes.
NOT_FUNDED = frozenset({"on_hold", "closed"})


def hold() -> None:
    """One deed of funding at a time in these books: what is advanced counts against the limit,
    and a statement must know every movement before it.
    """
    locks.alone("funding")


def terms_on(counterparty: str, day: date) -> FundingTerms | None:
    """The terms in force on a day, or None."""
    return dated.on(FundingTerms.objects.filter(counterparty=counterparty), day).first()


def candidates(currency: str) -> list[Invoice]:
    """Final invoices with something open that nothing is advanced on, declined ones among them,
    oldest first; locked.
    """
    standing = Advance.objects.exclude(state=Advance.State.DECLINED).values_list("invoice")
    rows = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("client")
        .filter(kind="invoice", state="finalized", currency=currency, open_amount__gt=0)
        .exclude(pk__in=standing)
        .order_by("id")  # one order of locking, whoever locks invoices
    )
    return sorted(rows, key=lambda row: (row.issued_on or date.max, row.number or ""))


def certificate(terms: FundingTerms, on: date) -> Certificate:
    """The borrowing base of a day: every open invoice and credit note through the waterfall."""
    rows = list(
        Invoice.objects.filter(state="finalized", currency=terms.currency)
        .exclude(open_amount=NOTHING)
        .order_by("issued_on", "number")
    )
    keys = [row.pk for row in rows]
    disputed, without_po = _disputed(keys), _without_po(keys)
    clients = Client.objects.filter(pk__in={row.client_id for row in rows})
    return rules.certificate(
        [_ledgered(row, disputed, without_po) for row in rows],
        [
            Debtor(
                row.pk,
                row.credit_limit,
                flags=frozenset({"excluded_debtor"} if row.state in NOT_FUNDED else ()),
            )
            for row in clients
        ],
        read_terms(str(terms.pk), terms.facts),
        on,
    )


def _ledgered(row: Invoice, disputed: dict[UUID, Decimal], without_po: set[UUID]) -> Ledgered:
    return Ledgered(
        row.pk,
        row.client_id,
        row.issued_on or date.min,
        row.due_on or date.min,
        row.gross,
        row.open_amount,
        row.net,
        min(disputed.get(row.pk, NOTHING), max(row.open_amount, NOTHING)),
        worked_until=row.ends_on,
        flags=frozenset({"no_po"} if row.pk in without_po else ()),
    )


def _without_po(invoices: Iterable[UUID]) -> set[UUID]:
    """The invoices with a line that names no order, of clients whose terms want one."""
    rows = InvoiceLine.objects.filter(
        invoice__in=list(invoices), invoice__terms__po_required=True, po_number=""
    )
    return set(rows.values_list("invoice_id", flat=True).distinct())


def _disputed(invoices: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What is disputed of these invoices: the money of open exceptions that say so; all of it
    where one does not say how much.
    """
    kinds = Q(kind="disputed_hours") | Q(kind="short_payment") | Q(kind="invoice_adjustment")
    rows = Trouble.objects.filter(
        kinds, about__in=list(invoices), state__in=["open", "taken"]
    ).values_list("about", "at_stake")
    found: dict[UUID, Decimal] = {}
    for about, amount in rows:
        if about is not None:
            found[about] = found.get(about, NOTHING) + (EVERYTHING if amount is None else amount)
    return found
