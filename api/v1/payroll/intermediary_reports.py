"""/v1/intermediary-reports: whom HMRC is told of each quarter because no tax was taken here."""

from datetime import date

from api.door import Call, door
from api.resource import Amount, Choice, Day, Flag, Id, Json, Shape, Text
from api.v1.directory.words import ADDRESS
from api.v1.payroll.words import TAG, choice_of_route
from backline.kernel.errors import Invalid, Missing
from backline.payroll import intermediaries
from backline.payroll.intermediaries import Reported
from rulebook.money import NOTHING, Money
from rulebook.packs.gb.intermediaries import due_on, quarter_of
from rulebook.timeline import NoRule

LINE = Shape(
    "IntermediaryReportLine",
    (
        Id("wrk", "worker"),
        Text("given_name"),
        Text("family_name"),
        Text("national_insurance_ending", doc="The last four; the number itself is sealed."),
        Json("address", ADDRESS),
        choice_of_route(),
        Choice("reason", ("A", "D", "F"), doc="A self-employed, D own company, F PAYE elsewhere."),
        Day("starts_on", null=True),
        Day("ends_on", null=True),
        Amount("paid", doc="Without VAT."),
        Id("imy", "intermediary", null=True),
        Text("company_name"),
        Text("company_number"),
        Json("company_address", ADDRESS),
    ),
    doc="One worker from whose pay no tax was taken here.",
)
REPORT = Shape(
    "IntermediaryReport",
    (
        Day("starts_on"),
        Day("ends_on"),
        Day("due_on"),
        Flag("is_nil", doc="Nobody is to be named: the report says so."),
        Amount("paid"),
        Json("lines", {"type": "array", "items": LINE.ref()}),
    ),
    doc="The employment intermediaries report of a quarter: its content, not filed from here.",
)


@door(
    "GET",
    "/v1/intermediary-reports/{quarter:date}",
    "intermediary_reports_retrieve",
    scope="payments:read",
    answers=REPORT,
    tag=TAG,
)
def report(call: Call, quarter: date) -> object:  # noqa: ARG001  # every deed is given its call
    """Read the report of the quarter that ends on a day, and when it is due."""
    span = quarter_of(quarter)
    if span.last_day != quarter:
        told = "A quarter ends on 5 July, 5 October, 5 January or 5 April."
        raise Invalid("not_a_quarter_end", told, pointer="/quarter")
    try:
        due = due_on(span)
    except NoRule as no:
        raise Missing("law_not_held", str(no)) from no
    rows = intermediaries.of_quarter(span)
    shown = REPORT.show(
        {
            "starts_on": span.starts,
            "ends_on": span.last_day,
            "due_on": due,
            "is_nil": not rows,
            "paid": Money(sum((row.paid for row in rows), NOTHING), "GBP"),
        }
    )
    return shown | {"lines": [_line(row) for row in rows]}


def _line(row: Reported) -> dict[str, object]:
    worker, company = row.worker, row.company
    return LINE.show(
        {
            "worker": worker.pk,
            "given_name": worker.given_name,
            "family_name": worker.family_name,
            "national_insurance_ending": worker.tax_id_last,
            "address": worker.address,
            "route": row.route,
            "reason": row.reason,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "paid": Money(row.paid, "GBP"),
            "intermediary": company.pk if company else None,
            "company_name": company.legal_name if company else "",
            "company_number": company.company_number if company else "",
            "company_address": company.address if company else {},
        }
    )
