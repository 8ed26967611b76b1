"""/v1/year-end-forms, P45s and full payment submissions: what authorities and workers are told,
computed and checked here, and sent by the firm.
"""

from typing import Any
from uuid import UUID

from api import fields
from api.door import Call, door
from api.resource import Amount, Choice, Day, Flag, Json, Ref, Shape, Text, Words
from api.v1.payroll.recoveries import WhyIn
from api.v1.payroll.statements import PAY_STATEMENT
from api.v1.payroll.words import CURRENCIES, FIGURE, TAG, figures
from backline.kernel import ids
from backline.kernel.events import plain
from backline.payroll import actions, yearend
from rulebook.money import Money

BOX = Shape(
    "FormFigure",
    (
        Text("box", doc="As the form numbers or names it."),
        Text("label"),
        Text("place", doc="The state, or the National Insurance letter."),
        Amount("amount"),
        Amount("reported", null=True, doc="What stood there before the year was corrected."),
    ),
    doc="One figure of a year-end form.",
)
FORM = Shape(
    "YearEndForm",
    (
        Ref("worker", "wrk"),
        Choice("form", ("P60", "W-2", "1099-NEC")),
        Text("tax_year"),
        Choice("currency", CURRENCIES),
        Day("due_on", null=True, doc="When it is with the worker; null: no law of it is held."),
        Json("figures", {"type": "array", "items": BOX.ref()}),
        Words("differs", doc="Figures that are not the sum of the runs; there should be none."),
        Words("file_anew", doc="What is to be filed because the year was corrected."),
    ),
    doc="A worker's year, as its form tells it. It is computed and not sent.",
)
FORMS = Shape(
    "YearEndForms",
    (Text("tax_year"), Json("data", {"type": "array", "items": FORM.ref()})),
    doc="The forms of a tax year, worker by worker.",
)
P45 = Shape(
    "P45",
    (
        Ref("worker", "wrk"),
        Day("leaves_on"),
        Text("tax_code"),
        Flag("is_not_cumulative"),
        Text("period", doc="The tax week or month of the last payment."),
        Amount("pay_to_date", null=True),
        Amount("tax_to_date", null=True),
        Amount("pay_here"),
        Amount("tax_here"),
        Flag("student_loan_continues"),
    ),
    doc="A leaver's figures. It is computed and not sent.",
)
FREE = {"type": "object", "additionalProperties": True}
FAULT = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
}
FPS = Shape(
    "FullPaymentSubmission",
    (
        Ref("run", "run"),
        Text("paye_reference"),
        Text("accounts_office"),
        Day("due_on", doc="The pay day: it is told on or before it."),
        Text("late_reason"),
        Flag("would_be_accepted", doc="Whether nothing was found that HMRC turns away."),
        Json("faults", {"type": "array", "items": FAULT}),
        Json("totals", FREE, doc="Taxable pay, tax, loans and National Insurance of all of them."),
        Json("payments", {"type": "array", "items": FREE}, doc="A payment a worker."),
    ),
    doc="What HMRC is told of a pay day. It is prepared and checked, and not sent.",
)


TO_DATE = Shape(
    "YearToDate",
    (
        Choice("country", ("GB", "US")),
        Text("tax_year"),
        Choice("currency", CURRENCIES),
        Ref("statement", "pay", doc="The last final statement."),
        Day("pay_on"),
        Json("figures", {"type": "array", "items": FIGURE}),
    ),
    doc="A worker's year to date in one country, after the last final statement.",
)
TO_DATES = Shape(
    "YearsToDate",
    (Ref("worker", "wrk"), Json("data", {"type": "array", "items": TO_DATE.ref()})),
    doc="A worker's year to date, an entry an employment.",
)


class YearOnlyQuery(fields.Input):
    """Which tax year; every one if it is left out."""

    tax_year = fields.Text(
        longest=9, required=False, help_text="2026-27 in the UK, 2026 in the US."
    )


class FormsQuery(fields.Input):
    """Which tax year, and whose."""

    tax_year = fields.Text(longest=9, help_text="2026-27 in the UK, 2026 in the US.")
    worker = fields.PublicId("wrk", required=False)


class LeaverQuery(fields.Input):
    """The last day of work; today if it is left out."""

    leaves_on = fields.Day(required=False)


class LateQuery(fields.Input):
    """Why it comes after the pay day, by HMRC's letter."""

    late_reason = fields.Text(longest=1, required=False)


@door(
    "GET",
    "/v1/year-end-forms",
    "year_end_forms_list",
    scope="payslips:read",
    query=FormsQuery,
    answers=FORMS,
    tag=TAG,
)
def year_end(call: Call) -> object:
    """Compute the P60, W-2 or 1099-NEC of each worker of a tax year from final statements, voids
    taken off.
    """
    year = call.query["tax_year"]
    rows = yearend.forms_of(year, call.query.get("worker"))
    return {"tax_year": year, "data": [FORM.show(_form(row)) for row in rows]}


@door(
    "GET",
    "/v1/workers/{worker:wrk}/p45",
    "workers_leaving_form",
    scope="payslips:read",
    query=LeaverQuery,
    answers=P45,
    tag=TAG,
)
def leaver(call: Call, worker: UUID) -> object:
    """Compute the figures of a leaver's P45 from the last final statement."""
    told = yearend.p45(worker, call.query.get("leaves_on", call.on))
    return P45.show(
        {
            "worker": worker,
            "leaves_on": told.leaves_on,
            "tax_code": told.tax_code,
            "is_not_cumulative": told.is_not_cumulative,
            "period": told.period,
            "pay_to_date": _pounds(told.pay_to_date),
            "tax_to_date": _pounds(told.tax_to_date),
            "pay_here": _pounds(told.pay_here),
            "tax_here": _pounds(told.tax_here),
            "student_loan_continues": told.student_loan_continues,
        }
    )


@door(
    "GET",
    "/v1/pay-runs/{pay_run:run}/full-payment-submission",
    "pay_runs_full_payment_submission",
    scope="payslips:read",
    query=LateQuery,
    answers=FPS,
    tag=TAG,
)
def full_payment(call: Call, pay_run: UUID) -> object:
    """Prepare and check what HMRC is told of a released run; the firm sends it."""
    told, faults = yearend.full_payment(
        pay_run, late_reason=call.query.get("late_reason", ""), on=call.on
    )
    return FPS.show(
        {
            "run": pay_run,
            "paye_reference": told.paye_reference,
            "accounts_office": told.accounts_office,
            "due_on": told.pay_on,
            "late_reason": told.late_reason,
            "would_be_accepted": not faults,
            "faults": [
                {"pointer": "/" + where.replace(".", "/"), "code": code, "detail": sentence}
                for where, code, sentence in faults
            ],
            "totals": plain(dict(told.totals)),
            "payments": plain([dict(one) for one in told.payments]),
        }
    )


@door(
    "GET",
    "/v1/workers/{worker:wrk}/year-to-date",
    "workers_year_to_date",
    scope="payslips:read",
    query=YearOnlyQuery,
    answers=TO_DATES,
    tag=TAG,
)
def to_date(call: Call, worker: UUID) -> object:
    """Read a worker's year to date as it stands, whatever calendars paid, voids and corrections
    followed.
    """
    rows = yearend.to_date(worker, call.query.get("tax_year", ""))
    return {
        "worker": ids.public("wrk", worker),
        "data": [
            TO_DATE.show(
                {
                    "country": row.country,
                    "tax_year": row.tax_year,
                    "currency": row.currency,
                    "statement": row.pk,
                    "pay_on": row.pay_on,
                    "figures": figures(row.carried_forward),
                }
            )
            for row in rows
        ],
    }


@door(
    "POST",
    "/v1/pay-statements/{pay_statement:pay}/correct-year",
    "pay_statements_correct_year",
    scope="pay_runs:write",
    body=WhyIn,
    answers=PAY_STATEMENT,
    key="required",
    tag=TAG,
)
def correct_year(call: Call, pay_statement: UUID) -> object:
    """Take a statement out of a tax year that is over; its forms are to be filed anew, and what was
    paid by it is owed back.
    """
    actions.correct_year(pay_statement, **call.body, actor=call.actor, at=call.at)
    return PAY_STATEMENT.one(pay_statement)


def _form(row: yearend.YearForm) -> dict[str, Any]:
    return {
        "worker": row.worker,
        "form": row.form,
        "tax_year": row.tax_year,
        "currency": row.currency,
        "due_on": row.due_on,
        "figures": [
            BOX.show(
                {
                    "box": one.box,
                    "label": one.label,
                    "place": one.place,
                    "amount": Money(one.amount, row.currency),
                    "reported": None if one.reported is None else Money(one.reported, row.currency),
                }
            )
            for one in row.figures
        ],
        "differs": list(row.differs),
        "file_anew": list(row.file_anew),
    }


def _pounds(amount: Any) -> Money | None:
    return None if amount is None else Money(amount, "GBP")
