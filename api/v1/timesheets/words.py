"""What the doors of timesheets share: time as sent, bulk answers, who may accept doubtful time."""

from collections.abc import Mapping, Sequence
from typing import Any

from api import fields
from api.answers import results
from api.columns import Taken
from api.door import Call
from api.v1.directory.words import Word
from backline.kernel.errors import Forbidden
from backline.kernel.outcomes import Outcome
from backline.timesheets import actions
from backline.timesheets.actions import NewEntry
from backline.timesheets.actions.writing import UNITS

TAG = "timesheets"
AT_ONCE = 100  # more than that is accepted and done by and by
MOST = 5_000
MOST_ENTRIES = 400
OVERRIDE = "timesheets:override"


class TimeEntryIn(fields.Input):
    """Time on one day: a quantity, or from and to with minutes of unpaid break."""

    worked_on = fields.Day()
    code = fields.Text(longest=20, default="regular", help_text="regular, night, weekend …")
    unit = fields.Choice(UNITS, default="hour")
    quantity = fields.DecimalText(
        required=False, most="10000", help_text="Hours, or days in quarters; without breaks."
    )
    started_at = fields.Instant(required=False)
    ended_at = fields.Instant(required=False)
    break_minutes = fields.Whole(default=0, most=1440)
    note = Word(longest=200)


EntryIn = TimeEntryIn  # as other files of lines call it


def entries_in() -> fields.Many:
    """The whole time of a period."""
    return fields.Many(TimeEntryIn(), least=0, most=MOST_ENTRIES)


class Overriding(fields.Input):
    """Doubts about the time that are overridden, and why."""

    overrides = fields.Many(
        fields.Text(longest=40), least=0, most=10, required=False,
        help_text="Codes of doubts that the answer called overridable.",
    )  # fmt: skip
    reason = Word(longest=300, help_text="Why doubtful time is accepted.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Nothing is overridden without a reason."""
        if given.get("overrides") and not given.get("reason"):
            told = "Say why doubtful time is accepted."
            raise fields.wrong("reason", "reason_missing", told)
        return given


def several(most: int = MOST) -> fields.Many:
    """The ids of many timesheets."""
    return fields.Many(fields.PublicId("tsh"), most=most)


def entry(given: Mapping[str, Any]) -> NewEntry:
    """One line of time as the stage takes it."""
    return NewEntry(**given)


def entries(given: Sequence[Mapping[str, Any]]) -> list[NewEntry]:
    """Lines of time as the stage takes them."""
    return [entry(each) for each in given]


def columns_of_entries(taken: Taken) -> list[NewEntry]:
    """Lines of time that were read by columns as the stage takes them."""
    otherwise = NewEntry._field_defaults
    columns = [taken.column(name, otherwise.get(name)) for name in NewEntry._fields]
    return list(map(NewEntry._make, zip(*columns, strict=True)))


def overriding(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is overridden, if this caller may override; raises Forbidden."""
    overrides = tuple(given.get("overrides", ()))
    if overrides and OVERRIDE not in call.known().scopes:
        raise Forbidden(
            "scope_missing",
            f"Accepting doubtful time needs {OVERRIDE}, which this credential does not hold.",
            scope=OVERRIDE,
        )
    return {"overrides": overrides, "reason": given.get("reason", "")}


def told(call: Call, outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The answer for many, doubtful ones put on a desk."""
    refused = {one.id: one.refusal for one in outcomes if one.refusal is not None}
    actions.put_doubts_on_desk(refused, actor=call.actor, at=call.at)
    return results(outcomes, "tsh")
