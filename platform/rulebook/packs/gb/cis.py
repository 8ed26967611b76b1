"""Construction: what a contractor deducts from a subcontractor.

1,200.00 without VAT, 300.00 of it materials: registered, 20% of 900.00 = 180.00, so 1,020.00 paid
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from rulebook.lines import Line, Step, percent
from rulebook.money import penny_down
from rulebook.packs.gb import law
from rulebook.packs.gb.taxyear import month_ends_on

STANDINGS = ("gross", "registered", "unregistered")


class BadConstruction(ValueError):
    """A payment that cannot be worked out; `code` says which fact is wrong."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class CisPayment:
    """A subcontractor's payment: what counts, what is deducted, what is paid."""

    liable: Decimal
    deducted: Decimal
    paid: Decimal
    line: Line


def deduct(payment: Decimal, materials: Decimal, standing: str, paid_on: date) -> CisPayment:
    """Deduct from a payment without VAT by what HMRC's verification said of the subcontractor."""
    if standing not in STANDINGS:
        names = ", ".join(STANDINGS)
        raise BadConstruction("unknown_standing", f"A standing is one of {names}.")
    if payment < 0 or materials < 0 or materials > payment:
        raise BadConstruction("bad_amount", "Materials are a part of the payment, both from zero.")
    held, rate = law.figure("cis", paid_on), law.table("cis", paid_on)[standing]
    liable = payment - materials
    deducted = penny_down(liable * rate)
    steps = (
        Step("Payment without VAT", f"{payment}"),
        Step("Less materials", f"{materials}"),
        Step(f"{percent(rate)} of {liable}, subcontractor {standing}", f"{deducted}"),
    )
    line = Line(
        "tax", "gb.cis", "CIS deduction", deducted, liable, held.version, held.source, "HMRC", steps
    )
    return CisPayment(liable, deducted, payment - deducted, line)


def return_due_on(paid_on: date) -> date:
    """The 19th after the tax month of a payment: the monthly return."""
    day = int(law.table("cis.days", paid_on)["return"])
    return month_ends_on(paid_on).replace(day=day)


def statement_due_on(paid_on: date) -> date:
    """The day by which a subcontractor must have the statement of the tax month."""
    within = int(law.table("cis.days", paid_on)["statement_within"])
    return month_ends_on(paid_on) + timedelta(days=within)
