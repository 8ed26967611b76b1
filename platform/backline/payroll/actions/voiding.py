"""Final statements taken back: an exact negative copy in a run of its own, which three persons see
like any other; the original is never touched.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backline.charges import agreed, waiting
from backline.charges.models import Charge
from backline.desk import actions as desk
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.events import plain, record
from backline.kernel.ids import new_id
from backline.kernel.outcomes import one
from backline.ledger import actions as ledger
from backline.payroll import deadlines, deemed, latest, posting
from backline.payroll.actions.calculating import digest_of, held
from backline.payroll.actions.recovering import owe_back
from backline.payroll.earning import tax_year
from backline.payroll.events import PayRunOpened, PayStatementVoided
from backline.payroll.latest import EMPLOYED
from backline.payroll.models import PayLine, Payment, PayRun, Payslip, PayslipLine
from backline.payroll.yearend import AMENDED
from rulebook.money import NOTHING

FIGURES = ("gross", "taxable", "taken", "vat", "net", "employer_cost")


def void(
    statement: UUID, *, reason: str, pay_again: bool = False, actor: Actor, at: datetime
) -> PayRun:
    """Prepare a run that takes one final statement back to the penny; nothing changes before its
    release.

    `pay_again` lets its work be paid once more afterwards. Only within the tax year, and once.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "Say why it is taken back.", pointer="/reason")
    found = Payslip.objects.filter(pk=statement).values_list("run_id", flat=True).first()
    if found is None:
        raise Missing("not_found", "There is no such pay statement.")
    held(found)  # one void at a time
    slip = Payslip.objects.select_related("run__calendar").get(pk=statement)
    _must_be_voidable(slip, at)
    run = _run(slip, reason, pay_again, actor, at)
    copy = _copy(slip, run)
    PayslipLine.objects.bulk_create(
        PayslipLine(
            payslip=copy,
            n=line.n,
            kind=line.kind,
            code=line.code,
            label=line.label,
            amount=-line.amount,
            base=-line.base,
            rule=line.rule,
            source=line.source,
            payee=line.payee,
        )
        for line in PayslipLine.objects.filter(payslip=slip).order_by("n")
    )
    run.digest = digest_of(run)
    run.save(update_fields=["digest"])
    opened = PayRunOpened(
        subject=run.pk, calendar=str(run.calendar_id), pay_on=run.pay_on.isoformat(), reason=reason
    )
    record([opened], actor=actor, at=at)
    return run


def take_back(run: PayRun, *, actor: Actor, at: datetime) -> None:
    """Take back the charges that voided statements paid, as charges of their own, and say who now
    owes what had left.
    """
    copies = Payslip.objects.filter(run=run, voids__isnull=False).select_related("voids")
    for copy in copies.order_by("id"):
        original = copy.voids
        if original is None:
            continue
        _reverse_charges(run, original, copy, actor, at)
        _settle_up(run, original, copy, actor, at)
        fact = PayStatementVoided(
            subject=original.pk,
            by=str(copy.pk),
            net=original.net,
            currency=original.currency,
            reason=run.reason,
        )
        record([fact], actor=actor, at=at)


def _must_be_voidable(slip: Payslip, at: datetime) -> None:
    if not slip.run.is_final:
        raise Conflict("not_final", "Only a final statement is voided; calculate a draft again.")
    if slip.voids_id is not None:
        raise Conflict("void_is_final", "A void is never voided; pay the work again instead.")
    if Payslip.objects.filter(voids=slip).exists():
        raise Conflict("voided_already", "This statement was voided, or a void of it is prepared.")
    if tax_year(slip.country, deadlines.today(at)) != slip.tax_year:
        raise Conflict(
            "other_tax_year",
            f"It belongs to the tax year {slip.tax_year}, which is over: take it out of that year's"
            " forms by correct-year, and file them anew.",
            file=list(AMENDED[slip.country]),
        )


def _run(slip: Payslip, reason: str, pay_again: bool, actor: Actor, at: datetime) -> PayRun:
    old = slip.run
    return PayRun.objects.create(
        calendar=old.calendar,
        kind="void",
        reason=reason[:200],
        starts_on=old.starts_on,
        ends_on=old.ends_on,
        pay_on=max(slip.pay_on, deadlines.today(at)),
        currency=slip.currency,
        state=PayRun.State.READY,
        payslips=1,
        gross=-slip.gross,
        taken=-slip.taken,
        net=-slip.net,
        employer_cost=-slip.employer_cost,
        blockers=[],
        prepared_by=actor.id,
        prepared_at=at,
        pays_again=pay_again,
        opened_at=at,
    )


def _copy(slip: Payslip, run: PayRun) -> Payslip:
    follows: UUID | None = None
    carried: Mapping[str, Decimal] = {}
    if slip.route in EMPLOYED:
        follows, now = latest.of_employees([slip.worker_id], slip.country, run.pay_on).get(
            slip.worker_id, (None, {})
        )
        carried = _without(now, slip)
    elif slip.carried_forward:
        years = latest.of_companies([slip.worker_id], run.pay_on)
        follows, now = years.get((slip.worker_id, slip.intermediary_id), deemed.NO_YEAR)
        carried = _without(now, slip)
    return Payslip.objects.create(
        id=new_id(),
        run=run,
        worker_id=slip.worker_id,
        intermediary_id=slip.intermediary_id,
        route=slip.route,
        country=slip.country,
        tax_year=slip.tax_year,
        pay_on=run.pay_on,
        bank_account_id=slip.bank_account_id,
        currency=slip.currency,
        situation=slip.situation,
        carried_forward=plain(dict(carried)),
        follows=follows,
        pack=slip.pack,
        voids=slip,
        **{name: -getattr(slip, name) for name in FIGURES},
    )


def _without(now: Mapping[str, Decimal], slip: Payslip) -> dict[str, Decimal]:
    """The year to date as it stands, less what the statement added to it."""
    added = slip.added()
    return {key: now.get(key, NOTHING) - added.get(key, NOTHING) for key in sorted({*now, *added})}


def _reverse_charges(
    run: PayRun, original: Payslip, copy: Payslip, actor: Actor, at: datetime
) -> None:
    paid = list(
        PayLine.objects.filter(payslip=original).select_related("charge").order_by("charge_id")
    )
    back = [_taken_back(line.charge, run) for line in paid]
    keys = [one([outcome]) for outcome in agreed.post_agreed(back, actor=actor, at=at)]
    PayLine.objects.bulk_create(
        PayLine(payslip=copy, charge_id=key, amount=-line.amount, burden=-line.burden)
        for key, line in zip(keys, paid, strict=True)
    )
    waiting.taken_to_pay(keys)
    if run.pays_again:
        again = [_paid_again(line.charge, run) for line in paid]
        for outcome in agreed.post_agreed(again, actor=actor, at=at):
            one([outcome])


def _taken_back(charge: Charge, run: PayRun) -> agreed.NewCharge:
    return _agreed(charge, run, "void", -1, charge.pk)


def _paid_again(charge: Charge, run: PayRun) -> agreed.NewCharge:
    return _agreed(charge, run, "reinstated", 1, None)


def _agreed(
    charge: Charge, run: PayRun, kind: str, sign: int, corrects: UUID | None
) -> agreed.NewCharge:
    return agreed.NewCharge(
        key=f"{kind}:{run.pk}:{charge.pk}",
        kind=kind,
        assignment=charge.assignment_id,
        worked_on=charge.worked_on,
        code=charge.code,
        label=charge.label,
        reason=run.reason,
        unit=charge.unit,
        pay=agreed.Agreed(
            sign * (charge.pay_quantity or NOTHING),
            charge.pay_rate or NOTHING,
            sign * (charge.pay_amount or NOTHING),
            charge.pay_currency,
            charge.pay_treatment,
        ),
        corrects=corrects,
    )


def _settle_up(run: PayRun, original: Payslip, copy: Payslip, actor: Actor, at: datetime) -> None:
    """What had left is owed by whom it went to; what came back is nobody's any more."""
    payments = Payment.objects.filter(
        run=original.run_id,
        worker=None if original.intermediary_id else original.worker_id,
        intermediary=original.intermediary_id,
        replaced_by__isnull=True,
    )
    who = original.intermediary_id or original.worker_id
    came_back = [payment for payment in payments if payment.state == Payment.State.RETURNED]
    desk.close_for(
        [f"payment_returned:{payment.pk}" for payment in came_back],
        resolution="The statement it paid was voided.",
        actor=actor,
        at=at,
    )
    if came_back or not original.net:
        return
    ledger.post(
        [posting.overpaid(run, copy, who)],
        actor=actor,
        at=at,
    )
    found = desk.Found(
        kind="negative_pay",
        key=f"overpaid:{copy.pk}",
        title="A voided statement was paid: the money is owed back",
        detail=run.reason,
        about_kind="worker",
        about=original.worker_id,
        stops="money",
        at_stake=original.net,
        currency=original.currency,
        suggested="Agree how it is paid back, or ask the bank for the payment.",
    )
    desk.open_exceptions([found], actor=actor, at=at)
    owe_back(copy, original.net, run.reason, actor, at)
