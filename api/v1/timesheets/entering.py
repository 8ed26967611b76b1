"""/v1/timesheets: time written down, whole periods or lines of a file."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from api import fields
from api.answers import RESULTS, accepted, line_results, taken_results
from api.columns import Columns, Taken
from api.door import Call, door
from api.lines import Line, Lines
from api.v1.directory.words import Word
from api.v1.timesheets.records import TIMESHEET
from api.v1.timesheets.words import (
    AT_ONCE,
    TAG,
    Overriding,
    TimeEntryIn,
    columns_of_entries,
    entries,
    entries_in,
    overriding,
)
from backline.kernel import ids
from backline.kernel.outcomes import one
from backline.timesheets import actions
from backline.timesheets.actions import NewSheet


class SheetIn(Overriding):
    """A period's time of one assignment, whole: it replaces what the sheet held."""

    assignment = fields.PublicId("asg")
    starts_on = fields.Day(help_text="Any day of the period; usually its first.")
    entries = entries_in()
    external_id = Word(longest=80, help_text="The same with the same time changes nothing.")
    po_number = Word(longest=40)
    submit = fields.Flag(default=False, help_text="Hand it in for approval at once.")


@door("POST", "/v1/timesheets", "timesheets_enter", scope="timesheets:write", body=SheetIn,
      answers=TIMESHEET, status=201, key="optional", tag=TAG)  # fmt: skip
def enter(call: Call) -> object:
    """Write down a period's time, and hand it in if asked; the sheet is opened where none is."""
    made = one(actions.enter([_sheet(call, call.body)], actor=call.actor, at=call.at))
    return TIMESHEET.one(made)


class SheetsIn(fields.Input):
    """Many periods' time."""

    timesheets = Lines(SheetIn, most=2_000)


@door("POST", "/v1/timesheets/batch", "timesheets_enter_many", scope="timesheets:write",
      body=SheetsIn, answers=RESULTS, status=207, also=(202,), key="optional", tag=TAG)  # fmt: skip
def enter_many(call: Call) -> object:
    """Write down many periods' time; one that is refused never stops the others.

    Up to 100 are done at once; more are accepted and done in chunks.
    """
    sent: list[Line] = call.body["timesheets"]
    good = {line.n: _sheet(call, line.values) for line in sent if line.values is not None}
    if len(sent) > AT_ONCE and len(good) == len(sent):
        made = actions.accept_entries(list(good.values()), actor=call.actor, at=call.at)
        return accepted(made)
    outcomes = actions.enter(list(good.values()), actor=call.actor, at=call.at)
    refused = {each.id: each.refusal for each in outcomes if each.refusal is not None}
    actions.put_doubts_on_desk(refused, actor=call.actor, at=call.at)
    became = {n: each.refusal or each.id for n, each in zip(good, outcomes, strict=True)}
    return line_results(sent, became, "tsh")


class LineIn(TimeEntryIn):
    """One line of time of one assignment."""

    assignment = fields.PublicId("asg")


class LinesIn(fields.Input):
    """Lines of time."""

    lines = Columns(LineIn)


@door("POST", "/v1/timesheets/import", "timesheets_import", scope="timesheets:write", body=LinesIn,
      answers=RESULTS, status=207, key="optional", dry_run=True, tag=TAG,
      takes=("application/json", "text/csv"))  # fmt: skip
def bring_in(call: Call) -> object:
    """Write down lines of time as JSON or CSV; a period with a bad line is left alone, the others
    are kept.
    """
    sent: Taken = call.body["lines"]
    unread = (_place(line) for line in sent.bad.values())
    became = actions.enter_lines(
        sent.column("assignment"),
        columns_of_entries(sent),
        unread=[place for place in unread if place is not None],
        submit=False,
        actor=call.actor,
        at=call.at,
    )
    return taken_results(sent, became, "tsh")


class EntriesIn(fields.Input):
    """The whole time of the period."""

    entries = entries_in()


@door("PUT", "/v1/timesheets/{timesheet:tsh}/entries", "timesheets_set_entries",
      scope="timesheets:write", body=EntriesIn, answers=TIMESHEET, key="optional",
      tag=TAG)  # fmt: skip
def set_entries(call: Call, timesheet: UUID) -> object:
    """Set the time of one sheet that is not handed in; what it held is replaced."""
    given = entries(call.body["entries"])
    actions.set_entries(timesheet, given, actor=call.actor, at=call.at)
    return TIMESHEET.one(timesheet)


def _sheet(call: Call, given: Mapping[str, Any]) -> NewSheet:
    own = dict(given) | overriding(call, given)
    return NewSheet(**(own | {"entries": entries(given["entries"])}))


def _place(line: Line) -> tuple[UUID, date | None] | None:
    """Whose time and of which day a line is that cannot be read; None where it does not say."""
    if not isinstance(line.sent, dict):
        return None
    assignment = ids.parse("asg", str(line.sent.get("assignment")))
    if assignment is None:
        return None
    with suppress(ValueError):
        return assignment, date.fromisoformat(str(line.sent.get("worked_on")))
    return assignment, None
