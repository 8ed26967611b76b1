"""Slips: payslips of a chunk of workers worked out by the rulebook and written by COPY."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.charges.models import Charge
from backline.kernel import copying
from backline.kernel.events import plain
from backline.kernel.ids import new_id
from backline.payroll import blockers
from backline.payroll.gathering import (
    COUNTRY,
    EMPLOYED,
    Gathered,
    Payee,
    earnings,
    tax_year,
)
from backline.payroll.models import PayLine, PayRun, Payslip, PayslipLine
from rulebook import pay
from rulebook.lines import Line
from rulebook.money import NOTHING, shared_out, to_penny
from rulebook.pack import Situation, Unpayable
from rulebook.taxes import uk_vat
from rulebook.timeline import NoRule

SLIP = (
    "id", "run", "worker", "intermediary", "route", "country", "tax_year", "pay_on", "currency",
    "gross", "taxable", "taken", "vat", "net", "employer_cost", "situation", "carried_forward",
    "follows", "pack", "is_final",
)  # fmt: skip
LINE = ("payslip", "n", "kind", "code", "label", "amount", "base", "rule", "source", "payee")
COMPANY_PACK = "company-1"


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
        try:
            slip = _employed(gathered, payee) if payee[1] in EMPLOYED else _company(gathered, payee)
        except Unpayable as no:
            blocked.setdefault(payee, []).extend(blockers.faults_of_pack(payee, no.faults))
            continue
        except NoRule as no:
            fault = ("", "law_not_held", str(no))
            blocked.setdefault(payee, []).extend(blockers.faults_of_pack(payee, [fault]))
            continue
        if slip.net < 0:
            fault = ("", "negative_pay", f"Pay comes to {slip.net}; it is carried to the next run.")
            blocked.setdefault(payee, []).extend(blockers.faults_of_pack(payee, [fault]))
        elif payee not in blocked:
            found.append(slip)
    return found, blocked


def write(run: PayRun, gathered: Gathered, worked: Sequence[Worked]) -> None:
    """Write payslips with their figures and the charges they take, four statements whatever
    their number.
    """
    ids = {slip.payee: new_id() for slip in worked}
    copying.write(
        Payslip, SLIP, (_slip_row(ids[slip.payee], run, gathered, slip) for slip in worked)
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
    copying.write(
        PayLine,
        ("payslip", "charge", "amount", "burden"),
        (row for slip in worked for row in _pay_rows(ids[slip.payee], gathered, slip)),
    )


def clear(run: PayRun, workers: Sequence[UUID]) -> None:
    """Take back what an earlier calculation of a run that is not final wrote for these workers."""
    drafts = Payslip.objects.filter(run=run, worker__in=workers, is_final=False)
    PayLine.objects.filter(payslip__in=drafts).delete()
    PayslipLine.objects.filter(payslip__in=drafts).delete()
    drafts.delete()


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
        as_json(situation),
        slip.pack,
    )


def _company(gathered: Gathered, payee: Payee) -> Worked:
    """A company or a 1099 contractor: paid gross, with VAT where a registered company is
    self-billed.
    """
    lines = tuple(
        Line("earning", earning.code, earning.code.replace("_", " ").capitalize(), earning.amount)
        for earning in earnings(gathered.charges[payee])
    )
    gross = sum((line.amount for line in lines), NOTHING)
    company = gathered.companies.get(payee[2]) if payee[2] else None
    adds_vat = company is not None and company.vat_registered and company.self_billing
    share = uk_vat().on("standard", gathered.run.pay_on).share if adds_vat else NOTHING
    vat = to_penny(gross * share)
    told = {"gross": gross, "vat": vat, "company": str(payee[2] or "")}
    return Worked(payee, lines, gross, NOTHING, vat, NOTHING, {}, plain(told), COMPANY_PACK)


def _slip_row(key: UUID, run: PayRun, gathered: Gathered, slip: Worked) -> tuple[Any, ...]:
    worker, route, company = slip.payee
    country = COUNTRY[route]
    follows = gathered.before.get(worker, (None, {}))[0] if route in EMPLOYED else None
    taxable = sum((line.base for line in slip.lines if line.code in {"gb.paye", "us.fit"}), NOTHING)
    return (
        key,
        run.pk,
        worker,
        company,
        route,
        country,
        tax_year(country, run.pay_on),
        run.pay_on,
        run.currency,
        slip.gross,
        taxable,
        slip.taken,
        slip.vat,
        slip.net,
        slip.employer_cost,
        slip.situation,
        plain(dict(slip.carried_forward)),
        follows,
        slip.pack,
        False,
    )


def _pay_rows(key: UUID, gathered: Gathered, slip: Worked) -> list[tuple[Any, ...]]:
    """The charges a payslip takes, with the employer's cost shared out over them by amount."""
    charges: list[Charge] = gathered.charges[slip.payee]
    weights = [max(charge.pay_amount or NOTHING, NOTHING) for charge in charges]
    burdens = shared_out(slip.employer_cost, weights)
    return [
        (key, charge.pk, charge.pay_amount, burden)
        for charge, burden in zip(charges, burdens, strict=True)
    ]


def as_json(situation: Situation) -> dict[str, Any]:
    """A situation as it is kept with its payslip, so that it can be worked out again years
    later.
    """
    told: dict[str, Any] = plain(
        {
            "country": situation.country,
            "pay_on": situation.pay_on,
            "frequency": situation.frequency,
            "earnings": [
                {
                    "code": one.code,
                    "kind": one.kind,
                    "amount": one.amount,
                    "hours": one.hours,
                    "place": one.place,
                    "taxable": one.taxable,
                }
                for one in situation.earnings
            ],
            "elections": dict(situation.elections),
            "employer": dict(situation.employer),
            "deductions": [
                {
                    "code": one.code,
                    "kind": one.kind,
                    "amount": one.amount,
                    "priority": one.priority,
                    "payee": one.payee,
                    "treatment": one.treatment,
                }
                for one in situation.deductions
            ],
            "year_to_date": dict(situation.year_to_date),
            "worker_born_on": situation.worker_born_on,
        }
    )
    return told
