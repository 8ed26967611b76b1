"""What is owed beside pay, noted as paid; who may release; who fetched which paper."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from backline.kernel.actors import Actor
from backline.kernel.errors import Invalid, Missing, Refusal
from backline.kernel.events import record
from backline.kernel.outcomes import Outcome, in_order
from backline.ledger import actions as ledger
from backline.payroll import posting
from backline.payroll.events import (
    LiabilityPaid,
    PaymentFileFetched,
    PayStatementFetched,
    ReleasePolicySet,
)
from backline.payroll.models import Liability, ReleasePolicy


def pay_dues(liabilities: Sequence[UUID], *, on: date, actor: Actor, at: datetime) -> list[Outcome]:
    """Note that authorities, schemes and payees were paid; what is paid already stays so."""
    rows = list(Liability.objects.select_for_update().filter(pk__in=liabilities).order_by("id"))
    refusals: dict[UUID, Refusal] = {
        key: Missing("not_found", "There is no such liability.")
        for key in set(liabilities) - {row.pk for row in rows}
    }
    fresh = [row for row in rows if row.paid_on is None]
    Liability.objects.filter(pk__in=[row.pk for row in fresh]).update(paid_on=on)
    ledger.post([posting.dues_paid(row, on) for row in fresh], actor=actor, at=at)
    facts = (
        LiabilityPaid(subject=row.pk, amount=row.amount, currency=row.currency, on=on.isoformat())
        for row in fresh
    )
    record(facts, actor=actor, at=at)
    return in_order(liabilities, refusals)


def set_release_policy(
    *, preparer_may_release: bool, reason: str, actor: Actor, at: datetime
) -> ReleasePolicy:
    """Let the preparer of a small agency's runs release them too, or no longer; the partner alone
    asks for this.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "Say why.", pointer="/reason")
    row = ReleasePolicy.objects.create(
        preparer_may_release=preparer_may_release,
        reason=reason[:300],
        set_at=at,
        set_by=actor.as_json(),
    )
    fact = ReleasePolicySet(
        subject=row.pk, preparer_may_release=preparer_may_release, reason=reason
    )
    record([fact], actor=actor, at=at)
    return row


def note_reading(statement: UUID, *, actor: Actor, at: datetime) -> None:
    """Note that somebody fetched the paper of a pay statement."""
    record([PayStatementFetched(subject=statement)], actor=actor, at=at)


def note_file_reading(file: UUID, *, actor: Actor, at: datetime) -> None:
    """Note that somebody fetched a bank file."""
    record([PaymentFileFetched(subject=file)], actor=actor, at=at)
