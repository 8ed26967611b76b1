"""/v1/charges: what was worked or agreed, priced once with both sides; and what corrected it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from api import fields, sets
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
    Many,
    Quantity,
    Rate,
    Ref,
    Resource,
    Shape,
    Text,
)
from api.v1.directory.words import PEOPLE, Word
from api.v1.timesheets.records import TIMESHEET
from backline.charges import actions
from backline.charges.models import Charge, Correction
from backline.kernel import bulk
from backline.kernel.errors import Invalid
from backline.kernel.outcomes import one
from rulebook.money import Money

KINDS = ("time", "adjustment", "expense", "bonus", "milestone", "credit", "reinstated")
PAID_AS = ("work", "overtime", "holiday", "bonus", "commission", "allowance", "expense")


def _margin(*columns: Any) -> Money | None:
    """Bill less pay less the burden to expect; None where the sides are in two currencies."""
    bill, bills_in, pay, pays_in, burden = columns
    if bill is not None and pay is not None and bills_in != pays_in:
        return None
    nothing = Decimal("0.00")
    return Money((bill or nothing) - (pay or nothing) - burden, bills_in or pays_in)


def _burden(burden: Decimal, pays_in: str) -> Money | None:
    return Money(burden, pays_in) if pays_in else None


CHARGE = Resource(
    "Charge",
    model=Charge,
    fields=(
        Id("chg"),
        Choice("kind", KINDS),
        Ref("assignment", "asg"),
        Ref("worker", "wrk"),
        Ref("client", "cli"),
        Ref("timesheet", "tsh"),
        Ref("agreement", "rag", doc="The version of the rates that priced both sides."),
        Day("worked_on"),
        Day("week_starts_on"),
        Text("code"),
        Text("label"),
        Text("unit"),
        Quantity("pay_quantity"),
        Rate("pay_rate"),
        Quantity("pay_factor"),
        Amount("pay_amount", doc="Null where only the client is concerned."),
        Text("pay_treatment", doc="As what it is paid."),
        Quantity("bill_quantity"),
        Rate("bill_rate"),
        Quantity("bill_factor"),
        Amount("bill_amount", doc="Null where only the worker is concerned."),
        Text("bill_treatment", doc="How it is taxed on an invoice."),
        Derived(
            Amount("expected_burden", null=True, doc="Employer cost to expect until pay is final."),
            of=("expected_burden", "pay_currency"),
            make=_burden,
        ),
        Derived(
            Amount("margin", null=True, doc="Bill less pay less expected burden."),
            of=("bill_amount", "bill_currency", "pay_amount", "pay_currency", "expected_burden"),
            make=_margin,
        ),
        Text("po_number"),
        Text("cost_centre"),
        Ref("correction", "cor"),
        Ref("corrects", "chg"),
        Text("reason", "because"),
        Instant("priced_at"),
        Day("posted_week", doc="The week in which it was priced."),
    ),
    filters=(
        "kind", "assignment", "worker", "client", "timesheet", "correction", "corrects", "code",
        "worked_on", "week_starts_on", "posted_week", "priced_at",
    ),
    sorts=("worked_on",),
    doc=(
        "Something worked or agreed, priced once: a pay side, a bill side, or both. Where law"
        " counts a worker's week over all clients together, overtime is the last hours of the"
        " week: the client at which those were worked is billed for them, as overtime where it"
        " pays overtime and as straight time where it does not. The premium on a regular rate"
        " made of several rates is the agency's own: no client is billed for it."
    ),
)  # fmt: skip
CORRECTION = Resource(
    "Correction",
    model=Correction,
    fields=(
        Id("cor"),
        Text("kind", doc="rate_change, corrected_time …"),
        Text("reason"),
        Ref("worker", "wrk"),
        Day("week_starts_on"),
        Derived(
            Amount("pay_difference", null=True),
            of=("pay_difference", "pay_currency"),
            make=_burden,
        ),
        Derived(
            Amount("bill_difference", null=True),
            of=("bill_difference", "bill_currency"),
            make=_burden,
        ),
        Instant("corrected_at"),
        Json("corrected_by", PEOPLE, "actor"),
    ),
    filters=("kind", "worker", "week_starts_on", "corrected_at"),
    doc="Why a week was worked out again, and what that came to on both sides.",
)

reads(CHARGE, "/v1/charges", scope="charges:read")
reads(CORRECTION, "/v1/corrections", scope="charges:read", tag="charges")


class SideIn(fields.Input):
    """One side: an amount, or a quantity and a rate that make it."""

    amount = fields.MoneyIn(required=False, least=None)
    quantity = fields.DecimalText(required=False, least=None)
    rate = fields.RateIn(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Either or."""
        worked = "quantity" in given and "rate" in given
        if ("amount" in given) == worked or ("quantity" in given) != ("rate" in given):
            told = "Give an amount, or a quantity and a rate."
            raise fields.wrong("amount", "amount_or_rate", told)
        return given


class ChargeIn(fields.Input):
    """An adjustment, an expense, an accepted milestone or a promised bonus, for the worker, the
    client or both.

    A bonus that was promised for the work of a week counts into the regular rate where law has one:
    the week's overtime is worked out again. One that nobody was promised is an adjustment, paid as
    a bonus.
    """

    kind = fields.Choice(("adjustment", "expense", "milestone", "bonus"))
    assignment = fields.PublicId("asg")
    worked_on = fields.Day(help_text="The day it is about.")
    label = fields.Text(  # type: ignore[assignment]  # every field of DRF has a label of its own
        longest=120, help_text="As payslip and invoice say it."
    )
    reason = fields.Text(longest=200)
    code = fields.Text(longest=20, required=False)
    unit = fields.Choice(("hour", "day", "unit"), default="unit")
    paid_as = fields.Choice(PAID_AS, required=False)
    pay = SideIn(required=False)
    bill = SideIn(required=False)
    rebill = fields.Flag(default=False, help_text="Bill what is paid, as it is.")
    corrects = fields.PublicId("chg", required=False)
    external_id = Word(longest=80, help_text="The same again changes nothing.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """At least one side, and one bill side only."""
        if given["rebill"] and ("bill" in given or "pay" not in given):
            told = "What is paid is billed again, so give a pay side and no bill side."
            raise fields.wrong("rebill", "rebill_of_pay", told)
        if "pay" not in given and "bill" not in given:
            raise fields.wrong("pay", "side_missing", "Give a pay side, a bill side or both.")
        return given


@door("POST", "/v1/charges", "charges_add", scope="charges:write", body=ChargeIn, answers=CHARGE,
      status=201, key="required", dry_run=True)  # fmt: skip
def add(call: Call) -> object:
    """Add an agreed charge: it hits the sides that are given, and the margin."""
    made = one(actions.agree([_agreed(call.body)], actor=call.actor, at=call.at))
    return CHARGE.one(made)


def _agreed(body: Mapping[str, Any]) -> actions.Wanted:
    pay = _side(body["pay"]) if "pay" in body else None
    bill = pay if body["rebill"] else (_side(body["bill"]) if "bill" in body else None)
    return actions.Wanted(
        kind=body["kind"],
        assignment=body["assignment"],
        worked_on=body["worked_on"],
        label=body["label"],
        reason=body["reason"],
        code=body.get("code", body["kind"]),
        unit=body["unit"],
        paid_as=body.get("paid_as", ""),
        pay=pay,
        bill=bill,
        corrects=body.get("corrects"),
        external_id=body.get("external_id", ""),
    )


def _side(given: Mapping[str, Any]) -> actions.WantedSide:
    if "amount" in given:
        money: Money = given["amount"]
        return actions.WantedSide(money)
    return actions.WantedSide(given["rate"], given["quantity"])


# --- priced again on purpose ---------------------------------------------------------------------


class RepriceIn(fields.Input):
    """Why."""

    reason = fields.Text(longest=300)


REPRICED = Shape(
    "Repriced",
    (Many("corrections", CORRECTION, doc="One a week that comes to something else."),),
    doc="What pricing a sheet again came to.",
)


@door("POST", "/v1/timesheets/{timesheet:tsh}/reprice", "timesheets_reprice",
      scope="charges:write", body=RepriceIn, answers=REPRICED, key="optional",
      dry_run=True)  # fmt: skip
def reprice(call: Call, timesheet: UUID) -> object:
    """Price a sheet that was handed in by the rates known now; approved weeks get the difference
    posted.
    """
    rows = actions.reprice_sheet(
        timesheet, reason=call.body["reason"], actor=call.actor, at=call.at
    )
    among = Correction.objects.filter(pk__in=[row.pk for row in rows]).order_by("week_starts_on")
    return {"corrections": CORRECTION.several(among)}


class RepriceManyIn(sets.Several, RepriceIn):
    """Which sheets, by id or by the filters of their list, and why."""

    noun = "timesheets"
    timesheets = sets.named("tsh")
    where = sets.Where(TIMESHEET)


@door("POST", "/v1/timesheets/reprice", "timesheets_reprice_many", scope="charges:write",
      body=RepriceManyIn, answers=OPERATION, status=202, key="optional")  # fmt: skip
def reprice_many(call: Call) -> object:
    """Price many sheets again by the rates known now: accepted, and done one after the other; one
    that is refused is undone alone.
    """
    asked = sets.keys(call, TIMESHEET, "timesheets")
    reason = call.body["reason"]
    if not reason.strip():
        raise Invalid("reason_missing", "Say why they are priced again.", pointer="/reason")
    return accepted(
        bulk.accept(actions.REPRICE, asked, reason=reason, actor=call.actor, at=call.at)
    )
