"""Statements to subcontractors in construction: one a tax month, made once, within the days that
law gives.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.directory.models import FirmRecord
from backline.kernel import documents
from backline.kernel.actors import Actor
from backline.kernel.events import record
from backline.kernel.papers import render
from backline.kernel.papers.facts import Remittance, WorkLine
from backline.kernel.papers.parties import party
from backline.payroll import construction
from backline.payroll.chain import DeductionStatement
from backline.payroll.construction import Deducted
from backline.payroll.events import DeductionStatementIssued
from rulebook.money import NOTHING

KIND = "deduction_statement"


def issue_statements(on: date, *, actor: Actor, at: datetime) -> int:
    """Give every subcontractor who was paid in the tax month that ended last its statement;
    returns how many. Again gives none.
    """
    firm = directory.firm()
    if firm.country != "GB":
        return 0
    ends_on = construction.month_before(on)
    known = set(
        DeductionStatement.objects.filter(month_ends_on=ends_on).values_list("worker", flat=True)
    )
    rows = [row for row in construction.of_month(ends_on) if row.worker.pk not in known]
    made = [_issued(row, ends_on, firm, actor, at) for row in rows]
    DeductionStatement.objects.bulk_create(made)
    facts = (
        DeductionStatementIssued(
            subject=one.pk,
            worker=str(one.worker_id),
            month_ends_on=ends_on.isoformat(),
            deducted=one.deducted,
        )
        for one in made
    )
    record(facts, actor=actor, at=at)
    desk.write([_letter(one, firm) for one in made if one.worker.email], at=at)
    return len(made)


def _issued(
    row: Deducted, ends_on: date, firm: FirmRecord, actor: Actor, at: datetime
) -> DeductionStatement:
    paper = documents.keep(
        render("remittance", _facts(row, ends_on, firm)),
        kind=KIND,
        name=f"deduction-statement-{ends_on.isoformat()}.pdf",
        media_type="application/pdf",
        subject=row.worker.pk,
        actor=actor,
        at=at,
    )
    return DeductionStatement(
        worker=row.worker,
        month_ends_on=ends_on,
        currency="GBP",
        gross=row.gross,
        materials=row.materials,
        deducted=row.deducted,
        paid=row.paid,
        standing=row.standing,
        verification_number=row.verification_number,
        document=paper,
        issued_at=at,
    )


def _facts(row: Deducted, ends_on: date, firm: FirmRecord) -> dict[str, Any]:
    """What law wants on it: both parties with their references, gross, materials, the deduction."""
    registered = directory.registrations(ends_on)
    own = registered.get("hmrc_cis") or registered.get("hmrc_paye")
    name = f"{row.worker.given_name} {row.worker.family_name}"
    details = [
        ("Tax month ending", ends_on),
        ("Contractor's reference", own.reference if own else ""),
        ("Verification number", row.verification_number),
        ("Cost of materials", f"£{row.materials:,.2f}"),
        ("Amount liable to deduction", f"£{row.liable:,.2f}"),
    ]
    facts: Remittance = {
        "country": "GB",
        "currency": "GBP",
        "dated": ends_on,
        "number": f"{ends_on:%Y-%m}-{row.worker.pk.hex[-6:].upper()}",
        "firm": party(firm.trading_name or firm.legal_name, firm.address, firm.email),
        "foot": firm.legal_name,
        "kind": "subcontractor",
        "to": party(name, row.worker.address, f"UTR {row.utr}" if row.utr else ""),
        "details": [{"label": label, "value": value} for label, value in details if value],
        "lines": [_line(name, paid_on, amount) for paid_on, amount in row.payments],
        "net": row.gross,
        "taxes": [],
        "taken_off": [{"label": "Deducted under the scheme", "amount": NOTHING - row.deducted}],
        "total": row.paid,
    }
    return dict(facts)


def _line(name: str, paid_on: date, amount: Decimal) -> WorkLine:
    return {
        "worker": name,
        "week": f"{paid_on.day} {paid_on:%b}",
        "label": "Payment",
        "quantity": Decimal(1),
        "unit": "",
        "rate": amount,
        "amount": amount,
    }


def _letter(one: DeductionStatement, firm: FirmRecord) -> desk.Letter:
    month = one.month_ends_on.isoformat()
    worker = one.worker
    return desk.Letter(
        key=f"{KIND}:{one.pk}",
        kind=KIND,
        to_name=f"{worker.given_name} {worker.family_name}",
        to_address=worker.email,
        subject_line=f"Deduction statement of {firm.legal_name}, tax month ending {month}",
        body=(
            f"Dear {worker.given_name} {worker.family_name},\n\nin the tax month ending {month} you"
            f" were paid {one.gross} pounds, {one.materials} of it for materials, and"
            f" {one.deducted} pounds were deducted and paid to HMRC.\n"
        ),
        about=one.pk,
    )
