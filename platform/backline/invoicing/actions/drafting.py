"""Drafts: everything billable of a client put together as its terms say, again whenever
something changes.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backline.directory import queries as directory
from backline.directory.models import Client
from backline.invoicing import lines, ordering
from backline.invoicing.events import InvoiceDiscarded, InvoiceDrafted
from backline.invoicing.models import BilledCharge, Invoice, InvoiceLine
from backline.kernel import copying
from backline.kernel.actors import Actor
from backline.kernel.events import Fact, record
from backline.kernel.ids import new_id
from rulebook import bill
from rulebook.bill import BillLine, Draft

LINE = (
    "invoice", "n", "label", "assignment", "worker", "worker_name", "code", "starts_on", "ends_on",
    "unit", "quantity", "rate", "factor", "amount", "treatment", "po_number", "cost_centre",
)  # fmt: skip


LONGEST_KEY = 200
CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A draft as it should be: its key, what it holds, and the final invoice it adjusts, if any."""

    key: str
    draft: Draft
    adjusts: UUID | None = None


def key_of(text: str) -> str:
    """What a draft's group is known by; words that are too long for a column as their hash."""
    return text if len(text) <= LONGEST_KEY else hashlib.sha256(text.encode()).hexdigest()


def adjusting(invoice: UUID, kind: str) -> str:
    """How the keys of drafts begin that adjust a final invoice; a credit stands by itself."""
    return f"{CREDIT if kind == CREDIT else 'adjusts'}={invoice}|"


def draft(clients: Iterable[UUID], *, actor: Actor, at: datetime) -> list[UUID]:
    """Make the drafts of these clients anew from everything billable; returns their ids.

    A draft of the same group keeps its id; one with nothing left on it is discarded. Corrections of
    a final
    invoice stand on drafts of their own that name it.
    """
    asked = sorted(set(clients))
    # one drafting a client at a time, in one order
    list(Client.objects.select_for_update().filter(pk__in=asked).order_by("id").values_list("id"))
    # the drafts are held before anything is read: what a twin made final is then not billed twice
    standing = {
        row.group_key: row
        for row in Invoice.objects.select_for_update()
        .filter(client__in=asked, state=Invoice.State.DRAFT)
        .order_by("id")
    }
    wanted, orders = _wanted(asked, at)
    BilledCharge.objects.filter(invoice__in=standing.values()).delete()
    InvoiceLine.objects.filter(invoice__in=standing.values()).delete()
    facts: list[Fact] = []
    rows = [_row(one, standing.get(one.key), at, facts) for one in wanted]
    _save(rows, standing)
    gone = [row for key, row in standing.items() if key not in {one.key for one in wanted}]
    Invoice.objects.filter(pk__in=[row.pk for row in gone]).update(state=Invoice.State.DISCARDED)
    facts += [InvoiceDiscarded(subject=row.pk, client=str(row.client_id)) for row in gone]
    _write_lines(wanted, rows)
    record(facts, actor=actor, at=at)
    ordering.tell(asked, orders, actor=actor, at=at)
    return [row.pk for row in rows]


def _wanted(clients: Sequence[UUID], at: datetime) -> tuple[list[Wanted], ordering.Looked]:
    fresh: dict[UUID, list[BillLine]] = {}
    corrections: dict[tuple[UUID, str], list[BillLine]] = {}
    for row in lines.billable(clients):
        invoice = lines.adjusts(row)
        if invoice is not None:
            kind = CREDIT if row.kind == CREDIT else ""
            corrections.setdefault((invoice, kind), []).append(lines.line_of(row))
        elif row.client_id is not None:
            fresh.setdefault(row.client_id, []).append(lines.line_of(row))
    firm, table, on = directory.firm(), lines.taxes(), lines.local_day(at)
    agreed = lines.terms_on(clients, on)
    looked = ordering.look(fresh, {key: row.po_required for key, row in agreed.items()})
    found = [
        Wanted(key_of(one.group_key), one)
        for client, own in looked.billable.items()
        for one in bill.drafts(own, lines.terms_of(agreed.get(client), firm.week_starts), table, on)
    ]
    issued = Invoice.objects.in_bulk({invoice for invoice, _ in corrections})
    before: dict[UUID, list[Invoice]] = {}
    for paper in Invoice.objects.filter(adjusts__in=issued, state=Invoice.State.FINALIZED).order_by(
        "finalized_at", "id"
    ):
        if paper.adjusts_id is not None:
            before.setdefault(paper.adjusts_id, []).append(paper)
    for (key, kind), own in sorted(corrections.items(), key=str):
        chain = [lines.as_issued(one, table) for one in (issued[key], *before.get(key, ()))]
        terms = lines.terms_of(agreed.get(issued[key].client_id), firm.week_starts)
        one = bill.adjustment(chain, own, terms, table, on)
        if one is not None:
            found.append(Wanted(key_of(adjusting(key, kind) + one.group_key), one, key))
    return found, looked


def _row(one: Wanted, known: Invoice | None, at: datetime, facts: list[Fact]) -> Invoice:
    made = one.draft
    row = known or Invoice(
        id=new_id(), client_id=UUID(str(made.client)), group_key=one.key, drafted_at=at
    )
    same = (row.net, row.tax) == (made.net, made.tax) and known is not None
    row.kind, row.currency, row.adjusts_id = made.kind, made.currency, one.adjusts
    row.net, row.tax, row.gross = made.net, made.tax, made.gross
    row.tax_rows = tax_rows(made)
    row.due_on = made.due_on
    row.starts_on = min(line.starts_on for line in made.lines)
    row.ends_on = max(line.ends_on for line in made.lines)
    row.po_number = _common(line.po_number for line in made.lines)
    row.cost_centre = _common(line.cost_centre for line in made.lines)
    row.version += 1
    if not same:
        facts.append(
            InvoiceDrafted(
                subject=row.pk, client=str(row.client_id), gross=row.gross, currency=row.currency
            )
        )
    return row


def _save(rows: Sequence[Invoice], standing: Mapping[str, Invoice]) -> None:
    old = [row for row in rows if row.group_key in standing]
    Invoice.objects.bulk_create([row for row in rows if row.group_key not in standing])
    Invoice.objects.bulk_update(
        old,
        [
            "kind", "currency", "adjusts", "net", "tax", "gross", "tax_rows", "due_on",
            "starts_on", "ends_on", "po_number", "cost_centre", "version",
        ],
    )  # fmt: skip


def _write_lines(wanted: Sequence[Wanted], rows: Sequence[Invoice]) -> None:
    pairs = [
        (row.pk, n, line)
        for one, row in zip(wanted, rows, strict=True)
        for n, line in enumerate(one.draft.lines)
    ]
    copying.write(
        InvoiceLine,
        LINE,
        (
            (
                key, n, line.label, line.assignment or None, line.worker or None, line.worker_name,
                line.code, line.starts_on, line.ends_on, line.unit, line.quantity, line.rate,
                line.factor, line.amount, line.tax, line.po_number, line.cost_centre,
            )
            for key, n, line in pairs
        ),
    )  # fmt: skip
    copying.write(
        BilledCharge,
        ("charge", "invoice", "line"),
        ((charge, key, n) for key, n, line in pairs for charge in line.charges),
    )


def tax_rows(made: Draft) -> list[dict[str, Any]]:
    """The tax rows of a draft as an invoice keeps them."""
    return [
        {
            "code": row.rate.code,
            "category": row.rate.category,
            "label": row.rate.label,
            "share": str(row.rate.share),
            "net": str(row.net),
            "amount": str(row.amount),
            "legend": row.rate.legend,
            "version": row.rate.version,
        }
        for row in made.taxes
    ]


def _common(values: Iterable[str]) -> str:
    """The one value that all lines share, or nothing."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else ""
