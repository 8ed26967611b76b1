"""Banking: the bank files of a run, made once, kept with their hash, never built again."""

from collections.abc import Sequence
from datetime import datetime

from backline.directory import queries as directory
from backline.directory.models import PayingAccount
from backline.kernel import documents, numbers
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict
from backline.payroll.files import bacs, nacha
from backline.payroll.models import Payment, PaymentFile, PayRun
from rulebook import calendars
from rulebook.money import NOTHING

MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def make_files(
    run: PayRun, payments: Sequence[Payment], *, batch: int, actor: Actor, at: datetime
) -> list[PaymentFile]:
    """Make one file a rail for these payments and mark them sent in it."""
    files = []
    for rail in sorted({payment.rail for payment in payments}):
        own = [payment for payment in payments if payment.rail == rail]
        account = directory.paying_account(rail, run.currency)
        if account is None:
            raise Conflict("paying_account_missing", f"The firm has no {rail} account to pay from.")
        serial = numbers.take(f"payment_file:{rail}")
        content = (_bacs if rail == "bacs" else _nacha)(run, account, own, serial, at)
        suffix = "txt" if rail == "bacs" else "ach"
        document = documents.keep(
            content,
            kind="payment_file",
            name=f"{rail}-{serial:06d}.{suffix}",
            media_type="text/plain",
            subject=run.pk,
            actor=actor,
            at=at,
        )
        file = PaymentFile.objects.create(
            run=run,
            rail=rail,
            batch=batch,
            account=account,
            serial=serial,
            count=len(own),
            amount=sum((payment.amount for payment in own), NOTHING),
            currency=run.currency,
            process_on=run.pay_on,
            sha256=document.sha256,
            document=document,
            made_at=at,
            made_by=actor.as_json(),
        )
        for payment in own:
            payment.file, payment.state, payment.sent_at = file, Payment.State.SENT, at
        files.append(file)
    Payment.objects.bulk_update(payments, ["file", "state", "sent_at", "trace"])
    return files


def _bacs(
    run: PayRun, account: PayingAccount, payments: Sequence[Payment], serial: int, at: datetime
) -> bytes:
    firm = directory.firm()
    credits_ = [
        bacs.Credit(
            payment.bank_account.routing.reveal(),
            payment.bank_account.account.reveal(),
            payment.amount,
            payment.reference,
            payment.bank_account.holder,
        )
        for payment in payments
        if payment.bank_account is not None
    ]
    # Bacs takes three banking days: in on the first, processed on the second, paid on the third
    processing = calendars.business_day(run.pay_on, -1, run.calendar.holidays)
    made = bacs.write(
        bacs.Originator(
            account.facts["sun"],
            account.facts["sort_code"],
            account.account.reveal(),
            firm.legal_name,
        ),
        credits_,
        serial=serial,
        created_on=min(at.date(), processing),
        processing_on=processing,
    )
    for payment, n in zip(payments, range(1, len(payments) + 1), strict=True):
        payment.trace = f"{serial:06d}/{n:05d}"
    return made.content


def _nacha(
    run: PayRun, account: PayingAccount, payments: Sequence[Payment], serial: int, at: datetime
) -> bytes:
    firm = directory.firm()
    entries = tuple(
        nacha.Entry(
            payment.bank_account.routing.reveal(),
            payment.bank_account.account.reveal(),
            payment.amount,
            payment.reference,
            payment.bank_account.holder,
            "savings" if payment.bank_account.account_type == "savings" else "checking",
        )
        for payment in payments
        if payment.bank_account is not None
    )
    made = nacha.write(
        nacha.Origin(
            account.facts["routing"],
            account.facts["bank_name"],
            account.facts["origin"],
            firm.legal_name,
        ),
        [nacha.Batch(firm.legal_name, account.facts["origin"], run.pay_on, entries)],
        created_at=at,
        modifier=MODIFIERS[serial % len(MODIFIERS)],
        first_trace=numbers.take("ach_trace", len(payments)),
    )
    for payment, trace in zip(payments, made.traces, strict=True):
        payment.trace = trace
    return made.content
