"""/v1/timesheets: periods of time reported for assignments, with their entries and reminders."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from api import fields
from api.door import Call, door, reads
from api.resource import (
    Choice,
    Day,
    Derived,
    Flag,
    Id,
    Instant,
    Json,
    Many,
    Quantity,
    Ref,
    Resource,
    Shape,
    Text,
    Whole,
)
from api.v1.directory.words import PEOPLE
from api.v1.timesheets.words import TAG
from backline.desk.models import Message
from backline.timesheets import actions, queries
from backline.timesheets.models import Chase, TimeEntry, Timesheet

OVERRIDES = {
    "type": "array",
    "items": {"type": "object"},
    "description": "Doubts that were overridden: codes, by whom, and why.",
}
DECIDED = {
    "type": ["object", "null"],
    "description": "Who decided: kind, id, name, role; by a link also e-mail and job title.",
}


def full_name(given: str | None, family: str | None) -> str:
    """A worker's name in one."""
    return f"{given or ''} {family or ''}".strip()


TIME_ENTRY = Resource(
    "TimeEntry",
    model=TimeEntry,
    fields=(
        Day("worked_on"),
        Text("code"),
        Text("unit"),
        Quantity("quantity", doc="Without breaks."),
        Instant("started_at"),
        Instant("ended_at"),
        Whole("break_minutes"),
        Text("note"),
    ),
    order="id",
    doc="Time on one day.",
)


def _chases() -> QuerySet[Any]:
    state = Message.objects.filter(pk=OuterRef("message")).values("state")[:1]
    return Chase.objects.annotate(delivery=Subquery(state))


CHASE = Resource(
    "TimesheetChase",
    model=Chase,
    rows=_chases,
    fields=(
        Whole("n", doc="The how-manieth reminder."),
        Choice("channel", ("email", "sms")),
        Choice("to_kind", ("worker", "approver")),
        Text("to_name"),
        Choice("delivery", Message.State, null=True),
        Instant("chased_at"),
        Json("chased_by", PEOPLE),
    ),
    order="id",
    doc="One reminder about a timesheet.",
)
WORKER = ("assignment__worker__given_name", "assignment__worker__family_name")
TIMESHEET = Resource(
    "Timesheet",
    model=Timesheet,
    fields=(
        Id("tsh"),
        Ref("assignment", "asg"),
        Ref("worker", "wrk", "assignment__worker"),
        Derived(Text("worker_name"), of=WORKER, make=full_name),
        Ref("client", "cli", "assignment__client"),
        Text("client_name", "assignment__client__legal_name"),
        Day("starts_on"),
        Day("ends_on", doc="The last day of the period, itself included."),
        Choice("status", Timesheet.Status),
        Text("unit", doc="hour or day."),
        Quantity("total"),
        Many("entries", TIME_ENTRY, by="timesheet"),
        Ref("approver", "con"),
        Text("external_id"),
        Text("po_number"),
        Flag("is_late", doc="Handed in after pay was closed for the period."),
        Whole("rates_version", doc="The newest rates known when it was handed in; it is priced"
              " by those until it is priced again on purpose."),
        Json("overrides", OVERRIDES),
        Json("entered_by", PEOPLE),
        Instant("submitted_at"),
        Json("submitted_by", PEOPLE),
        Instant("decided_at"),
        Json("decided_by", DECIDED),
        Text("reject_reason"),
        Text("not_worked_as", doc="As what kind of week an empty one counts."),
        Ref("corrects", "tsh"),
        Text("correction_reason"),
        Whole("revision"),
        Many("chases", CHASE, by="timesheet"),
        Instant("created_at"),
    ),
    filters=(
        "status", "assignment", "worker", "client", "approver", "starts_on", "ends_on", "is_late",
        "external_id", "corrects", "submitted_at",
    ),
    sorts=("starts_on", "ends_on"),
    doc="One worker's period on one assignment.",
)  # fmt: skip

reads(TIMESHEET, "/v1/timesheets", scope="timesheets:read", tag=TAG)


def _holder(status: str) -> str:
    return "approver" if status == Timesheet.Status.SUBMITTED else "worker"


def _held_by(status: str, given: str, family: str, approver: str | None) -> str | None:
    return approver if _holder(status) == "approver" else full_name(given, family)


OVERDUE = Resource(
    "OverdueTimesheet",
    model=Timesheet,
    rows=lambda: queries.with_chases(Timesheet.objects.all()),
    fields=(
        Id("tsh"),
        Ref("assignment", "asg"),
        Derived(Text("worker_name"), of=WORKER, make=full_name),
        Text("client_name", "assignment__client__legal_name"),
        Day("starts_on"),
        Day("ends_on"),
        Choice("status", Timesheet.Status),
        Derived(
            Choice("held_by", ("worker", "approver"), doc="Whose turn it is."),
            of=("status",),
            make=_holder,
        ),
        Derived(
            Text("holder_name", null=True, doc="Who that is; null where no approver is named."),
            of=("status", *WORKER, "approver__name"),
            make=_held_by,
        ),
        Derived(
            Whole("chases", doc="How many reminders were sent."),
            of=("chased",),
            make=lambda chased: chased or 0,
        ),
        Instant("last_chased_at", null=True),
    ),
    filters=("status", "assignment", Ref("client", "cli", "assignment__client"), "ends_on"),
    order="ends_on",
    doc="A period that is over and that somebody still holds up.",
)


@door("GET", "/v1/timesheets/overdue", "timesheets_overdue", scope="timesheets:read",
      lists=OVERDUE, tag=TAG)  # fmt: skip
def overdue(call: Call) -> object:
    """List the periods that are over and not decided, who holds each up and how often chased."""
    return OVERDUE.page(call, queries.with_chases(queries.overdue(call.on)))


OPENED = Shape("TimesheetsOpened", (Whole("opened", doc="How many sheets were missing."),))


class OpenIn(fields.Input):
    """Up to which day."""

    on = fields.Day(required=False, help_text="The firm's today when left out.")


@door("POST", "/v1/timesheets/open-due", "timesheets_open_due", scope="timesheets:write",
      body=OpenIn, answers=OPENED, tag=TAG)  # fmt: skip
def open_due(call: Call) -> object:
    """Open the sheets that are missing for periods that have begun; the clock does so by itself."""
    on = call.body.get("on", call.on)
    opened = actions.open_due(on, actor=call.actor, at=call.at)
    return OPENED.show({"opened": opened})
