"""/v1/pay-runs: one pay day of one calendar, from open to settled."""

from uuid import UUID

from api import fields
from api.answers import OPERATION, accepted
from api.door import Call, door, reads
from api.resource import (
    Amount,
    Choice,
    Day,
    Derived,
    Id,
    Instant,
    Json,
    Ref,
    Resource,
    Text,
    Whole,
    Words,
)
from api.v1.payroll.words import BLOCKER, CURRENCIES, TAG, told_blockers
from backline.payroll import actions, deadlines
from backline.payroll.models import PayRun
from backline.payroll.owed import PURPOSES

PAY_RUN = Resource(
    "PayRun",
    model=PayRun,
    fields=(
        Id("run"),
        Ref("calendar", "cal"),
        Choice("kind", ("regular", "off_cycle", "void")),
        Derived(
            Choice("purpose", PURPOSES, null=True, doc="What an off-cycle run is for."),
            of=("purpose",),
            make=lambda purpose: purpose or None,
        ),
        Text("reason", doc="Why it is not a regular one."),
        Day("starts_on"),
        Day("ends_on", doc="The last day of work it pays."),
        Day("pay_on", doc="The day on which the money is there."),
        Choice("currency", CURRENCIES),
        Choice("state", PayRun.State),
        Derived(
            Words("allowed_actions", doc="What may be done to it now."),
            of=("state", "kind"),
            make=deadlines.allowed,
        ),
        Whole("payslips"),
        Amount("gross"),
        Amount("taken", doc="Taxes and deductions of the workers."),
        Amount("net", doc="What is paid out, VAT of companies included."),
        Amount("employer_cost", doc="What the firm owes beside gross."),
        Derived(
            Json("blockers", {"type": "array", "items": BLOCKER.ref()}),
            of=("blockers",),
            make=told_blockers,
        ),
        Derived(
            Day(
                "approve_by_on",
                null=True,
                doc="The last day of approval for the money to be there; null: not known yet.",
            ),
            of=("pay_on", "currency", "calendar__holidays"),
            make=deadlines.told_approve_by,
        ),
        Text("digest", doc="A hash of every figure: what the approver agrees to."),
        Instant("prepared_at"),
        Instant("submitted_at"),
        Instant("approved_at"),
        Instant("released_at"),
        Text("reject_reason"),
        Whole("version"),
        Instant("opened_at"),
    ),
    filters=("calendar", "kind", "state", "pay_on", "currency"),
    sorts=("pay_on",),
    doc="One pay day of one calendar.",
)

reads(PAY_RUN, "/v1/pay-runs", scope="pay_runs:read", tag=TAG)


class OffCycleIn(fields.Input):
    """What should not wait for the next regular run, and why."""

    calendar = fields.PublicId("cal")
    pay_on = fields.Day()
    ends_on = fields.Day(help_text="Work up to this day is paid.")
    reason = fields.Text(longest=200)
    purpose = fields.Choice(
        PURPOSES,
        default="other",
        help_text=(
            "correction takes every standing deduction; bonus pays bonuses alone and takes tax and"
            " orders; advance pays what /v1/recoveries grants; other is like a regular run."
        ),
    )


class ReasonIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=300)


class ApproveIn(fields.Input):
    """The digest that was read, so that exactly those figures are agreed to."""

    digest = fields.Text(longest=64, required=False)


class PayDayIn(fields.Input):
    """Another pay day, and why."""

    pay_on = fields.Day()
    reason = fields.Text(longest=300)


@door(
    "POST",
    "/v1/pay-runs/off-cycle",
    "pay_runs_open_off_cycle",
    scope="pay_runs:write",
    body=OffCycleIn,
    answers=PAY_RUN,
    status=201,
    key="optional",
    tag=TAG,
)
def open_off_cycle(call: Call) -> object:
    """Open a run beside the calendar, for what should not wait."""
    made = actions.open_off_cycle(**call.body, actor=call.actor, at=call.at)
    return PAY_RUN.one(made.pk)


@door(
    "POST",
    "/v1/pay-runs/{pay_run:run}/calculate",
    "pay_runs_calculate",
    scope="pay_runs:write",
    answers=OPERATION,
    status=202,
    key="optional",
    tag=TAG,
)
def calculate(call: Call, pay_run: UUID) -> object:
    """Work every payslip of a run out with what is known now; this previews what will be paid."""
    return accepted(actions.calculate(pay_run, actor=call.actor, at=call.at))


@door(
    "POST",
    "/v1/pay-runs/{pay_run:run}/submit",
    "pay_runs_submit",
    scope="pay_runs:write",
    answers=PAY_RUN,
    key="optional",
    tag=TAG,
)
def submit(call: Call, pay_run: UUID) -> object:
    """Ask for approval of a ready run."""
    actions.submit(pay_run, actor=call.actor, at=call.at)
    return PAY_RUN.one(pay_run)


@door(
    "POST",
    "/v1/pay-runs/{pay_run:run}/approve",
    "pay_runs_approve",
    scope="pay_runs:approve",
    body=ApproveIn,
    answers=PAY_RUN,
    key="optional",
    fresh=True,
    tag=TAG,
)
def approve(call: Call, pay_run: UUID) -> object:
    """Agree to the figures of a run that somebody else prepared."""
    actions.approve(pay_run, digest=call.body.get("digest", ""), actor=call.actor, at=call.at)
    return PAY_RUN.one(pay_run)


@door(
    "POST",
    "/v1/pay-runs/{pay_run:run}/reject",
    "pay_runs_reject",
    scope="pay_runs:approve",
    body=ReasonIn,
    answers=PAY_RUN,
    key="optional",
    tag=TAG,
)
def reject(call: Call, pay_run: UUID) -> object:
    """Send a submitted run back to its preparer, with the reason."""
    actions.reject(pay_run, reason=call.body["reason"], actor=call.actor, at=call.at)
    return PAY_RUN.one(pay_run)


@door(
    "POST",
    "/v1/pay-runs/{pay_run:run}/withdraw",
    "pay_runs_withdraw",
    scope="pay_runs:approve",
    body=ReasonIn,
    answers=PAY_RUN,
    key="optional",
    tag=TAG,
)
def withdraw(call: Call, pay_run: UUID) -> object:
    """Take the approval of a run back before its money left."""
    actions.withdraw(pay_run, reason=call.body["reason"], actor=call.actor, at=call.at)
    return PAY_RUN.one(pay_run)


@door(
    "POST",
    "/v1/pay-runs/{pay_run:run}/cancel",
    "pay_runs_cancel",
    scope="pay_runs:write",
    body=ReasonIn,
    answers=PAY_RUN,
    key="optional",
    tag=TAG,
)
def cancel(call: Call, pay_run: UUID) -> object:
    """Cancel a run before it is approved; its work waits for another run."""
    actions.cancel(pay_run, reason=call.body["reason"], actor=call.actor, at=call.at)
    return PAY_RUN.one(pay_run)


@door(
    "POST",
    "/v1/pay-runs/{pay_run:run}/reschedule",
    "pay_runs_reschedule",
    scope="pay_runs:write",
    body=PayDayIn,
    answers=PAY_RUN,
    key="optional",
    tag=TAG,
)
def reschedule(call: Call, pay_run: UUID) -> object:
    """Move a run that was not submitted to another pay day; it is then calculated again."""
    actions.reschedule(pay_run, **call.body, actor=call.actor, at=call.at)
    return PAY_RUN.one(pay_run)


@door(
    "POST",
    "/v1/pay-runs/{pay_run:run}/release",
    "pay_runs_release",
    scope="pay_runs:release",
    answers=PAY_RUN,
    key="required",
    fresh=True,
    tag=TAG,
)
def release(call: Call, pay_run: UUID) -> object:
    """Let the money of an approved run go: statements are final, bank files made, books posted."""
    actions.release(pay_run, actor=call.actor, at=call.at)
    return PAY_RUN.one(pay_run)
