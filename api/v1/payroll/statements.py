"""/v1/pay-statements: what one worker was paid in one run, with every figure and its rule."""

from uuid import UUID

from django.db.models import QuerySet

from api import fields
from api.door import Answer, Call, File, door
from api.resource import (
    Amount,
    Choice,
    Day,
    Derived,
    Flag,
    Id,
    Json,
    Many,
    Quantity,
    Rate,
    Ref,
    Resource,
    Shape,
    Text,
    Whole,
)
from api.v1.payroll.calculations import FIGURED, figured
from api.v1.payroll.runs import PAY_RUN
from api.v1.payroll.words import CURRENCIES, FIGURE, TAG, choice_of_route, figures
from backline.assignments.engagements import ENGAGEMENTS
from backline.kernel import documents, ids
from backline.kernel.errors import Missing
from backline.payroll import actions, papers, queries, recomputing
from backline.payroll.models import PayLine, Payslip, PayslipLine

PAPER = "application/pdf"

LINE = Resource(
    "PayStatementLine",
    model=PayslipLine,
    fields=(
        Whole("n"),
        Choice("kind", ("earning", "tax", "deduction", "employer", "information")),
        Text("code"),
        Text("label"),
        Amount("amount", currency="payslip__currency"),
        Amount("base", currency="payslip__currency", doc="What it was worked out from."),
        Text("rule", doc="The version of the figure used."),
        Text("source", doc="Its publication."),
        Text("payee", doc="Whom a deduction or tax is owed to, where it is named."),
    ),
    order="n",
    doc="One figure of a pay statement; kind employer is a cost beside the pay.",
)
CHARGE = Resource(
    "PayStatementCharge",
    model=PayLine,
    fields=(
        Ref("charge", "chg"),
        Ref("assignment", "asg", "charge__assignment"),
        Day("worked_on", "charge__worked_on"),
        Text("code", "charge__code"),
        Text("label", "charge__label"),
        Text("unit", "charge__unit"),
        Quantity("quantity", "charge__pay_quantity", null=True),
        Rate("rate", "charge__pay_rate", currency="charge__pay_currency", null=True),
        Amount("amount", currency="charge__pay_currency"),
        Amount(
            "burden", currency="charge__pay_currency", doc="The firm's own cost that falls to it."
        ),
    ),
    doc="What was worked or agreed and is paid here, with its true cost.",
)


SAID = (
    Id("pay"),
    Ref("run", "run"),
    Ref("worker", "wrk"),
    Ref("intermediary", "imy"),
    choice_of_route(),
    Choice("country", ("GB", "US")),
    Text("tax_year"),
    Day("pay_on"),
    Choice("currency", CURRENCIES),
    Amount("gross"),
    Amount("taxable"),
    Amount("taken"),
    Amount("vat", doc="VAT of a company that is self-billed or invoiced it."),
    Amount("net"),
    Amount("employer_cost"),
    Flag(
        "is_final", "run__is_final", doc="Final once its run is released; never changed after that."
    ),
    Ref("voids", "pay", doc="The statement that this one takes back."),
    Ref("voided_by", "pay", "voided_by", null=True, doc="The statement that took it back."),
)
PAY_STATEMENT = Resource(
    "PayStatement",
    model=Payslip,
    fields=SAID,
    filters=("run", "worker", "intermediary", "route", "tax_year", "pay_on", "is_final"),
    sorts=("pay_on",),
    doc="What one worker is paid in one run.",
)
PAY_STATEMENT_DETAIL = Resource(
    "PayStatementDetail",
    model=Payslip,
    fields=(
        *SAID,
        Many("lines", LINE, by="payslip", order="n"),
        Many("charges", CHARGE, by="payslip"),
        Derived(
            Json("year_to_date", {"type": "array", "items": FIGURE}),
            of=("carried_forward",),
            make=figures,
        ),
        Text("pack", doc="The version of the rules that worked it out."),
    ),
    doc="A pay statement with every figure, what it pays, and the year to date after it.",
)
EXPLANATION = Shape(
    "PayExplanation",
    (
        Ref("statement", "pay"),
        Day("pay_on"),
        Choice("currency", CURRENCIES),
        Many("lines", FIGURED),
        Flag("is_reproduced", doc="Whether it comes out again as it was kept, to the penny."),
        Text("pack", doc="The version of the rules that worked it out."),
    ),
    doc="How each figure of a pay statement came about: its rule, its source and its steps.",
)
TOTALS = Shape(
    "PayTotals",
    (
        Ref("worker", "wrk"),
        choice_of_route(),
        Choice("currency", CURRENCIES),
        Whole("statements"),
        Amount("gross"),
        Amount("taken"),
        Amount("net"),
        Amount("employer_cost"),
    ),
    doc="What one worker was paid by one route in a tax year, voids taken off.",
)
TOTALS_OF_A_YEAR = Shape(
    "PayTotalsOfAYear",
    (Text("tax_year"), Json("data", {"type": "array", "items": TOTALS.ref()})),
    doc="What was paid in a tax year, worker by worker.",
)


def visible(call: Call) -> QuerySet[Payslip]:
    """Every statement, or a worker's own final ones."""
    if not call.reach:
        return Payslip.objects.all()
    own = ids.parse("wrk", call.actor.id)
    return Payslip.objects.filter(worker=own, run__is_final=True)


@door(
    "GET",
    "/v1/pay-statements",
    "pay_statements_list",
    scope="payslips:read",
    lists=PAY_STATEMENT,
    own=True,
    tag=TAG,
)
def listed(call: Call) -> object:
    """List pay statements, page by page; a worker sees the final ones of their own."""
    return PAY_STATEMENT.page(call, visible(call))


@door(
    "GET",
    "/v1/pay-statements/{pay_statement:pay}",
    "pay_statements_retrieve",
    scope="payslips:read",
    answers=PAY_STATEMENT_DETAIL,
    own=True,
    tag=TAG,
)
def retrieved(call: Call, pay_statement: UUID) -> object:
    """Read a pay statement with every figure, its rule, and the year to date."""
    return PAY_STATEMENT_DETAIL.one(pay_statement, visible(call))


@door(
    "GET",
    "/v1/pay-statements/{pay_statement:pay}/document",
    "pay_statements_document",
    scope="payslips:read",
    answers=PAPER,
    own=True,
    tag=TAG,
)
def document(call: Call, pay_statement: UUID) -> object:
    """Fetch a pay statement as PDF; who fetched it is kept."""
    PAY_STATEMENT.one(pay_statement, visible(call))
    paper = papers.of_statement(pay_statement, actor=call.actor, at=call.at)
    actions.note_reading(pay_statement, actor=call.actor, at=call.at)
    held = documents.content(paper)
    return Answer(File(held, PAPER, paper.name), headers={"ETag": f'"{paper.sha256}"'})


@door(
    "GET",
    "/v1/pay-statements/{pay_statement:pay}/explanation",
    "pay_statements_explain",
    scope="payslips:read",
    answers=EXPLANATION,
    own=True,
    tag=TAG,
)
def explanation(call: Call, pay_statement: UUID) -> object:
    """Read in words how each figure of a pay statement came about, as its paper says it too."""
    slip = visible(call).filter(pk=pay_statement).first()
    if slip is None:
        raise Missing("not_found", "There is no such record, or not for you.")
    return EXPLANATION.show(
        {
            "statement": slip.pk,
            "pay_on": slip.pay_on,
            "currency": slip.currency,
            "lines": [figured(line, slip.currency) for line in recomputing.explained(slip)],
            "is_reproduced": not recomputing.differences([slip]),
            "pack": slip.pack,
        }
    )


class VoidIn(fields.Input):
    """Why, and whether its work is to be paid again."""

    reason = fields.Text(longest=200)
    pay_again = fields.Flag(default=False)


@door(
    "POST",
    "/v1/pay-statements/{pay_statement:pay}/void",
    "pay_statements_void",
    scope="pay_runs:write",
    body=VoidIn,
    answers=PAY_RUN,
    status=201,
    key="required",
    tag=TAG,
)
def void(call: Call, pay_statement: UUID) -> object:
    """Take a final statement back by an exact negative copy in a run of its own."""
    run = actions.void(pay_statement, **call.body, actor=call.actor, at=call.at)
    return PAY_RUN.one(run.pk)


class YearQuery(fields.Input):
    """Which tax year, and which route."""

    tax_year = fields.Text(longest=9, help_text="2026-27 in the UK, 2026 in the US.")
    route = fields.Choice(ENGAGEMENTS, required=False)


@door(
    "GET",
    "/v1/pay-totals",
    "pay_totals_list",
    scope="payslips:read",
    query=YearQuery,
    answers=TOTALS_OF_A_YEAR,
    tag=TAG,
)
def totals(call: Call) -> object:
    """Add up what each worker was paid in a tax year, voids taken off."""
    year = call.query["tax_year"]
    rows = queries.totals_of_year(year, call.query.get("route", ""))
    return {"tax_year": year, "data": [TOTALS.show(row) for row in rows]}
