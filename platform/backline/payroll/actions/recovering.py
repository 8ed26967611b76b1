"""What workers owe: opened with a reason, paid back under a plan that is agreed and told by
letter, or written off.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.directory.models import Worker
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.events import record
from backline.ledger import actions as ledger
from backline.payroll import deadlines, owed, posting
from backline.payroll.earning import tax_year
from backline.payroll.events import (
    RecoveryAgreed,
    RecoveryOpened,
    RecoveryRepaid,
    RecoveryWrittenOff,
)
from backline.payroll.latest import EMPLOYED
from backline.payroll.models import Payment, PayRun, Payslip, Recovery
from rulebook.instalments import Instalment, instalments
from rulebook.money import NOTHING, Money, penny_down

MOST_DRAWN = Decimal("0.50")
CURRENCY = {"GB": "GBP", "US": "USD"}
OPEN = {PayRun.State.OPEN, PayRun.State.READY, PayRun.State.BLOCKED}


def open_overpayment(
    worker: UUID,
    *,
    amount: Money,
    paid_on: date,
    reason: str,
    cap: Money | None = None,
    since: date | None = None,
    actor: Actor,
    at: datetime,
) -> Recovery:
    """Note that a worker was paid too much on a day, and take it back from later pay.

    At most `cap` at once, from `since` on: before tax in the tax year in which it was paid, after
    that from net pay.
    """
    row = _opened(worker, amount, cap, reason)
    if paid_on > deadlines.today(at):
        raise Invalid("not_paid_yet", "That day has not come yet.", pointer="/paid_on")
    row.kind, row.method = Recovery.Kind.OVERPAYMENT, Recovery.Method.GROSS
    row.tax_year = tax_year(row.country, paid_on)
    row.since, row.opened_at, row.agreed_at = since or deadlines.today(at), at, at
    row.save(force_insert=True)
    ledger.post([posting.overpayment(row, deadlines.today(at))], actor=actor, at=at)
    tell_opened(row, actor, at)
    return row


def grant_advance(
    worker: UUID,
    *,
    run: UUID,
    amount: Money,
    reason: str,
    cap: Money | None = None,
    actor: Actor,
    at: datetime,
) -> Recovery:
    """Pay a worker before it is earned, in an off-cycle run, and take it back from later pay."""
    row = _opened(worker, amount, cap, reason)
    paid_in = PayRun.objects.select_for_update().filter(pk=run).first()
    if paid_in is None or paid_in.kind != "off_cycle":
        raise Missing("not_found", "There is no such off-cycle run.", pointer="/run")
    if paid_in.state not in OPEN:
        raise Conflict("illegal_move", f"This run is {paid_in.state}.", status=paid_in.state)
    if paid_in.currency != row.currency:
        told = f"This run pays in {paid_in.currency}."
        raise Invalid("currency_differs", told, pointer="/amount/currency")
    row.kind, row.method, row.run = Recovery.Kind.ADVANCE, Recovery.Method.NET, paid_in
    row.tax_year = tax_year(row.country, paid_in.pay_on)
    row.since, row.opened_at, row.agreed_at = paid_in.pay_on, at, at
    row.save(force_insert=True)
    tell_opened(row, actor, at)
    return row


def draw_early(worker: UUID, *, run: UUID, share: Decimal, actor: Actor, at: datetime) -> Recovery:
    """Pay a worker a share of approved work before its pay day, in an off-cycle run; the next pay
    is less by it. Never more than half of what is approved and not paid, with all draws so far.
    """
    if not 0 < share <= MOST_DRAWN:
        told = f"Draw more than nothing and at most {MOST_DRAWN}."
        raise Invalid("share_out_of_range", told, pointer="/share")
    country = Worker.objects.filter(pk=worker).values_list("country", flat=True).first()
    if country is None:
        raise Missing("not_found", "There is no such worker.", pointer="/worker")
    Worker.objects.select_for_update().get(pk=worker)  # one draw at a time
    earned = owed.approved_and_unpaid(worker, CURRENCY[country], deadlines.today(at))
    drawn = owed.drawn(worker)
    amount = min(penny_down(earned * share), penny_down(earned * MOST_DRAWN) - drawn)
    if amount <= 0:
        told = f"{earned} is approved and not paid, of which {drawn} was drawn."
        raise Conflict("nothing_to_draw", told, pointer="/worker")
    return grant_advance(
        worker,
        run=run,
        amount=Money(amount, CURRENCY[country]),
        reason=owed.EARLY,
        actor=actor,
        at=at,
    )


def came_back(payments: Sequence[Payment], *, on: date, actor: Actor, at: datetime) -> None:
    """What a voided statement left owed is settled where the bank gave the money back."""
    for payment in payments:
        rows = Recovery.objects.select_for_update(of=("self",)).filter(
            statement__voids__run=payment.run_id, worker=payment.worker_id, owed__gt=0
        )
        for row in rows if payment.worker_id else ():
            back, row.owed = row.owed, NOTHING
            row.save(update_fields=["owed"])
            ledger.post([posting.given_back(row, back, on)], actor=actor, at=at)
            fact = RecoveryRepaid(subject=row.pk, amount=back, owed=row.owed, currency=row.currency)
            record([fact], actor=actor, at=at)
            key = f"overpaid:{row.statement_id}"
            desk.close_for([key], resolution="The bank gave it back.", actor=actor, at=at)


def agree(
    recovery: UUID,
    *,
    since: date,
    cap: Money | None = None,
    way: str = "pay",
    actor: Actor,
    at: datetime,
) -> Recovery:
    """Agree how a balance is paid back: from pay, or by monthly transfers; the worker is written
    to, with the plan.
    """
    row = _held(recovery)
    _must_be_owed(row)
    faults = []
    if cap is not None and cap.currency != row.currency:
        told = f"It is owed in {row.currency}."
        faults.append(Fault("currency_differs", told, "/cap/currency"))
    if way == Recovery.Way.BANK and cap is None:
        faults.append(Fault("required", "Say how much is paid a month.", "/cap"))
    refuse_if(faults)
    row.since, row.way, row.cap = since, way, cap.amount if cap else None
    row.agreed_at = at
    row.save(update_fields=["since", "way", "cap", "agreed_at"])
    record([RecoveryAgreed(subject=row.pk, way=way, since=since.isoformat())], actor=actor, at=at)
    desk.close_for(
        [f"overpaid:{row.statement_id}", f"carried:{row.statement_id}"],
        resolution="How it is paid back was agreed.",
        actor=actor,
        at=at,
        outcome={"recovery": str(row.pk)},
    )
    _write(row, deadlines.today(at), at)
    return row


def repay(recovery: UUID, *, amount: Money, paid_on: date, actor: Actor, at: datetime) -> Recovery:
    """Note that a worker paid some of it back by transfer."""
    row = _held(recovery)
    _must_be_owed(row)
    _must_fit(row, amount)
    row.owed -= amount.amount
    row.save(update_fields=["owed"])
    ledger.post([posting.repaid(row, amount.amount, paid_on)], actor=actor, at=at)
    fact = RecoveryRepaid(
        subject=row.pk, amount=amount.amount, owed=row.owed, currency=row.currency
    )
    record([fact], actor=actor, at=at)
    return row


def write_off(recovery: UUID, *, reason: str, actor: Actor, at: datetime) -> Recovery:
    """Ask for nothing more; what is left becomes a cost of the firm."""
    row = _held(recovery)
    _must_be_owed(row)
    if not reason.strip():
        raise Invalid("reason_missing", "Say why.", pointer="/reason")
    lost, row.owed = row.owed, NOTHING
    row.save(update_fields=["owed"])
    ledger.post([posting.written_off(row, lost, deadlines.today(at))], actor=actor, at=at)
    fact = RecoveryWrittenOff(subject=row.pk, amount=lost, currency=row.currency, reason=reason)
    record([fact], actor=actor, at=at)
    return row


def owe_back(copy: Payslip, amount: Decimal, reason: str, actor: Actor, at: datetime) -> None:
    """Open what an employed worker owes because a statement whose money had left was voided; how
    it is paid back is still to be agreed.
    """
    if copy.route not in EMPLOYED or amount <= 0:
        return
    row = Recovery.objects.create(
        worker_id=copy.worker_id,
        kind=Recovery.Kind.OVERPAYMENT,
        method=Recovery.Method.NET,
        country=copy.country,
        tax_year=copy.tax_year,
        currency=copy.currency,
        amount=amount,
        owed=amount,
        reason=reason[:200],
        statement=copy,
        opened_at=at,
    )
    tell_opened(row, actor, at)


def plan(row: Recovery) -> list[Instalment]:
    """The transfers that are still to come under what was agreed."""
    if row.way != Recovery.Way.BANK or row.cap is None or row.since is None or not row.owed:
        return []
    paid = sum(one.amount for one in instalments(row.amount, row.cap, row.since)) - row.owed
    left: list[Instalment] = []
    for one in instalments(row.amount, row.cap, row.since):
        paid -= one.amount
        if paid < 0:
            left.append(Instalment(one.due_on, min(one.amount, -paid)))
    return left


def _opened(worker: UUID, amount: Money, cap: Money | None, reason: str) -> Recovery:
    known = Worker.objects.filter(pk=worker).values_list("country", flat=True).first()
    if known is None:
        raise Missing("not_found", "There is no such worker.", pointer="/worker")
    currency, faults = CURRENCY[known], []
    for money, pointer in ((amount, "/amount"), (cap, "/cap")):
        if money is not None and money.currency != currency:
            told = f"This worker is paid in {currency}."
            faults.append(Fault("currency_differs", told, f"{pointer}/currency"))
        if money is not None and money.amount <= 0:
            faults.append(Fault("nothing_owed", "Give an amount above zero.", pointer))
    if not reason.strip():
        faults.append(Fault("required", "Say why.", "/reason"))
    refuse_if(faults)
    return Recovery(
        worker_id=worker,
        country=known,
        currency=currency,
        amount=amount.amount,
        owed=amount.amount,
        cap=cap.amount if cap else None,
        reason=reason[:200],
    )


def _held(recovery: UUID) -> Recovery:
    row = Recovery.objects.select_for_update().filter(pk=recovery).first()
    if row is None:
        raise Missing("not_found", "There is no such recovery.")
    return row


def _must_be_owed(row: Recovery) -> None:
    if not row.owed:
        raise Conflict("nothing_owed", "Nothing of it is owed any more.")
    if row.kind == Recovery.Kind.ADVANCE and row.statement_id is None:
        raise Conflict("not_paid_yet", "This advance was not paid yet; cancel its run instead.")


def _must_fit(row: Recovery, amount: Money) -> None:
    if amount.currency != row.currency:
        told = f"It is owed in {row.currency}."
        raise Invalid("currency_differs", told, pointer="/amount/currency")
    if not 0 < amount.amount <= row.owed:
        told = f"{row.owed} is still owed."
        raise Invalid("amount_differs", told, pointer="/amount")


def tell_opened(row: Recovery, actor: Actor, at: datetime) -> None:
    """Record that a balance was opened."""
    fact = RecoveryOpened(
        subject=row.pk,
        worker=str(row.worker_id),
        kind=row.kind,
        amount=row.amount,
        currency=row.currency,
        reason=row.reason,
    )
    record([fact], actor=actor, at=at)


def _write(row: Recovery, on: date, at: datetime) -> None:
    """Write to the worker what is owed, why, and how it is paid back."""
    worker, firm = row.worker, directory.firm().trading_name
    if not worker.email:
        return
    if row.way == Recovery.Way.BANK:
        how = "\n".join(
            f"{one.due_on.isoformat()}  {one.amount} {row.currency}" for one in plan(row)
        )
        how = f"You pay it back by transfer:\n{how}"
    else:
        most = f"at most {row.cap} {row.currency} each time" if row.cap else "as pay allows"
        how = f"It is taken from your pay from {row.since} on, {most}."
        if tax_year(row.country, on) != row.tax_year and row.method == Recovery.Method.GROSS:
            how += f" The tax year {row.tax_year} is over, so it is taken from net pay."
    letter = desk.Letter(
        key=f"recovery:{row.pk}:{at.isoformat()}",
        kind="recovery_agreed",
        to_address=worker.email,
        to_name=worker.given_name,
        subject_line=f"What you owe {firm}",
        body=(
            f"{worker.given_name},\n\nyou were paid {row.amount} {row.currency} that was not owed:"
            f" {row.reason}.\nStill to be paid back: {row.owed} {row.currency}. {how}\n"
        ),
        about=row.pk,
    )
    desk.write([letter], at=at)
