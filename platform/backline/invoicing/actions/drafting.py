"""Drafts: everything billable of a client put together as its terms say, again whenever
something changes.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from backline.directory import queries as directory
from backline.directory.models import Client
from backline.invoicing import lines, ordering
from backline.invoicing.events import InvoiceDiscarded, InvoiceDrafted
from backline.invoicing.models import BilledCharge, Invoice, InvoiceLine
from backline.kernel import copying, rows, statements
from backline.kernel.actors import Actor
from backline.kernel.events import Fact, record
from backline.kernel.ids import new_ids
from backline.kernel.statements import Slot
from rulebook import bill
from rulebook.bill import BillLine, Draft
from rulebook.money import NOTHING
from rulebook.taxes import TaxTable

LINE = (
    "invoice", "n", "label", "assignment", "worker", "worker_name", "code", "starts_on", "ends_on",
    "unit", "quantity", "rate", "factor", "amount", "treatment", "po_number", "cost_centre",
)  # fmt: skip


INVOICE = (
    "id", "client", "group_key", "drafted_at", "state", "kind", "currency", "adjusts", "net", "tax",
    "gross", "tax_rows", "due_on", "starts_on", "ends_on", "po_number", "cost_centre", "version",
    "reason", "note", "is_funded", "open_amount", "delivery",
)  # fmt: skip
# What a draft that stands takes over from the one made anew.
ANEW = INVOICE[INVOICE.index("kind") : INVOICE.index("version") + 1]
BLANK = ("", "", False, NOTHING, "")  # from the reason on: what is said only of a final one
LONGEST_KEY = 200
FIRST = 2  # the version of a draft that was just made: it was begun, and filled
CREDIT = "credit"


class Wanted(NamedTuple):
    """A draft as it should be: its key, what it holds and comes to, and the final invoice it
    adjusts, if any.
    """

    key: str
    draft: Draft
    net: Decimal
    tax: Decimal
    adjusts: UUID | None = None

    @classmethod
    def of(cls, key: str, draft: Draft, adjusts: UUID | None = None) -> "Wanted":
        """A draft with its sums, which are added up once."""
        return cls(key_of(key), draft, draft.net, draft.tax, adjusts)


class Standing(NamedTuple):
    """A draft as it stands, before it is made anew."""

    id: UUID
    group_key: str
    client_id: UUID
    net: Decimal
    tax: Decimal
    version: int


_CLIENTS = statements.columns(
    lambda: (
        Client.objects.select_for_update()
        .filter(pk__among=Slot("keys"))
        .order_by("id")
        .values_list("id")
    ),
)
_STANDING = rows.asked(
    Standing,
    lambda: (
        Invoice.objects.select_for_update()
        .filter(client__among=Slot("clients"), state=Invoice.State.DRAFT)
        .order_by("id")
    ),
)


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
    _CLIENTS.soon(keys=asked)
    # the drafts are held before anything is read: what a twin made final is then not billed twice
    held = _STANDING.soon(clients=asked)
    wanted, orders = _wanted(asked, at)
    standing = {row.group_key: row for row in held()}
    before = [row.id for row in standing.values()]
    rows.remove(BilledCharge, "invoice", before)
    rows.remove(InvoiceLine, "invoice", before)
    keys = _save(wanted, standing, at)
    told = {one.key for one in wanted}
    gone = [row for key, row in standing.items() if key not in told]
    if gone:
        left = Invoice.objects.filter(pk__among=[row.id for row in gone])
        left.update(state=Invoice.State.DISCARDED)
    _write_lines(wanted, keys)
    facts: list[Fact] = [
        _drafted(key, one)
        for key, one in zip(keys, wanted, strict=True)
        if _is_news(one, standing.get(one.key))
    ]
    facts += [InvoiceDiscarded(subject=row.id, client=str(row.client_id)) for row in gone]
    record(facts, actor=actor, at=at)
    ordering.tell(asked, orders, actor=actor, at=at)
    return keys


def _wanted(clients: Sequence[UUID], at: datetime) -> tuple[list[Wanted], ordering.Looked]:
    fresh: dict[UUID, list[BillLine]] = {}
    corrections: dict[tuple[UUID, str], list[BillLine]] = {}
    known, orders = directory.firm_soon(), ordering.known_soon(clients)
    sides = lines.sides_soon(clients)
    firm = known()
    table, on = lines.taxes(firm), directory.day_of(at, firm)
    terms = lines.terms_soon(clients, on)
    for line, client, kind, invoice in lines.billable(sides()):
        if invoice is not None:
            own = corrections.setdefault((invoice, CREDIT if kind == CREDIT else ""), [])
        else:
            own = fresh.setdefault(client, [])
        own.append(line)
    agreed = terms()
    wants = {key: row.po_required for key, row in agreed.items()}
    looked = ordering.look(fresh, wants, orders)
    found = [
        Wanted.of(one.group_key, one)
        for client, own in looked.billable.items()
        for one in bill.drafts(own, lines.terms_of(agreed.get(client), firm.week_starts), table, on)
    ]
    if corrections:
        found += _adjusting(corrections, agreed, firm.week_starts, table, on)
    return found, looked


def _adjusting(
    corrections: Mapping[tuple[UUID, str], Sequence[BillLine]],
    agreed: Mapping[UUID, lines.Agreed],
    week_starts: int,
    table: TaxTable,
    on: date,
) -> list[Wanted]:
    """The drafts of what corrects final invoices, each beside the papers that did so before."""
    found = []
    issued = Invoice.objects.in_bulk({invoice for invoice, _ in corrections})
    before: dict[UUID, list[Invoice]] = {}
    for paper in Invoice.objects.filter(adjusts__in=issued, state=Invoice.State.FINALIZED).order_by(
        "finalized_at", "id"
    ):
        if paper.adjusts_id is not None:
            before.setdefault(paper.adjusts_id, []).append(paper)
    for (key, kind), own in sorted(corrections.items(), key=str):
        chain = [lines.as_issued(one, table) for one in (issued[key], *before.get(key, ()))]
        terms = lines.terms_of(agreed.get(issued[key].client_id), week_starts)
        one = bill.adjustment(chain, own, terms, table, on)
        if one is not None:
            found.append(Wanted.of(adjusting(key, kind) + one.group_key, one, key))
    return found


def _save(wanted: Sequence[Wanted], standing: Mapping[str, Standing], at: datetime) -> list[UUID]:
    """Write the drafts, those of a known group over what stands; returns their ids."""
    made = iter(new_ids(sum(one.key not in standing for one in wanted)))
    keys, fresh, anew = [], [], []
    for one in wanted:
        known = standing.get(one.key)
        key = known.id if known else next(made)
        keys.append(key)
        held = (*_held(one), known.version + 1 if known else FIRST)
        if known:
            anew.append((key, *held))
        else:
            begun = (key, one.draft.client, one.key, at, Invoice.State.DRAFT.value)
            fresh.append((*begun, *held, *BLANK))
    copying.write(Invoice, INVOICE, fresh)
    rows.change(Invoice, ANEW, anew)
    return keys


def _held(one: Wanted) -> tuple[Any, ...]:
    """What a draft says, from its kind to its cost centre."""
    made, own = one.draft, one.draft.lines
    return (
        made.kind, made.currency, one.adjusts, one.net, one.tax, one.net + one.tax, tax_rows(made),
        made.due_on, min(line.starts_on for line in own), max(line.ends_on for line in own),
        _common(line.po_number for line in own), _common(line.cost_centre for line in own),
    )  # fmt: skip


def _is_news(one: Wanted, known: Standing | None) -> bool:
    return known is None or (known.net, known.tax) != (one.net, one.tax)


def _drafted(key: UUID, one: Wanted) -> InvoiceDrafted:
    made = one.draft
    return InvoiceDrafted(
        subject=key, client=str(made.client), gross=one.net + one.tax, currency=made.currency
    )


def _write_lines(wanted: Sequence[Wanted], keys: Sequence[UUID]) -> None:
    pairs = [
        (key, n, line)
        for key, one in zip(keys, wanted, strict=True)
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
