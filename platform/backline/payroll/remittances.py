"""Remittances: the facts of what companies and contractors are paid, and of invoices made out for
them.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.charges.models import Charge
from backline.directory import queries as directory
from backline.directory.models import FirmRecord
from backline.kernel import ids
from backline.kernel.papers.facts import Amount, Party, TaxRow, WorkLine
from backline.kernel.papers.parties import party
from backline.payroll.models import PayLine, Payment, Payslip, PayslipLine
from rulebook.money import NOTHING
from rulebook.taxes import uk_vat

KINDS = {
    "umbrella": "umbrella",
    "limited": "limited_company",
    "sow": "limited_company",
    "cis": "1099",
    "1099": "1099",
}
LEGEND = "The VAT shown is your output tax due to HMRC."


def remittance(slips: Sequence[Payslip], payment: Payment | None) -> dict[str, Any]:
    """The facts of a remittance over these statements; with a payment, of its company."""
    first, firm = slips[0], directory.firm()
    net = sum((slip.gross for slip in slips), NOTHING)
    vat = sum((slip.vat for slip in slips), NOTHING)
    bills_itself = payment is not None and _bills_itself(payment)
    account = payment.bank_account if payment is not None else first.bank_account
    return {
        "country": firm.country,
        "currency": first.currency,
        "dated": first.pay_on,
        "number": payment.number if payment is not None else _number(first),
        "firm": _firm(firm),
        "foot": firm.legal_name,
        "kind": KINDS[first.route],
        "to": _to(first, payment),
        "details": [
            {"label": "Payment date", "value": first.pay_on},
            {"label": "Work up to", "value": first.run.ends_on},
            *([{"label": "Reference", "value": payment.reference}] if payment is not None else []),
        ],
        "lines": [line for slip in slips for line in _lines(slip)],
        "net": net,
        "taxes": _taxes(first, net, vat),
        "taken_off": _taken_off(slips),
        "total": sum((slip.net for slip in slips), NOTHING),
        **({"paid_to": f"the account ending {account.account_last}"} if account else {}),
        **({"self_bill": True, "legend": LEGEND} if vat and not bills_itself else {}),
        **_year_to_date(first),
    }


def _firm(firm: FirmRecord) -> Party:
    vat = f"VAT {firm.vat_number}" if firm.vat_number else ""
    return party(firm.trading_name or firm.legal_name, firm.address, firm.email, vat)


def _to(slip: Payslip, payment: Payment | None) -> Party:
    company = payment.intermediary if payment is not None else None
    if company is not None:
        vat = f"VAT {company.vat_number}" if company.vat_number else ""
        return party(company.legal_name, company.address, vat)
    worker = slip.worker
    ending = f"TIN ending {worker.tax_id_last}" if worker.tax_id_last else ""
    return party(f"{worker.given_name} {worker.family_name}", worker.address, ending)


def _bills_itself(payment: Payment) -> bool:
    return payment.intermediary is not None and not payment.intermediary.self_billing


def _number(slip: Payslip) -> str:
    return ids.public("pay", slip.pk).rpartition("_")[2][-10:].upper()


def _lines(slip: Payslip) -> list[WorkLine]:
    """A line a label, week and rate; a company's accepted difference stands by itself."""
    name = f"{slip.worker.given_name} {slip.worker.family_name}"
    found: dict[tuple[str, str, Decimal], WorkLine] = {}
    sofar = NOTHING
    rows = PayLine.objects.filter(payslip=slip).select_related("charge")
    for line in rows.order_by("charge__week_starts_on", "charge_id"):
        charge = line.charge
        rate = charge.pay_rate or NOTHING
        week = f"{charge.week_starts_on.day} {charge.week_starts_on:%b}"
        held = found.setdefault(
            (week, charge.label or charge.code, rate),
            {
                "worker": name,
                "week": week,
                "label": charge.label or charge.code,
                "quantity": NOTHING,
                "unit": _unit(charge),
                "rate": rate,
                "amount": NOTHING,
            },
        )
        held["quantity"] += charge.pay_quantity or NOTHING
        held["amount"] += line.amount
        sofar += line.amount
    lines = list(found.values())
    if slip.gross != sofar:
        left = slip.gross - sofar
        lines.append(
            {
                "worker": name,
                "week": "",
                "label": "Difference of the invoice",
                "quantity": Decimal(1),
                "unit": "",
                "rate": left,
                "amount": left,
            }
        )
    return lines


def _unit(charge: Charge) -> str:
    return {"hour": "h", "day": "days"}.get(charge.unit, "")


def _taxes(slip: Payslip, net: Decimal, vat: Decimal) -> list[TaxRow]:
    if not vat:
        return []
    rate = uk_vat().on("standard", slip.pay_on)
    return [{"label": rate.label, "base": net, "tax": vat}]


def _taken_off(slips: Sequence[Payslip]) -> list[Amount]:
    keys: list[UUID] = [slip.pk for slip in slips]
    rows = PayslipLine.objects.filter(payslip__in=keys, kind__in=["tax", "deduction"])
    return [
        {"label": line.label, "amount": -line.amount} for line in rows.order_by("payslip_id", "n")
    ]


def _year_to_date(slip: Payslip) -> dict[str, list[Amount]]:
    """What a contractor of 1099 was paid this year, as the year's form will say it."""
    if slip.route != "1099":
        return {}
    rows = Payslip.objects.filter(
        worker=slip.worker_id,
        route="1099",
        tax_year=slip.tax_year,
        run__is_final=True,
        pk__lte=slip.pk,
    )
    total = sum(rows.values_list("gross", flat=True), NOTHING)
    return {"year_to_date": [{"label": "Non-employee compensation", "amount": total}]}
