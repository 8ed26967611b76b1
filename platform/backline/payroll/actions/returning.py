"""A bank's return file read line by line, each line placed by its trace or reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Missing, Refusal
from backline.payroll.actions.settling import Return, return_payments
from backline.payroll.files import returns
from backline.payroll.files.returns import Returned
from backline.payroll.models import Payment


@dataclass(frozen=True, slots=True)
class Read:
    """One line of a file: its number, and what became of it: faults, a payment or a refusal."""

    line: int
    faults: tuple[Fault, ...] = ()
    became: UUID | Refusal | None = None


def read_returns(
    content: str,
    *,
    format: str,  # noqa: A002 - the word of the wire
    on: date,
    actor: Actor,
    at: datetime,
) -> list[Read]:
    """Take a return file of ACH (nacha) or Bacs (arucs): good lines are applied, bad ones listed.

    A notice of change moved the money: it opens an exception for better details, and returns
    nothing. The same file again changes nothing.
    """
    raw = content.encode("utf-8", "replace")
    report = returns.read_nacha(raw) if format == "nacha" else returns.read_arucs(raw)
    payments = _payments(report.returned, by="trace" if format == "nacha" else "reference")
    placed = [_placed(one, payments) for one in report.returned]
    wanted = {
        payment.pk: Return(payment.pk, one.code, one.reason)
        for one, payment in zip(report.returned, placed, strict=True)
        if isinstance(payment, Payment) and not one.is_paid
    }
    outcomes = return_payments(list(wanted.values()), on=on, actor=actor, at=at)
    became = {outcome.id: outcome.refusal or outcome.id for outcome in outcomes}
    changed = [
        (one, payment)
        for one, payment in zip(report.returned, placed, strict=True)
        if isinstance(payment, Payment) and one.is_paid
    ]
    desk.open_exceptions((_notice(one, payment) for one, payment in changed), actor=actor, at=at)
    read = [
        Read(n, became=became.get(found.pk, found.pk) if isinstance(found, Payment) else found)
        for n, found in enumerate(placed, start=1)
    ]
    return [*read, *(Read(_line(fault), (fault,)) for fault in report.faults)]


def _payments(found: Sequence[Returned], *, by: str) -> Mapping[str, Payment]:
    rows = Payment.objects.filter(**{f"{by}__in": [one.reference for one in found]}).order_by("id")
    # traces of ACH begin again after years: the newest payment is meant
    return {getattr(row, by): row for row in rows}


def _placed(one: Returned, payments: Mapping[str, Payment]) -> Payment | Refusal:
    payment = payments.get(one.reference)
    if payment is None:
        return Missing("payment_unknown", f"No payment of ours is known as {one.reference}.")
    if one.amount is not None and one.amount != payment.amount:
        return Conflict(
            "amount_differs", f"{one.reference} paid {payment.amount}, not {one.amount}."
        )
    return payment


def _notice(one: Returned, payment: Payment) -> desk.Found:
    return desk.Found(
        kind="bank_account_missing",
        key=f"notice_of_change:{payment.pk}:{one.code}",
        title="The bank asks for other details of a payee",
        detail=f"{one.code}: {one.reason}. The bank says: {one.corrected}",
        about_kind="payment",
        about=payment.pk,
        stops="nothing",
        suggested="Have the new details proposed and approved before the next run.",
    )


def _line(fault: Fault) -> int:
    tail = fault.pointer.rpartition("/")[2]
    return int(tail) if tail.isdigit() else 1
