"""Slips: payslips of a chunk of workers worked out by the rulebook and written by COPY."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.assignments.engagements import COUNTRY
from backline.charges import waiting
from backline.kernel import copying, rows
from backline.kernel.ids import new_ids
from backline.payroll import blockers, companies, deemed, situations
from backline.payroll.earning import earnings, tax_year
from backline.payroll.gathering import Gathered, Payee
from backline.payroll.latest import EMPLOYED
from backline.payroll.models import PayLine, PayRun, Payslip, PayslipLine
from rulebook import pay
from rulebook.lines import Line
from rulebook.money import NOTHING, shared_out
from rulebook.pack import Unpayable
from rulebook.timeline import NoRule

SLIP = (
    "id", "worker", "intermediary", "route", "country", "tax_year", "bank_account", "gross",
    "taxable", "taken", "vat", "net", "employer_cost", "situation", "carried_forward", "follows",
    "pack",
)  # fmt: skip
LINE = ("payslip", "n", "kind", "code", "label", "amount", "base", "rule", "source", "payee")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worked:
    """One payee's payslip as it was worked out."""

    payee: Payee
    lines: tuple[Line, ...]
    gross: Decimal
    taken: Decimal
    vat: Decimal
    employer_cost: Decimal
    carried_forward: Mapping[str, Decimal]
    situation: dict[str, Any]
    pack: str

    @property
    def net(self) -> Decimal:
        """What is paid out."""
        return self.gross - self.taken + self.vat


def work_out(gathered: Gathered) -> tuple[list[Worked], dict[Payee, list[blockers.Blocker]]]:
    """Work out every payee of a chunk; those in the way of whom something stands are named
    instead.
    """
    blocked = blockers.of_workers(gathered)
    found: list[Worked] = []
    for payee in gathered.charges:
        slip, faults = _tried(gathered, payee)
        if faults:
            blocked.setdefault(payee, []).extend(blockers.faults_of_pack(payee, faults))
        elif slip is not None and payee not in blocked:
            found.append(slip)
    return found, blocked


Faults = Sequence[tuple[str, str, str]]


def _tried(gathered: Gathered, payee: Payee) -> tuple[Worked | None, Faults]:
    """One payee's payslip, or why there is none; whatever it is, the others go on."""
    try:
        slip = _employed(gathered, payee) if payee[1] in EMPLOYED else _company(gathered, payee)
    except Unpayable as no:
        return None, no.faults
    except NoRule as no:
        return None, [("", "law_not_held", str(no))]
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        log.exception("payslip_failed", extra={"worker": str(payee[0])})
        told = f"The rules could not read what is on file ({type(error).__name__})."
        return None, [("", "cannot_be_worked_out", told)]
    if slip.net < 0:
        told = f"Pay comes to {slip.net}; it is carried to the next run."
        return None, [("", "negative_pay", told)]
    return slip, ()


def write(run: PayRun, gathered: Gathered, worked: Sequence[Worked]) -> None:
    """Write payslips with their figures and the charges they take, five statements whatever
    their number.
    """
    ids = dict(zip((slip.payee for slip in worked), new_ids(len(worked)), strict=True))
    copying.write(
        Payslip,
        SLIP,
        (_slip_row(ids[slip.payee], run, gathered, slip) for slip in worked),
        every={"run": run.pk, "pay_on": run.pay_on, "currency": run.currency},
    )
    copying.write(
        PayslipLine,
        LINE,
        (
            (
                ids[slip.payee], n, line.kind, line.code, line.label[:120], line.amount, line.base,
                line.rule[:120], line.source[:200], line.payee[:60],
            )
            for slip in worked
            for n, line in enumerate(slip.lines)
        ),
    )  # fmt: skip
    paid = [row for slip in worked for row in _pay_rows(ids[slip.payee], gathered, slip)]
    copying.write(
        PayLine,
        ("payslip", "charge", "amount", "burden"),
        paid,
    )
    waiting.taken_to_pay([charge for _, charge, _, _ in paid])


def clear(run: PayRun, workers: Sequence[UUID] | None = None) -> None:
    """Take back what an earlier calculation of a run that is not final wrote, for these workers or
    for everybody.
    """
    drafts = Payslip.objects.filter(run=run, run__is_final=False)
    if workers is not None:
        drafts = drafts.filter(worker__among=workers)
    keys = list(drafts.values_list("pk", flat=True))
    if not keys:
        return
    paid = PayLine.objects.filter(payslip__among=keys)
    waiting.given_back(list(paid.values_list("charge_id", "charge__worker_id")))
    rows.remove(PayLine, "payslip", keys)
    rows.remove(PayslipLine, "payslip", keys)
    rows.remove(Payslip, "id", keys)


def _employed(gathered: Gathered, payee: Payee) -> Worked:
    situation = gathered.situation(payee)
    slip = pay.payslip(situation)
    return Worked(
        payee,
        slip.lines,
        slip.gross,
        slip.taken,
        NOTHING,
        slip.employer_cost,
        slip.carried_forward,
        situations.as_json(situation, employer=gathered.employer_told),
        slip.pack,
    )


def _company(gathered: Gathered, payee: Payee) -> Worked:
    """Somebody who is paid gross, with VAT where a registered company is self-billed or invoiced
    it.
    """
    worker, route, company = payee
    row = gathered.companies.get(company) if company else None
    told = companies.facts(
        earnings(gathered.charges[payee]),
        route=route,
        pay_on=gathered.run.pay_on,
        adds_vat=row is not None and row.vat_registered and row.self_billing,
        standing=gathered.elections.get(worker, {})
        .get("gb_cis", {})
        .get("standing", companies.UNVERIFIED),
        invoice=_invoice(gathered, payee),
        deemed=deemed.situation(gathered, payee),
    )
    paid = companies.worked_out(told)
    return Worked(
        payee,
        paid.lines,
        paid.gross,
        paid.taken,
        paid.vat,
        paid.employer_cost,
        paid.carried_forward,
        told,
        companies.PACK,
    )


def _invoice(gathered: Gathered, payee: Payee) -> dict[str, Any] | None:
    """The company's own invoice, on the first payslip of that company; nothing when we bill."""
    company = payee[2]
    if company is None or gathered.companies[company].self_billing:
        return None
    row = gathered.invoices.get(company)
    if row is None or gathered.companies[company].kind != "limited":
        return None
    first = next(one for one in gathered.charges if one[2] == company)
    is_first = first == payee
    return {
        "id": row.pk,
        "number": row.number,
        "difference": row.net - row.expected_net if is_first else NOTHING,
        "tax": row.tax if is_first else NOTHING,
    }


def _slip_row(key: UUID, run: PayRun, gathered: Gathered, slip: Worked) -> tuple[Any, ...]:
    worker, route, company = slip.payee
    country = COUNTRY[route]
    follows = None
    if route in EMPLOYED:
        follows = gathered.before.get((worker, country), (None, {}))[0]
    elif slip.carried_forward:
        follows = gathered.inside.before.get((worker, company), deemed.NO_YEAR)[0]
    account = gathered.account(slip.payee)
    taxable = sum((line.base for line in slip.lines if line.code in {"gb.paye", "us.fit"}), NOTHING)
    return (
        key,
        worker,
        company,
        route,
        country,
        tax_year(country, run.pay_on),
        account.id if account else None,
        slip.gross,
        taxable,
        slip.taken,
        slip.vat,
        slip.net,
        slip.employer_cost,
        slip.situation,
        {name: str(amount) for name, amount in slip.carried_forward.items()},
        follows,
        slip.pack,
    )


def _pay_rows(key: UUID, gathered: Gathered, slip: Worked) -> list[tuple[Any, ...]]:
    """The charges a payslip takes, with the employer's cost shared out over them by amount."""
    charges = gathered.charges[slip.payee]
    if not charges:
        return []
    weights = [max(charge.pay_amount, NOTHING) for charge in charges]
    burdens = shared_out(slip.employer_cost, weights)
    return [
        (key, charge.id, charge.pay_amount, burden)
        for charge, burden in zip(charges, burdens, strict=True)
    ]
