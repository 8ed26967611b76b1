"""Final invoices put right: credited whole, with or without billing again, or adjusted by the
difference.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backline.charges import agreed
from backline.charges.models import Charge
from backline.desk import actions as desk
from backline.invoicing.actions.drafting import draft
from backline.invoicing.actions.finalizing import finalize
from backline.invoicing.models import Invoice, InvoiceLine
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.outcomes import one
from rulebook.money import to_penny

NOTHING = Decimal("0.00")


def credit(
    invoice: UUID, *, reason: str, actor: Actor, at: datetime, reinstate: bool = False
) -> Invoice:
    """Credit a final invoice whole by a credit note that mirrors it; `reinstate` makes its work
    billable again.

    The charges stay as they are: their bill sides are taken back by charges that name them, and
    stand again
    as new ones when reinstated. Once only.
    """
    row = _final(invoice, reason)
    charges = list(Charge.objects.filter(billed__invoice=row).order_by("id"))
    back = agreed.mirrored(charges, key=f"credit:{row.pk}", kind="credit", reason=reason)
    if Charge.objects.filter(key__in=[new.key for new in back]).exists():
        raise Conflict("credited_already", f"{row.number} was credited before.")
    again = [
        agreed.NewCharge(
            key=f"reinstate:{row.pk}:{charge.pk}",
            kind="reinstated",
            assignment=charge.assignment_id,
            worked_on=charge.worked_on,
            code=charge.code,
            label=charge.label,
            reason=reason,
            unit=charge.unit,
            bill=agreed.Agreed(
                charge.bill_quantity or NOTHING,
                charge.bill_rate or NOTHING,
                charge.bill_amount or NOTHING,
                charge.bill_currency,
                charge.bill_treatment,
            ),
        )
        for charge in charges
        if reinstate
    ]
    agreed.post_agreed([*back, *again], actor=actor, at=at)
    return _issue(row, reason, actor, at)


def adjust(
    invoice: UUID,
    *,
    line: int,
    quantity: Decimal | None = None,
    rate: Decimal | None = None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Invoice:
    """Bill one line of a final invoice at another quantity or rate: the difference alone, on its
    own paper.

    Opens an exception with what it costs, which closes with the credit note or supplementary
    invoice.
    """
    row = _final(invoice, reason)
    old = InvoiceLine.objects.filter(invoice=row, n=line).first()
    if old is None:
        raise Missing("not_found", "There is no such line.", pointer="/line")
    if quantity is None and rate is None:
        raise Invalid("nothing_to_change", "Give another quantity or rate.", pointer="/quantity")
    charges = list(Charge.objects.filter(billed__invoice=row, billed__line=line).order_by("id"))
    now = quantity if quantity is not None else old.quantity
    price = rate if rate is not None else old.rate
    difference = to_penny(now * price * old.factor) - old.amount
    if not difference:
        raise Invalid("nothing_to_change", "That comes to the same amount.", pointer="/quantity")
    number = row.adjustments.count() + 1
    key = f"adjust:{row.pk}:{line}:{number}"
    _open(row, difference, reason, actor, at)
    first = charges[0]
    new = agreed.NewCharge(
        key=key,
        kind="adjustment",
        assignment=first.assignment_id,
        worked_on=first.worked_on,
        code=first.code,
        label=first.label,
        reason=reason,
        unit=first.unit,
        bill=agreed.Agreed(
            now - old.quantity if rate is None else now,
            price if rate is None else price - old.rate,
            difference,
            row.currency,
            first.bill_treatment,
        ),
        corrects=first.pk,
    )
    one(agreed.post_agreed([new], actor=actor, at=at))
    made = _issue(row, reason, actor, at)
    desk.close_for(
        [f"invoice_adjustment:{row.pk}"],
        resolution=f"{made.number} for {made.gross} {made.currency}.",
        actor=actor,
        at=at,
        outcome={"invoice": str(made.pk), "gross": str(made.gross)},
    )
    return made


def _final(invoice: UUID, reason: str) -> Invoice:
    if not reason.strip():
        raise Invalid("reason_missing", "Say why.", pointer="/reason")
    row = Invoice.objects.select_for_update().filter(pk=invoice).first()
    if row is None:
        raise Missing("not_found", "There is no such invoice.")
    if row.state != Invoice.State.FINALIZED:
        raise Conflict(
            "not_final", "A draft is not credited; it follows its charges.", status=row.state
        )
    return row


def _issue(row: Invoice, reason: str, actor: Actor, at: datetime) -> Invoice:
    """Draft and make final what now adjusts an invoice."""
    draft([row.client_id], actor=actor, at=at)
    paper = Invoice.objects.filter(
        client=row.client_id, adjusts=row, state=Invoice.State.DRAFT
    ).first()
    if paper is None:
        raise Conflict("nothing_to_bill", "There is no difference to what was billed.")
    Invoice.objects.filter(pk=paper.pk).update(reason=reason[:300])
    one(finalize([paper.pk], actor=actor, at=at))
    paper.refresh_from_db()
    return paper


def _open(row: Invoice, difference: Decimal, reason: str, actor: Actor, at: datetime) -> None:
    found = desk.Found(
        kind="invoice_adjustment",
        key=f"invoice_adjustment:{row.pk}",
        title=f"{row.number} is to be adjusted",
        detail=reason,
        about_kind="invoice",
        about=row.pk,
        stops="money",
        at_stake=abs(difference),
        currency=row.currency,
        suggested="The difference goes out on its own paper.",
    )
    desk.open_exceptions([found], actor=actor, at=at)
