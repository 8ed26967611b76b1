"""/v1/timesheets/{id}/…: handed in, called back, approved, sent back, declared empty, voided."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from api import fields, sets
from api.answers import RESULTS
from api.door import Call, door
from api.v1.directory.words import Word, must_exist
from api.v1.timesheets.entering import EntriesIn
from api.v1.timesheets.records import TIMESHEET
from api.v1.timesheets.words import (
    TAG,
    Overriding,
    entries,
    overriding,
    several,
    told,
)
from backline.kernel.outcomes import Outcome, one
from backline.timesheets import actions
from backline.timesheets.models import Timesheet


class SubmitIn(Overriding):
    """Nothing, or the doubts that are overridden."""


class PoIn(fields.Input):
    """The purchase order, where the client wants one."""

    po_number = Word(longest=40)


class ReasonIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=300)


class NotWorkedIn(fields.Input):
    """Why nothing was worked, and as what kind of week that counts."""

    reason = Word(longest=300)
    counts_as = fields.Choice(actions.NOT_WORKED_AS, default="no_work")


class NothingIn(fields.Input):
    """Nothing to say."""


def _one(call: Call, timesheet: UUID, deed: Callable[..., list[Outcome]], **facts: Any) -> object:
    one(deed([timesheet], actor=call.actor, at=call.at, **facts))
    return TIMESHEET.one(timesheet)


def _many(call: Call, name: str, deed: Callable[..., list[Outcome]], **facts: Any) -> object:
    asked = sets.keys(call, TIMESHEET, "timesheets")
    return sets.answered(call, f"timesheets.{name}", asked, deed, tell=told, **facts)


class Sheets(sets.Several):
    """Which sheets, by id or by the filters of their list."""

    noun = "timesheets"
    timesheets = sets.named("tsh")
    where = sets.Where(TIMESHEET)


# --- handed in -----------------------------------------------------------------------------------


@door("POST", "/v1/timesheets/{timesheet:tsh}/submit", "timesheets_submit",
      scope="timesheets:write", body=SubmitIn, answers=TIMESHEET, key="optional",
      tag=TAG)  # fmt: skip
def submit(call: Call, timesheet: UUID) -> object:
    """Hand a period's time in for approval; doubtful time is refused unless it is overridden."""
    must_exist(Timesheet, timesheet)
    facts = overriding(call, call.body)
    outcomes = actions.submit([timesheet], actor=call.actor, at=call.at, **facts)
    refusal = outcomes[0].refusal
    if refusal is not None:
        call.remember(
            lambda: actions.put_doubts_on_desk({timesheet: refusal}, actor=call.actor, at=call.at)
        )
    one(outcomes)
    return TIMESHEET.one(timesheet)


class SubmitManyIn(Sheets, Overriding):
    """Which sheets, and the doubts that are overridden."""


@door("POST", "/v1/timesheets/submit", "timesheets_submit_many", scope="timesheets:write",
      body=SubmitManyIn, answers=RESULTS, status=207, also=(202,), key="optional",
      tag=TAG)  # fmt: skip
def submit_many(call: Call) -> object:
    """Hand many periods' time in; more than 100 are accepted and done in chunks."""
    return _many(call, "submit", actions.submit, **overriding(call, call.body))


@door("POST", "/v1/timesheets/{timesheet:tsh}/recall", "timesheets_recall",
      scope="timesheets:write", body=NothingIn, answers=TIMESHEET, key="optional",
      tag=TAG)  # fmt: skip
def recall(call: Call, timesheet: UUID) -> object:
    """Take back what was handed in and not decided yet; links to it die."""
    return _one(call, timesheet, actions.recall)


# --- decided -------------------------------------------------------------------------------------


@door("POST", "/v1/timesheets/{timesheet:tsh}/approve", "timesheets_approve",
      scope="timesheets:approve", body=PoIn, answers=TIMESHEET, key="optional",
      tag=TAG)  # fmt: skip
def approve(call: Call, timesheet: UUID) -> object:
    """Approve a submitted period, which prices it: it is then paid and billed."""
    return _one(call, timesheet, actions.approve, po_number=call.body.get("po_number", ""))


class ApproveManyIn(Sheets, PoIn):
    """Which sheets, and their purchase order."""


@door("POST", "/v1/timesheets/approve", "timesheets_approve_many", scope="timesheets:approve",
      body=ApproveManyIn, answers=RESULTS, status=207, also=(202,), key="optional",
      tag=TAG)  # fmt: skip
def approve_many(call: Call) -> object:
    """Approve many submitted periods; one that cannot be priced never stops the others.

    More than 100 are accepted and done in chunks.
    """
    return _many(call, "approve", actions.approve, po_number=call.body.get("po_number", ""))


@door("POST", "/v1/timesheets/{timesheet:tsh}/reject", "timesheets_reject",
      scope="timesheets:approve", body=ReasonIn, answers=TIMESHEET, key="optional",
      tag=TAG)  # fmt: skip
def reject(call: Call, timesheet: UUID) -> object:
    """Send a submitted period back with a reason; the worker gets a link to mend it."""
    return _one(call, timesheet, actions.reject, reason=call.body["reason"])


class RejectManyIn(Sheets, ReasonIn):
    """Which sheets, and why."""


@door("POST", "/v1/timesheets/reject", "timesheets_reject_many", scope="timesheets:approve",
      body=RejectManyIn, answers=RESULTS, status=207, also=(202,), key="optional",
      tag=TAG)  # fmt: skip
def reject_many(call: Call) -> object:
    """Send many submitted periods back for one reason."""
    return _many(call, "reject", actions.reject, reason=call.body["reason"])


# --- empty ---------------------------------------------------------------------------------------


@door("POST", "/v1/timesheets/{timesheet:tsh}/not-worked", "timesheets_not_worked",
      scope="timesheets:write", body=NotWorkedIn, answers=TIMESHEET, key="optional",
      tag=TAG)  # fmt: skip
def not_worked(call: Call, timesheet: UUID) -> object:
    """Declare that nothing was worked; nobody is chased, and the week counts as what it was."""
    return _one(call, timesheet, actions.declare_not_worked, **_why(call))


class NotWorkedManyIn(Sheets, NotWorkedIn):
    """Which sheets, and why."""


@door("POST", "/v1/timesheets/not-worked", "timesheets_not_worked_many", scope="timesheets:write",
      body=NotWorkedManyIn, answers=RESULTS, status=207, also=(202,), key="optional",
      tag=TAG)  # fmt: skip
def not_worked_many(call: Call) -> object:
    """Declare many periods as not worked."""
    return _many(call, "not_worked", actions.declare_not_worked, **_why(call))


def _why(call: Call) -> dict[str, str]:
    return {"reason": call.body.get("reason", ""), "counts_as": call.body["counts_as"]}


@door("POST", "/v1/timesheets/{timesheet:tsh}/void", "timesheets_void", scope="timesheets:write",
      body=NothingIn, answers=TIMESHEET, key="optional", tag=TAG)  # fmt: skip
def void(call: Call, timesheet: UUID) -> object:
    """Void a draft that should not exist."""
    return _one(call, timesheet, actions.void)


class VoidManyIn(Sheets):
    """Which sheets."""


@door("POST", "/v1/timesheets/void", "timesheets_void_many", scope="timesheets:write",
      body=VoidManyIn, answers=RESULTS, status=207, also=(202,), key="optional",
      tag=TAG)  # fmt: skip
def void_many(call: Call) -> object:
    """Void many drafts that should not exist."""
    return _many(call, "void", actions.void)


# --- given to another, corrected, chased ---------------------------------------------------------


class ReassignIn(fields.Input):
    """Who is to approve."""

    approver = fields.PublicId("con")


@door("POST", "/v1/timesheets/{timesheet:tsh}/reassign", "timesheets_reassign",
      scope="timesheets:write", body=ReassignIn, answers=TIMESHEET, key="optional",
      tag=TAG)  # fmt: skip
def reassign(call: Call, timesheet: UUID) -> object:
    """Give a sheet to another approver of the client; the former one's link dies."""
    actions.reassign(timesheet, approver=call.body["approver"], actor=call.actor, at=call.at)
    return TIMESHEET.one(timesheet)


class CorrectIn(EntriesIn):
    """The whole period as it really was, and what was wrong."""

    reason = fields.Text(longest=300)


@door("POST", "/v1/timesheets/{timesheet:tsh}/correct", "timesheets_correct",
      scope="timesheets:write", body=CorrectIn, answers=TIMESHEET, status=201, key="optional",
      tag=TAG)  # fmt: skip
def correct(call: Call, timesheet: UUID) -> object:
    """Correct approved time by a new sheet that names it; once approved, the difference is paid
    and billed.
    """
    made = actions.correct(
        timesheet,
        entries=entries(call.body["entries"]),
        reason=call.body["reason"],
        actor=call.actor,
        at=call.at,
    )
    return TIMESHEET.one(made.pk)


class ChaseIn(fields.Input):
    """Which sheets, and how their holders are reached."""

    timesheets = several(1_000)
    channel = fields.Choice(("email", "sms"), default="email")


@door("POST", "/v1/timesheets/chase", "timesheets_chase", scope="timesheets:chase", body=ChaseIn,
      answers=RESULTS, status=207, key="optional", tag=TAG)  # fmt: skip
def chase(call: Call) -> object:
    """Remind whoever holds up each of up to 1,000 sheets, with a link that lets them do it."""
    return told(
        call,
        actions.chase(
            call.body["timesheets"],
            channel=call.body["channel"],
            actor=call.actor,
            at=call.at,
        ),
    )
