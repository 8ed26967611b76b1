"""Umbrellas: one that is off the register let through once by name, and its payslips held against
what should have been taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.desk import actions as desk
from backline.directory.models import Intermediary
from backline.kernel import ids
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Invalid, Missing, refuse_if
from backline.kernel.events import plain, record
from backline.kernel.models import Document
from backline.payroll import situations
from backline.payroll.chain import CompanyAllowance, UmbrellaPayslip
from backline.payroll.earning import tax_year
from backline.payroll.events import CompanyAllowed, UmbrellaPayslipTaken
from backline.payroll.models import PayRun, Payslip
from backline.payroll.umbrellawage import short_of_minimum
from rulebook import pack, pay
from rulebook.money import NOTHING
from rulebook.pack import Earning, Situation, Unpayable
from rulebook.packs.gb import umbrella
from rulebook.timeline import NoRule

# What an umbrella may round another way than HMRC does, figure by figure.
TOLERANCE = Decimal("1.00")
ELECTED = ("tax_code", "tax_basis", "ni_letter", "student_loan", "postgraduate_loan")
OPEN = frozenset({"open", "calculating", "ready", "blocked", "rejected"})
BEFORE = {"taxable": "gb.taxable", "tax": "gb.tax"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUmbrellaPayslip:
    """What an umbrella's payslip says: gross pay, the tax code it went by and what was taken.

    `reported` is by the rulebook's codes; `before` the year to date before it, where no earlier
    payslip of this umbrella is held.
    """

    statement: UUID
    pay_on: date
    frequency: str
    gross: Decimal
    elections: Mapping[str, Any]
    reported: Mapping[str, Decimal]
    margin: Decimal = NOTHING
    before: Mapping[str, Decimal] = field(default_factory=dict)
    proof: str = ""
    document: UUID | None = None


def allow_company(
    run: UUID, *, intermediary: UUID, reason: str, actor: Actor, at: datetime
) -> CompanyAllowance:
    """Let one run pay through a company that is off the register; whoever does it stands for it."""
    row = PayRun.objects.select_for_update().filter(pk=run).first()
    if row is None:
        raise Missing("not_found", "There is no such pay run.")
    if row.state not in OPEN:
        raise Conflict("illegal_move", f"This run is {row.state}.", status=row.state)
    if not Intermediary.objects.filter(pk=intermediary).exists():
        raise Missing("not_found", "There is no such company.", pointer="/intermediary")
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is paid all the same.", pointer="/reason")
    if CompanyAllowance.objects.filter(run=row, intermediary=intermediary).exists():
        raise Conflict("allowed_already", "Somebody allowed it for this run already.")
    made = CompanyAllowance.objects.create(
        run=row,
        intermediary_id=intermediary,
        reason=reason,
        allowed_at=at,
        allowed_by=actor.as_json(),
    )
    fact = CompanyAllowed(subject=row.pk, intermediary=str(intermediary), reason=reason)
    record([fact], actor=actor, at=at)
    return made


def take_umbrella_payslip(
    new: NewUmbrellaPayslip, *, actor: Actor, at: datetime
) -> UmbrellaPayslip:
    """Keep what an umbrella's payslip says and hold it against what should have been taken.

    A figure that is off by more than the tolerance opens an exception with the amount; a newer
    payslip for the same payment replaces the earlier one.
    """
    final = Payslip.objects.filter(route="umbrella", run__is_final=True)
    paid = final.select_related("intermediary", "worker", "run").filter(pk=new.statement).first()
    if paid is None or paid.intermediary is None:
        told = "There is no final statement through an umbrella of that id."
        raise Missing("not_found", told, pointer="/statement")
    refuse_if(_faults(new, paid))
    situation = _situation(new, paid)
    expected = _expected(situation)
    gaps = umbrella.gaps(expected, new.reported, TOLERANCE)
    short = sum((gap.short for gap in gaps), NOTHING)
    row = UmbrellaPayslip.objects.create(
        statement=paid,
        worker=paid.worker,
        intermediary=paid.intermediary,
        tax_year=tax_year("GB", new.pay_on),
        pay_on=new.pay_on,
        currency=paid.currency,
        gross=new.gross,
        margin=new.margin,
        reported=plain(dict(new.reported)),
        gaps=[_gap(gap) for gap in gaps],
        short=short,
        is_right=not gaps,
        situation=situations.as_json(situation),
        carried_forward=plain(dict(expected.carried_forward)),
        proof=new.proof,
        document_id=new.document,
        taken_at=at,
        taken_by=actor.as_json(),
    )
    fact = UmbrellaPayslipTaken(
        subject=row.pk, worker=str(row.worker_id), short=short, is_right=row.is_right
    )
    record([fact], actor=actor, at=at)
    _tell(row, paid, gaps, actor, at)
    _tell_wage(row, paid, actor, at)
    return row


def _faults(new: NewUmbrellaPayslip, paid: Payslip) -> list[Fault]:
    faults = []
    if new.gross + new.margin > paid.gross:
        told = f"Gross pay and margin exceed the {paid.gross} that was paid for the work."
        faults.append(Fault("more_than_was_paid", told, "/gross"))
    if new.pay_on < paid.pay_on:
        told = "The umbrella was paid later than that."
        faults.append(Fault("before_it_was_paid", told, "/pay_on"))
    if new.document is not None and not Document.objects.filter(pk=new.document).exists():
        faults.append(Fault("not_found", "There is no such document.", "/document"))
    return faults


def _situation(new: NewUmbrellaPayslip, paid: Payslip) -> Situation:
    """The situation the umbrella had to work out: its own year to date and nothing else of ours."""
    last = (
        UmbrellaPayslip.objects.filter(
            worker=paid.worker_id,
            intermediary=paid.intermediary_id,
            tax_year=tax_year("GB", new.pay_on),
            pay_on__lt=new.pay_on,
        )
        .order_by("-pay_on", "-id")
        .first()
    )
    carried = last.carried_forward if last is not None else {}
    before = {key: Decimal(amount) for key, amount in carried.items()}
    before |= {BEFORE[name]: amount for name, amount in new.before.items()}
    return Situation(
        country="GB",
        pay_on=new.pay_on,
        frequency=new.frequency,
        earnings=(Earning("regular", "work", new.gross),),
        elections={name: new.elections[name] for name in ELECTED if name in new.elections},
        year_to_date=before,
    )


def _expected(situation: Situation) -> pack.Payslip:
    try:
        return pay.payslip(situation)
    except Unpayable as no:
        faults = [
            Fault(code, told, "/" + where.replace(".", "/")) for where, code, told in no.faults
        ]
        raise Invalid.of(faults) from no
    except NoRule as no:
        raise Invalid("law_not_held", str(no), pointer="/pay_on") from no


def _gap(gap: umbrella.Gap) -> dict[str, Any]:
    told: dict[str, Any] = plain(
        {
            "code": gap.code,
            "label": gap.label,
            "expected": gap.expected,
            "reported": gap.reported,
            "short": gap.short,
        }
    )
    return told


def _tell(
    row: UmbrellaPayslip,
    paid: Payslip,
    gaps: Sequence[umbrella.Gap],
    actor: Actor,
    at: datetime,
) -> None:
    key = f"umbrella_payslip:{paid.pk}"
    if not gaps or paid.intermediary is None:
        told = "The umbrella's payslip says what it should."
        desk.close_for([key], resolution=told, actor=actor, at=at)
        return
    who = f"{paid.worker.given_name} {paid.worker.family_name}"
    said = "; ".join(f"{gap.label} {gap.reported} instead of {gap.expected}" for gap in gaps)
    found = desk.Found(
        kind="umbrella_payslip_differs",
        key=key,
        title=f"The payslip of {paid.intermediary.legal_name} for {who} is {row.short} short",
        detail=f"Paid on {row.pay_on.isoformat()}: {said}.",
        about_kind="umbrella_payslip",
        about=row.pk,
        stops="money",
        at_stake=sum((abs(gap.short) for gap in gaps), NOTHING),
        currency=row.currency,
        evidence=[
            {"intermediary": ids.public("imy", paid.intermediary.pk), "gaps": row.gaps},
        ],
        suggested="Ask the umbrella for a corrected payslip; what it owes can be asked of you.",
    )
    desk.open_exceptions([found], actor=actor, at=at)


def _tell_wage(row: UmbrellaPayslip, paid: Payslip, actor: Actor, at: datetime) -> None:
    """Say where gross pay cannot hold the minimum wage of the hours that were worked."""
    key, low = f"umbrella_wage:{paid.pk}", short_of_minimum(paid, row.gross)
    if low is None or paid.intermediary is None:
        told = "The umbrella's payslip holds the minimum wage."
        desk.close_for([key], resolution=told, actor=actor, at=at)
        return
    hours, least, short = low
    who = f"{paid.worker.given_name} {paid.worker.family_name}"
    found = desk.Found(
        kind="umbrella_below_minimum",
        key=key,
        title=f"{paid.intermediary.legal_name} paid {who} {short} below the minimum wage",
        detail=f"{hours} hours at {least.amount}, and gross pay of {row.gross} ({least.source}).",
        about_kind="umbrella_payslip",
        about=row.pk,
        stops="money",
        at_stake=short,
        currency=row.currency,
        evidence=[{"intermediary": ids.public("imy", paid.intermediary.pk), "rule": least.rule}],
        suggested="Ask the umbrella to make it good before more work is paid through it.",
    )
    desk.open_exceptions([found], actor=actor, at=at)
