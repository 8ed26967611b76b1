"""The opening position: what workers, clients and the books bring along from another system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.directory import actions as directory
from backline.directory.models import Worker
from backline.invoicing.actions.bringing import OpenInvoice, bring_in
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, Refusal
from backline.kernel.outcomes import Outcome
from backline.ledger import actions as ledger
from backline.ledger import queries as books
from backline.ledger.actions import EntrySet, Leg
from backline.ledger.models import Account, Posting
from backline.payroll.actions.carrying import carry_in, faults_of
from backline.payroll.models import PayRun

OPENING = "3000"
# What clients owe comes in as their invoices; what balances the rest is no balance of its own.
OTHERWISE = {"1100": "Bring it in as open invoices.", OPENING: "It is what balances the others."}
KEY = "opening:balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWorker:
    """A worker's figures of the tax year by the pack's keys, and holiday not yet taken in hours."""

    worker: UUID
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    holiday_hours: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBalance:
    """What stands on an account: a debit when positive, a credit when negative."""

    account: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of each line of an opening position, in the order sent."""

    workers: list[Outcome]
    invoices: list[Outcome]
    balances: list[Outcome]


def bring_position(
    *,
    as_of: date,
    workers: Sequence[OpenWorker] = (),
    invoices: Sequence[OpenInvoice] = (),
    balances: Sequence[OpenBalance] = (),
    actor: Actor,
    at: datetime,
) -> Opened:
    """Bring in an opening position as of the end of a day; one line that is refused never stops
    the others, and lines that are sent again replace what they said before.

    Raises Conflict once the first pay run was released: from then on the books speak for
    themselves.
    """
    if is_closed():
        raise Conflict(
            "openings_closed",
            "The first pay run was released; what is wrong now is corrected, not opened anew.",
        )
    return Opened(
        _workers(workers, as_of, actor, at),
        bring_in(invoices, as_of=as_of, actor=actor, at=at),
        _balances(balances, as_of, actor, at),
    )


def is_closed() -> bool:
    """Whether the first pay run was released."""
    return PayRun.objects.filter(released_at__isnull=False).exists()


def _workers(lines: Sequence[OpenWorker], as_of: date, actor: Actor, at: datetime) -> list[Outcome]:
    countries = dict(
        Worker.objects.filter(pk__in={one.worker for one in lines}).values_list("pk", "country")
    )
    outcomes, fit, seen = [], [], set[UUID]()
    for one in lines:
        refusal = _refusal(one, countries, seen, as_of)
        seen.add(one.worker)
        outcomes.append(Outcome(one.worker, refusal))
        if refusal is None:
            fit.append(one)
    carry_in(
        [(one.worker, countries[one.worker], one.figures) for one in fit],
        as_of=as_of,
        actor=actor,
        at=at,
    )
    hours = {one.worker: one.holiday_hours for one in fit if one.holiday_hours is not None}
    directory.keep_holiday(hours, reason="Opening position", actor=actor, at=at)
    return outcomes


def _refusal(
    one: OpenWorker, countries: Mapping[UUID, str], seen: set[UUID], as_of: date
) -> Refusal | None:
    if one.worker not in countries:
        return Missing("not_found", "There is no such worker.", pointer="/worker")
    if one.worker in seen:
        return Invalid("worker_twice", "This worker stands in two lines.", pointer="/worker")
    faults = [
        Fault(fault.code, fault.detail, f"/figures{fault.pointer}")
        for fault in faults_of(countries[one.worker], one.figures, as_of)
    ]
    return Invalid.of(faults) if faults else None


def _balances(
    lines: Sequence[OpenBalance], as_of: date, actor: Actor, at: datetime
) -> list[Outcome]:
    """Post what a balance differs from what was opened before, so that a line sent again is right
    and one sent twice posts nothing.
    """
    accounts = {(row.code, row.currency): row.pk for row in Account.objects.all()}
    stands = books.opened()
    count = Posting.objects.filter(key__startswith=KEY).count()
    outcomes, sets = [], []
    seen = set[tuple[str, str]]()
    for one in lines:
        where = (one.account, one.currency)
        fault = _fault_of(where, accounts, seen)
        seen.add(where)
        if fault is not None:
            outcomes.append(Outcome(UUID(int=0), Invalid.of([fault])))
            continue
        outcomes.append(Outcome(accounts[where]))
        difference = one.amount - stands.get(where, Decimal(0))
        if difference:
            count += 1
            sets.append(
                EntrySet(
                    key=f"{KEY}:{one.currency}:{one.account}:{count}",
                    kind="opening",
                    effective_on=as_of,
                    currency=one.currency,
                    legs=(Leg(one.account, OPENING, difference),),
                    narrative="Opening position",
                )
            )
    ledger.post(sets, actor=actor, at=at)
    return outcomes


def _fault_of(
    where: tuple[str, str], accounts: Mapping[tuple[str, str], UUID], seen: set[tuple[str, str]]
) -> Fault | None:
    code, currency = where
    if code in OTHERWISE:
        return Fault("account_otherwise", OTHERWISE[code], "/account")
    if where not in accounts:
        return Fault("account_missing", f"There is no account {code} in {currency}.", "/account")
    if where in seen:
        return Fault("account_twice", "This account stands in two lines.", "/account")
    return None
