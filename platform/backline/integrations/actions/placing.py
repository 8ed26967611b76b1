"""Placements as a source sends them, as assignments: made, changed, ended, or given another
engagement from a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from backline.assignments import actions as assignments
from backline.assignments.actions import NewAssignment, NewRates
from backline.assignments.engagements import COUNTRY
from backline.assignments.models import Assignment
from backline.integrations.actions import agreeing
from backline.integrations.actions.intake import (
    CREATED,
    PROPOSED,
    UNCHANGED,
    UPDATED,
    Intake,
    Result,
    failed,
    sorted_out,
)
from backline.integrations.actions.stepping import Steps, done
from backline.integrations.models import SourceRecord
from backline.kernel.errors import Fault, Refusal
from backline.timesheets.models import TimeEntry

Status = Assignment.Status
DAY = timedelta(days=1)
STARTED = (Status.ACTIVE, Status.ENDED)
REFERENCES = ("worker", "client", "site", "approver", "intermediary")
PAPERS = ("po_number", "cost_centre", "project")
PLAIN = (
    "engagement", "starts_on", "ends_on", "pay_frequency", "job_title", "reference",
    "week_starts", "consultant", "service_line", "overtime", "workers_comp_class",
)  # fmt: skip
EMPTY: dict[str, Any] = {
    "ends_on": None, "intermediary": None, "overtime": {}, "job_title": "", "reference": "",
    "consultant": "", "service_line": "", "workers_comp_class": "", **dict.fromkeys(PAPERS, ""),
}  # fmt: skip
LEFT_BEHIND = "Time after the change is written on the assignment before it: move it by hand."
NOT_OURS = frozenset({"status", "cancelled_because", "rates", "engagement_since", "po_since"})


@dataclass(slots=True)
class Placed:
    """A placement with everything it names resolved: values by field, references as our keys."""

    values: dict[str, Any]
    said: Sequence[agreeing.Said]
    currency: str

    @property
    def since(self) -> date:
        """The first day of the placement, as the source says it."""
        day: date = self.values["starts_on"]
        return day

    def line(self, starts_on: date) -> list[NewRates]:
        """What is paid and billed from each day on."""
        return agreeing.line(self.said, starts_on=starts_on, currency=self.currency)


def apply(intake: Intake, row: SourceRecord, placed: Placed) -> Steps[Result]:
    """Make or change the assignment of a placement as far as the source owns it."""
    try:
        if row.about is None:
            return (yield from _add(intake, row, placed))
        present = Assignment.objects.get(pk=row.about)
        return (yield from _change(intake, row, placed, present))
    except Refusal as no:
        return Result("failed", row.about, no)


def unfit(placed: Placed, row: SourceRecord, country: str) -> list[Fault]:
    """What keeps it from being an assignment, over and above its own fields."""
    faults = []
    values = placed.values
    needed = COUNTRY.get(values.get("engagement", ""), country)
    if needed != country:
        told = f"There is no {values['engagement']} engagement in {country}."
        faults.append(Fault("engagement_of_another_country", told, "/engagement"))
    if row.about is None and placed.said:
        line = placed.line(placed.since)
        if not line or line[0].since > placed.since:
            told = "The first days have no rates: say what was paid and billed from the first day."
            faults.append(Fault("rates_start_late", told, "/rates/0/since"))
    return faults


# --- made ----------------------------------------------------------------------------------------


def _add(intake: Intake, row: SourceRecord, placed: Placed) -> Steps[Result]:
    values, line = dict(placed.values), placed.line(placed.since)
    ignored = {
        name: values.pop(name)
        for name in list(values)
        if intake.owner("placement", name) == "platform" and name in EMPTY and values[name]
    }
    own = {name: value for name, value in values.items() if name not in NOT_OURS}
    own = {name: value for name, value in own.items() if value not in (None, "", {})}
    made = yield from done(assignments.add, NewAssignment(**own, rates=line[0]))
    if made.refusal is not None:
        return Result("failed", None, made.refusal)
    if len(line) > 1:
        agreeing.bring_to(made.id, line, intake)
    intake.note_set(made.id, row, sorted({*own, "rates"}))
    return Result(CREATED, made.id, ignored=ignored)


# --- changed -------------------------------------------------------------------------------------


def _change(
    intake: Intake, row: SourceRecord, placed: Placed, present: Assignment
) -> Steps[Result]:
    if present.status == Status.CANCELLED:
        told = "This assignment was cancelled here, which is final."
        return failed([Fault("assignment_cancelled", told)], present.pk)
    values = {name: value for name, value in placed.values.items() if name not in NOT_OURS}
    values.pop("time_unit", None)
    if row.earlier:  # the source says the first day of the first part
        values.pop("starts_on")
    asks = _asks(present, values)
    is_open = present.status == Status.PENDING  # nobody confirmed yet what is proposed
    wanted = sorted_out(intake, row, values, empty=EMPTY, asks_first=asks, is_open=is_open)
    rates_owner = _owner_of_rates(intake, present)
    line = placed.line(max(present.starts_on, placed.since)) if placed.said else []
    fixed = _fixed(present, wanted.set) + _undated(present, placed, line)
    if fixed:
        return failed(fixed, present.pk)
    if _is_other_engagement(present, wanted.set):
        return (yield from _split(intake, row, placed, present, wanted.set))
    moved = _write(intake, present, wanted.set, placed.values.get("po_since"))
    proposed = _proposals(present, wanted.proposed)
    ignored = {n: each for n, each in wanted.ignored.items() if _now(present, n) != each}
    if rates_owner == "source":
        moved = agreeing.bring_to(present.pk, line, intake) or moved
    elif left := agreeing.differences(present.pk, line):
        if rates_owner == "proposal":
            proposed["rates"] = [[was for _, was in left], agreeing.told([new for new, _ in left])]
        else:
            ignored["rates"] = agreeing.told(line)
    names = [*wanted.set, *(["rates"] if rates_owner == "source" and line else [])]
    intake.note_set(present.pk, row, sorted(names))
    outcome = PROPOSED if proposed else UPDATED if moved else UNCHANGED
    return Result(outcome, present.pk, ignored=ignored, proposed=proposed)


def _owner_of_rates(intake: Intake, present: Assignment) -> str:
    """Nobody confirmed a pending assignment yet: what is proposed for it may still be set."""
    owner = intake.owner("placement", "rates")
    if owner == "proposal" and (intake.is_accepted or present.status == Status.PENDING):
        return "source"
    return owner


def _asks(present: Assignment, values: dict[str, Any]) -> frozenset[str]:
    """An end before time that is written down already is asked, not done."""
    last = values.get("ends_on")
    if last is None or (present.ends_on is not None and present.ends_on <= last):
        return frozenset()
    worked = TimeEntry.objects.filter(timesheet__assignment=present, worked_on__gt=last)
    return frozenset({"ends_on"}) if worked.exists() else frozenset()


def _now(present: Assignment, name: str) -> Any:
    if name in REFERENCES:
        return getattr(present, f"{name}_id")
    return getattr(present, name, None)


def _proposals(present: Assignment, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [_now(present, name), value]
        for name, value in wanted.items()
        if _now(present, name) != value
    }


def _fixed(present: Assignment, wanted: Mapping[str, Any]) -> list[Fault]:
    """Who works for whom and since when stays as it is once it started."""
    if present.status not in STARTED:
        return []
    return [
        Fault(
            "started_already",
            f"The {name.replace('_', ' ')} cannot change once the work started: end this"
            " placement and send another.",
            f"/{name}",
        )
        for name in ("worker", "client", "starts_on")
        if name in wanted and wanted[name] != _now(present, name)
    ]


def _undated(present: Assignment, placed: Placed, line: Sequence[NewRates]) -> list[Fault]:
    """New rates of work that goes on have a first day; none is guessed."""
    if present.status not in STARTED or not any(
        said.rates.since == date.min for said in placed.said
    ):
        return []
    first = [new for new, _ in agreeing.differences(present.pk, line)][:1]
    if not first or first[0].since > max(present.starts_on, placed.since):
        return []
    told = "Say from which day the new rates hold."
    return [Fault("since_missing", told, "/rates/0/since")]


def _is_other_engagement(present: Assignment, wanted: Mapping[str, Any]) -> bool:
    return present.status in STARTED and wanted.get("engagement", present.engagement) != (
        present.engagement
    )


def _write(
    intake: Intake, present: Assignment, wanted: Mapping[str, Any], po_since: date | None
) -> bool:
    """Set the fields, and the papers it is billed under; whether anything moved."""
    own = {f"{n}_id" if n in REFERENCES else n: each for n, each in wanted.items()}
    papers = {name: own.pop(name) for name in PAPERS if name in own}
    before = present.version
    row = assignments.change_assignment(present.pk, own, actor=intake.actor, at=intake.at)
    since = max(po_since or intake.on, present.starts_on)
    return _set_papers(intake, present, papers, since) or row.version != before


def _set_papers(intake: Intake, present: Assignment, papers: Mapping[str, str], day: date) -> bool:
    """Bill under another order or cost centre from the day that is said, else from today."""
    if not papers:
        return False
    found = present.billing_references.filter(withdrawn=False, valid__contains=day).first()
    now = {name: getattr(found, name, "") for name in PAPERS}
    if {**now, **papers} == now:
        return False
    assignments.set_billing_reference(
        present.pk, since=day, **{**now, **papers}, actor=intake.actor, at=intake.at
    )
    return True


# --- another engagement from a day ---------------------------------------------------------------


def _split(
    intake: Intake,
    row: SourceRecord,
    placed: Placed,
    present: Assignment,
    wanted: Mapping[str, Any],
) -> Steps[Result]:
    """End the assignment the day before, and make another one that is paid the other way."""
    since = placed.values.get("engagement_since")
    if since is None or since <= present.starts_on:
        told = "Say from which day, after the first, the other engagement holds."
        return failed([Fault("engagement_since_missing", told, "/engagement_since")], present.pk)
    line = placed.line(since)
    own = {name: value for name, value in placed.values.items() if name not in NOT_OURS}
    own |= {"starts_on": since, "engagement": wanted["engagement"]}
    own = {name: value for name, value in own.items() if value not in (None, "", {})}
    made = yield from done(assignments.add, NewAssignment(**own, rates=line[0]))
    if made.refusal is not None:
        return Result("failed", present.pk, made.refusal)
    assignments.change_assignment(
        present.pk, {"ends_on": since - DAY}, actor=intake.actor, at=intake.at
    )
    agreeing.bring_to(made.id, line, intake)
    intake.note_set(made.id, row, sorted({*own, "rates"}))
    row.earlier = [*row.earlier, str(present.pk)]
    notes = [f"The work from {since} on is another assignment, engaged as {own['engagement']}."]
    worked = TimeEntry.objects.filter(timesheet__assignment=present, worked_on__gte=since)
    if worked.exists():
        notes.append(LEFT_BEHIND)
    return Result(UPDATED, made.id, notes=notes)


# --- cancelled -----------------------------------------------------------------------------------


def cancel(intake: Intake, row: SourceRecord, why: str) -> Result:
    """Cancel what did not begin; where time or money is open, refuse and keep a tombstone."""
    if row.about is None:
        return Result("tombstoned")
    present = Assignment.objects.get(pk=row.about)
    if present.status == Status.CANCELLED:
        return Result(UNCHANGED, present.pk)
    has_time = present.timesheets.filter(total__gt=0).exclude(status="voided").exists()
    if has_time or present.status in STARTED:
        told = (
            "The source cancelled a placement on which work was done or money is open: nothing"
            " was undone here. End the assignment, and correct its weeks if need be."
        )
        return Result("tombstoned", present.pk, Refusal("cancelled_with_open_work", told))
    (done,) = assignments.cancel(
        [present.pk], reason=why or f"Cancelled in {intake.source.name}",
        actor=intake.actor, at=intake.at,
    )  # fmt: skip
    if done.refusal is not None:
        return Result("failed", present.pk, done.refusal)
    return Result(UPDATED, present.pk)
