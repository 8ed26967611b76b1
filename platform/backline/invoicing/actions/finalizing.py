"""Drafts made final: numbered without gaps, dated, posted to the books, never edited again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backline.directory import queries as directory
from backline.invoicing import lines
from backline.invoicing.events import InvoiceFinalized
from backline.invoicing.models import Invoice
from backline.kernel import numbers, operations, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from backline.ledger import actions as ledger
from backline.ledger.actions import EntrySet, Leg

State = Invoice.State
RECEIVABLE, REVENUE, VAT, SALES_TAX = "1100", "4000", "2300", "2320"
PAPERS = "invoice.papers"
SERIES = {"invoice": "INV", "credit_note": "CN"}


def finalize(invoices: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Make drafts final in the order given; one that is refused takes no number and stops no other.

    Numbers are taken in one block a series, inside this transaction. The papers follow as an
    operation.
    """
    rows = list(Invoice.objects.select_for_update().filter(pk__in=invoices).order_by("id"))
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such invoice.")
        for key in set(invoices) - {row.pk for row in rows}
    }
    for row in rows:
        refusal = states.refused(row.state, State.FINALIZED, Invoice.MOVES, "invoice")
        if refusal is None and not row.net and not row.tax:
            refusal = Conflict("nothing_to_bill", "There is nothing on this draft.")
        if refusal is not None:
            refusals[row.pk] = refusal
    fit = [row for row in rows if row.pk not in refusals]
    _number(fit, actor, at)
    ledger.post([_entries(row) for row in fit], actor=actor, at=at)
    record((_finalized(row) for row in fit), actor=actor, at=at)
    if fit:
        operations.accept(
            PAPERS,
            key=f"{PAPERS}:{fit[0].number}:{len(fit)}",
            refs=[str(row.pk) for row in fit],
            actor=actor,
            at=at,
        )
    return in_order(invoices, refusals)


def _number(rows: Sequence[Invoice], actor: Actor, at: datetime) -> None:
    week_starts = directory.firm().week_starts
    agreed = lines.terms_on({row.client_id for row in rows}, at.date())
    for kind, prefix in SERIES.items():
        own = [row for row in rows if row.kind == kind]
        first = numbers.take(f"invoice:{prefix}", len(own)) if own else 0
        for n, row in enumerate(own, start=first):
            terms = agreed.get(row.client_id)
            row.number = f"{prefix}-{n:06d}"
            row.terms = terms
            row.issued_on = at.date()
            row.due_on = lines.terms_of(terms, week_starts).due.on(at.date())
            row.open_amount = row.gross
            row.state = State.FINALIZED
            row.finalized_at, row.finalized_by = at, actor.as_json()
            row.version += 1
    Invoice.objects.bulk_update(
        rows,
        [
            "number", "terms", "issued_on", "due_on", "open_amount", "state", "finalized_at",
            "finalized_by", "version",
        ],
    )  # fmt: skip


def _entries(row: Invoice) -> EntrySet:
    tax_account = VAT if row.currency == "GBP" else SALES_TAX
    return EntrySet(
        key=f"invoice:{row.pk}",
        kind=row.kind,
        effective_on=row.issued_on or row.drafted_at.date(),
        currency=row.currency,
        legs=(
            Leg(RECEIVABLE, REVENUE, row.net, row.pk, row.client_id),
            Leg(RECEIVABLE, tax_account, row.tax, row.pk, None),
        ),
        narrative=row.number or "",
    )


def _finalized(row: Invoice) -> InvoiceFinalized:
    return InvoiceFinalized(
        subject=row.pk,
        number=row.number or "",
        kind=row.kind,
        client=str(row.client_id),
        net=row.net,
        tax=row.tax,
        gross=row.gross,
        currency=row.currency,
        due_on=row.due_on.isoformat() if row.due_on else "",
        adjusts=str(row.adjusts_id or ""),
    )
