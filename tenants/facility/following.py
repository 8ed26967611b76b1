"""Following: the agency's half of what its feed and its clock ask the facility to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.collections.models import Allocation, Receipt
from backline.desk import actions as desk
from backline.funding import actions as funding
from backline.funding.actions import Half
from backline.funding.actions.charging_back import due
from backline.funding.actions.passing_on import Free
from backline.funding.standing import ASSIGNED, DIRECT, Paid, net_of
from backline.kernel import consumers, feed, here
from backline.kernel.actors import Actor
from backline.kernel.events import Told
from backline.kernel.models import Offset
from backline.ledger import queries as ledger
from tenants import tenancy

CONSUMER, DAYS = "facility", "facility_days"
DECIDES = frozenset(
    {"invoice.finalized", "client.changed", "exception.closed", "funding_terms.agreed"}
)
NAMES = DECIDES | {"allocation.made"}
SET = 500
UNAPPLIED = "2400"


def take(partner: str, *, actor: Actor, at: datetime, limit: int = SET) -> tuple[Half, bool]:
    """Take the next set of the agency's events; returns what the partner must mirror and
    whether any was passed.

    The client's money repays first; then whatever is not funded is looked at, for money that came
    in, a dispute that ended or a limit that was raised may be what it waited for.
    """
    done = Half()

    def react(events: Sequence[Told]) -> None:
        nonlocal done
        allocations = [event for event in events if event.name == "allocation.made"]
        if allocations:
            done += _follow_money(partner, allocations, actor, at)
        done += funding.advance(partner, actor=actor, at=at)

    passed = consumers.run_with(CONSUMER, NAMES, react, limit=limit)
    return done, passed > 0


def take_day(partner: str, *, actor: Actor, at: datetime) -> Half:
    """Do what a new day asks for, once: give back what was not paid in time, warn of what will
    be, and look again at what is not funded.
    """
    if not _begins(at.date()):
        return Half()
    overdue = due(partner, at)
    done = funding.charge_back(partner, paid(overdue), actor=actor, at=at) if overdue else Half()
    funding.warn_of_charge_backs(partner, actor=actor, at=at)
    return done + funding.advance(partner, actor=actor, at=at)


def give_up(why: str) -> None:
    """Pass over the next event, which cannot be followed, and put that on a desk."""
    consumers.give_up(CONSUMER, why, NAMES)


def is_behind(*, at: datetime) -> bool:
    """Whether the agency whose books are open has something the facility has not seen."""
    place = tenancy.place(here.firm())
    if place.kind != "agency" or not place.partner:
        return False
    return consumers.is_behind(CONSUMER) or _last_day() < at.date().toordinal()


def is_whole() -> bool:
    """Whether the facility has followed everything it wants of the agency whose books are open."""
    return not (feed.is_waiting(NAMES) or consumers.is_behind(CONSUMER, NAMES))


def paid(invoices: Iterable[UUID]) -> dict[UUID, Paid]:
    """Of each invoice, the client's money that the partner holds and that was set against it
    while it was funded, and the day of the last thing set against it.
    """
    wanted = list(invoices)
    crossed = ledger.crossings(UNAPPLIED, ASSIGNED, wanted)
    held = _held_by_partner({one.source for one in crossed if one.source})
    cash: dict[UUID, list[tuple[date, Decimal]]] = {key: [] for key in wanted}
    for one in crossed:
        if one.source in held:
            cash[one.target].append((one.on, one.amount))
    standing = Allocation.objects.filter(
        invoice__in=wanted, reverses__isnull=True, reversed_by__isnull=True
    )
    last = dict(standing.order_by("applied_on").values_list("invoice_id", "applied_on"))
    return {key: Paid(net_of(cash[key]), last.get(key)) for key in wanted}


def _follow_money(partner: str, events: Sequence[Told], actor: Actor, at: datetime) -> Half:
    """Pass on what was set against invoices of the agency's own, and settle the funded ones.

    Which of the two it was the books say: the account it was set against.
    """
    invoices = {UUID(event.facts["invoice"]) for event in events}
    free = {
        UUID(one.key.partition(":")[2]): one
        for one in ledger.crossings(UNAPPLIED, DIRECT, invoices)
        if one.key.startswith("allocation:")
    }
    held = _held_by_partner({one.source for one in free.values() if one.source})
    told = {event.subject: event for event in events}
    passed_on = [
        Free(key, one.target, one.amount, told[key].facts["currency"])
        for key, one in free.items()
        if key in told and one.source in held
    ]
    done = funding.pass_on(partner, passed_on, actor=actor, at=at) if passed_on else Half()
    _misdirected([event for event in events if event.subject not in free], actor, at)
    return done + funding.repay(partner, paid(invoices), actor=actor, at=at)


def _held_by_partner(receipts: Collection[UUID]) -> set[UUID]:
    rows = Receipt.objects.filter(pk__in=receipts, held_by="partner")
    return set(rows.values_list("pk", flat=True))


def _misdirected(events: Sequence[Told], actor: Actor, at: datetime) -> None:
    """A client paid a funded invoice to the agency's own bank: that money is held in trust and
    must be handed over; one that was taken back again is not.
    """
    own = [
        event
        for event in events
        if event.facts["kind"] == "payment" and event.facts["held_by"] == "firm"
    ]
    back = dict(
        Allocation.objects.filter(
            pk__in=[event.subject for event in own], reverses__isnull=False
        ).values_list("pk", "reverses_id")
    )
    found = [
        _trust(event) for event in own if event.facts["is_funded"] and event.subject not in back
    ]
    desk.open_exceptions(found, actor=actor, at=at)
    keys = [f"misdirected:{original}" for original in back.values()]
    desk.close_for(keys, resolution="The allocation was taken back.", actor=actor, at=at)


def _trust(event: Told) -> desk.Found:
    return desk.Found(
        kind="misdirected_receipt",
        key=f"misdirected:{event.subject}",
        title="A client paid a funded invoice to the agency's own bank",
        detail="The money belongs to the funder and must be handed over the same day.",
        about_kind="invoice",
        about=UUID(event.facts["invoice"]),
        stops="money",
        at_stake=Decimal(event.facts["amount"]),
        currency=event.facts["currency"],
        suggested="Send it to the partner's collections bank.",
    )


def _begins(day: date) -> bool:
    """Note that the facility has seen a day; False when it had."""
    Offset.objects.bulk_create([Offset(consumer=DAYS)], ignore_conflicts=True)
    row = Offset.objects.select_for_update().get(consumer=DAYS)
    if row.seq >= day.toordinal():
        return False
    row.seq = day.toordinal()
    row.save(update_fields=["seq"])
    return True


def _last_day() -> int:
    found = Offset.objects.filter(consumer=DAYS).values_list("seq", flat=True).first()
    return found or 0
