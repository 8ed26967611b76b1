"""Equal treatment: /v1/assignments/{assignment}/equal-terms, /v1/workers/{worker}/agency-weeks and
what the clock of twelve weeks runs by: roles, linked hirers, weeks elsewhere, absences.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

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
    Rate,
    Ref,
    Resource,
    Shape,
    Share,
    Text,
    Whole,
    Words,
)
from api.v1.assignments.words import TAG
from api.v1.directory.words import PEOPLE, SINCE, UNTIL, Word, must_exist
from backline.assignments import actions
from backline.assignments.models import Absence, Assignment, EqualTerms
from backline.charges import agencyweeks
from backline.charges.agencyweeks import Post, Served
from backline.directory import queries as directory
from backline.directory.models import Worker
from backline.kernel import ids
from backline.kernel.errors import Fault, refuse_if
from rulebook.money import Money
from rulebook.packs.gb.agencyweeks import REASONS

REASON = tuple(sorted(REASONS))
EQUAL_RATE = Shape(
    "EqualRate",
    (
        Text("code"),
        Rate("pay_rate", currency="currency"),
        Rate("bill_rate", currency="currency", null=True, doc="null: billed as agreed."),
    ),
    doc="What the hirer's own people are paid for one kind of work, and what is billed then.",
)


def _rates(told: list[Mapping[str, Any]]) -> list[dict[str, object]]:
    return [
        EQUAL_RATE.show(
            {
                "code": one["code"],
                "pay_rate": _money(one, "pay_rate"),
                "bill_rate": _money(one, "bill_rate") if one["bill_rate"] else None,
            }
        )
        for one in told
    ]


EQUAL_TERMS = Resource(
    "EqualTerms",
    model=EqualTerms,
    fields=(
        Id("eqt"),
        Ref("assignment", "asg"),
        SINCE,
        UNTIL,
        Derived(
            Json("rates", {"type": "array", "items": EQUAL_RATE.ref()}), of=("rates",), make=_rates
        ),
        Share("holiday_share", doc="Their holiday as a share of pay, where it is more."),
        Text("comparator", doc="Whose terms these are."),
        Flag("withdrawn", doc="Replaced by others from the very same day."),
        Instant("agreed_at"),
        Json("agreed_by", PEOPLE),
    ),
    filters=("withdrawn",),
    doc="What the hirer's own people get; paid from the thirteenth qualifying week on by itself.",
)
QUALIFYING_WEEK = Shape(
    "QualifyingWeek",
    (
        Day("starts_on"),
        Text("how", doc="worked, gap, or the reason of an absence."),
        Whole("count", doc="Qualifying weeks after it; 0 after the gap that broke the clock."),
    ),
    doc="One week of the clock of equal treatment.",
)
EQUAL_SPAN = Shape(
    "EqualSpan", (Day("since"), Day("until", null=True)), doc="Days of equal treatment."
)
CLOCK = Shape(
    "AgencyClock",
    (
        Id("cli", "client", doc="The hirer: the first of its linked records."),
        Text("role", doc="Empty: all work that nobody told to be another role."),
        Words("assignments"),
        Whole("count"),
        Flag("is_equal"),
        Json("equal", {"type": "array", "items": EQUAL_SPAN.ref()}),
        Json("weeks", {"type": "array", "items": QUALIFYING_WEEK.ref()}),
    ),
    doc="The clock of one worker at one hirer in one role.",
)
AGENCY_WEEKS = Shape(
    "AgencyWeeks",
    (
        Id("wrk", "worker"),
        Day("on"),
        Json("clocks", {"type": "array", "items": CLOCK.ref()}),
    ),
    doc="Where a worker stands with equal treatment at each hirer, and how each week counted.",
)
ABSENCE = Resource(
    "Absence",
    model=Absence,
    fields=(
        Id("abs"),
        Ref("worker", "wrk"),
        Choice("reason", REASON),
        Day("starts_on"),
        Day("ends_on", doc="The last day of it."),
        Flag("withdrawn", doc="Noted by mistake."),
        Instant("noted_at"),
        Json("noted_by", PEOPLE),
        Whole("version"),
    ),
    filters=("worker", "reason", "withdrawn"),
    doc="Days away that stop the clock of equal treatment, or let it go on.",
)

reads(ABSENCE, "/v1/absences", scope="evidence:read", tag=TAG)


def _money(one: Mapping[str, Any], side: str) -> Money:
    """Terms kept before America had any name no currency."""
    return Money(Decimal(one[side]), one.get("currency", "GBP"))


class EqualRateIn(fields.Input):
    """What the hirer's own people are paid for one kind of work."""

    code = fields.Text(longest=20, default="regular")
    pay_rate = fields.RateIn()
    bill_rate = fields.RateIn(required=False, allow_null=True)


class EqualTermsIn(fields.Input):
    """What the hirer's own people get from a day."""

    since = fields.Day()
    rates = fields.Many(EqualRateIn(), most=30)
    holiday_share = fields.DecimalText(required=False, places=6, most="1", allow_null=True)
    comparator = Word(longest=200)


class RoleIn(fields.Input):
    """The role that an assignment's weeks count in."""

    role = Word(longest=80, help_text="Empty: with all other work for the hirer.")
    told_on = fields.Day(required=False, allow_null=True)
    reason = Word(longest=200)


class HirerIn(fields.Input):
    """The other record of the same hirer; null parts them."""

    hirer = fields.PublicId("cli", allow_null=True)
    reason = Word(longest=200)


class WeeksIn(fields.Input):
    """Weeks worked through another agency."""

    client = fields.PublicId("cli")
    weeks = fields.Many(fields.Day(), most=200, help_text="The first day of each.")
    through = fields.Text(longest=120, help_text="The other agency.")
    role = Word(longest=80)


class AbsenceIn(fields.Input):
    """Days away, and why."""

    worker = fields.PublicId("wrk")
    reason = fields.Choice(REASON)
    starts_on = fields.Day()
    ends_on = fields.Day()


class WithdrawIn(fields.Input):
    """Why it was a mistake."""

    reason = fields.Text(longest=200)


@door(
    "GET",
    "/v1/assignments/{assignment:asg}/equal-terms",
    "equal_terms_list",
    scope="rates:read",
    lists=EQUAL_TERMS,
    tag=TAG,
)
def terms(call: Call, assignment: UUID) -> object:
    """List what the hirer's own people get for the work of an assignment."""
    must_exist(Assignment, assignment)
    return EQUAL_TERMS.page(call, EqualTerms.objects.filter(assignment=assignment))


@door(
    "POST",
    "/v1/assignments/{assignment:asg}/equal-terms",
    "equal_terms_agree",
    scope="rates:write",
    body=EqualTermsIn,
    answers=EQUAL_TERMS,
    status=201,
    key="optional",
    tag=TAG,
)
def agree(call: Call, assignment: UUID) -> object:
    """Keep what the hirer's own people get from a day; weeks that are owed more are corrected."""
    body = dict(call.body)
    own = directory.firm().currency
    refuse_if(
        [
            Fault("currency_differs", f"Equal terms are in {own}.", f"/rates/{n}/{side}")
            for n, one in enumerate(body["rates"])
            for side in ("pay_rate", "bill_rate")
            if one.get(side) and one[side].currency != own
        ]
    )
    rates = [
        actions.NewRate(
            one["code"],
            one["pay_rate"].amount,
            one["bill_rate"].amount if one.get("bill_rate") else None,
        )
        for one in body.pop("rates")
    ]
    new = actions.NewEqualTerms(rates=rates, **body)
    made = actions.agree_equal_terms(assignment, new, actor=call.actor, at=call.at)
    return EQUAL_TERMS.one(made.pk)


@door(
    "GET",
    "/v1/workers/{worker:wrk}/agency-weeks",
    "workers_agency_weeks",
    scope="evidence:read",
    answers=AGENCY_WEEKS,
    tag=TAG,
)
def weeks(call: Call, worker: UUID) -> object:
    """Read the clock of equal treatment of a worker at each hirer, week by week."""
    must_exist(Worker, worker)
    return _weeks(worker, call.on)


@door(
    "POST",
    "/v1/workers/{worker:wrk}/agency-weeks",
    "workers_bring_agency_weeks",
    scope="evidence:write",
    body=WeeksIn,
    answers=AGENCY_WEEKS,
    key="optional",
    tag=TAG,
)
def bring(call: Call, worker: UUID) -> object:
    """Take in weeks worked through another agency; a week that is known stays as it is."""
    actions.bring_weeks(worker, **call.body, actor=call.actor, at=call.at)
    return _weeks(worker, call.on)


@door(
    "POST",
    "/v1/assignments/{assignment:asg}/role",
    "assignments_set_role",
    scope="assignments:write",
    body=RoleIn,
    answers=AGENCY_WEEKS,
    key="optional",
    tag=TAG,
)
def role(call: Call, assignment: UUID) -> object:
    """Count an assignment's weeks in a role that differs in substance, or in that of another."""
    body = {"role": "", "told_on": None, "reason": "", **call.body}
    made = actions.set_role(assignment, **body, actor=call.actor, at=call.at)
    return _weeks(made.assignment.worker_id, call.on)


@door(
    "POST",
    "/v1/clients/{client:cli}/hirer",
    "clients_link_hirer",
    scope="clients:write",
    body=HirerIn,
    status=204,
    key="optional",
    tag=TAG,
)
def link(call: Call, client: UUID) -> object:
    """Say that two records of clients are one hirer, so that agency weeks count together."""
    body = {"reason": "", **call.body}
    actions.link_hirer(client, **body, actor=call.actor, at=call.at)
    return None


@door(
    "POST",
    "/v1/absences",
    "absences_add",
    scope="evidence:write",
    body=AbsenceIn,
    answers=ABSENCE,
    status=201,
    key="optional",
    tag=TAG,
)
def note(call: Call) -> object:
    """Note days away that stop the clock of equal treatment, or let it go on."""
    made = actions.note_absence(**call.body, actor=call.actor, at=call.at)
    return ABSENCE.one(made.pk)


@door(
    "POST",
    "/v1/absences/{absence:abs}/withdraw",
    "absences_withdraw",
    scope="evidence:write",
    body=WithdrawIn,
    answers=ABSENCE,
    key="optional",
    tag=TAG,
)
def withdraw(call: Call, absence: UUID) -> object:
    """Take back an absence that was noted by mistake."""
    actions.withdraw_absence(absence, **call.body, actor=call.actor, at=call.at)
    return ABSENCE.one(absence)


def _weeks(worker: UUID, on: date) -> dict[str, object]:
    found = sorted(agencyweeks.served([worker]).items())
    told = AGENCY_WEEKS.show({"worker": worker, "on": on})
    return told | {"clocks": [_clock(post, own, on) for post, own in found]}


def _clock(post: Post, own: Served, on: date) -> dict[str, object]:
    clock = own.clock(on)
    told = CLOCK.show(
        {
            "client": post.hirer,
            "role": post.role,
            "assignments": [ids.public("asg", key) for key in sorted(own.assignments)],
            "count": clock.count,
            "is_equal": clock.is_equal_on(on),
        }
    )
    return told | {
        "equal": [EQUAL_SPAN.show({"since": since, "until": end}) for since, end in clock.parity],
        "weeks": [
            QUALIFYING_WEEK.show({"starts_on": one.starts_on, "how": one.how, "count": one.count})
            for one in clock.weeks
        ],
    }
