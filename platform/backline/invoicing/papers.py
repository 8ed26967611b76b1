"""Papers: the PDF of an invoice or credit note, with the approved time and receipts behind it in a
stable order.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.assignments.models import Milestone
from backline.directory import queries as directory
from backline.directory.models import FirmRecord, PayingAccount, Terms
from backline.invoicing import lines, sheets
from backline.invoicing.models import BilledCharge, Invoice, InvoiceLine
from backline.kernel import documents
from backline.kernel.actors import Actor
from backline.kernel.models import Document
from backline.kernel.papers import bundle, render
from backline.kernel.papers.facts import Detail, RemitTo, WorkLine
from backline.kernel.papers.parties import party

UNITS = {"hour": "h", "day": "days", "amount": ""}
PDF = "application/pdf"


def make(rows: Sequence[Invoice], *, actor: Actor, at: datetime) -> None:
    """Make and keep the papers of final invoices that have none; their rows then name them.

    The rows come with client, terms and what they adjust.
    """
    if not rows:
        return
    behind = attachments(rows)
    firm, accounts = directory.firm(), _accounts()
    for row in rows:
        papers = [render("invoice", facts(row, firm, accounts.get(row.currency)))]
        papers += behind.get(row.pk, [])
        row.document = documents.keep(
            bundle(papers) if len(papers) > 1 else papers[0],
            kind="invoice",
            name=f"{row.number}.pdf",
            media_type=PDF,
            subject=row.pk,
            actor=actor,
            at=at,
        )
    Invoice.objects.bulk_update(rows, ["document"])


def preview(row: Invoice) -> bytes:
    """A draft on paper as it would be issued; it is kept nowhere."""
    accounts = _accounts()
    front = render("invoice", facts(row, directory.firm(), accounts.get(row.currency)))
    behind = attachments([row]).get(row.pk, [])
    return bundle([front, *behind]) if behind else front


def facts(row: Invoice, firm: FirmRecord, account: PayingAccount | None) -> dict[str, Any]:
    """The facts of an invoice: its stored lines, tax rows and totals, never added up again."""
    is_credit = row.kind == "credit_note"
    client = row.client
    vat = f"VAT {client.vat_number}" if client.vat_number else ""
    own_vat = f"VAT {firm.vat_number}" if firm.vat_number else ""
    foot = (firm.legal_name, firm.company_number, own_vat)
    issued_on = row.issued_on or row.drafted_at.date()
    legends = [one["legend"] for one in row.tax_rows if one.get("legend")]
    notes = [*dict.fromkeys(legends), *([row.note] if row.note else [])]
    told: dict[str, Any] = {
        "country": firm.country,
        "currency": row.currency,
        "dated": issued_on,
        "number": row.number or "Draft",
        "firm": party(firm.trading_name or firm.legal_name, firm.address, firm.email, firm.phone),
        "foot": " · ".join(part for part in foot if part),
        "client": party(client.legal_name, client.billing_address, vat),
        "details": _details(row),
        "lines": [_line(line) for line in InvoiceLine.objects.filter(invoice=row).order_by("n")],
        "net": row.net,
        "taxes": [
            {"label": one["label"], "base": Decimal(one["net"]), "tax": Decimal(one["amount"])}
            for one in row.tax_rows
        ],
        "total": row.gross,
        "notes": notes,
    }
    if row.due_on is not None:
        told["due_on"] = row.due_on
    if is_credit:
        told["credits"] = (row.adjusts.number or "") if row.adjusts else "of earlier work"
        told["reason"] = row.reason
    return told | _pay_to(row, firm, account)


def _details(row: Invoice) -> list[Detail]:
    issued_on = row.issued_on or row.drafted_at.date()
    details: list[Detail] = [{"label": "Date", "value": issued_on}]
    if row.adjusts is not None and row.kind == "invoice":
        details.append({"label": "Adds to", "value": row.adjusts.number or ""})
    if row.po_number:
        details.append({"label": "Purchase order", "value": row.po_number})
    if row.cost_centre:
        details.append({"label": "Cost centre", "value": row.cost_centre})
    if row.kind == "invoice":
        details.append({"label": "Terms", "value": _terms(row.terms)})
        if row.due_on is not None:
            details.append({"label": "Due", "value": row.due_on})
    return details


def _terms(terms: Terms | None) -> str:
    days = terms.net_days if terms else lines.terms_of(None, 0).due.days
    counted = "end of month" if terms and terms.from_month_end else "invoice"
    return f"{days} days from {counted}"


def _line(line: InvoiceLine) -> WorkLine:
    week = ""
    if line.starts_on is not None and line.ends_on is not None:
        first, last = line.starts_on, line.ends_on
        week = f"{last.day} {last:%b}"
        if first != last:
            week = f"{first.day} {first:%b} to {week}"
    return {
        "worker": line.worker_name,
        "week": week,
        "label": line.label or line.code,
        "quantity": line.quantity,
        "unit": UNITS.get(line.unit, line.unit),
        "rate": line.rate * line.factor,
        "amount": line.amount,
    }


def _pay_to(row: Invoice, firm: FirmRecord, account: PayingAccount | None) -> dict[str, Any]:
    """Where it is paid to; when the debt is assigned, the new payee and the notice, word for
    word.
    """
    assigned: Mapping[str, Any] = firm.settings.get("assignment") or {}
    if row.is_funded and assigned.get("notice") and assigned.get("name"):
        return {"assignment": str(assigned["notice"]), "remit_to": _told(assigned)}
    own: Mapping[str, Any] = firm.settings.get("remit_to") or {}
    if own.get("name"):
        return {"remit_to": _told(own)}
    if account is None:
        return {}
    code = "Sort code" if account.rail == "bacs" else "Routing"
    number = account.facts.get("sort_code" if account.rail == "bacs" else "routing", "")
    details: list[Detail] = [
        {"label": code, "value": str(number)},
        {"label": "Account", "value": account.account.reveal()},
        {"label": "Reference", "value": row.number or ""},
    ]
    return {"remit_to": {"name": firm.legal_name, "details": details}}


def _told(said: Mapping[str, Any]) -> RemitTo:
    """Who is paid and by which numbers, as the firm's settings hold them."""
    rows = {key: value for key, value in said.items() if key not in {"name", "notice"}}
    return {
        "name": str(said["name"]),
        "details": [
            {"label": key.replace("_", " ").capitalize(), "value": str(value)}
            for key, value in rows.items()
        ],
    }


def _accounts() -> dict[str, PayingAccount]:
    """The firm's own account by currency."""
    return {row.currency: row for row in PayingAccount.objects.filter(is_default=True)}


def attachments(rows: Iterable[Invoice]) -> dict[UUID, list[bytes]]:
    """The approved time, the receipts and the client's word on milestones behind each invoice
    whose terms ask for them, by worker, day and id.
    """
    asking = [row for row in rows if row.terms is None or row.terms.attach_timesheets]
    charges: dict[UUID, list[UUID]] = {}
    times: dict[UUID, set[UUID]] = {}
    placed = BilledCharge.objects.filter(invoice__in=[row.pk for row in asking])
    for invoice, charge, sheet in placed.order_by("line", "charge_id").values_list(
        "invoice_id", "charge_id", "charge__timesheet_id"
    ):
        charges.setdefault(invoice, []).append(charge)
        if sheet is not None:
            times.setdefault(invoice, set()).add(sheet)
    printed = sheets.printed({key for own in times.values() for key in own})
    all_charges = {key for own in charges.values() for key in own}
    receipts, words = _receipts(all_charges), _acceptances(all_charges)
    found: dict[UUID, list[bytes]] = {}
    for row in asking:
        own = [(order, paper) for key in times.get(row.pk, ()) for order, paper in [printed[key]]]
        found[row.pk] = [paper for _, paper in sorted(own, key=lambda pair: pair[0])]
        found[row.pk] += [one for key in charges.get(row.pk, ()) for one in receipts.get(key, ())]
        accepted = dict.fromkeys(words[key] for key in charges.get(row.pk, ()) if key in words)
        found[row.pk] += [documents.content(one) for one in accepted]
    return found


def _acceptances(charges: set[UUID]) -> dict[UUID, Document]:
    """The document by which the client accepted what each charge of a milestone is for."""
    rows = Milestone.objects.filter(charge__in=charges, evidence__media_type=PDF)
    return {
        row.charge: row.evidence
        for row in rows.select_related("evidence")
        if row.charge and row.evidence
    }


def _receipts(charges: set[UUID]) -> dict[UUID, list[bytes]]:
    found: dict[UUID, list[bytes]] = {}
    for row in Document.objects.filter(
        subject__in=charges, kind="receipt", media_type=PDF
    ).order_by("id"):
        if row.subject is not None:
            found.setdefault(row.subject, []).append(documents.content(row))
    return found
