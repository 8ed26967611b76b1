"""Drafts made final: numbered without gaps, dated, posted to the books, never edited again."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Sum

from backline.directory import queries as directory
from backline.invoicing import lines
from backline.invoicing.events import InvoiceFinalized
from backline.invoicing.models import Invoice, InvoiceLine
from backline.kernel import arrays, later, numbers, operations, rows, statements, states
from backline.kernel.actors import Actor
from backline.kernel.arrays import Json
from backline.kernel.errors import Conflict, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.models import Operation
from backline.kernel.operations import Done, Item, Work
from backline.kernel.outcomes import Outcome, in_order
from backline.kernel.statements import Slot
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
CREDIT = "credit_note"
SERIES = {"invoice": "INV", CREDIT: "CN"}
NUMBERED = (
    "number", "terms", "issued_on", "due_on", "open_amount", "state", "finalized_at",
    "finalized_by", "version",
)  # fmt: skip
BILLED = """
DELETE FROM charges_unbilledcharge waits USING invoicing_billedcharge held
WHERE waits.charge_id = held.charge_id AND held.invoice_id = ANY (%s::uuid[])
"""


class Paper(NamedTuple):
    """An invoice or credit note as it was drafted."""

    id: UUID
    kind: str
    state: str
    client_id: UUID
    adjusts_id: UUID | None
    currency: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    tax_rows: list[dict[str, Any]]
    version: int


_PAPERS = rows.asked(
    Paper,
    lambda: Invoice.objects.select_for_update().filter(pk__among=Slot("keys")).order_by("id"),
)
_SUMS = statements.columns(
    lambda: (
        InvoiceLine.objects.filter(invoice__among=Slot("keys"))
        .values_list("invoice_id", "code")
        .annotate(amount=Sum("amount"))
        .order_by("invoice_id", "code")
    ),
)


class Final(NamedTuple):
    """A paper with its number and its days."""

    paper: Paper
    number: str
    due_on: date


def finalize(invoices: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Make drafts final in the order given; one that is refused takes no number and stops no other.

    Numbers are taken in one block a series, inside this transaction. The papers follow as an
    operation.
    """
    known = directory.firm_soon()
    found = {row.id: row for row in _PAPERS(keys=invoices)}
    asked = [found[key] for key in dict.fromkeys(invoices) if key in found]
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such invoice.")
        for key in set(invoices) - found.keys()
    }
    firm = known()
    on, table = directory.day_of(at, firm), lines.taxes(firm)
    for row in asked:
        refusal = _refused(row, table, on)
        if refusal is not None:
            refusals[row.id] = refusal
    fit = [row for row in asked if row.id not in refusals]
    sums = _SUMS.soon(keys=[row.id for row in fit])
    final = _number(fit, firm.week_starts, on, actor, at)
    _leave_nothing_waiting(final)
    ledger.post(_entries(final, sums(), on), actor=actor, at=at)
    record((_finalized(one) for one in final), actor=actor, at=at)
    if final:
        operations.accept(
            PAPERS,
            key=f"{PAPERS}:{final[0].number}:{len(final)}",
            refs=[str(one.paper.id) for one in final],
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


def _refused(row: Paper, table: TaxTable, on: date) -> Refusal | None:
    refusal = states.refused(row.state, State.FINALIZED, Invoice.MOVES, "invoice")
    if refusal is not None:
        return refusal
    if not row.net and not row.tax:
        return Conflict("nothing_to_bill", "There is nothing on this draft.")
    if row.adjusts_id is None and not _is_current(row, table, on):
        return Conflict("tax_changed", "A tax rate changed since it was drafted; draft it again.")
    return None


def _is_current(row: Paper, table: TaxTable, on: date) -> bool:
    """Whether each tax row still has the rate of the day of issue."""
    try:
        return all(table.on(one["code"], on).version == one["version"] for one in row.tax_rows)
    except NoRule:
        return False


def _number(
    papers: Sequence[Paper], week_starts: int, on: date, actor: Actor, at: datetime
) -> list[Final]:
    """Number and date papers, in the order given within each series."""
    if not papers:
        return []
    who = Json.of(actor.as_json())
    terms = lines.terms_soon({paper.client_id for paper in papers}, on)
    final: dict[UUID, Final] = {}
    written = []
    for kind, prefix in SERIES.items():
        own = [paper for paper in papers if paper.kind == kind]
        if not own:
            continue
        first, agreed = numbers.take(f"invoice:{prefix}", len(own)), terms()
        for n, paper in enumerate(own, start=first):
            known = agreed.get(paper.client_id)
            due_on = on if kind == CREDIT else lines.terms_of(known, week_starts).due.on(on)
            one = Final(paper, f"{prefix}-{n:06d}", due_on)
            final[paper.id] = one
            written.append(
                (
                    paper.id, one.number, known.id if known else None, on, due_on, paper.gross,
                    State.FINALIZED.value, at, who, paper.version + 1,
                )
            )  # fmt: skip
    rows.change(Invoice, NUMBERED, written)
    return [final[paper.id] for paper in papers]


def _leave_nothing_waiting(final: Sequence[Final]) -> None:
    """What final papers hold waits to be billed no longer."""
    if final:
        later.put_off(BILLED, [arrays.parameter([one.paper.id for one in final])])


def _entries(final: Sequence[Final], sums: Iterable[tuple[Any, ...]], on: date) -> list[EntrySet]:
    """What each paper moves: the client's debt against revenue by what was sold, and its tax."""
    nets: dict[UUID, dict[str, Decimal]] = {}
    for key, code, amount in sums:
        own = nets.setdefault(key, {})
        account = SOLD.get(code, REVENUE)
        own[account] = own.get(account, NOTHING) + amount
    return [
        EntrySet(
            key=f"invoice:{paper.id}",
            kind=paper.kind,
            effective_on=on,
            currency=paper.currency,
            legs=(
                *(
                    Leg(RECEIVABLE, account, amount, paper.id, paper.client_id)
                    for account, amount in sorted(nets.get(paper.id, {}).items())
                ),
                Leg(
                    RECEIVABLE,
                    VAT if paper.currency == "GBP" else SALES_TAX,
                    paper.tax,
                    paper.id,
                    None,
                ),
            ),
            narrative=number,
        )
        for paper, number, _ in final
    ]


def _finalized(one: Final) -> InvoiceFinalized:
    paper = one.paper
    return InvoiceFinalized(
        subject=paper.id,
        number=one.number,
        kind=paper.kind,
        client=str(paper.client_id),
        net=paper.net,
        tax=paper.tax,
        gross=paper.gross,
        currency=paper.currency,
        due_on=one.due_on.isoformat(),
        adjusts=str(paper.adjusts_id or ""),
    )
