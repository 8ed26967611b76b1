"""Drafts made final: numbered without gaps, dated, posted to the books, never edited again."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from backline.directory import queries as directory
from backline.directory.models import Terms
from backline.invoicing import lines
from backline.invoicing.events import InvoiceFinalized
from backline.invoicing.models import Invoice, InvoiceLine
from backline.kernel import numbers, operations, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.models import Operation
from backline.kernel.operations import Done, Item, Work
from backline.kernel.outcomes import Outcome, in_order
from backline.ledger import actions as ledger
from backline.ledger.actions import EntrySet, Leg
from rulebook.taxes import TaxTable
from rulebook.timeline import NoRule

State = Invoice.State
MANY = "invoice.finalize"
SOLD = {"expense": "4020", "fee": "4010"}
NOTHING = Decimal("0.00")
RECEIVABLE, REVENUE, VAT, SALES_TAX = "1100", "4000", "2300", "2320"
PAPERS = "invoice.papers"
SERIES = {"invoice": "INV", "credit_note": "CN"}


def finalize(invoices: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Make drafts final in the order given; one that is refused takes no number and stops no other.

    Numbers are taken in one block a series, inside this transaction. The papers follow as an
    operation.
    """
    locked = Invoice.objects.select_for_update().filter(pk__in=invoices).order_by("id")
    found = {row.pk: row for row in locked}
    rows = [found[key] for key in dict.fromkeys(invoices) if key in found]
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such invoice.")
        for key in set(invoices) - found.keys()
    }
    on, table = lines.local_day(at), lines.taxes()
    for row in rows:
        refusal = _refused(row, table, on)
        if refusal is not None:
            refusals[row.pk] = refusal
    fit = [row for row in rows if row.pk not in refusals]
    _number(fit, on, actor, at)
    ledger.post(_entries(fit), actor=actor, at=at)
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


def finalize_many(invoices: Sequence[UUID], *, actor: Actor, at: datetime) -> Operation:
    """Accept many drafts to be made final in the order given, chunk by chunk."""
    asked = list(dict.fromkeys(invoices))
    digest = hashlib.sha256("".join(key.hex for key in asked).encode()).hexdigest()
    return operations.accept(
        MANY,
        key=f"{MANY}:{digest}:{at.isoformat()}",
        refs=[str(key) for key in asked],
        actor=actor,
        at=at,
    )


@operations.runs(MANY, chunk=200)
def finalize_chunk(work: Work, items: Sequence[Item]) -> Sequence[Done]:
    """Make a chunk of drafts final; each ends with its own result."""
    outcomes = finalize([UUID(item.ref) for item in items], actor=work.actor, at=work.at)
    refused = {outcome.id: outcome.refusal for outcome in outcomes}
    return [Done(item.n, {"invoice": item.ref}, refused.get(UUID(item.ref))) for item in items]


def _refused(row: Invoice, table: TaxTable, on: date) -> Refusal | None:
    refusal = states.refused(row.state, State.FINALIZED, Invoice.MOVES, "invoice")
    if refusal is not None:
        return refusal
    if not row.net and not row.tax:
        return Conflict("nothing_to_bill", "There is nothing on this draft.")
    if row.adjusts_id is None and not _is_current(row, table, on):
        return Conflict("tax_changed", "A tax rate changed since it was drafted; draft it again.")
    return None


def _is_current(row: Invoice, table: TaxTable, on: date) -> bool:
    """Whether each tax row still has the rate of the day of issue."""
    try:
        return all(table.on(one["code"], on).version == one["version"] for one in row.tax_rows)
    except NoRule:
        return False


def _number(rows: Sequence[Invoice], on: date, actor: Actor, at: datetime) -> None:
    if not rows:
        return
    week_starts = directory.firm().week_starts
    agreed = lines.terms_on({row.client_id for row in rows}, on)
    for kind, prefix in SERIES.items():
        own = [row for row in rows if row.kind == kind]
        first = numbers.take(f"invoice:{prefix}", len(own)) if own else 0
        for n, row in enumerate(own, start=first):
            terms = agreed.get(row.client_id)
            row.number = f"{prefix}-{n:06d}"
            row.terms = terms
            row.issued_on = on
            row.due_on = on if kind == "credit_note" else _due(terms, week_starts, on)
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


def _due(terms: Terms | None, week_starts: int, on: date) -> date:
    return lines.terms_of(terms, week_starts).due.on(on)


def _entries(rows: Sequence[Invoice]) -> list[EntrySet]:
    """What each paper moves: the client's debt against revenue by what was sold, and its tax."""
    nets: dict[UUID, dict[str, Decimal]] = {}
    sums = (
        InvoiceLine.objects.filter(invoice__in=rows)
        .values_list("invoice_id", "code")
        .annotate(amount=Sum("amount"))
        .order_by("invoice_id", "code")
    )
    for key, code, amount in sums:
        own = nets.setdefault(key, {})
        account = SOLD.get(code, REVENUE)
        own[account] = own.get(account, NOTHING) + amount
    return [
        EntrySet(
            key=f"invoice:{row.pk}",
            kind=row.kind,
            effective_on=row.issued_on or row.drafted_at.date(),
            currency=row.currency,
            legs=(
                *(
                    Leg(RECEIVABLE, account, amount, row.pk, row.client_id)
                    for account, amount in sorted(nets.get(row.pk, {}).items())
                ),
                Leg(
                    RECEIVABLE,
                    VAT if row.currency == "GBP" else SALES_TAX,
                    row.tax,
                    row.pk,
                    None,
                ),
            ),
            narrative=row.number or "",
        )
        for row in rows
    ]


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
