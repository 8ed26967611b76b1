"""/v1/umbrella-payslips and /v1/umbrella-audit: what umbrellas' payslips say against what they
should, and the chain from work to HMRC in one call; who let a company off the register be paid.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from api import fields
from api.door import Call, door, reads
from api.resource import (
    Amount,
    Choice,
    Day,
    Derived,
    Flag,
    Id,
    Instant,
    Json,
    Ref,
    Resource,
    Shape,
    Text,
    Words,
)
from api.v1.directory.words import PEOPLE, Facts, Word
from api.v1.payroll.words import CURRENCIES, TAG
from backline.kernel import ids
from backline.payroll import actions, audits
from backline.payroll.audits import Link
from backline.payroll.chain import CompanyAllowance, UmbrellaPayslip
from rulebook.money import Money

FREQUENCIES = ("weekly", "fortnightly", "four_weekly", "monthly")
CODES = {
    "tax": "gb.paye",
    "ni": "gb.ni.worker",
    "employer_ni": "gb.ni.employer",
    "student_loan": "gb.student_loan",
    "postgraduate_loan": "gb.postgraduate_loan",
}
GAP = Shape(
    "UmbrellaGap",
    (
        Text("code"),
        Text("label"),
        Amount("expected"),
        Amount("reported"),
        Amount("short", doc="What HMRC lacks; below zero: too much was taken."),
    ),
    doc="A figure that an umbrella's payslip gets wrong.",
)


def _gaps(told: list[dict[str, str]], currency: str) -> list[dict[str, object]]:
    return [
        GAP.show(
            {
                "code": one["code"],
                "label": one["label"],
                **{
                    name: Money(Decimal(one[name]), currency)
                    for name in ("expected", "reported", "short")
                },
            }
        )
        for one in told
    ]


UMBRELLA_PAYSLIP = Resource(
    "UmbrellaPayslip",
    model=UmbrellaPayslip,
    fields=(
        Id("ups"),
        Ref("statement", "pay", doc="What was paid to the umbrella for this work."),
        Ref("worker", "wrk"),
        Ref("intermediary", "imy"),
        Text("tax_year"),
        Day("pay_on"),
        Choice("currency", CURRENCIES),
        Amount("gross"),
        Amount("margin"),
        Amount("short", doc="What HMRC lacks over all figures."),
        Flag("is_right", doc="Every figure is what it should be, within a pound."),
        Derived(
            Json("gaps", {"type": "array", "items": GAP.ref()}), of=("gaps", "currency"), make=_gaps
        ),
        Text("proof", doc="The reference under which the umbrella told HMRC."),
        Ref("document", "doc"),
        Instant("taken_at"),
        Json("taken_by", PEOPLE),
    ),
    filters=("statement", "worker", "intermediary", "is_right", "pay_on"),
    doc="What an umbrella's payslip says, held against what should have been taken.",
)
ALLOWANCE = Resource(
    "CompanyAllowance",
    model=CompanyAllowance,
    fields=(
        Id("alw"),
        Ref("run", "run"),
        Ref("intermediary", "imy"),
        Text("reason"),
        Instant("allowed_at"),
        Json("allowed_by", PEOPLE),
    ),
    doc="Who let one run pay through a company that is off the register, and why.",
)
LINK = Shape(
    "UmbrellaLink",
    (
        Id("pay", "statement"),
        Id("wrk", "worker"),
        Id("imy", "intermediary"),
        Words("assignments"),
        Day("pay_on"),
        Amount("gross"),
        Amount("vat"),
        Amount("net"),
        Id("pmt", "payment", null=True),
        Text("payment_state", null=True),
        Id("ups", "payslip", null=True),
        Amount("short", null=True),
        Text("proof", null=True),
        Flag("is_approved", doc="On the register on the day of the payment."),
        Json("allowed_by", PEOPLE, null=True, doc="Who let it be paid all the same."),
        Words("gaps", doc="payment_not_settled, payslip_missing, payslip_differs, proof_missing …"),
    ),
    doc="One payment through an umbrella: the work, the money, the payslip, the proof.",
)
AUDIT = Shape(
    "UmbrellaAudit",
    (
        Day("starts_on"),
        Day("ends_on"),
        Amount("paid"),
        Amount("proved", doc="Of that without any gap."),
        Amount("short", doc="What payslips took too little."),
        Json("links", {"type": "array", "items": LINK.ref()}),
    ),
    doc="Every payment through umbrellas in a span, with what shows that tax on it was paid.",
)

reads(UMBRELLA_PAYSLIP, "/v1/umbrella-payslips", scope="payments:read", tag=TAG)


class BeforeIn(fields.Input):
    """The year to date before this payslip, as it says itself."""

    taxable = fields.DecimalText(required=False)
    tax = fields.DecimalText(required=False, least=None)


class UmbrellaPayslipIn(fields.Input):
    """What a payslip of an umbrella says."""

    statement = fields.PublicId("pay")
    pay_on = fields.Day()
    frequency = fields.Choice(FREQUENCIES)
    gross = fields.MoneyIn()
    margin = fields.MoneyIn(required=False)
    elections = Facts(help_text='Such as {"tax_code": "1257L", "ni_letter": "A"}.')
    tax = fields.MoneyIn()
    ni = fields.MoneyIn()
    employer_ni = fields.MoneyIn()
    student_loan = fields.MoneyIn(required=False)
    postgraduate_loan = fields.MoneyIn(required=False)
    before = BeforeIn(required=False)
    proof = Word(longest=120)
    document = fields.PublicId("doc", required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """An umbrella pays in pounds."""
        for name in ("gross", "margin", *CODES):
            if name in given and given[name].currency != "GBP":
                raise fields.wrong(name, "currency_differs", "An umbrella pays in GBP.")
        return given


class AllowIn(fields.Input):
    """Which company, and why it is paid all the same."""

    intermediary = fields.PublicId("imy")
    reason = fields.Text(longest=300)


class SpanIn(fields.Input):
    """The days of a span, both included."""

    starts_on = fields.Day()
    ends_on = fields.Day()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """At most a year, so that one answer holds it."""
        if not 0 <= (given["ends_on"] - given["starts_on"]).days <= 366:
            raise fields.wrong("ends_on", "span_too_long", "Ask for a year at most.")
        return given


@door(
    "POST",
    "/v1/umbrella-payslips",
    "umbrella_payslips_take",
    scope="payments:write",
    body=UmbrellaPayslipIn,
    answers=UMBRELLA_PAYSLIP,
    status=201,
    key="optional",
    tag=TAG,
)
def take(call: Call) -> object:
    """Hold an umbrella's payslip against what should have been taken, figure by figure."""
    body = call.body
    new = actions.NewUmbrellaPayslip(
        statement=body["statement"],
        pay_on=body["pay_on"],
        frequency=body["frequency"],
        gross=body["gross"].amount,
        elections=body["elections"],
        reported={code: body[name].amount for name, code in CODES.items() if name in body},
        margin=body["margin"].amount if "margin" in body else Decimal("0.00"),
        before=body.get("before", {}),
        proof=body.get("proof", ""),
        document=body.get("document"),
    )
    made = actions.take_umbrella_payslip(new, actor=call.actor, at=call.at)
    return UMBRELLA_PAYSLIP.one(made.pk)


@door(
    "POST",
    "/v1/pay-runs/{pay_run:run}/allow-company",
    "pay_runs_allow_company",
    scope="pay_runs:approve",
    body=AllowIn,
    answers=ALLOWANCE,
    status=201,
    key="optional",
    fresh=True,
    tag=TAG,
)
def allow(call: Call, pay_run: UUID) -> object:
    """Let a run pay through a company that is off the register; calculate it again afterwards."""
    made = actions.allow_company(pay_run, **call.body, actor=call.actor, at=call.at)
    return ALLOWANCE.one(made.pk)


@door(
    "GET",
    "/v1/umbrella-audit",
    "umbrella_audit",
    scope="payments:read",
    query=SpanIn,
    answers=AUDIT,
    tag=TAG,
)
def audit(call: Call) -> object:
    """Read the chain of every payment through umbrellas in a span, gaps listed, in one call."""
    links = audits.through_umbrellas(**call.query)
    sums = {name: Money(amount, "GBP") for name, amount in audits.sums(links).items()}
    return AUDIT.show(call.query | sums) | {"links": [_link(one) for one in links]}


def _link(link: Link) -> dict[str, object]:
    slip, paid, told = link.statement, link.payment, link.payslip
    money = {name: Money(getattr(slip, name), slip.currency) for name in ("gross", "vat", "net")}
    return LINK.show(
        {
            "statement": slip.pk,
            "worker": slip.worker_id,
            "intermediary": slip.intermediary_id,
            "assignments": [ids.public("asg", key) for key in link.assignments],
            "pay_on": slip.pay_on,
            **money,
            "payment": paid.pk if paid else None,
            "payment_state": paid.state if paid else None,
            "payslip": told.pk if told else None,
            "short": Money(told.short, told.currency) if told else None,
            "proof": told.proof if told else None,
            "is_approved": link.is_approved,
            "allowed_by": link.allowance.allowed_by if link.allowance else None,
            "gaps": link.gaps,
        }
    )
