"""Final invoices put right: credited whole, with or without billing again, or adjusted by the
difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from backline.charges import agreed
from backline.charges.models import Charge
from backline.desk import actions as desk
from backline.invoicing.actions.drafting import adjusting, draft
from backline.invoicing.actions.finalizing import finalize
from backline.invoicing.models import Invoice, InvoiceLine
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.outcomes import one
from rulebook.money import to_penny

NOTHING = Decimal("0.00")
CREDIT, ADJUSTMENT = "credit", "adjustment"


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a final invoice as it should have been: another quantity, another rate, or both."""

    line: int
    quantity: Decimal | None = None
    rate: Decimal | None = None


def credit(
    invoice: UUID,
    *,
    reason: str,
    reinstate: bool = False,
    changes: Sequence[Change] = (),
    actor: Actor,
    at: datetime,
) -> Invoice:
    """Credit a final invoice whole by a credit note that mirrors it; `reinstate` makes its work
    billable again, with `changes` where a line was wrong.

    The charges stay as they are: their bill sides are taken back by charges that name them, and
    stand again as new ones when reinstated. Once only.
    """
    row = _final(invoice, reason)
    if row.kind != "invoice":
        raise Conflict("credit_note_is_final", "A credit note is not credited; bill the work anew.")
    charges = list(Charge.objects.filter(billed__invoice=row).order_by("id"))
    if Charge.objects.filter(kind=CREDIT, corrects__in=charges).exists():
        raise Conflict("credited_already", f"{row.number} was credited before.")
    refuse_if(_change_faults(row, changes, reinstate))
    back = [
        replace(new, bill=replace(new.bill, rate=_rate(charge)) if new.bill else None)
        for charge, new in zip(
            charges,
            agreed.mirrored(charges, key=f"credit:{row.pk}", kind=CREDIT, reason=reason),
            strict=True,
        )
    ]
    again = _reinstated(row, charges, changes, reason) if reinstate else []
    _posted([*back, *again], actor, at)
    return _issue(row, CREDIT, reason, actor, at)


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
    """Bill one line of a final invoice at another quantity or rate: the difference alone to what
    stands by now, on its own paper.

    Opens an exception with what it costs, which closes with the credit note or supplementary
    invoice.
    """
    row = _final(invoice, reason)
    old = InvoiceLine.objects.filter(invoice=row, n=line).first()
    if old is None:
        raise Missing("not_found", "There is no such line.", pointer="/line")
    if quantity is None and rate is None:
        raise Invalid("nothing_to_change", "Give another quantity or rate.", pointer="/quantity")
    stands = _standing(row, old)
    if stands.is_credited:
        raise Conflict("credited_already", f"{row.number} was credited; adjust what replaced it.")
    now = quantity if quantity is not None else stands.quantity
    price = rate if rate is not None else stands.rate
    difference = to_penny(now * price * old.factor) - stands.amount
    if not difference:
        raise Invalid("nothing_to_change", "That comes to what stands now.", pointer="/quantity")
    _open(row, difference, reason, actor, at)
    _posted(_differing(row, old, stands, (now, price), reason), actor, at)
    made = _issue(row, ADJUSTMENT, reason, actor, at)
    desk.close_for(
        [f"invoice_adjustment:{row.pk}"],
        resolution=f"{made.number} for {made.gross} {made.currency}.",
        actor=actor,
        at=at,
        outcome={"invoice": str(made.pk), "gross": str(made.gross)},
    )
    return made


@dataclass(frozen=True, slots=True)
class Stands:
    """What a line comes to by now, with everything that corrected it."""

    first: Charge
    quantity: Decimal
    rate: Decimal
    amount: Decimal
    count: int
    is_credited: bool


def _standing(row: Invoice, old: InvoiceLine) -> Stands:
    charges = Charge.objects.filter(billed__invoice=row, billed__line=old.n)
    own = list(
        Charge.objects.filter(
            Q(pk__in=charges) | Q(corrects__in=charges), bill_amount__isnull=False
        ).order_by("id")
    )
    # the newest charge that adds says at which rate the line stands
    newest = next((one_ for one_ in reversed(own) if (one_.bill_amount or NOTHING) > 0), own[0])
    return Stands(
        own[0],
        sum((charge.bill_quantity or NOTHING for charge in own), NOTHING),
        (_rate(newest) / old.factor).quantize(Decimal("0.0001")),
        sum((charge.bill_amount or NOTHING for charge in own), NOTHING),
        sum(charge.kind == ADJUSTMENT for charge in own),
        any(charge.kind == CREDIT for charge in own),
    )


def _differing(
    row: Invoice, old: InvoiceLine, stands: Stands, wanted: tuple[Decimal, Decimal], reason: str
) -> list[agreed.NewCharge]:
    """The charges of a difference: hours more or fewer at the same rate, or, at another rate, what
    stands taken back and billed anew.
    """
    now, price = wanted
    whole, shown = to_penny(now * price * old.factor), price * old.factor
    if price == stands.rate:
        parts = [(now - stands.quantity, shown, whole - stands.amount)]
    else:
        before = (-stands.quantity, stands.rate * old.factor, -stands.amount)
        parts = [before, (now, shown, whole)]
    return [
        _new(stands.first, f"adjust:{row.pk}:{old.n}:{stands.count + n}", ADJUSTMENT, part, reason)
        for n, part in enumerate(parts, start=1)
        if part[2]
    ]


def _new(
    charge: Charge, key: str, kind: str, part: tuple[Decimal, Decimal, Decimal], reason: str
) -> agreed.NewCharge:
    quantity, rate, amount = part
    return agreed.NewCharge(
        key=key,
        kind=kind,
        assignment=charge.assignment_id,
        worked_on=charge.worked_on,
        code=charge.code,
        label=charge.label,
        reason=reason,
        unit=charge.unit,
        bill=agreed.Agreed(quantity, rate, amount, charge.bill_currency, charge.bill_treatment),
        corrects=charge.pk if kind == ADJUSTMENT else None,
    )


def _change_faults(row: Invoice, changes: Sequence[Change], reinstate: bool) -> list[Fault]:
    if changes and not reinstate:
        return [
            Fault("not_reinstated", "Lines change only when they are billed again.", "/changes")
        ]
    known = set(InvoiceLine.objects.filter(invoice=row).values_list("n", flat=True))
    faults = []
    for n, one_ in enumerate(changes):
        if one_.line not in known:
            faults.append(Fault("not_found", "There is no such line.", f"/changes/{n}/line"))
        if one_.quantity is None and one_.rate is None:
            told = "Give another quantity or rate."
            faults.append(Fault("nothing_to_change", told, f"/changes/{n}"))
    return faults


def _reinstated(
    row: Invoice, charges: Sequence[Charge], changes: Sequence[Change], reason: str
) -> list[agreed.NewCharge]:
    """The work of an invoice to be billed once more; a changed line as one charge of its own."""
    wanted = {one_.line: one_ for one_ in changes}
    placed: Mapping[UUID, int] = dict(row.billed_charges.values_list("charge_id", "line"))
    again = [
        _new(
            charge,
            f"reinstate:{row.pk}:{charge.pk}",
            "reinstated",
            (
                charge.bill_quantity or NOTHING,
                _rate(charge),
                charge.bill_amount or NOTHING,
            ),
            reason,
        )
        for charge in charges
        if placed[charge.pk] not in wanted
    ]
    for old in InvoiceLine.objects.filter(invoice=row, n__in=wanted).order_by("n"):
        change = wanted[old.n]
        first = next(charge for charge in charges if placed[charge.pk] == old.n)
        now = change.quantity if change.quantity is not None else old.quantity
        price = change.rate if change.rate is not None else old.rate
        amount = to_penny(now * price * old.factor)
        if amount:
            key = f"reinstate:{row.pk}:line:{old.n}"
            again.append(_new(first, key, "reinstated", (now, price * old.factor, amount), reason))
    return again


def _rate(charge: Charge) -> Decimal:
    """The price of one unit with its factor, as a charge without one is billed."""
    return (charge.bill_rate or NOTHING) * charge.bill_factor


def _posted(charges: Iterable[agreed.NewCharge], actor: Actor, at: datetime) -> None:
    for outcome in agreed.post_agreed(list(charges), actor=actor, at=at):
        one([outcome])


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


def _issue(row: Invoice, kind: str, reason: str, actor: Actor, at: datetime) -> Invoice:
    """Draft and make final what now adjusts an invoice."""
    draft([row.client_id], actor=actor, at=at)
    paper = Invoice.objects.filter(
        client=row.client_id,
        adjusts=row,
        state=Invoice.State.DRAFT,
        group_key__startswith=adjusting(row.pk, kind),
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
