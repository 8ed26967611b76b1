"""Funded invoices brought up to date with the client's money and whatever else was set against
them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backline.desk import actions as desk
from backline.funding import mirror, pool
from backline.funding.actions.halves import Half, told
from backline.funding.events import AdvanceChargedBack, AdvanceRepaid
from backline.funding.mirror import Move
from backline.funding.models import Advance
from backline.funding.standing import Paid, Standing, bring_up_to_date, over_advance, standings
from backline.invoicing.models import Invoice
from backline.kernel.actors import Actor
from backline.kernel.events import Fact, record

State = Advance.State
MOVED = (
    "state", "face", "unfunded", "repaid", "collected", "fee", "fee_tax", "released",
    "charged_back",
)  # fmt: skip


def repay(counterparty: str, paid: Mapping[UUID, Paid], *, actor: Actor, at: datetime) -> Half:
    """Settle funded invoices with everything that was set against each so far; the agency's half.

    `paid` holds all the client's money of an invoice that the partner holds. Cash repays the
    advance first, then fees once nothing is open; the rest is the agency's. Money taken back goes
    the same way back. The same again moves nothing.
    """
    pool.hold()
    rows = list(
        Advance.objects.select_for_update(of=("self",))
        .filter(invoice__in=list(paid), counterparty=counterparty)
        .exclude(state=State.DECLINED)
        .select_related("terms")
        .order_by("id")
    )
    _forget_declined(paid, actor, at)
    return bring(counterparty, rows, paid, actor=actor, at=at)


def bring(
    counterparty: str,
    rows: Sequence[Advance],
    paid: Mapping[UUID, Paid],
    *,
    actor: Actor,
    at: datetime,
) -> Half:
    """Bring these advances, which the caller holds, where they ought to stand, in the books too."""
    now = standings([row.invoice for row in rows])
    moves: list[Move] = []
    facts: list[Fact] = []
    touched: list[Advance] = []
    for row in rows:
        before = {name: getattr(row, name) for name in MOVED}
        here = now[row.invoice]
        own = bring_up_to_date(row, here, paid.get(row.invoice, Paid()), at.date())
        if own or before != {name: getattr(row, name) for name in MOVED}:
            moves += own
            touched.append(row)
            facts += _facts(row, own, here)
    Advance.objects.bulk_update(touched, MOVED)
    mirror.move(mirror.AGENCY, counterparty, moves, actor=actor, at=at)
    record(facts, actor=actor, at=at)
    _watch(rows, now, actor, at)
    return Half(told(touched), tuple(moves))


def _facts(row: Advance, moves: Sequence[Move], now: Standing) -> list[Fact]:
    facts: list[Fact] = [
        AdvanceRepaid(
            subject=row.pk,
            invoice=str(row.invoice),
            repaid=row.repaid,
            released=row.released,
            fee=row.fee + row.fee_tax,
            currency=row.currency,
        )
    ]
    if any(move.kind == "charged_back" for move in moves):
        facts.append(
            AdvanceChargedBack(
                subject=row.pk,
                invoice=str(row.invoice),
                principal=row.charged_back,
                fee=row.fee + row.fee_tax,
                currency=row.currency,
                reassigned=not now.is_funded,
            )
        )
    return facts


def _watch(
    rows: Sequence[Advance], now: Mapping[UUID, Standing], actor: Actor, at: datetime
) -> None:
    """Put on a desk what was advanced beyond what is still owed; take off what no longer is."""
    found, gone = [], []
    for row in rows:
        is_over = row.state == State.RELEASED
        over = row.charged_back if is_over else over_advance(row, now[row.invoice])
        if over:
            found.append(_over(row, over))
        else:
            gone.append(f"over_advance:{row.invoice}")
        if row.state in {State.RELEASED, State.CHARGED_BACK}:
            gone.append(f"charge_back_due:{row.invoice}")
    desk.open_exceptions(found, actor=actor, at=at)
    stakes = {one.key: (one.at_stake, one.currency) for one in found if one.at_stake is not None}
    desk.restate(stakes, actor=actor, at=at)
    desk.close_for(gone, resolution="The money is there again.", actor=actor, at=at)


def _over(row: Advance, over: Decimal) -> desk.Found:
    is_taken = row.state == State.RELEASED
    return desk.Found(
        kind="over_advance",
        key=f"over_advance:{row.invoice}",
        title=f"More was advanced on {row.invoice_number} than its client still owes",
        detail=(
            f"{over} {row.currency} of the advance was not repaid by the client and is taken from"
            " what the agency is due."
            if is_taken
            else f"{over} {row.currency} of the advance is above its share of what is open."
        ),
        about_kind="invoice",
        about=row.invoice,
        stops="money",
        at_stake=over,
        currency=row.currency,
        suggested="Expect a smaller wire, or bill what was credited anew.",
    )


def _forget_declined(paid: Mapping[UUID, Paid], actor: Actor, at: datetime) -> None:
    """What the client paid needs no advance any more."""
    declined = Advance.objects.filter(invoice__in=list(paid), state=State.DECLINED)
    settled = Invoice.objects.filter(pk__in=declined.values("invoice"), open_amount__lte=0)
    keys = [f"funding_declined:{key}" for key in settled.values_list("pk", flat=True)]
    desk.close_for(keys, resolution="The client paid it.", actor=actor, at=at)
