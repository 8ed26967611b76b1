"""Banking: the bank files of a run, made once, kept with their hash, never built again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from backline.directory import queries as directory
from backline.directory.models import PayingAccount
from backline.directory.queries import PayeeAccount
from backline.kernel import copying, documents, numbers
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid
from backline.kernel.ids import new_id
from backline.payroll import deadlines
from backline.payroll.files import bacs, nacha
from backline.payroll.models import Payment, PaymentFile, PayRun
from rulebook import calendars
from rulebook.money import NOTHING

MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LAST_FIRST_TRACE = 9_000_000  # numbers of ACH have seven digits; they begin again after this one
MOST_IN_A_BATCH = 500
PAYMENT = (
    "id", "run", "worker", "intermediary", "bank_account", "rail", "amount", "currency", "state",
    "reference", "number", "file", "trace", "replaces", "return_code", "return_reason", "sent_at",
    "reversal_reason", "reversal_note",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Sending:
    """A payment about to go out: to whom, where it goes, what it is for, and once it is in a file,
    in which and by which trace.
    """

    account: PayeeAccount
    amount: Decimal
    reference: str
    number: str = ""
    replaces_id: UUID | None = None
    is_contractor: bool = False
    id: UUID = field(default_factory=new_id)
    file_id: UUID | None = None
    trace: str = ""

    @property
    def worker_id(self) -> UUID | None:
        """The worker who is paid; None for a company."""
        return self.account.worker_id

    @property
    def intermediary_id(self) -> UUID | None:
        """The company that is paid; None for a worker."""
        return self.account.intermediary_id


def send(
    run: PayRun, sendings: Sequence[Sending], *, batch: int, actor: Actor, at: datetime
) -> list[PaymentFile]:
    """Make one file a rail for these payments and write the payments as sent in it.

    The money is there on the run's pay day; where that can no longer be reached, on the first day
    that can.
    """
    files = []
    zone = ZoneInfo(directory.firm().time_zone)
    local, holidays = at.astimezone(zone), run.calendar.holidays
    arrives = max(run.pay_on, deadlines.arrives_on(local.date(), run.currency, holidays))
    for rail in sorted({one.account.rail for one in sendings}):
        own = [one for one in sendings if one.account.rail == rail]
        account = directory.paying_account(rail, run.currency)
        if account is None:
            raise Conflict("paying_account_missing", f"The firm has no {rail} account to pay from.")
        serial = numbers.take(f"payment_file:{rail}")
        write: Callable[..., bytes] = _bacs if rail == "bacs" else _nacha
        try:
            content = write(run, account, own, serial, arrives, local)
        except Invalid as no:
            raise Conflict.of(_told(no, own)) from None
        file = _file(run, account, own, (serial, batch, arrives), content, actor=actor, at=at)
        for one in own:
            one.file_id = file.pk
        files.append(file)
    copying.write(Payment, PAYMENT, (_row(run, one, at) for one in sendings))
    return files


def references(count: int) -> Iterator[str]:
    """So many references that no other payment of this firm has, as payees see them."""
    first = numbers.take("payment", count) if count else 0
    return (f"PAY{n:08d}" for n in range(first, first + count))


def _row(run: PayRun, one: Sending, at: datetime) -> tuple[object, ...]:
    return (
        one.id, run.pk, one.worker_id, one.intermediary_id, one.account.id, one.account.rail,
        one.amount, run.currency, Payment.State.SENT, one.reference, one.number, one.file_id,
        one.trace, one.replaces_id, "", "", at, "", "",
    )  # fmt: skip


def _file(
    run: PayRun,
    account: PayingAccount,
    own: Sequence[Sending],
    place: tuple[int, int, date],
    content: bytes,
    *,
    actor: Actor,
    at: datetime,
) -> PaymentFile:
    serial, batch, arrives = place
    suffix = "txt" if account.rail == "bacs" else "ach"
    document = documents.keep(
        content,
        kind="payment_file",
        name=f"{account.rail}-{serial:06d}.{suffix}",
        media_type="text/plain",
        subject=run.pk,
        actor=actor,
        at=at,
    )
    return PaymentFile.objects.create(
        run=run,
        rail=account.rail,
        batch=batch,
        account=account,
        serial=serial,
        count=len(own),
        amount=sum((one.amount for one in own), NOTHING),
        currency=run.currency,
        process_on=arrives,
        sha256=document.sha256,
        document=document,
        made_at=at,
        made_by=actor.as_json(),
    )


def _bacs(  # noqa: PLR0917 - a file is made of all of it
    run: PayRun,
    account: PayingAccount,
    own: Sequence[Sending],
    serial: int,
    arrives: date,
    local: datetime,
) -> bytes:
    credits_ = (
        bacs.Credit(
            *one.account.numbers(),
            one.amount,
            one.reference,
            one.account.holder,
        )
        for one in own
    )
    # Bacs takes three banking days: in on the first, processed on the second, paid on the third
    processing = calendars.business_day(arrives, -1, run.calendar.holidays)
    made = bacs.write(
        bacs.Originator(
            account.facts["sun"],
            account.facts["sort_code"],
            account.account.reveal(),
            directory.firm().legal_name,
        ),
        credits_,
        serial=(serial - 1) % bacs.LAST_SERIAL + 1,
        created_on=local.date(),
        processing_on=processing,
    )
    for n, one in enumerate(own, start=1):
        one.trace = f"{serial:06d}/{n:05d}"
    return made.content


def _nacha(  # noqa: PLR0917 - as above
    run: PayRun,  # noqa: ARG001 - both rails are written alike
    account: PayingAccount,
    own: Sequence[Sending],
    serial: int,
    arrives: date,
    local: datetime,
) -> bytes:
    ordered = sorted(own, key=lambda one: one.is_contractor)
    taken = numbers.take("ach_trace", len(ordered))
    made = nacha.write(
        nacha.Origin(
            account.facts["routing"],
            account.facts["bank_name"],
            account.facts["origin"],
            directory.firm().legal_name,
        ),
        _batches(account, ordered, arrives),
        created_at=local,
        modifier=MODIFIERS[serial % len(MODIFIERS)],
        first_trace=(taken - 1) % LAST_FIRST_TRACE + 1,
    )
    for one, trace in zip(ordered, made.traces, strict=True):
        one.trace = trace
    return made.content


def _batches(
    account: PayingAccount, ordered: Sequence[Sending], arrives: date
) -> Iterator[nacha.Batch]:
    name = directory.firm().legal_name
    for some in _split(ordered):
        yield nacha.Batch(
            name,
            account.facts["origin"],
            arrives,
            tuple(_entry(one) for one in some),
            description="CONTRACTOR" if some[0].is_contractor else "PAYROLL",
        )


def _split(ordered: Sequence[Sending]) -> list[Sequence[Sending]]:
    """Wages and contractors apart, at most so many entries a batch."""
    return [
        some[first : first + MOST_IN_A_BATCH]
        for is_contractor in (False, True)
        for some in ([one for one in ordered if one.is_contractor == is_contractor],)
        for first in range(0, len(some), MOST_IN_A_BATCH)
    ]


def _entry(one: Sending) -> nacha.Entry:
    return nacha.Entry(
        *one.account.numbers(),
        one.amount,
        one.reference,
        one.account.holder,
        "savings" if one.account.account_type == "savings" else "checking",
    )


def _told(no: Invalid, own: Sequence[Sending]) -> list[Fault]:
    """What a bank file refuses, with the payee it is about where it is about one."""
    batches = _split(sorted(own, key=lambda one: one.is_contractor))
    faults = []
    for fault in no.faults:
        match fault.pointer.split("/"):
            case ["", "payments", n, *_]:
                facts = {"payee": _payee(own[int(n)])}
            case ["", "batches", m, "entries", n, *_]:
                facts = {"payee": _payee(batches[int(m)][int(n)])}
            case _:
                facts = {}
        said = f"The bank file cannot be made: {fault.detail}"
        faults.append(Fault(fault.code, said, facts=MappingProxyType(facts)))
    return faults


def _payee(one: Sending) -> str:
    return str(one.intermediary_id or one.worker_id)
