"""Lines: the bill sides of charges as the rulebook's values, and stored invoices read back as
drafts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.directory.models import Terms as AgreedTerms
from backline.invoicing.models import Invoice
from backline.kernel import dated, rows
from rulebook import bill
from rulebook.bill import BillLine, Draft, Due, TaxTotal, Terms
from rulebook.money import NOTHING
from rulebook.taxes import TaxRate, TaxTable, uk_vat, us_without_sales_tax

GROUPING = {"code": "charge_type"}


BILLABLE = (
    "pk", "kind", "client_id", "assignment_id", "worker_id", "worked_on", "code", "label", "unit",
    "bill_quantity", "bill_rate", "bill_factor", "bill_amount", "bill_currency", "bill_treatment",
    "po_number", "cost_centre", "worker__given_name", "worker__family_name",
    "assignment__site__name", "corrects__billed__invoice_id", "corrects__billed__invoice__state",
    "corrects__billed__invoice__adjusts_id",
)  # fmt: skip


def billable(clients: Iterable[UUID]) -> Iterable[Any]:
    """The charges of these clients with a bill side that no final invoice holds, as rows."""
    return (
        Charge.objects.filter(
            Q(billed__isnull=True) | Q(billed__invoice__state=Invoice.State.DRAFT),
            client__among=clients,
            bill_amount__isnull=False,
        )
        .order_by("worked_on", "id")
        .values_list(*BILLABLE, named=True)
    )


def line_of(row: Any) -> BillLine:
    """The bill side of a charge as an invoice takes it."""
    return BillLine(
        charge=row.pk,
        client=row.client_id or "",
        assignment=row.assignment_id,
        worker=row.worker_id,
        day=row.worked_on,
        code=row.code,
        quantity=row.bill_quantity or NOTHING,
        rate=row.bill_rate or NOTHING,
        amount=row.bill_amount or NOTHING,
        currency=row.bill_currency,
        tax=row.bill_treatment,
        unit=row.unit,
        factor=row.bill_factor,
        label=row.label,
        worker_name=f"{row.worker__given_name} {row.worker__family_name}",
        po_number=row.po_number,
        cost_centre=row.cost_centre,
        site=row.assignment__site__name or "",
        charge_type=row.code,
    )


def adjusts(row: Any) -> UUID | None:
    """The final invoice that a correcting charge adjusts, or None for new work.

    What corrects a line of an adjusting paper adjusts the invoice behind it.
    """
    if row.corrects__billed__invoice__state != Invoice.State.FINALIZED:
        return None
    found: UUID = row.corrects__billed__invoice__adjusts_id or row.corrects__billed__invoice_id
    return found


def local_day(at: datetime) -> date:
    """The firm's own day at a moment."""
    return directory.day_of(at)


class Agreed(NamedTuple):
    """What a client agreed to on how it is billed, and for which days."""

    id: UUID
    client_id: UUID
    valid: DateRange
    net_days: int
    from_month_end: bool
    group_by: Sequence[str]
    split_by_month: bool
    po_required: bool


def terms_of(row: Agreed | None, week_starts: int) -> Terms:
    """A client's terms as the rulebook reads them; thirty days and one invoice where none are
    agreed.
    """
    if row is None:
        return Terms(first_weekday=week_starts)
    split = [GROUPING.get(name, name) for name in row.group_by]
    if row.split_by_month:
        split.append("month")
    counted = bill.FROM_MONTH_END if row.from_month_end else bill.FROM_INVOICE
    return Terms(tuple(dict.fromkeys(split)), Due(row.net_days, counted), True, week_starts)


def terms_on(clients: Iterable[UUID], day: date) -> Mapping[UUID, Agreed]:
    """Each client's agreed terms on a day; before the first ones, those."""
    found: dict[UUID, Agreed] = {}
    held = AgreedTerms.objects.filter(client__among=clients, valid__overlap=dated.since(day))
    for row in rows.read(Agreed, held.order_by("valid")):
        # of two, the earlier one holds on the day, and the later one is still to come
        found.setdefault(row.client_id, row)
    return found


def taxes() -> TaxTable:
    """The tax treatments of the firm's country, with the firm's own rows of US sales tax
    beside them.
    """
    firm = directory.firm()
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
