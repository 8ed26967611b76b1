"""Companies: payslips of those who are paid gross: umbrellas, limited companies, contractors of
1099, and subcontractors in construction, from whose pay the deduction of the scheme is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from backline.kernel.events import plain
from backline.payroll.situations import as_json, earning_read, read
from rulebook import pay
from rulebook.lines import Line
from rulebook.money import NOTHING, to_penny
from rulebook.pack import Earning, Situation
from rulebook.packs.gb import cis
from rulebook.taxes import uk_vat

PACK = "company-1"
# Whom HMRC did not verify is taxed at the higher share: the law's own rule, not a guess.
UNVERIFIED = "unregistered"
DIFFERENCE = "invoice_difference"


@dataclass(frozen=True, slots=True)
class Gross:
    """What somebody who is paid gross is paid: lines, what is taken, and VAT on top."""

    lines: tuple[Line, ...]
    gross: Decimal
    taken: Decimal
    vat: Decimal
    employer_cost: Decimal = NOTHING
    carried_forward: Mapping[str, Decimal] = field(default_factory=dict)


def facts(
    earnings: Sequence[Earning],
    *,
    route: str,
    pay_on: date,
    adds_vat: bool,
    standing: str = UNVERIFIED,
    invoice: Mapping[str, Any] | None = None,
    deemed: Situation | None = None,
) -> dict[str, Any]:
    """Everything such a payslip is made from, as it is kept beside it.

    `invoice` is what the company charged: its id, its difference to the work, and its VAT; `deemed`
    the pay that work inside the off-payroll rules counts as.
    """
    told: dict[str, Any] = plain(
        {
            "route": route,
            "pay_on": pay_on,
            "adds_vat": adds_vat,
            "standing": standing if route == "cis" else "",
            "invoice": dict(invoice) if invoice else None,
            "deemed": as_json(deemed) if deemed else None,
            "earnings": [
                {
                    "code": one.code,
                    "kind": one.kind,
                    "amount": one.amount,
                    "hours": one.hours,
                    "place": one.place,
                    "taxable": one.taxable,
                }
                for one in earnings
            ],
        }
    )
    return told


def worked_out(told: Mapping[str, Any], *, explain: bool = False) -> Gross:
    """Work out what such facts come to; the same facts give the same payslip for ever."""
    earnings = [earning_read(one) for one in told["earnings"]]
    pay_on = date.fromisoformat(told["pay_on"])
    lines = [Line("earning", one.code, _label(one.code), one.amount) for one in earnings]
    invoice = told["invoice"]
    if invoice and Decimal(invoice["difference"]):
        amount = Decimal(invoice["difference"])
        lines.append(Line("earning", DIFFERENCE, "Difference of the invoice", amount))
    gross = sum((line.amount for line in lines), NOTHING)
    taken = NOTHING
    if told["route"] == "cis" and gross > 0:
        materials = sum((one.amount for one in earnings if one.kind == "expense"), NOTHING)
        paid = cis.deduct(gross, max(materials, NOTHING), told["standing"], pay_on)
        lines.append(paid.line)
        taken = paid.deducted
    vat = _vat(told, gross, pay_on)
    if not told.get("deemed"):
        return Gross(tuple(lines), gross, taken, vat)
    slip = pay.payslip(read(told["deemed"], explain=explain))
    lines += [line for line in slip.lines if line.kind != "earning"]
    return Gross(
        tuple(lines), gross, taken + slip.taken, vat, slip.employer_cost, slip.carried_forward
    )


def vat_on(net: Decimal, pay_on: date) -> Decimal:
    """The VAT of a registered company on what it is paid."""
    return to_penny(net * uk_vat().on("standard", pay_on).share)


def _vat(told: Mapping[str, Any], gross: Decimal, pay_on: date) -> Decimal:
    if told["invoice"]:
        return Decimal(told["invoice"]["tax"])
    return vat_on(gross, pay_on) if told["adds_vat"] else NOTHING


def _label(code: str) -> str:
    return code.replace("_", " ").capitalize()
