"""Runs calculated: accepted as an operation, worked out in chunks, each chunk one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum

from backline.desk import actions as desk
from backline.kernel import locks, operations, states
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Missing
from backline.kernel.events import record
from backline.kernel.models import Operation, OperationItem
from backline.kernel.operations import Done, Item, Work
from backline.payroll import blockers, owed, slips
from backline.payroll.earning import PaySide
from backline.payroll.events import PayRunCalculated
from backline.payroll.gathering import Payee, gather, payable
from backline.payroll.models import PayRun, Payslip

KIND = "pay_run.calculate"
NOTHING = Decimal("0.00")
State = PayRun.State

# Each payslip with its own charges, found by their index: the table of charges paid grows for ever.
DIGEST = """
SELECT encode(sha256(coalesce(string_agg(
    record_send(ROW(slip.worker_id, slip.route, slip.intermediary_id, slip.bank_account_id,
                    slip.gross, slip.taken, slip.vat, slip.net, slip.employer_cost)) || own.charges,
    '' ORDER BY slip.worker_id, slip.route, slip.intermediary_id, slip.voids_id),
    '')), 'hex')
FROM payroll_payslip slip CROSS JOIN LATERAL (
    SELECT coalesce(string_agg(uuid_send(line.charge_id) || numeric_send(line.amount), ''
                               ORDER BY line.charge_id), '') AS charges
    FROM payroll_payline line WHERE line.payslip_id = slip.id
) own
WHERE slip.run_id = %s
"""
Blocked = dict[Payee, list[blockers.Blocker]]


def calculate(run: UUID, *, actor: Actor, at: datetime) -> Operation:
    """Work every payslip of a run out (again) with what is known now; answers with the
    operation that does it.
    """
    row = held(run)
    if row.kind == "void":
        raise Conflict("void_is_a_copy", "A void is an exact copy; cancel it and void again.")
    row.state = states.must_move(row.state, State.CALCULATING, PayRun.MOVES, "pay run")
    row.prepared_by, row.prepared_at, row.version = actor.id, at, row.version + 1
    row.blockers, row.approved_by, row.approved_digest = [], "", ""
    row.save()
    workers = set(payable(row).values_list("worker_id", flat=True).distinct())
    workers |= {worker for worker, _ in owed.advanced(row)}
    workers |= set(
        Payslip.objects.filter(run=row, run__is_final=False).values_list("worker_id", flat=True)
    )
    return operations.accept(
        KIND,
        key=f"{KIND}:{row.pk}:{row.version}",
        # the last member settles the run, whatever became of those before it
        refs=[*(str(worker) for worker in sorted(workers)), ""],
        args={"version": row.version},
        subject=row.pk,
        actor=actor,
        at=at,
    )


@operations.runs(KIND, chunk=2000)
def calculate_chunk(work: Work, items: Sequence[Item]) -> Sequence[Done]:
    """Work out the payslips of a chunk of workers; the last member settles whether the run is
    ready. A calculation that a newer one has overtaken writes nothing.
    """
    # a chunk of the calculation before may be under way still
    locks.alone(f"pay_run:{work.subject}")
    run = PayRun.objects.select_related("calendar").get(pk=str(work.subject))
    if run.state != State.CALCULATING or run.version != work.args["version"]:
        return [Done(item.n, {"overtaken": True}) for item in items]
    workers = [UUID(item.ref) for item in items if item.ref]
    blocked: Blocked = {}
    if workers:
        slips.clear(run, workers)
        gathered = gather(run, workers)
        worked, blocked = slips.work_out(gathered)
        slips.write(run, gathered, worked)
        _note(run, gathered.charges, blocked, work)
    if any(not item.ref for item in items):
        finish(run, work)
    codes: dict[UUID, list[str]] = {}
    for payee, own in blocked.items():
        codes.setdefault(payee[0], []).extend(one.code for one in own)
    return [
        Done(item.n, {"blockers": codes.get(UUID(item.ref), [])} if item.ref else None)
        for item in items
    ]


def finish(run: PayRun, work: Work) -> None:
    """Add a run up and say whether it is ready; a worker in whose way something stands does
    not hold the others.
    """
    row = held(run.pk)
    if row.version != work.args["version"]:
        return  # asked for anew meanwhile: that calculation settles the run
    routes = set(Payslip.objects.filter(run=row).values_list("route", flat=True).distinct())
    sums = Payslip.objects.filter(run=row).aggregate(
        slips=Count("id"),
        gross=Sum("gross"),
        taken=Sum("taken"),
        net=Sum("net"),
        cost=Sum("employer_cost"),
    )
    row.payslips = sums["slips"]
    row.gross, row.taken = sums["gross"] or NOTHING, sums["taken"] or NOTHING
    row.net, row.employer_cost = sums["net"] or NOTHING, sums["cost"] or NOTHING
    of_workers = [*row.blockers, *_lost(work)]
    whole = blockers.of_run(row, routes)
    if not row.payslips:
        whole.append(blockers.nothing_to_pay(bool(of_workers)))
    row.blockers = [*(one.as_json() for one in whole), *of_workers]
    row.digest = digest_of(row)
    to = State.BLOCKED if whole else State.READY
    row.state = states.must_move(row.state, to, PayRun.MOVES, "pay run")
    row.version += 1
    row.save()
    fact = PayRunCalculated(
        subject=row.pk,
        state=row.state,
        payslips=row.payslips,
        net=row.net,
        blockers=len(row.blockers),
    )
    record([fact], actor=work.actor, at=work.at)
    _note_run(row, whole, work)


def _lost(work: Work) -> list[dict[str, Any]]:
    """The workers whom an error of ours set aside: they are in nobody's payslip, and it is said."""
    refs = OperationItem.objects.filter(operation=work.id, state="failed").exclude(ref="")
    told = "An error of ours kept this worker's pay from being worked out; calculate again."
    return [
        blockers.Blocker("internal_error", told, "partner_admin", UUID(ref)).as_json()
        for ref in refs.order_by("n").values_list("ref", flat=True)
    ]


def _note_run(row: PayRun, whole: Sequence[blockers.Blocker], work: Work) -> None:
    """Put what holds a whole run on a desk, or take it off."""
    key = f"pay_run_blocked:{row.pk}"
    if not whole:
        desk.close_for([key], resolution="The run is ready.", actor=work.actor, at=work.at)
        return
    found = desk.Found(
        kind="pay_run_blocked",
        key=key,
        title=f"The pay run of {row.pay_on.isoformat()} is held",
        detail=" ".join(one.detail for one in whole),
        about_kind="pay_run",
        about=row.pk,
        stops="pay",
        at_stake=row.net,
        currency=row.currency,
        evidence=[{"codes": ", ".join(one.code for one in whole)}],
        suggested="Supply what is missing and calculate the run again.",
    )
    desk.open_exceptions([found], actor=work.actor, at=work.at)


def digest_of(run: PayRun) -> str:
    """A hash of every payslip's figures and every charge they take: what the checker agrees to."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, [run.pk])
        return str(cursor.fetchone()[0])


def held(run: UUID) -> PayRun:
    """The locked run; raises Missing."""
    row = PayRun.objects.select_for_update().filter(pk=run).first()
    if row is None:
        raise Missing("not_found", "There is no such pay run.")
    return row


def _note(
    run: PayRun, charges: Mapping[Payee, Sequence[PaySide]], blocked: Blocked, work: Work
) -> None:
    """Keep the blockers with the run and put each on a desk; close what stands in nobody's
    way any more.
    """
    row = held(run.pk)
    if row.version != work.args["version"]:
        return
    row.blockers = [*row.blockers, *blockers.summary(blocked)]
    row.save(update_fields=["blockers"])
    found = []
    for payee, own in blocked.items():
        at_stake = sum((charge.pay_amount for charge in charges[payee]), NOTHING)
        codes = ", ".join(dict.fromkeys(one.code for one in own))
        kind = (
            "missing_form" if any(one.code == "missing_form" for one in own) else "pay_run_blocked"
        )
        found.append(
            desk.Found(
                kind=kind,
                key=_key(payee),
                title="A worker cannot be paid in this run",
                detail=" ".join(dict.fromkeys(one.detail for one in own)),
                about_kind="worker",
                about=payee[0],
                stops="pay",
                at_stake=at_stake,
                currency=run.currency,
                evidence=[{"pay_run": str(run.pk), "codes": codes}],
                suggested="Supply what is missing and calculate the run again.",
            )
        )
    clear = [_key(payee) for payee in charges if payee not in blocked]
    desk.open_exceptions(found, actor=work.actor, at=work.at)
    desk.close_for(
        clear, resolution="Nothing stands in the way of pay any more.", actor=work.actor, at=work.at
    )


def _key(payee: Payee) -> str:
    """What a trouble with one payee's pay is known by."""
    worker, route, company = payee
    return f"pay_blocked:{worker}:{route}" + (f":{company}" if company else "")
