"""Questions to the directory."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, cast
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
from backline.kernel import dated, rows, statements
from backline.kernel.errors import Missing
from backline.kernel.sealing import Secret

# In a firm's settings: each day from which holiday was paid otherwise, and how it was before.
HOLIDAY_BEFORE = "holiday_before"

_FIRM = statements.whole(FirmRecord, lambda: FirmRecord.objects.order_by("pk")[:1])


class PayeeAccount(NamedTuple):
    """An approved bank account; what is sealed in it opens with its own id."""

    id: UUID
    worker_id: UUID | None
    intermediary_id: UUID | None
    rail: str
    holder: str
    routing: Secret
    account: Secret
    account_type: str
    decided_at: datetime | None

    @property
    def payee(self) -> UUID:
        """Who is paid there."""
        return cast(UUID, self.worker_id or self.intermediary_id)

    def numbers(self) -> tuple[str, str]:
        """The bank's number and the account's, opened."""
        return self.routing.reveal(self.id), self.account.reveal(self.id)


def firm() -> FirmRecord:
    """The firm whose books these are; raises Missing when they were not opened."""
    return firm_soon()()


def firm_soon() -> Callable[[], FirmRecord]:
    """The same, asked with whatever is asked next."""
    found = _FIRM.soon()

    def told() -> FirmRecord:
        for one in found():
            return one
        raise Missing("books_not_open", "The books of this firm were not opened yet.")

    return told


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


class _Elected(NamedTuple):
    """What a worker told about one tax."""

    worker_id: UUID
    kind: str
    facts: dict[str, Any]


def elections(workers: Iterable[UUID], on: date) -> dict[UUID, dict[str, Any]]:
    """The facts of each worker's elections in force on a day, by kind."""
    found: dict[UUID, dict[str, Any]] = {}
    own = dated.on(TaxElection.objects.filter(worker__among=workers, withdrawn=False), on)
    for worker, kind, facts in rows.read(_Elected, own):
        found.setdefault(worker, {})[kind] = facts
    return found


def orders(workers: Iterable[UUID], on: date) -> dict[UUID, list[Order]]:
    """The standing deductions of each worker in force on a day, in lawful order."""
    found: dict[UUID, list[Order]] = {}
    standing = dated.on(Order.objects.filter(worker__among=workers), on)
    for row in standing.order_by("priority", "id"):
        found.setdefault(row.worker_id, []).append(row)
    return found


def approved_accounts(
    *, workers: Iterable[UUID] = (), intermediaries: Iterable[UUID] = ()
) -> dict[UUID, PayeeAccount]:
    """The approved bank account of each payee, by the payee's id."""
    own = BankAccount.objects.filter(state="approved")
    found = (
        *rows.read(PayeeAccount, own.filter(worker__among=workers)),
        *rows.read(PayeeAccount, own.filter(intermediary__among=intermediaries)),
    )
    return {one.payee: one for one in found}


def terms(clients: Iterable[UUID], on: date) -> dict[UUID, Terms]:
    """Each client's terms in force on a day."""
    agreed = dated.on(Terms.objects.filter(client__among=clients), on)
    return {row.client_id: row for row in agreed}


def paying_account(rail: str, currency: str) -> PayingAccount | None:
    """The account the firm pays from by a rail in a currency, or None."""
    return PayingAccount.objects.filter(rail=rail, currency=currency, is_default=True).first()


def self_billing(intermediaries: Iterable[UUID]) -> dict[UUID, list[SelfBilling]]:
    """Every self-billing agreement of these companies, for `dated.in_force`."""
    found: dict[UUID, list[SelfBilling]] = {}
    agreed = SelfBilling.objects.filter(intermediary__among=intermediaries, withdrawn=False)
    for row in agreed.order_by("valid"):
        found.setdefault(row.intermediary_id, []).append(row)
    return found
