"""Orders: standing deductions from a worker's pay, from a day until a day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backline.directory.actions import checks
from backline.directory.events import OrderAdded, OrderChanged
from backline.directory.models import Order, Worker
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record

# What one pay gives, what is still owed in all, the most at once, and the pay that must be left.
AMOUNTS = ("amount", "balance", "cap", "protected")


def add_orders(
    worker: UUID,
    *,
    kind: str,
    payee: str,
    case_number: str,
    priority: int,
    facts: Mapping[str, Any],
    since: date,
    actor: Actor,
    at: datetime,
) -> Order:
    """Take a standing deduction from a worker's pay from a day.

    One that arrived without its payee or case number is taken in: the law has it followed, so the
    worker's pay waits until they are known.
    """
    refuse_if(_faults(kind, facts))
    if not Worker.objects.filter(pk=worker).exists():
        raise Missing("not_found", "There is no such worker.", pointer="/worker")
    order = Order.objects.create(
        worker_id=worker,
        kind=kind,
        payee=payee.strip(),
        case_number=case_number.strip(),
        priority=priority,
        facts=dict(facts),
        valid=dated.since(since),
    )
    record([OrderAdded(subject=worker, kind=kind)], actor=actor, at=at)
    return order


def change_order(order: UUID, wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> Order:
    """Add what was missing of an order, or change what it takes from the next run on."""
    row = _held(order)
    own = checks.settled(row, {name: each for name, each in wanted.items() if name != "facts"})
    if "facts" in wanted:
        own["facts"] = dict(wanted["facts"])
        refuse_if(_faults(row.kind, own["facts"]))
    _told(row, change(row, own), actor, at)
    return row


def end_order(order: UUID, *, until: date, actor: Actor, at: datetime) -> Order:
    """Take nothing more from a day on; an order cannot end before it began."""
    row = _held(order)
    if until <= row.valid.lower:
        raise Invalid("ends_before_start", "It would end before it began.", pointer="/until")
    _told(row, change(row, {"valid": dated.since(row.valid.lower, until)}), actor, at)
    return row


def _held(order: UUID) -> Order:
    row = Order.objects.select_for_update().filter(pk=order).first()
    if row is None:
        raise Missing("not_found", "There is no such order.")
    return row


def _told(row: Order, changes: dict[str, Any], actor: Actor, at: datetime) -> None:
    if "valid" in changes:
        changes["valid"] = [None, row.valid.upper.isoformat()]
    if changes:
        fact = OrderChanged(subject=row.worker_id, kind=row.kind, changes=changes)
        record([fact], actor=actor, at=at)


def _faults(kind: str, facts: Mapping[str, Any]) -> list[Fault]:
    faults = []
    if not kind.strip():
        faults.append(Fault("required", "Say what kind of order it is.", "/kind"))
    for name in AMOUNTS:
        amount = facts.get(name)
        if amount is not None and not checks.is_amount(amount):
            told = 'Write the amount as a string such as "25.00".'
            faults.append(Fault("invalid_amount", told, f"/facts/{name}"))
    return faults
