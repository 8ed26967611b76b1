"""/v1/cis-returns and /v1/deduction-statements: what was deducted from subcontractors in a tax
month, for HMRC and for them.
"""

from datetime import date
from uuid import UUID

from api.door import Call, File, door, reads
from api.resource import Amount, Choice, Day, Flag, Id, Instant, Json, Ref, Resource, Shape, Text
from api.v1.payroll.words import CURRENCIES, TAG
from backline.kernel import documents
from backline.kernel.errors import Invalid, Missing
from backline.payroll import construction
from backline.payroll.chain import DeductionStatement
from rulebook.money import Money
from rulebook.packs.gb.cis import return_due_on, statement_due_on
from rulebook.packs.gb.taxyear import month_ends_on
from rulebook.timeline import NoRule

SUMS = ("gross", "materials", "liable", "deducted", "paid")
MONEY = (
    Amount("gross", doc="Paid without VAT."),
    Amount("materials", doc="Of that for materials: nothing is deducted from it."),
    Amount("liable"),
    Amount("deducted"),
    Amount("paid"),
)
LINE = Shape(
    "CisReturnLine",
    (
        Id("wrk", "worker"),
        Text("name"),
        Text("utr"),
        Text("standing", doc="gross, registered or unregistered, at the month's end."),
        Text("verification_number"),
        *MONEY,
    ),
    doc="What one subcontractor was paid in a tax month.",
)
RETURN = Shape(
    "CisReturn",
    (
        Day("month_ends_on"),
        Day("return_due_on"),
        Day("statements_due_on"),
        Flag("is_nil", doc="Nobody was paid: the return says so."),
        *MONEY,
        Json("lines", {"type": "array", "items": LINE.ref()}),
    ),
    doc="The monthly return of the construction industry scheme: figures, not filed from here.",
)
DEDUCTION_STATEMENT = Resource(
    "DeductionStatement",
    model=DeductionStatement,
    fields=(
        Id("cds"),
        Ref("worker", "wrk"),
        Day("month_ends_on"),
        Choice("currency", CURRENCIES),
        Amount("gross"),
        Amount("materials"),
        Amount("deducted"),
        Amount("paid"),
        Text("standing"),
        Text("verification_number"),
        Ref("document", "doc"),
        Instant("issued_at"),
    ),
    filters=("worker", "month_ends_on"),
    doc="What a subcontractor was told was deducted in a tax month; issued by the clock.",
)

reads(DEDUCTION_STATEMENT, "/v1/deduction-statements", scope="payments:read", tag=TAG)


@door(
    "GET",
    "/v1/cis-returns/{month:date}",
    "cis_returns_retrieve",
    scope="payments:read",
    answers=RETURN,
    tag=TAG,
)
def monthly(call: Call, month: date) -> object:  # noqa: ARG001  # every deed is given its call
    """Read the return of the tax month that ends on a 5th, line by line, and when it is due."""
    if month_ends_on(month) != month:
        raise Invalid("not_a_month_end", "A tax month ends on a 5th.", pointer="/month")
    try:
        due, statements = return_due_on(month), statement_due_on(month)
    except NoRule as no:
        raise Missing("law_not_held", str(no)) from no
    rows = construction.of_month(month)
    sums = {name: Money(amount, "GBP") for name, amount in construction.sums(rows).items()}
    told = RETURN.show(
        {
            "month_ends_on": month,
            "return_due_on": due,
            "statements_due_on": statements,
            "is_nil": not rows,
            **sums,
        }
    )
    return told | {
        "lines": [
            LINE.show(
                {
                    "worker": row.worker.pk,
                    "name": f"{row.worker.given_name} {row.worker.family_name}",
                    "utr": row.utr,
                    "standing": row.standing,
                    "verification_number": row.verification_number,
                    **{name: Money(getattr(row, name), "GBP") for name in SUMS},
                }
            )
            for row in rows
        ]
    }


@door(
    "GET",
    "/v1/deduction-statements/{deduction_statement:cds}/document",
    "deduction_statements_document",
    scope="payments:read",
    answers="application/pdf",
    tag=TAG,
)
def paper(call: Call, deduction_statement: UUID) -> object:  # noqa: ARG001
    """Download a deduction statement as it was given to the subcontractor."""
    rows = DeductionStatement.objects.select_related("document")
    row = rows.filter(pk=deduction_statement).first()
    if row is None:
        raise Missing("not_found", "There is no such deduction statement.")
    return File(documents.content(row.document), "application/pdf", row.document.name)
