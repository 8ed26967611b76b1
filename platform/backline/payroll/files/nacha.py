"""NACHA: wages (PPD) and payments to companies (CCD) as ACH credits.

A file is records of 94 characters in blocks of ten:

    1 | 5 batch header, 6 an entry (7 its addenda) ..., 8 batch control | ... | 9, filled with 9s

There is one batch a company, entry class and effective day. The entry hash adds up the first
eight digits of the receivers' routing numbers. Files hold credits only: the bank debits the
company for the total, as it does for most originators.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from backline.kernel.errors import Fault, refuse_if
from backline.payroll.files import rails

RECORD, BLOCK = 94, 10
ITEM_LIMIT = Decimal("99999999.99")
FILE_LIMIT = Decimal("9999999999.99")
CREDITS_ONLY = "220"
CREDIT_TO = {"checking": "22", "savings": "32"}
ENTRY_CLASSES = ("PPD", "CCD")
ACCOUNT = re.compile(r"[A-Za-z0-9-]{1,17}")
MODIFIER = re.compile(r"[A-Z0-9]")
UNWRITABLE = re.compile(r"[^\x20-\x7e]")
HASH_DIGITS = 10**10
LAST_TRACE = 9_999_999


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sends the file to whom: the bank's routing number and name, and ours as it knows us."""

    bank_routing: str
    bank_name: str
    sender_id: str
    sender_name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One payment; `reference` is what the receiver sees, `addenda` up to 80 more characters."""

    routing: str
    account: str
    amount: Decimal
    reference: str
    name: str
    kind: Literal["checking", "savings"] = "checking"
    addenda: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """The payments of one company for one day; wages are PPD and say PAYROLL."""

    company_name: str
    company_id: str
    effective_on: date
    entries: tuple[Entry, ...]
    entry_class: Literal["PPD", "CCD"] = "PPD"
    description: str = "PAYROLL"


class Sums(NamedTuple):
    """What a control record says of the entries before it: how many with their addenda, their
    routing numbers added up, and their amounts.
    """

    size: int
    routings: int
    amount: Decimal

    def plus(self, more: "Sums") -> "Sums":
        """With those of another batch."""
        return Sums(self.size + more.size, self.routings + more.routings, self.amount + more.amount)

    def __str__(self) -> str:
        """Entry hash, debits (none) and credits, as both control records carry them."""
        return f"{self.routings % HASH_DIGITS:010}{0:012}{_cents(self.amount, 12)}"


NONE = Sums(0, 0, Decimal(0))


def fold(text: str) -> str:
    """Write text in the characters ACH carries: the printable ones of ASCII."""
    return " ".join(UNWRITABLE.sub(" ", rails.plain(text)).split())


def remittance(invoice: str, amount: Decimal) -> str:
    """Say which of a company's invoices is paid, in the form the banks agreed on."""
    return f"RMR*IV*{fold(invoice)}*PI*{amount:.2f}\\"


def write(
    origin: Origin,
    batches: Iterable[Batch],
    *,
    created_at: datetime,
    modifier: str = "A",
    first_trace: int = 1,
) -> rails.PaymentFile:
    """Make the file, or refuse it with every fault in it.

    `modifier` (A to Z, 0 to 9) tells the files of one day apart; `first_trace` goes on where the
    last file of the day stopped, so that a return names one payment. Batches are taken one after
    the other, and none is kept.
    """
    faults = [*_origin_faults(origin, modifier, first_trace)]
    odfi, traces, written = origin.bank_routing[:8], list[str](), bytearray()
    number, whole = 0, NONE
    for batch in batches:
        faults += _batch_faults(batch, created_at.date(), f"/batches/{number}")
        number += 1
        if faults:
            continue
        first = first_trace + len(traces)
        own = [f"{odfi}{first + n:07}" for n in range(len(batch.entries))]
        sums = _sums(batch.entries)
        written += _written(_batch(batch, number, odfi, own, sums))
        traces += own
        whole = whole.plus(sums)
    if not number:
        faults.append(Fault("no_payments", "A file needs at least one payment.", "/batches"))
    refuse_if(faults)
    refuse_if(_total_faults(whole.amount, first_trace + len(traces) - 1))
    head = _written([_file_header(origin, created_at, modifier)])
    content = b"".join([head, written, _written(_end(number, whole))])
    return rails.PaymentFile(content, len(traces), whole.amount, tuple(traces))


def _written(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _origin_faults(origin: Origin, modifier: str, first_trace: int) -> Iterator[Fault]:
    if not rails.routing_number_holds(origin.bank_routing):
        yield Fault(
            "routing_number", "The bank's routing number does not hold.", "/origin/bank_routing"
        )
    if not all(rails.is_readable(fold(n)) for n in (origin.bank_name, origin.sender_name)):
        yield Fault("name_unwritable", "The bank and the sender need names.", "/origin/sender_name")
    if not (rails.is_digits(origin.sender_id, 9) or rails.is_digits(origin.sender_id, 10)):
        yield Fault("sender_id", "A sender is known by nine or ten digits.", "/origin/sender_id")
    if not MODIFIER.fullmatch(modifier):
        yield Fault("file_modifier", "A file modifier is A to Z or 0 to 9.", "/modifier")
    if not 0 < first_trace <= LAST_TRACE:
        yield Fault("first_trace", f"A trace number is 1 to {LAST_TRACE}.", "/first_trace")


def _batch_faults(batch: Batch, created_on: date, pointer: str) -> Iterator[Fault]:
    if batch.entry_class not in ENTRY_CLASSES:
        detail = "Payments are PPD (to people) or CCD (to companies)."
        yield Fault("entry_class", detail, f"{pointer}/entry_class")
    if not rails.is_readable(fold(batch.company_name)):
        yield Fault("name_unwritable", "The company needs a name.", f"{pointer}/company_name")
    if not 0 < len(fold(batch.company_id)) <= 10:
        detail = "A company is known by up to ten characters."
        yield Fault("company_id", detail, f"{pointer}/company_id")
    if not 0 < len(fold(batch.description)) <= 10:
        detail = "A description has one to ten characters."
        yield Fault("description", detail, f"{pointer}/description")
    if batch.effective_on < created_on:
        yield Fault("too_late", "The payment day is past.", f"{pointer}/effective_on")
    if not rails.is_banking_day(batch.effective_on):
        detail = f"{batch.effective_on} is not a banking day."
        yield Fault("not_a_banking_day", detail, f"{pointer}/effective_on")
    if not batch.entries:
        yield Fault("no_payments", "A batch needs at least one payment.", f"{pointer}/entries")
    for n, entry in enumerate(batch.entries):
        yield from _entry_faults(entry, f"{pointer}/entries/{n}")


def _entry_faults(entry: Entry, pointer: str) -> Iterator[Fault]:
    if not rails.routing_number_holds(entry.routing):
        detail = "A routing number is nine digits, the last of which checks the others."
        yield Fault("routing_number", detail, f"{pointer}/routing")
    if not ACCOUNT.fullmatch(entry.account):
        detail = "An account number is up to 17 letters, digits and dashes."
        yield Fault("account_number", detail, f"{pointer}/account")
    if entry.kind not in CREDIT_TO:
        yield Fault("account_kind", "An account is checking or savings.", f"{pointer}/kind")
    if fault := rails.amount_fault(entry.amount, ITEM_LIMIT, f"{pointer}/amount"):
        yield fault
    if not rails.is_readable(fold(entry.name)):
        yield Fault("name_unwritable", "The name has no letter ACH can carry.", f"{pointer}/name")
    if not rails.is_readable(entry.reference):
        yield Fault("no_reference", "A payment needs a reference.", f"{pointer}/reference")
    elif len(fold(entry.reference)) > 15:
        detail = "A reference has at most 15 characters."
        yield Fault("reference_too_long", detail, f"{pointer}/reference")
    if len(fold(entry.addenda)) > 80:
        yield Fault("addenda_too_long", "Addenda have up to 80 characters.", f"{pointer}/addenda")


def _total_faults(total: Decimal, last_trace: int) -> list[Fault]:
    faults = []
    if total > FILE_LIMIT:
        detail = f"{total} is over the limit of {FILE_LIMIT} a file."
        faults.append(Fault("over_file_limit", detail, "/batches"))
    if last_trace > LAST_TRACE:
        faults.append(Fault("first_trace", "Trace numbers run out in this file.", "/first_trace"))
    return faults


def _end(batches: int, whole: Sums) -> Iterator[str]:
    """The file's control record, and what fills its last block."""
    lines = 2 + 2 * batches + whole.size  # a header and a control record each, and the file's own
    blocks = -(-lines // BLOCK)
    yield f"9{batches:06}{blocks:06}{whole.size:08}{whole}{'':39}"
    yield from ("9" * RECORD for _ in range(blocks * BLOCK - lines))


def _file_header(origin: Origin, created_at: datetime, modifier: str) -> str:
    parties = f"{origin.bank_routing:>10}{origin.sender_id:>10}"
    names = f"{_text(origin.bank_name, 23)}{_text(origin.sender_name, 23)}"
    return f"101{parties}{created_at:%y%m%d%H%M}{modifier}094101{names}{'':8}"


def _batch(
    batch: Batch, number: int, odfi: str, traces: Sequence[str], sums: Sums
) -> Iterator[str]:
    company = _text(batch.company_id, 10)
    day = f"{batch.effective_on:%y%m%d}"
    yield (
        f"5{CREDITS_ONLY}{_text(batch.company_name, 16)}{'':20}{company}{batch.entry_class}"
        f"{_text(batch.description, 10)}{day}{day}{'':3}1{odfi}{number:07}"
    )
    for entry, trace in zip(batch.entries, traces, strict=True):
        yield _entry(entry, trace)
        if fold(entry.addenda):
            yield f"705{_text(entry.addenda, 80)}0001{trace[-7:]}"
    yield f"8{CREDITS_ONLY}{sums.size:06}{sums}{company}{'':25}{odfi}{number:07}"


def _entry(entry: Entry, trace: str) -> str:
    addenda = "1" if fold(entry.addenda) else "0"
    return (
        f"6{CREDIT_TO[entry.kind]}{entry.routing}{entry.account:17}{_cents(entry.amount, 10)}"
        f"{_text(entry.reference, 15)}{_text(entry.name, 22)}{'':2}{addenda}{trace}"
    )


def _sums(entries: Sequence[Entry]) -> Sums:
    return Sums(
        len(entries) + sum(1 for entry in entries if fold(entry.addenda)),
        sum(int(entry.routing[:8]) for entry in entries),
        sum((entry.amount for entry in entries), Decimal(0)),
    )


def _text(text: str, width: int) -> str:
    return fold(text)[:width].ljust(width)


def _cents(amount: Decimal, width: int) -> str:
    return f"{rails.pennies(amount):0{width}}"
