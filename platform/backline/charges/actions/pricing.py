"""Approved time priced, inside the approval: a sheet that cannot be priced is refused alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from backline.charges import posting
from backline.charges.actions.explaining import Why, correction, tell
from backline.charges.models import Correction
from backline.charges.posting import Line
from backline.charges.weeks import Key, Weeks, load, touched_by, weeks_of
from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.directory.models import FirmRecord, Worker
from backline.kernel import ids, statements
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Refusal
from backline.kernel.statements import Slot
from backline.timesheets.actions.moving import Handed
from rulebook.corrections import Difference
from rulebook.hours import UnfitHours
from rulebook.money import NOTHING
from rulebook.pricing import Unpriceable, Unpriced
from rulebook.timeline import NoRule

Differences = dict[Key, tuple[Difference, ...]]
_HELD = statements.columns(
    lambda: (
        Worker.objects.select_for_update(no_key=True)
        .filter(pk__among=Slot("keys"))
        .order_by("id")
        .values_list("id")
    ),
)


@dataclass(slots=True)
class Found:
    """Weeks worked out: what to post a week, and why a week cannot be priced, by the sheets whose
    time is at fault (None: the week as a whole).
    """

    weeks: Weeks
    differences: Differences = field(default_factory=dict)
    faults: dict[Key, list[tuple[UUID | None, Fault]]] = field(default_factory=dict)


def price(sheets: Sequence[Handed], *, actor: Actor, at: datetime) -> dict[UUID, Refusal]:
    """Price the weeks that these sheets complete, inside their approval; returns a refusal for each
    sheet that cannot be.

    A week is worked out over all assignments of the worker with what is approved and what is being
    approved, less the charges that exist. A sheet that cannot be priced takes no other with it.
    """
    hold({sheet.worker_id for sheet in sheets})
    firm = directory.firm()
    refusals: dict[UUID, Refusal] = {}
    fit, done = list(sheets), dict[Key, Found]()
    left = touched_by(fit, firm.week_starts)
    while left:
        found = work_out(load(left, approving=fit, firm=firm))
        done |= dict.fromkeys(found.differences, found)
        bad = _refused(fit, found, firm)
        refusals |= bad
        # the weeks of a sheet that is refused are worked out again without it
        spoilt = touched_by((sheet for sheet in fit if sheet.id in bad), firm.week_starts)
        done = {key: own for key, own in done.items() if key not in spoilt}
        fit = [sheet for sheet in fit if sheet.id not in bad]
        left = spoilt & touched_by(fit, firm.week_starts)
    lines = _post(done, fit, firm, actor, at)
    _say_what_is_late(fit, lines, actor, at)
    return refusals


def hold(workers: Iterable[UUID]) -> None:
    """One pricing a worker at a time, in one order, so that two approvals of a week cannot
    both be first; they are held before whatever is asked next.
    """
    _HELD.soon(keys=set(workers))


def work_out(weeks: Weeks) -> Found:
    """What every week needs so that it is charged as it was worked, and what stands in the way."""
    found = Found(weeks)
    for key in sorted(weeks.keys):
        try:
            found.differences[key] = weeks.difference(key)
        except Unpriceable as no:
            found.faults[key] = [_fault(fault, weeks) for fault in no.faults]
        except (UnfitHours, NoRule) as no:
            found.faults[key] = [(None, Fault("week_cannot_be_priced", str(no)))]
    return found


def _fault(fault: Unpriced, weeks: Weeks) -> tuple[UUID | None, Fault]:
    assignment = UUID(fault.assignment)
    sheet = weeks.sheet_on(assignment, fault.on)
    facts = {
        "assignment": ids.public("asg", assignment),
        "timesheet": ids.public("tsh", sheet.id) if sheet else "",
        "worked_on": fault.on.isoformat(),
    }
    return (
        sheet.id if sheet else None,
        Fault(fault.code, fault.sentence, "", MappingProxyType(facts)),
    )


def _refused(sheets: Sequence[Handed], found: Found, firm: FirmRecord) -> dict[UUID, Refusal]:
    """The sheets whose own time cannot be priced; where that is not one of those being approved,
    every one of its week.
    """
    asked = {sheet.id for sheet in sheets}
    by_sheet: dict[UUID, list[Fault]] = {}
    whole: dict[Key, list[Fault]] = {}
    for key, faults in found.faults.items():
        own = [(at_fault, fault) for at_fault, fault in faults if at_fault in asked]
        for at_fault, fault in own:
            if at_fault is not None:
                by_sheet.setdefault(at_fault, []).append(fault)
        if not own:
            whole[key] = [fault for _, fault in faults]
    for sheet in sheets:
        for key in weeks_of(sheet.worker_id, sheet.starts_on, sheet.ends_on, firm.week_starts):
            if key in whole:
                by_sheet.setdefault(sheet.id, []).extend(whole[key])
    return {key: Conflict.of(_once(own)) for key, own in by_sheet.items()}


def _once(faults: Sequence[Fault]) -> list[Fault]:
    """Each fault once, in order."""
    return [fault for n, fault in enumerate(faults) if fault not in faults[:n]]


def _post(
    done: Mapping[Key, Found],
    sheets: Sequence[Handed],
    firm: FirmRecord,
    actor: Actor,
    at: datetime,
) -> list[Line]:
    """Post what the weeks need; a sheet that corrects another one makes its weeks a correction."""
    corrections: dict[Key, Correction] = {}
    for sheet in sheets:
        if sheet.corrects_id is None:
            continue
        why = Why("corrected_time", sheet.correction_reason, f"timesheet:{sheet.id}")
        for key in weeks_of(sheet.worker_id, sheet.starts_on, sheet.ends_on, firm.week_starts):
            moved = done[key].differences[key]
            if moved:
                corrections[key] = correction(key, moved, why, actor, at)
    Correction.objects.bulk_create(corrections.values())
    tell(corrections.values(), actor=actor, at=at)
    lines: list[Line] = []
    for found in {id(found): found for found in done.values()}.values():
        own = {key: found.differences[key] for key in done if done[key] is found}
        lines += posting.post(own, found.weeks, corrections, actor=actor, at=at)
    return lines


def _say_what_is_late(
    sheets: Sequence[Handed], lines: Sequence[Line], actor: Actor, at: datetime
) -> None:
    """Put the money of late time on its exceptions, now that it is known."""
    late = {sheet.id for sheet in sheets if sheet.is_late}
    if not late:
        return
    stakes: dict[str, tuple[Decimal, str]] = {}
    for line in lines:
        if line.sheet in late:
            amount, currency = stakes.get(f"late_timesheet:{line.sheet}", (NOTHING, ""))
            more = abs(line.pay) + abs(line.bill)
            stakes[f"late_timesheet:{line.sheet}"] = (amount + more, currency or line.currency)
    desk.restate(stakes, actor=actor, at=at)


def keys_of(rows: Mapping[Key, Sequence[Difference]]) -> list[Key]:
    """The weeks in which something moves."""
    return [key for key, own in rows.items() if own]
