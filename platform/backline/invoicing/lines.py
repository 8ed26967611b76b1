"""Lines: the bill sides of charges as the rulebook's values, and stored invoices read back as
drafts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast

from backline.assignments.models import Assignment
from backline.charges import waiting
from backline.directory.models import FirmRecord, Worker
from backline.directory.models import Terms as AgreedTerms
from backline.invoicing.models import BilledCharge, Invoice
from backline.kernel import dated, rows, statements
from backline.kernel.statements import Slot
from rulebook import bill
from rulebook.bill import BillLine, Draft, Due, TaxTotal, Terms
from rulebook.money import NOTHING
from rulebook.taxes import TaxRate, TaxTable, uk_vat, us_without_sales_tax

GROUPING = {"code": "charge_type"}


class Billable(NamedTuple):
    """The bill side of a charge of a kind as an invoice takes it, and the final invoice that it
    adjusts, if any.
    """

    line: BillLine
    client: UUID
    kind: str
    adjusts: UUID | None


class _Side(NamedTuple):
    """The bill side as it is stored; what only passes through is read in words, which are quicker
    to compare, to sort and to write again.
    """

    id: str
    kind: str
    client_id: UUID
    assignment_id: str
    worker_id: str
    worked_on: date
    code: str
    label: str
    unit: str
    bill_quantity: Decimal | None
    bill_rate: Decimal | None
    bill_factor: Decimal
    bill_amount: Decimal
    bill_currency: str
    bill_treatment: str
    po_number: str
    cost_centre: str
    corrects_id: UUID | None


IN_WORDS = {name: f"{name}_in_words" for name in ("id", "assignment_id", "worker_id")}
_SIDES = rows.asked(
    _Side,
    lambda: (
        waiting.to_bill(client__among=Slot("clients"))
        .annotate(**{new: Cast(name, TextField()) for name, new in IN_WORDS.items()})
        .order_by("worked_on", "id")
    ),
    **IN_WORDS,
)
_PEOPLE = statements.columns(
    lambda: Worker.objects.filter(pk__among=Slot("keys")).values_list(
        "id", "given_name", "family_name"
    ),
)
_PLACED = statements.columns(
    lambda: Assignment.objects.filter(pk__among=Slot("keys")).values_list("id", "site__name"),
)


def sides_soon(clients: Iterable[UUID]) -> Callable[[], list[_Side]]:
    """The charges of these clients with a bill side that no final invoice holds, by day, asked with
    whatever is asked next.
    """
    return _SIDES.soon(clients=clients)


def billable(found: Sequence[_Side]) -> list[Billable]:
    """The bill sides of these charges, with what an invoice says beside them."""
    if not found:
        return []
    people = _PEOPLE.soon(keys={one.worker_id for one in found})
    placed = _PLACED.soon(keys={one.assignment_id for one in found})
    names = {str(key): f"{given} {family}" for key, given, family in people()}
    sites = {str(key): site for key, site in placed()}
    final = _final({one.corrects_id for one in found if one.corrects_id is not None})
    return [
        Billable(
            _line(one, names[one.worker_id], sites[one.assignment_id] or ""),
            one.client_id,
            one.kind,
            final.get(one.corrects_id) if one.corrects_id is not None else None,
        )
        for one in found
    ]


def _line(one: _Side, worker: str, site: str) -> BillLine:
    return BillLine(
        one.id, one.client_id, one.assignment_id, one.worker_id, one.worked_on, one.code,
        one.bill_quantity or NOTHING, one.bill_rate or NOTHING, one.bill_amount or NOTHING,
        one.bill_currency, one.bill_treatment, one.unit, one.bill_factor, one.label, worker,
        one.po_number, one.cost_centre, site, charge_type=one.code,
    )  # fmt: skip


def _final(corrected: Iterable[UUID]) -> dict[UUID, UUID]:
    """The final invoices that hold these charges; what corrects a line of an adjusting paper
    adjusts the invoice behind it.
    """
    held = BilledCharge.objects.filter(
        charge__among=corrected, invoice__state=Invoice.State.FINALIZED
    )
    found = held.values_list("charge_id", "invoice_id", "invoice__adjusts_id")
    return {charge: behind or invoice for charge, invoice, behind in found}


class Agreed(NamedTuple):
    """What a client agreed to on how it is billed."""

    id: UUID
    client_id: UUID
    net_days: int
    from_month_end: bool
    group_by: Sequence[str]
    split_by_month: bool
    po_required: bool


_AGREED = rows.asked(
    Agreed,
    lambda: AgreedTerms.objects.filter(
        client__among=Slot("clients"), valid__overlap=Slot("days")
    ).order_by("valid"),
)


def terms_of(row: Agreed | None, week_starts: int) -> Terms:
    """A client's terms as the rulebook reads them; thirty days and one invoice where none are
    agreed.
    """
    if row is None:
        return Terms(first_weekday=week_starts)
    return _terms(
        tuple(row.group_by), row.split_by_month, row.net_days, row.from_month_end, week_starts
    )


@lru_cache
def _terms(
    group_by: tuple[str, ...], by_month: bool, days: int, from_month_end: bool, week_starts: int
) -> Terms:
    split = [GROUPING.get(name, name) for name in group_by]
    if by_month:
        split.append("month")
    counted = bill.FROM_MONTH_END if from_month_end else bill.FROM_INVOICE
    return Terms(tuple(dict.fromkeys(split)), Due(days, counted), True, week_starts)


def terms_soon(clients: Iterable[UUID], day: date) -> Callable[[], Mapping[UUID, Agreed]]:
    """Each client's agreed terms on a day, asked with whatever is asked next; before the first
    ones, those.
    """
    rows = _AGREED.soon(clients=clients, days=dated.since(day))
    # of two, the earlier one holds on the day, and the later one is still to come
    return lambda: {row.client_id: row for row in reversed(rows())}


def taxes(firm: FirmRecord) -> TaxTable:
    """The tax treatments of the firm's country, with the firm's own rows of US sales tax
    beside them.
    """
    if firm.country == "GB":
        return uk_vat().including([us_without_sales_tax().on("none", date(2026, 1, 1))])
    own = [
        TaxRate(
            row["code"],
            "S",
            Decimal(row["share"]),
            row["label"],
            date.fromisoformat(row["since"]),
            source="the firm's own notice",
        )
        for row in firm.settings.get("sales_tax", [])
    ]
    untaxed = [
        TaxRate(code, "O", Decimal(0), "No tax", date(2000, 1, 1), source="no tax is charged")
        for code in ("standard", "zero", "exempt", "outside")
        if code not in {rate.code for rate in own}
    ]
    return us_without_sales_tax().including([*own, *untaxed])


def as_issued(invoice: Invoice, table: TaxTable) -> Draft:
    """A final invoice as the rulebook's value: its split, days and tax rows, without its lines."""
    day = invoice.issued_on or date.min
    taxed = tuple(
        TaxTotal(table.on(row["code"], day), Decimal(row["net"]), Decimal(row["amount"]))
        for row in invoice.tax_rows
    )
    return Draft(
        invoice.kind,
        invoice.client_id,
        invoice.currency,
        day,
        invoice.due_on or day,
        (),
        (),
        taxed,
    )
