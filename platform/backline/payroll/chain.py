"""Chain: what payroll remembers of those who are not employed here: who let a company be paid that
is off the register, what an umbrella's payslips say against what they should, and the statements
that subcontractors in construction were given.
"""

from django.db import models

from backline.directory.models import Intermediary, Worker
from backline.kernel import fields
from backline.kernel.models import Document, Row
from backline.payroll.models import PayRun, Payslip


class CompanyAllowance(Row):
    """A named approver lets one run pay through a company that is off the register. Insert only."""

    PREFIX = "alw"

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="allowances")
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="allowances")
    reason = models.CharField(max_length=300)
    allowed_at = models.DateTimeField()
    allowed_by = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["run", "intermediary"], name="one_allowance_a_run_and_company"
            ),
        )


class UmbrellaPayslip(Row):
    """What an umbrella's payslip says for one payment through it, and what it should say; `proof`
    is the reference under which the umbrella told HMRC. Insert only, a newer one replaces.
    """

    PREFIX = "ups"

    statement = models.ForeignKey(Payslip, models.PROTECT, related_name="umbrella_payslips")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="umbrella_payslips")
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="umbrella_payslips")
    tax_year = models.CharField(max_length=9)
    pay_on = models.DateField()
    currency = fields.currency()
    gross = fields.amount()
    margin = fields.amount(default=0)
    reported = models.JSONField(default=dict)
    gaps = models.JSONField(default=list)
    short = fields.amount(default=0)
    is_right = models.BooleanField()
    situation = models.JSONField()
    carried_forward = models.JSONField(default=dict)
    proof = fields.words()
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField()
    taken_by = models.JSONField()

    class Meta:
        indexes = (
            models.Index(
                fields=["worker", "intermediary", "tax_year"], name="umbrella_payslip_by_year"
            ),
        )


class DeductionStatement(Row):
    """What a subcontractor in construction was paid and had deducted in one tax month. Insert
    only.
    """

    PREFIX = "cds"

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="deduction_statements")
    month_ends_on = models.DateField()
    currency = fields.currency()
    gross = fields.amount()
    materials = fields.amount()
    deducted = fields.amount()
    paid = fields.amount()
    standing = models.CharField(max_length=14)
    verification_number = fields.words(20)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["worker", "month_ends_on"], name="one_deduction_statement_a_month"
            ),
        )
