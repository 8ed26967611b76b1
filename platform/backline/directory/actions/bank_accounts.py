"""Bank accounts of payees: proposed by one person, approved by another, never edited."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backline.directory.actions.checks import plain_number
from backline.directory.events import (
    BankAccountApproved,
    BankAccountProposed,
    BankAccountRefused,
)
from backline.directory.models import BankAccount, Intermediary, Worker
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Forbidden, Invalid, Missing, Refusal, refuse_if
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order

SHAPES = {
    "bacs": (re.compile(r"\d{6}"), re.compile(r"\d{8}"), "six digits", "eight digits"),
    "ach": (re.compile(r"\d{9}"), re.compile(r"[0-9A-Za-z]{1,17}"), "nine digits", "up to 17"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBankAccount:
    """Where a worker or a company is to be paid."""

    rail: str
    holder: str
    routing: str
    account: str
    worker: UUID | None = None
    intermediary: UUID | None = None
    account_type: str = ""

    def faults(self) -> list[Fault]:
        """Everything that is wrong with it."""
        return _faults(
            self.rail, self.holder, plain_number(self.routing), plain_number(self.account)
        )


def propose(
    *,
    rail: str,
    holder: str,
    routing: str,
    account: str,
    actor: Actor,
    at: datetime,
    worker: UUID | None = None,
    intermediary: UUID | None = None,
    account_type: str = "",
) -> BankAccount:
    """Say where a worker or a company is to be paid; nothing is paid there before a second
    person approves.
    """
    new = NewBankAccount(
        rail=rail,
        holder=holder,
        routing=routing,
        account=account,
        worker=worker,
        intermediary=intermediary,
        account_type=account_type,
    )
    refuse_if(new.faults())
    if (worker is None) == (intermediary is None):
        raise Invalid("one_payee", "Name a worker or a company, and not both.", pointer="/worker")
    if worker is not None and not Worker.objects.filter(pk=worker).exists():
        raise Missing("not_found", "There is no such worker.", pointer="/worker")
    if intermediary is not None and not Intermediary.objects.filter(pk=intermediary).exists():
        raise Missing("not_found", "There is no such company.", pointer="/intermediary")
    return propose_all([new], actor=actor, at=at)[0]


def propose_all(
    accounts: Sequence[NewBankAccount], *, actor: Actor, at: datetime
) -> list[BankAccount]:
    """Propose many accounts, which were checked before."""
    rows = [_row(new, actor, at) for new in accounts]
    BankAccount.objects.bulk_create(rows)
    facts = (
        BankAccountProposed(
            subject=row.pk, worker=_said(row.worker_id), intermediary=_said(row.intermediary_id)
        )
        for row in rows
    )
    record(facts, actor=actor, at=at)
    return rows


def _row(new: NewBankAccount, actor: Actor, at: datetime) -> BankAccount:
    number = plain_number(new.account)
    return BankAccount(
        worker_id=new.worker,
        intermediary_id=new.intermediary,
        rail=new.rail,
        holder=new.holder.strip(),
        routing=plain_number(new.routing),
        account=number,
        account_last=number[-4:],
        account_type=new.account_type or ("checking" if new.rail == "ach" else ""),
        proposed_by=actor.as_json(),
        proposed_by_id=actor.id,
        proposed_at=at,
    )


def approve(accounts: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Approve proposals of other people; what was approved before for the same payee is
    replaced.
    """
    rows, refusals = _decidable(accounts)
    for row in rows:
        if row.proposed_by_id == actor.id:
            refusals[row.pk] = Forbidden(
                "second_person_needed", "Bank details are approved by another person."
            )
    fit = [row for row in rows if row.pk not in refusals]
    payees = {(row.worker_id, row.intermediary_id): row for row in fit}
    BankAccount.objects.filter(
        state="approved", worker_id__in=[row.worker_id for row in fit if row.worker_id]
    ).update(state="replaced")
    BankAccount.objects.filter(
        state="approved",
        intermediary_id__in=[row.intermediary_id for row in fit if row.intermediary_id],
    ).update(state="replaced")
    for row in fit:
        # of two proposals for one payee in one call the later one holds
        newest = payees[row.worker_id, row.intermediary_id] is row
        row.state = BankAccount.State.APPROVED if newest else BankAccount.State.REPLACED
    _decide(fit, actor, at)
    facts = (
        BankAccountApproved(
            subject=row.pk, worker=_said(row.worker_id), intermediary=_said(row.intermediary_id)
        )
        for row in fit
    )
    record(facts, actor=actor, at=at)
    return in_order(accounts, refusals)


def refuse(accounts: Sequence[UUID], *, reason: str, actor: Actor, at: datetime) -> list[Outcome]:
    """Turn proposals down."""
    rows, refusals = _decidable(accounts)
    for row in rows:
        row.state = BankAccount.State.REFUSED
    _decide(rows, actor, at)
    _told_refused(rows, reason, actor, at)
    return in_order(accounts, refusals)


def fail(accounts: Sequence[UUID], *, reason: str, actor: Actor, at: datetime) -> None:
    """Put approved accounts out of use because the bank sent money back."""
    rows = list(BankAccount.objects.select_for_update().filter(pk__in=accounts, state="approved"))
    BankAccount.objects.filter(pk__in=[row.pk for row in rows]).update(state="failed")
    _told_refused(rows, reason, actor, at)


def _faults(rail: str, holder: str, routing: str, account: str) -> list[Fault]:
    shapes = SHAPES.get(rail)
    if shapes is None:
        return [Fault("rail_unknown", "Payments go by bacs or ach.", "/rail")]
    faults = []
    if not shapes[0].fullmatch(routing):
        faults.append(Fault("routing_shape", f"A {rail} bank code has {shapes[2]}.", "/routing"))
    if not shapes[1].fullmatch(account):
        faults.append(Fault("account_shape", f"A {rail} account has {shapes[3]}.", "/account"))
    if not holder.strip():
        faults.append(Fault("required", "Say whose account it is.", "/holder"))
    return faults


def _decidable(accounts: Sequence[UUID]) -> tuple[list[BankAccount], dict[UUID, Refusal]]:
    rows = list(BankAccount.objects.select_for_update().filter(pk__in=accounts).order_by("id"))
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such bank account.")
        for key in set(accounts) - {row.pk for row in rows}
    }
    for row in rows:
        if row.state != BankAccount.State.PROPOSED:
            refusals[row.pk] = Conflict(
                "illegal_move", f"This bank account is {row.state} already.", status=row.state
            )
    return [row for row in rows if row.pk not in refusals], refusals


def _decide(rows: Sequence[BankAccount], actor: Actor, at: datetime) -> None:
    for row in rows:
        row.decided_by, row.decided_by_id, row.decided_at = actor.as_json(), actor.id, at
    BankAccount.objects.bulk_update(rows, ["state", "decided_by", "decided_by_id", "decided_at"])


def _told_refused(rows: Sequence[BankAccount], reason: str, actor: Actor, at: datetime) -> None:
    record(
        (
            BankAccountRefused(
                subject=row.pk,
                worker=_said(row.worker_id),
                intermediary=_said(row.intermediary_id),
                reason=reason,
            )
            for row in rows
        ),
        actor=actor,
        at=at,
    )


def _said(key: UUID | None) -> str:
    return "" if key is None else str(key)
