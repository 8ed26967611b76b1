"""BACS Standard 18: wages as direct credits for one processing day.

A submission is labels of 80 characters around payment records of 100:

    VOL1 HDR1 HDR2 UHL1 | a credit (99) per payment ... one contra (17) | EOF1 EOF2 UTL1

The contra debits the originator with the sum of the credits. Money handed in on day one is
processed on day two, which the file names, and is in the accounts on the morning of day three.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from backline.kernel.errors import Fault, refuse_if
from backline.payroll.files import rails

LABEL, RECORD = 80, 100
NAME = REFERENCE = 18
ITEM_LIMIT = Decimal("20000000.00")
CONTRA_LIMIT = Decimal("999999999.99")
LAST_SERIAL = 999_999
AHEAD = timedelta(days=30)
KEPT = timedelta(days=7)
CREDIT, CONTRA = "99", "17"
UNWRITABLE = re.compile(r"[^A-Z0-9.&/ -]")
RTI_LINK = re.compile(r"/[A-Z0-9.&/ -]{3}")


@dataclass(frozen=True, slots=True)
class Originator:
    """Who pays: the service user, the account that is debited, and the limits its sponsor set."""

    sun: str
    sort_code: str
    account: str
    name: str
    item_limit: Decimal = ITEM_LIMIT
    file_limit: Decimal = CONTRA_LIMIT


@dataclass(frozen=True, slots=True)
class Credit:
    """One payment; `rti` is the four-character link to the full payment submission, if any."""

    sort_code: str
    account: str
    amount: Decimal
    reference: str
    name: str
    rti: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """The three days of a payment: handed in, processed, in the account."""

    send_by_on: date
    processing_on: date
    paid_on: date


def timing(paid_on: date, closed: Collection[date] = ()) -> Timing:
    """Count back from the day workers have their money to the last day the file may be sent."""
    processing_on = rails.banking_day_before(paid_on, closed)
    return Timing(rails.banking_day_before(processing_on, closed), processing_on, paid_on)


def fold(text: str) -> str:
    """Write text in the characters BACS carries: A to Z, 0 to 9, . & / - and space."""
    return " ".join(UNWRITABLE.sub(" ", rails.plain(text).upper()).split())


def write(
    originator: Originator,
    payments: Iterable[Credit],
    *,
    serial: int,
    created_on: date,
    processing_on: date,
    closed: Collection[date] = (),
) -> rails.PaymentFile:
    """Make the submission, or refuse it with every fault in it.

    `serial` numbers the submissions of this service user; `closed` are the bank holidays. Payments
    are taken one after the other, and none is kept.
    """
    faults = [
        *_originator_faults(originator),
        *_day_faults(serial, created_on, processing_on, closed),
    ]
    credited, count, total = bytearray(), 0, Decimal(0)
    for credit in payments:
        faults += _credit_faults(credit, count, originator)
        count += 1
        if not faults:
            credited += _written([_credit_record(originator, credit)])
            total += credit.amount
    if not count:
        faults.append(Fault("no_payments", "A file needs at least one payment.", "/payments"))
    refuse_if(faults)
    refuse_if(_total_faults(total, originator))
    labels = _file_labels(originator, serial, created_on, processing_on)
    before = _written(_opening(originator, serial, processing_on, labels))
    after = _written([_contra_record(originator, total), *_closing(labels, total, count)])
    return rails.PaymentFile(b"".join([before, credited, after]), count, total)


def _written(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _originator_faults(originator: Originator) -> Iterator[Fault]:
    if not rails.is_digits(originator.sun, 6):
        yield Fault(
            "service_user_number", "A service user number is six digits.", "/originator/sun"
        )
    yield from _account_faults(originator.sort_code, originator.account, "/originator")
    if not rails.is_readable(fold(originator.name)):
        yield Fault("name_unwritable", "The name has no letter BACS can carry.", "/originator/name")


def _account_faults(sort_code: str, account: str, pointer: str) -> Iterator[Fault]:
    if rails.sort_code(sort_code) is None:
        yield Fault("sort_code", "A sort code is six digits.", f"{pointer}/sort_code")
    if rails.account_number(account) is None:
        yield Fault("account_number", "An account number is eight digits.", f"{pointer}/account")


def _credit_faults(credit: Credit, n: int, originator: Originator) -> Iterator[Fault]:
    pointer = f"/payments/{n}"
    yield from _account_faults(credit.sort_code, credit.account, pointer)
    limit = min(originator.item_limit, ITEM_LIMIT)
    if fault := rails.amount_fault(credit.amount, limit, f"{pointer}/amount"):
        yield fault
    if not rails.is_readable(fold(credit.name)):
        yield Fault("name_unwritable", "The name has no letter BACS can carry.", f"{pointer}/name")
    reference = fold(credit.reference)
    if not rails.is_readable(reference):
        yield Fault("no_reference", "A payment needs a reference.", f"{pointer}/reference")
    elif len(reference) > REFERENCE:
        # A name may be shortened; a reference that is cut no longer finds its payment.
        detail = f"A reference has at most {REFERENCE} characters."
        yield Fault("reference_too_long", detail, f"{pointer}/reference")
    if credit.rti and not RTI_LINK.fullmatch(credit.rti):
        yield Fault("rti_link", "An RTI link is a slash and three characters.", f"{pointer}/rti")


def _day_faults(
    serial: int, created_on: date, processing_on: date, closed: Collection[date]
) -> Iterator[Fault]:
    if not 0 < serial <= LAST_SERIAL:
        yield Fault("serial", f"A serial number is 1 to {LAST_SERIAL}.", "/serial")
    if not rails.is_banking_day(processing_on, closed):
        detail = f"{processing_on} is not a day on which BACS processes payments."
        yield Fault("not_a_processing_day", detail, "/processing_on")
    if processing_on <= created_on:
        detail = "A file is sent at least one day before it is processed."
        yield Fault("too_late", detail, "/processing_on")
    elif processing_on - created_on > AHEAD:
        detail = f"A file is sent at most {AHEAD.days} days before it is processed."
        yield Fault("too_early", detail, "/processing_on")


def _total_faults(total: Decimal, originator: Originator) -> list[Fault]:
    limit = min(originator.file_limit, CONTRA_LIMIT)
    if total <= limit:
        return []
    return [Fault("over_file_limit", f"{total} is over the limit of {limit} a file.", "/payments")]


def _file_labels(
    originator: Originator, serial: int, created_on: date, processing_on: date
) -> tuple[str, str]:
    """What HDR1 and HDR2 say, and EOF1 and EOF2 repeat."""
    sun = originator.sun
    days = f"{_day(created_on)}{_day(processing_on + KEPT)}"
    first = f"A{sun}S{'':3}{sun}{serial:06}00010001{'':6}{days} 000000{'':20}"
    return first, f"F02000{RECORD:05}{'':35}00{'':28}"


def _opening(
    originator: Originator, serial: int, processing_on: date, labels: tuple[str, str]
) -> tuple[str, ...]:
    # The file number tells the files of one submission apart; it turns over after 999.
    number = (serial - 1) % 999 + 1
    volume = f"VOL1{serial:06}{'':31}{originator.sun}{'':32}1"
    header = f"UHL1{_day(processing_on)}999999{'':4}00000000{'1 DAILY':9}{number:03}"
    return volume, f"HDR1{labels[0]}", f"HDR2{labels[1]}", header.ljust(LABEL)


def _closing(labels: tuple[str, str], total: Decimal, count: int) -> tuple[str, ...]:
    trailer = f"UTL1{_pence(total, 13)}{_pence(total, 13)}{1:07}{count:07}"
    return f"EOF1{labels[0]}", f"EOF2{labels[1]}", trailer.ljust(LABEL)


def _credit_record(originator: Originator, credit: Credit) -> str:
    return _record(
        originator,
        to=f"{rails.sort_code(credit.sort_code)}{rails.account_number(credit.account)}",
        code=CREDIT,
        free=credit.rti,
        amount=credit.amount,
        reference=credit.reference,
        name=credit.name,
    )


def _contra_record(originator: Originator, total: Decimal) -> str:
    return _record(
        originator,
        to=_own_account(originator),
        code=CONTRA,
        free="",
        amount=total,
        reference="CONTRA",
        name=originator.name,
    )


def _record(
    originator: Originator,
    *,
    to: str,
    code: str,
    free: str,
    amount: Decimal,
    reference: str,
    name: str,
) -> str:
    head = f"{to}0{code}{_own_account(originator)}{free:4}{_pence(amount, 11)}"
    return head + "".join(_text(part) for part in (originator.name, reference, name))


def _own_account(originator: Originator) -> str:
    return f"{rails.sort_code(originator.sort_code)}{rails.account_number(originator.account)}"


def _text(text: str) -> str:
    return fold(text)[:NAME].ljust(NAME)


def _pence(amount: Decimal, width: int) -> str:
    return f"{rails.pennies(amount):0{width}}"


def _day(day: date) -> str:
    return f" {day:%y%j}"
