"""Questions to the directory."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backline.directory.models import (
    BankAccount,
    FirmRecord,
    Order,
    PayingAccount,
    Registration,
    SelfBilling,
    TaxElection,
    Terms,
)
from backline.kernel import dated
from backline.kernel.errors import Missing

# In a firm's settings: each day from which holiday was paid otherwise, and how it was before.
HOLIDAY_BEFORE = "holiday_before"


def firm() -> FirmRecord:
    """The firm whose books these are; raises Missing when they were not opened."""
    record = FirmRecord.objects.first()
    if record is None:
        raise Missing("books_not_open", "The books of this firm were not opened yet.")
    return record


def day_of(at: datetime, known: FirmRecord | None = None) -> date:
    """The firm's own day at a moment; `known` is its record where that was read already."""
    return at.astimezone(ZoneInfo((known or firm()).time_zone)).date()


def holiday_method_on(day: date, known: FirmRecord | None = None) -> str:
    """How holiday was paid in the week of a day: what was decided later changes no week before."""
    own = known or firm()
    method = own.holiday_method
    for since, before in reversed(own.settings.get(HOLIDAY_BEFORE, [])):
        if day >= date.fromisoformat(since):
            break
        method = before
    return method


def registrations(on: date) -> dict[str, Registration]:
    """The firm's registrations in force on a day, by authority."""
    return {row.authority: row for row in dated.on(Registration.objects.all(), on)}


def elections(workers: Iterable[UUID], on: date) -> dict[UUID, dict[str, Any]]:
    """The facts of each worker's elections in force on a day, by kind."""
    found: dict[UUID, dict[str, Any]] = {}
    rows = dated.on(TaxElection.objects.filter(worker__in=list(workers), withdrawn=False), on)
    for worker, kind, facts in rows.values_list("worker_id", "kind", "facts"):
        found.setdefault(worker, {})[kind] = facts
    return found


def orders(workers: Iterable[UUID], on: date) -> dict[UUID, list[Order]]:
    """The standing deductions of each worker in force on a day, in lawful order."""
    found: dict[UUID, list[Order]] = {}
    rows = dated.on(Order.objects.filter(worker__in=list(workers)), on)
    for row in rows.order_by("priority", "id"):
        found.setdefault(row.worker_id, []).append(row)
    return found


def approved_accounts(
    *, workers: Iterable[UUID] = (), intermediaries: Iterable[UUID] = ()
) -> dict[UUID, BankAccount]:
    """The approved bank account of each payee, by the payee's id."""
    own = BankAccount.objects.filter(state="approved")
    rows = [
        *own.filter(worker__in=list(workers)),
        *own.filter(intermediary__in=list(intermediaries)),
    ]
    return {row.worker_id or row.intermediary_id: row for row in rows}  # type: ignore[misc]


def terms(clients: Iterable[UUID], on: date) -> dict[UUID, Terms]:
    """Each client's terms in force on a day."""
    rows = dated.on(Terms.objects.filter(client__in=list(clients)), on)
    return {row.client_id: row for row in rows}


def paying_account(rail: str, currency: str) -> PayingAccount | None:
    """The account the firm pays from by a rail in a currency, or None."""
    return PayingAccount.objects.filter(rail=rail, currency=currency, is_default=True).first()


def self_billing(intermediaries: Iterable[UUID]) -> dict[UUID, list[SelfBilling]]:
    """Every self-billing agreement of these companies, for `dated.in_force`."""
    found: dict[UUID, list[SelfBilling]] = {}
    rows = SelfBilling.objects.filter(intermediary__in=list(intermediaries), withdrawn=False)
    for row in rows.order_by("valid"):
        found.setdefault(row.intermediary_id, []).append(row)
    return found
