"""Returns: payments that come back, and why, as US and UK banks report them.

A report that is wrong in places keeps its good lines and lists the bad ones.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from backline.kernel.errors import Fault
from backline.payroll.files import rails

RECORD = 94
RETURN, CHANGE = "99", "98"

# Reasons a credit comes back, in the words of the rulebooks, shortened.
ACH_REASONS = {
    "R01": "Insufficient funds",
    "R02": "Account closed",
    "R03": "No account, or the account cannot be found",
    "R04": "The account number is not well formed",
    "R06": "Returned at the originating bank's request",
    "R12": "The branch was sold to another bank",
    "R14": "The payee's representative cannot act",
    "R15": "The account holder has died",
    "R16": "The account is frozen",
    "R17": "The entry failed the bank's checks",
    "R20": "The account does not take payments",
    "R22": "The individual's number is not valid",
    "R23": "The receiver refused the payment",
    "R24": "The payment is a duplicate",
    "C01": "The account number is wrong",
    "C02": "The routing number is wrong",
    "C03": "The routing and account numbers are wrong",
    "C04": "The name is wrong",
    "C05": "The kind of account is wrong",
    "C06": "The account number and its kind are wrong",
    "C07": "The routing and account numbers and the kind are wrong",
    "C09": "The individual's number is wrong",
}
ARUCS_REASONS = {
    "0": "The account details are not recognised",
    "2": "The payee has died",
    "3": "The account moved to another bank",
    "5": "No such account",
    "B": "The account is closed",
    "C": "Returned at the payer's request",
}
UNKNOWN = "A reason this product does not know"
COLUMNS = ("reference", "code")
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Returned:
    """One line of a report: our trace or reference, the bank's code, and what it means.

    A notice of change (`corrected` is what the bank says is right) moved the money; it asks for
    better details next time. `amount` is None where the report does not say it.
    """

    reference: str
    code: str
    reason: str
    amount: Decimal | None = None
    corrected: str = ""

    @property
    def is_paid(self) -> bool:
        """Whether the worker has the money all the same."""
        return self.code.startswith("C") and len(self.code) > 1


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: the lines that could be read, and what is wrong with the others."""

    returned: tuple[Returned, ...]
    faults: tuple[Fault, ...]


def read_nacha(content: bytes) -> Report:
    """Read a NACHA return file: each entry with its addenda 99 (return) or 98 (change)."""
    return _report(_entries(content.decode("latin-1").splitlines()))


def read_arucs(content: bytes) -> Report:
    """Read unapplied BACS credits from CSV: reference and code, and if given reason and amount."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Report((), (Fault("not_text", "The report is not UTF-8 text."),))
    return _report(_rows(csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True)))


def _report(found: Iterator[Returned | Fault]) -> Report:
    returned: list[Returned] = []
    faults: list[Fault] = []
    for line in found:
        if isinstance(line, Returned):
            returned.append(line)
        else:
            faults.append(line)
    return Report(tuple(returned), tuple(faults))


def _entries(lines: Iterable[str]) -> Iterator[Returned | Fault]:
    entry = ""
    for number, line in enumerate(lines, start=1):
        kind, pointer = line[:1], f"/lines/{number}"
        if kind not in ("6", "7"):
            continue
        if len(line) != RECORD:
            detail = f"A record has {RECORD} characters; this one has {len(line)}."
            yield Fault("record_length", detail, pointer)
        elif kind == "7":
            yield _addenda(line, entry, pointer)
        entry = line if kind == "6" and len(line) == RECORD else ""


def _addenda(line: str, entry: str, pointer: str) -> Returned | Fault:
    kind, code, trace = line[1:3], line[3:6], line[6:21]
    if kind not in (RETURN, CHANGE):
        return Fault("not_a_return", f"Addenda {kind} is neither return nor change.", pointer)
    if not entry:
        return Fault("no_entry", "An addenda stands without the entry it belongs to.", pointer)
    if not rails.is_digits(trace, 15):
        return Fault("trace_number", "The original trace number is not 15 digits.", pointer)
    cents = entry[29:39]
    amount = Decimal(int(cents)).scaleb(-2) if rails.is_digits(cents, 10) else None
    corrected = line[35:64].strip() if kind == CHANGE else ""
    reason = ACH_REASONS.get(code, UNKNOWN)
    return Returned(trace, code, reason, amount, corrected)


def _rows(rows: "csv.DictReader[str]") -> Iterator[Returned | Fault]:
    try:
        rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
        missing = [name for name in COLUMNS if name not in rows.fieldnames]
        if missing:
            detail = f"The report has no column {' or '.join(missing)}."
            yield Fault("columns", detail, "/lines/1")
            return
        for row in rows:
            said = {name: text.strip() for name, text in row.items() if isinstance(text, str)}
            yield _row(said, f"/lines/{rows.line_num}")
    except csv.Error as wrong:
        yield Fault("not_csv", f"The report cannot be read on: {wrong}.", f"/lines/{rows.line_num}")


def _row(said: dict[str, str], pointer: str) -> Returned | Fault:
    reference, code = said.get("reference", ""), said.get("code", "").upper()
    if not (reference and code):
        return Fault("incomplete", "A line names a reference and a code.", pointer)
    amount = None
    if written := said.get("amount"):
        if not AMOUNT.fullmatch(written):
            return Fault("amount", f"{written} is not an amount.", pointer)
        amount = Decimal(written)
    reason = ARUCS_REASONS.get(code) or said.get("reason") or UNKNOWN
    return Returned(reference, code, reason, amount)
