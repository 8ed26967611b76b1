"""/v1/assignments/{assignment}/rates: what it pays and bills from a day, both sides at once."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from api import fields
from api.door import Call, door
from api.resource import (
    Amount,
    Day,
    Derived,
    Flag,
    Id,
    Instant,
    Json,
    Many,
    Rate,
    Ref,
    Resource,
    Shape,
    Share,
    Text,
    Whole,
)
from api.v1.assignments.words import TAG, RatesIn
from api.v1.directory.words import PEOPLE, SINCE, UNTIL, Word, must_exist
from backline.assignments import actions, models
from backline.assignments.models import Assignment, BillingReference, RateAgreement
from backline.charges import actions as charges
from backline.charges.models import Correction
from backline.kernel import provenance
from rulebook.money import NOTHING, Money
from rulebook.rates import RatePair

BOTH = ("pay_rate", "bill_rate", "agreement__pay_currency", "agreement__bill_currency")


def _between(name: str) -> Callable[..., Decimal | None]:
    """What lies between the two rates, where both are in one currency."""

    def told(pay: Decimal | None, bill: Decimal | None, pays: str, bills: str) -> Decimal | None:
        if pay is None or bill is None or pays != bills:
            return None
        found: Decimal = getattr(RatePair(pay, bill), name)
        return found

    return told


RATE = Resource(
    "AgreedRate",
    model=models.Rate,
    fields=(
        Whole("id"),
        Text("code", doc="regular, night, weekend …"),
        Text("unit", doc="hour, day or unit."),
        Rate("pay_rate", currency="agreement__pay_currency"),
        Rate("bill_rate", currency="agreement__bill_currency"),
        Derived(
            Share("markup_share", null=True, doc="Bill less pay as a share of pay."),
            of=BOTH,
            make=_between("markup_share"),
        ),
        Derived(
            Share("margin_share", null=True, doc="Bill less pay as a share of bill."),
            of=BOTH,
            make=_between("margin_share"),
        ),
    ),
    doc="The price of one unit of one kind of work: both sides, or the one that was agreed.",
)
AGREEMENT = Resource(
    "RateAgreement",
    model=RateAgreement,
    fields=(
        Id("rag"),
        Ref("assignment", "asg"),
        Whole("version"),
        SINCE,
        UNTIL,
        Flag("overtime_billed", doc="Whether the client pays overtime."),
        Text("reason"),
        Ref("supersedes", "rag"),
        Flag("withdrawn", doc="Replaced by another from the very same day."),
        Instant("agreed_at"),
        Json("agreed_by", PEOPLE),
        Many("rates", RATE, by="agreement"),
    ),
    filters=("withdrawn", "agreed_at"),
    doc="What an assignment pays and bills from a day: one version, both sides.",
)
WEEK = Shape(
    "RateEffectWeek",
    (
        Day("week_starts_on"),
        Amount("pay", null=True, doc="What the worker gets more, or less."),
        Amount("bill", null=True, doc="What the client pays more, or less."),
    ),
    doc="What new rates change in a week that was priced already.",
)
EFFECT = Shape(
    "RateEffect",
    (
        Amount("pay", null=True),
        Amount("bill", null=True),
        Json("weeks", {"type": "array", "items": WEEK.ref()}),
    ),
    doc="What new rates change in what was priced already; it is posted as corrections.",
)
AGREED = Shape(
    "RatesAgreed",
    (
        Json("agreement", AGREEMENT.ref()),
        Json("effect", EFFECT.ref(), null=True, doc="Worked out for a dry run alone."),
    ),
    doc="A new version of the rates, and what it does to weeks that were priced.",
)
REFERENCE = Resource(
    "BillingReference",
    model=BillingReference,
    fields=(
        Id("brf"),
        Ref("assignment", "asg"),
        SINCE,
        UNTIL,
        Text("po_number"),
        Text("cost_centre"),
        Text("project"),
        Flag("withdrawn"),
    ),
    filters=("withdrawn", "po_number"),
    doc="The purchase order and cost centre that an assignment is billed under, from a day.",
)


@door(
    "GET",
    "/v1/assignments/{assignment:asg}/rates",
    "rates_list",
    scope="rates:read",
    tag=TAG,
    lists=AGREEMENT,
)
def listed(call: Call, assignment: UUID) -> object:
    """List every version of an assignment's rates, those that were replaced included."""
    must_exist(Assignment, assignment)
    return AGREEMENT.page(call, RateAgreement.objects.filter(assignment=assignment))


@door(
    "POST",
    "/v1/assignments/{assignment:asg}/rates",
    "rates_agree",
    scope="rates:write",
    body=RatesIn,
    answers=AGREED,
    status=201,
    key="optional",
    dry_run=True,
    tag=TAG,
)
def agree(call: Call, assignment: UUID) -> object:
    """Agree pay and bill rates from a day, mid-week if need be; a dry run tells what it changes.

    What was priced before is corrected by itself: the difference is paid and billed.
    """
    provenance.by_hand("placement", assignment, ["rates"], actor=call.actor, at=call.at)
    new = RatesIn.agreed(call.body, since=call.on)
    made = actions.agree_rates(assignment, new, actor=call.actor, at=call.at)
    effect = None
    if call.dry_run:
        told = charges.follow_rates(
            assignment,
            since=new.since,
            until=made.valid.upper,
            version=made.version,
            actor=call.actor,
            at=call.at,
        )
        effect = _effect(told)
    return {"agreement": AGREEMENT.one(made.pk), "effect": effect}


def _effect(corrections: Sequence[Correction]) -> dict[str, object]:
    weeks = [
        WEEK.show(
            {
                "week_starts_on": row.week_starts_on,
                "pay": _money(row.pay_difference, row.pay_currency),
                "bill": _money(row.bill_difference, row.bill_currency),
            }
        )
        for row in sorted(corrections, key=lambda row: row.week_starts_on)
    ]
    return EFFECT.show({"pay": _sum(corrections, "pay"), "bill": _sum(corrections, "bill")}) | {
        "weeks": weeks
    }


def _sum(corrections: Sequence[Correction], side: str) -> Money | None:
    rows: list[Any] = [row for row in corrections if getattr(row, f"{side}_currency")]
    if not rows:
        return None
    amount = sum((getattr(row, f"{side}_difference") for row in rows), NOTHING)
    return Money(amount, getattr(rows[0], f"{side}_currency"))


def _money(amount: Decimal, currency: str) -> Money | None:
    return Money(amount, currency) if currency else None


class ReferenceIn(fields.Input):
    """The order and cost centre, and the day they hold from."""

    since = fields.Day()
    po_number = Word(longest=40)
    cost_centre = Word(longest=40)
    project = Word(longest=40)


@door(
    "GET",
    "/v1/assignments/{assignment:asg}/billing-references",
    "billing_references_list",
    scope="assignments:read",
    lists=REFERENCE,
    tag=TAG,
)
def references(call: Call, assignment: UUID) -> object:
    """List what an assignment was and is billed under."""
    must_exist(Assignment, assignment)
    return REFERENCE.page(call, BillingReference.objects.filter(assignment=assignment))


@door(
    "POST",
    "/v1/assignments/{assignment:asg}/billing-references",
    "billing_references_set",
    scope="assignments:write",
    body=ReferenceIn,
    answers=REFERENCE,
    status=201,
    key="optional",
    tag=TAG,
)
def set_reference(call: Call, assignment: UUID) -> object:
    """Bill an assignment under an order and cost centre from a day, mid-way if need be."""
    provenance.by_hand("placement", assignment, call.body, actor=call.actor, at=call.at)
    body = {"po_number": "", "cost_centre": "", **call.body}
    made = actions.set_billing_reference(assignment, **body, actor=call.actor, at=call.at)
    return REFERENCE.one(made.pk)
