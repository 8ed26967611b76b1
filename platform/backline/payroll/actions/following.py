"""Balances followed through a release: what was taken off them, what was paid in advance, what was
carried, and all of it back when a statement is voided.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backline.desk import actions as desk
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict
from backline.kernel.events import record
from backline.payroll import owed
from backline.payroll.actions.recovering import tell_opened
from backline.payroll.events import RecoveryTaken
from backline.payroll.models import PayRun, Recovery
from backline.payroll.statements import Figure, Statement

FIELDS = ["owed", "statement"]


def is_about(line: Figure) -> bool:
    """Whether a line moves a balance."""
    return line.code == owed.CARRIED or line.code.startswith((owed.RECOVERY, owed.ADVANCE))


def follow(
    run: PayRun, lines: Sequence[tuple[Statement, Figure]], actor: Actor, at: datetime
) -> None:
    """Move every balance that lines of a released run are about, each told with its statement;
    refuses where one moved since they were worked out.
    """
    if not lines:
        return
    workers = {slip.worker_id for slip, _ in lines}
    rows = list(Recovery.objects.select_for_update().filter(worker__in=workers).order_by("id"))
    known = {owed.code_of(row): row for row in rows}
    known |= {owed.code_of(row, owed.ADVANCE): row for row in rows}
    facts = []
    for slip, line in lines:
        if line.code == owed.CARRIED:
            continue
        row = known[line.code]
        if line.code.startswith(owed.ADVANCE):
            _advance(row, slip)
            continue
        taken = line.amount if line.kind == "deduction" else -line.amount
        row.owed -= taken
        if not 0 <= row.owed <= row.amount:
            raise _moved()
        facts.append(
            RecoveryTaken(
                subject=row.pk, statement=str(slip.id), amount=taken, owed=row.owed,
                currency=row.currency,
            )
        )  # fmt: skip
    for slip, line in lines:
        if line.code == owed.CARRIED:
            _carry(line, slip, rows, run, actor, at)
    Recovery.objects.bulk_update(rows, FIELDS)
    record(facts, actor=actor, at=at)


def _advance(row: Recovery, slip: Statement) -> None:
    """An advance that was paid is owed from now on; one that was taken back is not."""
    if slip.voids_id is None:
        row.statement_id = slip.id
        return
    _must_be_whole(row)
    row.owed = row.owed - row.amount


def _carry(  # noqa: PLR0917 - a balance is told by all of it
    line: Figure,
    slip: Statement,
    rows: Sequence[Recovery],
    run: PayRun,
    actor: Actor,
    at: datetime,
) -> None:
    """What pay could not bear is owed: taken from the next pay on, unless agreed otherwise."""
    if slip.voids_id is not None:
        row = _of(slip.voids_id, rows)
        _must_be_whole(row)
        row.owed = row.owed - row.amount
        return
    row = Recovery.objects.create(
        worker_id=slip.worker_id,
        kind=Recovery.Kind.OVERPAYMENT,
        method=Recovery.Method.GROSS,
        country=slip.country,
        tax_year=slip.tax_year,
        currency=slip.currency,
        amount=line.amount,
        owed=line.amount,
        since=run.pay_on,
        reason="Corrections took back more than was earned",
        statement_id=slip.id,
        opened_at=at,
        agreed_at=at,
    )
    tell_opened(row, actor, at)
    found = desk.Found(
        kind="negative_pay",
        key=f"carried:{slip.id}",
        title="Corrections came to more than the pay: the rest is owed",
        detail=f"{row.amount} {row.currency} is taken from the next pay on.",
        about_kind="worker",
        about=slip.worker_id,
        stops="nothing",
        at_stake=row.amount,
        currency=row.currency,
        suggested="Agree how much is taken at once.",
    )
    desk.open_exceptions([found], actor=actor, at=at)


def _of(statement: UUID, rows: Sequence[Recovery]) -> Recovery:
    return next(row for row in rows if row.statement_id == statement)


def _must_be_whole(row: Recovery) -> None:
    if row.owed != row.amount:
        raise Conflict(
            "recovered_already",
            "Some of what this statement left owed was paid back; void those statements first.",
        )


def _moved() -> Conflict:
    return Conflict("balance_changed", "What is owed changed meanwhile; calculate again.")
