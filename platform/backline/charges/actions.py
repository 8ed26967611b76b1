"""What can be done with charges: price weeks inside their approval, price them again, post
agreed amounts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from backline.charges import posting
from backline.charges.events import WeekCorrected
from backline.charges.models import Charge, Correction
from backline.charges.weeks import Key, Weeks, load, touched_by
from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.directory.models import Worker
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Refusal
from backline.kernel.events import record
from backline.kernel.ids import new_id
from backline.timesheets.models import Timesheet
from rulebook.corrections import Difference, differences
from rulebook.hours import UnfitHours, WeekRules
from rulebook.pack import worktime
from rulebook.pricing import Unpriceable, priced_week
from rulebook.rates import Priced
from rulebook.timeline import NoRule

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Why:
    """Why weeks are worked out again: late_time, rate_change, corrected_time, wrong_client
    ... and in words.
    """

    kind: str
    reason: str
    key: str


def price(sheets: Sequence[Timesheet], *, actor: Actor, at: datetime) -> dict[UUID, Refusal]:
    """Price the weeks that these sheets complete, inside their approval; returns a refusal a sheet
    that cannot be.

    The week is worked out over all assignments of the worker with what is approved and what is
    being approved,
    less the charges that exist. A sheet that cannot be priced takes no other with it.
    """
    refusals: dict[UUID, Refusal] = {}
    fit = list(sheets)
    while fit:
        found = _work_out(fit)
        bad = {
            sheet.pk: found.refusals[key]
            for sheet in fit
            for key in _keys(sheet, found)
            if key in found.refusals
        }
        if not bad:
            corrections = _corrections_of(fit, found, actor, at)
            posting.post(found.differences, found.weeks, corrections, actor=actor, at=at)
            break
        refusals |= bad
        fit = [sheet for sheet in fit if sheet.pk not in bad]
    return refusals


def reprice(keys: Iterable[Key], why: Why, *, actor: Actor, at: datetime) -> list[Correction]:
    """Work weeks out again with what is now known and post the difference, named as a correction.

    Weeks that come to the same post nothing. Raises Conflict with every fault when a week cannot be
    priced.
    """
    wanted = frozenset(keys)
    _hold({worker for worker, _ in wanted})
    weeks = load(wanted)
    found = _Found(weeks, *_differences(weeks))
    if found.refusals:
        raise Conflict.of(
            [fault for refusal in found.refusals.values() for fault in refusal.faults]
        )
    moved = {key: diffs for key, diffs in found.differences.items() if diffs}
    corrections = {key: _correction(key, diffs, why, actor, at) for key, diffs in moved.items()}
    Correction.objects.bulk_create(corrections.values(), ignore_conflicts=True)
    posting.post(moved, weeks, corrections, actor=actor, at=at)
    _tell(corrections.values(), actor, at)
    return list(corrections.values())


@dataclass(slots=True)
class _Found:
    """Weeks worked out: what to post a week, and the weeks that cannot be priced."""

    weeks: Weeks
    differences: dict[Key, tuple[Difference, ...]]
    refusals: dict[Key, Refusal]


def _work_out(sheets: Sequence[Timesheet]) -> _Found:
    keys = touched_by(sheets, directory.firm().week_starts)
    _hold({worker for worker, _ in keys})
    weeks = load(keys, approving=[sheet.pk for sheet in sheets])
    return _Found(weeks, *_differences(weeks))


def _hold(workers: set[UUID]) -> None:
    """One pricing a worker at a time, in one order, so that two approvals of a week cannot
    both be first.
    """
    list(Worker.objects.select_for_update().filter(pk__in=workers).order_by("id").values_list("id"))


def _differences(weeks: Weeks) -> tuple[dict[Key, tuple[Difference, ...]], dict[Key, Refusal]]:
    found: dict[Key, tuple[Difference, ...]] = {}
    refusals: dict[Key, Refusal] = {}
    for key in sorted(weeks.keys):
        try:
            found[key] = differences(_desired(key, weeks), weeks.posted.get(key, ()))
        except Unpriceable as no:
            faults = [
                Fault(code, sentence, facts=_about(assignment))
                for assignment, code, sentence in no.faults
            ]
            refusals[key] = Conflict.of(faults)
        except (UnfitHours, NoRule) as no:
            refusals[key] = Conflict("week_cannot_be_priced", str(no))
    return found, refusals


def _desired(key: Key, weeks: Weeks) -> list[Priced]:
    worked = weeks.worked.get(key, [])
    rules = worktime(weeks.country)
    if weeks.country == "US":
        places = frozenset(line.place for line in worked)
        return (
            list(priced_week(worked, weeks.jobs, rules.week_rules(key[1], places, {})))
            if worked
            else []
        )
    desired: list[Priced] = []
    for assignment in dict.fromkeys(line.assignment for line in worked):
        own = [line for line in worked if line.assignment == assignment]
        agreed = weeks.assignments[UUID(assignment)].overtime
        week: WeekRules = rules.week_rules(key[1], frozenset(), agreed)
        desired += priced_week(own, weeks.jobs, week)
    return desired


def _keys(sheet: Timesheet, found: _Found) -> list[Key]:
    starts = found.weeks.starts_of
    return [
        key
        for key in found.weeks.keys
        if key[0] == sheet.assignment.worker_id
        and starts(sheet.starts_on) <= key[1] <= starts(sheet.ends_on)
    ]


def _corrections_of(
    sheets: Sequence[Timesheet], found: _Found, actor: Actor, at: datetime
) -> dict[Key, Correction]:
    """A sheet that corrects another one makes its weeks' charges a correction."""
    corrections: dict[Key, Correction] = {}
    for sheet in sheets:
        if sheet.corrects_id is None:
            continue
        why = Why("corrected_time", sheet.correction_reason, f"timesheet:{sheet.pk}")
        for key in _keys(sheet, found):
            if found.differences.get(key):
                corrections[key] = _correction(key, found.differences[key], why, actor, at)
    Correction.objects.bulk_create(corrections.values())
    _tell(corrections.values(), actor, at)
    return corrections


def _correction(
    key: Key, diffs: Sequence[Difference], why: Why, actor: Actor, at: datetime
) -> Correction:
    pay = [diff.charge.pay for diff in diffs if diff.charge.pay is not None]
    bill = [diff.charge.bill for diff in diffs if diff.charge.bill is not None]
    return Correction(
        id=new_id(),
        kind=why.kind,
        reason=why.reason[:300],
        key=f"{why.key}:{key[0]}:{key[1].isoformat()}",
        worker_id=key[0],
        week_starts_on=key[1],
        pay_difference=sum((side.amount for side in pay), NOTHING),
        bill_difference=sum((side.amount for side in bill), NOTHING),
        pay_currency=pay[0].currency if pay else "",
        bill_currency=bill[0].currency if bill else "",
        corrected_at=at,
        actor=actor.as_json(),
    )


def _tell(corrections: Iterable[Correction], actor: Actor, at: datetime) -> None:
    record(
        (
            WeekCorrected(
                subject=row.pk,
                kind=row.kind,
                worker=str(row.worker_id),
                week_starts_on=row.week_starts_on.isoformat(),
                pay_difference=row.pay_difference,
                bill_difference=row.bill_difference,
                pay_currency=row.pay_currency,
                bill_currency=row.bill_currency,
                reason=row.reason,
            )
            for row in corrections
        ),
        actor=actor,
        at=at,
    )


def _about(assignment: str) -> MappingProxyType[str, str]:
    return MappingProxyType({"assignment": assignment})


def follow_rates(
    assignment: UUID, *, since: date, until: date | None, version: int, actor: Actor, at: datetime
) -> list[Correction]:
    """Correct the weeks that were priced before rates changed under them, and put that on a desk.

    The exception says what both sides come to and closes when the difference is paid and billed.
    """
    keys = charged_weeks(assignment, since, until)
    if not keys:
        return []
    why = Why("rate_change", f"Rates from {since.isoformat()}", f"rates:{assignment}:{version}")
    corrections = reprice(keys, why, actor=actor, at=at)
    desk.open_exceptions(
        (_rate_found(row, assignment, since) for row in corrections), actor=actor, at=at
    )
    return corrections


def _rate_found(row: Correction, assignment: UUID, since: date) -> desk.Found:
    week = row.week_starts_on.isoformat()
    return desk.Found(
        kind="retroactive_rate",
        key=f"correction:{row.pk}",
        title=f"Rates changed under the week of {week}",
        detail=(
            f"New rates from {since.isoformat()} change pay by {row.pay_difference} and the bill by"
            f" {row.bill_difference} for that week."
        ),
        about_kind="assignment",
        about=assignment,
        stops="money",
        at_stake=abs(row.pay_difference) + abs(row.bill_difference),
        currency=row.pay_currency or row.bill_currency,
        evidence=[
            {"correction": str(row.pk), "week_starts_on": week, "pay": str(row.pay_difference),
             "bill": str(row.bill_difference)},
        ],
        suggested="Pay the difference in the next run and bill it; both are prepared.",
    )  # fmt: skip


def charged_weeks(assignment: UUID, since: date, until: date | None) -> frozenset[Key]:
    """The workers' weeks in which an assignment has charges on days of a span, `until` not
    included.
    """
    rows = Charge.objects.filter(assignment_id=assignment, worked_on__gte=since)
    if until is not None:
        rows = rows.filter(worked_on__lt=until)
    return frozenset(rows.values_list("worker_id", "week_starts_on").distinct())
