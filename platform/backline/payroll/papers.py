"""Papers: payslips for those who are employed, remittances and self-billed invoices for the rest;
each made once and kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.directory import queries as directory
from backline.directory.models import FirmRecord, Registration
from backline.kernel import documents, ids, operations
from backline.kernel.actors import Actor
from backline.kernel.errors import Missing
from backline.kernel.models import Document
from backline.kernel.operations import Done, Item, Work
from backline.kernel.papers import render
from backline.kernel.papers.facts import Amount, Detail, Earning, Explained
from backline.kernel.papers.parties import party
from backline.payroll import recomputing
from backline.payroll.latest import EMPLOYED
from backline.payroll.models import PayLine, Payment, Payslip, PayslipLine
from backline.payroll.remittances import remittance
from rulebook.money import NOTHING

KIND = "pay_run.papers"
YEAR_TO_DATE = {
    "gb.paye": ("gb.tax",),
    "gb.pension.worker": ("gb.pension.worker",),
    "gb.student_loan": ("gb.student_loan",),
    "gb.postgraduate_loan": ("gb.postgraduate_loan",),
}
SUMS = (
    ("Gross pay", ("gb.pay", "us.gross")),
    ("Taxable pay", ("gb.taxable", "us.fit.wages")),
    ("Income tax", ("gb.tax", "us.fit")),
)


@operations.runs(KIND, chunk=40)
def make_papers(work: Work, items: Sequence[Item]) -> Sequence[Done]:
    """Make the papers of a chunk of a released run; one that exists is not made again."""
    done = []
    for item in items:
        make = of_payment if (item.args or {}).get("is_payment") else of_statement
        paper = make(UUID(item.ref), actor=work.actor, at=work.at)
        done.append(Done(item.n, {"document": str(paper.pk)}))
    return done


def of_statement(statement: UUID, *, actor: Actor, at: datetime) -> Document:
    """The paper of a pay statement: a payslip, or a remittance where nobody is employed.

    A final one is made once and kept; a draft has no paper, for it is still to change.
    """
    kept = _kept(statement)
    if kept is not None:
        return kept
    slip = (
        Payslip.objects.select_related("worker", "run__calendar", "bank_account")
        .filter(pk=statement)
        .first()
    )
    if slip is None:
        raise Missing("not_found", "There is no such pay statement.")
    if not slip.run.is_final:
        raise Missing("not_final", "It is put on paper when its run is released.")
    if slip.intermediary_id is not None:
        return of_payment(_payment_of(slip), actor=actor, at=at)
    template = "payslip" if slip.route in EMPLOYED else "remittance"
    facts = payslip(slip) if slip.route in EMPLOYED else remittance([slip], None)
    return _keep(template, facts, slip.pk, f"{slip.pay_on.isoformat()}", actor, at)


def of_payment(payment: UUID, *, actor: Actor, at: datetime) -> Document:
    """The paper of a company's payment: a line a worker and week, its total the bank's to the
    penny; made once and kept.
    """
    kept = _kept(payment)
    if kept is not None:
        return kept
    row = (
        Payment.objects.select_related("intermediary", "run__calendar", "bank_account")
        .filter(pk=payment)
        .first()
    )
    if row is None:
        raise Missing("not_found", "There is no such payment.")
    if row.intermediary_id is None:
        raise Missing("no_paper", "A worker's paper is the pay statement, not the payment.")
    if row.replaces_id is not None:
        return of_payment(row.replaces_id, actor=actor, at=at)
    slips = list(
        Payslip.objects.filter(run=row.run_id, intermediary=row.intermediary_id)
        .select_related("worker", "run__calendar")
        .order_by("id")
    )
    return _keep("remittance", remittance(slips, row), row.pk, row.number, actor, at)


def paper_of(firm: FirmRecord, registered: Mapping[str, Registration]) -> dict[str, Any]:
    """What every paper of pay says of the firm."""
    authority = "hmrc_paye" if firm.country == "GB" else "irs"
    label = "PAYE reference" if firm.country == "GB" else "EIN"
    said = [firm.legal_name]
    if firm.company_number:
        said.append(f"Company {firm.company_number}")
    if authority in registered and registered[authority].reference:
        said.append(f"{label} {registered[authority].reference}")
    return {
        "country": firm.country,
        "firm": party(firm.trading_name or firm.legal_name, firm.address, firm.email, firm.phone),
        "foot": " · ".join(said),
    }


def payslip(slip: Payslip) -> dict[str, Any]:
    """The facts of a payslip: its stored lines, its year to date, and on the back how each figure
    came about.
    """
    lines = list(PayslipLine.objects.filter(payslip=slip).order_by("n"))
    taken = [line for line in lines if line.kind in {"tax", "deduction"}]
    carried = {key: Decimal(value) for key, value in slip.carried_forward.items()}
    firm = directory.firm()
    account = slip.bank_account
    return {
        **paper_of(firm, directory.registrations(slip.pay_on)),
        "currency": slip.currency,
        "dated": slip.pay_on,
        "number": ids.public("pay", slip.pk).rpartition("_")[2][-10:].upper(),
        "worker": party(_name(slip), slip.worker.address),
        "details": _details(slip),
        "earnings": _earnings(slip, lines),
        "deductions": [
            {"label": line.label, "amount": line.amount, "year_to_date": _so_far(line, carried)}
            for line in taken
        ],
        "employer": _amounts(line for line in lines if line.kind == "employer"),
        "year_to_date": [
            {"label": label, "amount": amount}
            for label, keys in SUMS
            if (amount := sum((carried.get(key, NOTHING) for key in keys), NOTHING))
        ],
        "gross": slip.gross,
        "deducted": slip.taken,
        "net": slip.net,
        **({"paid_to": f"the account ending {account.account_last}"} if account else {}),
        **({"notes": ["This takes an earlier payslip back whole."]} if slip.voids_id else {}),
        "steps": _steps(slip),
    }


def _details(slip: Payslip) -> list[Detail]:
    worker, run, told = slip.worker, slip.run, slip.situation["elections"]
    said: list[tuple[str, str]] = [("Payroll number", worker.reference)]
    if slip.country == "GB":
        said += [
            ("National Insurance", f"ending {worker.tax_id_last}" if worker.tax_id_last else ""),
            ("Tax code", _code(told)),
            ("NI category", str(told.get("ni_letter", ""))),
        ]
    else:
        w4 = told.get("w4") or {}
        status = str(w4.get("status", "single")).replace("_", " ")
        said += [
            ("Social security", f"ending {worker.tax_id_last}" if worker.tax_id_last else ""),
            ("Federal W-4", f"{status}, {w4.get('form', 2020)} form"),
        ]
    found: list[Detail] = [{"label": label, "value": value} for label, value in said if value]
    found.append({"label": "Period from", "value": run.starts_on})
    found.append({"label": "to", "value": run.ends_on})
    return found


def _code(told: Mapping[str, Any]) -> str:
    basis = {"week1_month1": "week 1/month 1", "cumulative": "cumulative"}
    code, how = str(told.get("tax_code", "")), basis.get(str(told.get("tax_basis", "")), "")
    return f"{code}, {how}" if how else code


def _earnings(slip: Payslip, lines: Sequence[PayslipLine]) -> list[Earning]:
    """Work by label and rate; what is on the payslip without a charge stands as a lump sum."""
    found: dict[tuple[str, Decimal | None], Earning] = {}
    paid: dict[str, Decimal] = {}
    rows = PayLine.objects.filter(payslip=slip).select_related("charge")
    for line in rows.order_by("charge__worked_on", "charge_id"):
        charge = line.charge
        rate = charge.pay_rate if charge.unit in {"hour", "day"} else None
        key = (charge.label or charge.code, rate)
        held = found.setdefault(
            key, {"label": key[0], "quantity": None, "rate": rate, "amount": NOTHING}
        )
        held["amount"] += line.amount
        if rate is not None:
            held["quantity"] = (held["quantity"] or NOTHING) + (charge.pay_quantity or NOTHING)
        paid[charge.code] = paid.get(charge.code, NOTHING) + line.amount
    labels: dict[str, str] = {}
    earned: dict[str, Decimal] = {}
    for own in lines:
        if own.kind == "earning":
            labels.setdefault(own.code, own.label)
            earned[own.code] = earned.get(own.code, NOTHING) + own.amount
    rest: list[Earning] = [
        {"label": labels[code], "quantity": None, "rate": None, "amount": left}
        for code, amount in earned.items()
        if (left := amount - paid.get(code, NOTHING))
    ]
    return [*found.values(), *rest]


def _so_far(line: PayslipLine, carried: Mapping[str, Decimal]) -> Decimal | None:
    if line.code == "gb.ni.worker":
        own = [
            amount
            for key, amount in carried.items()
            if key.startswith("gb.ni.") and key.endswith(".worker")
        ]
        return sum(own, NOTHING)
    keys = YEAR_TO_DATE.get(line.code, (line.code,))
    found = [carried[key] for key in keys if key in carried]
    return sum(found, NOTHING) if found else None


def _amounts(lines: Iterable[PayslipLine]) -> list[Amount]:
    return [{"label": line.label, "amount": line.amount} for line in lines]


def _steps(slip: Payslip) -> list[Explained]:
    return [
        {
            "label": line.label,
            "amount": line.amount,
            "rule": line.rule,
            "source": line.source,
            "steps": [{"label": step.label, "result": step.result} for step in line.steps],
        }
        for line in recomputing.explained(slip)
        if line.steps
    ]


def _payment_of(slip: Payslip) -> UUID:
    found = (
        Payment.objects.filter(
            run=slip.run_id, intermediary=slip.intermediary_id, replaces__isnull=True
        )
        .values_list("pk", flat=True)
        .first()
    )
    if found is None:
        raise Missing("no_paper", "Nothing was paid by this statement.")
    return found


def _name(slip: Payslip) -> str:
    return f"{slip.worker.given_name} {slip.worker.family_name}"


def _kept(subject: UUID) -> Document | None:
    kinds = ("payslip", "remittance")
    return Document.objects.filter(subject=subject, kind__in=kinds).order_by("id").first()


def _keep(  # noqa: PLR0917 - a kept paper is told by all of it
    template: str, facts: Mapping[str, Any], subject: UUID, name: str, actor: Actor, at: datetime
) -> Document:
    return documents.keep(
        render(template, facts),
        kind=template,
        name=f"{template}-{name}.pdf",
        media_type="application/pdf",
        subject=subject,
        actor=actor,
        at=at,
    )
