"""Every firm's books in a canonical form: by business key, without ids, numbers and times.

Two plays of the same week are equal when these texts are equal, however often their processes died.
What a row is about is told by what it is about in life: a worker's own number, a client and its
period, a bank's reference. Reads the books directly; it is for comparing, not for working.

python -m deploy.demo.books demo-fast > books.json
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

Names = dict[str, str]
IDENTITY: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PUBLIC: Final = re.compile(r"\b[a-z]{3}_[0-9a-z]{26}\b")
NUMBER: Final = re.compile(r"\b(INV|CN|SB|PAY|BO)-?\d{2,}\b")


def main(words: Sequence[str]) -> int:
    """Print the books of a demo that was played, as JSON."""
    from deploy import database, servers

    set_name = words[0] if words else "demo"
    with servers.running(set_name) as addresses:
        database.stand(set_name, addresses)
        json.dump(of_everybody(), sys.stdout, indent=0)
    return 0


def of_everybody() -> dict[str, list[str]]:
    """The books of every active firm, by its name: sorted lines of text."""
    from tenants import tenancy
    from tenants.agencies.models import Firm

    with tenancy.shared():
        rows = Firm.objects.filter(state=Firm.State.ACTIVE).order_by("name")
        firms = [(row.public_id, row.name) for row in rows]
    called = {_bare(ref): name for ref, name in firms}
    return {name: of_firm(ref, called) for ref, name in firms}


def of_firm(ref: str, firms: Mapping[str, str]) -> list[str]:
    """One firm's books as sorted lines."""
    from tenants import tenancy

    with tenancy.firm(ref):
        names: Names = dict(firms)
        for namer in NAMERS:
            names.update({str(key): f"{kind}({text})" for kind, key, text in namer(names)})
        lines = [line for reader in READERS for line in reader(names)]
    return sorted(lines)


def differences(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> list[str]:
    """What stands in one set of books and not in the other."""
    from collections import Counter

    found = []
    for firm in sorted({*one, *other}):
        left, right = Counter(one.get(firm, ())), Counter(other.get(firm, ()))
        found += [f"{firm}: only in the first: {line}" for line in (left - right).elements()]
        found += [f"{firm}: only in the second: {line}" for line in (right - left).elements()]
    return found


# --- what things are called ----------------------------------------------------------------------

Named = Iterator[tuple[str, UUID, str]]


def _people_and_clients(_names: Names) -> Named:
    from backline.assignments.models import Assignment
    from backline.directory.models import Client, Intermediary, Worker
    from backline.payroll.models import PayCalendar

    for key, *words in Worker.objects.values_list("pk", "reference", "given_name", "family_name"):
        yield "worker", key, " ".join(words)
    for key, name in Client.objects.values_list("pk", "legal_name"):
        yield "client", key, name
    for key, name in Intermediary.objects.values_list("pk", "legal_name"):
        yield "company", key, name
    for key, name in PayCalendar.objects.values_list("pk", "name"):
        yield "calendar", key, name
    for row in Assignment.objects.select_related("worker", "client"):
        told = f"{row.worker.reference} {row.worker.family_name} at {row.client.legal_name}"
        yield "assignment", row.pk, f"{told} {row.reference} {row.starts_on}"


def _work(names: Names) -> Named:
    from backline.charges.models import Charge
    from backline.payroll.models import PayRun
    from backline.timesheets.models import Timesheet

    for key, assignment, starts_on, revision in Timesheet.objects.values_list(
        "pk", "assignment_id", "starts_on", "revision"
    ):
        yield f"sheet {revision}", key, f"{names[str(assignment)]} {starts_on}"
    for key, calendar, starts_on, kind in PayRun.objects.values_list(
        "pk", "calendar_id", "starts_on", "kind"
    ):
        yield "run", key, f"{names[str(calendar)]} {starts_on} {kind}"
    for row in Charge.objects.all():
        told = f"{names[str(row.assignment_id)]} {row.worked_on} {row.code} {row.kind}"
        yield "charge", row.pk, f"{told} {row.pay_amount}/{row.bill_amount}"


def _papers(names: Names) -> Named:
    from backline.collections.models import Receipt
    from backline.invoicing.models import Invoice
    from backline.payroll.models import Payment, Payslip

    for row in Invoice.objects.prefetch_related("lines"):
        lines = sorted(f"{line.worker_name} {line.label} {line.amount}" for line in row.lines.all())
        told = f"{names[str(row.client_id)]} {row.kind} {row.gross} {row.po_number}"
        yield "invoice", row.pk, f"{told} {_short(lines)}"
    for slip in Payslip.objects.all():
        told = f"{names[str(slip.run_id)]} {names[str(slip.worker_id)]} {slip.route}"
        yield "payslip", slip.pk, f"{told} {'void' if slip.voids_id else ''}".strip()
    for payment in Payment.objects.all():
        payee = names.get(str(payment.intermediary_id or payment.worker_id), "")
        yield "payment", payment.pk, f"{names[str(payment.run_id)]} {payee} {payment.amount}"
    for key, reference in Receipt.objects.values_list("pk", "bank_reference"):
        yield "receipt", key, reference


NAMERS: tuple[Callable[[Names], Named], ...] = (_people_and_clients, _work, _papers)


# --- what stands in the books --------------------------------------------------------------------


def _ledger(names: Names) -> Iterator[str]:
    from backline.ledger.models import Entry, Posting

    entries: dict[UUID, list[str]] = {}
    rows = Entry.objects.values_list(
        "posting_id", "debit", "debit_subject", "credit", "credit_subject",
        "amount", "currency",
    )  # fmt: skip
    for posting, debit, debtor, credit, creditor, amount, currency in rows:
        told = (
            f"{debit}[{_named(debtor, names)}] to {credit}[{_named(creditor, names)}]"
            f" {amount} {currency}"
        )
        entries.setdefault(posting, []).append(told)
    for key, natural, kind, day in Posting.objects.values_list("pk", "key", "kind", "effective_on"):
        yield f"posting {kind} {day} {_told(natural, names)}: {sorted(entries.get(key, ()))}"


def _rows(title: str, model: Any, columns: Iterable[str], names: Names) -> Iterator[str]:
    told = tuple(columns)
    for row in model.objects.values_list(*told):
        values = ", ".join(
            f"{name}={_told(str(value), names)}" for name, value in zip(told, row, strict=True)
        )
        yield f"{title} {values}"


def _everything_else(names: Names) -> Iterator[str]:
    from backline.charges.models import Charge
    from backline.collections.models import Allocation, Receipt
    from backline.desk.models import Trouble
    from backline.funding.models import Advance, Movement, Settlement
    from backline.invoicing.models import Invoice
    from backline.payroll.models import Liability, Payment, PayRun, Payslip
    from backline.timesheets.models import Timesheet

    money = "gross", "taken", "net", "employer_cost"
    for title, model, columns in (
        ("timesheet", Timesheet, ("id", "status", "total", "is_late")),
        ("charge", Charge, ("id", "pay_quantity", "pay_rate", "bill_quantity", "bill_rate")),
        ("run", PayRun, ("id", "state", "pay_on", "payslips", *money)),
        ("payslip", Payslip, ("id", "taxable", "vat", *money)),
        ("payment", Payment, ("id", "rail", "amount", "currency", "state")),
        ("liability", Liability, ("run_id", "payee", "kind", "amount", "due_on")),
        ("invoice", Invoice, ("id", "state", "net", "tax", "open_amount", "issued_on", "due_on")),
        ("receipt", Receipt, ("id", "state", "amount", "applied", "held_by", "received_on")),
        ("allocation", Allocation, ("receipt_id", "invoice_id", "amount", "kind", "applied_on")),
        ("advance", Advance, ("invoice", "state", "face", "eligible", "advanced", "repaid", "fee")),
        ("movement", Movement, ("counterparty", "kind", "invoice", "amount", "moved_on")),
        ("settlement", Settlement, ("week_starts_on", "opening", "closing", "fees", "net_wire")),
        ("exception", Trouble, ("kind", "about", "state", "at_stake", "owner_role")),
    ):
        yield from _rows(title, model, columns, names)


READERS: tuple[Callable[[Names], Iterator[str]], ...] = (_ledger, _everything_else)


# --- spelling ------------------------------------------------------------------------------------


def _told(text: str, names: Names) -> str:
    """A text with every id told by name and every number taken out."""
    text = IDENTITY.sub(lambda found: names.get(found[0], "*"), text)
    text = PUBLIC.sub(lambda found: names.get(_bare(found[0]), "*"), text)
    return NUMBER.sub(r"\1", text)


def _named(key: UUID | None, names: Names) -> str:
    return "" if key is None else names.get(str(key), "*")


def _bare(ref: str) -> str:
    from backline.kernel import ids

    prefix = ref.partition("_")[0]
    key = ids.parse(prefix, ref)
    return str(key) if key else ref


def _short(lines: Iterable[str]) -> str:
    from hashlib import sha256

    return sha256("\n".join(lines).encode()).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
