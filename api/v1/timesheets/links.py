"""/v1/links/{token}: what the holder of a link is asked, and their answer, once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from api import clock, fields
from api.door import Call, door
from api.resource import (
    Choice,
    Day,
    Flag,
    Instant,
    Json,
    Quantity,
    Shape,
    Text,
)
from api.v1.directory.words import Word
from api.v1.timesheets.records import TIME_ENTRY, full_name
from api.v1.timesheets.words import TAG, entries, entries_in
from backline.directory import queries as directory
from backline.kernel import links
from backline.kernel.errors import Missing, Refusal
from backline.kernel.links import Claim
from backline.timesheets import actions, queries
from backline.timesheets.actions.moving import APPROVAL
from backline.timesheets.models import TimeEntry, Timesheet
from tenants import tenancy
from tenants.agencies import registry
from tenants.agencies.models import Firm

STATES = ("open", "used", "withdrawn", "expired")
SHEET = Shape(
    "LinkedTimesheet",
    (
        Text("worker_name"),
        Text("client_name"),
        Text("job_title"),
        Day("starts_on"),
        Day("ends_on"),
        Choice("status", Timesheet.Status),
        Text("unit"),
        Quantity("total"),
        Json("entries", {"type": "array", "items": TIME_ENTRY.ref()}),
        Text("reject_reason"),
        Flag("po_required", doc="The client wants a purchase order number with the approval."),
        Text("po_number"),
    ),
    doc="A period as the holder of a link sees it.",
)
LINK = Shape(
    "Link",
    (
        Choice("asks", ("approve", "enter")),
        Choice("state", STATES, doc="used: it did its work; withdrawn: a newer one was sent."),
        Text("firm_name"),
        Text("recipient_name"),
        Instant("expires_at"),
        Instant("used_at", null=True),
        Json("timesheet", SHEET.ref(), null=True, doc="While the link is open or used."),
    ),
    doc="What the holder of a link is asked.",
)
ANSWERED = Shape(
    "LinkAnswered",
    (Choice("status", Timesheet.Status), Quantity("total"), Instant("answered_at")),
    doc="What became of the timesheet.",
)


class IdentityIn(fields.Input):
    """Who the holder is; it must be the one the link was sent to."""

    name = fields.Text(longest=120)
    email = fields.Text(longest=200)
    job_title = Word(longest=80)


@door("GET", "/v1/links/{token}", "links_retrieve", role="public", answers=LINK, tag=TAG)
def look(_call: Call, token: str) -> object:
    """See what a link asks for; looking never decides anything."""
    with books(token) as (claimed, at):
        asked = actions.show(claimed, at=at)
        link = asked.link
        return LINK.show(
            {
                "asks": "approve" if link.purpose == APPROVAL else "enter",
                "state": asked.state,
                "firm_name": directory.firm().trading_name,
                "recipient_name": link.recipient.get("name", ""),
                "expires_at": link.expires_at,
                "used_at": link.used_at,
            }
        ) | {"timesheet": _shown(asked.sheet) if asked.sheet else None}


class ApproveIn(IdentityIn):
    """Who approves."""

    po_number = Word(longest=40)


@door("POST", "/v1/links/{token}/approve", "links_approve", role="public", body=ApproveIn,
      answers=ANSWERED, tag=TAG)  # fmt: skip
def approve(call: Call, token: str) -> object:
    """Approve the period of a link, as the person it was sent to."""
    po_number = call.body.get("po_number", "")
    return _answer(
        call, token, lambda claimed, who, at: actions.approve_by_link(
            claimed, who, po_number=po_number, at=at
        )
    )  # fmt: skip


class RejectIn(IdentityIn):
    """Who rejects, and why."""

    reason = fields.Text(longest=300)


@door("POST", "/v1/links/{token}/reject", "links_reject", role="public", body=RejectIn,
      answers=ANSWERED, tag=TAG)  # fmt: skip
def reject(call: Call, token: str) -> object:
    """Send the period of a link back with a reason, as the person it was sent to."""
    reason = call.body["reason"]
    return _answer(
        call, token, lambda claimed, who, at: actions.reject_by_link(
            claimed, who, reason=reason, at=at
        )
    )  # fmt: skip


class QuestionIn(IdentityIn):
    """Who asks, and what."""

    reason = fields.Text(longest=300)


@door("POST", "/v1/links/{token}/question", "links_question", role="public", body=QuestionIn,
      answers=ANSWERED, tag=TAG)  # fmt: skip
def question(call: Call, token: str) -> object:
    """Ask about the period of a link without deciding; it goes on the agency's desk, and the link
    can still be used.
    """
    words = call.body["reason"]
    return _answer(
        call, token, lambda claimed, who, at: actions.question_by_link(
            claimed, who, words=words, at=at
        )
    )  # fmt: skip


class EnterIn(IdentityIn):
    """Who worked, and when."""

    entries = entries_in()


@door("POST", "/v1/links/{token}/enter", "links_enter", role="public", body=EnterIn,
      answers=ANSWERED, tag=TAG)  # fmt: skip
def enter(call: Call, token: str) -> object:
    """Write down and hand in the time of a link's period, as the worker it was sent to."""
    given = entries(call.body["entries"])
    return _answer(
        call, token, lambda claimed, who, at: actions.enter_by_link(claimed, who, given, at=at)
    )


@door("PUT", "/v1/links/{token}/entries", "links_set_entries", role="public", body=EnterIn,
      answers=ANSWERED, tag=TAG)  # fmt: skip
def set_entries(call: Call, token: str) -> object:
    """Write down the time of a link's period without handing it in; the link can still be used."""
    given = entries(call.body["entries"])
    return _answer(
        call,
        token,
        lambda claimed, who, at: actions.set_entries_by_link(claimed, who, given, at=at),
    )


Deed = Callable[[Claim, actions.Identity, datetime], Timesheet]


def _answer(call: Call, token: str, deed: Deed) -> object:
    """Do the deed in the books of the firm that the token names; a stranger's try is remembered."""
    who = actions.Identity(call.body["name"], call.body["email"], call.body.get("job_title", ""))
    with books(token) as (claimed, at), _remembering(call, token, who):
        sheet = deed(claimed, who, at)
        return ANSWERED.show({"status": sheet.status, "total": sheet.total, "answered_at": at})


@contextmanager
def _remembering(call: Call, token: str, who: actions.Identity) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        code = refusal.code
        if code == "identity_differs":
            call.remember(lambda: _note(token, who.email, code))
        raise


def _note(token: str, email: str, code: str) -> None:
    with books(token) as (claimed, at):
        actions.note_refused(claimed, email, code, at=at)


@contextmanager
def books(token: str) -> Iterator[tuple[Claim, datetime]]:
    """The books of the firm that signed a token, for one transaction; raises Missing."""
    claimed = links.claim(token)
    try:
        place = tenancy.place(claimed.firm)
    except tenancy.NoSuchFirm:
        raise _unknown() from None
    with tenancy.firm(place.ref):
        if registry.state(place.ref) != Firm.State.ACTIVE:
            raise _unknown()
        yield claimed, registry.clock(place.ref) or clock.now()


def _unknown() -> Refusal:
    return Missing("link_unknown", "This link is not one of ours, or is not complete.")


def _shown(sheet: Timesheet) -> dict[str, Any]:
    worker = sheet.assignment.worker
    return SHEET.show(
        {
            "worker_name": full_name(worker.given_name, worker.family_name),
            "client_name": sheet.assignment.client.legal_name,
            "job_title": sheet.assignment.job_title,
            "starts_on": sheet.starts_on,
            "ends_on": sheet.ends_on,
            "status": sheet.status,
            "unit": sheet.unit,
            "total": sheet.total,
            "reject_reason": sheet.reject_reason,
            "po_required": bool(queries.po_required([sheet])),
            "po_number": sheet.po_number,
        }
    ) | {"entries": TIME_ENTRY.several(TimeEntry.objects.filter(timesheet=sheet).order_by("id"))}
